//! Reading a journal, checking and copying it, and deleting from it.

use std::collections::HashSet;
use std::path::Path;
use std::time::SystemTime;

use uuid::Uuid;

use super::file;
use super::handle::Journal;
use super::history::StatusHistory;
use super::naming::canonical_name;
use super::records::{JournalChunk, JournalEntry, SubmissionId, Which};
use super::verification::Verification;
use crate::base_url::BaseUrl;
use crate::error::Result;

/// Number of chunks that are read at a time.
const PAGE: usize = 1000;

/// Methods that read a journal. [`JournalEntry`] and [`JournalChunk`] have examples.
impl Journal {
    /// Returns the submissions, in the order in which they were recorded.
    ///
    /// Each is counted, which reads the index of its chunks, and its rows if some are created.
    /// [`submission`](Self::submission) and [`last_submission`](Self::last_submission) count one.
    ///
    /// ```
    /// # use ica_batch_sdk_ext::types::{CreateNextflowAnalysis, NextflowAnalysisInput};
    /// # use ica_batch_sdk_ext::{Client, Credentials, Journal};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let client = Client::builder().credentials(Credentials::api_key_direct("my-api-key")?).build()?;
    /// # let folder = tempfile::tempdir()?;
    /// # let journal = Journal::open(folder.path().join("cohort.db"))?;
    /// # let manifest = (0..3).map(|sample| {
    /// #     CreateNextflowAnalysis::builder()
    /// #         .user_reference(format!("sample-{sample}")).expect("it is valid")
    /// #         .pipeline_id("5f3c9c1e-7a40-4f1b-9d52-0e6c8a1b2d3f")
    /// #         .analysis_input(NextflowAnalysisInput::builder().inputs(vec![]).build())
    /// #         .build()
    /// # });
    /// let project = client.project("my-project")?;
    /// project.submission("cohort-41", &journal).analyses(manifest.clone()).plan().await?;
    /// project.submission("cohort-42", &journal).analyses(manifest).plan().await?;
    /// let names = journal.submissions()?.into_iter().map(|entry| entry.name().to_owned());
    /// assert_eq!(names.collect::<Vec<_>>(), ["cohort-41", "cohort-42"]);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Journal`](crate::ErrorKind::Journal) when the file cannot be read.
    pub fn submissions(&self) -> Result<Vec<JournalEntry>> {
        self.store().submissions(Which::All)
    }

    /// Returns the submission of this name, of a project at a base URL. None if the journal does not
    /// have it. [`Submission::entry`](crate::Submission::entry) returns that of a handle.
    ///
    /// The three texts may be written as a client and a submission accept them.
    ///
    /// ```
    /// # use ica_batch_sdk_ext::types::{CreateNextflowAnalysis, NextflowAnalysisInput};
    /// # use ica_batch_sdk_ext::{Client, Credentials, Journal};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let client = Client::builder().credentials(Credentials::api_key_direct("my-api-key")?).build()?;
    /// # let folder = tempfile::tempdir()?;
    /// # let journal = Journal::open(folder.path().join("cohort.db"))?;
    /// # let manifest = (0..3).map(|sample| {
    /// #     CreateNextflowAnalysis::builder()
    /// #         .user_reference(format!("sample-{sample}")).expect("it is valid")
    /// #         .pipeline_id("5f3c9c1e-7a40-4f1b-9d52-0e6c8a1b2d3f")
    /// #         .analysis_input(NextflowAnalysisInput::builder().inputs(vec![]).build())
    /// #         .build()
    /// # });
    /// let project = client.project("my-project")?;
    /// project.submission("cohort-42", &journal).analyses(manifest).plan().await?;
    ///
    /// let base_url = "https://ica.illumina.com/ica/rest/";
    /// let entry = journal.submission(base_url, "my-project", "cohort-42")?;
    /// assert_eq!(entry.map(|entry| entry.counts().analyses), Some(3));
    /// assert!(journal.submission(base_url, "my-project", "cohort-43")?.is_none());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) when the base URL is not valid,
    /// [`Journal`](crate::ErrorKind::Journal) when the file cannot be read.
    pub fn submission(&self, base_url: &str, project: &str, name: &str) -> Result<Option<JournalEntry>> {
        let base_url = BaseUrl::parse(base_url, true)?;
        let uuid = project.trim().parse::<Uuid>().map(|id| id.hyphenated().to_string());
        let id = |project: &str, name: &str| SubmissionId {
            base_url: base_url.as_str().to_owned(),
            project: project.to_owned(),
            name: name.to_owned(),
        };
        let canonical = id(uuid.as_deref().unwrap_or(project.trim()), &canonical_name(name));
        // Earlier releases recorded project and name as they were given.
        for id in [canonical, id(project, name)] {
            if let Some(entry) = self.store().submissions(Which::Id(&id))?.pop() {
                return Ok(Some(entry));
            }
        }
        Ok(None)
    }

    /// Returns the submission that was recorded last. None if the journal has none.
    ///
    /// ```
    /// # use ica_batch_sdk_ext::types::{CreateNextflowAnalysis, NextflowAnalysisInput};
    /// # use ica_batch_sdk_ext::{Client, Credentials, Journal};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let client = Client::builder().credentials(Credentials::api_key_direct("my-api-key")?).build()?;
    /// # let folder = tempfile::tempdir()?;
    /// # let journal = Journal::open(folder.path().join("cohort.db"))?;
    /// # let manifest = (0..3).map(|sample| {
    /// #     CreateNextflowAnalysis::builder()
    /// #         .user_reference(format!("sample-{sample}")).expect("it is valid")
    /// #         .pipeline_id("5f3c9c1e-7a40-4f1b-9d52-0e6c8a1b2d3f")
    /// #         .analysis_input(NextflowAnalysisInput::builder().inputs(vec![]).build())
    /// #         .build()
    /// # });
    /// let project = client.project("my-project")?;
    /// assert!(journal.last_submission()?.is_none());
    /// for name in ["cohort-41", "cohort-42"] {
    ///     project.submission(name, &journal).analyses(manifest.clone()).plan().await?;
    /// }
    /// assert_eq!(journal.last_submission()?.map(|entry| entry.name().to_owned()).as_deref(), Some("cohort-42"));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Journal`](crate::ErrorKind::Journal) when the file cannot be read.
    pub fn last_submission(&self) -> Result<Option<JournalEntry>> {
        Ok(self.store().submissions(Which::Last)?.pop())
    }

    /// Returns the chunks of a submission, in order of position. A split chunk comes before its
    /// halves.
    ///
    /// They are all in memory, at about half a kilobyte each, and some kilobytes more for the
    /// problem of a rejected one. A million analyses in chunks of 100 need some 5 MB.
    /// [`outcomes`](Self::outcomes) streams the rows.
    ///
    /// ```
    /// # use ica_batch_sdk_ext::types::{CreateNextflowAnalysis, NextflowAnalysisInput};
    /// # use ica_batch_sdk_ext::{Client, Credentials, Journal};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let client = Client::builder().credentials(Credentials::api_key_direct("my-api-key")?).build()?;
    /// # let folder = tempfile::tempdir()?;
    /// # let journal = Journal::open(folder.path().join("cohort.db"))?;
    /// # let manifest = (0..3).map(|sample| {
    /// #     CreateNextflowAnalysis::builder()
    /// #         .user_reference(format!("sample-{sample}")).expect("it is valid")
    /// #         .pipeline_id("5f3c9c1e-7a40-4f1b-9d52-0e6c8a1b2d3f")
    /// #         .analysis_input(NextflowAnalysisInput::builder().inputs(vec![]).build())
    /// #         .build()
    /// # });
    /// let submission = client.project("my-project")?.submission("cohort-42", &journal);
    /// submission.chunk_size(2).analyses(manifest).plan().await?;
    /// for entry in journal.submissions()? {
    ///     let chunks = journal.chunks(&entry)?;
    ///     assert_eq!((chunks.len(), chunks[1].label.as_str()), (2, "1"));
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Journal`](crate::ErrorKind::Journal) when the file cannot be read.
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

    /// Returns the numbers of a submission's analyses by status over time, for a chart.
    ///
    /// A run records them while it sends, and [`wait`](crate::Submission::wait) and
    /// [`refresh`](crate::Submission::refresh) after each round of polls, if the numbers changed and
    /// the process owns the journal. A failure to record them ends no run.
    ///
    /// ```
    /// # use ica_batch_sdk_ext::types::{CreateNextflowAnalysis, NextflowAnalysisInput};
    /// # use ica_batch_sdk_ext::{Client, Credentials, Journal};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let simulator = ica_simulator::Simulator::builder()
    /// #     .lifecycle(ica_simulator::Lifecycle::instant())
    /// #     .fate("sample-1", ica_simulator::Fate::FailRun)
    /// #     .start()?;
    /// # let credentials = Credentials::api_key(simulator.api_key())?;
    /// # let client = Client::builder().base_url(simulator.base_url()).credentials(credentials).build()?;
    /// # let folder = tempfile::tempdir()?;
    /// # let journal = Journal::open(folder.path().join("cohort.db"))?;
    /// # let manifest = (0..3).map(|sample| {
    /// #     CreateNextflowAnalysis::builder()
    /// #         .user_reference(format!("sample-{sample}")).expect("it is valid")
    /// #         .pipeline_id("5f3c9c1e-7a40-4f1b-9d52-0e6c8a1b2d3f")
    /// #         .analysis_input(NextflowAnalysisInput::builder().inputs(vec![]).build())
    /// #         .build()
    /// # });
    /// let project = client.project(simulator.project_id())?;
    /// project.submission("cohort-42", &journal).analyses(manifest).run_to_end().await?;
    ///
    /// let entry = journal.last_submission()?.expect("it was recorded");
    /// let history = journal.status_history(&entry)?;
    /// let (first, last) = (history.times().first(), history.times().last());
    /// assert_eq!(first.map(|counts| counts.by_status()), Some(vec![("pending", 3)]));
    /// assert_eq!(last.map(|counts| counts.by_status()), Some(vec![("SUCCEEDED", 2), ("FAILED", 1)]));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Journal`](crate::ErrorKind::Journal) when the file cannot be read.
    pub fn status_history(&self, entry: &JournalEntry) -> Result<StatusHistory> {
        self.store().status_history(entry.row)
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
    /// [`Journal`](crate::ErrorKind::Journal) when the file cannot be written, and
    /// [`JournalInUse`](crate::ErrorKind::JournalInUse) when another process owns it.
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
    /// [`Journal`](crate::ErrorKind::Journal) when the file cannot be read.
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
    /// [`Journal`](crate::ErrorKind::Journal) when the file cannot be written, and
    /// [`JournalInUse`](crate::ErrorKind::JournalInUse) when another process owns it.
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
    /// ```
    /// # use ica_batch_sdk_ext::Journal;
    /// # let folder = tempfile::tempdir()?;
    /// # let journal = Journal::open(folder.path().join("cohort.db"))?;
    /// let verification = journal.verify()?;
    /// for finding in &verification.findings {
    ///     println!("{finding}");
    /// }
    /// assert!(verification.is_intact());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`Journal`](crate::ErrorKind::Journal) when the file cannot be read. Damage is a finding, and no
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
    /// [`Journal`](crate::ErrorKind::Journal) when the journal cannot be read, or the copy cannot be
    /// written.
    pub fn backup(&self, to: impl AsRef<Path>) -> Result<()> {
        self.store().backup(&file::resolve(to.as_ref())?)
    }
}
