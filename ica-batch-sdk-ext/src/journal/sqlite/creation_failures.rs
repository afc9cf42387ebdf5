//! Why ICA could not create the analyses of rows that it accepted.

use rusqlite::params;

use super::changes::Changes;
use super::database::DbResult;
use crate::error::{DETAIL, Scrubber};

/// Column with the message of the row of a statement about the table `analysis`.
pub(super) const MESSAGE: &str = "CASE WHEN creation = 'FAILED' THEN (
    SELECT message FROM creation_failure AS failure
    WHERE failure.submission = analysis.submission AND failure.position = analysis.position) END";

/// Records the message of a row.
pub(super) fn record(changes: &Changes<'_>, submission: i64, position: u64, message: &str) -> DbResult<()> {
    let sql = "INSERT INTO creation_failure (submission, position, message) VALUES (?1, ?2, ?3)
               ON CONFLICT DO UPDATE SET message = excluded.message WHERE message <> excluded.message";
    changes
        .prepare_cached(sql)?
        .execute(params![submission, position, message])?;
    Ok(())
}

/// Returns a stored message as it is shown. It was cut and cleaned before, and a file may contain anything.
pub(super) fn shown(message: &str) -> String {
    Scrubber::without_secrets().text(message, DETAIL)
}
