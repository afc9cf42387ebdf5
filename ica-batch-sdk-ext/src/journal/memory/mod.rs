//! A store in memory, for tests: the second implementation that passes `suite`.

mod comparison;
mod content;
mod outcomes;
mod planning;
mod reading;
mod sending;
mod survey;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Mutex, MutexGuard};
use std::time::SystemTime;

use ica_batch_sdk::types::AnalysisStatus;
use uuid::Uuid;

use self::content::Content;
use super::chunks::{Chunk, PlannedChunk, Sending};
use super::elsewhere::CreatedElsewhere;
use super::failures::damaged;
use super::found::{AdoptedRow, Adoption, ChunkRow, OpenChunk};
use super::history::{StatusCounts, StatusHistory};
use super::records::{ChunkState, JournalChunk, JournalEntry, SubmissionCounts, SubmissionId, Which};
use super::steps::{
    Begin, CreatedResult, ExpiredChunk, Finish, Found, InsertionPoint, ItemsResult, ListedItem, NextChunk, Rejection,
    ReportRow, ReportTotals, Resolution, Rules, Stamp, StoredBody, TakenChunk, UnlistedChunk,
};
use super::store::{Compare, Store, Survey};
use super::time::to_millis;
use super::verification::Verification;
use crate::error::{Execution, Result};

/// Store in memory.
#[derive(Debug, Default)]
pub(super) struct MemoryStore(Mutex<Content>);

impl MemoryStore {
    fn content(&self) -> MutexGuard<'_, Content> {
        self.0.lock().expect("no test panics with it")
    }
}

impl Store for MemoryStore {
    fn stamp(&self) -> Result<Stamp> {
        Ok(Stamp {
            id: "memory".to_owned(),
            counter: self.content().counter,
        })
    }

    fn written(&self) -> Result<Stamp> {
        self.stamp()
    }

    fn submissions(&self, which: Which<'_>) -> Result<Vec<JournalEntry>> {
        self.content().submissions(which)
    }

    fn find(&self, id: &SubmissionId) -> Result<Found> {
        self.content().find(id)
    }

    fn begin(&self, id: &SubmissionId, marked: bool, now: SystemTime) -> Result<Begin> {
        self.content().begin(id, marked, now)
    }

    fn rules(&self, submission: i64) -> Result<Rules> {
        Ok(self.content().submission(submission).rules)
    }

    fn record_runs(&self, submission: i64, rows: &[AdoptedRow]) -> Result<()> {
        let mut content = self.content();
        content.counter += 1;
        for row in rows {
            content.submission(submission).rows[row.position as usize].record_run(row);
        }
        Ok(())
    }

    fn add_chunks(&self, submission: i64, chunks: &[PlannedChunk]) -> Result<()> {
        self.content().add_chunks(submission, chunks)
    }

    fn finish_plan(&self, submission: i64, allow_duplicates: bool, manifest_digest: Option<&str>) -> Result<Finish> {
        self.content()
            .finish_plan(submission, allow_duplicates, manifest_digest)
    }

    fn manifest_digest(&self, submission: i64) -> Result<Option<String>> {
        Ok(self.content().submission(submission).manifest_digest.clone())
    }

    fn set_manifest_digest(&self, submission: i64, digest: Option<&str>) -> Result<()> {
        let mut content = self.content();
        content.counter += 1;
        content.submission(submission).manifest_digest = digest.map(str::to_owned);
        Ok(())
    }

    fn delete(&self, submission: i64) -> Result<()> {
        let mut content = self.content();
        content.counter += 1;
        content.submissions.remove(&submission);
        Ok(())
    }

    fn recorded_rows(&self, submission: i64, from: u64, limit: usize) -> Result<Vec<(u64, [u8; 32])>> {
        self.content().recorded_rows(submission, from, limit)
    }

    fn created_elsewhere(&self, submission: i64) -> Result<Option<CreatedElsewhere>> {
        self.content().planned_elsewhere(submission)
    }

    fn comparison(&self, submission: i64, from: u64) -> Result<Box<dyn Compare>> {
        self.content().comparison(submission, from)
    }

    fn insertion_point(&self, submission: i64) -> Result<InsertionPoint> {
        self.content().insertion_point(submission)
    }

    fn take_next(&self, submission: i64, after: i64, sending: &Sending) -> Result<NextChunk> {
        self.content().take_next(submission, after, sending)
    }

    fn take(&self, submission: i64, chunk: i64, sending: &Sending) -> Result<NextChunk> {
        self.content().take_by_row(submission, chunk, sending)
    }

    fn record_resent(&self, chunk: &TakenChunk, sending: &Sending) -> Result<()> {
        self.content().record_resent(chunk, sending)
    }

    fn sent_chunks(&self, submission: i64) -> Result<BTreeMap<i64, String>> {
        self.content().sent_chunks(submission)
    }

    fn open_identities(&self, submission: i64) -> Result<BTreeSet<String>> {
        self.content().open_identities(submission)
    }

    fn expired(&self, submission: i64, now: SystemTime) -> Result<Option<ExpiredChunk>> {
        self.content().expired(submission, now)
    }

    fn plan_rejected_again(&self, submission: i64) -> Result<()> {
        self.content().plan_rejected_again(submission)
    }

    fn record_created(&self, chunk: i64, batch: Uuid, now: SystemTime) -> Result<CreatedResult> {
        self.content().record_created(chunk, batch, now)
    }

    fn record_failure(&self, chunk: &TakenChunk, execution: Execution, now: SystemTime) -> Result<()> {
        self.content().record_failure(chunk, execution, now)
    }

    fn record_adopted(&self, chunk: i64, adoption: &Adoption, now: SystemTime) -> Result<bool> {
        self.content().record_adopted(chunk, adoption, now)
    }

    fn body(&self, submission: i64, label: &str) -> Result<Option<StoredBody>> {
        self.content().body(submission, label)
    }

    fn chunk_rows(&self, chunk: i64) -> Result<Vec<ChunkRow>> {
        self.content().chunk_rows(chunk)
    }

    fn open_chunk(&self, submission: i64, after: i64) -> Result<Option<OpenChunk>> {
        self.content().open_chunk(submission, after)
    }

    fn survey(&self, submission: i64) -> Result<Box<dyn Survey>> {
        self.content().survey(submission)
    }

    fn record_not_executed(&self, chunk: &TakenChunk) -> Result<()> {
        self.content().record_not_executed(chunk)
    }

    fn record_rejected(
        &self,
        chunk: &TakenChunk,
        rejection: &Rejection,
        halves: &[Chunk],
        now: SystemTime,
    ) -> Result<()> {
        self.content().record_rejected(chunk, rejection, halves, now)
    }

    fn resolve(&self, submission: i64, label: &str, batch: Option<Uuid>, now: SystemTime) -> Result<Resolution> {
        self.content().resolve(submission, label, batch, now)
    }

    fn user_references(&self, submission: i64, label: &str) -> Result<Vec<String>> {
        self.content().user_references(submission, label)
    }

    fn user_reference(&self, submission: i64, position: u64) -> Result<Option<String>> {
        let content = self.content();
        let row = content.submissions[&submission].rows.get(position as usize);
        Ok(row.map(|row| row.row.user_reference.clone()))
    }

    fn unlisted_chunks(&self, submission: i64, from: u64, limit: usize) -> Result<Vec<UnlistedChunk>> {
        self.content().unlisted_chunks(submission, from, limit)
    }

    fn record_items(&self, chunk: &UnlistedChunk, items: &[ListedItem]) -> Result<ItemsResult> {
        self.content().record_items(chunk, items)
    }

    fn counts(&self, submission: i64) -> Result<SubmissionCounts> {
        Ok(self.content().submission(submission).counts())
    }

    fn totals(&self, submission: i64) -> Result<ReportTotals> {
        let mut content = self.content();
        let submission = content.submission(submission);
        Ok(ReportTotals {
            counts: submission.counts(),
            batches: submission
                .chunks
                .values()
                .filter_map(|(record, _)| record.batch)
                .collect(),
            has_all_batches: { submission.chunks.values() }
                .all(|(record, _)| record.state != ChunkState::Created || record.batch.is_some()),
        })
    }

    fn report(&self, submission: i64, from: u64, limit: usize) -> Result<Vec<ReportRow>> {
        self.content().report(submission, from, limit)
    }

    fn chunks(&self, submission: i64, after: Option<&JournalChunk>, limit: usize) -> Result<Vec<JournalChunk>> {
        self.content().chunks(submission, after, limit)
    }

    fn status_history(&self, submission: i64) -> Result<StatusHistory> {
        Ok(self.content().submission(submission).history.clone())
    }

    fn record_statuses(&self, submission: i64, counts: &StatusCounts) -> Result<()> {
        let mut content = self.content();
        let mut history = content.submission(submission).history.clone();
        history.record(counts);
        if history != content.submission(submission).history {
            content.counter += 1;
            content.submission(submission).history = history;
        }
        Ok(())
    }

    fn run_statuses(&self, submission: i64) -> Result<BTreeMap<AnalysisStatus, u64>> {
        let mut statuses = BTreeMap::new();
        let mut content = self.content();
        let rows = content.submission(submission).rows.iter().filter(|row| !row.replaced);
        for run in rows.filter_map(|row| row.run.as_deref()) {
            *statuses.entry(AnalysisStatus::from(run)).or_default() += 1;
        }
        Ok(statuses)
    }

    fn check(&self, submission: i64) -> Result<()> {
        let content = self.content();
        let known = content.submissions.contains_key(&submission);
        known
            .then_some(())
            .ok_or_else(|| damaged(Path::new("memory"), "it lacks a submission"))
    }

    fn verify(&self) -> Result<Verification> {
        let content = self.content();
        let all = content.submissions.values();
        Ok(Verification {
            submissions: content.submissions.len() as u64,
            chunks: all.clone().map(|submission| submission.chunks.len() as u64).sum(),
            analyses: all.map(|submission| submission.rows.len() as u64).sum(),
            ..Verification::default()
        })
    }

    fn complete_before(&self, before: SystemTime) -> Result<Vec<(i64, SubmissionId)>> {
        self.content().complete_before(before)
    }

    fn delete_bodies(&self, before: SystemTime) -> Result<u64> {
        let mut content = self.content();
        let chunks = content
            .submissions
            .values_mut()
            .flat_map(|submission| submission.chunks.values_mut());
        let mut deleted = 0;
        for (record, body) in chunks {
            let is_old = record.answered_at.is_some_and(|at| at < to_millis(before));
            if record.state == ChunkState::Created && is_old && body.take().is_some() {
                deleted += 1;
            }
        }
        Ok(deleted)
    }

    fn backup(&self, _: &Path) -> Result<()> {
        Err(damaged(Path::new("memory"), "it has no file"))
    }
}
