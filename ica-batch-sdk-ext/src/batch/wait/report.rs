//! Progress and report of a wait.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use serde::Serialize;

use super::super::family::Family;
use super::super::status::{JobState, Status};
use super::outcome::FinishedItem;
use crate::error::{counted, shown};

/// State of a batch after a poll.
///
/// ```
/// # use ica_batch_sdk_ext::{Client, Credentials};
/// use futures_util::TryStreamExt;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let simulator = ica_simulator::Simulator::start();
/// # let id = simulator.seed_batch(simulator.project_id(), 3, ica_simulator::SeedOptions::default());
/// # let credentials = Credentials::api_key(simulator.api_key())?;
/// # let client = Client::builder().base_url(simulator.base_url()).credentials(credentials).build()?;
/// # let batch = client.project(simulator.project_id())?.batch(id);
/// let progress = batch.wait().progress().try_next().await?.expect("the first poll has a result");
/// assert_eq!(progress.items(), progress.finished() + progress.pending());
/// for item in progress.newly_finished() {
///     println!("{item}");
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Serialize)]
#[serde(bound = "")]
pub struct Progress<F: Family> {
    pub(super) job: Option<F::JobStatus>,
    pub(super) by_creation_status: BTreeMap<F::ItemStatus, usize>,
    pub(super) by_run_status: BTreeMap<F::RunStatus, usize>,
    pub(super) items: usize,
    pub(super) finished: usize,
    pub(super) failed: usize,
    pub(super) newly_finished: Vec<FinishedItem<F>>,
    pub(super) is_finished: bool,
    pub(super) polls: u32,
    pub(super) requests: u64,
    pub(super) items_read: u64,
    pub(super) elapsed: Duration,
}

impl<F: Family> Progress<F> {
    /// Returns the status of the job that creates the items. None when the response contains no
    /// job.
    pub fn job(&self) -> Option<&F::JobStatus> {
        self.job.as_ref()
    }

    /// Returns the number of items by creation status, as last seen.
    pub fn by_creation_status(&self) -> &BTreeMap<F::ItemStatus, usize> {
        &self.by_creation_status
    }

    /// Returns the number of runs by status, as last seen.
    pub fn by_run_status(&self) -> &BTreeMap<F::RunStatus, usize> {
        &self.by_run_status
    }

    /// Returns the number of items seen. While the job is active, more may follow.
    pub fn items(&self) -> usize {
        self.items
    }

    /// Returns the number of items that are finished, with success or not.
    pub fn finished(&self) -> usize {
        self.finished
    }

    /// Returns the number of items that finished with success.
    pub fn succeeded(&self) -> usize {
        self.finished.saturating_sub(self.failed)
    }

    /// Returns the number of items that finished without success.
    pub fn failed(&self) -> usize {
        self.failed
    }

    /// Returns the number of items that are not finished.
    pub fn pending(&self) -> usize {
        self.items.saturating_sub(self.finished)
    }

    /// Returns the items that finished since the previous progress. Each item appears once.
    pub fn newly_finished(&self) -> &[FinishedItem<F>] {
        &self.newly_finished
    }

    /// Returns the statuses of the job, of items and of runs that this crate does not know. None of
    /// them is taken for a terminal state.
    pub fn unknown_statuses(&self) -> impl Iterator<Item = &str> {
        fn unknown<'a, S: Status>(statuses: impl Iterator<Item = &'a S>) -> impl Iterator<Item = &'a str> {
            statuses.filter(|status| !status.is_recognized()).map(S::as_str)
        }
        unknown(self.job.iter())
            .chain(unknown(self.by_creation_status.keys()))
            .chain(unknown(self.by_run_status.keys()))
    }

    /// Returns whether nothing more is waited for. The stream ends after such a progress.
    pub fn is_finished(&self) -> bool {
        self.is_finished
    }

    /// Returns the number of polls so far.
    pub fn polls(&self) -> u32 {
        self.polls
    }

    /// Returns the number of requests that the polls took, retries not counted.
    pub fn requests(&self) -> u64 {
        self.requests
    }

    /// Returns the number of items that were decoded from responses.
    pub fn items_read(&self) -> u64 {
        self.items_read
    }

    /// Returns how long the wait has taken so far.
    pub fn elapsed(&self) -> Duration {
        self.elapsed
    }
}

/// Number of statuses that a text lists. A batch has a few; a server can send any number.
const LISTED_STATUSES: usize = 10;

/// Characters of a status in such a list.
const LISTED_CHARACTERS: usize = 40;

/// Returns the statuses with the largest counts, in order of the status: "3 items RUNNING". The last
/// part gives the number of the other statuses.
pub(super) fn largest<S: Status>(counts: &BTreeMap<S, usize>, noun: &str) -> Vec<String> {
    let mut listed = counts.iter().collect::<Vec<_>>();
    let others = listed.len().saturating_sub(LISTED_STATUSES);
    if others > 0 {
        listed.sort_by_key(|(_, count)| Reverse(**count));
        listed.truncate(LISTED_STATUSES);
        listed.sort();
    }
    let listed = listed.into_iter();
    let texts = listed.map(|(status, count)| {
        let status = shown(status.as_str(), LISTED_CHARACTERS);
        format!("{} {status}", counted(*count as u64, noun))
    });
    let others = match others {
        0 => None,
        1 => Some(format!("{noun}s in 1 more status")),
        _ => Some(format!("{noun}s in {others} more statuses")),
    };
    texts.chain(others).collect()
}

/// A line for a log: "2 of 3 items finished, 1 failed".
impl<F: Family> fmt::Display for Progress<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} of {} finished, {} failed",
            self.finished,
            counted(self.items as u64, "item"),
            self.failed
        )
    }
}

/// Report on a batch that was waited for.
///
/// ```
/// use ica_batch_sdk_ext::types::{ItemStatus, JobStatus};
/// use ica_batch_sdk_ext::{AnalysisCreation, FinishedItem, ItemOutcome, Uuid, WaitReport};
///
/// // In a test of your own, without a server:
/// let items = [ItemOutcome::Succeeded, ItemOutcome::RunFailed].map(|outcome| {
///     FinishedItem::<AnalysisCreation>::new(Uuid::new_v4(), "sample", outcome, ItemStatus::Succeeded)
/// });
/// let report = WaitReport::new(Some(JobStatus::Succeeded), items);
/// assert_eq!((report.succeeded(), report.failed().len()), (1, 1));
/// assert!(!report.is_success());
/// assert_eq!(report.to_string(), "2 of 2 items finished, 1 failed");
/// ```
#[derive(Debug, Clone, Serialize)]
#[serde(bound = "")]
pub struct WaitReport<F: Family> {
    pub(super) progress: Progress<F>,
    pub(super) failed: Vec<FinishedItem<F>>,
}

impl<F: Family> WaitReport<F> {
    /// Returns a report on these items, for tests of your own.
    pub fn new(job: Option<F::JobStatus>, items: impl IntoIterator<Item = FinishedItem<F>>) -> Self {
        let mut progress = Progress {
            job,
            by_creation_status: BTreeMap::new(),
            by_run_status: BTreeMap::new(),
            items: 0,
            finished: 0,
            failed: 0,
            newly_finished: Vec::new(),
            is_finished: true,
            polls: 1,
            requests: 0,
            items_read: 0,
            elapsed: Duration::ZERO,
        };
        let mut failed = Vec::new();
        for item in items {
            let creation = progress.by_creation_status.entry(item.creation_status.clone());
            *creation.or_default() += 1;
            if let Some(run) = &item.run_status {
                *progress.by_run_status.entry(run.clone()).or_default() += 1;
            }
            progress.items += 1;
            progress.finished += 1;
            if !item.is_success() {
                progress.failed += 1;
                failed.push(item);
            }
        }
        Self { progress, failed }
    }

    /// Returns whether every item finished with success, and the job did not fail and was not
    /// stopped.
    pub fn is_success(&self) -> bool {
        let job = self.progress.job.as_ref().map(F::job_state);
        self.failed.is_empty() && job != Some(JobState::Ended { is_failure: true })
    }

    /// Returns the items that did not finish with success, each with its reason.
    pub fn failed(&self) -> &[FinishedItem<F>] {
        &self.failed
    }

    /// Returns the number of items that finished with success.
    pub fn succeeded(&self) -> usize {
        self.progress.succeeded()
    }

    /// Returns the number of items of the batch.
    pub fn items(&self) -> usize {
        self.progress.items
    }

    /// Returns the status of the job. None when the response contains no job.
    pub fn job(&self) -> Option<&F::JobStatus> {
        self.progress.job()
    }

    /// Returns the number of polls.
    pub fn polls(&self) -> u32 {
        self.progress.polls
    }

    /// Returns how long the wait took.
    pub fn elapsed(&self) -> Duration {
        self.progress.elapsed
    }

    /// Returns the last progress, with all counts.
    pub fn progress(&self) -> &Progress<F> {
        &self.progress
    }
}

impl<F: Family> fmt::Display for WaitReport<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.progress.fmt(f)
    }
}
