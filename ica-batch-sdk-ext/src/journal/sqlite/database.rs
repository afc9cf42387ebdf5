//! Results of SQLite, and the errors that they become.

use std::path::Path;

use rusqlite::ErrorCode;

use crate::error::{Error, SENTENCE, shown};
use crate::journal::failures::{damaged, journal_error, passing_error};

/// Advice about a damaged file.
pub(super) const RESTORE: &str = "restore a copy, or recover what is readable with `sqlite3 … .recover`; a recovered file is used only if nothing is missing";

/// Failure of an operation on the database.
pub(in crate::journal) enum DbError {
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
        use rusqlite::Error as Sqlite;
        match error {
            Sqlite::FromSqlConversionFailure(column, ..)
            | Sqlite::IntegralValueOutOfRange(column, _)
            | Sqlite::InvalidColumnType(column, ..) => Self::Damaged(format!(
                "it has a value of another type or out of range in column {column} of a row"
            )),
            Sqlite::QueryReturnedNoRows => Self::Damaged("it lacks a row".to_owned()),
            Sqlite::Utf8Error(..) => Self::Damaged("it has a text that is not UTF-8".to_owned()),
            error => Self::Sqlite(error),
        }
    }
}

impl From<Error> for DbError {
    fn from(error: Error) -> Self {
        Self::Described(error)
    }
}

impl DbError {
    /// Returns the error of the journal at this path.
    pub(in crate::journal) fn at(self, path: &Path) -> Error {
        let error = match self {
            Self::Described(error) => return error,
            Self::Damaged(what) => return damaged(path, &shown(&what, SENTENCE)),
            Self::Sqlite(error) => error,
        };
        let reason = match error.sqlite_error_code() {
            Some(ErrorCode::NotADatabase) => {
                "it is not an SQLite file, and nothing was changed; choose another path".to_owned()
            }
            Some(ErrorCode::DatabaseCorrupt) => {
                format!("the file is damaged, and nothing was written; keep the file and its -wal, and {RESTORE}")
            }
            Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => {
                "it cannot be written; allow writing to the file and its folder, or choose another path".to_owned()
            }
            Some(ErrorCode::CannotOpen) => {
                "it cannot be opened; check that its folder exists and can be written to".to_owned()
            }
            Some(ErrorCode::DiskFull) => {
                "its disk is full, and nothing is lost; free some space and run again".to_owned()
            }
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
                "another program has locked it; end that program (a backup, an open sqlite3 transaction) and run again"
                    .to_owned()
            }
            Some(ErrorCode::SystemIoFailure) => {
                "the operating system cannot read or write it; check its disk (is it full?) and run again".to_owned()
            }
            _ => "SQLite reports an error, see the source; fix its cause and run again".to_owned(),
        };
        let may_pass = matches!(
            error.sqlite_error_code(),
            Some(
                ErrorCode::DatabaseBusy
                    | ErrorCode::DatabaseLocked
                    | ErrorCode::DiskFull
                    | ErrorCode::SystemIoFailure
                    | ErrorCode::OutOfMemory
                    | ErrorCode::FileLockingProtocolFailed
                    | ErrorCode::OperationInterrupted
                    | ErrorCode::OperationAborted
            )
        );
        let failure = match may_pass {
            true => passing_error(path, &reason),
            false => journal_error(path, &reason),
        };
        failure.with_source(error)
    }
}
