//! What differs between a manifest and what was recorded of it under the same name.
//!
//! The two are compared row by row as long as they agree. From the first row that does not, the rest of the manifest is put into a
//! temporary table, on disk where it is large, and compared as a set: rows that merely moved are no change.

use rusqlite::{Connection, Transaction, params};

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

/// The rows of the manifest that are the recorded ones, in their order.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Agreement {
    pub(crate) rows: u64,
    /// The position behind the last of them.
    pub(crate) until: u64,
}

/// What the comparison has led to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Compared {
    /// There is no difference but the order.
    Same,
    /// There are differences, and whether they can be taken in.
    Differing(Differences, bool),
    /// What was added or corrected is planned.
    Taken,
    /// With it, these user references would stand more than once, this many in all; nothing was changed.
    Duplicates(Vec<String>, u64),
    /// Another process has taken rows in meanwhile.
    Overtaken,
}

/// Where the rows that are taken in go on: the next position, and the next number of a chunk.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Behind {
    pub(crate) position: u64,
    pub(crate) chunk: u64,
}

/// What is to be done with differences.
pub(crate) struct Taking<Cut> {
    pub(crate) is_wanted: bool,
    pub(crate) allow_duplicates: bool,
    /// Gives a chunk when one is full, or at the end, without a row, the last one.
    pub(crate) cut: Cut,
}

/// Compares what was put aside with what is recorded behind the rows that agree, and takes in what was added and corrected where that is wanted
/// and nothing else differs. One transaction: what is taken is what was compared, and where a chunk ends does not depend on interruptions.
pub(crate) fn compare<Cut>(
    connection: &mut Connection,
    submission: i64,
    sender: &Sender,
    agreement: Agreement,
    taking: Taking<Cut>,
) -> Stored<Compared>
where
    Cut: FnMut(Option<(PlannedRow, Vec<u8>)>, Behind) -> Option<PlannedChunk>,
{
    let transaction = writing(connection)?;
    let sql = "SELECT count(*) FROM analysis WHERE submission = ?1 AND position < ?2 AND replaced = 0";
    let agreeing: u64 = transaction.query_row(sql, params![submission, agreement.until], |row| row.get(0))?;
    if agreeing != agreement.rows {
        return Ok(Compared::Overtaken);
    }
    find(&transaction, submission, sender, agreement.until)?;
    let differences = differences(&transaction, sender)?;
    if differences.is_none() {
        return Ok(Compared::Same);
    }
    let can_be_taken = differences.changed_kept == 0 && differences.removed_open == 0;
    if !(taking.is_wanted && can_be_taken) {
        return Ok(Compared::Differing(differences, can_be_taken));
    }
    take(&transaction, submission, sender, taking.cut)?;
    if let Some((names, all)) = planning::duplicates(&transaction, submission)?
        && !taking.allow_duplicates
    {
        return Ok(Compared::Duplicates(names, all));
    }
    transaction.commit()?;
    Ok(Compared::Taken)
}

/// Writes the differences into a temporary table. Rows that are the same cancel out, however often they occur; of the others, those of one reference
/// are a change. By sorting alone, for a join of two sides without statistics may become a loop in a loop.
fn find(connection: &Connection, submission: i64, sender: &Sender, from: u64) -> Stored<()> {
    connection.execute("DELETE FROM temp.change WHERE sender = ?1", [&sender.id])?;
    let sql = "
        WITH side AS (
            SELECT 1 AS is_new, ordinal AS place, user_reference, digest,
                   row_number() OVER (PARTITION BY user_reference, digest ORDER BY ordinal) AS nth
            FROM temp.rest WHERE sender = ?1
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

fn differences(connection: &Connection, sender: &Sender) -> Stored<Differences> {
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

/// Plans the added rows, and the corrected ones in place of those that were rejected.
fn take(
    transaction: &Transaction<'_>,
    submission: i64,
    sender: &Sender,
    mut cut: impl FnMut(Option<(PlannedRow, Vec<u8>)>, Behind) -> Option<PlannedChunk>,
) -> Stored<()> {
    transaction.execute(
        "UPDATE analysis SET replaced = 1 WHERE submission = ?2 AND position IN (
             SELECT position FROM temp.change WHERE sender = ?1 AND what = 'changed' AND is_rejected)",
        params![sender.id, submission],
    )?;
    let mut behind = transaction.query_row(
        "SELECT (SELECT coalesce(max(position) + 1, 0) FROM analysis WHERE submission = ?1),
                (SELECT count(*) FROM chunk WHERE submission = ?1 AND label NOT LIKE '%.%')",
        [submission],
        |row| {
            Ok(Behind {
                position: row.get(0)?,
                chunk: row.get(1)?,
            })
        },
    )?;
    let mut plan = |row| -> Stored<()> {
        if let Some(chunk) = cut(row, behind) {
            behind.position += chunk.rows.len() as u64;
            behind.chunk += 1;
            planning::insert(transaction, submission, &[chunk])?;
        }
        Ok(())
    };
    // In the order of the manifest, each row by its index.
    let sql = "SELECT kind, user_reference, digest, json FROM temp.rest
               WHERE sender = ?1 AND ordinal IN (SELECT ordinal FROM temp.change
                   WHERE sender = ?1 AND (what = 'added' OR (what = 'changed' AND is_rejected)))
               ORDER BY ordinal";
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
    plan(None)
}

/// Throws away what was put aside.
pub(crate) fn clear(connection: &Connection, sender: &Sender) -> Stored<()> {
    connection.execute("DELETE FROM temp.rest WHERE sender = ?1", [&sender.id])?;
    connection.execute("DELETE FROM temp.change WHERE sender = ?1", [&sender.id])?;
    Ok(())
}
