//! Progress and report of waiting for all batches of a submission.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use ica_batch_sdk::types::{AnalysisStatus, ItemStatus};
use serde::Serialize;
use uuid::Uuid;

use super::report::SubmissionReport;
use crate::analysis_batch::AnalysisCreation;
use crate::batch::FinishedItem;
use crate::error::{NAME, shown};

/// Number of failed analyses that a report lists.
const LISTED: usize = 10_000;

/// Number of reasons that a report counts apart.
const REASONS: usize = 1000;

/// Characters of a reason.
const REASON: usize = 200;

/// State of the analyses of a submission after a round of polls.
///
/// ```
/// use ica_batch_sdk_ext::SubmissionWaitProgress;
///
/// let mut progress = SubmissionWaitProgress::default();
/// (progress.batches, progress.finished_batches) = (3, 1);
/// (progress.analyses, progress.succeeded, progress.failed) = (250, 99, 1);
/// assert_eq!(progress.pending(), 150);
/// assert_eq!(progress.to_string(), "99 of 250 analyses succeeded, 1 failed, 150 pending; 1 of 3 batches finished");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct SubmissionWaitProgress {
    /// Number of batches.
    pub batches: u64,
    /// Number of batches of which nothing more is waited for.
    pub finished_batches: u64,
    /// Number of analyses in the batches.
    pub analyses: u64,
    /// Number of analyses whose run succeeded.
    pub succeeded: u64,
    /// Number of analyses that could not be created, or whose run failed or was aborted.
    pub failed: u64,
    /// Number of failed analyses that could not be created.
    pub not_created: u64,
    /// Number of analyses by the status of their creation, as last seen.
    pub by_creation_status: BTreeMap<ItemStatus, u64>,
    /// Number of runs by status, as last seen.
    pub by_run_status: BTreeMap<AnalysisStatus, u64>,
    /// Analyses that failed since the previous progress. Each appears once.
    pub newly_failed: Vec<FailedAnalysis>,
    /// Number of requests that the polls took, retries not counted.
    pub requests: u64,
    /// Duration of the wait so far.
    pub elapsed: Duration,
}

impl SubmissionWaitProgress {
    /// Returns the number of analyses that have neither succeeded nor failed.
    pub fn pending(&self) -> u64 {
        self.analyses.saturating_sub(self.succeeded.saturating_add(self.failed))
    }
}

impl fmt::Display for SubmissionWaitProgress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            batches,
            finished_batches,
            analyses,
            succeeded,
            failed,
            ..
        } = self;
        let pending = self.pending();
        write!(
            f,
            "{succeeded} of {analyses} analyses succeeded, {failed} failed, {pending} pending; {finished_batches} of {batches} batches finished"
        )
    }
}

/// Analysis that could not be created, or whose run failed or was aborted.
///
/// ```
/// use ica_batch_sdk_ext::types::{AnalysisStatus, ItemStatus};
/// use ica_batch_sdk_ext::{FailedAnalysis, FinishedItem, ItemOutcome, Uuid};
///
/// let mut item = FinishedItem::new(Uuid::nil(), "sample-1", ItemOutcome::RunFailed, ItemStatus::Succeeded);
/// item.run_status = Some(AnalysisStatus::Aborted);
/// let failed = FailedAnalysis::new("7", Uuid::nil(), item);
/// assert_eq!(failed.to_string(), "sample-1: run failed, ABORTED");
/// assert_eq!(failed.reason(), "run failed, ABORTED");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct FailedAnalysis {
    /// Label of its chunk.
    pub chunk: String,
    /// Id of its batch, if it is known.
    pub batch: Option<Uuid>,
    /// Its item: user reference, ids, statuses and message.
    #[serde(flatten)]
    pub item: FinishedItem<AnalysisCreation>,
}

impl FailedAnalysis {
    /// Creates the value, for tests of a program that handles one.
    pub fn new(chunk: impl Into<String>, batch: impl Into<Option<Uuid>>, item: FinishedItem<AnalysisCreation>) -> Self {
        Self {
            chunk: chunk.into(),
            batch: batch.into(),
            item,
        }
    }

    /// Returns why it failed: the outcome with the status of the run, or with ICA's message about
    /// the creation.
    pub fn reason(&self) -> String {
        let line = self.item.to_string();
        let name = shown(&self.item.name, NAME);
        let reason = line.strip_prefix(&name).and_then(|rest| rest.strip_prefix(": "));
        shown(reason.unwrap_or(&line), REASON)
    }
}

impl fmt::Display for FailedAnalysis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.item.fmt(f)
    }
}

/// Outcomes of the runs of a submission, from [`Submission::wait`](super::Submission::wait) and
/// [`Submission::run_to_end`](super::Submission::run_to_end).
///
/// ```
/// use ica_batch_sdk_ext::types::ItemStatus;
/// use ica_batch_sdk_ext::{
///     FailedAnalysis, FinishedItem, ItemOutcome, SubmissionReport, SubmissionWaitProgress, SubmissionWaitReport, Uuid,
/// };
///
/// let item = FinishedItem::new(Uuid::nil(), "sample-1", ItemOutcome::NotCreated, ItemStatus::Failed);
/// let failed = FailedAnalysis::new("0", Uuid::nil(), item);
/// let report = SubmissionWaitReport::new(
///     SubmissionReport::new("cohort-42", []),
///     SubmissionWaitProgress::default(),
///     [failed],
/// );
/// assert_eq!(report.reasons()["not created"], 1);
/// assert_eq!(report.failed()[0].item.name, "sample-1");
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SubmissionWaitReport {
    submission: SubmissionReport,
    progress: SubmissionWaitProgress,
    failed: Vec<FailedAnalysis>,
    reasons: BTreeMap<String, u64>,
}

impl SubmissionWaitReport {
    /// Creates a report, for tests of a program that handles one.
    pub fn new(
        submission: SubmissionReport,
        progress: SubmissionWaitProgress,
        failed: impl IntoIterator<Item = FailedAnalysis>,
    ) -> Self {
        let mut failures = Failures::default();
        failed.into_iter().for_each(|failed| failures.add(failed));
        Self {
            submission,
            progress,
            failed: failures.first,
            reasons: failures.reasons,
        }
    }

    pub(super) fn of(submission: SubmissionReport, progress: SubmissionWaitProgress, failures: Failures) -> Self {
        Self {
            submission,
            progress,
            failed: failures.first,
            reasons: failures.reasons,
        }
    }

    /// Returns the report of the submission: what was created, and what was rejected.
    pub fn submission(&self) -> &SubmissionReport {
        &self.submission
    }

    /// Returns the numbers of analyses and batches, by status.
    pub fn counts(&self) -> &SubmissionWaitProgress {
        &self.progress
    }

    /// Returns the number of analyses whose run succeeded.
    pub fn succeeded(&self) -> u64 {
        self.progress.succeeded
    }

    /// Returns the first 10 000 analyses that could not be created, or whose run failed or was
    /// aborted, in the order in which that was seen.
    pub fn failed(&self) -> &[FailedAnalysis] {
        &self.failed
    }

    /// Returns the number of failed analyses by reason. After 1000 reasons, the others are counted
    /// as `other reasons`.
    pub fn reasons(&self) -> &BTreeMap<String, u64> {
        &self.reasons
    }
}

/// A summary in one line.
impl fmt::Display for SubmissionWaitReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; {}", self.submission, self.progress)
    }
}

/// Failed analyses of a wait, in bounded memory.
#[derive(Debug, Default)]
pub(super) struct Failures {
    first: Vec<FailedAnalysis>,
    reasons: BTreeMap<String, u64>,
}

impl Failures {
    pub(super) fn add(&mut self, failed: FailedAnalysis) {
        self.count(failed.reason(), 1);
        if self.first.len() < LISTED {
            self.first.push(failed);
        }
    }

    pub(super) fn count(&mut self, reason: String, analyses: u64) {
        let is_new = !self.reasons.contains_key(&reason);
        let reason = match is_new && self.reasons.len() >= REASONS {
            true => "other reasons".to_owned(),
            false => reason,
        };
        let count = self.reasons.entry(reason).or_default();
        *count = count.saturating_add(analyses);
    }
}
