//! The handle of a journal.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use super::failures;
use super::file::{self, Existing};
use super::owner::{Asked, Owner};
use super::sqlite::{Access, SqliteStore};
use super::store::Store;
use super::tasks::finished;
use crate::error::{Error, Result};

/// Journal of submissions, in an SQLite file. Cheap to clone; clones share one connection.
///
/// The key and the exact bytes of a chunk are committed before it is sent, and its response when it
/// arrives. So a process may end at any time. The file is in WAL mode with full synchronization. It
/// contains the requests that are sent to ICA, and no credential. The methods of this type block
/// while they read the file.
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
/// # One owner
///
/// One process at a time owns a journal: while it runs a submission, or changes the journal
/// otherwise. Another process gets the error [`JournalInUse`](crate::ErrorKind::JournalInUse),
/// which names the owner, or [waits](crate::Submission::wait_for_owner). The operating system
/// releases the ownership when the process ends, however it ends. A process can run several
/// submissions side by side. Reading needs no ownership: any process can list submissions, read
/// reports and export them meanwhile.
///
/// # Files
///
/// Only the user who creates the files can read them (mode 0600). Beside the journal `cohort.db`
/// are:
///
/// | file | meaning |
/// |---|---|
/// | `cohort.db-wal`, `cohort.db-shm` | SQLite's, while the journal is in use and after a crash; a part of the journal |
/// | `cohort.db-lock` | The lock of the owner. Its text names the owner, and has the journal's id and counter, so that an older copy at the same path is noticed. Keep it |
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
/// | `journal` | the journal | `id`: random; `counter`: number of transactions; `checksum`: of all submissions |
/// | `submission` | a submission | `endpoint`: the base URL; `project`; `name`; `state`: `planning` while its manifest is read, then `planned`, and `deleting` while it is deleted; `marked`: 1 if each analysis has [marks](crate::exactly_once#marks) as technical tags; `keys`: version of the derivation of its keys; `manifest_digest`: the [digest of the manifest](crate::Submission::manifest_digest) that its rows are from; `checksum`: of its chunks and rows |
/// | `chunk` | the rows that one request creates | `label`: its number, the parts of a split chunk add `.0`, `.1` and so on; `first` and `count`: its rows; `state`: see below; `sent_at`: since when it may have been executed without a known response; `sent_until`: until when a request of it may have been sent; `identity`: the user who sent it, without a secret; `batch`; `adopted`: 1 if its analyses were found by their marks; `listed`: 1 if the items of its rows are final; `status` and `problem`: of a rejection; `key` and `digest`: of the request |
/// | `body` | the bytes of a request | `chunk`, `bytes` |
/// | `analysis` | a row of a manifest | `position` from 0, `kind`, `user_reference`, `digest`; `replaced`: 1 if it was rejected and a corrected row was accepted; `attempt`: number of earlier attempts to run it; `item`, `analysis`, `creation` (the item's status) and `run` (the analysis's status): as ICA returned them last |
/// | `creation_failure` | an analysis that ICA accepted and could not create | `position`; `message` of ICA |
/// | `history` | a number of analyses at a time | `at`; `status`: `pending`, `rejected`, `accepted` or `not_created`, or the status of their runs; `count`: see [`status_history`](Self::status_history) |
///
/// `chunk.state` is `planned`, `sent`, `created`, `rejected` or `split`;
/// [`exactly_once`](crate::exactly_once) has a diagram. Times are milliseconds since 1970 UTC:
/// `datetime(sent_at / 1000, 'unixepoch')`. Digests are SHA-256: of a chunk's body in hexadecimal
/// digits; of an analysis as bytes (over its kind, a zero byte and its JSON). Read the file with
/// any program. Only this crate may write it: a run fails when a row is not what it recorded, and a
/// file with further tables, views or triggers is not opened. Nothing that is sent follows from the
/// tables `history` and `creation_failure`. Damage of the first is an error of those who read it, and does
/// not end a run. The text of the second is shown as it is.
///
/// `PRAGMA application_id` is 0x49434142. `PRAGMA user_version` is the schema, which is 6. Journals
/// of the schemas 1 to 5 are migrated when they are opened.
#[derive(Clone)]
pub struct Journal {
    inner: Arc<Inner>,
}

struct Inner {
    path: PathBuf,
    store: Box<dyn Store>,
    identity: Option<file::Identity>,
    read_only: bool,
    /// Random id of the journal, once it was read.
    id: OnceLock<String>,
}

impl Journal {
    /// Opens the journal at this path, and creates a missing one. A journal of an older
    /// schema is migrated.
    ///
    /// Keep it on a local disk. A network file system is refused, unless
    /// [`JournalOptions::allow_network_file_system`] allows it. The folder may be a link, and the
    /// file may not.
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
    /// [`Journal`](crate::ErrorKind::Journal) when the file is not a journal, is empty, has a newer
    /// schema, or cannot be read and written. Such a file stays unchanged.
    /// [`JournalInUse`](crate::ErrorKind::JournalInUse) when the file must be created or migrated,
    /// and another process owns it.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        Self::options().open(path)
    }

    /// Returns options for opening a journal.
    ///
    /// ```
    /// # use ica_batch_sdk_ext::Journal;
    /// # let folder = tempfile::tempdir()?;
    /// # let path = folder.path().join("cohort.db");
    /// # Journal::open(&path)?;
    /// let journal = Journal::options().read_only(true).open(&path)?;
    /// assert!(journal.submissions()?.is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn options() -> JournalOptions {
        JournalOptions::default()
    }

    /// Returns the path of the file. Its folder is resolved.
    ///
    /// ```
    /// # use ica_batch_sdk_ext::Journal;
    /// # let folder = tempfile::tempdir()?;
    /// # let path = folder.path().join("cohort.db");
    /// let journal = Journal::open(&path)?;
    /// assert!(journal.path().is_absolute() && journal.path().ends_with("cohort.db"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn path(&self) -> &Path {
        &self.inner.path
    }

    pub(super) fn store(&self) -> &dyn Store {
        &*self.inner.store
    }

    /// Returns the random id of the journal.
    pub(crate) async fn id(&self) -> Result<String> {
        if let Some(id) = self.inner.id.get() {
            return Ok(id.clone());
        }
        let id = self.run(|store| store.stamp()).await?.id;
        Ok(self.inner.id.get_or_init(|| id).clone())
    }

    /// Asks for the ownership of the journal. Does not wait.
    pub(super) fn ask(&self) -> Result<Asked> {
        if self.inner.read_only {
            let reason = "it is opened for reading only; open it with Journal::open";
            return Err(failures::journal_error(&self.inner.path, reason));
        }
        let asked = Owner::ask(&self.inner.path)?;
        if let Asked::Owned(owner) = &asked {
            self.require_same_file()?;
            owner.require_latest(&self.inner.path, || self.store().stamp())?;
        }
        Ok(asked)
    }

    /// Returns the ownership of the journal, or the error that names its owner.
    pub(super) fn own(&self) -> Result<Owner> {
        match self.ask()? {
            Asked::Owned(owner) => Ok(owner),
            Asked::Busy(error) => Err(error),
        }
    }

    /// Fails if the file was deleted or replaced after it was opened.
    fn require_same_file(&self) -> Result<()> {
        let found = self.inner.path.symlink_metadata().ok();
        if found.as_ref().and_then(file::identity) == self.inner.identity {
            return Ok(());
        }
        let reason = "the file was deleted or replaced after it was opened; open it again";
        Err(failures::passing_error(&self.inner.path, reason))
    }

    /// Calls `act` with the store on a thread that may block. It runs to its end even if the future
    /// is dropped.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        act: impl FnOnce(&dyn Store) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let journal = self.clone();
        let task = tokio::task::spawn_blocking(move || act(journal.store()));
        finished(task.await).unwrap_or_else(|| {
            let reason = "the program's runtime is shutting down; run again";
            Err(failures::passing_error(&self.inner.path, reason))
        })
    }

    /// Returns the error of a journal that contains a value which this crate never writes.
    pub(crate) fn damaged(&self, what: &str) -> Error {
        failures::damaged(&self.inner.path, what)
    }
}

impl fmt::Debug for Journal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Journal")
            .field("path", &self.inner.path)
            .finish_non_exhaustive()
    }
}

/// Options for opening a journal, from [`Journal::options`].
///
/// ```
/// use ica_batch_sdk_ext::{ErrorKind, Journal};
///
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("cohort.db");
/// let missing = Journal::options().read_only(true).open(&path).unwrap_err();
/// assert!(missing.to_string().contains("there is no such file"));
/// Journal::options().open(&path)?;
///
/// let journal = Journal::options().read_only(true).open(&path)?;
/// assert!(journal.submissions()?.is_empty());
/// assert_eq!(journal.prune(std::time::SystemTime::now()).unwrap_err().kind(), ErrorKind::Journal);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default)]
#[must_use = "options do nothing until a journal is opened"]
pub struct JournalOptions {
    read_only: bool,
    allow_network: bool,
}

impl JournalOptions {
    /// Sets whether the journal is only read: no by default. Then the file is neither created nor
    /// migrated, and nothing can be recorded.
    pub fn read_only(mut self, read_only: bool) -> Self {
        self.read_only = read_only;
        self
    }

    /// Sets whether the journal may be on a network file system, such as NFS, SMB or Lustre: no by
    /// default. Linux and macOS say what a file system is.
    ///
    /// There the journal has a rollback journal in place of WAL mode, so readers and the owner wait
    /// for each other, and each transaction takes longer. The ownership and SQLite depend on the
    /// locks of the file system: allow one only if its locks work between all machines that use the
    /// journal.
    ///
    /// ```
    /// # use ica_batch_sdk_ext::Journal;
    /// # let folder = tempfile::tempdir()?;
    /// # let share = folder.path();
    /// let journal = Journal::options().allow_network_file_system(true).open(share.join("cohort.db"))?;
    /// assert!(journal.verify()?.is_intact());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn allow_network_file_system(mut self, allow: bool) -> Self {
        self.allow_network = allow;
        self
    }

    /// Opens the journal at this path.
    ///
    /// # Errors
    /// Those of [`Journal::open`].
    pub fn open(&self, path: impl AsRef<Path>) -> Result<Journal> {
        let path = file::resolve(path.as_ref())?;
        let network = file::network_file_system(&path);
        if let (Some(name), false) = (network, self.allow_network) {
            let reason = format!(
                "it is on a network file system ({name}), whose locks may not work; choose a local disk, or allow it with JournalOptions::allow_network_file_system"
            );
            return Err(failures::journal_error(&path, &reason));
        }
        let access = Access {
            read_only: self.read_only,
            on_network: network.is_some(),
        };
        match file::existing(&path)? {
            Existing::Nothing if self.read_only => {
                let reason = "there is no such file, and it is opened for reading only; check the path";
                return Err(failures::journal_error(&path, reason));
            }
            Existing::Nothing => create(&path, access)?,
            Existing::Journal if !self.read_only && SqliteStore::needs_migration(&path)? => migrate(&path, access)?,
            Existing::Journal => {}
        }
        let store = Box::new(SqliteStore::open(path.clone(), access)?);
        let identity = path.symlink_metadata().ok().as_ref().and_then(file::identity);
        Ok(Journal {
            inner: Arc::new(Inner {
                path,
                store,
                identity,
                read_only: self.read_only,
                id: OnceLock::new(),
            }),
        })
    }
}

/// Longest wait for another process that creates or migrates the file.
const PREPARATION: Duration = Duration::from_secs(15);

/// Calls `prepare` as the owner of the path, while the file needs it. Waits while another process
/// may be doing it.
fn prepare(
    path: &Path,
    is_needed: impl Fn() -> Result<bool>,
    prepare: impl FnOnce(&Owner) -> Result<()>,
) -> Result<()> {
    /// One thread of this process at a time: threads share the ownership.
    static PREPARING: Mutex<()> = Mutex::new(());
    let _guard = PREPARING.lock().unwrap_or_else(PoisonError::into_inner);
    let started = Instant::now();
    while is_needed()? {
        match Owner::ask(path)? {
            Asked::Owned(owner) if is_needed()? => return prepare(&owner),
            Asked::Owned(_) => {}
            Asked::Busy(error) if started.elapsed() > PREPARATION => return Err(error),
            // Another process holds a lock of the operating system, so the time is that of the machine.
            Asked::Busy(_) => std::thread::sleep(Duration::from_millis(10)),
        }
    }
    Ok(())
}

fn create(path: &Path, access: Access) -> Result<()> {
    let is_missing = || Ok(file::existing(path)? == Existing::Nothing);
    prepare(path, is_missing, |owner| {
        owner.require_new(path)?;
        SqliteStore::create(path, access)?;
        owner.note(&SqliteStore::open(path.to_owned(), access)?.stamp()?);
        Ok(())
    })
}

fn migrate(path: &Path, access: Access) -> Result<()> {
    prepare(
        path,
        || SqliteStore::needs_migration(path),
        |owner| {
            // Earlier releases created files that other users could read.
            file::restrict(path)?;
            SqliteStore::migrate(path, access)?;
            owner.note(&SqliteStore::open(path.to_owned(), access)?.stamp()?);
            Ok(())
        },
    )
}
