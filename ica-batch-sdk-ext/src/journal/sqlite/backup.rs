//! Copies of the journal while it is in use.

use std::path::Path;

use super::database::DbError;
use super::store::SqliteStore;
use crate::error::Result;
use crate::journal::file;

/// Writes a copy. It has the state of one moment, and gets its name when it is complete.
pub(super) fn backup(store: &SqliteStore, to: &Path) -> Result<()> {
    file::require_free(to)?;
    let new = file::beside(to, "-new");
    file::create_private(to, &new)?;
    let text = new.to_str().map(str::to_owned);
    let written = store.connect().and_then(|connection| {
        let text = text.ok_or_else(|| DbError::Damaged("the path of the copy is not UTF-8".to_owned()))?;
        connection.execute("VACUUM INTO ?1", [text])?;
        Ok(())
    });
    let written = store.at(written).and_then(|()| file::publish(to, &new));
    if written.is_err() {
        // The first error says more than one about the rest of a copy.
        let _ = std::fs::remove_file(&new);
    }
    written
}
