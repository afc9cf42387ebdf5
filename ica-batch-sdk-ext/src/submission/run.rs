//! A run of a submission: the state that its steps share.

use std::sync::Arc;

use super::api::Api;
use super::errors;
use super::progress::{Events, SubmissionEvent, SubmissionProgress};
use super::settings::Settings;
use crate::call::CallOverrides;
use crate::clock::Clock;
use crate::error::Result;
use crate::journal::{Journal, Naming, Session, SubmissionId};

/// Run of a submission. When it is dropped, another run can begin.
pub(super) struct Run {
    pub(super) api: Api,
    pub(super) session: Session,
    pub(super) id: SubmissionId,
    pub(super) settings: Settings,
    pub(super) overrides: CallOverrides,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) events: Events,
}

impl Run {
    /// Becomes the owner of the journal, and the only run of the submission.
    pub(super) async fn start(
        api: Api,
        journal: Journal,
        id: SubmissionId,
        settings: Settings,
        overrides: CallOverrides,
        events: Events,
    ) -> Result<Self> {
        let clock = api.clock();
        Ok(Self {
            session: Session::enter(journal, &id, settings.wait_for_owner, &*clock).await?,
            api,
            id,
            settings,
            overrides,
            clock,
            events,
        })
    }

    /// Reads the progress of the submission.
    pub(super) async fn progress(&self, submission: i64) -> Result<SubmissionProgress> {
        let counts = self.session.counts(submission).await?;
        Ok(SubmissionProgress::new(SubmissionEvent::Planned, counts, 0))
    }

    /// Returns what the keys and marks of the submission follow from.
    pub(super) async fn naming(&self, submission: i64) -> Result<Naming> {
        let rules = self.session.rules(submission).await?;
        Ok(Naming::new(rules.keys, &self.id))
    }

    /// Fails if a chunk can neither be sent again nor be considered created.
    pub(super) async fn check_expiry(&self, submission: i64) -> Result<()> {
        match self.session.expired(submission, self.clock.now()).await? {
            Some(chunk) => Err(errors::expired(&self.id, chunk)),
            None => Ok(()),
        }
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        self.session.leave();
    }
}

/// Returns the row id of a planned submission.
pub(super) async fn find(journal: &Journal, id: &SubmissionId) -> Result<i64> {
    let found = journal.find(id).await?;
    errors::require_planned(id, journal, found)
}
