//! Reading submissions, chunks and outcomes.

use std::collections::BTreeSet;

use rusqlite::{Connection, params};
use uuid::Uuid;

use super::creation_failures::{self, MESSAGE};
use super::database::{DbError, DbResult};
use super::rows::{self, ANALYSIS, ANALYSIS_COLUMNS, CHUNK, CHUNK_COLUMNS};
use crate::error::{Problem, Scrubber};
use crate::journal::records::{ChunkState, JournalChunk, JournalEntry, SubmissionCounts, SubmissionState, Which};
use crate::journal::steps::{FAILED, ReportRow, ReportTotals};
use crate::journal::time::from_millis;

/// Returns the submissions that are asked for, in the order in which they were recorded.
pub(super) fn submissions(connection: &Connection, which: Which<'_>) -> DbResult<Vec<JournalEntry>> {
    let (id, is_last) = match which {
        Which::All => (None, false),
        Which::Id(id) => (Some(id), false),
        Which::Last => (None, true),
    };
    // The table is read, and not its index: a damaged index must not hide a submission.
    let sql =
        "SELECT id, endpoint, project, name, state = 'planned', created_at, manifest_digest FROM submission NOT INDEXED
               WHERE state <> 'deleting' AND (?1 IS NULL OR (endpoint = ?1 AND project = ?2 AND name = ?3))
                 AND (NOT ?4 OR id = (SELECT max(id) FROM submission WHERE state <> 'deleting')) ORDER BY id";
    let mut select = connection.prepare_cached(sql)?;
    let [base_url, project, name] = [
        id.map(|id| &id.base_url),
        id.map(|id| &id.project),
        id.map(|id| &id.name),
    ];
    let mut rows = select.query(params![base_url, project, name, is_last])?;
    let mut entries = Vec::new();
    while let Some(row) = rows.next()? {
        let id = row.get(0)?;
        let (is_planned, counts) = (row.get(4)?, counts(connection, id)?);
        entries.push(JournalEntry {
            row: id,
            base_url: row.get(1)?,
            project: row.get(2)?,
            name: row.get(3)?,
            is_planned,
            state: SubmissionState::new(is_planned, counts),
            created_at: from_millis(row.get(5)?),
            manifest_digest: row.get(6)?,
            counts,
        });
    }
    Ok(entries)
}

/// Counts the chunks and analyses of a submission, by state.
pub(super) fn counts(connection: &Connection, submission: i64) -> DbResult<SubmissionCounts> {
    let sql = "SELECT count(*), coalesce(sum(count), 0),
                      coalesce(sum(count) FILTER (WHERE state = 'created'), 0),
                      coalesce(sum(count) FILTER (WHERE state = 'rejected' AND NOT replaced), 0),
                      coalesce(sum(count) FILTER (WHERE replaced), 0)
               FROM (SELECT chunk.count, chunk.state, chunk.state = 'rejected' AND EXISTS (
                         SELECT 1 FROM analysis WHERE analysis.submission = chunk.submission
                                                  AND position = chunk.first AND replaced) AS replaced
                     FROM chunk WHERE submission = ?1 AND state <> 'split')";
    let mut select = connection.prepare_cached(sql)?;
    let (mut counts, rejected_and_replaced) = select.query_row([submission], |row| {
        let counts = SubmissionCounts {
            chunks: row.get(0)?,
            analyses: row.get(1)?,
            created: row.get(2)?,
            rejected: row.get(3)?,
            creation_failed: 0,
        };
        Ok((counts, row.get::<_, u64>(4)?))
    })?;
    if counts.created == 0 {
        counts.analyses = counts.analyses.saturating_sub(rejected_and_replaced);
        return Ok(counts);
    }
    // A chunk that was created may have rows that were not, and rows that others replace.
    let sql = "SELECT count(*) FILTER (WHERE replaced = 1), count(*) FILTER (WHERE replaced = 0)
               FROM analysis WHERE submission = ?1 AND (replaced = 1 OR creation = ?2)";
    let mut select = connection.prepare_cached(sql)?;
    let (replaced, failed): (u64, u64) =
        select.query_row(params![submission, FAILED], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let created_and_replaced = replaced.saturating_sub(rejected_and_replaced);
    counts.analyses = counts.analyses.saturating_sub(replaced);
    counts.created = counts
        .created
        .saturating_sub(created_and_replaced.saturating_add(failed));
    counts.creation_failed = failed;
    Ok(counts)
}

/// Returns the totals of a submission's report.
pub(super) fn totals(connection: &Connection, submission: i64) -> DbResult<ReportTotals> {
    let mut select =
        connection.prepare_cached("SELECT batch FROM chunk WHERE submission = ?1 AND state = 'created'")?;
    let mut rows = select.query([submission])?;
    let (mut batches, mut has_all_batches) = (BTreeSet::new(), true);
    while let Some(row) = rows.next()? {
        match row.get::<_, Option<String>>(0)? {
            Some(batch) => drop(batches.insert(id(&batch, "batch")?)),
            None => has_all_batches = false,
        }
    }
    Ok(ReportTotals {
        counts: counts(connection, submission)?,
        batches,
        has_all_batches,
    })
}

fn id(text: &str, what: &str) -> DbResult<Uuid> {
    text.parse()
        .map_err(|_| DbError::Damaged(format!("it has {text:?} as the id of a {what}")))
}

/// Returns chunks in order of position, a split chunk before its halves.
pub(super) fn chunks(
    connection: &Connection,
    submission: i64,
    after: Option<&JournalChunk>,
    limit: usize,
) -> DbResult<Vec<JournalChunk>> {
    // The halves of a chunk have greater row ids.
    let sql = format!(
        "SELECT {CHUNK}, (SELECT length(bytes) FROM body WHERE chunk = chunk.id) FROM chunk
         WHERE submission = ?1 AND (first, id) > (?2, ?3) ORDER BY first, id LIMIT ?4"
    );
    let (first, row) = after.map_or((0, i64::MIN), |chunk| (chunk.first_position, chunk.row));
    let mut select = connection.prepare_cached(&sql)?;
    let mut rows = select.query(params![submission, first, row, limit])?;
    let mut chunks = Vec::new();
    while let Some(row) = rows.next()? {
        let stored = rows::chunk(row)?;
        let record = stored.record;
        chunks.push(JournalChunk {
            row: stored.row,
            label: record.label,
            first_position: record.first,
            analyses: record.count,
            state: record.state,
            key: record.key,
            digest: record.digest,
            bytes: row.get(CHUNK_COLUMNS)?,
            sent_at: record.sent_at.map(from_millis),
            response_at: record.answered_at.map(from_millis),
            batch: record.batch,
            adopted: record.adopted,
            status: record.status,
            problem: record.problem.as_deref().and_then(problem),
        });
    }
    Ok(chunks)
}

/// Parses a stored problem. It was cut and cleaned before, and a file may contain anything.
fn problem(json: &str) -> Option<Problem> {
    Problem::from_bytes(json.as_bytes(), &Scrubber::without_secrets())
}

/// Returns rows that are not replaced, with their outcomes, from this position on.
pub(super) fn report(connection: &Connection, submission: i64, from: u64, limit: usize) -> DbResult<Vec<ReportRow>> {
    let start = covering(connection, submission, from)?;
    // By chunk and then by position, each by its index.
    let sql = format!(
        "SELECT {CHUNK}, {ANALYSIS}, {MESSAGE} FROM chunk CROSS JOIN analysis
         WHERE chunk.submission = ?1 AND chunk.first >= ?2 AND state <> 'split' AND analysis.submission = ?1
           AND replaced = 0 AND position >= ?3 AND position >= first AND position < first + count
         ORDER BY first, position LIMIT ?4"
    );
    let mut select = connection.prepare_cached(&sql)?;
    let mut rows = select.query(params![submission, start, from, limit])?;
    let mut report = Vec::new();
    while let Some(row) = rows.next()? {
        let chunk = rows::chunk(row)?.record;
        let analysis = rows::analysis(row, CHUNK_COLUMNS)?;
        let item = |text: Option<&str>, what| text.map(|text| id(text, what)).transpose();
        let is_rejected = chunk.state == ChunkState::Rejected;
        let message = row.get_ref(CHUNK_COLUMNS + ANALYSIS_COLUMNS)?.as_bytes_or_null();
        let message = message.map_err(rusqlite::Error::from)?.map(String::from_utf8_lossy);
        report.push(ReportRow {
            position: analysis.position,
            user_reference: analysis.user_reference.to_owned(),
            kind: analysis.kind,
            state: chunk.state,
            chunk: chunk.label,
            key: chunk.key,
            batch: chunk.batch,
            item: item(analysis.item, "item")?,
            analysis: item(analysis.analysis, "analysis")?,
            creation_status: analysis.creation.map(str::to_owned),
            run: analysis.run.map(str::to_owned),
            attempt: analysis.attempt,
            message: message.as_deref().map(creation_failures::shown),
            status: chunk.status,
            problem: chunk.problem.as_deref().filter(|_| is_rejected).and_then(problem),
        });
    }
    Ok(report)
}

/// Returns the first position of the chunk that is not split and has this position.
fn covering(connection: &Connection, submission: i64, position: u64) -> DbResult<u64> {
    let sql = "SELECT coalesce(max(first), 0) FROM chunk WHERE submission = ?1 AND first <= ?2 AND state <> 'split'";
    let mut select = connection.prepare_cached(sql)?;
    Ok(select.query_row(params![submission, position], |row| row.get(0))?)
}
