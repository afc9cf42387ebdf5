//! The operations of a submission on its journal, without blocking.
//!
//! Everything above this folder uses a journal by these methods and those of `lookups`. Each runs to
//! its end even if the future is dropped.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, SystemTime};

use ica_batch_sdk::types::AnalysisStatus;
use uuid::Uuid;

use super::chunks::{Chunk, PlannedChunk, Sending};
use super::comparing::Comparison;
use super::elsewhere::CreatedElsewhere;
use super::found::{AdoptedRow, Adoption, ChunkRow, OpenChunk};
use super::handle::Journal;
use super::history::{StatusCounts, StatusHistory};
use super::owner::{Asked, Entered};
use super::records::{SubmissionCounts, SubmissionId};
use super::steps::{
    Begin, CreatedResult, ExpiredChunk, Finish, InsertionPoint, ItemsResult, ListedItem, NextChunk, Rejection, Rules,
    TakenChunk, UnlistedChunk,
};
use super::store::Store;
use crate::clock::Clock;
use crate::error::{Error, ErrorKind, Execution, Result};

/// Time after which a run that waits for the ownership asks again.
const POLL_INTERVAL: Duration = Duration::from_secs(1);

/// Journal as one run of a submission uses it. Clones belong to the same run.
#[derive(Debug, Clone)]
pub(crate) struct Session {
    journal: Journal,
    entered: Arc<Entered>,
    /// Row id of the submission, and its rules, which do not change.
    rules: Arc<OnceLock<(i64, Rules)>>,
}

impl Session {
    /// Becomes the owner of the journal, and the only run of this submission. Waits for this long
    /// while another process or run is.
    pub(crate) async fn enter(journal: Journal, id: &SubmissionId, wait: Duration, clock: &dyn Clock) -> Result<Self> {
        let until = clock.elapsed().saturating_add(wait);
        loop {
            let asking = journal.clone();
            let busy = match journal.run(move |_| asking.ask()).await? {
                Asked::Owned(owner) => match owner.enter(id).await {
                    Some(entered) => {
                        return Ok(Self {
                            journal,
                            entered: Arc::new(entered),
                            rules: Arc::default(),
                        });
                    }
                    None => running(id),
                },
                Asked::Busy(error) => error,
            };
            let left = until.saturating_sub(clock.elapsed());
            if left.is_zero() {
                return Err(busy);
            }
            clock.sleep(left.min(POLL_INTERVAL)).await;
        }
    }

    /// Records that the run was dropped. Another run waits for the operations that are left.
    pub(crate) fn leave(&self) {
        self.entered.leave();
    }

    pub(crate) fn journal(&self) -> &Journal {
        &self.journal
    }

    /// Begins or finds a submission. `marked` holds for a new one.
    pub(crate) async fn begin(&self, id: &SubmissionId, marked: bool, now: SystemTime) -> Result<Begin> {
        let id = id.clone();
        self.write(move |store| store.begin(&id, marked, now)).await
    }

    /// Returns how the chunks of a submission are sent.
    pub(crate) async fn rules(&self, submission: i64) -> Result<Rules> {
        match self.rules.get() {
            Some((known, rules)) if *known == submission => Ok(*rules),
            _ => {
                let rules = self.journal.rules(submission).await?;
                let _ = self.rules.set((submission, rules));
                Ok(rules)
            }
        }
    }

    /// Adds chunks to a submission.
    pub(crate) async fn add_chunks(&self, submission: i64, chunks: Vec<PlannedChunk>) -> Result<()> {
        self.write(move |store| store.add_chunks(submission, &chunks)).await
    }

    /// Ends the plan of a submission, which was made from a manifest with this digest.
    pub(crate) async fn finish_plan(
        &self,
        submission: i64,
        allow_duplicates: bool,
        manifest_digest: Option<String>,
    ) -> Result<Finish> {
        self.write(move |store| store.finish_plan(submission, allow_duplicates, manifest_digest.as_deref()))
            .await
    }

    /// Returns the digest of the manifest that the rows of a submission are from.
    pub(crate) async fn manifest_digest(&self, submission: i64) -> Result<Option<String>> {
        self.read(move |store| store.manifest_digest(submission)).await
    }

    /// Sets the digest of the manifest that the rows of a submission are from.
    pub(crate) async fn set_manifest_digest(&self, submission: i64, digest: Option<String>) -> Result<()> {
        self.write(move |store| store.set_manifest_digest(submission, digest.as_deref()))
            .await
    }

    /// Deletes the plan of a submission. If that fails, the next run deletes it.
    pub(crate) async fn abandon_plan(&self, submission: i64) {
        let _ = self.write(move |store| store.delete(submission)).await;
    }

    /// Counts the chunks and analyses of a submission, by state.
    pub(crate) async fn counts(&self, submission: i64) -> Result<SubmissionCounts> {
        self.read(move |store| store.counts(submission)).await
    }

    /// Returns recorded rows from this position on, as positions and digests.
    pub(crate) async fn recorded_rows(&self, submission: i64, from: u64, limit: usize) -> Result<Vec<(u64, [u8; 32])>> {
        self.read(move |store| store.recorded_rows(submission, from, limit))
            .await
    }

    /// Returns rows that were not sent yet, and that another submission of the project has created.
    pub(crate) async fn created_elsewhere(&self, submission: i64) -> Result<Option<CreatedElsewhere>> {
        self.read(move |store| store.created_elsewhere(submission)).await
    }

    /// Starts to compare a manifest with the recorded rows from this position on.
    pub(crate) async fn comparison(&self, submission: i64, from: u64) -> Result<Comparison> {
        let comparison = self.read(move |store| store.comparison(submission, from)).await?;
        Ok(Comparison::new(self.journal.clone(), comparison))
    }

    /// Returns where accepted rows are inserted.
    pub(crate) async fn insertion_point(&self, submission: i64) -> Result<InsertionPoint> {
        self.read(move |store| store.insertion_point(submission)).await
    }

    /// Takes the first open chunk whose row id is greater than `after`.
    pub(crate) async fn take_next(&self, submission: i64, after: i64, sending: Sending) -> Result<NextChunk> {
        let (entered, path) = (Arc::clone(&self.entered), self.journal.path().to_owned());
        self.write(move |store| {
            entered.owner().require_lock(&path)?;
            store.take_next(submission, after, &sending)
        })
        .await
    }

    /// Takes the chunk with this row id, if it is open.
    pub(crate) async fn take(&self, submission: i64, chunk: i64, sending: Sending) -> Result<NextChunk> {
        let (entered, path) = (Arc::clone(&self.entered), self.journal.path().to_owned());
        self.write(move |store| {
            entered.owner().require_lock(&path)?;
            store.take(submission, chunk, &sending)
        })
        .await
    }

    /// Returns a chunk that can neither be sent again nor be considered created.
    pub(crate) async fn expired(&self, submission: i64, now: SystemTime) -> Result<Option<ExpiredChunk>> {
        self.read(move |store| store.expired(submission, now)).await
    }

    /// Plans the rejected chunks of a submission again.
    pub(crate) async fn plan_rejected_again(&self, submission: i64) -> Result<()> {
        self.write(move |store| store.plan_rejected_again(submission)).await
    }

    /// Records the batch of a chunk.
    pub(crate) async fn record_created(
        &self,
        chunk: &TakenChunk,
        batch: Uuid,
        now: SystemTime,
    ) -> Result<CreatedResult> {
        let row = chunk.row;
        self.write(move |store| store.record_created(row, batch, now)).await
    }

    /// Records that a chunk has no response.
    pub(crate) async fn record_failure(&self, chunk: TakenChunk, execution: Execution, now: SystemTime) -> Result<()> {
        self.write(move |store| store.record_failure(&chunk, execution, now))
            .await
    }

    /// Records that nothing of a chunk exists.
    pub(crate) async fn record_not_executed(&self, chunk: TakenChunk) -> Result<()> {
        self.write(move |store| store.record_not_executed(&chunk)).await
    }

    /// Records that ICA rejected a chunk, and that the halves replace it.
    pub(crate) async fn record_rejected(
        &self,
        chunk: TakenChunk,
        rejection: Rejection,
        halves: Vec<Chunk>,
        now: SystemTime,
    ) -> Result<()> {
        self.write(move |store| store.record_rejected(&chunk, &rejection, &halves, now))
            .await
    }

    /// Records that nothing of a chunk exists, and that it is sent from now on.
    pub(crate) async fn record_resent(&self, chunk: &TakenChunk, sending: Sending) -> Result<()> {
        let chunk = chunk.clone();
        self.write(move |store| store.record_resent(&chunk, &sending)).await
    }

    /// Returns the row ids of chunks that may have been sent and have no known response, in order.
    pub(crate) async fn sent_chunks(&self, submission: i64) -> Result<BTreeMap<i64, String>> {
        self.read(move |store| store.sent_chunks(submission)).await
    }

    /// Returns the users whose credentials sent chunks without a known response.
    pub(crate) async fn open_identities(&self, submission: i64) -> Result<BTreeSet<String>> {
        self.read(move |store| store.open_identities(submission)).await
    }

    /// Records which analyses of an open chunk were found in ICA. Returns whether it was open.
    pub(crate) async fn record_adopted(&self, chunk: i64, adoption: Adoption, now: SystemTime) -> Result<bool> {
        self.write(move |store| store.record_adopted(chunk, &adoption, now))
            .await
    }

    /// Returns the first open chunk whose row id is greater than `after`, without taking it.
    pub(crate) async fn open_chunk(&self, submission: i64, after: i64) -> Result<Option<OpenChunk>> {
        self.read(move |store| store.open_chunk(submission, after)).await
    }

    /// Returns the rows with the mark of a chunk, in order of position.
    pub(crate) async fn chunk_rows(&self, chunk: i64) -> Result<Vec<ChunkRow>> {
        self.read(move |store| store.chunk_rows(chunk)).await
    }

    /// Returns created chunks from this position on whose items are not all recorded and final.
    pub(crate) async fn unlisted_chunks(&self, submission: i64, from: u64, limit: usize) -> Result<Vec<UnlistedChunk>> {
        self.read(move |store| store.unlisted_chunks(submission, from, limit))
            .await
    }

    /// Records the status of analyses that were found.
    pub(crate) async fn record_runs(&self, submission: i64, rows: Vec<AdoptedRow>) -> Result<()> {
        self.write(move |store| store.record_runs(submission, &rows)).await
    }

    /// Records the items of a chunk's rows.
    pub(crate) async fn record_items(&self, chunk: &UnlistedChunk, items: Vec<ListedItem>) -> Result<ItemsResult> {
        let chunk = chunk.clone();
        self.write(move |store| store.record_items(&chunk, &items)).await
    }

    /// Adds the newest numbers by status to the history of a submission.
    pub(crate) async fn record_statuses(&self, submission: i64, counts: &StatusCounts) -> Result<()> {
        let counts = counts.clone();
        self.write(move |store| store.record_statuses(submission, &counts))
            .await
    }

    /// Counts the runs of a submission by the status that was read last.
    pub(crate) async fn run_statuses(&self, submission: i64) -> Result<BTreeMap<AnalysisStatus, u64>> {
        self.read(move |store| store.run_statuses(submission)).await
    }

    /// Returns the numbers of a submission by status over time.
    pub(crate) async fn status_history(&self, submission: i64) -> Result<StatusHistory> {
        self.read(move |store| store.status_history(submission)).await
    }

    /// Returns the numbers of a submission by status over time, and its runs by status.
    pub(crate) async fn recorded_statuses(
        &self,
        submission: i64,
    ) -> Result<(StatusHistory, BTreeMap<AnalysisStatus, u64>)> {
        self.read(move |store| Ok((store.status_history(submission)?, store.run_statuses(submission)?)))
            .await
    }

    async fn read<T: Send + 'static>(&self, act: impl FnOnce(&dyn Store) -> Result<T> + Send + 'static) -> Result<T> {
        self.journal.run(act).await
    }

    /// Runs an operation that may write. Its run is registered until it ends.
    async fn write<T: Send + 'static>(&self, act: impl FnOnce(&dyn Store) -> Result<T> + Send + 'static) -> Result<T> {
        let entered = Arc::clone(&self.entered);
        self.journal
            .run(move |store| {
                let result = act(store);
                if let Ok(stamp) = store.written() {
                    entered.owner().note(&stamp);
                }
                result
            })
            .await
    }
}

fn running(id: &SubmissionId) -> Error {
    let what = format!(
        "could not run {id}: this program runs it already; wait until that run has ended, or let this one wait with Submission::wait_for_owner"
    );
    Error::new(ErrorKind::JournalInUse, what)
}
