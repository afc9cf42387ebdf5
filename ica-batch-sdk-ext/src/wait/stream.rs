//! Look, tell, sleep, and look again.

use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_core::Stream;

use super::Wait;
use super::look::{Cost, Looker};
use super::progress::{Progress, WaitReport};
use super::watch::Watch;
use crate::clock::Clock;
use crate::error::{Error, ErrorKind, Result};

/// The progress of a batch, from a look at a time; made by [`Wait::progress`].
///
/// What a look found is handed out before there is any waiting. The stream ends after the progress that
/// [is settled](Progress::is_finished), and after the error of the deadline. After another error, polling it again waits and goes on.
///
/// Dropping the future of a `next()` loses nothing: the look goes on when the stream is polled again. Dropping the stream cancels it.
#[must_use = "a stream does nothing before it is polled"]
pub struct ProgressStream(State);

/// A look on its way, which gives back what it was made with.
type Look = Pin<Box<dyn Future<Output = (Box<Looks>, Result<Progress>)> + Send>>;

enum State {
    Idle(Box<Looks>),
    Looking(Look),
    Ended,
}

impl ProgressStream {
    pub(super) fn new(wait: Wait) -> Self {
        let clock = wait.client.clock();
        Self(State::Idle(Box::new(Looks {
            watch: Watch::new(wait.until, wait.page_size),
            wait,
            clock,
            started: None,
            cost: Cost::default(),
            pause: None,
            quiet: 0,
        })))
    }

    /// To the end, with what failed on the way.
    pub(super) async fn settle(mut self) -> Result<WaitReport> {
        let mut failed = Vec::new();
        loop {
            let next = poll_fn(|context| Pin::new(&mut self).poll_next(context)).await;
            let Some(mut progress) = next.transpose()? else {
                return Err(Error::new(ErrorKind::WaitTimeout, "the wait has ended before"));
            };
            let ended = std::mem::take(&mut progress.newly_finished);
            failed.extend(ended.into_iter().filter(|item| !item.is_success()));
            if progress.is_finished {
                return Ok(WaitReport { progress, failed });
            }
        }
    }
}

impl Stream for ProgressStream {
    type Item = Result<Progress>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Self(state) = &mut *self;
        loop {
            match std::mem::replace(state, State::Ended) {
                State::Ended => return Poll::Ready(None),
                State::Idle(looks) => *state = State::Looking(Box::pin(looks.next())),
                State::Looking(mut look) => {
                    let Poll::Ready((looks, result)) = look.as_mut().poll(context) else {
                        *state = State::Looking(look);
                        return Poll::Pending;
                    };
                    let is_last = match &result {
                        Ok(progress) => progress.is_finished,
                        Err(error) => error.kind() == ErrorKind::WaitTimeout,
                    };
                    if !is_last {
                        *state = State::Idle(looks);
                    }
                    return Poll::Ready(Some(result));
                }
            }
        }
    }
}

impl fmt::Debug for ProgressStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = match &self.0 {
            State::Idle(_) => "idle",
            State::Looking(_) => "looking",
            State::Ended => "ended",
        };
        f.debug_tuple("ProgressStream").field(&state).finish()
    }
}

/// The looks of a wait, one after the other.
struct Looks {
    wait: Wait,
    watch: Watch,
    clock: Arc<dyn Clock>,
    /// When the first look began.
    started: Option<Duration>,
    cost: Cost,
    /// How long to wait before the next look. None before the first.
    pause: Option<Duration>,
    /// How many looks in a row found no change.
    quiet: u32,
}

impl Looks {
    async fn next(mut self: Box<Self>) -> (Box<Self>, Result<Progress>) {
        let result = self.look().await;
        (self, result)
    }

    async fn look(&mut self) -> Result<Progress> {
        self.started.get_or_insert_with(|| self.clock.elapsed());
        if let Some(pause) = self.pause {
            let Some(sleep) = self.within_deadline(pause) else {
                return Err(self.wait_timeout());
            };
            self.clock.sleep(sleep).await;
            self.pause = None;
        }
        let before = self.cost.requests;
        let result = self.poll().await;
        let requests = u32::try_from(self.cost.requests - before).unwrap_or(u32::MAX);
        self.quiet = if self.watch.take_change() { 0 } else { self.quiet + 1 };
        let random = self.wait.client.random();
        self.pause = Some(self.wait.poll.wait(self.quiet, requests, random));
        match result {
            Ok(()) => Ok(self.progress()),
            Err(error) if self.left().is_zero() => Err(self.wait_timeout().with_source(error)),
            Err(error) => Err(error),
        }
    }

    async fn poll(&mut self) -> Result<()> {
        let (clock, deadline) = (Arc::clone(&self.clock), self.ends_at());
        let left = move || match deadline.saturating_sub(clock.elapsed()) {
            Duration::ZERO => Err(Error::new(ErrorKind::Timeout, "the deadline has passed")),
            left => Ok(left),
        };
        let mut looker = Looker {
            batch: &self.wait.batch,
            watch: &mut self.watch,
            cost: &mut self.cost,
            left,
        };
        looker.poll().await
    }

    /// How long to sleep where this is wanted: less, if one more look fits in before the deadline. None if none does.
    fn within_deadline(&self, pause: Duration) -> Option<Duration> {
        let left = self.left();
        if pause < left {
            return Some(pause);
        }
        let spare = left.saturating_sub(self.wait.poll.initial());
        (spare > self.wait.poll.initial()).then_some(spare)
    }

    fn ends_at(&self) -> Duration {
        self.started.unwrap_or_default().saturating_add(self.wait.deadline)
    }

    fn left(&self) -> Duration {
        self.ends_at().saturating_sub(self.clock.elapsed())
    }

    fn elapsed(&self) -> Duration {
        self.clock.elapsed().saturating_sub(self.started.unwrap_or_default())
    }

    fn progress(&mut self) -> Progress {
        let (by_creation, by_analysis) = self.watch.counts();
        let (settled, failed) = self.watch.ended();
        Progress {
            job: self.watch.job_status().cloned(),
            by_creation,
            by_analysis,
            items: self.watch.items.len(),
            finished: settled,
            failed,
            newly_finished: self.watch.take_fresh(),
            is_finished: self.watch.is_finished(),
            polls: self.watch.poll,
            requests: self.cost.requests,
            items_read: self.cost.items,
            elapsed: self.elapsed(),
        }
    }

    fn wait_timeout(&self) -> Error {
        let (settled, _) = self.watch.ended();
        let (by_creation, by_analysis) = self.watch.counts();
        let (items, polls) = (self.watch.items.len(), self.watch.poll);
        let mut what = format!(
            "the deadline of {} s leaves no time for another look, and after {polls} polls {} of {items} items are open",
            self.wait.deadline.as_secs(),
            items - settled
        );
        let job = self.watch.job_status().map(|job| format!("job {job}"));
        let creations = by_creation.iter().map(|(status, n)| format!("{n} items {status}"));
        let runs = by_analysis.iter().map(|(status, n)| format!("{n} runs {status}"));
        let details = job.into_iter().chain(creations).chain(runs).collect::<Vec<_>>();
        if !details.is_empty() {
            what.push_str(&format!(" ({})", details.join(", ")));
        }
        let requests = u32::try_from(self.cost.requests).unwrap_or(u32::MAX);
        Error::new(ErrorKind::WaitTimeout, what)
            .during("waiting for the batch")
            .with_effort(requests, self.elapsed())
    }
}
