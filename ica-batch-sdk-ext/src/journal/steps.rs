//! Values of the steps of a submission: what a [`Store`](super::store::Store) gets and returns.

use std::collections::BTreeSet;
use std::time::{Duration, SystemTime};

use ica_batch_sdk::types::AnalysisStatus;
use uuid::Uuid;

use super::chunks::{Chunk, ManifestRow};
use super::expiry::Resend;
use super::kind::AnalysisKind;
use super::manifest_changes::{DuplicateReferences, ManifestChanges};
use super::naming::KeyVersion;
use super::records::{ChunkState, JournalChunk};
use super::time::{Millis, from_millis, to_millis};
use crate::analyses::AnalysisStatusExt;
use crate::error::Problem;
use crate::idempotency::IdempotencyKey;

/// Number of user references that a result lists.
pub(super) const LISTED: usize = 100;

/// Result of searching for a planned submission.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// Row id of the submission.
    Planned(i64),
    /// The submission is recorded, and its manifest was not read to the end.
    Unfinished,
    /// The journal has no such submission. These have the same name.
    Missing(SameName),
}

/// Submissions of the same name that differ in one part of their identity.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct SameName {
    /// Base URLs of those in the same project.
    pub(crate) base_urls: Vec<String>,
    /// Projects of those at the same base URL.
    pub(crate) projects: Vec<String>,
}

/// First step of a run of a submission.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Begin {
    /// The submission with this row id is new, and its plan is empty.
    Plan(i64),
    /// The submission with this row id is planned.
    Planned(i64),
}

/// Result of reading a manifest to its end.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Finish {
    /// The submission is planned.
    Planned,
    /// The manifest has no rows. The plan stays unfinished.
    Empty,
    /// User references occur more than once. The plan stays unfinished.
    Duplicates(DuplicateReferences),
}

/// Position at which accepted rows are inserted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct InsertionPoint {
    /// Position of the next row.
    pub(crate) position: u64,
    /// Number of the next chunk.
    pub(crate) chunk: u64,
}

/// Differences between a manifest and the recorded one.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Differences {
    pub(crate) changes: ManifestChanges,
    /// Whether the changes are such that a run may accept them: no removed row is pending, and each
    /// changed one was rejected.
    pub(crate) can_be_accepted: bool,
}

/// Row of a manifest that is accepted, and its number in the manifest.
#[derive(Debug)]
pub(crate) struct AcceptedRow {
    pub(crate) ordinal: u64,
    pub(crate) row: ManifestRow,
}

/// Next step of sending.
#[derive(Debug)]
pub(crate) enum NextChunk {
    /// This chunk is to be sent. The journal records that it may have been sent.
    Send(TakenChunk),
    /// The next chunk cannot be sent.
    Expired(ExpiredChunk),
    /// No chunk is left.
    Done,
}

/// How the chunks of a submission are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rules {
    /// Whether each analysis has the marks of its submission and chunk as technical tags.
    pub(crate) marked: bool,
    pub(crate) keys: KeyVersion,
}

impl Rules {
    /// Rules of submissions that earlier schemas recorded.
    pub(super) const OLDEST: Self = Self {
        marked: false,
        keys: KeyVersion::V1,
    };

    /// Returns the rules of a new submission.
    pub(super) fn new(marked: bool) -> Self {
        Self {
            marked,
            keys: KeyVersion::LATEST,
        }
    }
}

/// Chunk that is being sent.
#[derive(Debug, Clone)]
pub(crate) struct TakenChunk {
    pub(crate) row: i64,
    pub(crate) chunk: Chunk,
    /// Whether its analyses have marks.
    pub(crate) marked: bool,
    /// Time since when an earlier request may have been executed.
    pub(super) sent_before: Option<Millis>,
    /// Time until which an earlier request may have been sent.
    pub(super) sent_until: Option<Millis>,
    /// Time for which the chunk may be sent.
    pub(crate) window: Duration,
}

impl TakenChunk {
    /// Returns whether an earlier request may have been executed.
    pub(crate) fn may_exist(&self) -> bool {
        self.sent_before.is_some()
    }

    /// Records that nothing of it exists.
    pub(crate) fn forget_requests(&mut self) {
        (self.sent_before, self.sent_until) = (None, None);
    }

    /// Records that a request ended now, and that its outcome is not known.
    pub(crate) fn sent_until_now(&mut self, now: SystemTime) {
        let now = to_millis(now);
        (self.sent_before, self.sent_until) = (self.sent_before.or(Some(now)), Some(now));
    }

    /// Returns the time until which an earlier request may have been sent, if there is one that may
    /// have been executed.
    pub(crate) fn last_sent(&self) -> Option<SystemTime> {
        let sent_before = self.sent_before?;
        Some(from_millis(self.sent_until.unwrap_or(sent_before)))
    }
}

/// Request of a chunk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StoredBody {
    /// Position of the first row.
    pub(crate) first: u64,
    /// Kinds of the rows, in order of position.
    pub(crate) kinds: Vec<AnalysisKind>,
    pub(crate) bytes: Vec<u8>,
}

/// Creation status of a row whose analysis was found.
pub(super) const CREATED: &str = "SUCCEEDED";

/// Creation status of a row that ICA accepted and could not create.
pub(super) const FAILED: &str = "FAILED";

/// Chunk that may have been executed and cannot be sent again.
#[derive(Debug, Clone)]
pub(crate) struct ExpiredChunk {
    pub(crate) label: String,
    pub(crate) key: IdempotencyKey,
    pub(crate) sent_at: SystemTime,
    pub(crate) resend: Resend,
    /// User references of its first and last row.
    pub(crate) references: (String, String),
    pub(crate) count: u64,
}

/// Result of recording a chunk's batch.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum CreatedResult {
    /// The batch is recorded.
    Recorded,
    /// This other batch is recorded for the chunk, so its analyses may exist twice.
    OtherBatch(Uuid),
    /// The batch is recorded for this other chunk, so it cannot be the batch of this one. Nothing
    /// was recorded.
    OtherChunk {
        /// Name of the other chunk's submission.
        submission: String,
        label: String,
    },
    /// The chunk is recorded as split, so its analyses may exist twice.
    Split,
}

/// Rejection of a chunk: HTTP status and ICA's problem.
#[derive(Debug, Clone)]
pub(crate) struct Rejection {
    pub(crate) status: Option<u16>,
    pub(crate) problem: Option<Problem>,
}

/// Result of recording what a person found in ICA.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Resolution {
    /// The finding is recorded.
    Recorded,
    /// The submission has no such chunk.
    NoSuchChunk,
    /// The chunk is in this state, so its response is known or it was never sent.
    NotNeeded(ChunkState),
    /// ICA still remembers the chunk's key, so the next run determines whether the batch exists.
    KeyIsRemembered,
    /// The batch is recorded for the chunk with this label.
    OtherChunk(String),
}

/// Chunk with rows whose item, or whether the item was created, is not recorded yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct UnlistedChunk {
    pub(crate) row: i64,
    pub(crate) label: String,
    pub(crate) first: u64,
    pub(crate) count: u64,
    pub(crate) batch: Uuid,
}

impl UnlistedChunk {
    /// Returns a chunk as one whose items are to be recorded, if it has a batch.
    pub(crate) fn of(chunk: &JournalChunk) -> Option<Self> {
        Some(Self {
            row: chunk.row,
            label: chunk.label.clone(),
            first: chunk.first_position,
            count: chunk.analyses,
            batch: chunk.batch?,
        })
    }
}

/// Item of a batch, as ICA listed it.
#[derive(Debug, Clone)]
pub(crate) struct ListedItem {
    pub(crate) user_reference: String,
    pub(crate) item: Uuid,
    /// None leaves the recorded one: ICA may not show an analysis that somebody deleted.
    pub(crate) analysis: Option<Uuid>,
    /// A status that is not final leaves a final one that is recorded.
    pub(crate) creation_status: String,
    /// Why ICA could not create the analysis.
    pub(crate) message: Option<String>,
    /// Status of the analysis. None leaves the recorded one, and so does one that is not final if the
    /// recorded one is.
    pub(crate) run: Option<String>,
}

/// Returns whether the creation of an item has ended.
pub(super) fn is_final(creation_status: &str) -> bool {
    matches!(creation_status, "SUCCEEDED" | "FAILED")
}

/// Returns the creation status of a row after a list: a list may be older than what is recorded.
pub(super) fn creation_after<'a>(known: Option<&'a str>, listed: &'a str) -> &'a str {
    known
        .filter(|known| is_final(known) && !is_final(listed))
        .unwrap_or(listed)
}

/// Returns the status of a run after a list or search that showed this analysis with this status. The
/// recorded one is of the recorded analysis only.
pub(super) fn run_after<'a, T: PartialEq>(
    (known_analysis, known): (Option<T>, Option<&'a str>),
    (analysis, listed): (Option<T>, Option<&'a str>),
) -> Option<&'a str> {
    let is_another = known_analysis.is_some() && analysis.is_some() && known_analysis != analysis;
    let has_ended = |run: &str| AnalysisStatus::from(run).is_terminal();
    match (known.filter(|_| !is_another), listed) {
        (Some(known), Some(listed)) if has_ended(known) && !has_ended(listed) => Some(known),
        (known, listed) => listed.or(known),
    }
}

/// Result of recording the items of a batch.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum ItemsResult {
    Recorded,
    /// The batch has an item that its chunk did not request. Nothing was recorded.
    Unrequested(UnrequestedItem),
}

/// Item that is not one of its chunk.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum UnrequestedItem {
    /// No row of the chunk, or no further row, has this user reference.
    Reference(String),
    /// The list contains the item with this id twice.
    Repeated(Uuid),
}

/// Row of a report.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ReportRow {
    pub(crate) position: u64,
    pub(crate) user_reference: String,
    pub(crate) kind: AnalysisKind,
    pub(crate) state: ChunkState,
    pub(crate) chunk: String,
    pub(crate) key: IdempotencyKey,
    pub(crate) batch: Option<Uuid>,
    pub(crate) item: Option<Uuid>,
    pub(crate) analysis: Option<Uuid>,
    pub(crate) creation_status: Option<String>,
    /// Why ICA could not create the analysis.
    pub(crate) message: Option<String>,
    /// Status of the analysis when it was read last.
    pub(crate) run: Option<String>,
    /// Number of earlier attempts to run the row.
    pub(crate) attempt: u32,
    pub(crate) status: Option<u16>,
    pub(crate) problem: Option<Problem>,
}

/// Totals of a submission's report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ReportTotals {
    pub(crate) counts: super::records::SubmissionCounts,
    /// Ids of all batches that are known.
    pub(crate) batches: BTreeSet<Uuid>,
    /// Whether the batch of each created chunk is known. That of analyses that were found is not.
    pub(crate) has_all_batches: bool,
}

/// Mark of a journal that grows with each change: a copy that is older has a lower counter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stamp {
    /// Id of the journal, and of its copies.
    pub(super) id: String,
    pub(super) counter: u64,
}
