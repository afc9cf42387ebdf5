//! The journal: what a [`Submission`](crate::Submission) has planned, sent and learnt, in an SQLite file.
//!
//! A chunk's key and exact bytes are committed before it is sent, and its answer when it came, so a process may end at any moment.
//! The file is in WAL mode with full synchronization, and safe for several processes of one machine at once. It holds what is
//! sent to ICA, and no credential.

mod browse;
pub(crate) mod changes;
pub(crate) mod claims;
mod fault;
pub(crate) mod items;
#[cfg(test)]
mod model;
mod open;
pub(crate) mod planning;
pub(crate) mod records;
pub(crate) mod time;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::{Connection, Transaction, TransactionBehavior};

use crate::error::{Error, ErrorKind, Result};

pub(crate) use fault::Stored;
pub use records::{ChunkState, JournalChunk, JournalEntry};

/// A journal of submissions, in an SQLite file. Cheap to clone; clones share one connection.
///
/// A chunk's key and exact bytes are committed before it is sent, and its answer when it came. The file is in WAL mode with full synchronization, and
/// safe for several processes of one machine at once. It holds what is sent to ICA, and no credential. Its own methods block for as
/// long as reading the file takes.
///
/// ```
/// use ica_batch_sdk_ext::Journal;
///
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("cohort.db");
/// let journal = Journal::open(&path)?;
/// for entry in journal.list()? {
///     println!("{}: {} of {} created", entry.name(), entry.created(), entry.analyses());
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Tables
///
/// `sqlite3 cohort.db 'SELECT user_reference, state, batch, analysis FROM outcome'` answers most questions: the view
/// `outcome` has a row for each analysis. Beneath it:
///
/// | table | a row is | columns |
/// |---|---|---|
/// | `submission` | a named submission of a project | `endpoint`, `project`, `name`; `state`: `planning` while its manifest is read, then `planned` |
/// | `chunk` | what one create sends | `label`: its number, and for a part of a split chunk `number.half…`; `first` and `count`: its analyses; `state`, see below; `sent_at`: since when it may have been created without an answer; `sender`: who sends it now, and `claim`: how often it was claimed; `batch`; `status` and `problem`: of a rejection; `key`, `digest` and `body`: what is sent |
/// | `analysis` | a row of a manifest | `position` from 0, `kind`, `user_reference`, `digest`; `replaced`: 1 when it was rejected and a corrected row was taken; `item`, `analysis` and `creation`: what ICA showed when it was last looked up |
/// | `sender` | a process at work | `process`, `alive_until`, `lease` |
///
/// `chunk.state` is `planned`, `sent`, `created`, `rejected` or `split`; [`exactly_once`](crate::exactly_once) has them as a diagram. Times
/// are milliseconds since 1970 UTC: `datetime(sent_at / 1000, 'unixepoch')`. Digests are SHA-256, of a chunk's body as hexadecimal
/// digits and of an analysis (its kind, a zero byte, its JSON) as bytes. Read the file with whatever you like, and leave writing to this crate.
///
/// `PRAGMA application_id` is 0x49434142, and `PRAGMA user_version` the schema, which is 1.
#[derive(Clone)]
pub struct Journal {
    inner: Arc<Inner>,
}

struct Inner {
    path: PathBuf,
    connection: Mutex<Connection>,
}

impl Journal {
    /// Opens the journal at this path, and makes it if there is no file. Its whole content is checked, which reads it once.
    ///
    /// Keep it on a local disk: network file systems do not lock files as SQLite needs it. While it is in use, `-wal` and `-shm` beside it
    /// belong to it.
    ///
    /// # Errors
    /// [`Journal`](ErrorKind::Journal) when the file is no journal, is damaged, is of a newer schema, or cannot be read and written.
    /// Such a file is left as it is.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref().to_owned();
        let connection = Mutex::new(open::open(&path)?);
        Ok(Self {
            inner: Arc::new(Inner { path, connection }),
        })
    }

    /// Where the journal is.
    pub fn path(&self) -> &Path {
        &self.inner.path
    }

    /// Works on the connection, and waits for it.
    pub(crate) fn act<T>(&self, act: impl FnOnce(&mut Connection) -> Stored<T>) -> Result<T> {
        let mut connection = self.inner.connection.lock().unwrap_or_else(PoisonError::into_inner);
        act(&mut connection).map_err(|fault| fault.of(&self.inner.path))
    }

    /// Works on the connection, on a thread that may wait. What has begun is ended, also when the future is dropped.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        act: impl FnOnce(&mut Connection) -> Stored<T> + Send + 'static,
    ) -> Result<T> {
        let journal = self.clone();
        match tokio::task::spawn_blocking(move || journal.act(act)).await {
            Ok(result) => result,
            Err(ended) if ended.is_panic() => std::panic::resume_unwind(ended.into_panic()),
            Err(_) => Err(Error::new(
                ErrorKind::Journal,
                "the journal was not written, because the program's runtime is shutting down; run again",
            )),
        }
    }

    /// An error of this journal.
    pub(crate) fn error(&self, says: &str) -> Error {
        fault::journal_error(&self.inner.path, says)
    }
}

impl fmt::Debug for Journal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Journal")
            .field("path", &self.inner.path)
            .finish_non_exhaustive()
    }
}

/// A transaction that writes. It holds the file's lock from its beginning, so that what it reads does not change under it.
pub(crate) fn writing(connection: &mut Connection) -> Stored<Transaction<'_>> {
    Ok(connection.transaction_with_behavior(TransactionBehavior::Immediate)?)
}
