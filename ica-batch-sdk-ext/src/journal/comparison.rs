//! Comparison of a manifest with the recorded one of the same submission.
//!
//! The two are compared row by row as long as they agree. From the first row that differs, the rest of
//! the manifest is staged in a temporary table, on disk if it is large, and compared as a set: rows in
//! another order are no difference.

use rusqlite::{Connection, Transaction, params};

use super::chunks::{self, ManifestRow, PlannedChunk, Row};
use super::database::{DbError, DbResult, write_transaction};
use super::kind::AnalysisKind;
use super::manifest_changes::{ChangedRows, DuplicateReferences, ManifestChanges};
use super::planning::{self, LISTED};
use super::sender::Sender;

/// Returns recorded rows from this position on, as positions and digests.
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

/// Creates the temporary tables.
pub(super) fn prepare(connection: &Connection) -> DbResult<()> {
    connection.execute_batch(
        "CREATE TEMP TABLE IF NOT EXISTS staged (
             sender TEXT NOT NULL, ordinal INTEGER NOT NULL, kind TEXT NOT NULL, user_reference TEXT NOT NULL,
             digest BLOB NOT NULL, json BLOB NOT NULL, PRIMARY KEY (sender, ordinal)) WITHOUT ROWID;
         CREATE TEMP TABLE IF NOT EXISTS change (
             sender TEXT NOT NULL, what TEXT NOT NULL, user_reference TEXT NOT NULL,
             ordinal INTEGER, position INTEGER, is_final INTEGER NOT NULL, is_rejected INTEGER NOT NULL);",
    )?;
    Ok(())
}

/// Stages rows of the manifest. `first` is the number of the first one.
pub(super) fn stage(connection: &mut Connection, sender: &Sender, first: u64, rows: &[ManifestRow]) -> DbResult<()> {
    // Temporary tables are not in the journal's file, so no other process waits for this transaction.
    let transaction = connection.transaction()?;
    {
        let sql = "INSERT INTO temp.staged (sender, ordinal, kind, user_reference, digest, json) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
        let mut insert = transaction.prepare_cached(sql)?;
        for (ordinal, ManifestRow { row, json }) in (first..).zip(rows) {
            insert.execute(params![
                sender.id,
                ordinal,
                row.kind.as_str(),
                row.user_reference,
                row.digest,
                json
            ])?;
        }
    }
    transaction.commit()?;
    Ok(())
}

/// Rows at the start of the manifest that are the recorded ones, in the same order.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct CommonPrefix {
    pub(crate) rows: u64,
    /// Position after the last of them.
    pub(crate) end: u64,
}

/// Result of a comparison.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Comparison {
    /// The manifests have the same rows.
    Same,
    /// The manifests differ, and nothing was recorded.
    Different {
        changes: ManifestChanges,
        /// Whether the changes are such that a run may accept them.
        can_be_accepted: bool,
    },
    /// The added and corrected rows are planned.
    Accepted,
    /// With the added rows, user references would occur more than once. Nothing was recorded.
    Duplicates(DuplicateReferences),
    /// Another process added rows in the meantime. Nothing was recorded.
    Conflict,
}

/// Position at which accepted rows are inserted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct InsertionPoint {
    /// Position of the next row.
    pub(crate) position: u64,
    /// Number of the next chunk.
    pub(crate) chunk: u64,
}

/// Policy for the changes of a manifest.
pub(crate) struct ChangePolicy<Cut> {
    pub(crate) accept: bool,
    pub(crate) allow_duplicates: bool,
    /// Adds a row to the current chunk and returns a chunk when it is full. Without a row, it returns
    /// the last chunk.
    pub(crate) cut: Cut,
}

/// Compares the staged rows with the recorded ones after the common prefix. If the policy says so and
/// nothing else differs, plans the added and corrected rows.
///
/// This is one transaction: the accepted rows are those that were compared, and the ends of chunks do
/// not depend on interruptions.
pub(super) fn compare<Cut>(
    connection: &mut Connection,
    submission: i64,
    sender: &Sender,
    prefix: CommonPrefix,
    policy: ChangePolicy<Cut>,
) -> DbResult<Comparison>
where
    Cut: FnMut(Option<ManifestRow>, InsertionPoint) -> Option<PlannedChunk>,
{
    let transaction = write_transaction(connection)?;
    let sql = "SELECT count(*) FROM analysis WHERE submission = ?1 AND position < ?2 AND replaced = 0";
    let rows: u64 = transaction.query_row(sql, params![submission, prefix.end], |row| row.get(0))?;
    if rows != prefix.rows {
        return Ok(Comparison::Conflict);
    }
    find_changes(&transaction, submission, sender, prefix.end)?;
    let (changes, can_be_accepted) = read_changes(&transaction, sender)?;
    if changes.kinds().next().is_none() {
        return Ok(Comparison::Same);
    }
    if !(policy.accept && can_be_accepted) {
        return Ok(Comparison::Different {
            changes,
            can_be_accepted,
        });
    }
    accept(&transaction, submission, sender, policy.cut)?;
    if let Some(duplicates) = planning::duplicates(&transaction, submission)?
        && !policy.allow_duplicates
    {
        return Ok(Comparison::Duplicates(duplicates));
    }
    transaction.commit()?;
    Ok(Comparison::Accepted)
}

/// Writes the changes into a temporary table.
///
/// Equal rows cancel out, each occurrence with one other. Of the rest, an old and a new row with the same
/// user reference are a change. The query only sorts: SQLite has no statistics of these tables, and
/// may execute a join of them as nested loops.
fn find_changes(connection: &Connection, submission: i64, sender: &Sender, from: u64) -> DbResult<()> {
    connection.execute("DELETE FROM temp.change WHERE sender = ?1", [&sender.id])?;
    let sql = "
        WITH side AS (
            SELECT 1 AS is_new, ordinal AS place, user_reference, digest,
                   row_number() OVER (PARTITION BY user_reference, digest ORDER BY ordinal) AS nth
            FROM temp.staged WHERE sender = ?1
            UNION ALL
            SELECT 0, position, user_reference, digest,
                   row_number() OVER (PARTITION BY user_reference, digest ORDER BY position)
            FROM analysis WHERE submission = ?2 AND position >= ?3 AND replaced = 0),
        lone AS (
            SELECT max(is_new) AS is_new, max(place) AS place, user_reference
            FROM side GROUP BY user_reference, digest, nth HAVING count(*) = 1),
        ranked AS (
            SELECT is_new, place, user_reference,
                   row_number() OVER (PARTITION BY is_new, user_reference ORDER BY place) AS nth
            FROM lone),
        differing AS (
            SELECT user_reference, max(CASE WHEN is_new THEN place END) AS ordinal,
                   max(CASE WHEN is_new THEN NULL ELSE place END) AS position
            FROM ranked GROUP BY user_reference, nth)
        INSERT INTO temp.change
        SELECT ?1, CASE WHEN position IS NULL THEN 'added' WHEN ordinal IS NULL THEN 'removed' ELSE 'changed' END,
               user_reference, ordinal, position, state IN ('created', 'rejected'), state = 'rejected'
        FROM (SELECT *, coalesce((SELECT state FROM chunk WHERE submission = ?2 AND first <= position AND state <> 'split'
                                  ORDER BY first DESC LIMIT 1), 'planned') AS state
              FROM differing)";
    connection.execute(sql, params![sender.id, submission, from])?;
    Ok(())
}

/// Returns the changes, and whether a run may accept them: no removed row is pending, and each changed
/// one was rejected.
fn read_changes(connection: &Connection, sender: &Sender) -> DbResult<(ManifestChanges, bool)> {
    let count = |condition: &str| -> DbResult<u64> {
        let sql = format!("SELECT count(*) FROM temp.change WHERE sender = ?1 AND {condition}");
        Ok(connection.query_row(&sql, [&sender.id], |row| row.get(0))?)
    };
    let rows = |what: &str| -> DbResult<ChangedRows> {
        let sql = "SELECT user_reference FROM temp.change WHERE sender = ?1 AND what = ?2
                   ORDER BY coalesce(position, ordinal) LIMIT ?3";
        let mut select = connection.prepare(sql)?;
        let first = select.query_map(params![sender.id, what, LISTED], |row| row.get(0))?;
        Ok(ChangedRows {
            first: first.collect::<Result<_, _>>()?,
            count: count(&format!("what = '{what}'"))?,
        })
    };
    let changes = ManifestChanges {
        added: rows("added")?,
        removed: rows("removed")?,
        changed: rows("changed")?,
    };
    let obstacles = "(what = 'removed' AND NOT is_final) OR (what = 'changed' AND NOT is_rejected)";
    Ok((changes, count(&format!("({obstacles})"))? == 0))
}

/// Plans the added rows, and the corrected rows in place of rejected ones.
fn accept(
    transaction: &Transaction<'_>,
    submission: i64,
    sender: &Sender,
    mut cut: impl FnMut(Option<ManifestRow>, InsertionPoint) -> Option<PlannedChunk>,
) -> DbResult<()> {
    transaction.execute(
        "UPDATE analysis SET replaced = 1 WHERE submission = ?2 AND position IN (
             SELECT position FROM temp.change WHERE sender = ?1 AND what = 'changed' AND is_rejected)",
        params![sender.id, submission],
    )?;
    let mut point = transaction.query_row(
        "SELECT (SELECT coalesce(max(position) + 1, 0) FROM analysis WHERE submission = ?1),
                (SELECT count(*) FROM chunk WHERE submission = ?1 AND label NOT LIKE '%.%')",
        [submission],
        |row| {
            Ok(InsertionPoint {
                position: row.get(0)?,
                chunk: row.get(1)?,
            })
        },
    )?;
    let mut add = |row| -> DbResult<()> {
        if let Some(planned) = cut(row, point) {
            point.position += planned.chunk.count;
            point.chunk += 1;
            chunks::insert(transaction, submission, &[planned])?;
        }
        Ok(())
    };
    // In the order of the manifest; each row is found by its index.
    let sql = "SELECT kind, user_reference, digest, json FROM temp.staged
               WHERE sender = ?1 AND ordinal IN (SELECT ordinal FROM temp.change
                   WHERE sender = ?1 AND (what = 'added' OR (what = 'changed' AND is_rejected)))
               ORDER BY ordinal";
    let mut select = transaction.prepare(sql)?;
    let mut rows = select.query([&sender.id])?;
    while let Some(row) = rows.next()? {
        let kind: String = row.get(0)?;
        let kind = AnalysisKind::from_text(&kind)
            .ok_or_else(|| DbError::Damaged(format!("it has {kind:?} as the kind of a staged row")))?;
        let planned = Row {
            kind,
            user_reference: row.get(1)?,
            digest: row.get(2)?,
        };
        add(Some(ManifestRow {
            row: planned,
            json: row.get(3)?,
        }))?;
    }
    add(None)
}

/// Deletes the staged rows.
pub(super) fn clear(connection: &Connection, sender: &Sender) -> DbResult<()> {
    connection.execute("DELETE FROM temp.staged WHERE sender = ?1", [&sender.id])?;
    connection.execute("DELETE FROM temp.change WHERE sender = ?1", [&sender.id])?;
    Ok(())
}
