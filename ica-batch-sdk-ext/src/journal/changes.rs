//! What differs between a manifest and what was recorded of it under the same name.
//!
//! The two are compared row by row as long as they agree. From the first row that does not, the rest of the manifest is put into a
//! temporary table, on disk where it is large, and compared as a set: rows that merely moved are no change.

use rusqlite::{Connection, params};

use super::claims::Sender;
use super::fault::Stored;
use super::planning::{self, LISTED, PlannedChunk, PlannedRow};
use super::writing;
use crate::submission::analysis::AnalysisKind;

/// Recorded rows from this position on, as positions and digests.
pub(crate) fn recorded(
    connection: &Connection,
    submission: i64,
    from: u64,
    limit: usize,
) -> Stored<Vec<(u64, [u8; 32])>> {
    let sql = "SELECT position, digest FROM analysis
               WHERE submission = ?1 AND position >= ?2 AND replaced = 0 ORDER BY position LIMIT ?3";
    let mut select = connection.prepare_cached(sql)?;
    let rows = select.query_map(params![submission, from, limit], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// A row of the manifest that is to be compared as part of a set, with its JSON.
#[derive(Debug)]
pub(crate) struct Differing {
    pub(crate) row: PlannedRow,
    pub(crate) json: Vec<u8>,
}

/// Makes room for the rows that are compared as a set.
pub(crate) fn prepare(connection: &Connection) -> Stored<()> {
    connection.execute_batch(
        "CREATE TEMP TABLE IF NOT EXISTS rest (
             sender TEXT NOT NULL, ordinal INTEGER NOT NULL, kind TEXT NOT NULL, user_reference TEXT NOT NULL,
             digest BLOB NOT NULL, json BLOB NOT NULL, PRIMARY KEY (sender, ordinal)) WITHOUT ROWID;
         CREATE TEMP TABLE IF NOT EXISTS change (
             sender TEXT NOT NULL, what TEXT NOT NULL, user_reference TEXT NOT NULL,
             ordinal INTEGER, position INTEGER, is_settled INTEGER NOT NULL, is_rejected INTEGER NOT NULL);",
    )?;
    Ok(())
}

/// Puts rows of the manifest aside; the first has this number.
pub(crate) fn put_aside(connection: &mut Connection, sender: &Sender, first: u64, rows: &[Differing]) -> Stored<()> {
    // Temporary tables are not the journal: no other process waits for this.
    let transaction = connection.transaction()?;
    {
        let sql = "INSERT INTO temp.rest (sender, ordinal, kind, user_reference, digest, json) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
        let mut insert = transaction.prepare_cached(sql)?;
        for (ordinal, Differing { row, json }) in (first..).zip(rows) {
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

/// What differs, by how it does.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Differences {
    pub(crate) added: Named,
    pub(crate) removed: Named,
    pub(crate) changed: Named,
    /// How many of the removed are neither created nor rejected.
    pub(crate) removed_open: u64,
    /// How many of the changed are not rejected.
    pub(crate) changed_kept: u64,
}

/// So many rows, and the user references of the first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Named {
    pub(crate) count: u64,
    pub(crate) first: Vec<String>,
}

impl Differences {
    pub(crate) fn is_none(&self) -> bool {
        self.added.count + self.removed.count + self.changed.count == 0
    }
}

/// Compares what was put aside with what is recorded from this position on.
pub(crate) fn compare(connection: &Connection, submission: i64, sender: &Sender, from: u64) -> Stored<Differences> {
    connection.execute("DELETE FROM temp.change WHERE sender = ?1", [&sender.id])?;
    // Rows that are the same cancel out, however often they occur; of the others, those of one reference are a change.
    let sql = "
        WITH new AS MATERIALIZED (
            SELECT ordinal, user_reference, digest,
                   row_number() OVER (PARTITION BY user_reference, digest ORDER BY ordinal) AS nth
            FROM temp.rest WHERE sender = ?1),
        old AS MATERIALIZED (
            SELECT position, user_reference, digest,
                   row_number() OVER (PARTITION BY user_reference, digest ORDER BY position) AS nth
            FROM analysis WHERE submission = ?2 AND position >= ?3 AND replaced = 0),
        fresh AS MATERIALIZED (
            SELECT new.ordinal, new.user_reference,
                   row_number() OVER (PARTITION BY new.user_reference ORDER BY new.ordinal) AS nth
            FROM new LEFT JOIN old USING (user_reference, digest, nth) WHERE old.position IS NULL),
        gone AS MATERIALIZED (
            SELECT old.position, old.user_reference,
                   row_number() OVER (PARTITION BY old.user_reference ORDER BY old.position) AS nth
            FROM old LEFT JOIN new USING (user_reference, digest, nth) WHERE new.ordinal IS NULL),
        differing AS (
            SELECT user_reference, fresh.ordinal, gone.position FROM fresh LEFT JOIN gone USING (user_reference, nth)
            UNION ALL
            SELECT user_reference, NULL, gone.position FROM gone LEFT JOIN fresh USING (user_reference, nth)
            WHERE fresh.ordinal IS NULL)
        INSERT INTO temp.change
        SELECT ?1, CASE WHEN position IS NULL THEN 'added' WHEN ordinal IS NULL THEN 'removed' ELSE 'changed' END,
               user_reference, ordinal, position, state IN ('created', 'rejected'), state = 'rejected'
        FROM (SELECT *, coalesce((SELECT state FROM chunk WHERE submission = ?2 AND first <= position AND state <> 'split'
                                  ORDER BY first DESC LIMIT 1), 'planned') AS state
              FROM differing)";
    connection.execute(sql, params![sender.id, submission, from])?;
    let count = |condition: &str| -> Stored<u64> {
        let sql = format!("SELECT count(*) FROM temp.change WHERE sender = ?1 AND {condition}");
        Ok(connection.query_row(&sql, [&sender.id], |row| row.get(0))?)
    };
    let named = |what: &str| -> Stored<Named> {
        let sql = "SELECT user_reference FROM temp.change WHERE sender = ?1 AND what = ?2
                   ORDER BY coalesce(position, ordinal) LIMIT ?3";
        let mut select = connection.prepare(sql)?;
        let first = select.query_map(params![sender.id, what, LISTED], |row| row.get(0))?;
        Ok(Named {
            first: first.collect::<Result<_, _>>()?,
            count: count(&format!("what = '{what}'"))?,
        })
    };
    Ok(Differences {
        added: named("added")?,
        removed: named("removed")?,
        changed: named("changed")?,
        removed_open: count("what = 'removed' AND NOT is_settled")?,
        changed_kept: count("what = 'changed' AND NOT is_rejected")?,
    })
}

/// Where the rows that are taken in go on: the next position, and the next number of a chunk.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    pub(crate) position: u64,
    pub(crate) chunk: u64,
}

/// What the taking in of rows has led to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Taken {
    /// They are planned.
    Planned,
    /// With them, these user references would stand more than once, this many in all; nothing was changed.
    Duplicates(Vec<String>, u64),
}

/// Plans the added rows, and the corrected ones in place of those that were rejected. All or nothing, so that where a chunk ends does not
/// depend on interruptions.
pub(crate) fn take(
    connection: &mut Connection,
    submission: i64,
    sender: &Sender,
    allow_duplicates: bool,
    mut chunk: impl FnMut(Option<(PlannedRow, Vec<u8>)>, Place) -> Option<PlannedChunk>,
) -> Stored<Taken> {
    let transaction = writing(connection)?;
    transaction.execute(
        "UPDATE analysis SET replaced = 1 WHERE submission = ?2 AND position IN (
             SELECT position FROM temp.change WHERE sender = ?1 AND what = 'changed' AND is_rejected)",
        params![sender.id, submission],
    )?;
    let mut place = transaction.query_row(
        "SELECT (SELECT coalesce(max(position) + 1, 0) FROM analysis WHERE submission = ?1),
                (SELECT count(*) FROM chunk WHERE submission = ?1 AND label NOT LIKE '%.%')",
        [submission],
        |row| {
            Ok(Place {
                position: row.get(0)?,
                chunk: row.get(1)?,
            })
        },
    )?;
    {
        let mut plan = |row| -> Stored<()> {
            if let Some(chunk) = chunk(row, place) {
                place.position += chunk.rows.len() as u64;
                place.chunk += 1;
                planning::insert(&transaction, submission, &[chunk])?;
            }
            Ok(())
        };
        let sql = "SELECT kind, user_reference, digest, json FROM temp.rest JOIN temp.change USING (sender, ordinal, user_reference)
                   WHERE sender = ?1 AND (what = 'added' OR (what = 'changed' AND is_rejected)) ORDER BY ordinal";
        let mut select = transaction.prepare(sql)?;
        let mut rows = select.query([&sender.id])?;
        while let Some(row) = rows.next()? {
            let kind: String = row.get(0)?;
            let planned = PlannedRow {
                kind: AnalysisKind::from_text(&kind).unwrap_or(AnalysisKind::Nextflow),
                user_reference: row.get(1)?,
                digest: row.get(2)?,
            };
            plan(Some((planned, row.get(3)?)))?;
        }
        plan(None)?;
    }
    if let Some((names, all)) = planning::duplicates(&transaction, submission)?
        && !allow_duplicates
    {
        return Ok(Taken::Duplicates(names, all));
    }
    transaction.commit()?;
    Ok(Taken::Planned)
}

/// Throws away what was put aside.
pub(crate) fn clear(connection: &Connection, sender: &Sender) -> Stored<()> {
    connection.execute("DELETE FROM temp.rest WHERE sender = ?1", [&sender.id])?;
    connection.execute("DELETE FROM temp.change WHERE sender = ?1", [&sender.id])?;
    Ok(())
}
