//! Reading a journal, checking and copying it, and deleting from it.

use std::collections::HashSet;
use std::io::Write;
use std::path::Path;
use std::time::SystemTime;

use serde::Serialize;

use super::file;
use super::handle::Journal;
use super::records::{ChunkState, JournalChunk, JournalEntry};
use super::steps::ReportRow;
use super::verification::Verification;
use crate::error::{Error, ErrorKind, Problem, Result};

/// Number of rows or chunks that are read at a time.
const PAGE: usize = 1000;

/// Methods that read a journal. [`JournalEntry`] and [`JournalChunk`] have examples.
impl Journal {
    /// Returns the submissions, in the order in which they were recorded.
    ///
    /// # Errors
    /// [`Journal`](ErrorKind::Journal) when the file cannot be read.
    pub fn submissions(&self) -> Result<Vec<JournalEntry>> {
        self.store().submissions()
    }

    /// Returns the chunks of a submission, in order of position. A split chunk comes before its
    /// halves.
    ///
    /// # Errors
    /// [`Journal`](ErrorKind::Journal) when the file cannot be read.
    pub fn chunks(&self, entry: &JournalEntry) -> Result<Vec<JournalChunk>> {
        let mut chunks = Vec::new();
        loop {
            let page = self.store().chunks(entry.row, chunks.last(), PAGE)?;
            if page.is_empty() {
                return Ok(chunks);
            }
            chunks.extend(page);
        }
    }

    /// Writes a submission as JSON lines, an object for each analysis, in order of position.
    ///
    /// The members are `project`, `submission`, `position`, `userReference`, `kind`, `state`,
    /// `chunk` and `idempotencyKey`. When they are known, `batch`, `item`, `analysis` and
    /// `creation` follow. The rows are read in pages of 1000, so memory does not grow with their
    /// number. A rejected analysis has `rejection` with `status`, `code` and `detail`.
    ///
    /// ```
    /// # use ica_batch_sdk_ext::types::{CreateNextflowAnalysis, NextflowAnalysisInput};
    /// # use ica_batch_sdk_ext::{Client, Credentials, Journal};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let client = Client::builder().credentials(Credentials::api_key_direct("my-api-key")?).build()?;
    /// # let folder = tempfile::tempdir()?;
    /// # let journal = Journal::open(folder.path().join("cohort.db"))?;
    /// # let analysis = CreateNextflowAnalysis::builder()
    /// #     .user_reference("sample-7").expect("it is valid")
    /// #     .pipeline_id("5f3c9c1e-7a40-4f1b-9d52-0e6c8a1b2d3f")
    /// #     .analysis_input(NextflowAnalysisInput::builder().inputs(vec![]).build())
    /// #     .build();
    /// # client.project("my-project")?.submission("cohort-42", &journal).analyses([analysis]).plan().await?;
    /// for entry in journal.submissions()? {
    ///     let mut lines = Vec::new();
    ///     journal.export(&entry, &mut lines)?;
    ///     let line: serde_json::Value = serde_json::from_slice(&lines)?;
    ///     assert_eq!((&line["userReference"], &line["state"]), (&"sample-7".into(), &"planned".into()));
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Journal`](ErrorKind::Journal) when the file cannot be read, or `to` cannot be written.
    pub fn export(&self, entry: &JournalEntry, mut to: impl Write) -> Result<()> {
        let not_written = |error: std::io::Error| {
            let what = format!(
                "could not export {:?} of the journal {}: writing failed; check the target's disk and permissions",
                entry.name,
                self.path().display()
            );
            Error::new(ErrorKind::Journal, what).with_source(error)
        };
        self.store().check(entry.row)?;
        let mut from = 0;
        loop {
            // A slow target must not keep the journal from others, so it is written to between two
            // pages.
            let page = self.store().report(entry.row, from, PAGE)?;
            let Some(last) = page.last() else {
                return to.flush().map_err(not_written);
            };
            from = last.position.saturating_add(1);
            let mut lines = Vec::new();
            for row in &page {
                serde_json::to_writer(&mut lines, &Line::new(entry, row)).map_err(|error| not_written(error.into()))?;
                lines.push(b'\n');
            }
            to.write_all(&lines).map_err(not_written)?;
        }
    }

    /// Deletes old submissions, and returns their number.
    ///
    /// A submission is deleted if each of its chunks has a response and the last response is older
    /// than `before`. An unfinished plan of that age is deleted too.
    ///
    /// A submission that is being run stays. Large ones are deleted in several transactions, so that
    /// runs of others go on.
    ///
    /// A deleted submission that is run again starts from nothing. It may create analyses that
    /// exist: see [`exactly_once`](crate::exactly_once). So choose a time such that no older
    /// submission will be run again.
    ///
    /// ```
    /// use std::time::{Duration, SystemTime};
    ///
    /// # use ica_batch_sdk_ext::Journal;
    /// # let folder = tempfile::tempdir()?;
    /// # let journal = Journal::open(folder.path().join("cohort.db"))?;
    /// let year = Duration::from_secs(365 * 24 * 3600);
    /// assert_eq!(journal.prune(SystemTime::now() - year)?, 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`Journal`](ErrorKind::Journal) when the file cannot be written, and
    /// [`JournalInUse`](ErrorKind::JournalInUse) when another process owns it.
    pub fn prune(&self, before: SystemTime) -> Result<usize> {
        let owner = self.own()?;
        let mut deleted = 0_usize;
        for (row, id) in self.store().complete_before(before)? {
            // One that is being run stays.
            if let Ok(_entered) = owner.try_enter(&id) {
                self.store().delete(row)?;
                deleted = deleted.saturating_add(1);
            }
        }
        owner.note(&self.store().stamp()?);
        Ok(deleted)
    }

    /// Returns the submissions that [`prune`](Self::prune) would delete, in the order in which they
    /// were recorded, without deleting anything.
    ///
    /// One that another process runs at the time of the deletion stays.
    ///
    /// ```
    /// use std::time::SystemTime;
    ///
    /// # use ica_batch_sdk_ext::Journal;
    /// # let folder = tempfile::tempdir()?;
    /// # let journal = Journal::open(folder.path().join("cohort.db"))?;
    /// for entry in journal.prunable(SystemTime::now())? {
    ///     println!("{} would be deleted", entry.name());
    /// }
    /// # assert!(journal.prunable(SystemTime::now())?.is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`Journal`](ErrorKind::Journal) when the file cannot be read.
    pub fn prunable(&self, before: SystemTime) -> Result<Vec<JournalEntry>> {
        let complete = self.store().complete_before(before)?;
        let rows = complete.into_iter().map(|(row, _)| row).collect::<HashSet<_>>();
        let mut entries = self.submissions()?;
        entries.retain(|entry| rows.contains(&entry.row));
        Ok(entries)
    }

    /// Deletes the request bodies of chunks that were created before this time, and returns their
    /// number. They are most of a journal, and are needed only until the response is recorded.
    ///
    /// ```
    /// use std::time::SystemTime;
    ///
    /// # use ica_batch_sdk_ext::Journal;
    /// # let folder = tempfile::tempdir()?;
    /// # let journal = Journal::open(folder.path().join("cohort.db"))?;
    /// assert_eq!(journal.delete_bodies(SystemTime::now())?, 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`Journal`](ErrorKind::Journal) when the file cannot be written, and
    /// [`JournalInUse`](ErrorKind::JournalInUse) when another process owns it.
    pub fn delete_bodies(&self, before: SystemTime) -> Result<u64> {
        let owner = self.own()?;
        let deleted = self.store().delete_bodies(before)?;
        owner.note(&self.store().stamp()?);
        Ok(deleted)
    }

    /// Reads the whole journal, and checks that it contains what this crate recorded and nothing
    /// else: the file's structure, each row, and each request body. Needs no ownership.
    ///
    /// A run checks the rows of its submission, and neither the bodies of other chunks nor other
    /// submissions.
    ///
    /// # Errors
    /// [`Journal`](ErrorKind::Journal) when the file cannot be read. Damage is a finding, and no
    /// error.
    pub fn verify(&self) -> Result<Verification> {
        self.store().verify()
    }

    /// Writes a copy of the journal to this path, which must be free. The journal can be in use. The
    /// copy has the state of one moment, and is complete when it gets its name.
    ///
    /// A copy does not have what is recorded later. When it is restored to the path of the journal,
    /// the lock file beside it shows that it is older, and a run fails. Elsewhere nothing shows it:
    /// see [`exactly_once`](crate::exactly_once#copies-of-a-journal).
    ///
    /// ```
    /// # use ica_batch_sdk_ext::Journal;
    /// # let folder = tempfile::tempdir()?;
    /// # let journal = Journal::open(folder.path().join("cohort.db"))?;
    /// # let copy = folder.path().join("copy.db");
    /// journal.backup(&copy)?;
    /// assert!(Journal::open(&copy)?.verify()?.is_intact());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`Journal`](ErrorKind::Journal) when the journal cannot be read, or the copy cannot be
    /// written.
    pub fn backup(&self, to: impl AsRef<Path>) -> Result<()> {
        self.store().backup(&file::resolve(to.as_ref())?)
    }
}

/// Line of an export.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Line<'a> {
    project: &'a str,
    submission: &'a str,
    position: u64,
    user_reference: &'a str,
    kind: &'static str,
    state: &'static str,
    chunk: &'a str,
    idempotency_key: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    batch: Option<uuid::Uuid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    item: Option<uuid::Uuid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    analysis: Option<uuid::Uuid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    creation: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rejection: Option<LineRejection<'a>>,
}

#[derive(Serialize)]
struct LineRejection<'a> {
    status: Option<u16>,
    code: Option<&'a str>,
    detail: Option<&'a str>,
}

impl<'a> Line<'a> {
    fn new(entry: &'a JournalEntry, row: &'a ReportRow) -> Self {
        let rejection = (row.state == ChunkState::Rejected).then(|| LineRejection {
            status: row.status,
            code: row.problem.as_ref().and_then(Problem::code),
            detail: row.problem.as_ref().and_then(Problem::detail),
        });
        Self {
            project: &entry.project,
            submission: &entry.name,
            position: row.position,
            user_reference: &row.user_reference,
            kind: row.kind.as_str(),
            state: row.state.as_str(),
            chunk: &row.chunk,
            idempotency_key: row.key.as_str(),
            batch: row.batch,
            item: row.item,
            analysis: row.analysis,
            creation: row.creation_status.as_deref(),
            rejection,
        }
    }
}
