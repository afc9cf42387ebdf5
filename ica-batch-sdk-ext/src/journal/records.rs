//! Values that a journal shows of itself.

use std::fmt;
use std::time::SystemTime;

use serde::Serialize;
use uuid::Uuid;

use super::json;
use crate::error::Problem;
use crate::idempotency::IdempotencyKey;

/// Identity of a submission. The base URL is a part of it, so a name means one submission per
/// server.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) struct SubmissionId {
    pub(crate) base_url: String,
    pub(crate) project: String,
    pub(crate) name: String,
}

impl fmt::Display for SubmissionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "submission {:?} in project {}", self.name, self.project)
    }
}

/// Submissions of a journal that are asked for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Which<'a> {
    All,
    Id(&'a SubmissionId),
    /// The one that was recorded last.
    Last,
}

/// Submission in a journal, from [`Journal::submissions`](crate::Journal::submissions).
///
/// ```
/// # use ica_batch_sdk_ext::types::{CreateNextflowAnalysis, NextflowAnalysisInput};
/// # use ica_batch_sdk_ext::{Client, Credentials, Journal};
/// use ica_batch_sdk_ext::SubmissionState;
///
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
/// let entry = &journal.submissions()?[0];
/// assert_eq!((entry.name(), entry.project()), ("cohort-42", "my-project"));
/// assert_eq!(entry.to_string(), r#"submission "cohort-42" in project my-project: 0 of 3 analyses created, 0 rejected"#);
/// assert_eq!((entry.state(), entry.counts().pending()), (SubmissionState::Pending, 3));
/// let json = serde_json::to_value(entry)?;
/// assert_eq!((&json["name"], &json["analyses"]), (&"cohort-42".into(), &3.into()));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct JournalEntry {
    #[serde(skip)]
    pub(super) row: i64,
    pub(super) base_url: String,
    pub(super) project: String,
    pub(super) name: String,
    pub(super) is_planned: bool,
    pub(super) state: SubmissionState,
    #[serde(serialize_with = "json::time")]
    pub(super) created_at: SystemTime,
    pub(super) manifest_digest: Option<String>,
    #[serde(flatten)]
    pub(super) counts: SubmissionCounts,
}

impl JournalEntry {
    /// Returns the identity of the submission.
    pub(crate) fn id(&self) -> SubmissionId {
        SubmissionId {
            base_url: self.base_url.clone(),
            project: self.project.clone(),
            name: self.name.clone(),
        }
    }

    /// Returns the base URL of the API that the submission is sent to.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// Returns the id of the submission's project.
    pub fn project(&self) -> &str {
        &self.project
    }

    /// Returns the submission's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns whether the manifest was read to its end. No chunk is sent before that.
    pub fn is_planned(&self) -> bool {
        self.is_planned
    }

    /// Returns how far the submission is.
    pub fn state(&self) -> SubmissionState {
        self.state
    }

    /// Returns the time when the submission was recorded.
    pub fn created_at(&self) -> SystemTime {
        self.created_at
    }

    /// Returns the [digest of the manifest](crate::Submission::manifest_digest) that its rows are
    /// from. None if it is not known.
    pub fn manifest_digest(&self) -> Option<&str> {
        self.manifest_digest.as_deref()
    }

    /// Returns the numbers of its chunks and analyses, by state.
    pub fn counts(&self) -> SubmissionCounts {
        self.counts
    }
}

impl fmt::Display for JournalEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            name, project, counts, ..
        } = self;
        write!(f, "submission {name:?} in project {project}: {counts}")
    }
}

/// How far a submission is, from [`JournalEntry::state`].
///
/// ```
/// use ica_batch_sdk_ext::SubmissionState;
///
/// assert_eq!(SubmissionState::Settled.as_str(), "settled");
/// assert_eq!(format!("{:>9}", SubmissionState::Pending), "  pending");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum SubmissionState {
    /// Its manifest was not read to the end. Nothing of it was sent, and the next run reads the
    /// manifest again.
    Planning,
    /// Analyses of it have no outcome. The next run sends them.
    Pending,
    /// Each analysis is created or rejected, or its creation has failed.
    Settled,
}

impl SubmissionState {
    pub(super) fn new(is_planned: bool, counts: SubmissionCounts) -> Self {
        match (is_planned, counts.pending()) {
            (false, _) => Self::Planning,
            (true, 0) => Self::Settled,
            (true, _) => Self::Pending,
        }
    }

    /// Returns the name, such as `pending`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Planning => "planning",
            Self::Pending => "pending",
            Self::Settled => "settled",
        }
    }
}

impl fmt::Display for SubmissionState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Numbers of chunks and analyses of a submission, by state.
///
/// ```
/// use ica_batch_sdk_ext::SubmissionCounts;
///
/// let mut counts = SubmissionCounts::default();
/// (counts.analyses, counts.created, counts.rejected) = (250, 100, 1);
/// assert_eq!(counts.pending(), 149);
/// assert_eq!(counts.to_string(), "100 of 250 analyses created, 1 rejected");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct SubmissionCounts {
    /// Number of chunks. A split chunk is not counted, its parts are.
    pub chunks: u64,
    /// Number of analyses.
    pub analyses: u64,
    /// Number of analyses that ICA has accepted, except those that it could not create.
    pub created: u64,
    /// Number of analyses that ICA rejected.
    pub rejected: u64,
    /// Number of analyses that ICA has accepted and then could not create. They are known after the
    /// items of their batches were listed.
    pub creation_failed: u64,
}

impl SubmissionCounts {
    /// Returns the number of analyses that have no outcome: they are neither created nor rejected,
    /// and their creation has not failed.
    pub fn pending(&self) -> u64 {
        let settled = self.created.saturating_add(self.rejected);
        self.analyses
            .saturating_sub(settled.saturating_add(self.creation_failed))
    }
}

impl fmt::Display for SubmissionCounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            analyses,
            created,
            rejected,
            creation_failed,
            ..
        } = self;
        write!(f, "{created} of {analyses} analyses created, {rejected} rejected")?;
        match creation_failed {
            0 => Ok(()),
            _ => write!(f, ", {creation_failed} not created by ICA"),
        }
    }
}

/// State of a chunk. [`exactly_once`](crate::exactly_once) has a diagram of them.
///
/// ```
/// use ica_batch_sdk_ext::ChunkState;
///
/// assert_eq!(ChunkState::Created.as_str(), "created");
/// assert_eq!(format!("{:>8}", ChunkState::Sent), "    sent");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ChunkState {
    /// The chunk is to be sent. Nothing of it was executed.
    Planned,
    /// The chunk was sent and may have been executed. Its response is not known.
    Sent,
    /// The analyses of the chunk exist.
    Created,
    /// ICA rejected the chunk, which is a single analysis.
    Rejected,
    /// Chunks of its rows replace it: ICA rejected it, or created some of its analyses.
    Split,
}

impl ChunkState {
    const ALL: [Self; 5] = [Self::Planned, Self::Sent, Self::Created, Self::Rejected, Self::Split];

    /// Returns the name that the journal stores, such as `planned`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Sent => "sent",
            Self::Created => "created",
            Self::Rejected => "rejected",
            Self::Split => "split",
        }
    }

    pub(super) fn from_text(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }
}

impl fmt::Display for ChunkState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Chunk of a submission: the rows that one request creates. From
/// [`Journal::chunks`](crate::Journal::chunks).
///
/// ```
/// # use ica_batch_sdk_ext::types::{CreateNextflowAnalysis, NextflowAnalysisInput};
/// # use ica_batch_sdk_ext::{Client, Credentials, Journal};
/// use ica_batch_sdk_ext::ChunkState;
///
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
///
/// let entry = &journal.submissions()?[0];
/// let chunks = journal.chunks(entry)?;
/// assert_eq!((chunks[1].first_position, chunks[1].analyses), (2, 1));
/// assert_eq!((chunks[1].state, chunks[1].batch), (ChunkState::Planned, None));
/// assert_eq!(chunks[1].to_string(), "chunk 1: planned, 1 analysis from position 2");
/// assert_eq!(serde_json::to_value(&chunks[0])?["state"], "planned");
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct JournalChunk {
    #[serde(skip)]
    pub(super) row: i64,
    /// Label: the chunk's number from 0. The parts of a split chunk add `.0`, `.1` and so on.
    pub label: String,
    /// Position of its first analysis in the submission, from 0.
    pub first_position: u64,
    /// Number of its analyses.
    pub analyses: u64,
    /// State of the chunk.
    pub state: ChunkState,
    /// Idempotency key that it is sent with.
    pub key: IdempotencyKey,
    /// SHA-256 of the request body, in lowercase hexadecimal digits.
    pub digest: String,
    /// Length of the request body in bytes. None after
    /// [`delete_bodies`](crate::Journal::delete_bodies).
    pub bytes: Option<u64>,
    /// Time since when it may have been executed without a known response.
    #[serde(serialize_with = "json::optional_time")]
    pub sent_at: Option<SystemTime>,
    /// Time when its response was recorded.
    #[serde(serialize_with = "json::optional_time")]
    pub response_at: Option<SystemTime>,
    /// Id of its batch. None for analyses that were found in ICA by their marks.
    pub batch: Option<Uuid>,
    /// Whether its analyses were found in ICA by their marks, because the response to its request
    /// is not known.
    pub adopted: bool,
    /// HTTP status of its rejection.
    pub status: Option<u16>,
    /// Problem that ICA reported with the rejection.
    #[serde(serialize_with = "json::problem")]
    pub problem: Option<Problem>,
}

impl fmt::Display for JournalChunk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            label,
            first_position,
            analyses,
            state,
            ..
        } = self;
        let noun = if *analyses == 1 { "analysis" } else { "analyses" };
        write!(
            f,
            "chunk {label}: {state}, {analyses} {noun} from position {first_position}"
        )
    }
}
