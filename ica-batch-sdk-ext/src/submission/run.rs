//! A run of a submission: the state that its steps share.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::api::Api;
use super::errors;
use super::progress::{Events, SubmissionEvent, SubmissionProgress};
use super::settings::Settings;
use crate::call::CallOverrides;
use crate::clock::Clock;
use crate::error::Result;
use crate::journal::{Journal, Session, SubmissionId};

/// Run of a submission. When it is dropped, its locks are released.
pub(super) struct Run {
    pub(super) api: Api,
    pub(super) session: Session,
    pub(super) id: SubmissionId,
    pub(super) settings: Settings,
    pub(super) overrides: CallOverrides,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) events: Events,
    /// Time of the last renewal of the locks, by a clock of real time.
    renewed_at: Mutex<Instant>,
}

impl Run {
    pub(super) fn new(
        api: Api,
        journal: Journal,
        id: SubmissionId,
        settings: Settings,
        overrides: CallOverrides,
        events: Events,
    ) -> Self {
        let clock = api.clock();
        Self {
            session: Session::new(journal, settings.lock_timeout, Arc::clone(&clock)),
            api,
            id,
            settings,
            overrides,
            clock,
            events,
            renewed_at: Mutex::new(Instant::now()),
        }
    }

    /// Reads the progress of the submission.
    pub(super) async fn progress(&self, submission: i64) -> Result<SubmissionProgress> {
        let counts = self.session.counts(submission).await?;
        Ok(SubmissionProgress::new(SubmissionEvent::Planned, counts, 0))
    }

    /// Renews the locks.
    pub(super) async fn renew(&self) -> Result<()> {
        self.session.renew().await?;
        *self.renewed_at.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
        Ok(())
    }

    /// Returns the time since the last renewal of the locks.
    pub(super) fn since_renewal(&self) -> Duration {
        self.renewed_at.lock().unwrap_or_else(PoisonError::into_inner).elapsed()
    }

    /// Fails if a chunk can neither be sent again nor be considered created.
    pub(super) async fn check_expiry(&self, submission: i64) -> Result<()> {
        match self.session.expired(submission).await? {
            Some(chunk) => Err(errors::expired(&self.id, chunk)),
            None => Ok(()),
        }
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        self.session.leave_in_background();
    }
}

/// Returns the row id of a planned submission.
pub(super) async fn find(journal: &Journal, id: &SubmissionId) -> Result<i64> {
    let found = journal.find(id).await?;
    errors::require_planned(id, journal, found)
}
