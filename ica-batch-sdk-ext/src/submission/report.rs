//! The report of a submission: its outcomes, by analysis.

use std::collections::{BTreeSet, HashMap};
use std::fmt;

use serde::Serialize;
use uuid::Uuid;

use super::last_failure::LastFailure;
use super::outcome::{SubmissionOutcome, SubmittedAnalysis, submitted};
use crate::error::Result;
use crate::journal::{Journal, ReportRow, ReportStart, SubmissionCounts};

/// Number of analyses that a report lists.
const LISTED: usize = 10_000;

/// Number of analyses in each of the lists of a report that need attention.
const ATTENTION: usize = 1000;

/// Outcomes of a submission, by analysis. From [`Submission::run`](super::Submission::run) and
/// [`Submission::report`](super::Submission::report).
///
/// The numbers and the batches are those of all analyses. The list has the first 10 000, so that
/// memory does not grow with the manifest; [`Submission::outcomes`](super::Submission::outcomes)
/// is a stream of all.
///
/// ```
/// use ica_batch_sdk_ext::{SubmissionOutcome, SubmissionReport, SubmittedAnalysis, Uuid};
///
/// let batch = Uuid::from_u128(7);
/// let report = SubmissionReport::new(
///     "cohort-42",
///     [
///         SubmittedAnalysis::new(0, "sample-0", SubmissionOutcome::created(batch)),
///         SubmittedAnalysis::new(1, "sample-1", SubmissionOutcome::pending()),
///     ],
/// );
/// assert_eq!((report.created(), report.rejected(), report.is_complete()), (1, 0, false));
/// assert!(report.batches().contains(&batch));
/// assert_eq!(report.to_string(), "submission \"cohort-42\": 1 of 2 analyses created in 1 batch, 0 rejected");
/// assert_eq!(serde_json::to_value(&report)?["analyses"][1]["outcome"], "pending");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SubmissionReport {
    name: String,
    counts: SubmissionCounts,
    batches: BTreeSet<Uuid>,
    has_all_batches: bool,
    has_all_items: bool,
    analyses: Vec<SubmittedAnalysis>,
    failed: Vec<SubmittedAnalysis>,
    pending: Vec<SubmittedAnalysis>,
    duplicates: Vec<String>,
}

impl SubmissionReport {
    /// Creates a report of these analyses, for tests of a program that handles one.
    pub fn new(name: impl Into<String>, analyses: impl IntoIterator<Item = SubmittedAnalysis>) -> Self {
        let analyses = analyses.into_iter().collect::<Vec<_>>();
        let count = |is_counted: fn(&SubmissionOutcome) -> bool| {
            let outcomes = analyses.iter().map(|analysis| &analysis.outcome);
            outcomes.filter(|outcome| is_counted(outcome)).count() as u64
        };
        Self {
            name: name.into(),
            counts: SubmissionCounts {
                chunks: analyses
                    .iter()
                    .map(|analysis| &analysis.chunk)
                    .collect::<BTreeSet<_>>()
                    .len() as u64,
                analyses: analyses.len() as u64,
                created: count(|outcome| outcome.is_created() && !outcome.is_failure()),
                rejected: count(|outcome| matches!(outcome, SubmissionOutcome::Rejected { .. })),
                creation_failed: count(|outcome| outcome.is_created() && outcome.is_failure()),
            },
            batches: analyses
                .iter()
                .filter_map(|analysis| analysis.outcome.batch())
                .collect(),
            has_all_batches: {
                let mut outcomes = analyses.iter().map(|analysis| &analysis.outcome);
                outcomes.all(|outcome| !outcome.is_created() || outcome.batch().is_some())
            },
            has_all_items: {
                let mut outcomes = analyses.iter().map(|analysis| &analysis.outcome);
                outcomes.all(|outcome| {
                    !matches!(
                        outcome,
                        SubmissionOutcome::Created {
                            batch: Some(_),
                            item: None,
                            ..
                        }
                    )
                })
            },
            failed: first(&analyses, SubmissionOutcome::is_failure),
            pending: first(&analyses, SubmissionOutcome::is_pending),
            duplicates: Vec::new(),
            analyses,
        }
    }

    /// Returns the submission's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the first 10 000 analyses, in order of position.
    pub fn analyses(&self) -> &[SubmittedAnalysis] {
        &self.analyses
    }

    /// Returns the first 1000 analyses that [failed](SubmissionOutcome::is_failure), in order of
    /// position.
    pub fn failed(&self) -> &[SubmittedAnalysis] {
        &self.failed
    }

    /// Returns the first 1000 analyses that are pending, in order of position. Those of the run that
    /// made the report have their [last failures](SubmissionOutcome::Pending).
    pub fn pending(&self) -> &[SubmittedAnalysis] {
        &self.pending
    }

    /// Returns the user references of analyses that exist more often in ICA than in the submission, as
    /// far as the run that made the report has found them: the first 1000. The journal does not record
    /// them, and [`Submission::audit`](super::Submission::audit) finds all.
    pub fn duplicates(&self) -> &[String] {
        &self.duplicates
    }

    /// Returns whether [`analyses`](Self::analyses) are all.
    pub fn has_all_analyses(&self) -> bool {
        self.analyses.len() as u64 == self.counts.analyses
    }

    /// Returns the numbers of chunks and analyses, by state.
    pub fn counts(&self) -> SubmissionCounts {
        self.counts
    }

    /// Returns the number of analyses that ICA has accepted, except those that it
    /// [could not create](Self::creation_failed).
    pub fn created(&self) -> usize {
        usize::try_from(self.counts.created).unwrap_or(usize::MAX)
    }

    /// Returns the number of analyses that ICA rejected.
    pub fn rejected(&self) -> usize {
        usize::try_from(self.counts.rejected).unwrap_or(usize::MAX)
    }

    /// Returns the number of analyses that ICA has accepted and then could not create.
    pub fn creation_failed(&self) -> usize {
        usize::try_from(self.counts.creation_failed).unwrap_or(usize::MAX)
    }

    /// Returns whether each analysis is settled: created, rejected, or accepted and not created by
    /// ICA. After a run that succeeded, it is.
    pub fn is_complete(&self) -> bool {
        self.counts.pending() == 0
    }

    /// Returns whether the items of all batches are listed, and ICA has created or failed each.
    /// Otherwise ids of items and analyses are missing: ICA still creates them, a
    /// [stop](super::StopHandle) or the deadline [ended](super::SubmissionEvent::ListingEnded) the
    /// lists, or the run [lists none](super::Submission::lookup_items). The next run adds them.
    pub fn has_all_items(&self) -> bool {
        self.has_all_items
    }

    /// Returns whether the batch of each analysis that ICA has accepted is known. Analyses that were
    /// [found](crate::SubmissionEvent::Adopted) in ICA have none.
    pub fn has_all_batches(&self) -> bool {
        self.has_all_batches
    }

    /// Returns the ids of all batches that are known. [`Batch::wait`](crate::Batch::wait) waits for
    /// one.
    pub fn batches(&self) -> &BTreeSet<Uuid> {
        &self.batches
    }
}

/// A summary in one line.
impl fmt::Display for SubmissionReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known = match self.batches().len() {
            1 => "1 batch".to_owned(),
            count => format!("{count} batches"),
        };
        let batches = match (self.batches().len(), self.has_all_batches) {
            (_, true) => known,
            (0, false) => "batches that are not known".to_owned(),
            (_, false) => format!("{known} and in others that are not known"),
        };
        write!(
            f,
            "submission {:?}: {} of {} analyses created in {batches}, {} rejected",
            self.name,
            self.created(),
            self.counts.analyses,
            self.rejected()
        )?;
        match self.creation_failed() {
            0 => Ok(()),
            failed => write!(f, ", {failed} not created by ICA"),
        }
    }
}

/// State of a run that its report needs and the journal does not record.
#[derive(Debug, Default)]
pub(super) struct Findings {
    /// Last failures of chunks that have no outcome, by label.
    pub(super) failures: HashMap<String, LastFailure>,
    /// User references of analyses that exist several times.
    pub(super) several: Vec<String>,
}

/// Reads the report from the journal.
pub(super) async fn read(
    journal: &Journal,
    name: &str,
    submission: i64,
    findings: &Findings,
) -> Result<SubmissionReport> {
    let failures = &findings.failures;
    let ReportStart {
        totals,
        rows,
        has_all_items,
    } = journal.report_start(submission, LISTED).await?;
    let analyses = with_failures(rows, failures);
    let mut report = SubmissionReport {
        name: name.to_owned(),
        counts: totals.counts,
        batches: totals.batches,
        has_all_batches: totals.has_all_batches,
        has_all_items,
        failed: first(&analyses, SubmissionOutcome::is_failure),
        pending: first(&analyses, SubmissionOutcome::is_pending),
        duplicates: findings.several.iter().take(ATTENTION).cloned().collect(),
        analyses,
    };
    let mut from = next_position(&report.analyses);
    // Rows are read only while some that need attention are missing.
    while let Some(start) = from.filter(|_| report.lacks_attention()) {
        let rows = with_failures(journal.report(submission, start, LISTED).await?, failures);
        from = next_position(&rows);
        for (list, is_listed) in [
            (
                &mut report.failed,
                SubmissionOutcome::is_failure as fn(&SubmissionOutcome) -> bool,
            ),
            (&mut report.pending, SubmissionOutcome::is_pending),
        ] {
            let room = ATTENTION.saturating_sub(list.len());
            list.extend(first(&rows, is_listed).into_iter().take(room));
        }
    }
    Ok(report)
}

impl SubmissionReport {
    /// Returns whether a list of analyses that need attention has room for one that exists.
    fn lacks_attention(&self) -> bool {
        let lacks = |listed: usize, count: u64| listed < ATTENTION && (listed as u64) < count;
        let failed = self.counts.rejected.saturating_add(self.counts.creation_failed);
        lacks(self.failed.len(), failed) || lacks(self.pending.len(), self.counts.pending())
    }
}

fn with_failures(rows: Vec<ReportRow>, failures: &HashMap<String, LastFailure>) -> Vec<SubmittedAnalysis> {
    let with_failure = |row| {
        let mut analysis = submitted(row);
        if let SubmissionOutcome::Pending { failure } = &mut analysis.outcome {
            *failure = failures.get(&analysis.chunk).cloned();
        }
        analysis
    };
    rows.into_iter().map(with_failure).collect()
}

/// Returns the position after a page of rows. None after the last page.
fn next_position(rows: &[SubmittedAnalysis]) -> Option<u64> {
    let last = rows.last().filter(|_| rows.len() == LISTED)?;
    last.position.checked_add(1)
}

/// Returns the first analyses that need attention.
fn first(rows: &[SubmittedAnalysis], is_listed: impl Fn(&SubmissionOutcome) -> bool) -> Vec<SubmittedAnalysis> {
    let listed = rows.iter().filter(|analysis| is_listed(&analysis.outcome));
    listed.take(ATTENTION).cloned().collect()
}
