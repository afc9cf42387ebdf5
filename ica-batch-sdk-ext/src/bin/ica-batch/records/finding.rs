//! Finding of an audit.

use std::fmt::Write as _;

use ica_batch_sdk_ext::{AuditFinding, AuditProblem, Uuid};
use schemars::JsonSchema;
use serde::Serialize;

use super::cells::{list, optional};
use crate::output::{Column, Record};

/// Finding of an audit about a row, or about rows with the same user reference and content.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "audit-finding", inline)]
pub(crate) struct FindingRow {
    /// Kind of the finding: `missing` (the journal has the analysis as created, and ICA does not
    /// have it), `several` (ICA has more analyses than there are rows), `unrecorded` (ICA has the
    /// analysis of a row that the journal does not have as created) or `stranger` (ICA has an
    /// analysis with the mark of the submission that no row asks for).
    #[schemars(with = "String")]
    problem: AuditProblem,
    /// User reference.
    user_reference: String,
    /// Position of the row in the submission, from 0: of the first one, if there are several. Null if no
    /// row asks for the analyses.
    position: Option<u64>,
    /// Number of rows that are missing, or of analyses: of `several`, all that ICA has of the row, or of
    /// the rows with the same user reference and content.
    count: u64,
    /// Ids of the analyses that ICA has of the row, the first 10. Those that the journal recorded come
    /// first.
    analyses: Vec<Uuid>,
    /// Ids of the analyses that the journal recorded for the row: of one that ICA does not have, and of
    /// those in `analyses`.
    recorded: Vec<Uuid>,
}

impl From<&AuditFinding> for FindingRow {
    fn from(finding: &AuditFinding) -> Self {
        Self {
            problem: finding.problem,
            user_reference: finding.user_reference.clone(),
            position: finding.position,
            count: finding.count,
            analyses: finding.analyses.clone(),
            recorded: finding.recorded.clone(),
        }
    }
}

/// Returns the name of a problem, as JSON has it.
fn name(problem: AuditProblem) -> String {
    match serde_json::to_value(problem) {
        Ok(serde_json::Value::String(name)) => name,
        _ => format!("{problem:?}"),
    }
}

impl Record for FindingRow {
    const COLUMNS: &'static [Column<Self>] = &[
        Column::new("problem", |row, cell| cell.write_str(&name(row.problem))),
        Column::new("user_reference", |row, cell| cell.write_str(&row.user_reference)),
        Column::further("position", |row, cell| optional(cell, row.position)),
        Column::new("count", |row, cell| write!(cell, "{}", row.count)),
        Column::new("analyses", |row, cell| list(cell, &row.analyses)),
        Column::new("recorded", |row, cell| list(cell, &row.recorded)),
    ];
}
