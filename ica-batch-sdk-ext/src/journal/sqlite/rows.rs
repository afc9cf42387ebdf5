//! Rows of the tables `chunk` and `analysis`, read without trusting them.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::database::{DbError, DbResult};
use crate::journal::chunks::{AnalysisRecord, ChunkRecord};
use crate::journal::kind::AnalysisKind;
use crate::journal::records::ChunkState;
use crate::journal::time::Millis;

/// Columns of a chunk in the order that [`chunk`] reads.
pub(super) const CHUNK: &str = "chunk.id, chunk.submission, chunk.label, chunk.first, chunk.count, chunk.key, \
     chunk.digest, chunk.state, chunk.sent_at, chunk.batch, chunk.listed, chunk.answered_at, chunk.status, chunk.problem, \
     chunk.sent_until, chunk.identity, chunk.adopted";

/// Number of columns of a chunk.
pub(super) const CHUNK_COLUMNS: usize = 17;

/// Columns of a row of a manifest in the order that [`analysis`] reads.
pub(super) const ANALYSIS: &str = "analysis.position, analysis.kind, analysis.user_reference, analysis.digest, \
     analysis.replaced, analysis.item, analysis.analysis, analysis.creation, analysis.attempt, analysis.run";

/// Number of columns of a row of a manifest.
pub(super) const ANALYSIS_COLUMNS: usize = 10;

/// Largest position and count. It leaves room for sums.
pub(super) const LARGEST: u64 = 1 << 48;

/// Last millisecond of the year 9999.
pub(super) const LAST_TIME: Millis = 253_402_300_799_999;

/// Chunk with its row id and that of its submission.
#[derive(Debug, Clone)]
pub(super) struct StoredChunk {
    pub(super) row: i64,
    pub(super) submission: i64,
    pub(super) record: ChunkRecord,
}

/// Reads a chunk.
pub(super) fn chunk(row: &Row<'_>) -> DbResult<StoredChunk> {
    let label: String = row.get(2)?;
    let wrong = |what: &str, value: &dyn std::fmt::Debug| {
        DbError::Damaged(format!("it has {value:?} as the {what} of chunk {label}"))
    };
    let number = |column, what: &str| -> DbResult<u64> {
        let number: i64 = row.get(column)?;
        let number = u64::try_from(number).ok().filter(|number| *number <= LARGEST);
        number.ok_or_else(|| wrong(what, &row.get::<_, i64>(column)))
    };
    let time = |column, what: &str| -> DbResult<Option<Millis>> {
        let time: Option<Millis> = row.get(column)?;
        match time {
            Some(time) if !(0..=LAST_TIME).contains(&time) => Err(wrong(what, &time)),
            time => Ok(time),
        }
    };
    let key: String = row.get(5)?;
    let state: String = row.get(7)?;
    let batch: Option<String> = row.get(9)?;
    let status: Option<i64> = row.get(12)?;
    let record = ChunkRecord {
        first: number(3, "first position")?,
        count: number(4, "number of rows")?,
        key: key.parse().map_err(|_| wrong("idempotency key", &key))?,
        digest: row.get(6)?,
        state: ChunkState::from_text(&state).ok_or_else(|| wrong("state", &state))?,
        sent_at: time(8, "time of sending")?,
        batch: match batch {
            Some(batch) => Some(batch.parse().map_err(|_| wrong("batch id", &batch))?),
            None => None,
        },
        listed: flag(row.get(10)?)?,
        answered_at: time(11, "time of the response")?,
        status: match status {
            Some(status) => Some(u16::try_from(status).map_err(|_| wrong("HTTP status", &status))?),
            None => None,
        },
        problem: row.get(13)?,
        sent_until: time(14, "last time of sending")?,
        identity: row.get(15)?,
        adopted: flag(row.get(16)?)?,
        label: label.clone(),
    };
    Ok(StoredChunk {
        row: row.get(0)?,
        submission: row.get(1)?,
        record,
    })
}

/// Reads a column that has 0 or 1.
pub(super) fn flag(value: i64) -> DbResult<bool> {
    match value {
        0 => Ok(false),
        1 => Ok(true),
        other => Err(DbError::Damaged(format!("it has {other} where 0 or 1 is expected"))),
    }
}

fn attempt(value: i64) -> DbResult<u32> {
    u32::try_from(value).map_err(|_| DbError::Damaged(format!("it has {value} as the number of an attempt")))
}

/// Reads the chunk with this row id.
pub(super) fn chunk_by_row(connection: &Connection, id: i64) -> DbResult<StoredChunk> {
    let sql = format!("SELECT {CHUNK} FROM chunk WHERE id = ?1");
    let mut select = connection.prepare_cached(&sql)?;
    let mut rows = select.query([id])?;
    match rows.next()? {
        Some(row) => chunk(row),
        None => Err(DbError::Damaged(format!("it lacks the chunk with the row id {id}"))),
    }
}

/// Reads the chunk with this label.
pub(super) fn chunk_by_label(connection: &Connection, submission: i64, label: &str) -> DbResult<Option<StoredChunk>> {
    let sql = "SELECT id FROM chunk WHERE submission = ?1 AND label = ?2";
    let mut select = connection.prepare_cached(sql)?;
    let id = select
        .query_row(params![submission, label], |row| row.get(0))
        .optional()?;
    let Some(id) = id else { return Ok(None) };
    let stored = chunk_by_row(connection, id)?;
    if stored.submission != submission || stored.record.label != label {
        return Err(DbError::Damaged(format!(
            "its index of chunks leads from {label} to another chunk"
        )));
    }
    Ok(Some(stored))
}

/// Returns the user reference of the row at this position.
pub(super) fn user_reference(connection: &Connection, submission: i64, position: u64) -> DbResult<Option<String>> {
    let sql = "SELECT user_reference FROM analysis WHERE submission = ?1 AND position = ?2";
    let mut select = connection.prepare_cached(sql)?;
    let found = select.query_row(params![submission, position], |row| row.get(0));
    Ok(found.optional()?)
}

/// Reads a row of a manifest, of which columns before `offset` are other ones.
pub(super) fn analysis<'a>(row: &'a Row<'_>, offset: usize) -> DbResult<AnalysisRecord<'a>> {
    let text = |column: usize| -> DbResult<Option<&str>> {
        let value = row.get_ref(offset + column)?;
        value.as_str_or_null().map_err(|_| not_text(column))
    };
    let kind = text(1)?.ok_or_else(|| not_text(1))?;
    let position: i64 = row.get(offset)?;
    Ok(AnalysisRecord {
        position: u64::try_from(position)
            .ok()
            .filter(|position| *position <= LARGEST)
            .ok_or_else(|| DbError::Damaged(format!("it has {position} as the position of a row")))?,
        kind: AnalysisKind::from_text(kind)
            .ok_or_else(|| DbError::Damaged(format!("it has {kind:?} as the kind of row {position}")))?,
        user_reference: text(2)?.ok_or_else(|| not_text(2))?,
        digest: row.get_ref(offset + 3)?.as_blob().map_err(|_| not_text(3))?,
        replaced: flag(row.get(offset + 4)?)?,
        item: text(5)?,
        analysis: text(6)?,
        creation: text(7)?,
        attempt: attempt(row.get(offset + 8)?)?,
        run: text(9)?,
    })
}

fn not_text(column: usize) -> DbError {
    DbError::Damaged(format!(
        "it has a value of another type in column {column} of a manifest's row"
    ))
}
