//! Sending the chunks of a submission until each is settled: the steps before and after.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use super::chunk_sender::ChunkSender;
use super::history::Recorder;
use super::progress::SubmissionProgress;
use super::report::Findings;
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
    /// Whether a request of them may have been executed.
    pub(super) execution: Execution,
    /// Recorder of the numbers by status, if something was to be sent.
    pub(super) recorder: Recorder,
}

impl Run {
    /// Sends the chunks that have no response, and those again that failed, until each is settled.
    ///
    /// Adds the last failures of the chunks that are left, and the analyses that exist several times.
    ///
    /// # Errors
    /// A failure that ends the run. The chunks in flight are waited for before.
    pub(super) async fn send(
        &self,
        submission: i64,
        progress: &mut SubmissionProgress,
        findings: &mut Findings,
    ) -> Result<Sent> {
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
            self.check_clock(submission, progress.counts).await?;
            recorder = Recorder::of_sending(&self.session, submission).await;
            recorder.record_sending(self.clock.now(), progress.counts, false).await;
        }
        let before = progress.counts;
        let Prepared {
            sender,
            settled,
            several,
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
        findings.several = several;
        findings.several.append(&mut sending.several);
        findings.several.sort_unstable();
        findings.several.dedup();
        let executions = waiting.values().map(|waiting| waiting.execution);
        let execution = executions.fold(Execution::NotExecuted, Execution::or);
        findings.failures = { waiting.into_values() }
            .map(|waiting| (waiting.label, waiting.failure))
            .collect();
        progress.in_flight = 0;
        if let Some(Ending::Failed(error)) = ending {
            return Err(error);
        }
        progress.counts = self.session.counts(submission).await?;
        let unfinished = match ending {
            Some(Ending::Early(reason)) => Some(reason).filter(|_| progress.counts.pending() > 0),
            Some(Ending::Failed(_)) | None => None,
        };
        Ok(Sent {
            recorder,
            unfinished,
            execution,
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
