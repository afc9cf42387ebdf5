//! Sending the chunks of a submission until each is settled: the steps before and after.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use super::chunk_sender::ChunkSender;
use super::history::Recorder;
use super::last_failure::LastFailure;
use super::progress::SubmissionProgress;
use super::run::Run;
use super::search::Prepared;
use super::sending::{Ending, Sending};
use super::settings::Settings;
use super::unfinished::EndReason;
use crate::error::{Execution, Result};

/// Result of sending.
pub(super) struct Sent {
    /// Why chunks are left, if some are.
    pub(super) unfinished: Option<EndReason>,
    /// Last failures of the chunks that are left.
    pub(super) failures: HashMap<String, LastFailure>,
    /// Whether a request of them may have been executed.
    pub(super) execution: Execution,
    /// User references of analyses that exist several times.
    pub(super) several: Vec<String>,
    /// Recorder of the numbers by status, if something was to be sent.
    pub(super) recorder: Recorder,
}

impl Run {
    /// Sends the chunks that have no response, and those again that failed, until each is settled.
    ///
    /// # Errors
    /// A failure that ends the run. The chunks in flight are waited for before.
    pub(super) async fn send(&self, submission: i64, progress: &mut SubmissionProgress) -> Result<Sent> {
        self.check_expiry(submission).await?;
        let Settings {
            retry_rejected, again, ..
        } = self.settings;
        if retry_rejected {
            self.session.plan_rejected_again(submission).await?;
        }
        if again.creation_failed || again.run_failed {
            self.plan_again(submission).await?;
        }
        if retry_rejected || again.creation_failed || again.run_failed {
            *progress = self.progress(submission).await?;
        }
        let mut recorder = Recorder::default();
        if progress.counts.pending() > 0 {
            self.check_planned_elsewhere(submission).await?;
            self.check_clock().await?;
            recorder = Recorder::of_sending(&self.session, submission).await;
            recorder.record_sending(self.clock.now(), progress.counts, false).await;
        }
        let before = progress.counts;
        let Prepared {
            sender,
            settled,
            mut several,
        } = match self.prepare(submission, progress).await? {
            Some(prepared) => prepared,
            // The run ends before anything is sent.
            None => Prepared {
                sender: self.sender(submission, None).await?,
                settled: Vec::new(),
                several: Vec::new(),
            },
        };
        // The events of what the search found count up to the numbers after it.
        let after = std::mem::replace(&mut progress.counts, before);
        let mut sending = Sending::new(self, submission, sender, progress, &mut recorder);
        sending.begin(settled).await;
        sending.progress.counts = after;
        sending.finish().await;
        let Sending { ending, waiting, .. } = &mut sending;
        let (ending, waiting) = (ending.take(), std::mem::take(waiting));
        several.append(&mut sending.several);
        several.sort_unstable();
        several.dedup();
        progress.counts = self.session.counts(submission).await?;
        progress.in_flight = 0;
        let unfinished = match ending {
            Some(Ending::Failed(error)) => return Err(error),
            Some(Ending::Early(reason)) => Some(reason).filter(|_| progress.counts.pending() > 0),
            None => None,
        };
        let executions = waiting.values().map(|waiting| waiting.execution);
        Ok(Sent {
            several,
            recorder,
            unfinished,
            execution: executions.fold(Execution::NotExecuted, Execution::or),
            failures: { waiting.into_values() }
                .map(|waiting| (waiting.label, waiting.failure))
                .collect(),
        })
    }

    /// Returns the sender of the submission's chunks. `identity` is the user of the credential.
    pub(super) async fn sender(&self, submission: i64, identity: Option<String>) -> Result<ChunkSender> {
        Ok(ChunkSender {
            settling_time: self.settings.settling_time,
            stop_on_first_error: self.settings.stop_on_first_error,
            many_uncertain: AtomicBool::new(false),
            has_foreign: AtomicBool::new(false),
            identity,
            api: self.api.clone(),
            session: self.session.clone(),
            clock: Arc::clone(&self.clock),
            naming: self.naming(submission).await?,
            overrides: self.overrides.clone(),
            on_rejection: self.settings.on_rejection,
        })
    }
}
