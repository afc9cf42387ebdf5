//! Chunks and rows, as a plan adds them to the journal.

use rusqlite::{Transaction, params};

use super::database::DbResult;
use super::kind::AnalysisKind;
use crate::idempotency::IdempotencyKey;

/// Row of a manifest, without its JSON.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) kind: AnalysisKind,
    pub(crate) user_reference: String,
    /// SHA-256 of the kind, a zero byte and the JSON.
    pub(crate) digest: [u8; 32],
}

/// Row of a manifest with its JSON.
#[derive(Debug)]
pub(crate) struct ManifestRow {
    pub(crate) row: Row,
    pub(crate) json: Vec<u8>,
}

/// Rows that one request creates.
#[derive(Debug, Clone)]
pub(crate) struct Chunk {
    pub(crate) label: String,
    /// Position of the first row.
    pub(crate) first: u64,
    pub(crate) count: u64,
    pub(crate) key: IdempotencyKey,
    /// SHA-256 of the body, in lowercase hexadecimal digits.
    pub(crate) digest: String,
    /// Exact bytes of the request.
    pub(crate) body: Vec<u8>,
}

/// Chunk of a plan, with its rows.
#[derive(Debug)]
pub(crate) struct PlannedChunk {
    pub(crate) chunk: Chunk,
    pub(crate) rows: Vec<Row>,
}

/// Inserts chunks with their rows.
pub(super) fn insert(transaction: &Transaction<'_>, submission: i64, planned: &[PlannedChunk]) -> DbResult<()> {
    let sql = "INSERT INTO analysis (submission, position, kind, user_reference, digest) VALUES (?1, ?2, ?3, ?4, ?5)";
    let mut insert_row = transaction.prepare_cached(sql)?;
    for PlannedChunk { chunk, rows } in planned {
        insert_chunk(transaction, submission, chunk)?;
        for (position, row) in (chunk.first..).zip(rows) {
            let kind = row.kind.as_str();
            insert_row.execute(params![submission, position, kind, row.user_reference, row.digest])?;
        }
    }
    Ok(())
}

/// Inserts a chunk in the state `planned`.
pub(super) fn insert_chunk(transaction: &Transaction<'_>, submission: i64, chunk: &Chunk) -> DbResult<()> {
    let sql =
        "INSERT INTO chunk (submission, label, first, count, key, digest, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    transaction.prepare_cached(sql)?.execute(params![
        submission,
        chunk.label,
        chunk.first,
        chunk.count,
        chunk.key.as_str(),
        chunk.digest,
        chunk.body
    ])?;
    Ok(())
}
