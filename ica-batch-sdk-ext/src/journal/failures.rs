//! Errors of a journal.

use std::path::Path;

use crate::error::{Error, ErrorKind};

/// Returns the error of a journal that contains what this crate never writes.
pub(super) fn damaged(path: &Path, what: &str) -> Error {
    journal_error(
        path,
        &format!("{what}, so another program changed it or it is damaged; restore a copy"),
    )
}

/// Returns an error of the journal at this path that may pass, such as a lock or a full disk.
pub(super) fn passing_error(path: &Path, reason: &str) -> Error {
    journal_error(path, reason).passing()
}

/// Returns an error of the journal at this path. `reason` ends with the advice.
pub(super) fn journal_error(path: &Path, reason: &str) -> Error {
    let what = format!("could not use the journal {}: {reason}", path.display());
    Error::new(ErrorKind::Journal, what)
}
