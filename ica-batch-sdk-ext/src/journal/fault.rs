//! What SQLite reports, as this crate's error: what is the matter with the file, and what to do.

use std::path::Path;

use rusqlite::ErrorCode;

use crate::error::{Error, ErrorKind};

/// What goes wrong while a journal is read or written: SQLite's report, or a finding of our own.
pub(crate) enum Fault {
    Sqlite(rusqlite::Error),
    Found(Error),
}

pub(crate) type Stored<T> = std::result::Result<T, Fault>;

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self::Found(error)
    }
}

impl Fault {
    /// As the error of the journal at this path.
    pub(crate) fn of(self, path: &Path) -> Error {
        let error = match self {
            Self::Found(error) => return error,
            Self::Sqlite(error) => error,
        };
        let says = match error.sqlite_error_code() {
            Some(ErrorCode::NotADatabase) => "is no SQLite file; nothing of it was changed, name another path",
            Some(ErrorCode::DatabaseCorrupt) => {
                "is damaged; nothing was written, keep the file and its -wal, and restore a copy or recover it with `sqlite3 … .recover`"
            }
            Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => {
                "cannot be written; allow writing to the file and its folder, or name another path"
            }
            Some(ErrorCode::CannotOpen) => {
                "cannot be opened; check that its folder exists and that it may be written to"
            }
            Some(ErrorCode::DiskFull) => "has no room on its disk; make room and run again, nothing is lost",
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
                "is locked by another program; end what holds it (a backup, an open sqlite3 transaction) and run again"
            }
            Some(ErrorCode::SystemIoFailure) => {
                "cannot be read or written by the system; check its disk (is it full?) and run again"
            }
            _ => "could not do what was asked of it; see the source, and run again when that is mended",
        };
        describe(path, says, Some(error))
    }
}

/// An error of the journal at this path, which says what is wrong and what to do.
pub(crate) fn journal_error(path: &Path, says: &str) -> Error {
    describe(path, says, None)
}

fn describe(path: &Path, says: &str, source: Option<rusqlite::Error>) -> Error {
    let error = Error::new(ErrorKind::Journal, format!("the journal {} {says}", path.display()));
    match source {
        Some(source) => error.with_source(source),
        None => error,
    }
}
