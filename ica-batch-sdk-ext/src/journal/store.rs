//! The operations of a journal, in the terms of submissions. Nothing above knows how it is stored.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::Path;
use std::time::SystemTime;

use ica_batch_sdk::types::AnalysisStatus;
use uuid::Uuid;

use super::chunks::{Chunk, ManifestRow, PlannedChunk, Sending};
use super::elsewhere::CreatedElsewhere;
use super::found::{
    AdoptedRow, Adoption, ChunkRow, Differing, FoundAnalysis, OpenChunk, SeenAnalysis, Stranger, SurveyTotals,
};
use super::history::{StatusCounts, StatusHistory};
use super::manifest_changes::DuplicateReferences;
use super::naming::Naming;
use super::records::{JournalChunk, JournalEntry, SubmissionCounts, SubmissionId, Which};
use super::steps::{
    AcceptedRow, Begin, CreatedResult, Differences, ExpiredChunk, Finish, Found, InsertionPoint, ItemsResult,
    ListedItem, NextChunk, Rejection, ReportRow, ReportTotals, Resolution, Rules, Stamp, StoredBody, TakenChunk,
    UnlistedChunk,
};
use super::verification::Verification;
use crate::error::{Execution, Result};

/// Storage of a journal.
///
/// One process owns a journal while it writes, and one run at a time writes a submission. The
/// caller sees to both. Each method that records something is one transaction, or says otherwise,
/// and is durable when it returns. Methods block. `submission` is the row id that
/// [`find`](Self::find) returns.
///
/// `suite` has the tests that an implementation must pass.
pub(super) trait Store: fmt::Debug + Send + Sync + 'static {
    /// Returns the id and the counter of the journal. Each transaction raises the counter.
    fn stamp(&self) -> Result<Stamp>;

    /// Returns the stamp of the last transaction of this store, or what [`stamp`](Self::stamp) returns
    /// if it has made none. Reads nothing after a transaction.
    fn written(&self) -> Result<Stamp>;

    /// Returns the submissions that are asked for, in the order in which they were recorded.
    fn submissions(&self, which: Which<'_>) -> Result<Vec<JournalEntry>>;

    /// Searches for a planned submission.
    fn find(&self, id: &SubmissionId) -> Result<Found>;

    /// Begins a submission, or finds it planned. `marked` holds for a new one. Deletes the unfinished plan of an earlier run, in
    /// several transactions if it is large.
    fn begin(&self, id: &SubmissionId, marked: bool, now: SystemTime) -> Result<Begin>;

    /// Returns how the chunks of a submission are sent.
    fn rules(&self, submission: i64) -> Result<Rules>;

    /// Records the status of analyses that were found.
    fn record_runs(&self, submission: i64, rows: &[AdoptedRow]) -> Result<()>;

    /// Adds chunks with their rows. A row that replaces a rejected one marks that as replaced.
    fn add_chunks(&self, submission: i64, chunks: &[PlannedChunk]) -> Result<()>;

    /// Ends the plan of a submission, which was made from a manifest with this digest. Its chunks can
    /// be sent from now on.
    fn finish_plan(&self, submission: i64, allow_duplicates: bool, manifest_digest: Option<&str>) -> Result<Finish>;

    /// Returns the digest of the manifest that the rows of a submission are from.
    fn manifest_digest(&self, submission: i64) -> Result<Option<String>>;

    /// Sets the digest of the manifest that the rows of a submission are from.
    fn set_manifest_digest(&self, submission: i64, digest: Option<&str>) -> Result<()>;

    /// Deletes a submission, in several transactions if it is large. It is not found from the first
    /// one on, and [`begin`](Self::begin) or [`prune`](Self::prune) continues an interrupted
    /// deletion.
    fn delete(&self, submission: i64) -> Result<()>;

    /// Returns rows that are not replaced, from this position on, as positions and digests.
    fn recorded_rows(&self, submission: i64, from: u64, limit: usize) -> Result<Vec<(u64, [u8; 32])>>;

    /// Returns rows that were not sent yet, and that another submission of the project has created
    /// or may have created. New attempts do not count.
    fn created_elsewhere(&self, submission: i64) -> Result<Option<CreatedElsewhere>>;

    /// Starts to compare a manifest with the recorded rows from this position on.
    fn comparison(&self, submission: i64, from: u64) -> Result<Box<dyn Compare>>;

    /// Returns where accepted rows are inserted.
    fn insertion_point(&self, submission: i64) -> Result<InsertionPoint>;

    /// Takes the first open chunk whose row id is greater than `after`. It may have been sent from
    /// now on. A marked chunk that [may exist](TakenChunk::may_exist) stays as it is: ICA is searched
    /// first, and [`record_resent`](Self::record_resent) comes before it is sent.
    fn take_next(&self, submission: i64, after: i64, sending: &Sending) -> Result<NextChunk>;

    /// Takes the chunk with this row id as [`take_next`](Self::take_next) does.
    /// [`Done`](NextChunk::Done) if it is not open any more.
    fn take(&self, submission: i64, chunk: i64, sending: &Sending) -> Result<NextChunk>;

    /// Records that nothing of a chunk exists, and that it is sent from now on.
    fn record_resent(&self, chunk: &TakenChunk, sending: &Sending) -> Result<()>;

    /// Returns the row ids of chunks that may have been sent and have no known response, in order.
    fn sent_chunks(&self, submission: i64) -> Result<BTreeMap<i64, String>>;

    /// Returns the users whose credentials sent chunks without a known response.
    fn open_identities(&self, submission: i64) -> Result<BTreeSet<String>>;

    /// Returns an unmarked chunk that can neither be sent again nor be considered created.
    fn expired(&self, submission: i64, now: SystemTime) -> Result<Option<ExpiredChunk>>;

    /// Plans the rejected chunks of a submission again, except for rows that a corrected row has
    /// replaced.
    fn plan_rejected_again(&self, submission: i64) -> Result<()>;

    /// Records the batch of a chunk.
    fn record_created(&self, chunk: i64, batch: Uuid, now: SystemTime) -> Result<CreatedResult>;

    /// Records that a chunk has no response. If nothing was executed, now or before, it is planned
    /// again.
    fn record_failure(&self, chunk: &TakenChunk, execution: Execution, now: SystemTime) -> Result<()>;

    /// Records which analyses of an open chunk were found in ICA. The parts, if there are any,
    /// replace it. Returns false, and records nothing, if the chunk is not open any more.
    fn record_adopted(&self, chunk: i64, adoption: &Adoption, now: SystemTime) -> Result<bool>;

    /// Returns the request of a chunk. None if there is no such chunk, or if its body was deleted.
    fn body(&self, submission: i64, label: &str) -> Result<Option<StoredBody>>;

    /// Returns the first open chunk whose row id is greater than `after`, without taking it.
    fn open_chunk(&self, submission: i64, after: i64) -> Result<Option<OpenChunk>>;

    /// Starts to compare the rows of a submission with analyses that are found in ICA.
    fn survey(&self, submission: i64) -> Result<Box<dyn Survey>>;

    /// Returns the rows with the mark of a chunk, in order of position.
    fn chunk_rows(&self, chunk: i64) -> Result<Vec<ChunkRow>>;

    /// Records that nothing of a chunk exists. The next run sends it again.
    fn record_not_executed(&self, chunk: &TakenChunk) -> Result<()>;

    /// Records that ICA rejected a chunk. The halves, if there are any, replace it; their keys are
    /// durable together with the split.
    fn record_rejected(
        &self,
        chunk: &TakenChunk,
        rejection: &Rejection,
        halves: &[Chunk],
        now: SystemTime,
    ) -> Result<()>;

    /// Records what a person found in ICA about a chunk: its batch, or that it was not created.
    fn resolve(&self, submission: i64, label: &str, batch: Option<Uuid>, now: SystemTime) -> Result<Resolution>;

    /// Returns the user references of a chunk in alphabetical order. Empty for an unknown
    /// chunk.
    fn user_references(&self, submission: i64, label: &str) -> Result<Vec<String>>;

    /// Returns the user reference of the row at this position.
    fn user_reference(&self, submission: i64, position: u64) -> Result<Option<String>>;

    /// Returns created chunks from this position on whose items are not all recorded and final.
    fn unlisted_chunks(&self, submission: i64, from: u64, limit: usize) -> Result<Vec<UnlistedChunk>>;

    /// Records the items of a chunk's rows. Each item belongs to a row of its own. Rows without an
    /// item are normal while the job of the batch is active.
    fn record_items(&self, chunk: &UnlistedChunk, items: &[ListedItem]) -> Result<ItemsResult>;

    /// Counts the chunks and analyses of a submission, by state.
    fn counts(&self, submission: i64) -> Result<SubmissionCounts>;

    /// Returns the totals of a submission's report.
    fn totals(&self, submission: i64) -> Result<ReportTotals>;

    /// Returns rows that are not replaced, with their outcomes, from this position on. None after
    /// the last row.
    fn report(&self, submission: i64, from: u64, limit: usize) -> Result<Vec<ReportRow>>;

    /// Returns chunks in order of position, a split chunk before its halves. `after` is the last
    /// chunk of the page before.
    fn chunks(&self, submission: i64, after: Option<&JournalChunk>, limit: usize) -> Result<Vec<JournalChunk>>;

    /// Returns the numbers of a submission by status over time.
    fn status_history(&self, submission: i64) -> Result<StatusHistory>;

    /// Adds the newest numbers to the history of a submission, as [`StatusHistory::record`] does.
    fn record_statuses(&self, submission: i64, counts: &StatusCounts) -> Result<()>;

    /// Counts the runs of a submission by the status that was read last. Rows that others replace do
    /// not count.
    fn run_statuses(&self, submission: i64) -> Result<BTreeMap<AnalysisStatus, u64>>;

    /// Fails unless the rows of the submission are those that this crate recorded.
    fn check(&self, submission: i64) -> Result<()>;

    /// Checks the whole journal.
    fn verify(&self) -> Result<Verification>;

    /// Returns submissions whose chunks all have a response from before this time, and unfinished
    /// plans of that age.
    fn complete_before(&self, before: SystemTime) -> Result<Vec<(i64, SubmissionId)>>;

    /// Deletes the bodies of chunks that were created before this time, in several transactions if
    /// there are many. Returns their number.
    fn delete_bodies(&self, before: SystemTime) -> Result<u64>;

    /// Writes a copy of the journal to this path.
    fn backup(&self, to: &Path) -> Result<()>;
}

/// Comparison of a manifest with the recorded rows. It ends when it is dropped.
pub(super) trait Compare: Send {
    /// Adds rows of the manifest, in its order.
    fn stage(&mut self, rows: Vec<ManifestRow>) -> Result<()>;

    /// Compares all rows. Rows in another order are no difference.
    fn differences(&mut self) -> Result<Differences>;

    /// Returns the user references that would occur more than once if the differences were
    /// accepted.
    fn duplicates(&mut self) -> Result<Option<DuplicateReferences>>;

    /// Returns the added and corrected rows that another submission of the project has created or
    /// may have created.
    fn created_elsewhere(&mut self) -> Result<Option<CreatedElsewhere>>;

    /// Returns the added and corrected rows from this number of the manifest on, at least one and
    /// at most about so many bytes. Empty after the last one.
    fn accepted(&mut self, from: u64, bytes: usize) -> Result<Vec<AcceptedRow>>;
}

/// Analyses that were found in ICA by the mark of a submission, beside its rows. It ends when it is
/// dropped.
pub(super) trait Survey: Send {
    /// Adds analyses that were found. One that was added before is ignored.
    fn add(&mut self, found: Vec<FoundAnalysis>) -> Result<()>;

    /// Removes the analyses of the rows that the journal has as created, each once. Of a row without
    /// the id of its analysis, one with the mark of its chunk comes first, and one that another chunk
    /// claimed last.
    fn remove_known(&mut self, naming: &Naming) -> Result<()>;

    /// Keeps an analysis with the user reference and content of this row, and with this mark, for this
    /// chunk, if there is one that no chunk has and whose run has not failed.
    fn claim(&mut self, row: &ChunkRow, chunk_mark: &str, chunk: i64) -> Result<()>;

    /// Removes and returns an analysis with the user reference and content of this row: one that this
    /// chunk claimed, or one that no chunk did: one whose run has not failed, and with this mark, if there
    /// is one. A run that failed does not count as a new attempt, unless it has
    /// this mark.
    fn take(&mut self, row: &ChunkRow, chunk_mark: &str, chunk: i64) -> Result<Option<FoundAnalysis>>;

    /// Returns user references of rows whose analyses were not removed, in alphabetical order. Runs
    /// that failed or were aborted do not count, nor do new attempts of rows whose runs did.
    fn left(&mut self, limit: usize) -> Result<Vec<String>>;

    /// Returns user references of analyses that no row asks for, in alphabetical order: none has the user
    /// reference, or none with it has the content. Aborted analyses do not count.
    fn strangers(&mut self, limit: usize) -> Result<Vec<Stranger>>;

    /// Returns the totals.
    fn totals(&mut self) -> Result<SurveyTotals>;

    /// Returns rows whose analyses are not those that the journal has, in the order of their user
    /// references, from this number on.
    fn differing(&mut self, from: u64, limit: usize) -> Result<Vec<Differing>>;

    /// Returns analyses that were found with this user reference, and with this mark of a row if there is
    /// one. Those that the journal recorded come first, if the rows that [differ](Self::differing) were
    /// read.
    fn analyses(&mut self, user_reference: &str, row_mark: Option<&str>, limit: usize) -> Result<Vec<SeenAnalysis>>;
}
