//! Kinds of data about submissions, batches and journals, that commands write.
//!
//! - `analysis` is an analysis with its outcome.
//! - `counts` adds analyses up: their numbers by outcome, and their failures by reason.
//! - `status` is the state of a submission or of a batch.
//! - `finding` is a finding of an audit, and `aborting` an abort that failed.
//! - `cells` writes the text of cells.
//! - `journal` has the entries, the chunks and the damage of a journal.

mod aborting;
mod analysis;
mod cells;
mod counts;
mod finding;
mod journal;
mod status;
#[cfg(test)]
mod tests;

use schemars::{JsonSchema, Schema};

use crate::output::Record;
use crate::summary::Summary;

pub(crate) use aborting::FailedAbort;
pub(crate) use analysis::{AnalysisRow, Outcome};
pub(crate) use counts::Tally;
pub(crate) use finding::FindingRow;
pub(crate) use journal::{ChunkRow, DamageRow, EntryRow};
pub(crate) use status::{BatchStatus, Source, SubmissionStatus};

/// Kind of data with the JSON Schema of a record.
pub(crate) struct Kind {
    pub(crate) name: &'static str,
    /// Commands that write it.
    pub(crate) meaning: &'static str,
    pub(crate) schema: fn() -> Schema,
}

/// Returns the kinds of data, in alphabetical order.
pub(crate) fn records() -> Vec<Kind> {
    let kind = |name, meaning, schema| Kind { name, meaning, schema };
    vec![
        kind("analysis", "analysis of `items`", schema::<AnalysisRow>),
        kind("audit-finding", "finding of `audit`", schema::<FindingRow>),
        kind("batch-status", "batch of `status`", schema::<BatchStatus>),
        kind(
            "failed-abort",
            "analysis that `abort` could not abort",
            schema::<FailedAbort>,
        ),
        kind("journal-chunk", "chunk of `journal show`", schema::<ChunkRow>),
        kind("journal-damage", "finding of `journal verify`", schema::<DamageRow>),
        kind(
            "journal-entry",
            "submission of `journal list` and `journal prune`",
            schema::<EntryRow>,
        ),
        kind(
            "submission-status",
            "submission of `status`",
            schema::<SubmissionStatus>,
        ),
        kind("summary", "result of `submit`, `rerun` and `wait`", schema::<Summary>),
    ]
}

/// Returns the schema of what is written: no record lacks a member.
pub(crate) fn schema<R: Record + JsonSchema>() -> Schema {
    let settings = schemars::generate::SchemaSettings::default().for_serialize();
    settings.into_generator().into_root_schema_for::<R>()
}
