//! Listing the items of created batches, so that a report has the ids of items and analyses.

use std::collections::HashMap;
use std::pin::pin;
use std::time::Duration;

use futures_util::future::{BoxFuture, Either, select};
use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt, StreamExt};
use ica_batch_sdk::types::ItemStatus;

use super::errors;
use super::event::SubmissionEvent;
use super::last_failure::LastFailure;
use super::progress::SubmissionProgress;
use super::run::Run;
use super::schedule::{Schedule, Turn};
use super::set_aside::ends_reading;
use crate::error::{Error, ErrorKind, Result};
use crate::journal::{ItemsResult, ListedItem, SubmissionId, UnlistedChunk, UnrequestedItem};

/// Number of chunks that are read from the journal at a time.
const CHUNKS: usize = 256;

/// Minimum number of batches whose items are listed at the same time. A list has no effect, and its
/// response is short.
const LISTS: usize = 8;

/// Number of times that a batch is not found, after which this run does not list it any more.
const MOST_NOT_FOUND: u32 = 8;

impl Run {
    /// Lists the items of batches whose items are not all recorded, several batches at a time. A
    /// list that fails is set aside and made again, as a chunk is.
    ///
    /// A stop and the deadline of the run end the lists at once: they only read.
    pub(super) async fn lookup_items(&self, submission: i64, progress: &mut SubmissionProgress) -> Result<()> {
        let (mut from, mut unlisted, mut failure) = (0, 0_u64, None);
        loop {
            let chunks = self.session.unlisted_chunks(submission, from, CHUNKS).await?;
            let Some(last) = chunks.last() else { break };
            from = last.first.saturating_add(1);
            if self.is_over() {
                unlisted = unlisted.saturating_add(chunks.len() as u64);
                continue;
            }
            let mut lists = Lists {
                run: self,
                progress,
                schedule: Schedule::new(self.settings.concurrency.max(LISTS)),
                new: chunks.iter().map(|chunk| chunk.row).collect(),
                chunks: chunks.into_iter().map(|chunk| (chunk.row, chunk)).collect(),
                in_flight: FuturesUnordered::new(),
                last: None,
            };
            lists.new.reverse();
            lists.finish().await?;
            unlisted = unlisted.saturating_add(lists.chunks.len() as u64);
            failure = lists.last.or(failure);
        }
        if unlisted > 0 {
            progress.event = SubmissionEvent::ListingEnded { unlisted, failure };
            self.events.emit(progress);
        }
        Ok(())
    }

    fn not_listed(&self, error: Error) -> Error {
        error.could_not(format!("list the items of {}", self.id)).with_advice(
            "all of its chunks have a response; run it again, which lists the missing items and sends nothing",
        )
    }
}

type List = BoxFuture<'static, (i64, Result<Vec<ListedItem>>)>;

/// Returns the error of a batch with an item that its chunk did not request.
pub(super) fn unrequested(id: &SubmissionId, chunk: &UnlistedChunk, item: &UnrequestedItem) -> Error {
    errors::unrequested_item(&chunk.label, chunk.batch, item)
        .could_not(format!("list the items of {id}"))
        .with_advice("compare the batch in ICA with the rows of the chunk, and report it")
}

/// Batches whose items are listed.
struct Lists<'a> {
    run: &'a Run,
    progress: &'a mut SubmissionProgress,
    schedule: Schedule,
    /// Chunks that are not listed yet, by row id.
    chunks: HashMap<i64, UnlistedChunk>,
    /// Row ids of those whose items were not requested yet, the next one last.
    new: Vec<i64>,
    in_flight: FuturesUnordered<List>,
    /// Last failure.
    last: Option<LastFailure>,
}

impl Lists<'_> {
    async fn finish(&mut self) -> Result<()> {
        while !self.run.is_over() {
            let pause = self.begin();
            if self.in_flight.is_empty() && pause.is_none() {
                break;
            }
            let run = self.run;
            let woken = pin!(run.woken(pause, false));
            let next = if self.in_flight.is_empty() {
                woken.await;
                None
            } else {
                match select(self.in_flight.next(), woken).await {
                    Either::Left((next, _)) => next,
                    Either::Right(_) => None,
                }
            };
            if let Some((row, result)) = next {
                self.record(row, result).await?;
            }
        }
        Ok(())
    }

    /// Begins lists as long as the schedule says so. Returns the end of a pause.
    fn begin(&mut self) -> Option<Duration> {
        loop {
            let now = self.run.clock.elapsed();
            let row = match self.schedule.turn(now) {
                Turn::New => self.new.pop(),
                Turn::Again(row) => Some(row),
                Turn::Pause(until) if until >= self.run.deadline => return None,
                Turn::Pause(until) => return Some(until),
                Turn::Full | Turn::Done => return None,
            };
            match row.and_then(|row| self.chunks.get(&row)) {
                Some(chunk) => {
                    self.schedule.sent(chunk.row);
                    self.in_flight.push(self.list(chunk, now));
                }
                None => self.schedule.no_new(),
            }
        }
    }

    /// Lists the items of a chunk's batch, until the deadline of the run.
    fn list(&self, chunk: &UnlistedChunk, now: Duration) -> List {
        let (api, overrides) = (self.run.api.clone(), self.run.overrides.clone());
        let (row, batch, count) = (chunk.row, chunk.batch, chunk.count);
        let left = self.run.deadline.saturating_sub(now);
        async move { (row, api.items((batch, count), left, &overrides).await) }.boxed()
    }

    async fn record(&mut self, row: i64, result: Result<Vec<ListedItem>>) -> Result<()> {
        let run = self.run;
        let now = run.clock.elapsed();
        let items = match result {
            Ok(items) => items,
            Err(error) if ends_reading(&error, true) => return Err(run.not_listed(error)),
            Err(error) if run.is_over() => {
                // The deadline ended the list. An earlier failure says more.
                let failures = self.schedule.failures(row).saturating_add(1);
                self.last.get_or_insert_with(|| LastFailure::of(&error, failures));
                return Ok(());
            }
            Err(error) if run.settings.stop_on_first_error => return Err(run.not_listed(error)),
            Err(error) if error.kind() == ErrorKind::NotFound && self.schedule.failures(row) >= MOST_NOT_FOUND => {
                // The next run lists it, if ICA shows it then.
                self.schedule.settled(row);
                self.chunks.remove(&row);
                return Ok(());
            }
            Err(error) => {
                let due = self.schedule.failed(row, error.retry_after(), now, run.api.random());
                let failure = LastFailure::of(&error, self.schedule.failures(row));
                if let Some(chunk) = self.chunks.get(&row) {
                    let event = SubmissionEvent::ListingSetAside {
                        chunk: chunk.label.clone(),
                        batch: chunk.batch,
                        failure: failure.clone(),
                        until: run.time(due),
                    };
                    self.emit(event);
                }
                self.last = Some(failure);
                return Ok(());
            }
        };
        self.schedule.responded(row, false, now);
        let Some(chunk) = self.chunks.remove(&row) else {
            return Ok(());
        };
        let is_failed = |item: &&ListedItem| item.creation_status == ItemStatus::Failed.as_str();
        let not_created = items.iter().filter(is_failed).count() as u64;
        let listed = items.len() as u64;
        let recorded = run.session.record_items(&chunk, items).await;
        match recorded.map_err(|error| run.not_listed(error))? {
            ItemsResult::Recorded => {}
            ItemsResult::Unrequested(item) => return Err(unrequested(&run.id, &chunk, &item)),
        }
        self.emit(SubmissionEvent::ItemsListed {
            chunk: chunk.label,
            batch: chunk.batch,
            items: listed,
            not_created,
        });
        Ok(())
    }

    fn emit(&mut self, event: SubmissionEvent) {
        self.progress.event = event;
        self.run.events.emit(self.progress);
    }
}
