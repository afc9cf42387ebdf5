//! Table of the analyses that were found in ICA.

use rusqlite::Row;
use uuid::Uuid;

use super::database::{DbError, DbResult};
use crate::journal::found::FoundAnalysis;

/// The table, in the temporary database of a connection.
pub(super) const TABLES: &str = "
    CREATE TEMP TABLE found (
        id TEXT PRIMARY KEY, user_reference TEXT NOT NULL, chunk_mark TEXT NOT NULL, row_mark TEXT,
        run TEXT NOT NULL, failed INTEGER NOT NULL, claimed INTEGER, recorded INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
    CREATE INDEX temp.found_free ON found (user_reference, row_mark, failed, chunk_mark, id) WHERE claimed IS NULL;
    CREATE INDEX temp.found_taken ON found (user_reference, row_mark, failed, chunk_mark, id) WHERE claimed IS NOT NULL;
    CREATE INDEX temp.found_claimed ON found (claimed, user_reference, row_mark, failed, id) WHERE claimed IS NOT NULL;";

/// Whether an analysis that was found is that of a row: the row has its user reference and, as far as it
/// is known, its content.
pub(super) const IS_OF_ROW: &str = "CASE WHEN row_mark IS NULL
        THEN user_reference IN (SELECT user_reference FROM main.analysis WHERE submission = ?1)
        ELSE (user_reference, row_mark) IN (
            SELECT user_reference, 'ica-batch-r-' || lower(hex(substr(digest, 1, 16)))
            FROM main.analysis WHERE submission = ?1) END";

/// Whether a run is aborted.
pub(super) const IS_ABORTED: &str = "run IN ('ABORTED', 'ABORTING')";

/// Statuses of runs that failed or were aborted. A new attempt probably follows them.
pub(super) const FAILED: &str = "('FAILED', 'FAILED_FINAL', 'ABORTED', 'ABORTING')";

/// Columns of an analysis that was found, in the order that [`read`] reads.
pub(super) const FOUND: &str = "id, user_reference, chunk_mark, row_mark, run";

/// Reads the id of an analysis.
pub(super) fn analysis_id(id: &str) -> DbResult<Uuid> {
    id.parse()
        .map_err(|_| DbError::Damaged(format!("it has {id:?} as the id of an analysis")))
}

/// Reads an analysis that was found.
pub(super) fn read(row: &Row<'_>) -> DbResult<FoundAnalysis> {
    let id: String = row.get(0)?;
    Ok(FoundAnalysis {
        id: analysis_id(&id)?,
        user_reference: row.get(1)?,
        chunk_mark: row.get(2)?,
        row_mark: row.get(3)?,
        run: row.get(4)?,
    })
}
