//! The report of a submission: its outcomes, by analysis.

use std::collections::{BTreeSet, HashMap};
use std::fmt;

use ica_batch_sdk::types::ItemStatus;
use serde::Serialize;
use uuid::Uuid;

use super::last_failure::LastFailure;
use crate::error::{NAME, Problem, Result, SENTENCE, shown};
use crate::journal::{AnalysisKind, ChunkState, Journal, ReportRow, SubmissionCounts, serialize_problem};

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
    analyses: Vec<SubmittedAnalysis>,
    failed: Vec<SubmittedAnalysis>,
    pending: Vec<SubmittedAnalysis>,
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
                created: count(SubmissionOutcome::is_created),
                rejected: count(|outcome| matches!(outcome, SubmissionOutcome::Rejected { .. })),
            },
            batches: analyses
                .iter()
                .filter_map(|analysis| analysis.outcome.batch())
                .collect(),
            failed: first(&analyses, SubmissionOutcome::is_failure),
            pending: first(&analyses, SubmissionOutcome::is_pending),
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

    /// Returns whether [`analyses`](Self::analyses) are all.
    pub fn has_all_analyses(&self) -> bool {
        self.analyses.len() as u64 == self.counts.analyses
    }

    /// Returns the numbers of chunks and analyses, by state.
    pub fn counts(&self) -> SubmissionCounts {
        self.counts
    }

    /// Returns the number of analyses that are in a batch.
    pub fn created(&self) -> usize {
        usize::try_from(self.counts.created).unwrap_or(usize::MAX)
    }

    /// Returns the number of analyses that ICA rejected.
    pub fn rejected(&self) -> usize {
        usize::try_from(self.counts.rejected).unwrap_or(usize::MAX)
    }

    /// Returns whether each analysis is created or rejected. After a run that succeeded, it is.
    pub fn is_complete(&self) -> bool {
        self.counts.pending() == 0
    }

    /// Returns the ids of the batches of all analyses. [`Batch::wait`](crate::Batch::wait) waits for
    /// one.
    pub fn batches(&self) -> &BTreeSet<Uuid> {
        &self.batches
    }
}

/// A summary in one line.
impl fmt::Display for SubmissionReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let batches = self.batches().len();
        write!(
            f,
            "submission {:?}: {} of {} analyses created in {batches} {}, {} rejected",
            self.name,
            self.created(),
            self.counts.analyses,
            if batches == 1 { "batch" } else { "batches" },
            self.rejected()
        )
    }
}

/// Analysis of a submission, and its outcome.
///
/// ```
/// use ica_batch_sdk_ext::{SubmissionOutcome, SubmittedAnalysis};
///
/// let mut analysis = SubmittedAnalysis::new(3, "sample-3", SubmissionOutcome::rejected(Some(400), None));
/// analysis.chunk = "0.1.1".to_owned();
/// assert_eq!(analysis.to_string(), "sample-3: rejected (HTTP 400)");
/// assert_eq!(serde_json::to_value(&analysis)?["userReference"], "sample-3");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct SubmittedAnalysis {
    /// Position in the submission, from 0. Rows that were accepted later come last.
    pub position: u64,
    /// User reference.
    pub user_reference: String,
    /// Kind.
    pub kind: AnalysisKind,
    /// Label of the chunk that contains it.
    pub chunk: String,
    /// Outcome.
    #[serde(flatten)]
    pub outcome: SubmissionOutcome,
}

impl SubmittedAnalysis {
    /// Creates a Nextflow analysis of chunk 0, for tests of a program that handles one. The fields
    /// can be changed.
    pub fn new(position: u64, user_reference: impl Into<String>, outcome: SubmissionOutcome) -> Self {
        Self {
            position,
            user_reference: user_reference.into(),
            kind: AnalysisKind::Nextflow,
            chunk: "0".to_owned(),
            outcome,
        }
    }
}

/// The user reference and the outcome, in one line.
impl fmt::Display for SubmittedAnalysis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", shown(&self.user_reference, NAME), self.outcome)
    }
}

/// Outcome of an analysis of a submission.
///
/// ```
/// use ica_batch_sdk_ext::{SubmissionOutcome, Uuid};
///
/// let outcome = SubmissionOutcome::created(Uuid::from_u128(7));
/// assert_eq!(outcome.batch(), Some(Uuid::from_u128(7)));
/// assert_eq!(outcome.to_string(), "created in batch 00000000-0000-0000-0000-000000000007");
/// assert_eq!(SubmissionOutcome::pending().to_string(), "pending");
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "outcome", rename_all = "snake_case", rename_all_fields = "camelCase")]
#[non_exhaustive]
pub enum SubmissionOutcome {
    /// The analysis was created.
    Created {
        /// Id of the batch. None if the analysis was found in ICA by its marks.
        batch: Option<Uuid>,
        /// Id of its item, once the batch's items were listed.
        item: Option<Uuid>,
        /// Id of the analysis, once ICA has created it.
        analysis: Option<Uuid>,
        /// Status of its creation when the items were listed last. The creation of a single
        /// analysis can still fail.
        creation_status: Option<ItemStatus>,
    },
    /// ICA rejected the analysis, and it was not created.
    Rejected {
        /// HTTP status.
        status: Option<u16>,
        /// Problem that ICA reported.
        #[serde(serialize_with = "serialize_problem")]
        problem: Option<Problem>,
    },
    /// The analysis was not sent, or its response is not known.
    Pending {
        /// Last failure of its chunk in this run.
        #[serde(skip_serializing_if = "Option::is_none")]
        failure: Option<LastFailure>,
    },
}

impl SubmissionOutcome {
    /// Creates the outcome of an analysis that is in this batch, and whose item is not known.
    pub fn created(batch: Uuid) -> Self {
        Self::Created {
            batch: Some(batch),
            item: None,
            analysis: None,
            creation_status: None,
        }
    }

    /// Creates the outcome of an analysis that ICA rejected.
    pub fn rejected(status: Option<u16>, problem: Option<Problem>) -> Self {
        Self::Rejected { status, problem }
    }

    /// Creates the outcome of an analysis that has none yet.
    pub fn pending() -> Self {
        Self::Pending { failure: None }
    }

    /// Returns whether the analysis was not sent, or its response is not known.
    pub fn is_pending(&self) -> bool {
        matches!(self, Self::Pending { .. })
    }

    /// Returns whether ICA rejected the analysis, or accepted it and could not create it.
    pub fn is_failure(&self) -> bool {
        match self {
            Self::Rejected { .. } => true,
            Self::Created { creation_status, .. } => *creation_status == Some(ItemStatus::Failed),
            Self::Pending { .. } => false,
        }
    }

    /// Returns whether the analysis was created, or ICA has accepted it.
    pub fn is_created(&self) -> bool {
        matches!(self, Self::Created { .. })
    }

    /// Returns the id of the batch that contains the analysis, if it is known.
    pub fn batch(&self) -> Option<Uuid> {
        match self {
            Self::Created { batch, .. } => *batch,
            _ => None,
        }
    }
}

impl fmt::Display for SubmissionOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pending { failure: None } => f.write_str("pending"),
            Self::Pending { failure: Some(failure) } => write!(f, "pending: {failure}"),
            Self::Created {
                batch,
                analysis,
                creation_status,
                ..
            } => {
                match batch {
                    Some(batch) => write!(f, "created in batch {batch}")?,
                    None => f.write_str("created")?,
                }
                match (analysis, creation_status) {
                    (Some(analysis), _) => write!(f, " as analysis {analysis}"),
                    (None, Some(status)) => write!(f, ", creation {status}"),
                    (None, None) => Ok(()),
                }
            }
            Self::Rejected { status, problem } => {
                f.write_str("rejected")?;
                let problem = problem.as_ref();
                let parts = [
                    status.map(|status| format!("HTTP {status}")),
                    problem.and_then(Problem::code).map(|code| shown(code, NAME)),
                ];
                let parts = parts.into_iter().flatten().collect::<Vec<_>>();
                if !parts.is_empty() {
                    write!(f, " ({})", parts.join(", "))?;
                }
                match problem.and_then(Problem::detail) {
                    Some(detail) => write!(f, ": {}", shown(detail, SENTENCE)),
                    None => Ok(()),
                }
            }
        }
    }
}

/// Last failures of the chunks of a run that have no outcome, by label.
pub(super) type Failures = HashMap<String, LastFailure>;

/// Reads the report from the journal.
pub(super) async fn read(
    journal: &Journal,
    name: &str,
    submission: i64,
    failures: &Failures,
) -> Result<SubmissionReport> {
    let totals = journal.totals(submission).await?;
    let analyses = page(journal, submission, 0, failures).await?;
    let mut report = SubmissionReport {
        name: name.to_owned(),
        counts: totals.counts,
        batches: totals.batches,
        failed: first(&analyses, SubmissionOutcome::is_failure),
        pending: first(&analyses, SubmissionOutcome::is_pending),
        analyses,
    };
    let mut from = next_position(&report.analyses);
    // Rows are read only while some that need attention are missing.
    while let Some(start) = from.filter(|_| report.lacks_attention()) {
        let rows = page(journal, submission, start, failures).await?;
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
        let rejected = { self.failed.iter() }.filter(|analysis| !analysis.outcome.is_created());
        let lacks_rejected = self.failed.len() < ATTENTION && lacks(rejected.count(), self.counts.rejected);
        lacks_rejected || lacks(self.pending.len(), self.counts.pending())
    }
}

async fn page(journal: &Journal, submission: i64, from: u64, failures: &Failures) -> Result<Vec<SubmittedAnalysis>> {
    let rows = journal.report(submission, from, LISTED).await?.into_iter();
    let with_failure = |row| {
        let mut analysis = submitted(row);
        if let SubmissionOutcome::Pending { failure } = &mut analysis.outcome {
            *failure = failures.get(&analysis.chunk).cloned();
        }
        analysis
    };
    Ok(rows.map(with_failure).collect())
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

pub(super) fn submitted(row: ReportRow) -> SubmittedAnalysis {
    let outcome = match row.state {
        ChunkState::Created => SubmissionOutcome::Created {
            batch: row.batch,
            item: row.item,
            analysis: row.analysis,
            creation_status: row.creation_status.map(|status| ItemStatus::from(status.as_str())),
        },
        ChunkState::Rejected => SubmissionOutcome::rejected(row.status, row.problem),
        _ => SubmissionOutcome::pending(),
    };
    SubmittedAnalysis {
        position: row.position,
        user_reference: row.user_reference,
        kind: row.kind,
        chunk: row.chunk,
        outcome,
    }
}

#[cfg(test)]
mod tests {
    use ica_batch_sdk::types::ItemStatus;
    use uuid::Uuid;

    use super::SubmissionOutcome;
    use crate::error::{Problem, Scrubber};

    #[test]
    fn an_outcome_is_shown_with_what_is_known() {
        let [batch, item, analysis] = [1, 2, 3].map(Uuid::from_u128);
        let created = |analysis, creation_status| SubmissionOutcome::Created {
            batch: Some(batch),
            item: Some(item),
            analysis,
            creation_status,
        };
        let shown = created(Some(analysis), Some(ItemStatus::Succeeded)).to_string();
        assert_eq!(shown, format!("created in batch {batch} as analysis {analysis}"));
        let shown = created(None, Some(ItemStatus::Failed)).to_string();
        assert_eq!(shown, format!("created in batch {batch}, creation FAILED"));
        let json = br#"{"title":"ICA_API_001","detail":"no such pipeline"}"#;
        let problem = Problem::from_bytes(json, &Scrubber::without_secrets());
        let outcome = SubmissionOutcome::rejected(Some(400), problem);
        assert_eq!(
            outcome.to_string(),
            "rejected (HTTP 400, ICA_API_001): no such pipeline"
        );
        let json = serde_json::to_value(&outcome).unwrap();
        assert_eq!(
            (&json["outcome"], &json["problem"]["code"]),
            (&"rejected".into(), &"ICA_API_001".into())
        );
    }
}
