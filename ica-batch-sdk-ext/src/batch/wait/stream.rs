//! The poll loop.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_core::Stream;
use futures_util::TryStreamExt;

use super::super::family::Family;
use super::super::handle::Batch;
use super::poll::{Cost, Poller};
use super::report::{self, Progress, WaitReport};
use super::settings::WaitSettings;
use super::state::BatchState;
use crate::clock::Clock;
use crate::error::{Error, ErrorKind, Result, counted};
use crate::paging::check_page_size;

/// Stream of the progress of a batch, one value per poll; made by
/// [`Wait::progress`](crate::Wait::progress).
///
/// The stream returns the result of a poll before it waits. It ends after the progress that
/// [is finished](Progress::is_finished), after the error of the deadline, and after
/// [`InvalidInput`](ErrorKind::InvalidInput). After another error, the next poll of the stream
/// waits and goes on.
///
/// Dropping the future of a `next()` loses nothing: the request in flight goes on when the stream
/// is polled again. Dropping the stream cancels it.
///
/// ```
/// # use ica_batch_sdk_ext::{Client, Credentials};
/// use futures_util::TryStreamExt;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let simulator = ica_simulator::Simulator::start();
/// # let id = simulator.seed_batch(simulator.project_id(), 3, ica_simulator::SeedOptions::default());
/// # let credentials = Credentials::api_key(simulator.api_key())?;
/// # let client = Client::builder().base_url(simulator.base_url()).credentials(credentials).build()?;
/// # let batch = client.project(simulator.project_id())?.batch(id);
/// let mut progress = batch.wait().progress();
/// let mut last = None;
/// while let Some(now) = progress.try_next().await? {
///     println!("{} of {} items are finished", now.finished(), now.items());
///     last = Some(now);
/// }
/// assert!(last.is_some_and(|last| last.is_finished()));
/// # Ok(())
/// # }
/// ```
#[must_use = "a stream does nothing before it is polled"]
pub struct ProgressStream<F: Family>(State<F>);

/// A poll in flight. It returns the loop that it belongs to.
type PollInFlight<F> = Pin<Box<dyn Future<Output = (Box<PollLoop<F>>, Result<Progress<F>>)> + Send>>;

enum State<F: Family> {
    Idle(Box<PollLoop<F>>),
    Polling(PollInFlight<F>),
    Ended,
}

impl<F: Family> ProgressStream<F> {
    pub(super) fn new(batch: Batch<F>, settings: WaitSettings) -> Self {
        let clock = Arc::clone(batch.target.core.clock());
        Self(State::Idle(Box::new(PollLoop {
            state: BatchState::new(settings.until, settings.page_size),
            batch,
            settings,
            clock,
            started: None,
            cost: Cost::default(),
            pause: None,
            unchanged_polls: 0,
        })))
    }

    /// Polls to the end and collects the items that failed.
    pub(super) async fn report(mut self) -> Result<WaitReport<F>> {
        let mut failed = Vec::new();
        while let Some(mut progress) = self.try_next().await? {
            let finished = std::mem::take(&mut progress.newly_finished);
            failed.extend(finished.into_iter().filter(|item| !item.is_success()));
            if progress.is_finished {
                return Ok(WaitReport { progress, failed });
            }
        }
        Err(Error::new(
            ErrorKind::WaitTimeout,
            "could not wait again: this wait has ended; make another one with Batch::wait",
        ))
    }
}

impl<F: Family> Stream for ProgressStream<F> {
    type Item = Result<Progress<F>>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Self(state) = &mut *self;
        loop {
            match std::mem::replace(state, State::Ended) {
                State::Ended => return Poll::Ready(None),
                State::Idle(polls) => *state = State::Polling(Box::pin(polls.next())),
                State::Polling(mut poll) => {
                    let Poll::Ready((polls, result)) = poll.as_mut().poll(context) else {
                        *state = State::Polling(poll);
                        return Poll::Pending;
                    };
                    let is_last = match &result {
                        Ok(progress) => progress.is_finished,
                        Err(error) => matches!(error.kind(), ErrorKind::WaitTimeout | ErrorKind::InvalidInput),
                    };
                    if !is_last {
                        *state = State::Idle(polls);
                    }
                    return Poll::Ready(Some(result));
                }
            }
        }
    }
}

impl<F: Family> fmt::Debug for ProgressStream<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = match &self.0 {
            State::Idle(_) => "idle",
            State::Polling(_) => "polling",
            State::Ended => "ended",
        };
        f.debug_tuple("ProgressStream").field(&state).finish()
    }
}

/// The polls of a wait, one after the other.
struct PollLoop<F: Family> {
    batch: Batch<F>,
    settings: WaitSettings,
    state: BatchState<F>,
    clock: Arc<dyn Clock>,
    /// Start of the first poll.
    started: Option<Duration>,
    cost: Cost,
    /// Wait before the next poll. None before the first.
    pause: Option<Duration>,
    /// Number of polls in a row that found no change.
    unchanged_polls: u32,
}

impl<F: Family> PollLoop<F> {
    async fn next(mut self: Box<Self>) -> (Box<Self>, Result<Progress<F>>) {
        let result = self.wait_and_poll().await;
        (self, result)
    }

    async fn wait_and_poll(&mut self) -> Result<Progress<F>> {
        check_page_size(self.settings.page_size).map_err(|error| error.could_not(self.action()))?;
        self.started.get_or_insert_with(|| self.clock.elapsed());
        if let Some(pause) = self.pause {
            let Some(sleep) = self.within_deadline(pause) else {
                return Err(self.timeout());
            };
            self.clock.sleep(sleep).await;
            self.pause = None;
        }
        let before = self.cost.requests;
        let result = self.poll().await;
        let requests = u32::try_from(self.cost.requests.saturating_sub(before)).unwrap_or(u32::MAX);
        self.unchanged_polls = if self.state.take_change() {
            0
        } else {
            self.unchanged_polls.saturating_add(1)
        };
        let random = self.batch.target.core.random();
        self.pause = Some(self.settings.interval.wait(self.unchanged_polls, requests, random));
        match result {
            Ok(()) => Ok(self.progress()),
            Err(error) if self.remaining().is_zero() => Err(self.timeout().with_source(error)),
            Err(error) => Err(error),
        }
    }

    async fn poll(&mut self) -> Result<()> {
        let (clock, deadline) = (Arc::clone(&self.clock), self.deadline());
        let remaining = move || match deadline.saturating_sub(clock.elapsed()) {
            Duration::ZERO => Err(Error::new(ErrorKind::Timeout, "the deadline has passed")),
            remaining => Ok(remaining),
        };
        let mut poller = Poller {
            batch: &self.batch,
            state: &mut self.state,
            cost: &mut self.cost,
            remaining,
        };
        poller.poll().await
    }

    /// Returns the sleep before the next poll: the pause, or less so that one more poll fits in
    /// before the deadline. None when no poll fits in.
    fn within_deadline(&self, pause: Duration) -> Option<Duration> {
        let remaining = self.remaining();
        if pause < remaining {
            return Some(pause);
        }
        let spare = remaining.saturating_sub(self.settings.interval.initial());
        (spare > self.settings.interval.initial()).then_some(spare)
    }

    /// Returns the action that completes "could not …" in errors of the wait.
    fn action(&self) -> String {
        format!("wait for {} {}", F::NAME, self.batch.id())
    }

    fn deadline(&self) -> Duration {
        self.started.unwrap_or_default().saturating_add(self.settings.deadline)
    }

    fn remaining(&self) -> Duration {
        self.deadline().saturating_sub(self.clock.elapsed())
    }

    fn elapsed(&self) -> Duration {
        self.clock.elapsed().saturating_sub(self.started.unwrap_or_default())
    }

    fn progress(&mut self) -> Progress<F> {
        let (by_creation_status, by_run_status) = self.state.counts();
        let (finished, failed) = self.state.finished_counts();
        Progress {
            job: self.state.job_status().cloned(),
            by_creation_status,
            by_run_status,
            items: self.state.items.len(),
            finished,
            failed,
            newly_finished: self.state.take_newly_finished(),
            is_finished: self.state.is_finished(),
            polls: self.state.poll,
            requests: self.cost.requests,
            items_read: self.cost.items,
            elapsed: self.elapsed(),
        }
    }

    fn timeout(&self) -> Error {
        let (finished, _) = self.state.finished_counts();
        let (by_creation, by_run) = self.state.counts();
        let (items, polls) = (self.state.items.len(), self.state.poll);
        let mut what = format!(
            "the deadline of {} s leaves no time for another poll; after {}, {} of {} pending",
            self.settings.deadline.as_secs(),
            counted(polls.into(), "poll"),
            items.saturating_sub(finished),
            counted(items as u64, "item"),
        );
        let job = self.state.job_status().map(|job| format!("job {job}"));
        let (creations, runs) = (report::largest(&by_creation, "item"), report::largest(&by_run, "run"));
        let details = job.into_iter().chain(creations).chain(runs).collect::<Vec<_>>();
        if !details.is_empty() {
            what.push_str(&format!(" ({})", details.join(", ")));
        }
        let requests = u32::try_from(self.cost.requests).unwrap_or(u32::MAX);
        Error::new(ErrorKind::WaitTimeout, what)
            .could_not(self.action())
            .with_attempts(requests, self.elapsed())
    }
}
