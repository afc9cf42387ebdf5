//! The store: one connection that writes, one for reading beside it, and further ones for temporary
//! tables.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rusqlite::{Connection, Transaction};

use super::changes::Changes;
use super::database::DbResult;
use super::open::{self, Access, Place};
use super::survey::IdleSurvey;
use crate::error::Result;
use crate::journal::failures::journal_error;
use crate::journal::steps::Stamp;

/// Number of free pages that one step returns to the file system.
const PAGES: u32 = 500;

/// Longest time for which a step of a long operation lets others go first.
const LONGEST_WAY: Duration = Duration::from_millis(100);

/// Journal in an SQLite file.
pub(in crate::journal) struct SqliteStore {
    place: Place,
    connection: Mutex<Connection>,
    /// Number of threads that wait for the connection.
    waiting: AtomicUsize,
    /// Stamp of the last transaction.
    written: Mutex<Option<Stamp>>,
    /// Connection of the last [`read_apart`](Self::read_apart), for the next one.
    idle: Mutex<Option<Connection>>,
    idle_survey: IdleSurvey,
}

impl SqliteStore {
    /// Creates a new journal. The caller owns the path.
    pub(in crate::journal) fn create(path: &Path, access: Access) -> Result<()> {
        open::create(path, access)
    }

    /// Returns whether the file has an older schema that this release can migrate.
    pub(in crate::journal) fn needs_migration(path: &Path) -> Result<bool> {
        open::needs_migration(path).map_err(|error| error.at(path))
    }

    /// Migrates the file to the present schema. The caller owns the path.
    pub(in crate::journal) fn migrate(path: &Path, access: Access) -> Result<()> {
        open::migrate(path, access).map_err(|error| error.at(path))
    }

    /// Opens an existing journal.
    pub(in crate::journal) fn open(path: PathBuf, access: Access) -> Result<Self> {
        let connection = open::connect(&path, access).map_err(|error| error.at(&path))?;
        Ok(Self {
            connection: Mutex::new(connection),
            waiting: AtomicUsize::new(0),
            written: Mutex::new(None),
            idle: Mutex::new(None),
            idle_survey: IdleSurvey::default(),
            place: Place { path, access },
        })
    }

    pub(super) fn path(&self) -> &Path {
        &self.place.path
    }

    pub(super) fn at<T>(&self, result: DbResult<T>) -> Result<T> {
        result.map_err(|error| error.at(self.path()))
    }

    fn lock(&self) -> MutexGuard<'_, Connection> {
        self.waiting.fetch_add(1, Ordering::Relaxed);
        let connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        self.waiting.fetch_sub(1, Ordering::Relaxed);
        connection
    }

    /// Lets those go first who wait for the connection: the lock is not fair, and a thread that
    /// takes it again and again would keep them waiting.
    pub(super) fn make_way(&self) {
        let started = Instant::now();
        while self.waiting.load(Ordering::Relaxed) > 0 && started.elapsed() < LONGEST_WAY {
            std::thread::yield_now();
        }
    }

    /// Calls `act` with the connection in a transaction that only reads.
    pub(super) fn read<T>(&self, act: impl FnOnce(&Connection) -> DbResult<T>) -> Result<T> {
        let connection = self.lock();
        let result = Reading::begin(&connection).and_then(|reading| act(reading.0));
        self.at(result)
    }

    /// Opens a further connection.
    pub(super) fn connect(&self) -> DbResult<Connection> {
        open::connect_again(self.path(), self.place.access)
    }

    /// Calls `act` with a connection beside the one that writes, so that no writer waits for it. It
    /// reads each page from the file.
    pub(super) fn read_apart<T>(&self, act: impl FnOnce(&Transaction<'_>) -> DbResult<T>) -> Result<T> {
        let read = || {
            let idle = self.idle().take();
            let mut connection = match idle {
                Some(idle) => idle,
                None => self.connect()?,
            };
            let transaction = connection.transaction()?;
            let result = act(&transaction)?;
            transaction.commit()?;
            // A page in memory would hide damage of the file from the next check.
            connection.release_memory()?;
            // After an error the connection is closed.
            *self.idle() = Some(connection);
            Ok(result)
        };
        self.at(read())
    }

    fn idle(&self) -> MutexGuard<'_, Option<Connection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn idle_survey(&self) -> IdleSurvey {
        Arc::clone(&self.idle_survey)
    }

    /// Calls `act` with a transaction that writes, and commits it.
    pub(super) fn write<T>(&self, act: impl FnOnce(&mut Changes<'_>) -> DbResult<T>) -> Result<T> {
        self.write_if(act, |_| true)
    }

    /// Calls `act` with a transaction that writes, and commits it if the result says so.
    pub(super) fn write_if<T>(
        &self,
        act: impl FnOnce(&mut Changes<'_>) -> DbResult<T>,
        is_committed: impl FnOnce(&T) -> bool,
    ) -> Result<T> {
        if self.place.access.read_only {
            let reason = "it is opened for reading only; open it with Journal::open";
            return Err(journal_error(self.path(), reason));
        }
        let mut connection = self.lock();
        let result = Changes::begin(&mut connection).and_then(|mut changes| {
            let result = act(&mut changes)?;
            if is_committed(&result) {
                let stamp = changes.commit()?;
                *self.written.lock().unwrap_or_else(PoisonError::into_inner) = Some(stamp);
            }
            Ok(result)
        });
        self.at(result)
    }

    /// Returns the stamp of the last transaction of this store.
    pub(super) fn last_written(&self) -> Option<Stamp> {
        self.written.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Gives free pages back to the file system, in steps.
    pub(super) fn shrink(&self) -> Result<()> {
        loop {
            self.make_way();
            let connection = self.lock();
            let free = |connection: &Connection| -> DbResult<u32> {
                Ok(connection.pragma_query_value(None, "freelist_count", |row| row.get(0))?)
            };
            let step = || -> DbResult<bool> {
                let before = free(&connection)?;
                let mut vacuum = connection.prepare(&format!("PRAGMA incremental_vacuum({PAGES})"))?;
                let mut rows = vacuum.query([])?;
                while rows.next()?.is_some() {}
                drop(rows);
                // A migrated file has no map of its pages, and keeps them.
                let after = free(&connection)?;
                Ok(after > 0 && after < before)
            };
            if !self.at(step())? {
                return Ok(());
            }
        }
    }
}

/// Transaction that only reads, and ends when it is dropped. Unlike those of [`Transaction`], its `BEGIN`
/// and `ROLLBACK` are in the cache of the connection.
struct Reading<'a>(&'a Connection);

impl<'a> Reading<'a> {
    fn begin(connection: &'a Connection) -> DbResult<Self> {
        connection.prepare_cached("BEGIN")?.execute([])?;
        Ok(Self(connection))
    }
}

impl Drop for Reading<'_> {
    fn drop(&mut self) {
        // If this fails, so does the next transaction.
        let rollback = self.0.prepare_cached("ROLLBACK");
        let _ = rollback.and_then(|mut rollback| rollback.execute([]));
    }
}

impl fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteStore")
            .field("place", &self.place)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use rusqlite::Connection;
    use rusqlite::config::DbConfig;

    use super::SqliteStore;
    use crate::journal::found::FoundAnalysis;
    use crate::journal::sqlite::Access;
    use crate::journal::sqlite::database::DbError;
    use crate::journal::store::Store;
    use crate::journal::suite::{batch, id, planned};

    fn store() -> (tempfile::TempDir, PathBuf, SqliteStore) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.db");
        let access = Access {
            read_only: false,
            on_network: false,
        };
        SqliteStore::create(&path, access).unwrap();
        let store = SqliteStore::open(path.clone(), access).unwrap();
        (folder, path, store)
    }

    #[test]
    fn the_connection_for_reading_is_kept_unless_it_fails() {
        let (_folder, _path, store) = store();
        let mark = || store.read_apart(|connection| Ok(connection.execute_batch("CREATE TEMP TABLE mark (x)")?));
        let is_marked = || {
            let sql = "SELECT count(*) FROM temp.sqlite_schema WHERE name = 'mark'";
            store.read_apart(|connection| Ok(connection.query_row(sql, [], |row| row.get::<_, bool>(0))?))
        };
        mark().unwrap();
        assert!(is_marked().unwrap(), "it is the same connection");
        // A second reader at the same time has another, and the one that ends last is kept.
        let beside = store.read_apart(|_| Ok(is_marked().unwrap())).unwrap();
        assert!(!beside && is_marked().unwrap());
        let failed = store.read_apart::<()>(|_| Err(DbError::Damaged("it is a test".to_owned())));
        assert!(failed.is_err());
        assert!(!is_marked().unwrap(), "it is a new connection");
    }

    #[test]
    fn a_check_reads_the_file_and_not_the_memory_of_the_check_before() {
        let (_folder, path, store) = store();
        let submission = planned(&store, &id("u", "p", "the-name"));
        let other = Connection::open(&path).unwrap();
        let checkpoint = "PRAGMA wal_checkpoint(TRUNCATE)";
        let left: i64 = other.query_row(checkpoint, [], |row| row.get(0)).unwrap();
        assert_eq!(left, 0, "all pages are in the file");
        store.check(submission).unwrap();
        // A disk changes a file without SQLite.
        let mut bytes = std::fs::read(&path).unwrap();
        let name = bytes.windows(8).position(|window| window == b"the-name").unwrap();
        bytes[name] = b'T';
        std::fs::write(&path, bytes).unwrap();
        let error = store.check(submission).unwrap_err();
        assert!(error.to_string().contains("not those that were recorded"), "{error}");
    }
    #[test]
    fn no_plan_of_a_statement_depends_on_values() {
        let (_folder, _path, store) = store();
        let is_stable = |connection: &Connection| Ok(connection.db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG)?);
        assert!(store.read(is_stable).unwrap());
        assert!(store.read_apart(|transaction| is_stable(transaction)).unwrap());
    }

    #[test]
    fn a_survey_leaves_nothing_but_its_connection_to_the_next_one() {
        let (_folder, _path, store) = store();
        let submission = planned(&store, &id("u", "p", "n"));
        let found = |count: u128| {
            (0..count).map(|number| FoundAnalysis {
                id: batch(number),
                user_reference: format!("stranger-{number}"),
                chunk_mark: "m".to_owned(),
                row_mark: None,
                run: "SUCCEEDED".to_owned(),
            })
        };
        let is_kept = || store.idle_survey().lock().unwrap().is_some();
        for (count, keeps) in [(3, true), (1001, false), (1, true)] {
            let mut survey = store.survey(submission).unwrap();
            assert_eq!(survey.totals().unwrap().found, 0);
            assert!(!is_kept(), "a second survey at the same time has another");
            survey.add(found(count).collect()).unwrap();
            assert_eq!(survey.differing(0, 10_000).unwrap().len() as u128, count);
            // It is computed anew.
            assert_eq!(survey.differing(0, 10_000).unwrap().len() as u128, count);
            drop(survey);
            assert_eq!(is_kept(), keeps);
        }
    }
}
