//! Sending the chunks of a submission until each is settled.

use std::collections::HashMap;
use std::future::pending;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{Either, select};
use tokio::task::JoinSet;
use tracing::Instrument;

use super::chunk_sender::{ChunkOutcome, ChunkSender, SentChunk};
use super::errors;
use super::event::{ChunkRows, SubmissionEvent};
use super::last_failure::LastFailure;
use super::outcome::{SubmissionOutcome, SubmittedAnalysis, submitted};
use super::progress::SubmissionProgress;
use super::run::Run;
use super::schedule::{Schedule, Turn};
use super::search::Prepared;
use super::set_aside::{SetAside, ends_first_step};
use super::unfinished::EndReason;
use crate::error::{Error, Execution, Result};
use crate::journal::{NextChunk, finished};

/// Result of sending.
pub(super) struct Sent {
    /// Why chunks are left, if some are.
    pub(super) unfinished: Option<EndReason>,
    /// Last failures of the chunks that are left.
    pub(super) failures: HashMap<String, LastFailure>,
    /// Whether a request of them may have been executed.
    pub(super) execution: Execution,
    /// User references of analyses that exist several times.
    pub(super) several: Vec<String>,
}

/// Why no further chunk is taken.
enum Ending {
    Failed(Error),
    Early(EndReason),
}

/// Chunk that is set aside, and why.
struct Waiting {
    label: String,
    failure: LastFailure,
    execution: Execution,
}

impl Run {
    /// Sends the chunks that have no response, and those again that failed, until each is settled.
    ///
    /// # Errors
    /// A failure that ends the run. The chunks in flight are waited for before.
    pub(super) async fn send(&self, submission: i64, progress: &mut SubmissionProgress) -> Result<Sent> {
        self.check_expiry(submission).await?;
        if self.settings.retry_rejected {
            self.session.plan_rejected_again(submission).await?;
        }
        self.plan_again(submission).await?;
        *progress = self.progress(submission).await?;
        if progress.counts.pending() > 0 {
            self.check_clock().await?;
        }
        // Without it, the schedule ends before anything is sent.
        let Prepared { identity, mut several } = self.prepare(submission, progress).await?.unwrap_or_default();
        let sender = ChunkSender {
            settling_time: self.settings.settling_time,
            stop_on_first_error: self.settings.stop_on_first_error,
            identity,
            api: self.api.clone(),
            session: self.session.clone(),
            clock: Arc::clone(&self.clock),
            naming: self.naming(submission).await?,
            overrides: self.overrides.clone(),
            on_rejection: self.settings.on_rejection,
        };
        let mut sending = Sending {
            run: self,
            submission,
            progress,
            sender: Arc::new(sender),
            schedule: Schedule::new(self.settings.concurrency),
            tasks: JoinSet::new(),
            taken: i64::MIN,
            waiting: HashMap::new(),
            rejected: 0,
            several: Vec::new(),
            has_response: false,
            ending: None,
        };
        sending.finish().await;
        let Sending { ending, waiting, .. } = &mut sending;
        let (ending, waiting) = (ending.take(), std::mem::take(waiting));
        several.append(&mut sending.several);
        several.sort_unstable();
        several.dedup();
        progress.counts = self.session.counts(submission).await?;
        progress.in_flight = 0;
        let unfinished = match ending {
            Some(Ending::Failed(error)) => return Err(error),
            Some(Ending::Early(reason)) => Some(reason).filter(|_| progress.counts.pending() > 0),
            None => None,
        };
        let executions = waiting.values().map(|waiting| waiting.execution);
        Ok(Sent {
            several,
            unfinished,
            execution: executions.fold(Execution::NotExecuted, Execution::or),
            failures: { waiting.into_values() }
                .map(|waiting| (waiting.label, waiting.failure))
                .collect(),
        })
    }
}

/// Chunks of a run while they are sent.
struct Sending<'a> {
    run: &'a Run,
    submission: i64,
    progress: &'a mut SubmissionProgress,
    sender: Arc<ChunkSender>,
    schedule: Schedule,
    tasks: JoinSet<SentChunk>,
    /// Row id of the last chunk that was taken for the first time. The halves of a split chunk have
    /// greater ones than any chunk before.
    taken: i64,
    waiting: HashMap<i64, Waiting>,
    /// Number of analyses that ICA rejected in this run.
    rejected: u64,
    /// User references of analyses that exist several times.
    several: Vec<String>,
    /// Whether ICA responded to a chunk of this run.
    has_response: bool,
    ending: Option<Ending>,
}

impl Sending<'_> {
    async fn finish(&mut self) {
        loop {
            let pause = self.take().await;
            if self.tasks.is_empty() && (self.ending.is_some() || pause.is_none()) {
                return;
            }
            if let Some(sent) = self.next(pause).await
                && let Err(error) = self.record(sent).await
            {
                self.fail(error);
            }
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
            let again = match self.schedule.turn(now) {
                Turn::New => None,
                Turn::Again(row) => Some(row),
                Turn::Pause(until) if until >= self.run.deadline && self.tasks.is_empty() => {
                    self.end_at_deadline();
                    break;
                }
                Turn::Pause(until) => return Some(until),
                Turn::Full | Turn::Done => break,
            };
            if let Err(error) = self.take_one(again).await {
                self.ending = Some(Ending::Failed(error));
            }
        }
        None
    }

    /// Takes the next chunk, or this one again.
    async fn take_one(&mut self, again: Option<i64>) -> Result<()> {
        let session = &self.run.session;
        let after = again.map_or(self.taken, |row| row.saturating_sub(1));
        let next = session.take_next(self.submission, after, self.sender.sending()).await?;
        match (next, again) {
            (NextChunk::Send(chunk), Some(row)) if chunk.row != row => {
                // A person recorded the outcome of the chunk in the meantime. The other one is
                // given back as it was.
                if !(chunk.marked && chunk.may_exist()) {
                    let now = self.run.clock.now();
                    session.record_failure(chunk, Execution::NotExecuted, now).await?;
                }
                self.settled(row);
            }
            (NextChunk::Send(chunk), _) => {
                self.taken = self.taken.max(chunk.row);
                self.schedule.sent(chunk.row);
                let sender = Arc::clone(&self.sender);
                self.tasks
                    .spawn(async move { sender.send(chunk).await }.in_current_span());
            }
            (NextChunk::Expired(chunk), _) => return Err(errors::expired(&self.run.id, chunk)),
            (NextChunk::Done, Some(row)) => self.settled(row),
            (NextChunk::Done, None) => self.schedule.no_new(),
        }
        Ok(())
    }

    /// Waits for a chunk in flight, for the end of the pause, or for the stop handle.
    async fn next(&mut self, pause: Option<Duration>) -> Option<SentChunk> {
        let run = self.run;
        let tasks = &mut self.tasks;
        let sent = pin!(async {
            match tasks.join_next().await {
                Some(sent) => sent,
                None => pending().await,
            }
        });
        let woken = pin!(run.woken(pause, self.ending.is_some()));
        match select(sent, woken).await {
            Either::Left((sent, _)) => finished(sent),
            Either::Right(_) => None,
        }
    }

    async fn record(&mut self, sent: SentChunk) -> Result<()> {
        self.progress.in_flight = self.tasks.len();
        let now = self.run.clock.elapsed();
        let SentChunk {
            row,
            label: chunk,
            first,
            count,
            key,
            result,
        } = sent;
        let counts = &mut self.progress.counts;
        let event = match result {
            Ok(ChunkOutcome::SetAside(set_aside)) => {
                return self.set_aside(row, chunk, (first, count), set_aside).await;
            }
            Ok(ChunkOutcome::Created(batch)) => {
                counts.created = counts.created.saturating_add(count);
                self.responded(row, false, now);
                let rows = self.rows(first, count).await?;
                SubmissionEvent::Created {
                    chunk,
                    rows,
                    key,
                    batch,
                }
            }
            Ok(ChunkOutcome::Adopted { found, parts, several }) => {
                counts.created = counts.created.saturating_add(found);
                counts.chunks = counts.chunks.saturating_add(parts.saturating_sub(1));
                self.responded(row, parts > 0, now);
                self.several.extend(several.iter().cloned());
                let rows = self.rows(first, count).await?;
                SubmissionEvent::Adopted {
                    chunk,
                    rows,
                    found,
                    several,
                }
            }
            Ok(ChunkOutcome::Split(parts)) => {
                counts.chunks = counts.chunks.saturating_add(parts.saturating_sub(1));
                self.responded(row, true, now);
                let rows = self.rows(first, count).await?;
                SubmissionEvent::Split { chunk, rows }
            }
            Ok(ChunkOutcome::Rejected(error)) => {
                counts.rejected = counts.rejected.saturating_add(1);
                self.rejected = self.rejected.saturating_add(1);
                self.responded(row, false, now);
                let outcome = SubmissionOutcome::rejected(error.status(), error.problem().cloned());
                if self.rejected >= self.run.settings.rejection_limit {
                    let error = errors::too_many_rejections(&self.run.id, self.rejected, error);
                    self.ending.get_or_insert(Ending::Failed(error));
                }
                SubmissionEvent::Rejected(self.analysis(first, outcome).await?)
            }
            Err(error) => {
                self.fail(error);
                return Ok(());
            }
        };
        self.emit(event);
        Ok(())
    }

    /// Sets a chunk aside, or ends the run where that is asked for.
    async fn set_aside(
        &mut self,
        row: i64,
        label: String,
        (first, count): (u64, u64),
        set_aside: SetAside,
    ) -> Result<()> {
        let SetAside { until, reason } = set_aside;
        let is_failure = until.is_none();
        let ends = self.run.settings.stop_on_first_error || (ends_first_step(&reason) && !self.has_response);
        if is_failure && ends {
            self.fail(reason);
            return Ok(());
        }
        let now = self.run.clock.elapsed();
        let due = match until {
            Some(until) => self.schedule.postponed(row, until, now),
            None => {
                let random = self.run.api.random();
                self.schedule.failed(row, reason.retry_after(), now, random)
            }
        };
        let failure = LastFailure::of(&reason, self.schedule.failures(row));
        let waiting = Waiting {
            label: label.clone(),
            failure: failure.clone(),
            execution: reason.execution(),
        };
        self.waiting.insert(row, waiting);
        let rows = self.rows(first, count).await?;
        self.emit(SubmissionEvent::SetAside {
            chunk: label,
            rows,
            failure: failure.clone(),
            until: self.run.time(due),
        });
        if is_failure && self.schedule.is_outage() {
            let until = self.run.time(self.schedule.resume_at());
            self.emit(SubmissionEvent::Paused { failure, until });
        }
        Ok(())
    }

    fn responded(&mut self, row: i64, adds_new: bool, now: Duration) {
        self.has_response = true;
        self.waiting.remove(&row);
        self.schedule.responded(row, adds_new, now);
    }

    fn settled(&mut self, row: i64) {
        self.waiting.remove(&row);
        self.schedule.settled(row);
    }

    /// Ends the run with this failure, unless another one ended it before.
    fn fail(&mut self, error: Error) {
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
            self.progress.in_flight = self.tasks.len();
            self.emit(SubmissionEvent::Stopping);
        }
    }

    fn emit(&mut self, event: SubmissionEvent) {
        self.progress.event = event;
        self.run.events.emit(self.progress);
    }

    /// Returns the rows from this position on, for an event. They are read only if something
    /// receives it.
    async fn rows(&self, first: u64, count: u64) -> Result<ChunkRows> {
        let mut rows = ChunkRows::new("", "", count);
        rows.first_position = first;
        if self.run.events.is_received() {
            rows.first = self.reference(first).await?;
            rows.last = self.reference(first.saturating_add(count).saturating_sub(1)).await?;
        }
        Ok(rows)
    }

    async fn reference(&self, position: u64) -> Result<String> {
        let journal = self.run.session.journal();
        let row = journal.report(self.submission, position, 1).await?.pop();
        Ok(row.map(|row| row.user_reference).unwrap_or_default())
    }

    /// Returns the row at this position with its outcome, for an event.
    async fn analysis(&self, position: u64, outcome: SubmissionOutcome) -> Result<SubmittedAnalysis> {
        let journal = self.run.session.journal();
        let row = journal.report(self.submission, position, 1).await?.pop();
        let mut analysis = row.map_or_else(|| SubmittedAnalysis::new(position, "", outcome.clone()), submitted);
        analysis.outcome = outcome;
        Ok(analysis)
    }
}
