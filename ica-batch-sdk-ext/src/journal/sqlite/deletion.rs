//! Deletion in steps. Between two steps other submissions can be written.

use rusqlite::{Connection, params};

use super::database::DbResult;
use super::store::SqliteStore;
use crate::error::Result;
use crate::journal::records::SubmissionId;
use crate::journal::time::Millis;

/// Number of rows that one step deletes.
const STEP: usize = 2000;

/// Number of bodies that one step deletes. A body has up to a megabyte by default.
const BODIES: usize = 16;

/// Deletes a submission. It is not found from the first step on.
pub(super) fn delete(store: &SqliteStore, submission: i64) -> Result<()> {
    store.write(|changes| changes.set_state(submission, "deleting"))?;
    let steps = [
        (
            "DELETE FROM body WHERE chunk IN (SELECT chunk.id FROM chunk JOIN body ON body.chunk = chunk.id WHERE submission = ?1 LIMIT ?2)",
            BODIES,
        ),
        (
            "DELETE FROM chunk WHERE id IN (SELECT id FROM chunk WHERE submission = ?1 LIMIT ?2)",
            STEP,
        ),
        (
            "DELETE FROM analysis WHERE submission = ?1 AND position < (SELECT min(position) FROM analysis WHERE submission = ?1) + ?2",
            STEP,
        ),
    ];
    for (sql, step) in steps {
        // The checksum of a submission that is being deleted is not kept.
        while store.write(|changes| Ok(changes.prepare_cached(sql)?.execute(params![submission, step])?))? > 0 {
            store.make_way();
        }
    }
    store.write(|changes| changes.delete_submission(submission))?;
    store.shrink()
}

/// Returns submissions whose chunks all have a response from before this time, and unfinished
/// plans of that age.
pub(super) fn complete_before(connection: &Connection, before: Millis) -> DbResult<Vec<(i64, SubmissionId)>> {
    let sql = "SELECT id, endpoint, project, name FROM submission WHERE state = 'deleting' OR (created_at < ?1 AND NOT EXISTS (
                   SELECT 1 FROM chunk WHERE submission = submission.id AND submission.state = 'planned'
                       AND (state IN ('planned', 'sent') OR answered_at IS NULL OR answered_at >= ?1)))
               ORDER BY id";
    let mut select = connection.prepare_cached(sql)?;
    let ids = select.query_map([before], |row| {
        let id = SubmissionId {
            base_url: row.get(1)?,
            project: row.get(2)?,
            name: row.get(3)?,
        };
        Ok((row.get(0)?, id))
    })?;
    Ok(ids.collect::<std::result::Result<_, _>>()?)
}

/// Deletes the bodies of chunks that were created before this time. Returns their number.
pub(super) fn delete_bodies(store: &SqliteStore, before: Millis) -> Result<u64> {
    let sql = "DELETE FROM body WHERE chunk IN (
                   SELECT chunk.id FROM body JOIN chunk ON chunk.id = body.chunk
                   WHERE state = 'created' AND answered_at < ?1 AND body.chunk > ?2 ORDER BY body.chunk LIMIT ?3)
               RETURNING chunk";
    let (mut deleted, mut last) = (0_u64, i64::MIN);
    loop {
        let step = store.write(|changes| {
            let mut delete = changes.prepare_cached(sql)?;
            let chunks = delete.query_map(params![before, last, BODIES], |row| row.get::<_, i64>(0))?;
            Ok(chunks.collect::<std::result::Result<Vec<_>, _>>()?)
        })?;
        let Some(greatest) = step.iter().max() else { break };
        last = *greatest;
        deleted = deleted.saturating_add(step.len() as u64);
        store.make_way();
    }
    store.shrink()?;
    Ok(deleted)
}
