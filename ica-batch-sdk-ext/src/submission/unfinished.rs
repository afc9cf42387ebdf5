//! The reports of errors that end runs and waits, and the errors of those that ended before each row was
//! settled.

use std::time::Duration;

use super::errors::RUN_AGAIN;
use super::last_failure::LastFailure;
use super::outcome::SubmissionOutcome;
use super::report::SubmissionReport;
use super::wait_report::SubmissionWaitReport;
use crate::error::{Error, ErrorKind, Execution, NAME, shown};
use crate::journal::SubmissionId;

/// Why a run ended before each row was settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum EndReason {
    /// Its deadline has passed.
    Deadline(Duration),
    /// Its stop handle was used.
    Stopped,
}

/// Reports that an error has.
enum Reports {
    Run(SubmissionReport),
    Wait(SubmissionWaitReport),
}

impl Error {
    /// Returns the report of the submission whose run or wait the error ended: what is recorded. Its
    /// [`pending`](SubmissionReport::pending) analyses have the last failures of the run.
    ///
    /// None if nothing of the submission is recorded, another run has it
    /// ([`JournalInUse`](ErrorKind::JournalInUse)), or the journal cannot be read.
    ///
    /// ```
    /// # use ica_batch_sdk_ext::types::{CreateNextflowAnalysis, NextflowAnalysisInput};
    /// # use ica_batch_sdk_ext::{Client, Credentials, Journal};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let simulator = ica_simulator::Simulator::start();
    /// # let create = ica_simulator::Operation::CreateBatch(ica_simulator::Family::Analysis);
    /// # simulator.faults().add(ica_simulator::Fault::new(ica_simulator::FaultKind::refuse(403)).on(create).nth(2));
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
    /// let submission = project.submission("cohort-42", &journal).chunk_size(1).concurrency(1);
    /// // ICA refuses the second chunk: the permission was withdrawn.
    /// let error = submission.analyses(manifest).run().await.unwrap_err();
    /// let report = error.submission_report().expect("the journal can be read");
    /// assert_eq!((report.created(), report.pending().len()), (1, 2));
    /// # Ok(())
    /// # }
    /// ```
    pub fn submission_report(&self) -> Option<&SubmissionReport> {
        Some(match self.report()? {
            Reports::Run(report) => report,
            Reports::Wait(report) => report.submission(),
        })
    }

    /// Returns the report of a [wait for a submission](crate::Submission::wait) that the error ended:
    /// what the wait has seen. None if the wait had not begun.
    pub fn submission_wait_report(&self) -> Option<&SubmissionWaitReport> {
        match self.report()? {
            Reports::Run(_) => None,
            Reports::Wait(report) => Some(report),
        }
    }
}

/// Returns the error of a wait that ended before each run had ended.
pub(super) fn wait_ended(
    id: &SubmissionId,
    reason: EndReason,
    last: Option<LastFailure>,
    report: SubmissionWaitReport,
) -> Error {
    let (kind, reason) = match reason {
        EndReason::Deadline(deadline) => {
            let reason = format!(
                "the deadline of {} s leaves no time for another poll",
                deadline.as_secs()
            );
            (ErrorKind::WaitTimeout, reason)
        }
        EndReason::Stopped => (ErrorKind::Unfinished, "the wait was stopped".to_owned()),
    };
    let mut what = format!("could not wait for {id}: {reason}; {}", report.counts());
    if let Some(failure) = last {
        what.push_str(&format!("; the last poll failed: {failure}"));
    }
    let error = Error::new(kind, what).with_advice("wait again with Submission::wait; the batches go on in ICA");
    with_wait_report(error, report)
}

/// Returns the error of a run that ended before each row was settled.
pub(super) fn unfinished(
    id: &SubmissionId,
    reason: EndReason,
    execution: Execution,
    report: SubmissionReport,
) -> Error {
    let reason = match reason {
        EndReason::Deadline(deadline) => format!("its deadline of {} s leaves no time", deadline.as_secs()),
        EndReason::Stopped => "it was stopped".to_owned(),
    };
    let counts = report.counts();
    let mut what = format!(
        "could not finish {id}: {reason}, and {} of {} analyses are pending",
        counts.pending(),
        counts.analyses
    );
    let failed = report.pending().iter().find_map(|analysis| match &analysis.outcome {
        SubmissionOutcome::Pending { failure } => Some((analysis, failure.as_ref()?)),
        _ => None,
    });
    if let Some((analysis, failure)) = failed {
        let reference = shown(&analysis.user_reference, NAME);
        what.push_str(&format!("; the first failure is of {reference}: {failure}"));
    }
    let error = Error::new(ErrorKind::Unfinished, what).with_advice(RUN_AGAIN);
    with_report(error.with_execution(execution), report)
}

/// Adds the report of a run to its error.
pub(super) fn with_report(error: Error, report: SubmissionReport) -> Error {
    error.with_report(Reports::Run(report))
}

/// Adds the report of a wait to its error, or to that of the run before it.
pub(super) fn with_wait_report(error: Error, report: SubmissionWaitReport) -> Error {
    error.with_report(Reports::Wait(report))
}
