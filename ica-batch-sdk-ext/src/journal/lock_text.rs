//! The text of a lock file: who has the lock, and what the journal was after the last transaction.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::time::SystemTime;

use chrono::SecondsFormat;
use serde::{Deserialize, Serialize};

use super::file;
use super::time::rfc3339;
use crate::error::{Error, ErrorKind, NAME, shown};

/// Longest text of a lock file that is read, in bytes.
const LONGEST_TEXT: u64 = 4096;

/// Text of a lock file, in JSON.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct LockText {
    process: u32,
    host: String,
    since: String,
    /// Id of the journal.
    pub(super) journal: Option<String>,
    /// Counter of the journal after the last transaction.
    pub(super) counter: u64,
}

impl LockText {
    /// Returns the text of this process, of no journal.
    pub(super) fn new() -> Self {
        Self {
            process: std::process::id(),
            host: file::host(),
            since: rfc3339(SystemTime::now(), SecondsFormat::Secs),
            journal: None,
            counter: 0,
        }
    }

    /// Reads the text. None if it is not one.
    pub(super) fn read(file: &mut File) -> Option<Self> {
        let mut text = String::new();
        file.seek(SeekFrom::Start(0)).ok()?;
        file.take(LONGEST_TEXT).read_to_string(&mut text).ok()?;
        // Shorter texts leave the rest of longer ones behind.
        serde_json::from_str(text.lines().next()?).ok()
    }

    /// Writes the text with one call, so that a reader sees it as a whole.
    pub(super) fn write(&self, file: &mut File) -> std::io::Result<()> {
        let mut line = serde_json::to_vec(self)?;
        line.push(b'\n');
        file.seek(SeekFrom::Start(0))?;
        file.write_all(&line)
    }
}

/// Returns the error of a journal that another process has.
pub(super) fn busy(journal: &Path, owner: Option<LockText>) -> Error {
    let owner = match owner {
        Some(LockText {
            process, host, since, ..
        }) => format!(
            "process {process} on {} has used it since {}",
            shown(&host, NAME),
            shown(&since, NAME)
        ),
        None => "another process uses it".to_owned(),
    };
    let what = format!(
        "could not use the journal {}: {owner}; wait until that process has ended, or let the run wait with Submission::wait_for_owner",
        journal.display()
    );
    Error::new(ErrorKind::JournalInUse, what)
}
