//! Abort that failed.

use std::fmt::Write as _;

use ica_batch_sdk_ext::{LastFailure, SubmissionOutcome, SubmittedAnalysis, Uuid};
use schemars::JsonSchema;
use serde::Serialize;

use super::cells::optional;
use crate::output::{Column, Record};

/// Analysis that could not be aborted.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "failed-abort", inline)]
pub(crate) struct FailedAbort {
    /// User reference.
    user_reference: String,
    /// Id of the analysis.
    analysis: Option<Uuid>,
    /// HTTP status of the response.
    status: Option<u16>,
    /// Why it could not be aborted.
    message: String,
}

impl From<&(SubmittedAnalysis, LastFailure)> for FailedAbort {
    fn from((analysis, failure): &(SubmittedAnalysis, LastFailure)) -> Self {
        Self {
            user_reference: analysis.user_reference.clone(),
            analysis: match &analysis.outcome {
                SubmissionOutcome::Created { analysis, .. } => *analysis,
                _ => None,
            },
            status: failure.status,
            message: failure.to_string(),
        }
    }
}

impl Record for FailedAbort {
    const COLUMNS: &'static [Column<Self>] = &[
        Column::new("user_reference", |row, cell| cell.write_str(&row.user_reference)),
        Column::new("analysis", |row, cell| optional(cell, row.analysis)),
        Column::new("status", |row, cell| optional(cell, row.status)),
        Column::new("message", |row, cell| cell.write_str(&row.message)),
    ];
}
