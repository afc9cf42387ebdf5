//! Aborting the analyses of a submission.

use std::fmt;

use futures_util::{StreamExt, stream};
use ica_batch_sdk::types::AnalysisStatus;
use serde::Serialize;
use uuid::Uuid;

use super::builder::Submission;
use super::last_failure::LastFailure;
use super::outcome::{SubmissionOutcome, SubmittedAnalysis, submitted};
use super::run;
use crate::analyses::AnalysisStatusExt;
use crate::error::Result;

/// Number of aborts that are in flight at the same time.
const CONCURRENT: usize = 8;

/// Number of rows that are read from the journal at a time.
const PAGE: usize = 1000;

/// Number of failed aborts that a report lists.
const LISTED: usize = 1000;

impl Submission {
    /// Aborts the analyses of the submission that run, as far as the journal knows.
    ///
    /// An analysis is aborted if the journal has its id and no terminal status of its run. A
    /// [run](Self::run) records the ids, and a [wait](Self::wait) the statuses. ICA accepts an abort
    /// at once and ends the run later; a wait shows it. An abort that fails, for example because the
    /// run has ended meanwhile, is listed in the report.
    ///
    /// ```
    /// # use ica_batch_sdk_ext::types::{CreateNextflowAnalysis, NextflowAnalysisInput};
    /// # use ica_batch_sdk_ext::{Client, Credentials, Journal};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # use std::time::Duration;
    /// # let lifecycle = ica_simulator::Lifecycle::instant().run(Duration::from_secs(3600));
    /// # let simulator = ica_simulator::Simulator::builder().lifecycle(lifecycle).start()?;
    /// # let credentials = Credentials::api_key(simulator.api_key())?;
    /// # let client = Client::builder().base_url(simulator.base_url()).credentials(credentials).build()?;
    /// # let project = client.project(simulator.project_id())?;
    /// # let folder = tempfile::tempdir()?;
    /// # let journal = Journal::open(folder.path().join("cohort.db"))?;
    /// # let manifest = (0..3).map(|sample| {
    /// #     CreateNextflowAnalysis::builder()
    /// #         .user_reference(format!("sample-{sample}")).expect("it is valid")
    /// #         .pipeline_id("5f3c9c1e-7a40-4f1b-9d52-0e6c8a1b2d3f")
    /// #         .analysis_input(NextflowAnalysisInput::builder().inputs(vec![]).build())
    /// #         .build()
    /// # });
    /// project.submission("cohort-42", &journal).analyses(manifest).run().await?;
    /// let report = project.submission("cohort-42", &journal).abort().await?;
    /// assert_eq!(report.to_string(), "3 analyses are being aborted, 0 aborts failed");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) when the journal has no such submission,
    /// [`Journal`](crate::ErrorKind::Journal) when it cannot be read.
    pub async fn abort(&self) -> Result<AbortReport> {
        let submission = run::find(&self.journal, &self.id).await?;
        self.journal.check(submission, None).await?;
        let mut report = AbortReport::default();
        let mut from = 0;
        loop {
            let rows = self.journal.report(submission, from, PAGE).await?;
            let Some(last) = rows.last() else { return Ok(report) };
            from = last.position.saturating_add(1);
            let running = rows.into_iter().map(submitted).filter_map(running);
            let aborts = running.map(|(id, row)| async move {
                let aborted = self.api.abort(id, &self.overrides).await;
                (row, aborted)
            });
            let mut aborts = stream::iter(aborts).buffer_unordered(CONCURRENT);
            while let Some((row, aborted)) = aborts.next().await {
                match aborted {
                    Ok(()) => report.aborted = report.aborted.saturating_add(1),
                    Err(error) => report.fail(row, LastFailure::of(&error, 1)),
                }
            }
        }
    }
}

/// Returns a row with the id of its analysis, if that may run.
fn running(row: SubmittedAnalysis) -> Option<(Uuid, SubmittedAnalysis)> {
    let SubmissionOutcome::Created {
        analysis: Some(id),
        run_status,
        ..
    } = &row.outcome
    else {
        return None;
    };
    let has_ended = run_status.as_ref().is_some_and(AnalysisStatus::is_terminal);
    (!has_ended).then_some((*id, row))
}

/// Outcomes of aborting the analyses of a submission, from [`Submission::abort`].
///
/// ```
/// use ica_batch_sdk_ext::AbortReport;
///
/// assert_eq!(AbortReport::default().to_string(), "0 analyses are being aborted, 0 aborts failed");
/// ```
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct AbortReport {
    /// Number of analyses whose abort ICA has accepted.
    pub aborted: u64,
    /// Number of aborts that failed.
    pub failed: u64,
    /// First 1000 of them, with the reasons.
    pub failures: Vec<(SubmittedAnalysis, LastFailure)>,
}

impl AbortReport {
    fn fail(&mut self, row: SubmittedAnalysis, failure: LastFailure) {
        self.failed = self.failed.saturating_add(1);
        if self.failures.len() < LISTED {
            self.failures.push((row, failure));
        }
    }
}

impl fmt::Display for AbortReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { aborted, failed, .. } = self;
        write!(f, "{aborted} analyses are being aborted, {failed} aborts failed")
    }
}
