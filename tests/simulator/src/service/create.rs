//! Creating a batch, and showing it.

use http::StatusCode;

use super::Core;
use super::execute::Writing;
use super::state::NewBatch;
use crate::api::auth::Caller;
use crate::api::call::Call;
use crate::api::family::Family;
use crate::api::operation::Operation;
use crate::api::problem::Problem;
use crate::api::response::Answer;
use crate::batch::batches::Batch;
use crate::batch::idempotency::{Slot, Verdict, key_of};
use crate::batch::{render, schema};

impl Core {
    pub(super) async fn create_batch(
        &self,
        family: Family,
        call: &Call,
        caller: &Caller,
        writing: Writing,
    ) -> Result<Answer, Problem> {
        let operation = Operation::CreateBatch(family);
        self.settings.versions.check_content_type(operation, &call.headers)?;
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
        let made = self.make_batch(family, call, caller, slot.as_ref(), writing);
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
        family: Family,
        call: &Call,
        caller: &Caller,
        slot: Option<&Slot>,
        writing: Writing,
    ) -> Result<Answer, Problem> {
        let family = self.families.get(family);
        let items = schema::read(&**family, &call.body, self.settings.body_rules, &self.settings.fates)?;
        let created = self.clock.now();
        let new = NewBatch {
            family: family.clone(),
            project: call.parameter("projectId").to_owned(),
            key: slot.map(|slot| slot.key.clone()),
            owner: caller.user.clone(),
            created,
            items,
        };
        let mut state = self.state.lock();
        state.executed_creates += 1;
        let batch = state.add_batch(new, &self.settings.lifecycle.creation, &self.settings.fates);
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

    pub(super) fn get_batch(&self, family: Family, call: &Call, writing: Writing) -> Result<Answer, Problem> {
        let state = self.state.lock();
        let batch = state.batch(family, call.parameter("projectId"), call.parameter("batchId"))?;
        Ok(writing.answer(StatusCode::OK, self.batch_body(batch, writing)))
    }

    fn batch_body(&self, batch: &Batch, writing: Writing) -> Vec<u8> {
        render::batch::batch(
            batch,
            &self.settings.lifecycle.creation,
            writing.now,
            self.settings.job,
            writing.style,
        )
    }
}
