//! Recording a plan before any chunk of it is sent.
//!
//! A manifest is read once and written in transactions of a few megabytes. The submission is in the
//! state `planning` until its end is written, and no chunk is sent before that. The next run
//! deletes the unfinished plan of a process that ended.

use rusqlite::{Connection, params};

use super::changes::Changes;
use super::database::{DbError, DbResult};
use super::rows::{self, ANALYSIS};
use crate::journal::checksum;
use crate::journal::chunks::{AnalysisRecord, PlannedChunk, Row};
use crate::journal::manifest_changes::DuplicateReferences;
use crate::journal::records::SubmissionId;
use crate::journal::steps::{Found, InsertionPoint, LISTED, SameName};

/// Searches for a submission that is not being deleted. Returns its row id and its state.
///
/// The table is read, and not its index: a damaged index must not hide a submission.
pub(super) fn recorded(connection: &Connection, id: &SubmissionId) -> DbResult<Option<(i64, String)>> {
    let sql = "SELECT id, state FROM submission NOT INDEXED WHERE endpoint = ?1 AND project = ?2 AND name = ?3";
    let mut select = connection.prepare_cached(sql)?;
    let mut rows = select.query(params![id.base_url, id.project, id.name])?;
    let found = match rows.next()? {
        Some(row) => Some((row.get(0)?, row.get(1)?)),
        None => None,
    };
    if rows.next()?.is_some() {
        return Err(DbError::Damaged(format!("it has {id} twice")));
    }
    Ok(found)
}

/// Searches for a planned submission.
pub(super) fn find(connection: &Connection, id: &SubmissionId) -> DbResult<Found> {
    match recorded(connection, id)? {
        Some((row, state)) if state == "planned" => return Ok(Found::Planned(row)),
        Some((_, state)) if state == "planning" => return Ok(Found::Unfinished),
        _ => {}
    }
    let sql = "SELECT endpoint, project FROM submission NOT INDEXED WHERE name = ?1 ORDER BY id";
    let mut select = connection.prepare_cached(sql)?;
    let mut rows = select.query([&id.name])?;
    let (mut base_urls, mut projects) = (Vec::new(), Vec::new());
    while let Some(row) = rows.next()? {
        let (base_url, project): (String, String) = (row.get(0)?, row.get(1)?);
        match (base_url == id.base_url, project == id.project) {
            (true, false) => projects.push(project),
            (false, true) => base_urls.push(base_url),
            _ => {}
        }
    }
    Ok(Found::Missing(SameName { base_urls, projects }))
}

/// Inserts chunks with their rows.
pub(super) fn add_chunks(changes: &mut Changes<'_>, submission: i64, planned: &[PlannedChunk]) -> DbResult<()> {
    for PlannedChunk { chunk, rows } in planned {
        changes.insert_chunk(submission, chunk)?;
        for (position, row) in (chunk.first..).zip(rows) {
            add_row(changes, submission, position, row)?;
        }
    }
    Ok(())
}

fn add_row(changes: &mut Changes<'_>, submission: i64, position: u64, row: &Row) -> DbResult<()> {
    let sql = "INSERT INTO analysis (submission, position, kind, user_reference, digest, attempt) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    changes.prepare_cached(sql)?.execute(params![
        submission,
        position,
        row.kind.as_str(),
        row.user_reference,
        row.digest,
        row.attempt
    ])?;
    changes.added(submission, checksum::analysis(&AnalysisRecord::new(position, row)));
    match row.replaces {
        Some(replaced) => mark_replaced(changes, submission, replaced),
        None => Ok(()),
    }
}

fn mark_replaced(changes: &mut Changes<'_>, submission: i64, position: u64) -> DbResult<()> {
    let (old, new) = {
        let sql = format!("SELECT {ANALYSIS} FROM analysis WHERE submission = ?1 AND position = ?2");
        let mut select = changes.prepare_cached(&sql)?;
        let mut rows = select.query(params![submission, position])?;
        let row = rows
            .next()?
            .ok_or_else(|| DbError::Damaged(format!("it lacks row {position}")))?;
        let old = rows::analysis(row, 0)?;
        let new = AnalysisRecord { replaced: true, ..old };
        (checksum::analysis(&old), checksum::analysis(&new))
    };
    let sql = "UPDATE analysis SET replaced = 1 WHERE submission = ?1 AND position = ?2";
    changes.prepare_cached(sql)?.execute(params![submission, position])?;
    changes.removed(submission, old);
    changes.added(submission, new);
    Ok(())
}

/// Returns the number of rows of a submission.
pub(super) fn rows(connection: &Connection, submission: i64) -> DbResult<u64> {
    let sql = "SELECT coalesce(max(position) + 1, 0) FROM analysis WHERE submission = ?1";
    Ok(connection
        .prepare_cached(sql)?
        .query_row([submission], |row| row.get(0))?)
}

/// Returns the user references that several rows have.
pub(super) fn duplicates(connection: &Connection, submission: i64) -> DbResult<Option<DuplicateReferences>> {
    let sql = "SELECT user_reference, count(*) OVER () FROM analysis WHERE submission = ?1 AND replaced = 0
               GROUP BY user_reference HAVING count(*) > 1 ORDER BY user_reference LIMIT ?2";
    let mut select = connection.prepare_cached(sql)?;
    listed(&mut select.query(params![submission, LISTED])?)
}

/// Reads user references that occur more than once, each with the number of all.
pub(super) fn listed(rows: &mut rusqlite::Rows<'_>) -> DbResult<Option<DuplicateReferences>> {
    let (mut first, mut count) = (Vec::new(), 0);
    while let Some(row) = rows.next()? {
        first.push(row.get(0)?);
        count = row.get(1)?;
    }
    Ok((count > 0).then_some(DuplicateReferences { count, first }))
}

/// Returns where accepted rows are inserted.
pub(super) fn insertion_point(connection: &Connection, submission: i64) -> DbResult<InsertionPoint> {
    let sql = "SELECT count(*) FROM chunk WHERE submission = ?1 AND label NOT LIKE '%.%'";
    Ok(InsertionPoint {
        position: rows(connection, submission)?,
        chunk: connection
            .prepare_cached(sql)?
            .query_row([submission], |row| row.get(0))?,
    })
}

/// Returns rows that are not replaced, from this position on, as positions and digests.
pub(super) fn recorded_rows(
    connection: &Connection,
    submission: i64,
    from: u64,
    limit: usize,
) -> DbResult<Vec<(u64, [u8; 32])>> {
    let sql = "SELECT position, digest FROM analysis
               WHERE submission = ?1 AND position >= ?2 AND replaced = 0 ORDER BY position LIMIT ?3";
    let mut select = connection.prepare_cached(sql)?;
    let rows = select.query_map(params![submission, from, limit], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}
