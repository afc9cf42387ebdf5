//! The operations of a submission on its journal.
//!
//! Everything above this folder uses a journal by these methods, and knows neither SQLite nor the
//! columns. Each is one transaction, and runs to its end even if the future is dropped.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use rusqlite::Connection;
use tokio::runtime::Handle;
use uuid::Uuid;

use super::chunks::{Chunk, ManifestRow, PlannedChunk};
use super::comparison::{self, ChangePolicy, CommonPrefix, Comparison, InsertionPoint};
use super::database::DbResult;
use super::handle::Journal;
use super::items::{self, ItemsResult, ListedItem, ReportRow, UnlistedChunk};
use super::kind::AnalysisKind;
use super::locks::{self, ExpiredChunk, LockedChunk, NextChunk};
use super::outcomes::{self, CreatedResult, Lock, Rejection, Resolution};
use super::planning::{self, Begin, Finish, Found, Planner};
use super::records::{SubmissionCounts, SubmissionId};
use super::sender::Sender;
use super::time::{Millis, to_millis};
use crate::clock::Clock;
use crate::error::{Execution, Result};

/// Operations that need no session. `submission` is the row id that [`find`](Self::find) returns.
impl Journal {
    /// Searches for a planned submission.
    pub(crate) async fn find(&self, id: &SubmissionId) -> Result<Found> {
        let id = id.clone();
        self.run(move |connection| planning::find(connection, &id)).await
    }

    /// Returns the rows of a submission with their outcomes, in order of position.
    pub(crate) async fn report(&self, submission: i64) -> Result<Vec<ReportRow>> {
        self.run(move |connection| {
            let mut rows = Vec::new();
            items::report(connection, submission, |row| {
                rows.push(row);
                Ok(())
            })?;
            Ok(rows)
        })
        .await
    }

    /// Returns the user references of a chunk in alphabetical order. Empty if there is no such
    /// chunk.
    pub(crate) async fn user_references(&self, submission: i64, label: &str) -> Result<Vec<String>> {
        let label = label.to_owned();
        self.run(move |connection| items::user_references(connection, submission, &label))
            .await
    }

    /// Records what a person found in ICA about a chunk: its batch, or that it was not created.
    pub(crate) async fn resolve(
        &self,
        submission: i64,
        label: &str,
        batch: Option<Uuid>,
        now: SystemTime,
    ) -> Result<Resolution> {
        let (label, now) = (label.to_owned(), to_millis(now));
        self.run(move |connection| outcomes::resolve(connection, submission, &label, batch, now))
            .await
    }
}

/// Journal as one process uses it: with its locks and its clock. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Session {
    journal: Journal,
    sender: Sender,
    clock: Arc<dyn Clock>,
}

impl Session {
    /// Creates a session whose locks expire after `lock_timeout` without [`renew`](Self::renew).
    pub(crate) fn new(journal: Journal, lock_timeout: Duration, clock: Arc<dyn Clock>) -> Self {
        Self {
            journal,
            sender: Sender::new(lock_timeout),
            clock,
        }
    }

    pub(crate) fn journal(&self) -> &Journal {
        &self.journal
    }

    /// Records that this process is at work.
    pub(crate) async fn enter(&self) -> Result<()> {
        self.run(|connection, sender, now| sender.enter(connection, now)).await
    }

    /// Renews the locks of this process.
    pub(crate) async fn renew(&self) -> Result<()> {
        self.run(|connection, sender, now| sender.renew(connection, now)).await
    }

    /// Releases all locks of this process. If that cannot be recorded, they expire.
    pub(crate) async fn leave(&self) {
        let _ = self.run(|connection, sender, _| sender.leave(connection)).await;
    }

    /// Releases all locks of this process without waiting, unless [`leave`](Self::leave) has done
    /// so. Outside a runtime they expire.
    pub(crate) fn leave_in_background(&self) {
        if let (false, Ok(runtime)) = (self.sender.has_left(), Handle::try_current()) {
            let (journal, sender) = (self.journal.clone(), self.sender.clone());
            runtime.spawn_blocking(move || drop(journal.with_connection(|connection| sender.leave(connection))));
        }
    }

    /// Begins or finds a submission.
    pub(crate) async fn begin(&self, id: &SubmissionId) -> Result<Begin> {
        let id = id.clone();
        self.run(move |connection, sender, now| planning::begin(connection, &id, sender, now))
            .await
    }

    /// Adds chunks to the plan of a submission.
    pub(crate) async fn add_chunks(&self, submission: i64, chunks: Vec<PlannedChunk>) -> Result<Planner> {
        self.run(move |connection, sender, now| planning::add(connection, submission, sender, &chunks, now))
            .await
    }

    /// Ends the plan of a submission.
    pub(crate) async fn finish_plan(&self, submission: i64, allow_duplicates: bool) -> Result<Finish> {
        self.run(move |connection, sender, _| planning::finish(connection, submission, sender, allow_duplicates))
            .await
    }

    /// Deletes the plan of a submission. If that fails, the next run deletes it.
    pub(crate) async fn abandon_plan(&self, submission: i64) {
        let _ = self
            .run(move |connection, sender, _| planning::abandon(connection, submission, sender))
            .await;
    }

    /// Counts the chunks and analyses of a submission, by state.
    pub(crate) async fn counts(&self, submission: i64) -> Result<SubmissionCounts> {
        self.run(move |connection, _, _| planning::counts(connection, submission))
            .await
    }

    /// Returns recorded rows from this position on, as positions and digests.
    pub(crate) async fn recorded_rows(&self, submission: i64, from: u64, limit: usize) -> Result<Vec<(u64, [u8; 32])>> {
        self.run(move |connection, _, _| comparison::recorded_rows(connection, submission, from, limit))
            .await
    }

    /// Prepares the staging of rows. [`clear_staged`](Self::clear_staged) ends it.
    pub(crate) async fn prepare_staging(&self) -> Result<()> {
        self.run(|connection, _, _| comparison::prepare(connection)).await
    }

    /// Stages rows of a manifest to be compared. `first` is the number of the first one.
    pub(crate) async fn stage(&self, first: u64, rows: Vec<ManifestRow>) -> Result<()> {
        self.run(move |connection, sender, _| comparison::stage(connection, sender, first, &rows))
            .await
    }

    /// Compares the staged rows with the recorded ones, and plans those that the policy accepts.
    pub(crate) async fn compare<Cut>(
        &self,
        submission: i64,
        prefix: CommonPrefix,
        policy: ChangePolicy<Cut>,
    ) -> Result<Comparison>
    where
        Cut: FnMut(Option<ManifestRow>, InsertionPoint) -> Option<PlannedChunk> + Send + 'static,
    {
        self.run(move |connection, sender, _| comparison::compare(connection, submission, sender, prefix, policy))
            .await
    }

    /// Deletes the staged rows.
    pub(crate) async fn clear_staged(&self) -> Result<()> {
        self.run(|connection, sender, _| comparison::clear(connection, sender))
            .await
    }

    /// Locks the next chunk of a submission.
    pub(crate) async fn lock_next(&self, submission: i64) -> Result<NextChunk> {
        self.run(move |connection, sender, now| locks::lock_next(connection, submission, sender, now))
            .await
    }

    /// Returns a chunk that can neither be sent again nor be considered created.
    pub(crate) async fn expired(&self, submission: i64) -> Result<Option<ExpiredChunk>> {
        self.run(move |connection, _, now| locks::expired(connection, submission, now))
            .await
    }

    /// Plans the rejected chunks of a submission again.
    pub(crate) async fn plan_rejected_again(&self, submission: i64) -> Result<()> {
        self.run(move |connection, _, _| locks::plan_rejected_again(connection, submission))
            .await
    }

    /// Records the batch of a chunk.
    pub(crate) async fn record_created(&self, chunk: &LockedChunk, batch: Uuid) -> Result<CreatedResult> {
        let row = chunk.row;
        self.run(move |connection, _, now| outcomes::record_created(connection, row, batch, now))
            .await
    }

    /// Records that a chunk has no response.
    pub(crate) async fn record_failure(&self, chunk: LockedChunk, execution: Execution) -> Result<()> {
        self.run(move |connection, _, _| outcomes::record_failure(connection, &chunk, execution))
            .await
    }

    /// Records that nothing of a chunk exists.
    pub(crate) async fn record_not_executed(&self, chunk: LockedChunk) -> Result<()> {
        self.run(move |connection, _, _| outcomes::record_not_executed(connection, &chunk))
            .await
    }

    /// Records that ICA rejected a chunk, and that the halves replace it.
    pub(crate) async fn record_rejected(
        &self,
        submission: i64,
        chunk: LockedChunk,
        rejection: Rejection,
        halves: Vec<Chunk>,
    ) -> Result<Lock> {
        self.run(move |connection, _, now| {
            outcomes::record_rejected(connection, submission, &chunk, &rejection, &halves, now)
        })
        .await
    }

    /// Returns the kinds of a chunk's rows, in order of position.
    pub(crate) async fn kinds(&self, chunk: &LockedChunk) -> Result<Vec<AnalysisKind>> {
        let row = chunk.row;
        self.run(move |connection, _, _| items::kinds(connection, row)).await
    }

    /// Returns created chunks from this position on whose items are not all recorded.
    pub(crate) async fn unlisted_chunks(&self, submission: i64, from: u64, limit: usize) -> Result<Vec<UnlistedChunk>> {
        self.run(move |connection, _, _| items::unlisted_chunks(connection, submission, from, limit))
            .await
    }

    /// Records the items of a chunk's rows.
    pub(crate) async fn record_items(&self, chunk: &UnlistedChunk, items: Vec<ListedItem>) -> Result<ItemsResult> {
        let row = chunk.row;
        self.run(move |connection, _, _| items::record_items(connection, row, &items))
            .await
    }

    async fn run<T: Send + 'static>(
        &self,
        act: impl FnOnce(&mut Connection, &Sender, Millis) -> DbResult<T> + Send + 'static,
    ) -> Result<T> {
        let (sender, clock) = (self.sender.clone(), Arc::clone(&self.clock));
        // The time is read inside: the operation may have waited for the connection.
        let act = move |connection: &mut Connection| act(connection, &sender, to_millis(clock.now()));
        self.journal.run(act).await
    }
}
