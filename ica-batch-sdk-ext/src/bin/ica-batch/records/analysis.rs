//! Analysis of a submission or a batch, and its outcome.

use std::fmt::{self, Write as _};

use ica_batch_sdk_ext::types::{AnalysisCreationBatchItemSummary, AnalysisStatus, ItemStatus};
use ica_batch_sdk_ext::{
    AnalysisCreation, AnalysisStatusExt as _, CreationState, Family as _, Problem, RunState, SubmissionOutcome,
    SubmittedAnalysis, Uuid,
};
use schemars::JsonSchema;
use serde::Serialize;

use super::cells::optional;
use crate::output::{Column, Record};
use crate::summary::Stage;

/// Outcome of an analysis, from its row in the manifest to the end of its run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Outcome {
    /// It was not sent, or the response is not known.
    Pending,
    /// ICA rejected it.
    Rejected,
    /// ICA accepted it, and the status of its run is not known yet.
    Accepted,
    /// ICA accepted it, and could not create it.
    NotCreated,
    /// It exists, and its run has not ended.
    Running,
    /// Its run succeeded.
    Succeeded,
    /// Its run failed or was aborted.
    Failed,
}

impl Outcome {
    pub(crate) const ALL: [Self; 7] = [
        Self::Pending,
        Self::Rejected,
        Self::Accepted,
        Self::NotCreated,
        Self::Running,
        Self::Succeeded,
        Self::Failed,
    ];

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Rejected => "rejected",
            Self::Accepted => "accepted",
            Self::NotCreated => "not_created",
            Self::Running => "running",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
        }
    }

    /// Returns whether the analysis ended without success.
    pub(crate) fn is_failure(self) -> bool {
        self.failed_stage().is_some()
    }

    /// Returns the stage in which the analysis failed, if it ended without success.
    pub(crate) fn failed_stage(self) -> Option<Stage> {
        match self {
            Self::Rejected => Some(Stage::Rejected),
            Self::NotCreated => Some(Stage::NotCreated),
            Self::Failed => Some(Stage::RunFailed),
            Self::Pending | Self::Accepted | Self::Running | Self::Succeeded => None,
        }
    }

    /// Returns whether the analysis has neither succeeded nor failed.
    pub(crate) fn is_open(self) -> bool {
        matches!(self, Self::Pending | Self::Accepted | Self::Running)
    }

    /// Returns the outcome of an analysis that ICA has accepted.
    fn of_accepted(creation: CreationState, run: Option<RunState>) -> Self {
        match (creation, run) {
            (_, Some(RunState::Succeeded)) => Self::Succeeded,
            (_, Some(RunState::Failed)) => Self::Failed,
            (_, Some(RunState::Running | RunState::Unknown)) => Self::Running,
            (CreationState::NotCreated, None) => Self::NotCreated,
            (_, None) => Self::Accepted,
        }
    }
}

/// Analysis of a submission or a batch.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "analysis", inline)]
pub(crate) struct AnalysisRow {
    /// User reference.
    pub(crate) user_reference: String,
    /// Outcome.
    pub(crate) outcome: Outcome,
    /// Status of the run as ICA names it, once it is known.
    #[schemars(with = "Option<String>")]
    pub(crate) run_status: Option<AnalysisStatus>,
    /// Status of the creation as ICA names it, once it is known.
    #[schemars(with = "Option<String>")]
    pub(crate) creation_status: Option<ItemStatus>,
    /// Message of ICA about a rejection, or about the creation.
    pub(crate) message: Option<String>,
    /// Id of the analysis, once it exists.
    pub(crate) analysis: Option<Uuid>,
    /// Id of the batch. Not known for an analysis whose request had no response, and that was found
    /// in ICA.
    pub(crate) batch: Option<Uuid>,
    /// Id of the item of the batch.
    pub(crate) item: Option<Uuid>,
    /// Unique name that ICA gave the analysis. Only in an analysis of a batch.
    pub(crate) reference: Option<String>,
    /// Position in the submission, from 0. Only in an analysis of a submission.
    pub(crate) position: Option<u64>,
    /// Number of earlier attempts to run it. Only in an analysis of a submission.
    pub(crate) attempt: Option<u32>,
    /// Label of its chunk. Only in an analysis of a submission.
    pub(crate) chunk: Option<String>,
    /// Kind of the pipeline: `nextflow` or `cwl`. Only in an analysis of a submission.
    #[schemars(with = "Option<String>")]
    pub(crate) kind: Option<&'static str>,
}

impl Record for AnalysisRow {
    const COLUMNS: &'static [Column<Self>] = &[
        Column::new("user_reference", |row, cell| cell.write_str(&row.user_reference)),
        Column::new("outcome", |row, cell| cell.write_str(row.outcome.as_str())),
        Column::new("run_status", |row, cell| optional(cell, row.run_status.as_ref())),
        Column::further("creation_status", |row, cell| {
            optional(cell, row.creation_status.as_ref())
        }),
        Column::new("analysis", |row, cell| id(cell, row.analysis)),
        Column::new("message", |row, cell| text(cell, row.message.as_deref())),
        Column::further("batch", |row, cell| id(cell, row.batch)),
        Column::further("item", |row, cell| id(cell, row.item)),
        Column::further("reference", |row, cell| text(cell, row.reference.as_deref())),
        Column::further("position", |row, cell| optional(cell, row.position)),
        Column::further("attempt", |row, cell| optional(cell, row.attempt)),
        Column::further("chunk", |row, cell| text(cell, row.chunk.as_deref())),
        Column::further("kind", |row, cell| text(cell, row.kind)),
    ];
}

/// Writes an id without the machinery of `write!`: a list has three per row.
fn id(cell: &mut String, id: Option<Uuid>) -> fmt::Result {
    match id {
        Some(id) => cell.write_str(id.hyphenated().encode_lower(&mut Uuid::encode_buffer())),
        None => Ok(()),
    }
}

fn text(cell: &mut String, text: Option<&str>) -> fmt::Result {
    cell.write_str(text.unwrap_or_default())
}

/// Returns why ICA rejected a request: `HTTP 400, ICA_API_001: no such pipeline`.
pub(super) fn rejection(status: Option<u16>, problem: Option<&Problem>) -> Option<String> {
    let status = status.map(|status| format!("HTTP {status}"));
    let code = problem.and_then(Problem::code).map(ToOwned::to_owned);
    let head = [status, code].into_iter().flatten().collect::<Vec<_>>().join(", ");
    let detail = problem.and_then(|problem| problem.detail().or_else(|| problem.title()));
    let parts = [(!head.is_empty()).then_some(head.as_str()), detail];
    let text = parts.into_iter().flatten().collect::<Vec<_>>().join(": ");
    (!text.is_empty()).then_some(text)
}

impl AnalysisRow {
    /// Returns an analysis as the journal has it.
    pub(crate) fn recorded(analysis: SubmittedAnalysis) -> Self {
        let mut row = Self {
            user_reference: analysis.user_reference,
            outcome: Outcome::Pending,
            run_status: None,
            creation_status: None,
            message: None,
            analysis: None,
            batch: None,
            item: None,
            reference: None,
            position: Some(analysis.position),
            attempt: Some(analysis.attempt),
            chunk: Some(analysis.chunk),
            kind: Some(analysis.kind.as_str()),
        };
        match analysis.outcome {
            SubmissionOutcome::Created {
                batch,
                item,
                analysis,
                creation_status,
                message,
                run_status,
            } => {
                let creation =
                    { creation_status.as_ref() }.map_or(CreationState::Pending, AnalysisCreation::creation_state);
                row.outcome = Outcome::of_accepted(creation, run_status.as_ref().map(AnalysisStatus::run_state));
                row.batch = batch;
                row.item = item;
                row.analysis = analysis;
                row.creation_status = creation_status;
                row.message = message;
                row.run_status = run_status;
            }
            SubmissionOutcome::Rejected { status, problem } => {
                row.outcome = Outcome::Rejected;
                row.message = rejection(status, problem.as_ref());
            }
            SubmissionOutcome::Pending { failure } => row.message = failure.map(|failure| failure.to_string()),
            other => row.message = Some(other.to_string()),
        }
        row
    }

    /// Returns an item of a batch as ICA has it.
    ///
    /// Where the job of the batch has ended, nothing more is created.
    pub(crate) fn listed(batch: Uuid, job_has_ended: bool, item: AnalysisCreationBatchItemSummary) -> Self {
        let (analysis, reference, run_status) = match item.created_analysis {
            Some(analysis) => (Some(analysis.id), Some(analysis.reference), Some(analysis.status)),
            None => (None, None, None),
        };
        let creation = AnalysisCreation::creation_state(&item.processing.status);
        let mut outcome = Outcome::of_accepted(creation, run_status.as_ref().map(AnalysisStatus::run_state));
        let mut message = item.processing.additional_status_information;
        if outcome == Outcome::Accepted && creation == CreationState::Pending && job_has_ended {
            outcome = Outcome::NotCreated;
            message = message.or_else(|| Some("it was not created before the job of its batch ended".to_owned()));
        }
        Self {
            user_reference: item.request.user_reference,
            outcome,
            run_status,
            creation_status: Some(item.processing.status),
            message,
            analysis,
            batch: Some(batch),
            item: Some(item.id),
            reference,
            position: None,
            attempt: None,
            chunk: None,
            kind: None,
        }
    }

    /// Returns when and why the analysis failed, if it failed: the same text for the same reason, as
    /// the summaries of `submit` and `wait` have it.
    pub(crate) fn failure(&self) -> Option<(Stage, String)> {
        let message = self.message.as_deref();
        match self.outcome {
            Outcome::Rejected => {
                let reason = match message.map(|message| message.split_once(": ").unwrap_or((message, ""))) {
                    Some((head, "")) => format!("rejected ({head})"),
                    Some((head, detail)) => format!("rejected ({head}): {detail}"),
                    None => "rejected".to_owned(),
                };
                Some((Stage::Rejected, reason))
            }
            Outcome::NotCreated => {
                let message = message.map(|message| format!(" ({message})"));
                Some((Stage::NotCreated, format!("not created{}", message.unwrap_or_default())))
            }
            Outcome::Failed => {
                let status = self.run_status.as_ref().map(|status| format!(", {status}"));
                Some((Stage::RunFailed, format!("run failed{}", status.unwrap_or_default())))
            }
            Outcome::Pending | Outcome::Accepted | Outcome::Running | Outcome::Succeeded => None,
        }
    }
}
