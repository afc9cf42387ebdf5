//! The item and analysis of ICA that belong to each row, and the rows of a report.

use std::collections::{HashMap, HashSet};

use rusqlite::{Connection, Row, params};
use uuid::Uuid;

use super::database::{DbError, DbResult, write_transaction};
use super::kind::AnalysisKind;
use super::records::ChunkState;
use crate::error::{Problem, Scrubber};

/// Chunk with rows whose item, or whether the item was created, is not recorded yet.
#[derive(Debug, Clone)]
pub(crate) struct UnlistedChunk {
    pub(crate) row: i64,
    pub(crate) label: String,
    pub(crate) first: u64,
    pub(crate) count: u64,
    pub(crate) batch: Uuid,
}

/// Returns such chunks from this position on.
pub(super) fn unlisted_chunks(
    connection: &Connection,
    submission: i64,
    from: u64,
    limit: usize,
) -> DbResult<Vec<UnlistedChunk>> {
    let sql =
        "SELECT id, first, batch, label, count FROM chunk WHERE submission = ?1 AND first >= ?2 AND state = 'created' AND EXISTS (
                   SELECT 1 FROM analysis WHERE analysis.submission = chunk.submission
                       AND position >= first AND position < first + count
                       AND (creation IS NULL OR creation NOT IN ('SUCCEEDED', 'FAILED')))
               ORDER BY first LIMIT ?3";
    let mut select = connection.prepare_cached(sql)?;
    let mut rows = select.query(params![submission, from, limit])?;
    let mut chunks = Vec::new();
    while let Some(row) = rows.next()? {
        let (batch, label): (String, String) = (row.get(2)?, row.get(3)?);
        chunks.push(UnlistedChunk {
            row: row.get(0)?,
            first: row.get(1)?,
            count: row.get(4)?,
            batch: batch
                .parse()
                .map_err(|_| DbError::Damaged(format!("it has {batch:?} as the batch id of chunk {label}")))?,
            label,
        });
    }
    Ok(chunks)
}

/// Item of a batch, as ICA listed it.
#[derive(Debug, Clone)]
pub(crate) struct ListedItem {
    pub(crate) user_reference: String,
    pub(crate) item: Uuid,
    pub(crate) analysis: Option<Uuid>,
    pub(crate) creation_status: String,
}

/// Result of recording the items of a batch.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum ItemsResult {
    Recorded,
    /// The batch has an item that its chunk did not request. Nothing was recorded.
    Unrequested(UnrequestedItem),
}

/// Item that is not one of its chunk.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum UnrequestedItem {
    /// No row of the chunk, or no further row, has this user reference.
    Reference(String),
    /// The list contains the item with this id twice.
    Repeated(Uuid),
}

/// Records the items of a chunk's rows. Rows that share a user reference keep the item that was
/// recorded first.
///
/// Each item belongs to a row of its own. Rows without an item are normal while the job of the
/// batch is active.
pub(super) fn record_items(connection: &mut Connection, chunk: i64, items: &[ListedItem]) -> DbResult<ItemsResult> {
    let mut ids = HashSet::new();
    if let Some(repeated) = items.iter().find(|item| !ids.insert(item.item)) {
        return Ok(ItemsResult::Unrequested(UnrequestedItem::Repeated(repeated.item)));
    }
    let mut by_reference: HashMap<&str, Vec<&ListedItem>> = HashMap::new();
    for item in items.iter().rev() {
        by_reference.entry(&item.user_reference).or_default().push(item);
    }
    let transaction = write_transaction(connection)?;
    {
        let sql = "SELECT analysis.submission, position, user_reference, item FROM chunk
                   JOIN analysis ON analysis.submission = chunk.submission
                                AND position >= first AND position < first + count
                   WHERE chunk.id = ?1 ORDER BY item IS NULL, position";
        let mut select = transaction.prepare_cached(sql)?;
        let mut rows = select.query([chunk])?;
        let sql = "UPDATE analysis SET item = ?3, analysis = ?4, creation = ?5 WHERE submission = ?1 AND position = ?2";
        let mut update = transaction.prepare_cached(sql)?;
        while let Some(row) = rows.next()? {
            let (submission, position): (i64, i64) = (row.get(0)?, row.get(1)?);
            let (reference, known): (String, Option<String>) = (row.get(2)?, row.get(3)?);
            let Some(candidates) = by_reference.get_mut(reference.as_str()) else {
                continue;
            };
            let is_known = |item: &&ListedItem| known.as_deref() == Some(&item.item.to_string());
            let found = match candidates.iter().position(is_known) {
                Some(index) => Some(candidates.remove(index)),
                None => candidates.pop(),
            };
            if let Some(item) = found {
                let analysis = item.analysis.map(|id| id.to_string());
                update.execute(params![
                    submission,
                    position,
                    item.item.to_string(),
                    analysis,
                    item.creation_status
                ])?;
            }
        }
    }
    // In the order of the list, so that the error does not change from run to run.
    let is_left = |item: &&ListedItem| {
        let left = by_reference.get(item.user_reference.as_str());
        left.is_some_and(|left| left.iter().any(|left| left.item == item.item))
    };
    if let Some(left) = items.iter().find(is_left) {
        let unrequested = UnrequestedItem::Reference(left.user_reference.clone());
        return Ok(ItemsResult::Unrequested(unrequested));
    }
    transaction.commit()?;
    Ok(ItemsResult::Recorded)
}

/// Returns the user references of a chunk in alphabetical order. Empty if there is no such chunk.
pub(super) fn user_references(connection: &Connection, submission: i64, label: &str) -> DbResult<Vec<String>> {
    let sql = "SELECT user_reference FROM chunk
               JOIN analysis ON analysis.submission = chunk.submission AND position >= first AND position < first + count
               WHERE chunk.submission = ?1 AND label = ?2 ORDER BY user_reference";
    let mut select = connection.prepare(sql)?;
    let rows = select.query_map(params![submission, label], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Returns the kinds of a chunk's rows, in order of position.
pub(super) fn kinds(connection: &Connection, chunk: i64) -> DbResult<Vec<AnalysisKind>> {
    let sql = "SELECT kind FROM chunk
               JOIN analysis ON analysis.submission = chunk.submission AND position >= first AND position < first + count
               WHERE chunk.id = ?1 ORDER BY position";
    let mut select = connection.prepare_cached(sql)?;
    let rows = select.query_map([chunk], |row| row.get::<_, String>(0))?;
    let mut kinds = Vec::new();
    for kind in rows {
        kinds.extend(AnalysisKind::from_text(&kind?));
    }
    Ok(kinds)
}

/// Row of a report.
#[derive(Debug, Clone)]
pub(crate) struct ReportRow {
    pub(crate) position: u64,
    pub(crate) user_reference: String,
    pub(crate) kind: AnalysisKind,
    pub(crate) state: ChunkState,
    pub(crate) chunk: String,
    pub(crate) key: String,
    pub(crate) batch: Option<Uuid>,
    pub(crate) item: Option<Uuid>,
    pub(crate) analysis: Option<Uuid>,
    pub(crate) creation_status: Option<String>,
    pub(crate) status: Option<u16>,
    pub(crate) problem: Option<Problem>,
}

/// Calls `visit` with each row of a submission, in order of position.
pub(super) fn report(
    connection: &Connection,
    submission: i64,
    mut visit: impl FnMut(ReportRow) -> DbResult<()>,
) -> DbResult<()> {
    // By chunk and then by position, each by its index.
    let sql =
        "SELECT position, user_reference, kind, state, label, key, batch, item, analysis, creation, status, problem
               FROM chunk CROSS JOIN analysis
               WHERE chunk.submission = ?1 AND state <> 'split' AND analysis.submission = ?1 AND replaced = 0
                 AND position >= first AND position < first + count
               ORDER BY first, position";
    let mut select = connection.prepare_cached(sql)?;
    let mut rows = select.query([submission])?;
    while let Some(row) = rows.next()? {
        visit(report_row(row)?)?;
    }
    Ok(())
}

fn report_row(row: &Row<'_>) -> DbResult<ReportRow> {
    let text = |column: usize| row.get::<_, Option<String>>(column);
    let id = |column: usize| -> DbResult<Option<Uuid>> { Ok(text(column)?.and_then(|id| id.parse().ok())) };
    let (kind, state): (String, String) = (row.get(2)?, row.get(3)?);
    Ok(ReportRow {
        position: row.get(0)?,
        user_reference: row.get(1)?,
        kind: AnalysisKind::from_text(&kind).unwrap_or(AnalysisKind::Nextflow),
        state: ChunkState::from_text(&state).unwrap_or(ChunkState::Sent),
        chunk: row.get(4)?,
        key: row.get(5)?,
        batch: id(6)?,
        item: id(7)?,
        analysis: id(8)?,
        creation_status: text(9)?,
        status: row.get(10)?,
        problem: text(11)?.and_then(|json| Problem::from_bytes(json.as_bytes(), &Scrubber::without_secrets())),
    })
}
