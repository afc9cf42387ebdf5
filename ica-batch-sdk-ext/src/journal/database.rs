//! Results of SQLite, the errors that they become, and transactions that write.

use std::path::Path;

use rusqlite::{Connection, ErrorCode, Transaction, TransactionBehavior};

use crate::error::{Error, ErrorKind, SENTENCE, shown};

/// Failure of an operation on the database.
pub(super) enum DbError {
    /// SQLite reports an error.
    Sqlite(rusqlite::Error),
    /// The file contains a value that this crate never writes. The text names it.
    Damaged(String),
    /// An error that is described completely.
    Described(Error),
}

pub(super) type DbResult<T> = Result<T, DbError>;

impl From<rusqlite::Error> for DbError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

impl From<Error> for DbError {
    fn from(error: Error) -> Self {
        Self::Described(error)
    }
}

impl DbError {
    /// Returns the error of the journal at this path.
    pub(super) fn at(self, path: &Path) -> Error {
        let error = match self {
            Self::Described(error) => return error,
            Self::Damaged(what) => return damaged(path, &shown(&what, SENTENCE)),
            Self::Sqlite(error) => error,
        };
        let reason = match error.sqlite_error_code() {
            Some(ErrorCode::NotADatabase) => "it is not an SQLite file, and nothing was changed; choose another path",
            Some(ErrorCode::DatabaseCorrupt) => {
                "the file is damaged, and nothing was written; keep the file and its -wal, and restore a copy or recover it with `sqlite3 … .recover`"
            }
            Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => {
                "it cannot be written; allow writing to the file and its folder, or choose another path"
            }
            Some(ErrorCode::CannotOpen) => "it cannot be opened; check that its folder exists and can be written to",
            Some(ErrorCode::DiskFull) => "its disk is full, and nothing is lost; free some space and run again",
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
                "another program has locked it; end that program (a backup, an open sqlite3 transaction) and run again"
            }
            Some(ErrorCode::SystemIoFailure) => {
                "the operating system cannot read or write it; check its disk (is it full?) and run again"
            }
            _ => "SQLite reports an error, see the source; fix its cause and run again",
        };
        journal_error(path, reason).with_source(error)
    }
}

/// Returns the error of a journal that contains a value which this crate never writes.
pub(super) fn damaged(path: &Path, what: &str) -> Error {
    journal_error(
        path,
        &format!("{what}, so another program changed it or it is damaged; restore a copy"),
    )
}

/// Returns an error of the journal at this path. `reason` ends with the advice.
pub(super) fn journal_error(path: &Path, reason: &str) -> Error {
    let what = format!("could not use the journal {}: {reason}", path.display());
    Error::new(ErrorKind::Journal, what)
}

/// Begins a transaction that writes. It holds the file's lock from the start, so the rows it reads
/// do not change before it commits.
pub(super) fn write_transaction(connection: &mut Connection) -> DbResult<Transaction<'_>> {
    Ok(connection.transaction_with_behavior(TransactionBehavior::Immediate)?)
}
