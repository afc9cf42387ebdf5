//! Recording the numbers of analyses by status over time in the journal.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use ica_batch_sdk::types::AnalysisStatus;

use super::event::SubmissionEvent;
use super::progress::SubmissionProgress;
use super::wait_report::SubmissionWaitProgress;
use crate::journal::{Session, StatusCounts, StatusHistory, SubmissionCounts};

/// Recorder of the history of a submission.
///
/// The history is for charts. So a failure to read or to record it ends no run: the recorder then
/// records nothing more. Damage of the history is an error of those who read it.
#[derive(Debug, Default)]
pub(super) struct Recorder {
    target: Option<(Session, i64)>,
    first: Option<SystemTime>,
    last: Option<StatusCounts>,
    /// Runs that the journal had when it was asked last.
    runs: BTreeMap<AnalysisStatus, u64>,
}

impl Recorder {
    /// Creates a recorder. Without a session it records nothing.
    pub(super) async fn new(session: Option<&Session>, submission: i64) -> Self {
        let Some(session) = session else {
            return Self::default();
        };
        match session.status_history(submission).await {
            Ok(history) => Self::after(session, submission, &history, BTreeMap::new()),
            Err(_) => Self::default(),
        }
    }

    /// Creates the recorder of a run that sends. It knows the status of the runs that the journal has.
    pub(super) async fn of_sending(session: &Session, submission: i64) -> Self {
        match session.recorded_statuses(submission).await {
            Ok((history, runs)) => Self::after(session, submission, &history, runs),
            Err(_) => Self::default(),
        }
    }

    fn after(session: &Session, submission: i64, history: &StatusHistory, runs: BTreeMap<AnalysisStatus, u64>) -> Self {
        Self {
            target: Some((session.clone(), submission)),
            first: history.times().first().map(|counts| counts.at),
            last: history.times().last().cloned(),
            runs,
        }
    }

    /// Reads the status of the runs that the journal has.
    pub(super) async fn read_runs(&mut self) {
        if let Some((session, submission)) = &self.target {
            match session.run_statuses(*submission).await {
                Ok(runs) => self.runs = runs,
                Err(_) => self.target = None,
            }
        }
    }

    /// Records the numbers of a run that sends, like [`record`](Self::record).
    pub(super) async fn record_sending(&mut self, at: SystemTime, counts: SubmissionCounts, is_end: bool) {
        if self.target.is_none() {
            return;
        }
        let runs = self.runs.values().fold(0_u64, |sum, count| sum.saturating_add(*count));
        let mut statuses = StatusCounts::new(at);
        statuses.pending = counts.pending();
        statuses.rejected = counts.rejected;
        statuses.not_created = counts.creation_failed;
        statuses.accepted = counts.created.saturating_sub(runs);
        statuses.runs = self.runs.clone();
        self.record(&statuses, is_end).await;
    }

    /// Records the numbers if they changed and the last ones are old enough. At the end, one of the two
    /// is enough.
    pub(super) async fn record(&mut self, counts: &StatusCounts, is_end: bool) {
        let Some((session, submission)) = &self.target else {
            return;
        };
        if !self.is_due(counts, is_end) {
            return;
        }
        match session.record_statuses(*submission, counts).await {
            Ok(()) => {
                self.first.get_or_insert(counts.at);
                self.last = Some(counts.clone());
            }
            Err(_) => self.target = None,
        }
    }

    fn is_due(&self, counts: &StatusCounts, is_end: bool) -> bool {
        let (Some(first), Some(last)) = (self.first, &self.last) else {
            return true;
        };
        let since = |earlier| counts.at.duration_since(earlier).unwrap_or(Duration::ZERO);
        let is_old = since(last.at) >= StatusHistory::interval(since(first));
        let is_changed = !last.has_same_numbers(counts);
        match is_end {
            true => is_old || is_changed,
            false => is_old && is_changed,
        }
    }
}

/// Returns the numbers by status that a wait has seen.
pub(super) fn status_counts(at: SystemTime, counts: SubmissionCounts, wait: &SubmissionWaitProgress) -> StatusCounts {
    let runs = { wait.by_run_status.values() }.fold(0_u64, |sum, count| sum.saturating_add(*count));
    let mut statuses = StatusCounts::new(at);
    statuses.pending = counts.pending();
    statuses.rejected = counts.rejected;
    statuses.not_created = wait.not_created;
    let known = runs.saturating_add(wait.not_created);
    statuses.accepted = wait.analyses.saturating_sub(known);
    statuses.runs = wait.by_run_status.clone();
    statuses
}

impl SubmissionProgress {
    /// Returns the numbers of analyses by status at this time, if the event is
    /// [`Waiting`](SubmissionEvent::Waiting) or [`Ended`](SubmissionEvent::Ended). Other events know no
    /// status of a run.
    ///
    /// ```
    /// use std::time::SystemTime;
    ///
    /// use ica_batch_sdk_ext::types::AnalysisStatus;
    /// use ica_batch_sdk_ext::{SubmissionCounts, SubmissionEvent, SubmissionProgress, SubmissionWaitProgress};
    ///
    /// let mut wait = SubmissionWaitProgress::default();
    /// (wait.analyses, wait.succeeded) = (3, 2);
    /// wait.by_run_status.insert(AnalysisStatus::Succeeded, 2);
    /// let waiting = SubmissionEvent::Waiting(wait);
    /// let progress = SubmissionProgress::new(waiting, SubmissionCounts::default(), 0);
    /// let counts = progress.status_counts(SystemTime::now()).expect("it is about a wait");
    /// assert_eq!(counts.by_status(), [("accepted", 1), ("SUCCEEDED", 2)]);
    /// ```
    pub fn status_counts(&self, at: SystemTime) -> Option<StatusCounts> {
        let wait = match &self.event {
            SubmissionEvent::Waiting(progress) => progress,
            SubmissionEvent::Ended(report) => report.counts(),
            _ => return None,
        };
        Some(status_counts(at, self.counts, wait))
    }
}
