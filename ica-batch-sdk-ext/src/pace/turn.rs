//! Waiting for the turn of a request.
//!
//! The first waiting call alone waits for a time. The others wait until they are the first: with a
//! clock of a test, each sleep would advance the time for all.

use std::fmt;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::future::select;
use tokio::sync::Notify;

use super::controller::Decision;
use super::shared::{Pace, Place, State, Turn};
use super::status::PauseReason;
use crate::clock::Clock;

/// Reason why the turn of a request did not come before its deadline.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Delay {
    /// A pause is longer than the time left.
    Pause { left: Duration, reason: PauseReason },
    /// The rate leaves no turn in the time left.
    Rate { per_second: f64 },
    /// The requests in flight took all of the time.
    InFlight { requests: usize },
}

/// Step of a waiting call.
enum Next<'a> {
    Send(Place<'a>),
    SleepUntil(Duration),
    /// Waits to be told, but not longer than this in real time.
    WaitAtMost(Duration),
}

/// A call that waits for its turn. Dropping it ends the wait.
struct Waiting<'a> {
    pace: &'a Pace,
    clock: &'a dyn Clock,
    turn: Turn,
    /// Real time at which the wait began.
    began: Instant,
    told: Arc<Notify>,
}

impl Pace {
    /// Waits for the turn of a request, at most for this time.
    ///
    /// # Errors
    /// The reason of the delay, if the turn does not come in this time. At once, where that is
    /// certain.
    pub(crate) async fn enter<'a>(
        &'a self,
        clock: &'a dyn Clock,
        turn: Turn,
        limit: Duration,
    ) -> Result<Place<'a>, Delay> {
        let now = clock.elapsed();
        let deadline = now.saturating_add(limit);
        let told = {
            let mut state = self.state();
            if state.waiting.is_empty()
                && let Decision::Send(permit) = state.controller.decide(now, false)
            {
                state.progress = Instant::now();
                drop(state);
                return Ok(self.place(clock, permit));
            }
            if let Some((until, _)) = state.controller.pause(now)
                && until >= deadline
            {
                return Err(state.delay(now));
            }
            let told = Arc::new(Notify::new());
            state.waiting.insert(turn, Arc::clone(&told));
            told
        };
        let waiting = Waiting {
            pace: self,
            clock,
            turn,
            began: Instant::now(),
            told,
        };
        waiting.wait(deadline).await
    }

    /// Waits for the end of a pause and for the rate, at most for this time, with a request that
    /// calls in flight wait for. It needs no place, so it cannot wait for those calls.
    ///
    /// # Errors
    /// As for [`enter`](Self::enter).
    pub(crate) async fn enter_nested<'a>(&'a self, clock: &'a dyn Clock, limit: Duration) -> Result<Place<'a>, Delay> {
        let deadline = clock.elapsed().saturating_add(limit);
        loop {
            let now = clock.elapsed();
            let decision = self.state().controller.decide_nested(now);
            match decision {
                Decision::Send(permit) => return Ok(self.place(clock, permit)),
                Decision::WaitUntil(until) if until < deadline => clock.sleep(until.saturating_sub(now)).await,
                Decision::WaitUntil(_) | Decision::WaitForResponse => return Err(self.state().delay(now)),
            }
        }
    }
}

impl<'a> Waiting<'a> {
    async fn wait(self, deadline: Duration) -> Result<Place<'a>, Delay> {
        loop {
            let now = self.clock.elapsed();
            let next = self.next(now);
            let left = deadline.saturating_sub(now);
            match next {
                Next::Send(place) => return Ok(place),
                Next::SleepUntil(until) if until < deadline => {
                    let sleep = self.clock.sleep(until.saturating_sub(now));
                    select(pin!(self.told.notified()), sleep).await;
                }
                Next::WaitAtMost(patience) if !left.is_zero() => {
                    // In real time: it waits for a server or for another task.
                    let _ = tokio::time::timeout(patience.min(left), self.told.notified()).await;
                }
                Next::SleepUntil(_) | Next::WaitAtMost(_) => return Err(self.pace.state().delay(now)),
            }
        }
    }

    fn next(&self, now: Duration) -> Next<'a> {
        let mut state = self.pace.state();
        let is_first = state.is_first(self.turn);
        let others_wait = state.waiting.len() > 1;
        let patience = state.controller.patience();
        // A first call that nothing polls does not take its turn.
        let patience = if is_first { patience } else { patience.saturating_mul(2) };
        let is_stalled = state.progress.max(self.began).elapsed() >= patience;
        let mut decision = match is_first || is_stalled {
            true => state.controller.decide(now, others_wait),
            false => Decision::WaitForResponse,
        };
        if is_stalled && matches!(decision, Decision::WaitForResponse) {
            decision = state.controller.decide_beyond(now);
        }
        match decision {
            Decision::Send(permit) => {
                state.progress = Instant::now();
                drop(state);
                Next::Send(self.pace.place(self.clock, permit))
            }
            Decision::WaitUntil(until) if is_first => Next::SleepUntil(until),
            Decision::WaitUntil(_) | Decision::WaitForResponse => Next::WaitAtMost(patience),
        }
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        let mut state = self.pace.state();
        let was_first = state.is_first(self.turn);
        state.waiting.remove(&self.turn);
        if was_first {
            state.wake_first();
        }
    }
}

impl State {
    fn is_first(&self, turn: Turn) -> bool {
        self.waiting.first_key_value().is_some_and(|(first, _)| *first == turn)
    }

    fn delay(&self, now: Duration) -> Delay {
        match (self.controller.pause(now), self.controller.per_second()) {
            (Some((until, reason)), _) => Delay::Pause {
                left: until.saturating_sub(now),
                reason,
            },
            (None, Some(per_second)) => Delay::Rate { per_second },
            (None, None) => Delay::InFlight {
                requests: self.controller.in_flight(),
            },
        }
    }
}

impl fmt::Display for Delay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pause { left, reason } => write!(
                f,
                "the client sends nothing for another {:.1} s because {reason}",
                left.as_secs_f64()
            ),
            Self::Rate { per_second } => write!(
                f,
                "the client sends {per_second:.2} requests per second because the server refuses more (HTTP 429)"
            ),
            Self::InFlight { requests } => {
                write!(f, "{requests} other requests of the client were in flight all the time")
            }
        }
    }
}
