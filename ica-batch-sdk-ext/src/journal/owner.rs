//! The owner of a journal: one process at a time, by a lock of the operating system.
//!
//! The lock is on a file beside the journal. It cannot be on the journal itself: SQLite has locks
//! of its own there, and a process loses those when it closes any handle of the file. The system
//! releases the lock when the process ends, however that happens. Inside a process, owners share
//! the lock, and each submission is run once at a time.
//!
//! The text of the lock file says who has the lock. It also has the journal's id and counter as of
//! the last transaction, so that a copy which is older is noticed.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use super::failures::{journal_error, passing_error};
use super::file;
use super::lock_text::{LockText, busy};
use super::records::SubmissionId;
use super::steps::Stamp;
use crate::error::{Error, Result, counted};

/// Locks that this process has, by the path of the lock file.
static HELD: Mutex<BTreeMap<PathBuf, Held>> = Mutex::new(BTreeMap::new());

/// Lock that this process has.
struct Held {
    file: File,
    identity: Option<file::Identity>,
    owners: usize,
    text: LockText,
    /// Submissions that are being run, and whether the run was dropped, so that only its last
    /// operations are left.
    runs: BTreeMap<SubmissionId, bool>,
}

/// Notifies those who wait for the last operations of a dropped run.
static LEFT: Notify = Notify::const_new();

fn held() -> MutexGuard<'static, BTreeMap<PathBuf, Held>> {
    HELD.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Share of this process in the ownership of a journal. Cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct Owner(Arc<Share>);

#[derive(Debug)]
struct Share {
    lock: PathBuf,
}

/// Result of asking for the ownership.
#[derive(Debug)]
pub(super) enum Asked {
    Owned(Owner),
    /// Another process has it. The error names it.
    Busy(Error),
}

impl Owner {
    /// Asks for the ownership of the journal at this path. Does not wait.
    pub(super) fn ask(journal: &Path) -> Result<Asked> {
        let lock = file::beside(journal, "-lock");
        let mut held = held();
        if let Some(known) = held.get_mut(&lock) {
            known.owners = known.owners.saturating_add(1);
            return Ok(Asked::Owned(Self(Arc::new(Share { lock }))));
        }
        let failed = |error| {
            journal_error(journal, "its lock file cannot be opened; check the permissions of its folder, and whether its file system has locks").with_source(error)
        };
        // A lock file that is deleted while it is opened needs a second attempt.
        for _ in 0..100 {
            let options = &mut OpenOptions::new();
            let options = options.read(true).write(true).create(true).truncate(false);
            let mut file = file::private(options).open(&lock).map_err(failed)?;
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => return Ok(Asked::Busy(busy(journal, LockText::read(&mut file)))),
                Err(TryLockError::Error(error)) => return Err(failed(error)),
            }
            let identity = file.metadata().ok().as_ref().and_then(file::identity);
            if identity_of(&lock) != identity {
                continue;
            }
            let before = LockText::read(&mut file);
            let mut text = LockText::new();
            if let Some(before) = before {
                (text.journal, text.counter) = (before.journal, before.counter);
            }
            text.write(&mut file).map_err(failed)?;
            held.insert(
                lock.clone(),
                Held {
                    file,
                    identity,
                    owners: 1,
                    text,
                    runs: BTreeMap::new(),
                },
            );
            return Ok(Asked::Owned(Self(Arc::new(Share { lock }))));
        }
        Err(journal_error(
            journal,
            "its lock file is deleted again and again; end the program that does it",
        ))
    }

    fn with<T>(&self, act: impl FnOnce(&mut Held) -> T) -> Option<T> {
        held().get_mut(&self.0.lock).map(act)
    }

    /// Fails if the lock file says that the journal was newer once, or another one. `stamp` reads the
    /// journal.
    pub(super) fn require_latest(&self, journal: &Path, stamp: impl FnOnce() -> Result<Stamp>) -> Result<()> {
        // Before the stamp is read: another run of this process may write at any time.
        let known = self.with(|held| (held.text.journal.clone(), held.text.counter));
        let stamp = stamp()?;
        let Some((Some(id), counter)) = known else {
            return Ok(());
        };
        let lock = self.0.lock.display();
        if id != stamp.id {
            let reason = format!(
                "its lock file {lock} belongs to another journal, which was at this path before; restore that one, \
                 or delete the lock file to use this one"
            );
            return Err(journal_error(journal, &reason));
        }
        if counter > stamp.counter {
            let reason = format!(
                "it is an older copy: its lock file {lock} knows of {}, so analyses may exist that this copy does not know; \
                 restore the latest copy. To use this one, delete the lock file: the next run then searches ICA for the marks \
                 of analyses, and without marks this is safe only within 7 days of the copy",
                counted(counter.saturating_sub(stamp.counter), "later transaction")
            );
            return Err(journal_error(journal, &reason));
        }
        Ok(())
    }

    /// Fails if the lock file knows a journal, which is therefore missing.
    pub(super) fn require_new(&self, journal: &Path) -> Result<()> {
        let known = self.with(|held| held.text.journal.is_some());
        if known != Some(true) {
            return Ok(());
        }
        let reason = format!(
            "the file is missing, and its lock file {} says that it existed; restore it, or delete the lock file to start a new journal",
            self.0.lock.display()
        );
        Err(journal_error(journal, &reason))
    }

    /// Fails if the lock file was deleted or replaced, so that another process may have a lock, too.
    pub(super) fn require_lock(&self, journal: &Path) -> Result<()> {
        let identity = self.with(|held| held.identity);
        if identity == Some(identity_of(&self.0.lock)) {
            return Ok(());
        }
        let reason = format!(
            "its lock file {} was deleted or replaced while the journal was in use, so another process may use it, too; run again",
            self.0.lock.display()
        );
        Err(passing_error(journal, &reason))
    }

    /// Writes the id and the counter of the journal into the lock file. The file is not
    /// synchronized: after a power failure it may be older than the journal, and never newer.
    pub(super) fn note(&self, stamp: &Stamp) {
        self.with(|held| {
            let is_known = held.text.journal.as_deref() == Some(&*stamp.id) && held.text.counter >= stamp.counter;
            if !is_known {
                held.text.journal = Some(stamp.id.clone());
                held.text.counter = stamp.counter;
                // Only the notice of an older copy depends on it.
                let _ = held.text.write(&mut held.file);
            }
        });
    }

    /// Registers a run of a submission. Waits for the last operations of a run that was dropped.
    /// None if the submission is being run.
    pub(super) async fn enter(&self, id: &SubmissionId) -> Option<Entered> {
        loop {
            // Before the question, so that no notice is missed.
            let mut left = std::pin::pin!(LEFT.notified());
            left.as_mut().enable();
            match self.try_enter(id) {
                Ok(entered) => return Some(entered),
                Err(IsDropped(true)) => left.await,
                Err(IsDropped(false)) => return None,
            }
        }
    }

    /// Registers a run of a submission, or says whether the one that is registered was dropped.
    pub(super) fn try_enter(&self, id: &SubmissionId) -> Result<Entered, IsDropped> {
        let entered = self.with(|held| match held.runs.entry(id.clone()) {
            Entry::Vacant(entry) => {
                entry.insert(false);
                Ok(())
            }
            Entry::Occupied(entry) => Err(IsDropped(*entry.get())),
        });
        entered.unwrap_or(Err(IsDropped(false)))?;
        Ok(Entered {
            owner: self.clone(),
            id: id.clone(),
        })
    }
}

/// Whether the run that is registered was dropped.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct IsDropped(bool);

fn identity_of(lock: &Path) -> Option<file::Identity> {
    lock.symlink_metadata().ok().as_ref().and_then(file::identity)
}

impl Drop for Share {
    fn drop(&mut self) {
        let mut held = held();
        let Some(known) = held.get_mut(&self.lock) else { return };
        known.owners = known.owners.saturating_sub(1);
        if known.owners == 0 {
            // A process that is being started has the file open for a moment, too, so closing it
            // would not release the lock at once. If this fails, closing does.
            let _ = known.file.unlock();
            held.remove(&self.lock);
        }
    }
}

/// Registered run of a submission.
#[derive(Debug)]
pub(super) struct Entered {
    owner: Owner,
    id: SubmissionId,
}

impl Entered {
    pub(super) fn owner(&self) -> &Owner {
        &self.owner
    }

    /// Records that the run was dropped. The last of its operations drops this value.
    pub(super) fn leave(&self) {
        self.owner.with(|held| held.runs.insert(self.id.clone(), true));
        LEFT.notify_waiters();
    }
}

impl Drop for Entered {
    fn drop(&mut self) {
        self.owner.with(|held| held.runs.remove(&self.id));
        LEFT.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use super::{Asked, Owner};
    use crate::journal::records::SubmissionId;
    use crate::journal::steps::Stamp;

    fn ask(journal: &std::path::Path) -> Owner {
        match Owner::ask(journal).unwrap() {
            Asked::Owned(owner) => owner,
            Asked::Busy(error) => panic!("{error}"),
        }
    }

    fn stamp(id: &str, counter: u64) -> Stamp {
        Stamp {
            id: id.to_owned(),
            counter,
        }
    }

    #[test]
    fn owners_in_one_process_share_the_lock_until_the_last_one_ends() {
        let folder = tempfile::tempdir().unwrap();
        let journal = folder.path().join("j.db");
        let (one, other) = (ask(&journal), ask(&journal));
        let lock = std::fs::File::open(folder.path().join("j.db-lock")).unwrap();
        drop(one);
        assert!(lock.try_lock().is_err(), "one owner is left");
        drop(other);
        lock.try_lock().unwrap();
        let Asked::Busy(error) = Owner::ask(&journal).unwrap() else {
            panic!("this handle stands for another process");
        };
        let text = error.to_string();
        let process = format!("process {} on ", std::process::id());
        assert!(text.contains(&process) && text.contains(" since 2"), "{text}");
        assert_eq!(error.kind(), crate::ErrorKind::JournalInUse);
    }

    #[tokio::test]
    async fn a_submission_is_run_once_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let owner = ask(&folder.path().join("j.db"));
        let id = |name: &str| SubmissionId {
            base_url: "e".to_owned(),
            project: "p".to_owned(),
            name: name.to_owned(),
        };
        let first = owner.enter(&id("a")).await.unwrap();
        assert!(owner.enter(&id("a")).await.is_none());
        assert!(
            owner.enter(&id("b")).await.is_some(),
            "another submission runs beside it"
        );
        // The run is dropped, and one of its operations is still at work.
        first.leave();
        let (waiting, name) = (owner.clone(), id("a"));
        let next = tokio::spawn(async move { waiting.enter(&name).await.is_some() });
        tokio::task::yield_now().await;
        assert!(!next.is_finished());
        drop(first);
        assert!(next.await.unwrap());
    }

    #[test]
    fn an_older_and_another_journal_are_noticed_later() {
        let folder = tempfile::tempdir().unwrap();
        let journal = folder.path().join("j.db");
        ask(&journal).require_new(&journal).unwrap();
        ask(&journal).note(&stamp("a", 7));
        let owner = ask(&journal);
        owner.require_latest(&journal, || Ok(stamp("a", 7))).unwrap();
        owner.require_latest(&journal, || Ok(stamp("a", 8))).unwrap();
        let older = owner.require_latest(&journal, || Ok(stamp("a", 5)));
        let older = older.unwrap_err().to_string();
        assert!(
            older.contains("it is an older copy") && older.contains("knows of 2 later"),
            "{older}"
        );
        let other = owner.require_latest(&journal, || Ok(stamp("b", 9)));
        let other = other.unwrap_err().to_string();
        assert!(other.contains("belongs to another journal"), "{other}");
        let missing = owner.require_new(&journal).unwrap_err().to_string();
        assert!(missing.contains("the file is missing"), "{missing}");
        std::fs::remove_file(folder.path().join("j.db-lock")).unwrap();
        assert!(owner.require_lock(&journal).is_err(), "the lock file was deleted");
        let again = Owner::ask(&folder.path().join("j.db")).unwrap();
        assert!(matches!(again, Asked::Owned(_)));
    }

    #[test]
    fn a_transaction_of_another_run_between_the_two_reads_makes_no_journal_older() {
        let folder = tempfile::tempdir().unwrap();
        let journal = folder.path().join("j.db");
        let (owner, other_run) = (ask(&journal), ask(&journal));
        owner.note(&stamp("a", 7));
        let read = owner.require_latest(&journal, || {
            let read = stamp("a", 7);
            other_run.note(&stamp("a", 8));
            Ok(read)
        });
        read.unwrap();
        assert!(owner.require_latest(&journal, || Ok(stamp("a", 7))).is_err());
    }

    #[cfg(unix)]
    #[test]
    fn a_link_is_not_a_lock_file() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("target");
        std::fs::write(&target, "kept").unwrap();
        std::os::unix::fs::symlink(&target, folder.path().join("j.db-lock")).unwrap();
        assert!(Owner::ask(&folder.path().join("j.db")).is_err());
        assert_eq!(std::fs::read_to_string(&target).unwrap(), "kept");
    }
}
