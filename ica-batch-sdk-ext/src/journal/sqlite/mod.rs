//! The store in an SQLite file. Nothing outside this folder knows SQLite.
//!
//! From the bottom up: `database` has results and errors, `rows` reads rows, `changes` is a
//! transaction that writes. `planning`, `sending`, `outcomes`, `items`, `listing`, `history`, `check`,
//! `verify`, `comparison`, `elsewhere` and `survey` are the functions of a store. `recognition`,
//! `migration` and `open` open the file, and `store` owns the connection.

mod backup;
mod changes;
mod check;
mod comparison;
mod creation_failures;
mod database;
mod deletion;
mod differing;
mod elsewhere;
mod found;
mod history;
mod items;
mod listing;
mod migration;
mod open;
mod outcomes;
mod planning;
mod recognition;
mod rows;
mod search;
mod sending;
mod store;
mod survey;
mod verify;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::SystemTime;

use ica_batch_sdk::types::AnalysisStatus;
use uuid::Uuid;

#[cfg(test)]
pub(super) use database::DbError;
pub(super) use open::Access;
pub(super) use store::SqliteStore;

use self::changes::StoredSubmission;
use self::comparison::Comparison;
use self::survey::SqliteSurvey;
use super::chunks::{Chunk, PlannedChunk, Sending};
use super::elsewhere::CreatedElsewhere;
use super::found::{AdoptedRow, Adoption, ChunkRow, OpenChunk};
use super::history::{StatusCounts, StatusHistory};
use super::records::{JournalChunk, JournalEntry, SubmissionCounts, SubmissionId, Which};
use super::steps::{
    Begin, CreatedResult, ExpiredChunk, Finish, Found, InsertionPoint, ItemsResult, ListedItem, NextChunk, Rejection,
    ReportRow, ReportTotals, Resolution, Rules, Stamp, StoredBody, TakenChunk, UnlistedChunk,
};
use super::store::{Compare, Store, Survey};
use super::time::to_millis;
use super::verification::Verification;
use crate::error::{Execution, Result};

impl Store for SqliteStore {
    fn stamp(&self) -> Result<Stamp> {
        self.read(|connection| {
            let sql = "SELECT id, counter FROM journal WHERE only = 1";
            let mut select = connection.prepare_cached(sql)?;
            let stamp = select.query_row([], |row| {
                Ok(Stamp {
                    id: row.get(0)?,
                    counter: row.get(1)?,
                })
            });
            Ok(stamp?)
        })
    }

    fn written(&self) -> Result<Stamp> {
        match self.last_written() {
            Some(stamp) => Ok(stamp),
            None => self.stamp(),
        }
    }

    fn submissions(&self, which: Which<'_>) -> Result<Vec<JournalEntry>> {
        self.read(|connection| listing::submissions(connection, which))
    }

    fn find(&self, id: &SubmissionId) -> Result<Found> {
        self.read(|connection| planning::find(connection, id))
    }

    fn begin(&self, id: &SubmissionId, marked: bool, now: SystemTime) -> Result<Begin> {
        match self.read(|connection| planning::recorded(connection, id))? {
            Some((row, state)) if state == "planned" => return Ok(Begin::Planned(row)),
            Some((row, _)) => deletion::delete(self, row)?,
            // A submission that was lost must not be planned again.
            None => self.read(check::submissions)?,
        }
        let row = self.write(|changes| changes.insert_submission(id, Rules::new(marked), to_millis(now)))?;
        Ok(Begin::Plan(row))
    }

    fn rules(&self, submission: i64) -> Result<Rules> {
        self.read(|connection| Ok(StoredSubmission::read(connection, submission)?.rules))
    }

    fn record_runs(&self, submission: i64, rows: &[AdoptedRow]) -> Result<()> {
        self.write(|changes| rows.iter().try_for_each(|row| items::adopt(changes, submission, row)))
    }

    fn add_chunks(&self, submission: i64, chunks: &[PlannedChunk]) -> Result<()> {
        self.write(|changes| planning::add_chunks(changes, submission, chunks))
    }

    fn finish_plan(&self, submission: i64, allow_duplicates: bool, manifest_digest: Option<&str>) -> Result<Finish> {
        let finish = self.read_apart(|connection| {
            if planning::rows(connection, submission)? == 0 {
                return Ok(Finish::Empty);
            }
            if !allow_duplicates && let Some(duplicates) = planning::duplicates(connection, submission)? {
                return Ok(Finish::Duplicates(duplicates));
            }
            Ok(Finish::Planned)
        })?;
        if finish == Finish::Planned {
            self.write(|changes| changes.set_planned(submission, manifest_digest))?;
        }
        Ok(finish)
    }

    fn manifest_digest(&self, submission: i64) -> Result<Option<String>> {
        self.read(|connection| Ok(StoredSubmission::read(connection, submission)?.manifest_digest))
    }

    fn set_manifest_digest(&self, submission: i64, digest: Option<&str>) -> Result<()> {
        self.write(|changes| changes.set_manifest_digest(submission, digest))
    }

    fn delete(&self, submission: i64) -> Result<()> {
        deletion::delete(self, submission)
    }

    fn recorded_rows(&self, submission: i64, from: u64, limit: usize) -> Result<Vec<(u64, [u8; 32])>> {
        self.read(|connection| planning::recorded_rows(connection, submission, from, limit))
    }

    fn created_elsewhere(&self, submission: i64) -> Result<Option<CreatedElsewhere>> {
        self.read_apart(|connection| elsewhere::created_elsewhere(connection, submission, elsewhere::PLANNED))
    }

    fn comparison(&self, submission: i64, from: u64) -> Result<Box<dyn Compare>> {
        let path = self.path().to_owned();
        let comparison = self
            .connect()
            .and_then(|connection| Comparison::new(path, connection, submission, from));
        Ok(Box::new(self.at(comparison)?))
    }

    fn insertion_point(&self, submission: i64) -> Result<InsertionPoint> {
        self.read(|connection| planning::insertion_point(connection, submission))
    }

    fn take_next(&self, submission: i64, after: i64, sending: &Sending) -> Result<NextChunk> {
        self.write_if(
            |changes| sending::take_next(changes, submission, after, sending),
            is_sent_now,
        )
    }

    fn take(&self, submission: i64, chunk: i64, sending: &Sending) -> Result<NextChunk> {
        self.write_if(
            |changes| sending::take(changes, submission, chunk, sending),
            is_sent_now,
        )
    }

    fn record_resent(&self, chunk: &TakenChunk, sending: &Sending) -> Result<()> {
        self.write(|changes| sending::record_resent(changes, chunk, sending))
    }

    fn sent_chunks(&self, submission: i64) -> Result<BTreeMap<i64, String>> {
        self.read(|connection| sending::sent_chunks(connection, submission))
    }

    fn open_identities(&self, submission: i64) -> Result<BTreeSet<String>> {
        self.read(|connection| sending::open_identities(connection, submission))
    }

    fn expired(&self, submission: i64, now: SystemTime) -> Result<Option<ExpiredChunk>> {
        self.read(|connection| sending::expired(connection, submission, to_millis(now)))
    }

    fn plan_rejected_again(&self, submission: i64) -> Result<()> {
        self.write(|changes| sending::plan_rejected_again(changes, submission))
    }

    fn record_created(&self, chunk: i64, batch: Uuid, now: SystemTime) -> Result<CreatedResult> {
        self.write_if(
            |changes| outcomes::record_created(changes, chunk, batch, to_millis(now)),
            |result| *result == CreatedResult::Recorded,
        )
    }

    fn record_failure(&self, chunk: &TakenChunk, execution: Execution, now: SystemTime) -> Result<()> {
        self.write(|changes| outcomes::record_failure(changes, chunk, execution, to_millis(now)))
    }

    fn record_adopted(&self, chunk: i64, adoption: &Adoption, now: SystemTime) -> Result<bool> {
        self.write_if(
            |changes| outcomes::record_adopted(changes, chunk, adoption, to_millis(now)),
            |was_open| *was_open,
        )
    }

    fn body(&self, submission: i64, label: &str) -> Result<Option<StoredBody>> {
        self.read(|connection| items::body(connection, submission, label))
    }

    fn open_chunk(&self, submission: i64, after: i64) -> Result<Option<OpenChunk>> {
        self.read(|connection| sending::open_chunk(connection, submission, after))
    }

    fn survey(&self, submission: i64) -> Result<Box<dyn Survey>> {
        let (path, idle) = (self.path().to_owned(), self.idle_survey());
        let survey = SqliteSurvey::new(path, idle, || self.connect(), submission);
        Ok(Box::new(self.at(survey)?))
    }

    fn chunk_rows(&self, chunk: i64) -> Result<Vec<ChunkRow>> {
        self.read(|connection| items::chunk_rows(connection, chunk))
    }

    fn record_not_executed(&self, chunk: &TakenChunk) -> Result<()> {
        self.write(|changes| outcomes::record_not_executed(changes, chunk))
    }

    fn record_rejected(
        &self,
        chunk: &TakenChunk,
        rejection: &Rejection,
        halves: &[Chunk],
        now: SystemTime,
    ) -> Result<()> {
        self.write(|changes| outcomes::record_rejected(changes, chunk, rejection, halves, to_millis(now)))
    }

    fn resolve(&self, submission: i64, label: &str, batch: Option<Uuid>, now: SystemTime) -> Result<Resolution> {
        self.write_if(
            |changes| outcomes::resolve(changes, submission, label, batch, to_millis(now)),
            |resolution| *resolution == Resolution::Recorded,
        )
    }

    fn user_references(&self, submission: i64, label: &str) -> Result<Vec<String>> {
        self.read(|connection| items::user_references(connection, submission, label))
    }

    fn user_reference(&self, submission: i64, position: u64) -> Result<Option<String>> {
        self.read(|connection| rows::user_reference(connection, submission, position))
    }

    fn unlisted_chunks(&self, submission: i64, from: u64, limit: usize) -> Result<Vec<UnlistedChunk>> {
        self.read(|connection| items::unlisted_chunks(connection, submission, from, limit))
    }

    fn record_items(&self, chunk: &UnlistedChunk, items: &[ListedItem]) -> Result<ItemsResult> {
        self.write_if(
            |changes| items::record_items(changes, chunk.row, items),
            |result| *result == ItemsResult::Recorded,
        )
    }

    fn counts(&self, submission: i64) -> Result<SubmissionCounts> {
        self.read(|connection| listing::counts(connection, submission))
    }

    fn totals(&self, submission: i64) -> Result<ReportTotals> {
        self.read(|connection| listing::totals(connection, submission))
    }

    fn report(&self, submission: i64, from: u64, limit: usize) -> Result<Vec<ReportRow>> {
        self.read(|connection| listing::report(connection, submission, from, limit))
    }

    fn chunks(&self, submission: i64, after: Option<&JournalChunk>, limit: usize) -> Result<Vec<JournalChunk>> {
        self.read(|connection| listing::chunks(connection, submission, after, limit))
    }

    fn status_history(&self, submission: i64) -> Result<StatusHistory> {
        self.read(|connection| history::read(connection, submission))
    }

    fn record_statuses(&self, submission: i64, counts: &StatusCounts) -> Result<()> {
        self.write_if(
            |changes| history::record(changes, submission, counts),
            |is_recorded| *is_recorded,
        )?;
        Ok(())
    }

    fn run_statuses(&self, submission: i64) -> Result<BTreeMap<AnalysisStatus, u64>> {
        self.read(|connection| history::run_statuses(connection, submission))
    }

    fn check(&self, submission: i64) -> Result<()> {
        self.read_apart(|connection| {
            check::submissions(connection)?;
            check::rows(connection, submission)?;
            Ok(())
        })
    }

    fn verify(&self) -> Result<Verification> {
        self.read_apart(|connection| verify::verify(connection))
    }

    fn complete_before(&self, before: SystemTime) -> Result<Vec<(i64, SubmissionId)>> {
        self.read(|connection| deletion::complete_before(connection, to_millis(before)))
    }

    fn delete_bodies(&self, before: SystemTime) -> Result<u64> {
        deletion::delete_bodies(self, to_millis(before))
    }

    fn backup(&self, to: &Path) -> Result<()> {
        backup::backup(self, to)
    }
}

/// Returns whether the journal records that a chunk is sent from now on.
fn is_sent_now(next: &NextChunk) -> bool {
    matches!(next, NextChunk::Send(taken) if !(taken.marked && taken.may_exist()))
}
