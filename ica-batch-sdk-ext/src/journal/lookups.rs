//! Operations of submissions on a journal that need no session: those of readers.

use std::time::SystemTime;

use uuid::Uuid;

use super::comparing::Survey;
use super::handle::Journal;
use super::records::{JournalChunk, JournalEntry, SubmissionCounts, SubmissionId, Which};
use super::steps::{Found, ReportRow, ReportTotals, Resolution, Rules, StoredBody};
use crate::error::Result;

/// Start of a submission's report.
pub(crate) struct ReportStart {
    pub(crate) totals: ReportTotals,
    /// Its first rows.
    pub(crate) rows: Vec<ReportRow>,
    /// Whether the items of all created chunks are recorded and final.
    pub(crate) has_all_items: bool,
}

/// Operations that need no session. `submission` is the row id that [`find`](Self::find) returns.
impl Journal {
    /// Returns whether the journal has a submission with exactly this id. The lookup blocks.
    pub(crate) fn contains(&self, id: &SubmissionId) -> bool {
        matches!(self.store().find(id), Ok(Found::Planned(_) | Found::Unfinished))
    }

    /// Returns the entry of a submission.
    pub(crate) async fn entry(&self, id: &SubmissionId) -> Result<Option<JournalEntry>> {
        let id = id.clone();
        self.run(move |store| Ok(store.submissions(Which::Id(&id))?.pop()))
            .await
    }

    /// Searches for a planned submission.
    pub(crate) async fn find(&self, id: &SubmissionId) -> Result<Found> {
        let id = id.clone();
        self.run(move |store| store.find(&id)).await
    }

    /// Returns the numbers of a submission.
    pub(crate) async fn counts(&self, submission: i64) -> Result<SubmissionCounts> {
        self.run(move |store| store.counts(submission)).await
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

    /// Returns the start of a submission's report.
    pub(crate) async fn report_start(&self, submission: i64, limit: usize) -> Result<ReportStart> {
        self.run(move |store| {
            Ok(ReportStart {
                totals: store.totals(submission)?,
                rows: store.report(submission, 0, limit)?,
                has_all_items: store.unlisted_chunks(submission, 0, 1)?.is_empty(),
            })
        })
        .await
    }

    /// Returns the user references of two rows. A row that does not exist has an empty one.
    pub(crate) async fn references(&self, submission: i64, positions: [u64; 2]) -> Result<[String; 2]> {
        self.run(move |store| {
            let reference =
                |position| -> Result<String> { Ok(store.user_reference(submission, position)?.unwrap_or_default()) };
            let [first, last] = positions;
            let found = reference(first)?;
            let last = if last == first { found.clone() } else { reference(last)? };
            Ok([found, last])
        })
        .await
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
    pub(crate) fn survey(&self, submission: i64) -> Survey {
        Survey::new(self.clone(), submission)
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
