//! Comparison of a submission with the analyses that were found in ICA.
//!
//! The found analyses are in a temporary table, on disk if it is large, so memory does not grow with
//! them. Like a comparison with a manifest, it has a connection of its own. A small survey leaves its
//! connection to the next one, because opening the file and creating the tables takes longer than
//! the survey.

use std::cell::Cell;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::{Connection, OptionalExtension, params};
use uuid::Uuid;

use super::database::{DbError, DbResult};
use super::differing;
use super::found::{FAILED, FOUND, IS_ABORTED, IS_OF_ROW, TABLES};
use super::search::{Among, Search, of_created};
use crate::error::Result;
use crate::journal::found::{ChunkRow, Differing, FoundAnalysis, SeenAnalysis, Stranger, SurveyTotals};
use crate::journal::naming::{Naming, row_mark};
use crate::journal::store::Survey;

/// Largest number of analyses whose survey leaves its connection to the next one. The temporary tables
/// of a larger one keep their size.
const KEPT: usize = 1000;

/// Removes an analysis that was found.
fn delete(connection: &Connection, id: Uuid) -> DbResult<()> {
    connection
        .prepare_cached("DELETE FROM temp.found WHERE id = ?1")?
        .execute([id.to_string()])?;
    Ok(())
}

const CLEAR: &str = "DELETE FROM temp.found";

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
    has_failed: Cell<bool>,
    idle: IdleSurvey,
}

fn closed() -> DbError {
    DbError::Damaged("its comparison with ICA has ended".to_owned())
}

/// Returns the search for an analysis of a row.
fn search(row: &ChunkRow) -> Search<'_> {
    Search {
        user_reference: &row.user_reference,
        row_mark: &row.mark,
    }
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
            has_failed: Cell::new(false),
            idle,
        })
    }

    fn connection(&self) -> DbResult<&Connection> {
        self.connection.as_ref().ok_or_else(closed)
    }

    fn at<T>(&self, result: DbResult<T>) -> Result<T> {
        self.has_failed.set(self.has_failed.get() || result.is_err());
        result.map_err(|error| error.at(&self.path))
    }

    fn insert(&mut self, found: Vec<FoundAnalysis>) -> DbResult<()> {
        self.added = self.added.saturating_add(found.len());
        let transaction = self.connection.as_mut().ok_or_else(closed)?.transaction()?;
        {
            let sql = format!(
                "INSERT OR IGNORE INTO temp.found ({FOUND}, failed) VALUES (?1, ?2, ?3, ?4, ?5, ?5 IN {FAILED})"
            );
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
                "SELECT user_reference, label, analysis.digest, chunk.id FROM main.chunk CROSS JOIN main.analysis
                 WHERE chunk.submission = ?1 AND state = 'created' AND analysis.submission = ?1
                   AND position >= first AND position < first + count AND analysis.analysis IS NULL
                   AND creation IS NOT 'FAILED'",
            )?;
            let mut rows = select.query([self.submission])?;
            // The rows of a chunk follow each other.
            let (mut label, mut mark) = (String::new(), String::new());
            while let Some(row) = rows.next()? {
                let text = |column| row.get_ref(column)?.as_str().map_err(rusqlite::Error::from);
                let of_chunk = text(1)?;
                if of_chunk != label {
                    (label, mark) = (of_chunk.to_owned(), naming.chunk_mark(of_chunk));
                }
                let search = Search {
                    user_reference: text(0)?,
                    row_mark: &row_mark(&row.get(2)?),
                };
                if let Some(known) = of_created(&transaction, search, row.get(3)?, &mark)? {
                    delete(&transaction, known.id)?;
                }
            }
        }
        transaction.commit()?;
        Ok(())
    }

    fn claim_one(&mut self, row: &ChunkRow, chunk_mark: &str, chunk: i64) -> DbResult<()> {
        if let Some(found) = search(row).first(self.connection()?, Among::Free, false, Some(chunk_mark))? {
            self.connection()?
                .prepare_cached("UPDATE temp.found SET claimed = ?2 WHERE id = ?1")?
                .execute(params![found.id.to_string(), chunk])?;
        }
        Ok(())
    }

    fn take_one(&mut self, row: &ChunkRow, chunk_mark: &str, chunk: i64) -> DbResult<Option<FoundAnalysis>> {
        let own = Some(chunk_mark);
        let steps = [
            (Among::ClaimedBy(chunk), false, None),
            (Among::Free, false, own),
            (Among::Free, false, None),
            (Among::Free, true, own),
            (Among::Free, true, None),
        ];
        for (among, has_failed, of_chunk) in steps {
            if row.is_again && has_failed && of_chunk.is_none() {
                continue;
            }
            if let Some(found) = search(row).first(self.connection()?, among, has_failed, of_chunk)? {
                delete(self.connection()?, found.id)?;
                return Ok(Some(found));
            }
        }
        Ok(None)
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
}

impl SqliteSurvey {
    fn read_left(&self, limit: usize) -> DbResult<Vec<String>> {
        let sql = format!(
            "SELECT DISTINCT user_reference FROM temp.found
             WHERE NOT failed AND {IS_OF_ROW} AND user_reference NOT IN (
                   SELECT user_reference FROM main.analysis WHERE submission = ?1 AND run IN {FAILED})
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
        let is_kept = self.added <= KEPT && !self.has_failed.get();
        let Some(connection) = self.connection.take().filter(|_| is_kept) else {
            return;
        };
        let cleared = || -> rusqlite::Result<()> {
            connection.prepare_cached(CLEAR)?.execute([])?;
            connection.prepare_cached(differing::CLEAR)?.execute([])?;
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

    fn differing(&mut self, from: u64, limit: usize) -> Result<Vec<Differing>> {
        self.at(self
            .connection()
            .and_then(|connection| differing::read(connection, self.submission, from, limit)))
    }

    fn analyses(&mut self, user_reference: &str, row_mark: Option<&str>, limit: usize) -> Result<Vec<SeenAnalysis>> {
        self.at(self
            .connection()
            .and_then(|connection| differing::analyses(connection, user_reference, row_mark, limit)))
    }
}
