//! The errors of runs and waits that have a report, such as of one that ended before each row was
//! settled.

use std::fmt;
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

/// Report of a run, as the source of its error.
struct RunReport(SubmissionReport);

/// Writes the summary: a report has thousands of analyses.
impl fmt::Debug for RunReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RunReport").field(&self.0.to_string()).finish()
    }
}

impl fmt::Display for RunReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for RunReport {}

impl Error {
    /// Returns the report of a run that ended before each analysis was settled, if the error's kind
    /// is [`Unfinished`](ErrorKind::Unfinished), or of a run that found analyses that exist several
    /// times ([`DuplicateAnalyses`](ErrorKind::DuplicateAnalyses)). Its
    /// [`pending`](SubmissionReport::pending) analyses have their last failures.
    pub fn submission_report(&self) -> Option<&SubmissionReport> {
        let source = std::error::Error::source(self)?;
        source.downcast_ref().map(|RunReport(report)| report)
    }
}

/// Report of a wait that ended early, as the source of its error.
struct WaitEnded(SubmissionWaitReport);

/// Writes the summary: a report has thousands of analyses.
impl fmt::Debug for WaitEnded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("WaitEnded").field(&self.0.to_string()).finish()
    }
}

impl fmt::Display for WaitEnded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for WaitEnded {}

impl Error {
    /// Returns the report of a [wait for a submission](crate::Submission::wait) that ended before
    /// each run had ended: at its deadline ([`WaitTimeout`](ErrorKind::WaitTimeout)), or because it
    /// was stopped ([`Unfinished`](ErrorKind::Unfinished)). Also after
    /// [`run_to_end`](crate::Submission::run_to_end) if analyses exist several times
    /// ([`DuplicateAnalyses`](ErrorKind::DuplicateAnalyses)).
    pub fn submission_wait_report(&self) -> Option<&SubmissionWaitReport> {
        let source = std::error::Error::source(self)?;
        source.downcast_ref().map(|WaitEnded(report)| report)
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
    Error::new(kind, what)
        .with_advice("wait again with Submission::wait; the batches go on in ICA")
        .with_source(WaitEnded(report))
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
    error.with_source(RunReport(report))
}

/// Adds the report of a wait to the error of the run before it.
pub(super) fn with_wait_report(error: Error, report: SubmissionWaitReport) -> Error {
    error.with_source(WaitEnded(report))
}
