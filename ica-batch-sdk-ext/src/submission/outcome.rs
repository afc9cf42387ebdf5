//! Outcome of an analysis of a submission.

use std::fmt;

use ica_batch_sdk::types::{AnalysisStatus, ItemStatus};
use serde::Serialize;
use uuid::Uuid;

use super::last_failure::LastFailure;
use crate::error::{NAME, Problem, SENTENCE, shown};
use crate::journal::{AnalysisKind, ChunkState, ReportRow, serialize_problem};

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
    /// Number of earlier attempts to run it: 0 for a row of the manifest.
    pub attempt: u32,
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
            attempt: 0,
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
    /// ICA has accepted the analysis.
    Created {
        /// Id of the batch. None for an analysis that was found in ICA, because the response to its
        /// request is not known.
        batch: Option<Uuid>,
        /// Id of its item, once the batch's items were listed.
        item: Option<Uuid>,
        /// Id of the analysis, once ICA has created it.
        analysis: Option<Uuid>,
        /// Status of its creation when the items were listed last. The creation of a single
        /// analysis can still fail.
        creation_status: Option<ItemStatus>,
        /// Why ICA could not create the analysis, in the words of ICA. It is known when the items were
        /// listed.
        #[serde(skip_serializing_if = "Option::is_none")]
        message: Option<String>,
        /// Status of its run when it was read last.
        run_status: Option<AnalysisStatus>,
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
            message: None,
            run_status: None,
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

    /// Returns whether ICA has accepted the analysis.
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
                message,
                run_status,
                ..
            } => {
                f.write_str("created")?;
                if let Some(batch) = batch {
                    write!(f, " in batch {batch}")?;
                }
                match (analysis, creation_status) {
                    (Some(analysis), _) => write!(f, " as analysis {analysis}")?,
                    (None, Some(status)) => write!(f, ", creation {status}")?,
                    (None, None) => {}
                }
                if let Some(status) = run_status {
                    write!(f, ", run {status}")?;
                }
                match message {
                    Some(message) => write!(f, " ({})", shown(message, SENTENCE)),
                    None => Ok(()),
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

/// Returns a row of the journal with its outcome.
pub(super) fn submitted(row: ReportRow) -> SubmittedAnalysis {
    let outcome = match row.state {
        ChunkState::Created => SubmissionOutcome::Created {
            batch: row.batch,
            item: row.item,
            analysis: row.analysis,
            creation_status: row.creation_status.map(|status| ItemStatus::from(status.as_str())),
            message: row.message,
            run_status: row.run.map(|status| AnalysisStatus::from(status.as_str())),
        },
        ChunkState::Rejected => SubmissionOutcome::rejected(row.status, row.problem),
        _ => SubmissionOutcome::pending(),
    };
    SubmittedAnalysis {
        position: row.position,
        user_reference: row.user_reference,
        kind: row.kind,
        chunk: row.chunk,
        attempt: row.attempt,
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
            message: None,
            run_status: None,
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
