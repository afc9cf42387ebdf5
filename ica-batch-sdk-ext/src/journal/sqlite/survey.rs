//! Comparison of a submission with the analyses that were found in ICA.
//!
//! The found analyses are in a temporary table, on disk if it is large, so memory does not grow with
//! them. Like a comparison with a manifest, it has a connection of its own. A small survey leaves its
//! connection to the next one, because opening the file and creating the tables takes longer than
//! the survey.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::database::{DbError, DbResult};
use crate::error::Result;
use crate::journal::found::{ChunkRow, Differing, FoundAnalysis, Stranger, SurveyTotals};
use crate::journal::naming::{Naming, row_mark};
use crate::journal::store::Survey;

const TABLES: &str = "
    CREATE TEMP TABLE found (
        id TEXT PRIMARY KEY, user_reference TEXT NOT NULL, chunk_mark TEXT NOT NULL, row_mark TEXT,
        run TEXT NOT NULL, claimed INTEGER) WITHOUT ROWID;
    CREATE INDEX temp.found_reference ON found (user_reference, chunk_mark);
    CREATE TEMP TABLE differing (
        user_reference TEXT PRIMARY KEY, created INTEGER NOT NULL, other INTEGER NOT NULL, found INTEGER NOT NULL,
        aborted INTEGER NOT NULL, strangers INTEGER NOT NULL) WITHOUT ROWID;";

/// Largest number of analyses whose survey leaves its connection to the next one. The temporary tables
/// of a larger one keep their size.
const KEPT: usize = 1000;

/// Columns of an analysis that was found, in the order that [`found`] reads.
const FOUND: &str = "id, user_reference, chunk_mark, row_mark, run";

/// Whether an analysis that was found is that of a row: the row has its user reference and, as far as it
/// is known, its content.
const IS_OF_ROW: &str = "CASE WHEN row_mark IS NULL
        THEN user_reference IN (SELECT user_reference FROM main.analysis WHERE submission = ?1)
        ELSE (user_reference, row_mark) IN (
            SELECT user_reference, 'ica-batch-r-' || lower(hex(substr(digest, 1, 16)))
            FROM main.analysis WHERE submission = ?1) END";

/// Whether a run is aborted.
const IS_ABORTED: &str = "run IN ('ABORTED', 'ABORTING')";

/// Whether a run failed or was aborted. A new attempt probably follows it.
const HAS_FAILED: &str = "run IN ('FAILED', 'FAILED_FINAL', 'ABORTED', 'ABORTING')";

/// Returns the statement that writes the user references that differ, with their numbers, into a
/// table. Each row lies in one chunk that is not split, and the chunks are read in order, so that
/// nothing is searched for. The grouping sorts. A row whose creation failed has no analysis.
fn write_differing() -> String {
    format!(
        "INSERT INTO temp.differing (user_reference, created, other, found, aborted, strangers)
         WITH seen AS MATERIALIZED (
             SELECT user_reference, {IS_ABORTED} AS is_aborted, {IS_OF_ROW} AS is_of_row FROM temp.found)
         SELECT user_reference, sum(created) AS created, sum(other) AS other, sum(found) AS found,
                sum(aborted) AS aborted, sum(stranger) AS strangers
         FROM (
             SELECT user_reference, created, NOT created AS other, 0 AS found, 0 AS aborted, 0 AS stranger
             FROM (
                 SELECT analysis.user_reference, replaced,
                        state = 'created' AND (creation IS NOT 'FAILED' OR analysis.analysis IS NOT NULL) AS created
                 FROM main.chunk CROSS JOIN main.analysis
                 WHERE chunk.submission = ?1 AND state <> 'split' AND analysis.submission = ?1
                   AND position >= first AND position < first + count)
             WHERE replaced = 0 OR created
             UNION ALL
             SELECT user_reference, 0, 0, is_of_row AND NOT is_aborted, is_of_row AND is_aborted,
                    NOT is_of_row AND NOT is_aborted
             FROM seen)
         GROUP BY user_reference
         HAVING sum(found) + min(sum(aborted), max(sum(created) - sum(found), 0)) <> sum(created)
             OR sum(stranger) > 0"
    )
}

const CLEAR_FOUND: &str = "DELETE FROM temp.found";
const CLEAR_DIFFERING: &str = "DELETE FROM temp.differing";

/// Connection of the last survey, with empty tables, for the next one.
pub(super) type IdleSurvey = Arc<Mutex<Option<Connection>>>;

/// Survey in temporary tables of its connection.
pub(super) struct SqliteSurvey {
    path: PathBuf,
    /// None only while it is dropped.
    connection: Option<Connection>,
    submission: i64,
    /// Number of analyses that were added.
    added: usize,
    idle: IdleSurvey,
}

fn closed() -> DbError {
    DbError::Damaged("its comparison with ICA has ended".to_owned())
}

fn found(row: &Row<'_>) -> DbResult<FoundAnalysis> {
    let id: String = row.get(0)?;
    Ok(FoundAnalysis {
        id: id
            .parse()
            .map_err(|_| DbError::Damaged(format!("it has {id:?} as the id of an analysis")))?,
        user_reference: row.get(1)?,
        chunk_mark: row.get(2)?,
        row_mark: row.get(3)?,
        run: row.get(4)?,
    })
}

impl SqliteSurvey {
    /// Begins a survey with the connection of the last one, or with a new one.
    pub(super) fn new(
        path: PathBuf,
        idle: IdleSurvey,
        connect: impl FnOnce() -> DbResult<Connection>,
        submission: i64,
    ) -> DbResult<Self> {
        let kept = idle.lock().unwrap_or_else(PoisonError::into_inner).take();
        let connection = match kept {
            Some(kept) => kept,
            None => {
                let new = connect()?;
                new.execute_batch(TABLES)?;
                new
            }
        };
        Ok(Self {
            path,
            connection: Some(connection),
            submission,
            added: 0,
            idle,
        })
    }

    fn connection(&self) -> DbResult<&Connection> {
        self.connection.as_ref().ok_or_else(closed)
    }

    fn at<T>(&self, result: DbResult<T>) -> Result<T> {
        result.map_err(|error| error.at(&self.path))
    }

    fn insert(&mut self, found: Vec<FoundAnalysis>) -> DbResult<()> {
        self.added = self.added.saturating_add(found.len());
        let transaction = self.connection.as_mut().ok_or_else(closed)?.transaction()?;
        {
            let sql = format!("INSERT OR IGNORE INTO temp.found ({FOUND}) VALUES (?1, ?2, ?3, ?4, ?5)");
            let mut insert = transaction.prepare_cached(&sql)?;
            for found in found {
                insert.execute(params![
                    found.id.to_string(),
                    found.user_reference,
                    found.chunk_mark,
                    found.row_mark,
                    found.run
                ])?;
            }
        }
        transaction.commit()?;
        Ok(())
    }

    fn delete_known(&mut self, naming: &Naming) -> DbResult<()> {
        let transaction = self.connection.as_mut().ok_or_else(closed)?.transaction()?;
        let sql = "DELETE FROM temp.found WHERE id IN (SELECT analysis FROM main.analysis WHERE submission = ?1 AND analysis IS NOT NULL)";
        transaction.prepare_cached(sql)?.execute([self.submission])?;
        {
            let mut select = transaction.prepare_cached(
                "SELECT user_reference, label, analysis.digest FROM main.chunk CROSS JOIN main.analysis
                 WHERE chunk.submission = ?1 AND state = 'created' AND analysis.submission = ?1
                   AND position >= first AND position < first + count AND analysis.analysis IS NULL
                   AND creation IS NOT 'FAILED'",
            )?;
            let mut delete = transaction.prepare_cached(&format!(
                "DELETE FROM temp.found WHERE id = (
                     SELECT id FROM temp.found WHERE user_reference = ?1 AND (row_mark IS NULL OR row_mark = ?3)
                     ORDER BY chunk_mark <> ?2, {HAS_FAILED}, id LIMIT 1)"
            ))?;
            let mut rows = select.query([self.submission])?;
            // The rows of a chunk follow each other.
            let (mut label, mut mark) = (String::new(), String::new());
            while let Some(row) = rows.next()? {
                let text = |column| row.get_ref(column)?.as_str().map_err(rusqlite::Error::from);
                let of_chunk = text(1)?;
                if of_chunk != label {
                    (label, mark) = (of_chunk.to_owned(), naming.chunk_mark(of_chunk));
                }
                delete.execute(params![text(0)?, mark, row_mark(&row.get(2)?)])?;
            }
        }
        transaction.commit()?;
        Ok(())
    }

    fn claim_one(&mut self, row: &ChunkRow, chunk_mark: &str, chunk: i64) -> DbResult<()> {
        let sql = format!(
            "UPDATE temp.found SET claimed = ?3 WHERE id = (
                 SELECT id FROM temp.found WHERE user_reference = ?1 AND (row_mark IS NULL OR row_mark = ?4)
                   AND chunk_mark = ?2 AND claimed IS NULL AND NOT {HAS_FAILED} ORDER BY id LIMIT 1)"
        );
        self.connection()?
            .prepare_cached(&sql)?
            .execute(params![row.user_reference, chunk_mark, chunk, row.mark])?;
        Ok(())
    }

    fn take_one(&mut self, row: &ChunkRow, chunk_mark: &str, chunk: i64) -> DbResult<Option<FoundAnalysis>> {
        let sql = format!(
            "SELECT {FOUND} FROM temp.found
             WHERE user_reference = ?1 AND (row_mark IS NULL OR row_mark = ?4) AND (claimed IS NULL OR claimed = ?3)
               AND NOT (?5 AND {HAS_FAILED} AND chunk_mark <> ?2)
             ORDER BY claimed IS NULL, {HAS_FAILED}, chunk_mark <> ?2, id LIMIT 1"
        );
        let taken = {
            let mut select = self.connection()?.prepare_cached(&sql)?;
            let mut rows = select.query(params![row.user_reference, chunk_mark, chunk, row.mark, row.is_again])?;
            match rows.next()? {
                Some(row) => found(row)?,
                None => return Ok(None),
            }
        };
        self.connection()?
            .prepare_cached("DELETE FROM temp.found WHERE id = ?1")?
            .execute([taken.id.to_string()])?;
        Ok(Some(taken))
    }

    fn read_totals(&self) -> DbResult<SurveyTotals> {
        let connection = self.connection()?;
        let sql = "SELECT count(*) FROM temp.found";
        let found = connection.prepare_cached(sql)?.query_row([], |row| row.get(0))?;
        let sql = "SELECT coalesce(sum(count), 0) - (
                       SELECT count(*) FROM main.analysis
                       WHERE submission = ?1 AND creation = 'FAILED' AND analysis IS NULL)
                   FROM main.chunk WHERE submission = ?1 AND state = 'created'";
        let created = connection
            .prepare_cached(sql)?
            .query_row([self.submission], |row| row.get(0))
            .optional()?;
        Ok(SurveyTotals {
            found,
            created: created.unwrap_or_default(),
        })
    }

    /// Compares all user references once, and reads them in pages.
    fn read_differing(&self, after: Option<&str>, limit: usize) -> DbResult<Vec<Differing>> {
        let connection = self.connection()?;
        if after.is_none() {
            connection.prepare_cached(CLEAR_DIFFERING)?.execute([])?;
            connection
                .prepare_cached(&write_differing())?
                .execute([self.submission])?;
        }
        let sql = "SELECT user_reference, created, other, found, aborted, strangers FROM temp.differing
                   WHERE user_reference > ?1 OR ?2 ORDER BY user_reference LIMIT ?3";
        let mut select = connection.prepare_cached(sql)?;
        let values = params![after.unwrap_or_default(), after.is_none(), limit];
        let differing = select.query_map(values, |row| {
            Ok(Differing {
                user_reference: row.get(0)?,
                created: row.get(1)?,
                other_rows: row.get(2)?,
                found: row.get(3)?,
                aborted: row.get(4)?,
                strangers: row.get(5)?,
            })
        })?;
        Ok(differing.collect::<std::result::Result<_, _>>()?)
    }

    fn read_analyses(&self, user_reference: &str, limit: usize) -> DbResult<Vec<FoundAnalysis>> {
        let sql = format!("SELECT {FOUND} FROM temp.found WHERE user_reference = ?1 ORDER BY id LIMIT ?2");
        let mut select = self.connection()?.prepare_cached(&sql)?;
        let mut rows = select.query(params![user_reference, limit])?;
        let mut analyses = Vec::new();
        while let Some(row) = rows.next()? {
            analyses.push(found(row)?);
        }
        Ok(analyses)
    }
}

impl SqliteSurvey {
    fn read_left(&self, limit: usize) -> DbResult<Vec<String>> {
        let sql = format!(
            "SELECT DISTINCT user_reference FROM temp.found
             WHERE NOT {HAS_FAILED} AND {IS_OF_ROW} AND user_reference NOT IN (
                   SELECT user_reference FROM main.analysis WHERE submission = ?1 AND run IS NOT NULL AND {HAS_FAILED})
             ORDER BY user_reference LIMIT ?2"
        );
        let mut select = self.connection()?.prepare_cached(&sql)?;
        let left = select.query_map(params![self.submission, limit], |row| row.get(0))?;
        Ok(left.collect::<std::result::Result<_, _>>()?)
    }

    fn read_strangers(&self, limit: usize) -> DbResult<Vec<Stranger>> {
        let sql = format!(
            "SELECT user_reference, user_reference IN (SELECT user_reference FROM main.analysis WHERE submission = ?1)
             FROM (SELECT DISTINCT user_reference FROM temp.found WHERE NOT {IS_ABORTED} AND NOT {IS_OF_ROW}
                   ORDER BY user_reference LIMIT ?2)"
        );
        let mut select = self.connection()?.prepare_cached(&sql)?;
        let strangers = select.query_map(params![self.submission, limit], |row| {
            Ok(Stranger {
                user_reference: row.get(0)?,
                is_of_row: row.get(1)?,
            })
        })?;
        Ok(strangers.collect::<std::result::Result<_, _>>()?)
    }
}

/// Leaves the connection to the next survey. After an error the connection is closed.
impl Drop for SqliteSurvey {
    fn drop(&mut self) {
        let Some(connection) = self.connection.take().filter(|_| self.added <= KEPT) else {
            return;
        };
        let cleared = || -> rusqlite::Result<()> {
            for sql in [CLEAR_FOUND, CLEAR_DIFFERING] {
                connection.prepare_cached(sql)?.execute([])?;
            }
            connection.release_memory()
        };
        if cleared().is_ok() {
            *self.idle.lock().unwrap_or_else(PoisonError::into_inner) = Some(connection);
        }
    }
}

impl Survey for SqliteSurvey {
    fn add(&mut self, found: Vec<FoundAnalysis>) -> Result<()> {
        let inserted = self.insert(found);
        self.at(inserted)
    }

    fn remove_known(&mut self, naming: &Naming) -> Result<()> {
        let removed = self.delete_known(naming);
        self.at(removed)
    }

    fn claim(&mut self, row: &ChunkRow, chunk_mark: &str, chunk: i64) -> Result<()> {
        let claimed = self.claim_one(row, chunk_mark, chunk);
        self.at(claimed)
    }

    fn take(&mut self, row: &ChunkRow, chunk_mark: &str, chunk: i64) -> Result<Option<FoundAnalysis>> {
        let taken = self.take_one(row, chunk_mark, chunk);
        self.at(taken)
    }

    fn left(&mut self, limit: usize) -> Result<Vec<String>> {
        self.at(self.read_left(limit))
    }

    fn strangers(&mut self, limit: usize) -> Result<Vec<Stranger>> {
        self.at(self.read_strangers(limit))
    }

    fn totals(&mut self) -> Result<SurveyTotals> {
        self.at(self.read_totals())
    }

    fn differing(&mut self, after: Option<&str>, limit: usize) -> Result<Vec<Differing>> {
        self.at(self.read_differing(after, limit))
    }

    fn analyses(&mut self, user_reference: &str, limit: usize) -> Result<Vec<FoundAnalysis>> {
        self.at(self.read_analyses(user_reference, limit))
    }
}
