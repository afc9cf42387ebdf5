//! Entries, chunks and damage of a journal.

use std::fmt::Write as _;

use ica_batch_sdk_ext::{ChunkState, JournalChunk, JournalEntry, Uuid};
use schemars::JsonSchema;
use serde::Serialize;

use super::analysis::rejection;
use super::cells::{optional, time};
use crate::output::{Column, Record};

/// Submission of a journal.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "journal-entry", inline)]
pub(crate) struct EntryRow {
    /// Name of the submission.
    submission: String,
    /// Time when it was recorded, in UTC.
    #[schemars(extend("format" = "date-time"))]
    created_at: String,
    /// Whether the manifest was read to its end. Nothing is sent before that.
    planned: bool,
    /// Number of analyses.
    analyses: u64,
    /// Number of analyses that ICA has accepted, except those that it could not create.
    created: u64,
    /// Number of analyses that ICA rejected.
    rejected: u64,
    /// Number of analyses that ICA has accepted and then could not create.
    not_created: u64,
    /// Number of analyses that were not sent, or whose response is not known.
    pending: u64,
    /// Number of chunks.
    chunks: u64,
    /// Id of the project.
    project: String,
    /// Base URL of the API.
    base_url: String,
}

impl From<&JournalEntry> for EntryRow {
    fn from(entry: &JournalEntry) -> Self {
        let counts = entry.counts();
        Self {
            submission: entry.name().to_owned(),
            created_at: time(entry.created_at()),
            planned: entry.is_planned(),
            analyses: counts.analyses,
            created: counts.created,
            rejected: counts.rejected,
            not_created: counts.creation_failed,
            pending: counts.pending(),
            chunks: counts.chunks,
            project: entry.project().to_owned(),
            base_url: entry.base_url().to_owned(),
        }
    }
}

impl Record for EntryRow {
    const COLUMNS: &'static [Column<Self>] = &[
        Column::new("submission", |row, cell| cell.write_str(&row.submission)),
        Column::new("created_at", |row, cell| cell.write_str(&row.created_at)),
        Column::further("planned", |row, cell| write!(cell, "{}", row.planned)),
        Column::new("analyses", |row, cell| write!(cell, "{}", row.analyses)),
        Column::new("created", |row, cell| write!(cell, "{}", row.created)),
        Column::new("rejected", |row, cell| write!(cell, "{}", row.rejected)),
        Column::new("not_created", |row, cell| write!(cell, "{}", row.not_created)),
        Column::new("pending", |row, cell| write!(cell, "{}", row.pending)),
        Column::further("chunks", |row, cell| write!(cell, "{}", row.chunks)),
        Column::further("project", |row, cell| cell.write_str(&row.project)),
        Column::further("base_url", |row, cell| cell.write_str(&row.base_url)),
    ];
}

/// Chunk of a submission: the analyses that one request creates.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "journal-chunk", inline)]
pub(crate) struct ChunkRow {
    /// Label: the number of the chunk from 0. The parts of a split chunk add `.0`, `.1` and so on.
    chunk: String,
    /// State: `planned`, `sent`, `created`, `rejected` or `split`.
    #[schemars(with = "String")]
    state: ChunkState,
    /// Number of its analyses.
    analyses: u64,
    /// Position of its first analysis in the submission, from 0.
    first_position: u64,
    /// Id of its batch.
    batch: Option<Uuid>,
    /// Whether its analyses were found in ICA, because its request had no response.
    adopted: bool,
    /// Time since when it may have been executed without a known response, in UTC.
    sent_at: Option<String>,
    /// Time when its response was recorded, in UTC.
    response_at: Option<String>,
    /// Message of ICA about its rejection.
    message: Option<String>,
    /// Idempotency key that it is sent with.
    idempotency_key: String,
    /// SHA-256 of the body of the request, in hexadecimal digits.
    digest: String,
    /// Length of the body of the request in bytes. Not known after the body was deleted.
    bytes: Option<u64>,
}

impl From<&JournalChunk> for ChunkRow {
    fn from(chunk: &JournalChunk) -> Self {
        Self {
            chunk: chunk.label.clone(),
            state: chunk.state,
            analyses: chunk.analyses,
            first_position: chunk.first_position,
            batch: chunk.batch,
            adopted: chunk.adopted,
            sent_at: chunk.sent_at.map(time),
            response_at: chunk.response_at.map(time),
            message: rejection(chunk.status, chunk.problem.as_ref()),
            idempotency_key: chunk.key.to_string(),
            digest: chunk.digest.clone(),
            bytes: chunk.bytes,
        }
    }
}

impl Record for ChunkRow {
    const COLUMNS: &'static [Column<Self>] = &[
        Column::new("chunk", |row, cell| cell.write_str(&row.chunk)),
        Column::new("state", |row, cell| cell.write_str(row.state.as_str())),
        Column::new("analyses", |row, cell| write!(cell, "{}", row.analyses)),
        Column::further("first_position", |row, cell| write!(cell, "{}", row.first_position)),
        Column::new("batch", |row, cell| optional(cell, row.batch)),
        Column::further("adopted", |row, cell| write!(cell, "{}", row.adopted)),
        Column::further("sent_at", |row, cell| optional(cell, row.sent_at.as_ref())),
        Column::new("response_at", |row, cell| optional(cell, row.response_at.as_ref())),
        Column::further("message", |row, cell| optional(cell, row.message.as_ref())),
        Column::further("idempotency_key", |row, cell| cell.write_str(&row.idempotency_key)),
        Column::further("digest", |row, cell| cell.write_str(&row.digest)),
        Column::further("bytes", |row, cell| optional(cell, row.bytes)),
    ];
}

/// Damage of a journal, or a change of it by another program.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "journal-damage", inline)]
pub(crate) struct DamageRow {
    /// Sentence on what is damaged.
    pub(crate) damage: String,
}

impl Record for DamageRow {
    const COLUMNS: &'static [Column<Self>] = &[Column::new("damage", |row, cell| cell.write_str(&row.damage))];
}
