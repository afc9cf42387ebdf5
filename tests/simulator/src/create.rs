//! Creating a batch, and showing it.

use http::StatusCode;

use crate::answer::Answer;
use crate::auth::Caller;
use crate::batch::Batch;
use crate::call::Call;
use crate::core::Core;
use crate::execute::Writing;
use crate::idempotency::{Slot, Verdict, key_of};
use crate::problem::Problem;
use crate::render;
use crate::state::NewBatch;
use crate::validate;

impl Core {
    pub(crate) async fn create_batch(&self, call: &Call, caller: &Caller, writing: Writing) -> Result<Answer, Problem> {
        self.settings.versions.check_content_type(&call.headers)?;
        self.state.lock().check_project(call.parameter("projectId"))?;
        let key = key_of(&call.headers)?;
        let slot = key.map(|key| Slot {
            endpoint: call.path.clone(),
            key,
            user: caller.user.id,
        });
        if let Some(slot) = &slot
            && let Verdict::Replay(answer) = self.state.lock().memory.begin(slot, &call.body, writing.now)?
        {
            return Ok(answer);
        }
        self.holds.pass().await;
        let made = self.make_batch(call, caller, slot.as_ref(), writing);
        if let Some(slot) = &slot {
            self.state
                .lock()
                .memory
                .finish(slot, made.as_ref().ok(), self.clock.now());
        }
        made
    }

    fn make_batch(
        &self,
        call: &Call,
        caller: &Caller,
        slot: Option<&Slot>,
        writing: Writing,
    ) -> Result<Answer, Problem> {
        let analyses = validate::read(&call.body, self.settings.body_rules, &self.settings.fates)?;
        let created = self.clock.now();
        let new = NewBatch {
            project: call.parameter("projectId").to_owned(),
            key: slot.map(|slot| slot.key.clone()),
            owner: caller.user.clone(),
            created,
            analyses,
        };
        let mut state = self.state.lock();
        state.executed_creates += 1;
        let batch = state.add_batch(new, &self.settings.lifecycle, &self.settings.fates);
        Ok(writing.answer(
            StatusCode::CREATED,
            self.batch_body(
                batch,
                Writing {
                    now: created,
                    ..writing
                },
            ),
        ))
    }

    pub(crate) fn get_batch(&self, call: &Call, writing: Writing) -> Result<Answer, Problem> {
        let state = self.state.lock();
        let batch = state.batch(call.parameter("projectId"), call.parameter("batchId"))?;
        Ok(writing.answer(StatusCode::OK, self.batch_body(batch, writing)))
    }

    fn batch_body(&self, batch: &Batch, writing: Writing) -> Vec<u8> {
        render::batch::batch(
            batch,
            &self.settings.lifecycle,
            writing.now,
            self.settings.job,
            writing.style,
        )
    }
}
