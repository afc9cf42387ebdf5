//! Rate that a server allows, learned from its refusals.
//!
//! A server that limits the rate has a store of requests that fills up at that rate. Each refusal
//! says that the store is empty. So the requests served between two refusals, by the time between
//! them, give the rate. That is too low where the store was full for a while, such as in a pause.
//! The rate at which the refused requests were sent is an upper bound. Between the two bounds the
//! rate is found within a few refusals.
//!
//! Then requests are sent at a little less than that rate, evenly spaced. The rate grows slowly
//! with each response, and ever faster the longer no refusal comes, because the limit may have been
//! raised. So a server refuses one or two requests within dozens.

use std::time::Duration;

/// Rate after a refusal, as a share of the rate that was measured.
const DECREASE: f64 = 0.95;

/// Ratio of the bounds of the rate at which they count as equal.
const CLOSE: f64 = 1.25;

/// Share of the upper bound before, above which an upper bound counts as found again.
const FOUND_AGAIN: f64 = 0.85;

/// Served requests without which the first refusal gives no rate.
const EVIDENCE: f64 = 4.0;

/// Growth without an upper bound.
const UNBOUNDED: f64 = 8.0;

/// Lowest rate, in requests per second.
const LOWEST: f64 = 1.0 / 60.0;

/// Multiple of the upper bound above which the rate does not matter any more.
const FORGOTTEN: f64 = 16.0;

/// Time in seconds, and number of requests, in which the rate grows from one bound to the other. The
/// longer one counts.
type Span = (f64, f64);
const SEARCHING: Span = (5.0, 8.0);
const FOUND: Span = (20.0, 50.0);
const CONFIRMED: Span = (40.0, 100.0);

/// Rate of sending: none until the server refuses a request.
#[derive(Debug, Clone, Default)]
pub(super) struct Rate {
    bounds: Option<Bounds>,
    /// Time at which the next request is due.
    next: Duration,
    epoch: Epoch,
}

/// Bounds of the rate of the server, and the growth from the lower to the upper one.
#[derive(Debug, Clone, Copy)]
struct Bounds {
    low: f64,
    high: f64,
    span: Span,
    /// Growth since the refusal: 1 at the upper bound.
    progress: f64,
}

/// Time since the last refusal.
#[derive(Debug, Clone, Copy, Default)]
struct Epoch {
    served: f64,
    /// Seconds in which requests were in flight, waiting or paused.
    busy: f64,
    /// Whether the epoch began with a refusal, which says that the store of the server was empty.
    began_empty: bool,
}

impl Rate {
    /// Returns the rate in requests per second, if the server limits it.
    pub(super) fn per_second(&self) -> Option<f64> {
        self.bounds.map(|bounds| bounds.rate())
    }

    /// Returns the time from which the next request may be sent.
    ///
    /// Timers are inexact. A request that is sent late does not delay the following ones, by up to
    /// a twentieth of their distance or the resolution of a timer.
    pub(super) fn due(&self) -> Duration {
        let Some(rate) = self.per_second() else {
            return Duration::ZERO;
        };
        let late = (0.05 / rate).max(0.002);
        self.next.saturating_sub(seconds(late))
    }

    /// Counts a request that is sent now.
    pub(super) fn send(&mut self, now: Duration) {
        if let Some(rate) = self.per_second() {
            self.next = now.max(self.next).saturating_add(seconds(rate.recip()));
        }
    }

    /// Counts time in which requests were in flight, waiting or paused.
    pub(super) fn pass(&mut self, busy: Duration) {
        self.epoch.busy += busy.as_secs_f64();
    }

    /// Counts a request that was served.
    pub(super) fn serve(&mut self) {
        self.epoch.served += 1.0;
        if let Some(bounds) = &mut self.bounds {
            let (time, requests) = bounds.span;
            bounds.progress += (time * bounds.rate()).max(requests).recip();
            if bounds.rate() > FORGOTTEN * bounds.high {
                self.bounds = None;
            }
        }
    }

    /// Learns from a refusal, after which nothing is sent in a pause.
    pub(super) fn refuse(&mut self, now: Duration, pause: Duration) {
        let Epoch {
            served,
            busy,
            began_empty,
        } = self.epoch;
        self.next = now.saturating_add(pause);
        if served == 0.0 && began_empty {
            // The store of the server is still empty. A long time without service, such as an empty
            // quota, says nothing about the rate.
            if busy > FOUND.0 {
                self.epoch.busy = 0.0;
            }
            return;
        }
        let measured = if began_empty {
            served.max(0.5) / busy
        } else {
            // The store may have been full, and fills up in the pause.
            served / (busy + pause.as_secs_f64())
        };
        let is_known = began_empty || served >= EVIDENCE;
        self.bounds = match self.bounds {
            Some(before) => Some(before.refused(measured)),
            None if is_known && measured.is_finite() => Some(Bounds {
                low: measured.max(LOWEST),
                high: measured.max(LOWEST) * UNBOUNDED,
                span: SEARCHING,
                progress: 0.0,
            }),
            None => None,
        };
        self.epoch = Epoch {
            began_empty: true,
            ..Epoch::default()
        };
    }

    /// Begins a time of which the store of the server is not known, as after an outage.
    pub(super) fn begin_unknown(&mut self) {
        self.epoch = Epoch::default();
    }
}

impl Bounds {
    fn rate(&self) -> f64 {
        let further = self.progress - 1.0;
        if further <= 0.0 {
            self.low * (self.high / self.low).powf(self.progress)
        } else {
            self.high * (1.0 + 0.05 * further + 0.3 * further.powi(3))
        }
    }

    /// Returns the bounds after a refusal, for a rate that was measured.
    fn refused(&self, measured: f64) -> Self {
        let high = self.rate();
        let low = measured.min(high).max(LOWEST);
        let is_found_again = high >= FOUND_AGAIN * self.high && high * FOUND_AGAIN <= self.high;
        let span = if is_found_again && self.span != SEARCHING {
            CONFIRMED
        } else {
            FOUND
        };
        let (low, span) = if is_found_again && low * 2.0 > high {
            // The store of the server was full for a while, so the measure is too low.
            (DECREASE * low.max(0.98 * high), span)
        } else if high <= CLOSE * low {
            (DECREASE * low, span)
        } else {
            ((low * high).sqrt(), SEARCHING)
        };
        Self {
            low: low.max(LOWEST),
            high: high.max(LOWEST),
            span,
            progress: 0.0,
        }
    }
}

fn seconds(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX)
}
