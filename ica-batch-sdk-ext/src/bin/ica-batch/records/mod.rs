//! Kinds of data about submissions, batches and journals, that commands write.
//!
//! - `analysis` is an analysis with its outcome.
//! - `counts` adds analyses up: their numbers by outcome, and their failures by reason.
//! - `status` is the state of a submission or of a batch.
//! - `finding` is a finding of an audit, and `aborting` an abort that failed.
//! - `journal` has the entries, the chunks and the damage of a journal.

mod aborting;
mod analysis;
mod counts;
mod finding;
mod journal;
mod status;
#[cfg(test)]
mod tests;

use std::fmt::{self, Display, Write as _};
use std::time::SystemTime;

use chrono::{DateTime, SecondsFormat, Utc};
use schemars::{JsonSchema, Schema};

use crate::output::Record;

pub(crate) use aborting::FailedAbort;
pub(crate) use analysis::{AnalysisRow, Outcome};
pub(crate) use counts::{Reason, Tally};
pub(crate) use finding::FindingRow;
pub(crate) use journal::{ChunkRow, DamageRow, EntryRow};
pub(crate) use status::{BatchStatus, Source, SubmissionStatus};

/// Returns the names of the kinds of data with the JSON Schema of a record, in alphabetical order.
#[cfg_attr(not(test), allow(dead_code, reason = "the command `schema` shows them"))]
pub(crate) fn records() -> Vec<(&'static str, Schema)> {
    vec![
        ("analysis", schema::<AnalysisRow>()),
        ("audit-finding", schema::<FindingRow>()),
        ("batch-status", schema::<BatchStatus>()),
        ("failed-abort", schema::<FailedAbort>()),
        ("journal-chunk", schema::<ChunkRow>()),
        ("journal-damage", schema::<DamageRow>()),
        ("journal-entry", schema::<EntryRow>()),
        ("submission-status", schema::<SubmissionStatus>()),
    ]
}

/// Returns the schema of what is written: a member can be absent from no record.
fn schema<R: Record + JsonSchema>() -> Schema {
    let settings = schemars::generate::SchemaSettings::default().for_serialize();
    settings.into_generator().into_root_schema_for::<R>()
}

/// Writes the value of a cell. Without a value, the cell is empty.
fn optional(cell: &mut String, value: Option<impl Display>) -> fmt::Result {
    match value {
        Some(value) => write!(cell, "{value}"),
        None => Ok(()),
    }
}

/// Writes the values of a cell, with a comma between two.
fn list(cell: &mut String, values: impl IntoIterator<Item = impl Display>) -> fmt::Result {
    for (index, value) in values.into_iter().enumerate() {
        let comma = if index == 0 { "" } else { ", " };
        write!(cell, "{comma}{value}")?;
    }
    Ok(())
}

/// Returns a time as RFC 3339 has it, in UTC, such as `2026-11-28T22:16:12Z`.
fn time(time: SystemTime) -> String {
    DateTime::<Utc>::from(time).to_rfc3339_opts(SecondsFormat::Secs, true)
}
