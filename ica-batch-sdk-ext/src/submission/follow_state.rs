//! State of a wait for the batches of a submission. Sends no requests.

use std::time::Duration;

use super::followed::{Followed, Tally};
use super::history::Recorder;
use super::report::SubmissionReport;
use super::status_search::StatusSearch;
use super::wait_report::{Failures, SubmissionWaitProgress, SubmissionWaitReport};
use crate::error::Error;
use crate::journal::{Session, SubmissionCounts};

/// Time in which ICA may not show a batch that exists, if no poll has succeeded.
const LATEST: Duration = Duration::from_secs(10 * 60);

/// State of the wait.
pub(super) struct State {
    /// Records the status of runs, if this process could become the owner of the journal.
    pub(super) session: Option<Session>,
    pub(super) recorder: Recorder,
    /// Row id.
    pub(super) submission: i64,
    pub(super) submission_mark: String,
    /// Whether a chunk was added to the group that is searched for together, and not polled since.
    pub(super) is_regrouped: bool,
    /// Number of rounds after failures of a wait that polls each batch once.
    pub(super) extra_rounds: u32,
    /// Batches of which something is waited for.
    pub(super) batches: Vec<Followed>,
    pub(super) search: StatusSearch,
    /// Number of batches that are not polled, because searches show their analyses.
    pub(super) covered: u64,
    /// Numbers of the finished batches.
    pub(super) done: Tally,
    pub(super) progress: SubmissionWaitProgress,
    pub(super) failures: Failures,
    pub(super) counts: SubmissionCounts,
    pub(super) started: Duration,
    /// Whether a poll succeeded.
    pub(super) has_response: bool,
    pub(super) failed_in_a_row: u32,
    pub(super) last: Option<Error>,
}

impl State {
    /// Returns whether ICA may show a batch later that it does not find now.
    pub(super) fn may_be_late(&self, now: Duration) -> bool {
        self.has_response || now.saturating_sub(self.started) < LATEST
    }

    /// Counts the analyses by status. `due` are batches that this round has not polled yet.
    pub(super) fn count<'a>(&mut self, now: Duration, due: impl IntoIterator<Item = &'a Followed>) {
        let mut tally = self.done.clone();
        self.batches.iter().for_each(|batch| tally.add(&batch.tally));
        due.into_iter().for_each(|batch| tally.add(&batch.tally));
        let progress = &mut self.progress;
        let accepted = self.counts.created.saturating_add(self.counts.creation_failed);
        progress.analyses = accepted.max(tally.items);
        progress.succeeded = tally.succeeded;
        progress.failed = tally.failed;
        progress.not_created = tally.not_created;
        progress.by_creation_status = tally.by_creation;
        progress.by_run_status = tally.by_run;
        progress.elapsed = now.saturating_sub(self.started);
    }

    /// Returns the report of the wait, with the numbers as they were counted last.
    pub(super) fn report(mut self, submission: SubmissionReport) -> SubmissionWaitReport {
        self.progress.newly_failed.clear();
        SubmissionWaitReport::of(submission, self.progress, self.failures)
    }

    /// Adds a chunk whose analyses do not all have its mark to the group of such chunks. One search for
    /// the mark of the submission shows them all.
    pub(super) fn group(&mut self, mut chunk: Followed) {
        chunk.search_by(&self.submission_mark);
        self.is_regrouped = true;
        let mut left = Some(chunk);
        for batch in &mut self.batches {
            left = left.and_then(|chunk| batch.absorb(chunk));
        }
        match left {
            Some(chunk) => self.batches.push(chunk),
            None => self.progress.batches = self.progress.batches.saturating_sub(1),
        }
    }
}
