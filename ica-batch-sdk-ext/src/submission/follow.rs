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
use super::follow_state::State;
use super::followed::{Followed, Polled, Source, Tally};
use super::history::{Recorder, status_counts};
use super::items::unrequested;
use super::last_failure::LastFailure;
use super::progress::SubmissionProgress;
use super::report::{self, Findings, SubmissionReport};
use super::set_aside::{ends_first_step, ends_reading};
use super::stop::StopHandle;
use super::unfinished::{EndReason, wait_ended, with_wait_report};
use super::wait_report::{FailedAnalysis, Failures, SubmissionWaitProgress, SubmissionWaitReport};
use crate::batch::{PollInterval, WaitUntil};
use crate::call::CallOverrides;
use crate::clock::Clock;
use crate::error::{Error, Result};
use crate::journal::{AdoptedRow, ItemsResult, Journal, KeyVersion, Naming, Session, SubmissionId};
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

/// Number of further rounds for the batches that failed, of a wait that polls each batch once.
const EXTRA_ROUNDS: u32 = 2;

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
    /// User references of analyses that exist several times, as the run before has found.
    pub(super) several: Vec<String>,
}

/// How the polls of a wait ended.
enum End {
    /// Nothing more is waited for.
    Done,
    Early(EndReason),
}

impl Follow {
    /// Polls the batches of this submission until nothing more is waited for. An error has the report
    /// of what was seen.
    pub(super) async fn run(self, submission: i64) -> Result<SubmissionWaitReport> {
        let clock = self.api.clock();
        let mut report = self.read(submission).await?;
        let search = self.status_search(submission, report.counts()).await?;
        let batches = self.batches(submission, report.counts(), search.is_possible()).await?;
        // ICA has the statuses, too, so the wait goes on if another process owns the journal.
        let session = Session::enter(self.journal.clone(), &self.id, Duration::ZERO, &*clock).await;
        let session = session.ok();
        let mut state = State {
            recorder: Recorder::new(session.as_ref(), submission).await,
            session,
            submission,
            submission_mark: Naming::new(KeyVersion::LATEST, &self.id).submission_mark(),
            is_regrouped: false,
            extra_rounds: 0,
            progress: SubmissionWaitProgress {
                batches: batches.len() as u64,
                ..SubmissionWaitProgress::default()
            },
            batches,
            search,
            covered: 0,
            done: Tally::default(),
            failures: Failures::default(),
            counts: report.counts(),
            started: clock.elapsed(),
            has_response: false,
            failed_in_a_row: 0,
            last: None,
        };
        let until = state.started.saturating_add(self.settings.deadline);
        self.plan_search(&mut state);
        state.search.hurry(state.started);
        state.count(clock.elapsed(), []);
        let end = self.poll(&mut state, &clock, until).await;
        if state.session.is_some() {
            // It has the status of the runs now. If it cannot be read any more, the first report stands.
            match (self.read(submission).await, &end) {
                (Ok(read), _) => report = read,
                (Err(error), Ok(End::Done)) => return Err(error),
                (Err(_), _) => {}
            }
        }
        match end {
            Ok(End::Done) => Ok(self.report(report, state).await),
            Ok(End::Early(reason)) => Err(self.ended(reason, report, state).await),
            Err(error) => Err(with_wait_report(error, state.report(report))),
        }
    }

    /// Reads the report of the submission.
    async fn read(&self, submission: i64) -> Result<SubmissionReport> {
        let findings = Findings {
            several: self.several.clone(),
            ..Findings::default()
        };
        report::read(&self.journal, &self.id.name, submission, &findings).await
    }

    /// Polls batches until nothing more is waited for, or the wait is to end.
    async fn poll(&self, state: &mut State, clock: &Arc<dyn Clock>, until: Duration) -> Result<End> {
        loop {
            self.round(state, clock, until).await?;
            self.record_statuses(state, false).await;
            let is_open = !self.stop.is_stopped() && clock.elapsed() < until;
            if is_open && std::mem::take(&mut state.is_regrouped) {
                continue;
            }
            let has_polled_once = self.settings.polls_once && is_open;
            if has_polled_once && state.last.is_some() && state.extra_rounds < EXTRA_ROUNDS {
                // A proxy may have refused a few of many requests.
                (state.last, state.extra_rounds) = (None, state.extra_rounds.saturating_add(1));
                continue;
            }
            if state.batches.is_empty() || has_polled_once {
                if let Some(error) = state.last.take().filter(|_| has_polled_once) {
                    return Err(error.could_not(format!("read the statuses of {}", self.id)));
                }
                return Ok(End::Done);
            }
            if self.stop.is_stopped() {
                return Ok(End::Early(EndReason::Stopped));
            }
            let pause = self.pause(state, clock);
            if clock.elapsed().saturating_add(pause) >= until {
                return Ok(End::Early(EndReason::Deadline(self.settings.deadline)));
            }
            let stopped = pin!(self.stop.stopped());
            if let Either::Left(_) = select(stopped, clock.sleep(pause)).await {
                return Ok(End::Early(EndReason::Stopped));
            }
        }
    }

    /// Searches for the statuses of the analyses if that is due, and polls each batch that is due,
    /// several at a time.
    async fn round(&self, state: &mut State, clock: &Arc<dyn Clock>, until: Duration) -> Result<()> {
        let has_searched = self.search(state, until).await;
        let limit = clock.elapsed().saturating_add(ROUND);
        state.covered = state.batches.iter().filter(|batch| state.search.covers(batch)).count() as u64;
        let is_due = |batch: &Followed| batch.due <= limit && !state.search.covers(batch);
        let (due, rest): (Vec<_>, Vec<_>) = { std::mem::take(&mut state.batches).into_iter() }.partition(is_due);
        state.batches = rest;
        // After an outage, the first response ends the round: a search may show the rest.
        let is_probe = state.failed_in_a_row >= OUTAGE_FAILURES;
        let mut due = VecDeque::from(due);
        let mut polls = stream::FuturesUnordered::new();
        let mut ended = 0_usize;
        loop {
            let is_open = !self.stop.is_stopped() && clock.elapsed() < until;
            // In an outage, a round is one poll.
            let most = match is_probe || state.failed_in_a_row >= OUTAGE_FAILURES {
                true => usize::from(ended == 0),
                false => CONCURRENT_POLLS,
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
        if ended > 0 || has_searched {
            self.emit(state, clock.elapsed(), &due);
        }
        state.batches.extend(due);
        self.plan_search(state);
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
            Err(error)
                if ends_reading(&error, state.may_be_late(now)) || ends_first_step(&error, self.api.has_response()) =>
            {
                return Err(error.could_not(format!("wait for {}", self.id)));
            }
            Err(error) => {
                state.failed_in_a_row = state.failed_in_a_row.saturating_add(1);
                state.progress.requests = state.progress.requests.saturating_add(1);
                batch.unchanged = batch.unchanged.saturating_add(1);
                batch.due = match self.settings.polls_once {
                    true => now,
                    false => now.saturating_add(self.interval(state, &batch, 1)),
                };
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
        if state.failed_in_a_row >= OUTAGE_FAILURES {
            state.search.hurry(now);
        }
        (state.failed_in_a_row, state.has_response) = (0, true);
        batch.polled = now;
        let requests = polled.requests;
        state.progress.requests = state.progress.requests.saturating_add(requests.into());
        self.add_recorded(state.submission, &batch, &mut polled).await?;
        if batch.lacks_some(&polled, &state.submission_mark) {
            state.group(batch);
            return Ok(());
        }
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
                            position: positions.get(&item.item)?.position,
                            analysis: item.item,
                            run: item.run?,
                        })
                    });
                    session.record_runs(state.submission, rows.collect()).await?;
                }
            }
        }
        for item in news.failed {
            let failed = FailedAnalysis::new(batch.chunk_of(item.id), batch.batch(), item);
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

    /// Returns the time until the next poll of a batch. With many batches that are polled it is longer,
    /// so that the polls of all have a bounded rate.
    fn interval(&self, state: &State, batch: &Followed, requests: u32) -> Duration {
        let followed = state.progress.batches.saturating_sub(state.progress.finished_batches);
        self.bounded(batch.unchanged, requests, followed.saturating_sub(state.covered))
    }

    /// Returns an interval in which this many requests are sent at a bounded rate.
    pub(super) fn bounded(&self, unchanged: u32, requests: u32, at_most: u64) -> Duration {
        let at_most = u32::try_from(at_most).unwrap_or(u32::MAX);
        let shortest = Duration::from_secs(1).saturating_mul(at_most) / POLLS_PER_SECOND;
        let interval = self.settings.interval.wait(unchanged, requests, self.api.random());
        interval.max(shortest)
    }

    /// Returns the time until the next round.
    fn pause(&self, state: &State, clock: &Arc<dyn Clock>) -> Duration {
        let polled = state.batches.iter().filter(|batch| !state.search.covers(batch));
        let next = polled.map(|batch| batch.due).chain(state.search.due());
        let next = next.min().unwrap_or_default();
        let pause = next.saturating_sub(clock.elapsed());
        match state.failed_in_a_row.checked_sub(OUTAGE_FAILURES) {
            Some(more) => pause.max(OUTAGE_PAUSE.wait(more, 0.5 + self.api.random() / 2.0)),
            None => pause,
        }
    }

    /// Emits the progress. `due` are batches that this round has not polled yet.
    fn emit(&self, state: &mut State, now: Duration, due: &VecDeque<Followed>) {
        state.count(now, due);
        let progress = state.progress.clone();
        state.progress.newly_failed.clear();
        let event = SubmissionEvent::Waiting(progress);
        self.events.emit(&SubmissionProgress::new(event, state.counts, 0));
    }

    /// Records the numbers by status, once each batch was read.
    async fn record_statuses(&self, state: &mut State, is_end: bool) {
        let clock = self.api.clock();
        state.count(clock.elapsed(), []);
        if state.batches.iter().all(|batch| batch.is_seen) {
            let counts = status_counts(clock.now(), state.counts, &state.progress);
            state.recorder.record(&counts, is_end).await;
        }
    }

    async fn report(&self, submission: SubmissionReport, mut state: State) -> SubmissionWaitReport {
        self.record_statuses(&mut state, true).await;
        let counts = state.counts;
        let report = state.report(submission);
        let event = SubmissionEvent::Ended(report.clone());
        self.events.emit(&SubmissionProgress::new(event, counts, 0));
        report
    }

    async fn ended(&self, reason: EndReason, submission: SubmissionReport, mut state: State) -> Error {
        self.record_statuses(&mut state, true).await;
        let last = state.last.take().filter(|_| state.failed_in_a_row > 0);
        let last = last.map(|error| LastFailure::of(&error, state.failed_in_a_row));
        wait_ended(&self.id, reason, last, state.report(submission))
    }
}

/// Returns the row id of a submission that has something to wait for.
pub(super) async fn find(journal: &Journal, id: &SubmissionId) -> Result<i64> {
    errors::check_name(&id.name)?;
    super::run::find(journal, id).await
}
