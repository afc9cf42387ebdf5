//! Decisions of a pace, without waiting: from a state, an event and the time to a decision.

use std::time::Duration;

use super::rate::{Rate, Sent};
use super::status::PauseReason;
use super::window::Window;
use crate::retry::Backoff;

/// Maximum of requests in flight where the user sets none.
const MAX_CONCURRENCY: usize = 256;

/// Pause after a refusal without `Retry-After`, and between two probes of an outage. It doubles while
/// no request is served.
const PAUSE: Backoff = Backoff::new(Duration::from_millis(500), Duration::from_secs(15));

/// Longest pause that a response causes for other calls. After it one request asks again.
pub(super) const MAX_PAUSE: Duration = Duration::from_secs(15 * 60);

/// Failures in a row, without a response in between, that count as an outage.
const OUTAGE: u32 = 5;

/// Refusals in a row, each of a request that was sent after the pause of the one before.
const REFUSALS: u32 = 2;

/// Limits of the time for which a request waits for a place while none of those in flight ends: with
/// a server that is well, with another one, and at most.
const SHORT_PATIENCE: Duration = Duration::from_millis(100);
const PATIENCE: Duration = Duration::from_secs(1);
const LONG_PATIENCE: Duration = Duration::from_secs(30);

/// State of a pace.
#[derive(Debug, Clone)]
pub(super) struct Controller {
    adapts: bool,
    /// Maximum of requests in flight that the user set.
    bound: usize,
    window: Window,
    rate: Rate,
    /// No request is sent before this time.
    paused_until: Duration,
    reason: PauseReason,
    /// Whether the server is taken to be down: one request at a time asks whether it is back.
    is_open: bool,
    /// Requests in flight, and those of them that were sent before the circuit opened.
    in_flight: usize,
    stragglers: usize,
    /// Number of the decision to slow down. What a request says that was sent before is known.
    round: u64,
    opened: u64,
    /// Decisions to slow down since a request was last served.
    refusals: u32,
    /// Failures since the last response.
    failures: u32,
    /// Smoothed time of a request that was served.
    latency: Option<Duration>,
    /// Time of the last event, and whether requests waited then.
    seen: Duration,
    was_waiting: bool,
}

/// Permission to send a request.
#[derive(Debug)]
#[must_use = "a permit takes a place until it is returned"]
pub(super) struct Permit {
    sent: Sent,
    round: u64,
    opened: u64,
    has_place: bool,
}

/// Decision about a request that waits.
#[derive(Debug)]
pub(super) enum Decision {
    Send(Permit),
    /// Nothing is sent before this time.
    WaitUntil(Duration),
    /// As many requests as allowed are in flight.
    WaitForResponse,
}

/// Outcome of a request, as far as it says something about the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The server responded, also with an error about this request alone.
    Served,
    /// The server refused the request because there were too many (429), with its `Retry-After`.
    RateLimited(Option<Duration>),
    /// The server refused the request because it is not available (503), with its `Retry-After`.
    Unavailable(Option<Duration>),
    /// No response in time, also to a gateway in front of the server (408, 502, 504).
    TimedOut,
    /// No connection, an interrupted one, or a failure of the server (500).
    Failed,
    /// Nothing was learned: the call was cancelled, or not sent.
    Unknown,
}

/// Change of the pace that is worth an event.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Change {
    Paused { reason: PauseReason, length: Duration },
    Opened { reason: PauseReason, length: Duration },
    StillOpen { length: Duration },
    Closed,
}

impl Controller {
    /// Returns a controller that adapts, or only keeps the maximum of requests in flight.
    pub(super) fn new(max: Option<usize>, adapts: bool) -> Self {
        let max = max.map(|max| max.max(1));
        Self {
            adapts,
            bound: max.unwrap_or(usize::MAX),
            window: Window::new(max.unwrap_or(MAX_CONCURRENCY)),
            rate: Rate::default(),
            paused_until: Duration::ZERO,
            reason: PauseReason::RateLimited,
            is_open: false,
            in_flight: 0,
            stragglers: 0,
            round: 0,
            opened: 0,
            refusals: 0,
            failures: 0,
            latency: None,
            seen: Duration::ZERO,
            was_waiting: false,
        }
    }

    /// Decides about the request whose turn it is. `others_wait` says whether more of them wait.
    pub(super) fn decide(&mut self, now: Duration, others_wait: bool) -> Decision {
        self.pass(now);
        let decision = self.decide_now(now, self.in_flight.saturating_sub(self.stragglers) < self.limit());
        self.was_waiting = others_wait || !matches!(decision, Decision::Send(_));
        decision
    }

    /// Decides about a request that has waited in vain for a place, because those in flight do not
    /// go on: it is sent beyond the limit.
    pub(super) fn decide_beyond(&mut self, now: Duration) -> Decision {
        self.pass(now);
        let decision = self.decide_now(now, true);
        if self.is_well() && matches!(decision, Decision::Send(_)) {
            self.window.double();
        }
        decision
    }

    /// Decides about a request that a call in flight depends on. It needs no place of its own.
    pub(super) fn decide_nested(&mut self, now: Duration) -> Decision {
        self.pass(now);
        let due = self.due();
        if now < due {
            return Decision::WaitUntil(due);
        }
        Decision::Send(self.permit(now, false))
    }

    fn decide_now(&mut self, now: Duration, has_place: bool) -> Decision {
        let due = self.due();
        if now < self.paused_until {
            return Decision::WaitUntil(due);
        }
        if !has_place || self.in_flight >= self.bound {
            return Decision::WaitForResponse;
        }
        if now < due {
            return Decision::WaitUntil(due);
        }
        Decision::Send(self.permit(now, true))
    }

    fn due(&self) -> Duration {
        self.paused_until.max(self.rate.due())
    }

    fn permit(&mut self, now: Duration, has_place: bool) -> Permit {
        let sent = self.rate.send(now);
        if has_place {
            self.in_flight = self.in_flight.saturating_add(1);
        }
        Permit {
            sent,
            round: self.round,
            opened: self.opened,
            has_place,
        }
    }

    /// Returns the permit of a request with its outcome. `random` is a number from 0 to 1.
    pub(super) fn finish(&mut self, now: Duration, permit: Permit, outcome: Outcome, random: f64) -> Option<Change> {
        self.pass(now);
        let used = self.in_flight.saturating_sub(self.stragglers);
        if permit.has_place {
            self.in_flight = self.in_flight.saturating_sub(1);
            if permit.opened < self.opened {
                self.stragglers = self.stragglers.saturating_sub(1);
            }
        }
        if !self.adapts {
            return None;
        }
        // At least half of the maximum: tasks that share a pause need no jitter among each other.
        let pause = PAUSE.wait(self.refusals, 0.5 + random / 2.0);
        let is_new = permit.round == self.round;
        match outcome {
            Outcome::Unknown => None,
            Outcome::Served => self.serve(now, permit.sent, used),
            Outcome::RateLimited(requested) => {
                if is_new {
                    let latency = self.latency.unwrap_or_default();
                    let pause = requested.unwrap_or(pause).min(MAX_PAUSE);
                    self.rate.refuse(now, permit.sent, latency, pause);
                    if self.rate.per_second().is_none() && !self.is_open {
                        self.window.halve();
                    }
                } else {
                    self.rate.forget(permit.sent);
                }
                self.refuse(now, PauseReason::RateLimited, requested, pause, is_new)
            }
            Outcome::Unavailable(requested) => {
                self.rate.fail(permit.sent);
                self.failures = self.failures.saturating_add(u32::from(is_new));
                if is_new && !self.is_open {
                    self.window.halve();
                }
                self.refuse(now, PauseReason::Unavailable, requested, pause, is_new)
            }
            Outcome::TimedOut | Outcome::Failed if permit.opened < self.opened => None,
            Outcome::TimedOut | Outcome::Failed => {
                self.rate.fail(permit.sent);
                self.failures = self.failures.saturating_add(1);
                if self.is_open {
                    return is_new.then(|| self.open(now, pause, PauseReason::Outage)).flatten();
                }
                if self.failures >= OUTAGE {
                    return self.open(now, pause, PauseReason::Outage);
                }
                if outcome == Outcome::TimedOut && is_new {
                    self.round = self.round.saturating_add(1);
                    self.window.halve();
                }
                None
            }
        }
    }

    fn serve(&mut self, now: Duration, sent: Sent, used: usize) -> Option<Change> {
        let latency = now.saturating_sub(sent.at);
        self.latency = Some(match self.latency {
            None => latency,
            Some(before) => before.mul_f64(0.875).saturating_add(latency.mul_f64(0.125)),
        });
        self.refusals = 0;
        self.failures = 0;
        self.rate.serve(sent);
        if self.is_open {
            self.is_open = false;
            if self.reason == PauseReason::Outage {
                self.rate.begin_unknown();
            }
            self.window.grow(1);
            return Some(Change::Closed);
        }
        self.window.grow(used);
        None
    }

    /// Pauses after a refusal. After a second one in a row, one request asks at a time.
    fn refuse(
        &mut self,
        now: Duration,
        reason: PauseReason,
        requested: Option<Duration>,
        pause: Duration,
        is_new: bool,
    ) -> Option<Change> {
        let pause = match requested {
            Some(requested) => requested.min(MAX_PAUSE),
            None if is_new => pause,
            None => return None,
        };
        if is_new {
            self.refusals = self.refusals.saturating_add(1);
            let is_cut = requested.is_some_and(|requested| requested > MAX_PAUSE);
            if self.is_open || self.refusals >= REFUSALS || self.failures >= OUTAGE || is_cut {
                // `open` counts the refusal.
                self.refusals = self.refusals.saturating_sub(1);
                return self.open(now, pause, reason);
            }
            self.round = self.round.saturating_add(1);
        }
        let until = now.saturating_add(pause);
        if until <= self.paused_until {
            return None;
        }
        self.paused_until = until;
        self.reason = reason;
        is_new.then_some(Change::Paused { reason, length: pause })
    }

    /// Opens the circuit, or leaves it open after a probe.
    fn open(&mut self, now: Duration, length: Duration, reason: PauseReason) -> Option<Change> {
        self.refusals = self.refusals.saturating_add(1);
        self.round = self.round.saturating_add(1);
        self.paused_until = self.paused_until.max(now.saturating_add(length));
        self.reason = reason;
        if self.is_open {
            return Some(Change::StillOpen { length });
        }
        self.is_open = true;
        self.window.close();
        self.opened = self.opened.saturating_add(1);
        self.stragglers = self.in_flight;
        Some(Change::Opened { reason, length })
    }

    /// Counts the time since the last event, if requests were in flight, waiting or paused in it.
    fn pass(&mut self, now: Duration) {
        let busy_until = if self.in_flight > 0 || self.was_waiting {
            now
        } else {
            now.min(self.paused_until)
        };
        self.rate.pass(busy_until.saturating_sub(self.seen));
        self.seen = self.seen.max(now);
    }

    /// Returns the number of requests that may be in flight.
    pub(super) fn limit(&self) -> usize {
        match self.adapts {
            true => self.window.size(),
            false => self.bound,
        }
    }

    pub(super) fn in_flight(&self) -> usize {
        self.in_flight
    }

    pub(super) fn per_second(&self) -> Option<f64> {
        self.rate.per_second()
    }

    /// Returns the end of the current pause, and its reason.
    pub(super) fn pause(&self, now: Duration) -> Option<(Duration, PauseReason)> {
        (now < self.paused_until).then_some((self.paused_until, self.reason))
    }

    pub(super) fn is_open(&self) -> bool {
        self.is_open
    }

    /// Returns how long a request waits for a place before it is sent beyond the limit.
    ///
    /// A call in flight makes no progress while nothing polls its future, and may never be polled
    /// again. Other calls must not wait for it without end.
    pub(super) fn patience(&self) -> Duration {
        if self.is_open {
            return LONG_PATIENCE;
        }
        let Some(latency) = self.latency else {
            return PATIENCE;
        };
        let least = if self.is_well() { SHORT_PATIENCE } else { PATIENCE };
        least.saturating_add(latency.saturating_mul(2)).min(LONG_PATIENCE)
    }

    /// Returns whether the server has never asked to slow down.
    fn is_well(&self) -> bool {
        self.round == 0
    }
}
