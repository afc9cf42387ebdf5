//! Two operations on batches: create and get.

use http::StatusCode;

use super::core::Core;
use super::format::Format;
use super::state::NewBatch;
use crate::api::auth::Caller;
use crate::api::call::Call;
use crate::api::family::Family;
use crate::api::operation::Operation;
use crate::api::problem::Problem;
use crate::api::response::ApiResponse;
use crate::batch::body;
use crate::batch::idempotency::{Decision, ScopedKey, key_of};
use crate::batch::model::Batch;
use crate::batch::render::write_batch::batch_body;

impl Core {
    pub(super) async fn create_batch(
        &self,
        family: Family,
        call: &Call,
        caller: &Caller,
        format: Format,
        forget_key: bool,
    ) -> Result<ApiResponse, Problem> {
        let operation = Operation::CreateBatch(family);
        self.settings.versions.check_content_type(operation, &call.headers)?;
        self.state.lock().check_project(call.parameter("projectId"))?;
        let key = key_of(&call.headers)?;
        let scoped_key = key.map(|key| ScopedKey {
            endpoint: call.path.clone(),
            key,
            user: caller.user.id,
        });
        if let Some(scoped_key) = &scoped_key
            && let Decision::Replay(response) = self.state.lock().keys.begin(scoped_key, &call.body, format.now)?
        {
            return Ok(response);
        }
        self.holds.pass().await;
        let made = self.make_batch(family, call, caller, scoped_key.as_ref(), format);
        if let Some(scoped_key) = &scoped_key {
            let kept = made.as_ref().ok().filter(|_| !forget_key);
            self.state.lock().keys.finish(scoped_key, kept, self.clock.now());
        }
        made
    }

    fn make_batch(
        &self,
        family: Family,
        call: &Call,
        caller: &Caller,
        scoped_key: Option<&ScopedKey>,
        format: Format,
    ) -> Result<ApiResponse, Problem> {
        let family = self.families.get(family);
        let items = body::read(&**family, &call.body, self.settings.body_rules, &self.settings.fates)?;
        let created = self.clock.now();
        let new = NewBatch {
            family: family.clone(),
            project: call.parameter("projectId").to_owned(),
            key: scoped_key.map(|scoped_key| scoped_key.key.clone()),
            owner: caller.user.clone(),
            created,
            items,
        };
        let mut state = self.state.lock();
        state.executed_creates += 1;
        let batch = state.add_batch(new, &self.settings.lifecycle.creation, &self.settings.fates);
        Ok(format.response(
            StatusCode::CREATED,
            self.batch_body(batch, Format { now: created, ..format }),
        ))
    }

    pub(super) fn get_batch(&self, family: Family, call: &Call, format: Format) -> Result<ApiResponse, Problem> {
        let state = self.state.lock();
        let batch = state.batch(family, call.parameter("projectId"), call.parameter("batchId"))?;
        Ok(format.response(StatusCode::OK, self.batch_body(batch, format)))
    }

    fn batch_body(&self, batch: &Batch, format: Format) -> Vec<u8> {
        batch_body(
            batch,
            &self.settings.lifecycle.creation,
            format.now,
            self.settings.job,
            format.style,
        )
    }
}
