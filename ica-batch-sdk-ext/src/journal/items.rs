//! What became of each analysis: which item and analysis of ICA it is, and the rows of a report.

use std::collections::HashMap;

use rusqlite::{Connection, Row, params};
use uuid::Uuid;

use super::fault::Stored;
use super::records::ChunkState;
use super::writing;
use crate::error::Problem;
use crate::submission::analysis::AnalysisKind;

/// A chunk whose batch is to be looked up.
#[derive(Debug, Clone)]
pub(crate) struct Unlocated {
    pub(crate) chunk: i64,
    pub(crate) first: u64,
    pub(crate) batch: String,
}

/// Chunks from this position on whose analyses are not all known to be created or not.
pub(crate) fn unlocated(connection: &Connection, submission: i64, from: u64, limit: usize) -> Stored<Vec<Unlocated>> {
    let sql =
        "SELECT id, first, batch FROM chunk WHERE submission = ?1 AND first >= ?2 AND state = 'created' AND EXISTS (
                   SELECT 1 FROM analysis WHERE analysis.submission = chunk.submission
                       AND position >= first AND position < first + count
                       AND (creation IS NULL OR creation NOT IN ('SUCCEEDED', 'FAILED')))
               ORDER BY first LIMIT ?3";
    let mut select = connection.prepare_cached(sql)?;
    let rows = select.query_map(params![submission, from, limit], |row| {
        Ok(Unlocated {
            chunk: row.get(0)?,
            first: row.get(1)?,
            batch: row.get(2)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// An item as ICA showed it.
#[derive(Debug, Clone)]
pub(crate) struct Located {
    pub(crate) user_reference: String,
    pub(crate) item: Uuid,
    pub(crate) analysis: Option<Uuid>,
    pub(crate) creation: String,
}

/// Writes down which items the analyses of a chunk are. Analyses of one user reference keep the item that they were given first.
pub(crate) fn locate(connection: &mut Connection, chunk: i64, items: Vec<Located>) -> Stored<()> {
    let mut by_reference: HashMap<&str, Vec<&Located>> = HashMap::new();
    for item in items.iter().rev() {
        by_reference.entry(&item.user_reference).or_default().push(item);
    }
    let transaction = writing(connection)?;
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
            let same = |item: &&Located| known.as_deref() == Some(&item.item.to_string());
            let found = match candidates.iter().position(same) {
                Some(place) => Some(candidates.remove(place)),
                None => candidates.pop(),
            };
            if let Some(item) = found {
                let analysis = item.analysis.map(|id| id.to_string());
                update.execute(params![
                    submission,
                    position,
                    item.item.to_string(),
                    analysis,
                    item.creation
                ])?;
            }
        }
    }
    transaction.commit()?;
    Ok(())
}

/// The user references of a chunk, sorted. None if there is no such chunk.
pub(crate) fn references(connection: &Connection, submission: i64, label: &str) -> Stored<Option<Vec<String>>> {
    let sql = "SELECT user_reference FROM chunk
               JOIN analysis ON analysis.submission = chunk.submission AND position >= first AND position < first + count
               WHERE chunk.submission = ?1 AND label = ?2 ORDER BY user_reference";
    let mut select = connection.prepare(sql)?;
    let rows = select.query_map(params![submission, label], |row| row.get(0))?;
    let references = rows.collect::<Result<Vec<_>, _>>()?;
    Ok((!references.is_empty()).then_some(references))
}

/// The kinds of a chunk's analyses, in the order of the manifest.
pub(crate) fn kinds(connection: &Connection, chunk: i64) -> Stored<Vec<AnalysisKind>> {
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

/// A row of a report.
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
    pub(crate) creation: Option<String>,
    pub(crate) status: Option<u16>,
    pub(crate) problem: Option<Problem>,
}

/// Gives each analysis of a submission to `visit`, in the order of the manifest.
pub(crate) fn report(
    connection: &Connection,
    submission: i64,
    mut visit: impl FnMut(ReportRow) -> Stored<()>,
) -> Stored<()> {
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

fn report_row(row: &Row<'_>) -> Stored<ReportRow> {
    let text = |column: usize| row.get::<_, Option<String>>(column);
    let id = |column: usize| -> Stored<Option<Uuid>> { Ok(text(column)?.and_then(|id| id.parse().ok())) };
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
        creation: text(9)?,
        status: row.get(10)?,
        problem: text(11)?.and_then(|json| Problem::from_bytes(json.as_bytes())),
    })
}
