//! The operations of a submission on its journal, without blocking.
//!
//! Everything above this folder uses a journal by these methods. Each runs to its end even if the
//! future is dropped.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use uuid::Uuid;

use super::chunks::{Chunk, ManifestRow, PlannedChunk};
use super::elsewhere::CreatedElsewhere;
use super::handle::Journal;
use super::manifest_changes::DuplicateReferences;
use super::naming::Naming;
use super::owner::{Asked, Entered};
use super::records::{JournalChunk, SubmissionCounts, SubmissionId};
use super::steps::{
    AcceptedRow, AdoptedRow, Adoption, Begin, ChunkRow, CreatedResult, Differences, Differing, ExpiredChunk, Finish,
    Found, FoundAnalysis, InsertionPoint, ItemsResult, ListedItem, NextChunk, OpenChunk, Rejection, ReportRow,
    ReportTotals, Resolution, Rules, Sending, StoredBody, SurveyTotals, TakenChunk, UnlistedChunk,
};
use super::store::{self, Compare, Store};
use crate::clock::Clock;
use crate::error::{Error, ErrorKind, Execution, Result};

/// Time after which a run that waits for the ownership asks again.
const POLL_INTERVAL: Duration = Duration::from_secs(1);

/// Operations that need no session. `submission` is the row id that [`find`](Self::find) returns.
impl Journal {
    /// Returns whether the journal has a submission with exactly this id. The lookup blocks.
    pub(crate) fn contains(&self, id: &SubmissionId) -> bool {
        matches!(self.store().find(id), Ok(Found::Planned(_) | Found::Unfinished))
    }

    /// Searches for a planned submission.
    pub(crate) async fn find(&self, id: &SubmissionId) -> Result<Found> {
        let id = id.clone();
        self.run(move |store| store.find(&id)).await
    }

    /// Returns rows of a submission with their outcomes, from this position on.
    pub(crate) async fn report(&self, submission: i64, from: u64, limit: usize) -> Result<Vec<ReportRow>> {
        self.run(move |store| store.report(submission, from, limit)).await
    }

    /// Returns chunks of a submission in order of position, after the last one of the page before.
    pub(crate) async fn chunks_after(
        &self,
        submission: i64,
        last: Option<JournalChunk>,
        limit: usize,
    ) -> Result<Vec<JournalChunk>> {
        self.run(move |store| store.chunks(submission, last.as_ref(), limit))
            .await
    }

    /// Returns the number of rows of a submission, with those that others replace.
    pub(crate) async fn rows(&self, submission: i64) -> Result<u64> {
        self.run(move |store| Ok(store.insertion_point(submission)?.position))
            .await
    }

    /// Returns the request of a chunk. None if there is no such chunk, or if its body was deleted.
    pub(crate) async fn body(&self, submission: i64, label: &str) -> Result<Option<StoredBody>> {
        let label = label.to_owned();
        self.run(move |store| store.body(submission, &label)).await
    }

    /// Returns whether the items of all created chunks are recorded and final.
    pub(crate) async fn has_all_items(&self, submission: i64) -> Result<bool> {
        self.run(move |store| Ok(store.unlisted_chunks(submission, 0, 1)?.is_empty()))
            .await
    }

    /// Returns the totals of a submission's report.
    pub(crate) async fn totals(&self, submission: i64) -> Result<ReportTotals> {
        self.run(move |store| store.totals(submission)).await
    }

    /// Fails unless the rows of the submission are those that were recorded. Returns the counter of
    /// the journal; with that of an earlier check, nothing is read if nothing was written since.
    pub(crate) async fn check(&self, submission: i64, earlier: Option<u64>) -> Result<u64> {
        self.run(move |store| {
            let counter = store.stamp()?.counter;
            if earlier != Some(counter) {
                store.check(submission)?;
            }
            Ok(counter)
        })
        .await
    }

    /// Returns the user references of a chunk in alphabetical order. Empty for an unknown
    /// chunk.
    pub(crate) async fn user_references(&self, submission: i64, label: &str) -> Result<Vec<String>> {
        let label = label.to_owned();
        self.run(move |store| store.user_references(submission, &label)).await
    }

    /// Returns how the chunks of a submission are sent.
    pub(crate) async fn rules(&self, submission: i64) -> Result<Rules> {
        self.run(move |store| store.rules(submission)).await
    }

    /// Starts to compare the rows of a submission with analyses that are found in ICA.
    pub(crate) async fn survey(&self, submission: i64) -> Result<Survey> {
        let survey = self.run(move |store| store.survey(submission)).await?;
        Ok(Survey {
            journal: self.clone(),
            survey: Some(survey),
        })
    }

    /// Returns the random id of the journal.
    pub(crate) async fn id(&self) -> Result<String> {
        Ok(self.run(|store| store.stamp()).await?.id)
    }

    /// Records what a person found in ICA about a chunk: its batch, or that it was not created.
    pub(crate) async fn resolve(
        &self,
        submission: i64,
        label: &str,
        batch: Option<Uuid>,
        now: SystemTime,
    ) -> Result<Resolution> {
        let label = label.to_owned();
        let journal = self.clone();
        self.run(move |store| {
            let owner = journal.own()?;
            let resolution = store.resolve(submission, &label, batch, now)?;
            owner.note(&store.stamp()?);
            Ok(resolution)
        })
        .await
    }
}

/// Journal as one run of a submission uses it. Clones belong to the same run.
#[derive(Debug, Clone)]
pub(crate) struct Session {
    journal: Journal,
    entered: Arc<Entered>,
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
                        let entered = Arc::new(entered);
                        return Ok(Self { journal, entered });
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
        self.journal.rules(submission).await
    }

    /// Adds chunks to a submission.
    pub(crate) async fn add_chunks(&self, submission: i64, chunks: Vec<PlannedChunk>) -> Result<()> {
        self.write(move |store| store.add_chunks(submission, &chunks)).await
    }

    /// Ends the plan of a submission.
    pub(crate) async fn finish_plan(&self, submission: i64, allow_duplicates: bool) -> Result<Finish> {
        self.write(move |store| store.finish_plan(submission, allow_duplicates))
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
        Ok(Comparison {
            session: self.clone(),
            comparison: Some(comparison),
        })
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

    /// Records whether the journal knows what ICA has of the submission.
    pub(crate) async fn set_searched(&self, submission: i64, searched: bool) -> Result<()> {
        self.write(move |store| store.set_searched(submission, searched)).await
    }

    /// Records that nothing of a chunk exists, and that it is sent from now on.
    pub(crate) async fn record_resent(&self, chunk: &TakenChunk, sending: Sending) -> Result<()> {
        let chunk = chunk.clone();
        self.write(move |store| store.record_resent(&chunk, &sending)).await
    }

    /// Returns the row ids of chunks that may have been sent and have no known response, in order.
    pub(crate) async fn sent_chunks(&self, submission: i64) -> Result<Vec<i64>> {
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

    async fn read<T: Send + 'static>(&self, act: impl FnOnce(&dyn Store) -> Result<T> + Send + 'static) -> Result<T> {
        self.journal.run(act).await
    }

    /// Runs an operation that may write. Its run is registered until it ends.
    async fn write<T: Send + 'static>(&self, act: impl FnOnce(&dyn Store) -> Result<T> + Send + 'static) -> Result<T> {
        let entered = Arc::clone(&self.entered);
        self.journal
            .run(move |store| {
                let result = act(store);
                if let Ok(stamp) = store.stamp() {
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

/// Comparison of a manifest with the recorded rows.
pub(crate) struct Comparison {
    session: Session,
    /// None only while an operation runs, and after one was dropped.
    comparison: Option<Box<dyn Compare>>,
}

impl Comparison {
    /// Adds rows of the manifest, in its order.
    pub(crate) async fn stage(&mut self, rows: Vec<ManifestRow>) -> Result<()> {
        self.run(move |comparison| comparison.stage(rows)).await
    }

    /// Compares all rows.
    pub(crate) async fn differences(&mut self) -> Result<Differences> {
        self.run(|comparison| comparison.differences()).await
    }

    /// Returns the user references that would occur more than once if the differences were
    /// accepted.
    pub(crate) async fn duplicates(&mut self) -> Result<Option<DuplicateReferences>> {
        self.run(|comparison| comparison.duplicates()).await
    }

    /// Returns the added and corrected rows that another submission of the project has created.
    pub(crate) async fn created_elsewhere(&mut self) -> Result<Option<CreatedElsewhere>> {
        self.run(|comparison| comparison.created_elsewhere()).await
    }

    /// Returns the added and corrected rows from this number of the manifest on, of about so many
    /// bytes. Empty after the last one.
    pub(crate) async fn accepted(&mut self, from: u64, bytes: usize) -> Result<Vec<AcceptedRow>> {
        self.run(move |comparison| comparison.accepted(from, bytes)).await
    }

    async fn run<T: Send + 'static>(
        &mut self,
        act: impl FnOnce(&mut dyn Compare) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let comparison = self.comparison.take();
        let (comparison, result) = self
            .session
            .read(move |_| {
                let mut comparison = comparison;
                let result = comparison.as_mut().map(|comparison| act(&mut **comparison));
                Ok((comparison, result))
            })
            .await?;
        self.comparison = comparison;
        result.unwrap_or_else(|| {
            Err(self
                .session
                .journal
                .damaged("its comparison with a manifest was interrupted"))
        })
    }
}

/// Comparison of a submission with analyses that are found in ICA.
pub(crate) struct Survey {
    journal: Journal,
    /// None only while an operation runs, and after one was dropped.
    survey: Option<Box<dyn store::Survey>>,
}

impl Survey {
    /// Adds analyses that were found.
    pub(crate) async fn add(&mut self, found: Vec<FoundAnalysis>) -> Result<()> {
        self.run(move |survey| survey.add(found)).await
    }

    /// Returns the analyses with this mark of a chunk.
    pub(crate) async fn with_mark(&mut self, chunk_mark: String) -> Result<Vec<FoundAnalysis>> {
        self.run(move |survey| survey.with_mark(&chunk_mark)).await
    }

    /// Removes the analyses of the rows that the journal has as created, each once.
    pub(crate) async fn remove_known(&mut self, naming: &Naming) -> Result<()> {
        let naming = naming.clone();
        self.run(move |survey| survey.remove_known(&naming)).await
    }

    /// Keeps the analyses with the mark of a chunk for its rows, so that no other chunk takes them.
    pub(crate) async fn claim(&mut self, chunk: i64, rows: &[ChunkRow], chunk_mark: String) -> Result<()> {
        let own = rows.iter().filter(|row| row.is_own);
        let references = own.map(|row| row.user_reference.clone()).collect::<Vec<_>>();
        self.run(move |survey| {
            let mut references = references.iter();
            references.try_for_each(|reference| survey.claim(reference, &chunk_mark, chunk))
        })
        .await
    }

    /// Removes and returns the analyses of a chunk with this mark: those of its rows, each once. Those
    /// with another mark are the ones that no chunk [claimed](Self::claim).
    pub(crate) async fn take(
        &mut self,
        chunk: i64,
        rows: &[ChunkRow],
        chunk_mark: String,
    ) -> Result<Vec<FoundAnalysis>> {
        let own = rows.iter().filter(|row| row.is_own);
        let references = own.map(|row| row.user_reference.clone()).collect::<Vec<_>>();
        self.run(move |survey| {
            let mut found = Vec::new();
            for reference in references {
                found.extend(survey.take(&reference, &chunk_mark, chunk)?);
            }
            Ok(found)
        })
        .await
    }

    /// Returns user references of the analyses that were not removed, except for runs that failed or
    /// were aborted, and new attempts of such rows.
    pub(crate) async fn left(&mut self, limit: usize) -> Result<Vec<String>> {
        self.run(move |survey| survey.left(limit)).await
    }

    /// Returns the totals.
    pub(crate) async fn totals(&mut self) -> Result<SurveyTotals> {
        self.run(|survey| survey.totals()).await
    }

    /// Returns user references whose analyses are not those that the journal has, after this one.
    pub(crate) async fn differing(&mut self, after: Option<String>, limit: usize) -> Result<Vec<Differing>> {
        self.run(move |survey| survey.differing(after.as_deref(), limit)).await
    }

    /// Returns analyses that were found with this user reference.
    pub(crate) async fn analyses(&mut self, user_reference: String, limit: usize) -> Result<Vec<FoundAnalysis>> {
        self.run(move |survey| survey.analyses(&user_reference, limit)).await
    }

    async fn run<T: Send + 'static>(
        &mut self,
        act: impl FnOnce(&mut dyn store::Survey) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let survey = self.survey.take();
        let (survey, result) = self
            .journal
            .run(move |_| {
                let mut survey = survey;
                let result = survey.as_mut().map(|survey| act(&mut **survey));
                Ok((survey, result))
            })
            .await?;
        self.survey = survey;
        result.unwrap_or_else(|| Err(self.journal.damaged("its comparison with ICA was interrupted")))
    }
}
