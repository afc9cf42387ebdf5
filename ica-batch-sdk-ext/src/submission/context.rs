//! A run of a submission: what its steps share, and their order.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::runtime::Handle;
use tracing::{Instrument, info_span};

use super::manifest::Manifest;
use super::progress::{Events, SubmissionEvent, SubmissionProgress};
use super::report::{self, SubmissionReport};
use super::{Settings, Submission};
use crate::call::CallOverrides;
use crate::call::Core;
use crate::clock::Clock;
use crate::error::{Error, Result};
use crate::journal::claims::{self, Sender};
use crate::journal::planning::{self, Place};
use crate::journal::time::{Millis, millis};
use crate::journal::{Journal, Stored};

/// A run that is under way. When it is dropped, its claims lapse.
pub(super) struct Run {
    pub(super) core: Core,
    pub(super) project: Arc<str>,
    pub(super) journal: Journal,
    pub(super) place: Place,
    pub(super) settings: Settings,
    pub(super) overrides: CallOverrides,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) sender: Sender,
    pub(super) events: Events,
    /// When the sender was last renewed for sure, by a clock of real time.
    heard: Mutex<Instant>,
    guard: Option<Guard>,
}

impl Run {
    /// Enters the journal.
    pub(super) async fn begin(submission: Submission, events: Events) -> Result<Self> {
        let Submission {
            core,
            project,
            journal,
            place,
            manifest: _,
            settings,
            overrides,
        } = submission;
        check_name(&place.name)?;
        let sender = Sender::new(settings.lease);
        let guard = Some(Guard {
            journal: journal.clone(),
            sender: sender.clone(),
        });
        let run = Self {
            clock: Arc::clone(core.clock()),
            core,
            project,
            journal,
            place,
            settings,
            overrides,
            sender,
            events,
            heard: Mutex::new(Instant::now()),
            guard,
        };
        run.store(|connection, sender, now| sender.enter(connection, now))
            .await?;
        Ok(run)
    }

    /// From the manifest to the report.
    pub(super) async fn follow(&self, manifest: Option<Manifest>) -> Result<SubmissionReport> {
        let span = info_span!("ica.submission", ica.submission.name = self.place.name);
        let steps = async {
            let id = self.plan(manifest).await?;
            let mut progress = self.tally(id).await?;
            self.events.tell(&progress);
            self.send(id, &mut progress).await?;
            if self.settings.look_up {
                self.locate(id).await?;
            }
            let report = report::read(&self.journal, &self.place.name, id).await?;
            progress.event = SubmissionEvent::Finished(report.clone());
            self.events.tell(&progress);
            Ok(report)
        };
        steps.instrument(span).await
    }

    /// How far the submission is.
    pub(super) async fn tally(&self, submission: i64) -> Result<SubmissionProgress> {
        let counts = self
            .store(move |connection, _, _| planning::counts(connection, submission))
            .await?;
        Ok(SubmissionProgress {
            event: SubmissionEvent::Planned,
            counts,
            in_flight: 0,
        })
    }

    /// Gives up what is claimed, so that the next run need not wait for it.
    pub(super) async fn end(mut self) {
        if let Some(Guard { journal, sender }) = self.guard.take() {
            // What cannot be written down lapses with the lease.
            let _ = journal.run(move |connection| sender.leave(connection)).await;
        }
    }

    /// Works on the journal as this sender, at this moment.
    pub(super) async fn store<T: Send + 'static>(
        &self,
        act: impl FnOnce(&mut rusqlite::Connection, &Sender, Millis) -> Stored<T> + Send + 'static,
    ) -> Result<T> {
        let (sender, clock) = (self.sender.clone(), Arc::clone(&self.clock));
        // The moment is that of the act: it may have waited for others.
        self.journal
            .run(move |connection| act(connection, &sender, millis(clock.now())))
            .await
    }

    /// Renews the sender, so that its claims do not lapse.
    pub(super) async fn stay_alive(&self) -> Result<()> {
        self.store(|connection, sender, now| sender.renew(connection, now))
            .await?;
        *self.heard.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
        Ok(())
    }

    /// How long ago the sender was renewed.
    pub(super) fn since_heard(&self) -> Duration {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner).elapsed()
    }

    /// An error that says which submission it is about.
    pub(super) fn invalid(&self, what: &str) -> Error {
        Error::invalid_input(format!("submission {:?}: {what}", self.place.name))
    }

    /// Refuses to go on where a chunk can be neither sent again nor taken for created.
    pub(super) async fn check_expiry(&self, submission: i64) -> Result<()> {
        let refused = self
            .store(move |connection, _, now| claims::refused(connection, submission, now))
            .await?;
        match refused {
            Some(refused) => Err(super::settle::refusal(&self.place.name, refused)),
            None => Ok(()),
        }
    }
}

/// Takes a sender out of the journal when its run is broken off.
struct Guard {
    journal: Journal,
    sender: Sender,
}

impl Drop for Run {
    fn drop(&mut self) {
        let Some(Guard { journal, sender }) = self.guard.take() else {
            return;
        };
        // Without a runtime, or without an answer of the journal, the claims lapse with the lease.
        if let Ok(runtime) = Handle::try_current() {
            runtime.spawn_blocking(move || drop(journal.act(|connection| sender.leave(connection))));
        }
    }
}

/// The planned submission of this name.
pub(super) async fn find(journal: &Journal, place: &Place) -> Result<i64> {
    let wanted = place.clone();
    let found = journal
        .run(move |connection| planning::find(connection, &wanted))
        .await?;
    found.ok_or_else(|| {
        Error::invalid_input(format!(
            "submission {:?} is not in the journal {} for this project; give its analyses, or check its name and Journal::list",
            place.name,
            journal.path().display()
        ))
    })
}

fn check_name(name: &str) -> Result<()> {
    const LONGEST: usize = 200;
    if name.is_empty() || name.chars().count() > LONGEST || name.chars().any(char::is_control) {
        return Err(Error::invalid_input(format!(
            "{name:?} cannot name a submission; give 1 to {LONGEST} characters, none of them a control character"
        )));
    }
    Ok(())
}
