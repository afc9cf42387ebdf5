//! A run of a submission: the state that its steps share.

use std::future::pending;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use futures_util::future::select;

use super::api::Api;
use super::errors;
use super::event::SubmissionEvent;
use super::events::Events;
use super::progress::SubmissionProgress;
use super::settings::Settings;
use super::stop::StopHandle;
use crate::call::CallOverrides;
use crate::clock::Clock;
use crate::error::{ErrorKind, Result};
use crate::journal::{Journal, Naming, Session, SubmissionCounts, SubmissionId};

/// Time after which a run that waits for the ownership of the journal asks again.
const OWNER_POLL_INTERVAL: Duration = Duration::from_secs(1);

/// Run of a submission. When it is dropped, another run can begin.
pub(super) struct Run {
    pub(super) api: Api,
    pub(super) session: Session,
    pub(super) id: SubmissionId,
    pub(super) settings: Settings,
    pub(super) overrides: CallOverrides,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) events: Events,
    pub(super) stop: StopHandle,
    /// End of the run, by [`Clock::elapsed`].
    pub(super) deadline: Duration,
}

impl Run {
    /// Becomes the owner of the journal, and the only run of the submission.
    pub(super) async fn start(
        api: Api,
        journal: Journal,
        id: SubmissionId,
        settings: Settings,
        mut overrides: CallOverrides,
        (events, stop): (Events, StopHandle),
    ) -> Result<Self> {
        overrides.observer = events.observer();
        let clock = api.clock();
        let started = clock.elapsed();
        let deadline = started.saturating_add(settings.deadline);
        let wait_until = started.saturating_add(settings.wait_for_owner).min(deadline);
        let mut has_told = false;
        let session = loop {
            let busy = match Session::enter(journal.clone(), &id, Duration::ZERO, &*clock).await {
                Ok(session) => break session,
                Err(error) if error.kind() == ErrorKind::JournalInUse => error,
                Err(error) => return Err(error),
            };
            let left = wait_until.saturating_sub(clock.elapsed());
            if left.is_zero() || stop.is_stopped() {
                return Err(busy);
            }
            if !has_told {
                has_told = true;
                let reason = busy.to_string();
                let event = SubmissionEvent::WaitingForOwner { reason };
                events.emit(&SubmissionProgress::new(event, SubmissionCounts::default(), 0));
            }
            clock.sleep(left.min(OWNER_POLL_INTERVAL)).await;
        };
        Ok(Self {
            deadline,
            session,
            api,
            id,
            settings,
            overrides,
            clock,
            events,
            stop,
        })
    }

    /// Waits for the end of a pause, but not past the deadline, or for the stop handle. Waits for
    /// ever if the run is ending.
    pub(super) async fn woken(&self, pause: Option<Duration>, is_ending: bool) {
        if is_ending {
            pending::<()>().await;
        }
        let stopped = pin!(self.stop.stopped());
        let paused = pin!(async {
            match pause {
                Some(until) => {
                    let pause = until.min(self.deadline).saturating_sub(self.clock.elapsed());
                    self.clock.sleep(pause).await;
                }
                None => pending().await,
            }
        });
        select(stopped, paused).await;
    }

    /// Returns whether the run was stopped or its deadline has passed.
    pub(super) fn is_over(&self) -> bool {
        self.stop.is_stopped() || self.clock.elapsed() >= self.deadline
    }

    /// Returns the time of this value of [`Clock::elapsed`].
    pub(super) fn time(&self, elapsed: Duration) -> SystemTime {
        let left = elapsed.saturating_sub(self.clock.elapsed());
        let now = self.clock.now();
        now.checked_add(left).unwrap_or(now)
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
        if self.session.rules(submission).await?.marked {
            // ICA is searched before a chunk of unknown outcome is sent again.
            return Ok(());
        }
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
