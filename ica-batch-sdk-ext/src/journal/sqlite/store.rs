//! The store: one connection that writes, and further ones for reading at length.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rusqlite::{Connection, Transaction};

use super::changes::Changes;
use super::database::{DbError, DbResult};
use super::open::{self, Access, Place};
use crate::error::Result;
use crate::journal::failures::journal_error;

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
    pub(super) fn read<T>(&self, act: impl FnOnce(&Transaction<'_>) -> DbResult<T>) -> Result<T> {
        let mut connection = self.lock();
        let result = connection.transaction().map_err(DbError::from);
        let result = result.and_then(|transaction| act(&transaction));
        self.at(result)
    }

    /// Opens a further connection.
    pub(super) fn connect(&self) -> DbResult<Connection> {
        open::connect_again(self.path(), self.place.access)
    }

    /// Calls `act` with a connection of its own, so that no writer waits for it.
    pub(super) fn read_apart<T>(&self, act: impl FnOnce(&Transaction<'_>) -> DbResult<T>) -> Result<T> {
        let result = self.connect().and_then(|mut connection| {
            let transaction = connection.transaction()?;
            act(&transaction)
        });
        self.at(result)
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
                changes.commit()?;
            }
            Ok(result)
        });
        self.at(result)
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

impl fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteStore")
            .field("place", &self.place)
            .finish_non_exhaustive()
    }
}
