//! The loop of a run: which chunk is taken when, until each is settled.

use std::collections::{HashMap, HashSet};
use std::future::pending;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use futures_util::future::{Either, select};
use tokio::task::JoinSet;
use tracing::Instrument;

use super::chunk_sender::{ChunkSender, SentChunk};
use super::common_search::{self, CommonSearch};
use super::errors;
use super::event::SubmissionEvent;
use super::history::Recorder;
use super::last_failure::LastFailure;
use super::progress::SubmissionProgress;
use super::run::Run;
use super::schedule::{Schedule, Turn};
use super::unfinished::EndReason;
use crate::error::{Error, Execution, Result};
use crate::journal::{NextChunk, TakenChunk, finished};

/// Why no further chunk is taken.
pub(super) enum Ending {
    Failed(Error),
    Early(EndReason),
}

/// Chunk that is set aside, and why.
pub(super) struct Waiting {
    pub(super) label: String,
    pub(super) failure: LastFailure,
    pub(super) execution: Execution,
}

/// Task that has ended.
enum Ended {
    Chunk(SentChunk),
    Search(CommonSearch),
}

/// Chunks of a run while they are sent.
pub(super) struct Sending<'a> {
    pub(super) run: &'a Run,
    pub(super) submission: i64,
    pub(super) progress: &'a mut SubmissionProgress,
    recorder: &'a mut Recorder,
    sender: Arc<ChunkSender>,
    pub(super) schedule: Schedule,
    tasks: JoinSet<Ended>,
    /// Row id of the last chunk that was taken for the first time. The halves of a split chunk have
    /// greater ones than any chunk before.
    taken: i64,
    pub(super) waiting: HashMap<i64, Waiting>,
    /// Chunks that are set aside, and that may have been created.
    uncertain: HashSet<i64>,
    /// Chunks of which a search has shown that nothing exists.
    absent: HashSet<i64>,
    /// Whether a common search is in flight.
    pub(super) is_searching: bool,
    /// Number of analyses that ICA rejected in this run.
    pub(super) rejected: u64,
    /// User references of analyses that exist several times.
    pub(super) several: Vec<String>,
    pub(super) ending: Option<Ending>,
}

impl<'a> Sending<'a> {
    pub(super) fn new(
        run: &'a Run,
        submission: i64,
        sender: ChunkSender,
        progress: &'a mut SubmissionProgress,
        recorder: &'a mut Recorder,
    ) -> Self {
        Self {
            run,
            submission,
            progress,
            recorder,
            sender: Arc::new(sender),
            schedule: Schedule::new(run.settings.concurrency),
            tasks: JoinSet::new(),
            taken: i64::MIN,
            waiting: HashMap::new(),
            uncertain: HashSet::new(),
            absent: HashSet::new(),
            is_searching: false,
            rejected: 0,
            several: Vec::new(),
            ending: None,
        }
    }

    /// Records what the search before the run shows about chunks that an earlier run sent.
    pub(super) async fn begin(&mut self, settled: Vec<SentChunk>) {
        for sent in settled {
            if let Err(error) = self.record(sent).await {
                self.fail(error);
            }
        }
    }

    pub(super) async fn finish(&mut self) {
        loop {
            let pause = self.take().await;
            if self.tasks.is_empty() && (self.ending.is_some() || pause.is_none()) {
                return;
            }
            let recorded = match self.next(pause).await {
                Some(Ended::Chunk(sent)) => self.record(sent).await,
                Some(Ended::Search(search)) => self.record_search(search).await,
                None => Ok(()),
            };
            if let Err(error) = recorded {
                self.fail(error);
            }
            let (now, counts) = (self.run.clock.now(), self.progress.counts);
            self.recorder.record_sending(now, counts, false).await;
        }
    }

    /// Takes chunks as long as the schedule says so. Returns the end of a pause.
    async fn take(&mut self) -> Option<Duration> {
        while self.ending.is_none() {
            if self.run.stop.is_stopped() {
                self.end_early(EndReason::Stopped);
                break;
            }
            let now = self.run.clock.elapsed();
            if now >= self.run.deadline {
                self.end_at_deadline();
                break;
            }
            let taken = match self.schedule.turn(now) {
                Turn::New => self.take_new().await,
                Turn::Again(row) if self.needs_common_search(row) => {
                    self.search_together();
                    continue;
                }
                Turn::Again(row) => self.take_again(row).await,
                Turn::Pause(until) if until >= self.run.deadline && self.tasks.is_empty() => {
                    self.end_at_deadline();
                    break;
                }
                Turn::Pause(until) => return Some(until),
                Turn::Full | Turn::Done => break,
            };
            if let Err(error) = taken {
                self.ending = Some(Ending::Failed(error));
            }
        }
        None
    }

    /// Takes the next chunk that this run has not sent.
    async fn take_new(&mut self) -> Result<()> {
        let session = &self.run.session;
        let sending = self.sender.sending();
        match session.take_next(self.submission, self.taken, sending).await? {
            // The search before the run has set it aside.
            NextChunk::Send(chunk) if self.schedule.is_known(chunk.row) => self.taken = chunk.row,
            NextChunk::Send(chunk) => {
                self.taken = chunk.row;
                self.spawn(chunk);
            }
            NextChunk::Expired(chunk) => return Err(errors::expired(&self.run.id, chunk)),
            NextChunk::Done => self.schedule.no_new(),
        }
        Ok(())
    }

    /// Takes a chunk again that was set aside.
    async fn take_again(&mut self, row: i64) -> Result<()> {
        let session = &self.run.session;
        match session.take(self.submission, row, self.sender.sending()).await? {
            NextChunk::Send(chunk) => self.spawn(chunk),
            NextChunk::Expired(chunk) => return Err(errors::expired(&self.run.id, chunk)),
            // A person recorded the outcome of the chunk in the meantime.
            NextChunk::Done => self.settled(row),
        }
        Ok(())
    }

    fn spawn(&mut self, chunk: TakenChunk) {
        self.schedule.sent(chunk.row);
        self.set_uncertain(chunk.row, false);
        let is_absent = self.absent.remove(&chunk.row);
        let sender = Arc::clone(&self.sender);
        let sent = async move { Ended::Chunk(sender.send(chunk, is_absent).await) };
        self.tasks.spawn(sent.in_current_span());
    }

    /// Returns whether this chunk is to be searched for together with the other uncertain ones.
    fn needs_common_search(&self, row: i64) -> bool {
        self.lists_all() && !self.is_searching && self.uncertain.contains(&row)
    }

    /// Returns whether uncertain chunks are searched for by a list of all analyses of the submission.
    fn lists_all(&self) -> bool {
        let is_cheaper = common_search::is_cheaper(self.uncertain.len(), self.progress.counts.created);
        is_cheaper || self.sender.has_foreign.load(Ordering::Relaxed)
    }

    fn search_together(&mut self) {
        let rows = self.uncertain.clone();
        self.schedule.searched(rows.iter().copied());
        self.is_searching = true;
        let (sender, submission, stop) = (Arc::clone(&self.sender), self.submission, self.run.stop.clone());
        let search = async move { Ended::Search(sender.search_together(submission, rows, stop).await) };
        self.tasks.spawn(search.in_current_span());
    }

    /// Records whether a chunk that is set aside may have been created.
    pub(super) fn set_uncertain(&mut self, row: i64, is_uncertain: bool) {
        match is_uncertain {
            true => self.uncertain.insert(row),
            false => self.uncertain.remove(&row),
        };
        let lists_all = self.lists_all();
        self.sender.many_uncertain.store(lists_all, Ordering::Relaxed);
    }

    /// Records that nothing of a chunk exists, so that it is sent again.
    pub(super) fn set_absent(&mut self, row: i64) {
        let now = self.run.clock.elapsed();
        self.set_uncertain(row, false);
        self.absent.insert(row);
        self.schedule.postponed(row, now, now);
    }

    /// Waits for a task, for the end of the pause, or for the stop handle.
    async fn next(&mut self, pause: Option<Duration>) -> Option<Ended> {
        let run = self.run;
        let tasks = &mut self.tasks;
        let ended = pin!(async {
            match tasks.join_next().await {
                Some(ended) => ended,
                None => pending().await,
            }
        });
        let woken = pin!(run.woken(pause, self.ending.is_some()));
        match select(ended, woken).await {
            Either::Left((ended, _)) => finished(ended),
            Either::Right(_) => None,
        }
    }

    /// Returns the number of chunks in flight.
    pub(super) fn in_flight(&self) -> usize {
        self.tasks.len().saturating_sub(usize::from(self.is_searching))
    }

    pub(super) fn settled(&mut self, row: i64) {
        self.waiting.remove(&row);
        self.set_uncertain(row, false);
        self.schedule.settled(row);
    }

    /// Ends the run with this failure, unless another one ended it before.
    pub(super) fn fail(&mut self, error: Error) {
        if !matches!(self.ending, Some(Ending::Failed(_))) {
            self.ending = Some(Ending::Failed(error));
        }
    }

    fn end_at_deadline(&mut self) {
        self.end_early(EndReason::Deadline(self.run.settings.deadline));
    }

    fn end_early(&mut self, reason: EndReason) {
        self.ending = Some(Ending::Early(reason));
        if reason == EndReason::Stopped {
            self.progress.in_flight = self.in_flight();
            self.emit(SubmissionEvent::Stopping);
        }
    }

    pub(super) fn emit(&mut self, event: SubmissionEvent) {
        self.progress.event = event;
        self.run.events.emit(self.progress);
    }
}
