//! What a journal shows of itself.

use std::fmt;
use std::time::SystemTime;

use uuid::Uuid;

use crate::error::Problem;
use crate::idempotency::IdempotencyKey;

/// A submission in a journal, and how far it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalEntry {
    pub(super) id: i64,
    pub(super) endpoint: String,
    pub(super) project: String,
    pub(super) name: String,
    pub(super) is_planned: bool,
    pub(super) created_at: SystemTime,
    pub(super) counts: Counts,
}

/// How many analyses of a submission are in which state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Counts {
    pub(crate) chunks: u64,
    pub(crate) analyses: u64,
    pub(crate) created: u64,
    pub(crate) rejected: u64,
}

impl JournalEntry {
    /// The base URL of the API that it goes to.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// The id of its project.
    pub fn project(&self) -> &str {
        &self.project
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether its manifest was read to the end. Before that nothing of it is sent.
    pub fn is_planned(&self) -> bool {
        self.is_planned
    }

    /// When it was begun.
    pub fn created_at(&self) -> SystemTime {
        self.created_at
    }

    /// How many analyses it has.
    pub fn analyses(&self) -> u64 {
        self.counts.analyses
    }

    /// How many of them are in a batch.
    pub fn created(&self) -> u64 {
        self.counts.created
    }

    /// How many of them ICA rejected.
    pub fn rejected(&self) -> u64 {
        self.counts.rejected
    }

    /// How many of them are neither: to be sent, or sent and not answered.
    pub fn pending(&self) -> u64 {
        self.counts.pending()
    }
}

impl Counts {
    pub(crate) fn pending(&self) -> u64 {
        self.analyses.saturating_sub(self.created + self.rejected)
    }
}

/// How far a chunk is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ChunkState {
    /// Nothing of it was executed: it was not sent, or what was sent did not execute.
    Planned,
    /// It was sent, and may have been created; its answer is not known.
    Sent,
    /// Its batch exists.
    Created,
    /// ICA rejected it. It is one analysis.
    Rejected,
    /// ICA rejected it, and it goes on as its two halves.
    Split,
}

impl ChunkState {
    const ALL: [Self; 5] = [Self::Planned, Self::Sent, Self::Created, Self::Rejected, Self::Split];

    /// As it stands in the journal.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Sent => "sent",
            Self::Created => "created",
            Self::Rejected => "rejected",
            Self::Split => "split",
        }
    }

    pub(crate) fn from_text(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }
}

impl fmt::Display for ChunkState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A chunk of a submission: what one create sends.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct JournalChunk {
    /// Its number, from 0; a half of a split chunk has `.0` or `.1` added.
    pub label: String,
    /// The position of its first analysis in the manifest, from 0.
    pub first: u64,
    /// How many analyses it has.
    pub analyses: u64,
    /// How far it is.
    pub state: ChunkState,
    /// The key that it is sent with.
    pub key: IdempotencyKey,
    /// SHA-256 of the bytes that are sent, in lowercase hexadecimal digits.
    pub digest: String,
    /// How many bytes are sent.
    pub bytes: u64,
    /// Since when it may have been created.
    pub sent_at: Option<SystemTime>,
    /// When its answer was written down.
    pub answered_at: Option<SystemTime>,
    /// Its batch.
    pub batch: Option<Uuid>,
    /// The HTTP status of its rejection.
    pub status: Option<u16>,
    /// What ICA said of its rejection.
    pub problem: Option<Problem>,
}
