//! The handle of a journal.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::Connection;

use super::database::{self, DbResult};
use super::open;
use super::tasks::finished;
use crate::error::{Error, Result};

/// Journal of submissions, in an SQLite file. Cheap to clone; clones share one connection.
///
/// The key and the exact bytes of a chunk are committed before it is sent, and its response when it
/// arrives. So a process may end at any time. The file is in WAL mode with full synchronization,
/// and several processes of one machine can use it at the same time. It contains the requests that
/// are sent to ICA, and no credential. The methods of this type block while they read the file.
///
/// ```
/// use ica_batch_sdk_ext::Journal;
///
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("cohort.db");
/// let journal = Journal::open(&path)?;
/// for entry in journal.submissions()? {
///     println!("{entry}");
/// }
/// assert!(journal.submissions()?.is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Tables
///
/// The view `outcome` has a row for each analysis and is enough for most queries:
///
/// ```text
/// sqlite3 cohort.db "SELECT user_reference, state, batch, analysis FROM outcome WHERE submission = 'cohort-42'"
/// ```
///
/// If several projects or servers have a submission of that name, add
/// `AND project = '…' AND endpoint = '…'`. The tables are:
///
/// | table | a row is | columns |
/// |---|---|---|
/// | `submission` | a submission | `endpoint`: the base URL; `project`; `name`; `state`: `planning` while its manifest is read, then `planned` |
/// | `chunk` | the rows that one request creates | `label`: its number, the halves of a split chunk add `.0` and `.1`; `first` and `count`: its rows; `state`: see below; `sent_at`: since when it may have been executed without a known response; `sender`: the process that sends it now; `claim`: how often it was locked; `batch`; `status` and `problem`: of a rejection; `key`, `digest` and `body`: of the request |
/// | `analysis` | a row of a manifest | `position` from 0, `kind`, `user_reference`, `digest`; `replaced`: 1 if it was rejected and a corrected row was accepted; `item`, `analysis` and `creation` (the item's status): as ICA listed them last |
/// | `sender` | a process at work | `process`: its id; `alive_until`, `lease`: until when its locks hold without renewal |
///
/// `chunk.state` is `planned`, `sent`, `created`, `rejected` or `split`;
/// [`exactly_once`](crate::exactly_once) has a diagram. Times are milliseconds since 1970 UTC:
/// `datetime(sent_at / 1000, 'unixepoch')`. Digests are SHA-256: of a chunk's body in hexadecimal
/// digits; of an analysis as bytes (over its kind, a zero byte and its JSON). Read the file with
/// any program; only this crate may write it.
///
/// `PRAGMA application_id` is 0x49434142. `PRAGMA user_version` is the schema, which is 2.
#[derive(Clone)]
pub struct Journal {
    inner: Arc<Inner>,
}

struct Inner {
    path: PathBuf,
    connection: Mutex<Connection>,
}

impl Journal {
    /// Opens the journal at this path, and creates it if there is no file. Reads the whole file
    /// once to check it.
    ///
    /// Keep it on a local disk: network file systems lack the locks that SQLite needs. SQLite keeps
    /// two more files beside it, `-wal` and `-shm`, while it is in use.
    ///
    /// ```
    /// use ica_batch_sdk_ext::{ErrorKind, Journal};
    ///
    /// # let folder = tempfile::tempdir()?;
    /// let path = folder.path().join("samples.csv");
    /// std::fs::write(&path, "sample,reads\n".repeat(100))?;
    /// let error = Journal::open(&path).unwrap_err();
    /// assert_eq!(error.kind(), ErrorKind::Journal);
    /// assert!(error.to_string().contains("it is not an SQLite file"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`Journal`](crate::ErrorKind::Journal) when the file is not a journal, is damaged, has a
    /// newer schema, or cannot be read and written. Such a file stays unchanged.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref().to_owned();
        let connection = Mutex::new(open::open(&path)?);
        Ok(Self {
            inner: Arc::new(Inner { path, connection }),
        })
    }

    /// Returns the path of the file.
    pub fn path(&self) -> &Path {
        &self.inner.path
    }

    /// Calls `act` with the connection, and waits until it is free.
    pub(super) fn with_connection<T>(&self, act: impl FnOnce(&mut Connection) -> DbResult<T>) -> Result<T> {
        let mut connection = self.inner.connection.lock().unwrap_or_else(PoisonError::into_inner);
        act(&mut connection).map_err(|error| error.at(&self.inner.path))
    }

    /// Calls `act` with the connection on a thread that may block. It runs to its end even if the
    /// future is dropped.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        act: impl FnOnce(&mut Connection) -> DbResult<T> + Send + 'static,
    ) -> Result<T> {
        let journal = self.clone();
        let task = tokio::task::spawn_blocking(move || journal.with_connection(act));
        finished(task.await).unwrap_or_else(|| {
            let reason = "the program's runtime is shutting down; run again";
            Err(database::journal_error(&self.inner.path, reason))
        })
    }

    /// Returns the error of a journal that contains a value which this crate never writes.
    pub(crate) fn damaged(&self, what: &str) -> Error {
        database::damaged(&self.inner.path, what)
    }
}

impl fmt::Debug for Journal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Journal")
            .field("path", &self.inner.path)
            .finish_non_exhaustive()
    }
}
