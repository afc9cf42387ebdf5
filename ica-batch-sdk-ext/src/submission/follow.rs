//! Waiting for all batches of a submission at once.

use std::collections::VecDeque;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{Either, select};
use futures_util::{StreamExt, stream};

use super::api::Api;
use super::errors;
use super::event::SubmissionEvent;
use super::events::Events;
use super::followed::{Followed, Polled, Source, Tally};
use super::items::unrequested;
use super::last_failure::LastFailure;
use super::progress::SubmissionProgress;
use super::report::{self, Findings, SubmissionReport};
use super::set_aside::ends_run;
use super::stop::StopHandle;
use super::unfinished::{EndReason, wait_ended};
use super::wait_report::{FailedAnalysis, Failures, SubmissionWaitProgress, SubmissionWaitReport};
use crate::batch::{PollInterval, WaitUntil};
use crate::call::CallOverrides;
use crate::clock::Clock;
use crate::error::{Error, Result};
use crate::journal::{
    AdoptedRow, ChunkState, ItemsResult, Journal, JournalChunk, KeyVersion, Naming, Session, SubmissionCounts,
    SubmissionId, UnlistedChunk,
};
use crate::retry::Backoff;

/// Number of batches that are polled at the same time.
const CONCURRENT_POLLS: usize = 8;

/// Number of polls between two events of a round.
const POLLS_PER_EVENT: usize = 500;

/// Number of polls per second, on average, that the interval of a batch allows.
const POLLS_PER_SECOND: u32 = 20;

/// Number of failures in a row that end a round, and the pause then.
const OUTAGE_FAILURES: u32 = 8;
const OUTAGE_PAUSE: Backoff = Backoff::new(Duration::from_secs(4), Duration::from_secs(60));

/// Polls that are due within this time belong to the same round.
const ROUND: Duration = Duration::from_secs(1);

/// Number of chunks that are read from the journal at a time.
const CHUNKS: usize = 1000;

/// Settings of a wait for a submission.
#[derive(Debug, Clone, Copy)]
pub(super) struct FollowSettings {
    pub(super) until: WaitUntil,
    pub(super) deadline: Duration,
    pub(super) interval: PollInterval,
    /// Whether each batch is polled once, and nothing is waited for.
    pub(super) polls_once: bool,
}

/// Wait for the batches of a submission.
pub(super) struct Follow {
    pub(super) api: Api,
    pub(super) journal: Journal,
    pub(super) id: SubmissionId,
    pub(super) overrides: CallOverrides,
    pub(super) settings: FollowSettings,
    pub(super) stop: StopHandle,
    pub(super) events: Events,
}

/// State of the wait.
struct State {
    /// Records the status of runs, if this process could become the owner of the journal.
    session: Option<Session>,
    /// Row id.
    submission: i64,
    /// Batches of which something is waited for.
    batches: Vec<Followed>,
    /// Numbers of the finished batches.
    done: Tally,
    progress: SubmissionWaitProgress,
    failures: Failures,
    counts: SubmissionCounts,
    started: Duration,
    failed_in_a_row: u32,
    last: Option<Error>,
}

impl Follow {
    /// Polls the batches of this submission until nothing more is waited for.
    pub(super) async fn run(self, submission: i64) -> Result<SubmissionWaitReport> {
        let clock = self.api.clock();
        let mut report = report::read(&self.journal, &self.id.name, submission, &Findings::default()).await?;
        let batches = self.batches(submission, report.counts()).await?;
        let session = Session::enter(self.journal.clone(), &self.id, Duration::ZERO, &*clock).await;
        let mut state = State {
            // ICA has the statuses, too, so the wait goes on if another process owns the journal.
            session: session.ok(),
            submission,
            progress: SubmissionWaitProgress {
                batches: batches.len() as u64,
                ..SubmissionWaitProgress::default()
            },
            batches,
            done: Tally::default(),
            failures: Failures::default(),
            counts: report.counts(),
            started: clock.elapsed(),
            failed_in_a_row: 0,
            last: None,
        };
        let until = state.started.saturating_add(self.settings.deadline);
        loop {
            self.round(&mut state, &clock, until).await?;
            let has_polled_once = self.settings.polls_once && !self.stop.is_stopped() && clock.elapsed() < until;
            if state.batches.is_empty() || has_polled_once {
                if let Some(error) = state.last.take().filter(|_| has_polled_once) {
                    return Err(error.could_not(format!("read the statuses of {}", self.id)));
                }
                if state.session.is_some() {
                    // It has the status of the runs now.
                    report = report::read(&self.journal, &self.id.name, submission, &Findings::default()).await?;
                }
                return Ok(self.report(report, state));
            }
            if self.stop.is_stopped() {
                return Err(self.ended(EndReason::Stopped, report, state));
            }
            let pause = self.pause(&state, &clock);
            if clock.elapsed().saturating_add(pause) >= until {
                return Err(self.ended(EndReason::Deadline(self.settings.deadline), report, state));
            }
            let stopped = pin!(self.stop.stopped());
            if let Either::Left(_) = select(stopped, clock.sleep(pause)).await {
                return Err(self.ended(EndReason::Stopped, report, state));
            }
        }
    }

    /// Reads the batches from the journal.
    async fn batches(&self, submission: i64, counts: SubmissionCounts) -> Result<Vec<Followed>> {
        let (mut batches, mut last) = (Vec::new(), None);
        let rows = self.journal.rows(submission).await?;
        let has_replaced = rows > counts.analyses;
        loop {
            let chunks = self.journal.chunks_after(submission, last, CHUNKS).await?;
            for chunk in &chunks {
                if chunk.state == ChunkState::Created {
                    batches.extend(self.followed(submission, chunk, has_replaced).await?);
                }
            }
            last = chunks.into_iter().next_back();
            if last.is_none() {
                return Ok(batches);
            }
        }
    }

    /// Returns a chunk as a batch that is waited for. None if each row was replaced.
    async fn followed(&self, submission: i64, chunk: &JournalChunk, has_replaced: bool) -> Result<Option<Followed>> {
        let label = chunk.label.clone();
        let batch = UnlistedChunk::of(chunk);
        if let (Some(batch), false) = (batch.clone(), has_replaced) {
            return Ok(Some(Followed::new(Source::Batch(batch, None), label, chunk.analyses)));
        }
        let limit = usize::try_from(chunk.analyses).unwrap_or(usize::MAX);
        let mut rows = self.journal.report(submission, chunk.first_position, limit).await?;
        rows.retain(|row| row.chunk == label);
        let count = rows.len() as u64;
        let source = match batch {
            Some(batch) => {
                let only = rows.into_iter().map(|row| row.user_reference).collect();
                Source::Batch(batch, (count < chunk.analyses).then_some(only))
            }
            None => {
                // A new attempt has a chunk with a label of its own.
                let mark = Naming::new(KeyVersion::LATEST, &self.id).chunk_mark(&label);
                Source::Mark(
                    mark,
                    rows.into_iter()
                        .filter_map(|row| Some((row.analysis?, row.position)))
                        .collect(),
                )
            }
        };
        Ok((count > 0).then(|| Followed::new(source, label, count)))
    }

    /// Polls each batch that is due, several at a time.
    async fn round(&self, state: &mut State, clock: &Arc<dyn Clock>, until: Duration) -> Result<()> {
        let now = clock.elapsed();
        let limit = now.saturating_add(ROUND);
        let (due, rest): (Vec<_>, Vec<_>) =
            { std::mem::take(&mut state.batches).into_iter() }.partition(|batch| batch.due <= limit);
        state.batches = rest;
        let mut due = VecDeque::from(due);
        let mut polls = stream::FuturesUnordered::new();
        let mut ended = 0_usize;
        loop {
            let is_open = !self.stop.is_stopped() && clock.elapsed() < until;
            // In an outage, a round is one poll, until one succeeds.
            let most = match state.failed_in_a_row < OUTAGE_FAILURES {
                true => CONCURRENT_POLLS,
                false => usize::from(ended == 0),
            };
            while is_open && polls.len() < most {
                let Some(batch) = due.pop_front() else { break };
                let needs_job = batch.needs_job();
                let left = until.saturating_sub(clock.elapsed());
                polls.push(async move {
                    let polled = match &batch.source {
                        Source::Batch(chunk, only) => {
                            let batch = (chunk.batch, only.as_ref());
                            let until = self.settings.until;
                            self.api.poll(batch, (until, needs_job), left, &self.overrides).await
                        }
                        Source::Mark(mark, wanted) => {
                            let until = self.settings.until;
                            self.api.poll_marked((mark, wanted), until, left, &self.overrides).await
                        }
                    };
                    (batch, polled)
                });
            }
            let Some((batch, polled)) = polls.next().await else {
                break;
            };
            self.record(state, batch, polled, clock.elapsed()).await?;
            ended = ended.saturating_add(1);
            if ended.is_multiple_of(POLLS_PER_EVENT) {
                self.emit(state, clock.elapsed(), &due);
            }
        }
        if ended > 0 {
            self.emit(state, clock.elapsed(), &due);
        }
        state.batches.extend(due);
        Ok(())
    }

    async fn record(
        &self,
        state: &mut State,
        mut batch: Followed,
        polled: Result<Polled>,
        now: Duration,
    ) -> Result<()> {
        let mut polled = match polled {
            Ok(polled) => polled,
            Err(error) if ends_run(&error) => {
                return Err(error.could_not(format!("wait for {}", self.id)));
            }
            Err(error) => {
                state.failed_in_a_row = state.failed_in_a_row.saturating_add(1);
                state.progress.requests = state.progress.requests.saturating_add(1);
                batch.unchanged = batch.unchanged.saturating_add(1);
                batch.due = now.saturating_add(self.interval(state, &batch, 1));
                let event = SubmissionEvent::PollFailed {
                    chunk: batch.chunk.clone(),
                    batch: batch.batch(),
                    failure: LastFailure::of(&error, state.failed_in_a_row),
                };
                self.events.emit(&SubmissionProgress::new(event, state.counts, 0));
                state.last = Some(error);
                state.batches.push(batch);
                return Ok(());
            }
        };
        state.failed_in_a_row = 0;
        let requests = polled.requests;
        state.progress.requests = state.progress.requests.saturating_add(requests.into());
        let items = std::mem::take(&mut polled.items);
        let news = batch.record(polled);
        if let Some(session) = &state.session
            && (news.is_finished || !news.failed.is_empty() || self.settings.polls_once)
        {
            match &batch.source {
                Source::Batch(chunk, _) => {
                    if let ItemsResult::Unrequested(item) = session.record_items(chunk, items).await? {
                        return Err(unrequested(&self.id, chunk, &item));
                    }
                }
                Source::Mark(_, positions) => {
                    let rows = items.into_iter().filter_map(|item| {
                        Some(AdoptedRow {
                            position: *positions.get(&item.item)?,
                            analysis: item.item,
                            run: item.run?,
                        })
                    });
                    session.record_runs(state.submission, rows.collect()).await?;
                }
            }
        }
        for item in news.failed {
            let failed = FailedAnalysis::new(batch.chunk.clone(), batch.batch(), item);
            state.progress.newly_failed.push(failed.clone());
            state.failures.add(failed);
        }
        if news.missing > 0 {
            let reason = "missing from its batch after the job ended".to_owned();
            state.failures.count(reason, news.missing);
        }
        if news.is_finished {
            state.done.add(&batch.tally);
            state.progress.finished_batches = state.progress.finished_batches.saturating_add(1);
        } else {
            batch.due = now.saturating_add(self.interval(state, &batch, requests));
            state.batches.push(batch);
        }
        Ok(())
    }

    /// Returns the time until the next poll of a batch. With many batches it is longer, so that the
    /// polls of all have a bounded rate.
    fn interval(&self, state: &State, batch: &Followed, requests: u32) -> Duration {
        let followed = state.progress.batches.saturating_sub(state.progress.finished_batches);
        let followed = u32::try_from(followed).unwrap_or(u32::MAX);
        let shortest = Duration::from_secs(1).saturating_mul(followed) / POLLS_PER_SECOND;
        let interval = self
            .settings
            .interval
            .wait(batch.unchanged, requests, self.api.random());
        interval.max(shortest)
    }

    /// Returns the time until the next round.
    fn pause(&self, state: &State, clock: &Arc<dyn Clock>) -> Duration {
        let next = state.batches.iter().map(|batch| batch.due).min().unwrap_or_default();
        let pause = next.saturating_sub(clock.elapsed());
        match state.failed_in_a_row.checked_sub(OUTAGE_FAILURES) {
            Some(more) => pause.max(OUTAGE_PAUSE.wait(more, 0.5 + self.api.random() / 2.0)),
            None => pause,
        }
    }

    /// Emits the progress. `due` are batches that this round has not polled yet.
    fn emit(&self, state: &mut State, now: Duration, due: &VecDeque<Followed>) {
        self.count(state, now, due);
        let progress = state.progress.clone();
        state.progress.newly_failed.clear();
        let event = SubmissionEvent::Waiting(progress);
        self.events.emit(&SubmissionProgress::new(event, state.counts, 0));
    }

    fn count(&self, state: &mut State, now: Duration, due: &VecDeque<Followed>) {
        let mut tally = state.done.clone();
        let open = { state.batches.iter() }.chain(due);
        open.for_each(|batch| tally.add(&batch.tally));
        let progress = &mut state.progress;
        let accepted = state.counts.created.saturating_add(state.counts.creation_failed);
        progress.analyses = accepted.max(tally.items);
        progress.succeeded = tally.succeeded;
        progress.failed = tally.failed;
        progress.by_creation_status = tally.by_creation;
        progress.by_run_status = tally.by_run;
        progress.elapsed = now.saturating_sub(state.started);
    }

    fn report(&self, submission: SubmissionReport, mut state: State) -> SubmissionWaitReport {
        let now = self.api.clock().elapsed();
        self.count(&mut state, now, &VecDeque::new());
        state.progress.newly_failed.clear();
        let report = SubmissionWaitReport::of(submission, state.progress, state.failures);
        let event = SubmissionEvent::Ended(report.clone());
        self.events.emit(&SubmissionProgress::new(event, state.counts, 0));
        report
    }

    fn ended(&self, reason: EndReason, submission: SubmissionReport, mut state: State) -> Error {
        let now = self.api.clock().elapsed();
        self.count(&mut state, now, &VecDeque::new());
        let last = state.last.filter(|_| state.failed_in_a_row > 0);
        let last = last.map(|error| LastFailure::of(&error, state.failed_in_a_row));
        state.progress.newly_failed.clear();
        let report = SubmissionWaitReport::of(submission, state.progress, state.failures);
        wait_ended(&self.id, reason, last, report)
    }
}

/// Returns the row id of a submission that has something to wait for.
pub(super) async fn find(journal: &Journal, id: &SubmissionId) -> Result<i64> {
    errors::check_name(&id.name)?;
    super::run::find(journal, id).await
}
