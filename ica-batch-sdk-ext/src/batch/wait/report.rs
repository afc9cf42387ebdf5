//! What a wait tells on its way, and at its end.

use std::collections::BTreeMap;
use std::time::Duration;

use ica_batch_sdk::types::{AnalysisStatus, ItemStatus, JobStatus};

use super::ended::FinishedItem;

/// How a batch stands after a look at it.
#[derive(Debug, Clone)]
pub struct Progress {
    pub(super) job: Option<JobStatus>,
    pub(super) by_creation: BTreeMap<ItemStatus, usize>,
    pub(super) by_analysis: BTreeMap<AnalysisStatus, usize>,
    pub(super) items: usize,
    pub(super) finished: usize,
    pub(super) failed: usize,
    pub(super) newly_finished: Vec<FinishedItem>,
    pub(super) is_finished: bool,
    pub(super) polls: u32,
    pub(super) requests: u64,
    pub(super) items_read: u64,
    pub(super) elapsed: Duration,
}

impl Progress {
    /// The state of the job that creates the analyses. None when the batch does not show one.
    pub fn job(&self) -> Option<&JobStatus> {
        self.job.as_ref()
    }

    /// How many items there are in each state of their creation, as they were last seen.
    pub fn by_creation(&self) -> &BTreeMap<ItemStatus, usize> {
        &self.by_creation
    }

    /// How many analyses there are in each state of their run, as they were last seen.
    pub fn by_analysis(&self) -> &BTreeMap<AnalysisStatus, usize> {
        &self.by_analysis
    }

    /// How many items were seen. While the job goes on, more may come.
    pub fn items(&self) -> usize {
        self.items
    }

    /// How many of them have ended, well or not.
    pub fn finished(&self) -> usize {
        self.finished
    }

    /// How many have ended well.
    pub fn succeeded(&self) -> usize {
        self.finished - self.failed
    }

    /// How many have ended otherwise.
    pub fn failed(&self) -> usize {
        self.failed
    }

    /// How many have not ended.
    pub fn pending(&self) -> usize {
        self.items - self.finished
    }

    /// The items that ended since the progress before this one. Each item comes once.
    pub fn newly_finished(&self) -> &[FinishedItem] {
        &self.newly_finished
    }

    /// The states that this crate does not know, of the job, of items and of runs, as they were last seen. None of them is taken for an
    /// end.
    pub fn unknown_statuses(&self) -> impl Iterator<Item = &str> {
        let job = self.job.iter().filter(|status| !status.is_recognized());
        let items = self.by_creation.keys().filter(|status| !status.is_recognized());
        let runs = self.by_analysis.keys().filter(|status| !status.is_recognized());
        job.map(JobStatus::as_str)
            .chain(items.map(ItemStatus::as_str))
            .chain(runs.map(AnalysisStatus::as_str))
    }

    /// Whether there is nothing more to wait for. This is the last progress then.
    pub fn is_finished(&self) -> bool {
        self.is_finished
    }

    /// How many looks there have been at the batch.
    pub fn polls(&self) -> u32 {
        self.polls
    }

    /// How many requests these looks took, further attempts not counted.
    pub fn requests(&self) -> u64 {
        self.requests
    }

    /// How many items were decoded in their answers.
    pub fn items_read(&self) -> u64 {
        self.items_read
    }

    /// How long the wait has taken.
    pub fn elapsed(&self) -> Duration {
        self.elapsed
    }
}

/// How a batch ended.
#[derive(Debug, Clone)]
pub struct WaitReport {
    pub(super) progress: Progress,
    pub(super) failed: Vec<FinishedItem>,
}

impl WaitReport {
    /// Whether every item ended well, and the job did not fail and was not stopped.
    pub fn is_success(&self) -> bool {
        let job_broke = matches!(self.progress.job, Some(JobStatus::Failed | JobStatus::Stopped));
        self.failed.is_empty() && !job_broke
    }

    /// The items that did not end well, with why: not created, or a run that did not succeed.
    pub fn failed(&self) -> &[FinishedItem] {
        &self.failed
    }

    /// How many items ended well.
    pub fn succeeded(&self) -> usize {
        self.progress.succeeded()
    }

    /// How many items the batch has.
    pub fn items(&self) -> usize {
        self.progress.items
    }

    /// The state of the job. None when the batch does not show one.
    pub fn job(&self) -> Option<&JobStatus> {
        self.progress.job()
    }

    /// How many looks at the batch it took.
    pub fn polls(&self) -> u32 {
        self.progress.polls
    }

    /// How long it took.
    pub fn elapsed(&self) -> Duration {
        self.progress.elapsed
    }

    /// The last progress, with all counts.
    pub fn progress(&self) -> &Progress {
        &self.progress
    }
}
