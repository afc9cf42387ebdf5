//! Comparison of a manifest with the recorded one of the same submission.
//!
//! The rest of the manifest, from the first row that differs, is staged in a temporary table, on
//! disk if it is large, and compared as a set: rows in another order are no difference. The
//! comparison has a connection of its own and only reads the journal, so no writer waits for it.

use std::path::PathBuf;

use rusqlite::{Connection, params};

use super::database::{DbError, DbResult};
use super::{elsewhere, planning};
use crate::error::Result;
use crate::journal::chunks::{ManifestRow, Row};
use crate::journal::elsewhere::CreatedElsewhere;
use crate::journal::kind::AnalysisKind;
use crate::journal::manifest_changes::{ChangedRows, DuplicateReferences, ManifestChanges};
use crate::journal::steps::{AcceptedRow, Differences, LISTED};
use crate::journal::store::Compare;

const TABLES: &str = "
    CREATE TEMP TABLE staged (
        ordinal INTEGER PRIMARY KEY, kind TEXT NOT NULL, user_reference TEXT NOT NULL,
        digest BLOB NOT NULL, json BLOB NOT NULL);
    CREATE TEMP TABLE change (
        what TEXT NOT NULL, user_reference TEXT NOT NULL,
        ordinal INTEGER, position INTEGER, is_final INTEGER NOT NULL, is_rejected INTEGER NOT NULL);";

/// Added and corrected rows, to be searched for in other submissions.
const ACCEPTED: &str = "
    SELECT digest, staged.user_reference, staged.ordinal AS place
    FROM temp.change CROSS JOIN temp.staged ON staged.ordinal = change.ordinal
    WHERE what = 'added' OR (what = 'changed' AND is_rejected)";

/// Comparison in temporary tables of its connection.
pub(super) struct Comparison {
    path: PathBuf,
    connection: Connection,
    submission: i64,
    from: u64,
    staged: u64,
}

impl Comparison {
    pub(super) fn new(path: PathBuf, connection: Connection, submission: i64, from: u64) -> DbResult<Self> {
        connection.execute_batch(TABLES)?;
        Ok(Self {
            path,
            connection,
            submission,
            from,
            staged: 0,
        })
    }

    fn at<T>(&self, result: DbResult<T>) -> Result<T> {
        result.map_err(|error| error.at(&self.path))
    }

    fn insert(&mut self, rows: Vec<ManifestRow>) -> DbResult<()> {
        let first = self.staged;
        self.staged = first.saturating_add(rows.len() as u64);
        let transaction = self.connection.transaction()?;
        {
            let sql =
                "INSERT INTO temp.staged (ordinal, kind, user_reference, digest, json) VALUES (?1, ?2, ?3, ?4, ?5)";
            let mut insert = transaction.prepare_cached(sql)?;
            for (ordinal, ManifestRow { row, json }) in (first..).zip(rows) {
                insert.execute(params![
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

    /// Writes the changes into a temporary table.
    ///
    /// Equal rows cancel out, each occurrence with one other. Of the rest, an old and a new row
    /// with the same user reference are a change. The query only sorts: SQLite has no statistics of
    /// these tables, and may execute a join of them as nested loops.
    fn find(&self) -> DbResult<()> {
        let sql = "
            WITH side AS (
                SELECT 1 AS is_new, ordinal AS place, user_reference, digest,
                       row_number() OVER (PARTITION BY user_reference, digest ORDER BY ordinal) AS nth
                FROM temp.staged
                UNION ALL
                SELECT 0, position, user_reference, digest,
                       row_number() OVER (PARTITION BY user_reference, digest ORDER BY position)
                FROM main.analysis WHERE submission = ?1 AND position >= ?2 AND replaced = 0),
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
            SELECT CASE WHEN position IS NULL THEN 'added' WHEN ordinal IS NULL THEN 'removed' ELSE 'changed' END,
                   user_reference, ordinal, position, state IN ('created', 'rejected'),
                   state = 'rejected' OR (state = 'created' AND EXISTS (
                       SELECT 1 FROM main.analysis WHERE analysis.submission = ?1
                                                     AND analysis.position = compared.position AND creation = 'FAILED'))
            FROM (SELECT *, coalesce((SELECT state FROM main.chunk WHERE submission = ?1 AND first <= position AND state <> 'split'
                                      ORDER BY first DESC LIMIT 1), 'planned') AS state
                  FROM differing) AS compared";
        self.connection.execute(sql, params![self.submission, self.from])?;
        self.connection
            .execute_batch("CREATE INDEX temp.change_ordinal ON change (ordinal)")?;
        Ok(())
    }

    fn read(&self) -> DbResult<Differences> {
        let count = |condition: &str| -> DbResult<u64> {
            let sql = format!("SELECT count(*) FROM temp.change WHERE {condition}");
            Ok(self.connection.query_row(&sql, [], |row| row.get(0))?)
        };
        let rows = |what: &str| -> DbResult<ChangedRows> {
            let sql =
                "SELECT user_reference FROM temp.change WHERE what = ?1 ORDER BY coalesce(position, ordinal) LIMIT ?2";
            let mut select = self.connection.prepare(sql)?;
            let first = select.query_map(params![what, LISTED], |row| row.get(0))?;
            Ok(ChangedRows {
                first: first.collect::<std::result::Result<_, _>>()?,
                count: count(&format!("what = '{what}'"))?,
            })
        };
        let changes = ManifestChanges {
            added: rows("added")?,
            removed: rows("removed")?,
            changed: rows("changed")?,
        };
        let obstacles = "(what = 'removed' AND NOT is_final) OR (what = 'changed' AND NOT is_rejected)";
        Ok(Differences {
            changes,
            can_be_accepted: count(&format!("({obstacles})"))? == 0,
        })
    }

    fn find_duplicates(&self) -> DbResult<Option<DuplicateReferences>> {
        let sql = "
            SELECT user_reference, count(*) OVER () FROM (
                SELECT user_reference FROM main.analysis WHERE submission = ?1 AND replaced = 0
                UNION ALL
                SELECT user_reference FROM temp.change WHERE what = 'added')
            GROUP BY user_reference HAVING count(*) > 1 ORDER BY user_reference LIMIT ?2";
        let mut select = self.connection.prepare(sql)?;
        planning::listed(&mut select.query(params![self.submission, LISTED])?)
    }

    fn read_accepted(&self, from: u64, bytes: usize) -> DbResult<Vec<AcceptedRow>> {
        // In the order of the manifest; each row is found by its index.
        let sql = "SELECT staged.ordinal, kind, staged.user_reference, digest, json, position
                   FROM temp.change CROSS JOIN temp.staged ON staged.ordinal = change.ordinal
                   WHERE change.ordinal >= ?1 AND (what = 'added' OR (what = 'changed' AND is_rejected))
                   ORDER BY change.ordinal";
        let mut select = self.connection.prepare_cached(sql)?;
        let mut rows = select.query([from])?;
        let (mut accepted, mut length) = (Vec::new(), 0_usize);
        while let Some(row) = rows.next()? {
            let kind: String = row.get(1)?;
            let json: Vec<u8> = row.get(4)?;
            length = length.saturating_add(json.len());
            accepted.push(AcceptedRow {
                ordinal: row.get(0)?,
                row: ManifestRow {
                    row: Row {
                        kind: AnalysisKind::from_text(&kind)
                            .ok_or_else(|| DbError::Damaged(format!("it has {kind:?} as the kind of a staged row")))?,
                        user_reference: row.get(2)?,
                        digest: row.get(3)?,
                        replaces: row.get(5)?,
                        attempt: 0,
                    },
                    json,
                },
            });
            if length >= bytes {
                break;
            }
        }
        Ok(accepted)
    }
}

impl Compare for Comparison {
    fn stage(&mut self, rows: Vec<ManifestRow>) -> Result<()> {
        let inserted = self.insert(rows);
        self.at(inserted)
    }

    fn differences(&mut self) -> Result<Differences> {
        self.at(self.find().and_then(|()| self.read()))
    }

    fn duplicates(&mut self) -> Result<Option<DuplicateReferences>> {
        self.at(self.find_duplicates())
    }

    fn created_elsewhere(&mut self) -> Result<Option<CreatedElsewhere>> {
        self.at(elsewhere::created_elsewhere(
            &self.connection,
            self.submission,
            ACCEPTED,
        ))
    }

    fn accepted(&mut self, from: u64, bytes: usize) -> Result<Vec<AcceptedRow>> {
        self.at(self.read_accepted(from, bytes))
    }
}
