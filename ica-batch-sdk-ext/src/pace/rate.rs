//! Rate that a server allows, learned from its refusals.
//!
//! After the first refusal the rate doubles in fractions of a second, until the server refuses
//! again. The [epoch](super::epoch) between the two refusals gives the rate of the server, mostly
//! within a few hundredths.
//!
//! A server that counts the requests of each second has another rate. Two refusals show its
//! [limit](super::second_limit), too, and it is tried if it is higher.
//!
//! Then requests are sent at a little less than that rate, evenly spaced. The rate grows slowly
//! with each response, and ever faster the longer no refusal comes, because the limit may have been
//! raised. So a server refuses one or two requests within dozens of seconds.

use std::time::Duration;

use super::bounds::Bounds;
use super::epoch::{Burst, Epoch, Estimate};
use super::recent::Recent;
use super::second_limit::SecondLimit;

/// Served requests without which the first refusal gives no rate.
const EVIDENCE: f64 = 4.0;

/// Largest decrease after a second refusal in a row that contradicts the estimate, as a share of the rate.
/// A machine or a network that stalls for a moment causes such refusals, too.
const STEP: f64 = 0.6;

/// Time in seconds without service, after which it says nothing about the rate.
const LONG: f64 = 20.0;

/// Refusals in a row that contradict the last estimate, although it was lowered in between. More of them
/// do not follow from the rate, as those of a proxy that refuses any request now and then.
const MOST_DOUBTS: u32 = 2;

/// Refusals from which nothing is learned then.
const IGNORED: u32 = 6;

/// Requests of a second with which a server can have reached its limit, as a share of the rate.
const NEARLY: f64 = 0.8;

/// Request that was sent.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sent {
    pub(super) at: Duration,
    /// Rate of sending in requests per second, if it was limited.
    pub(super) rate: Option<f64>,
}

/// Times at which a refused request was sent, and at which its response arrived.
#[derive(Debug, Clone, Copy)]
struct Refusal {
    sent: Duration,
    at: Duration,
}

/// Rate of sending: none until the server refuses a request.
#[derive(Debug, Clone, Default)]
pub(super) struct Rate {
    bounds: Option<Bounds>,
    /// Time at which the next request is due.
    next: Duration,
    epoch: Epoch,
    burst: Option<Burst>,
    recent: Recent,
    last: Option<Refusal>,
    second_limit: SecondLimit,
    /// Whether the last estimate is that of the limit.
    is_limited: bool,
    /// Refusals in a row that contradict the last estimate.
    doubts: u32,
    /// Bounds before the first of them.
    doubted: Option<Bounds>,
    /// Further refusals from which nothing is learned.
    ignored: u32,
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
    pub(super) fn send(&mut self, now: Duration) -> Sent {
        let rate = self.per_second();
        if let Some(rate) = rate {
            self.next = now.max(self.next).saturating_add(seconds(rate.recip()));
        }
        self.recent.send(now);
        Sent { at: now, rate }
    }

    /// Counts time in which requests were in flight, waiting or paused.
    pub(super) fn pass(&mut self, busy: Duration) {
        self.epoch.busy += busy.as_secs_f64();
    }

    /// Counts a request that was not refused because of the rate, and failed otherwise.
    pub(super) fn fail(&mut self, sent: Sent) {
        self.epoch.serve(sent.at);
    }

    /// Counts a request that was served.
    pub(super) fn serve(&mut self, sent: Sent) {
        self.epoch.serve(sent.at);
        self.bounds = self.bounds.and_then(Bounds::grown);
    }

    /// Learns from the refusal of a request, after which nothing is sent in a pause. `latency` is the
    /// usual time of a request.
    pub(super) fn refuse(&mut self, now: Duration, sent: Sent, latency: Duration, pause: Duration) {
        self.recent.refuse(sent.at);
        if let Some(last) = self.last {
            // Requests that were sent after the refused one may have overtaken it.
            let half = { last.at.saturating_sub(last.sent) }.checked_div(2).unwrap_or_default();
            let requests = self.recent.count(last.sent, last.sent.saturating_add(half));
            self.second_limit = self.second_limit.corrected(requests);
        }
        let in_second = self.recent.count(sent.at, sent.at);
        if self.epoch.served > 0.0 {
            self.bounds = self.refused(now, sent, latency.as_secs_f64(), pause, in_second);
            self.epoch = Epoch::after(pause);
            self.last = Some(Refusal { sent: sent.at, at: now });
        } else {
            // A long time without service, such as an empty quota, says nothing about the rate.
            match self.epoch.pause {
                Some(_) if self.epoch.busy <= LONG => {}
                Some(_) => self.epoch.busy = 0.0,
                None => self.epoch = Epoch::after(pause),
            }
        }
        self.next = now.saturating_add(pause);
    }

    /// Forgets a refused request from before the last refusal that was learned from.
    pub(super) fn forget(&mut self, sent: Sent) {
        self.recent.refuse(sent.at);
    }

    fn refused(&mut self, now: Duration, sent: Sent, latency: f64, pause: Duration, in_second: f64) -> Option<Bounds> {
        let mean = self.epoch.mean(pause);
        let began_empty = self.epoch.pause.is_some();
        if !began_empty {
            let after = now.saturating_sub(sent.at).as_secs_f64();
            self.burst = Some(Burst {
                requests: self.epoch.served,
                time: (self.epoch.busy - after).max(0.0),
            });
        }
        let Some(before) = self.bounds else {
            self.second_limit = self.second_limit.refused(in_second, mean);
            let is_known = began_empty || self.epoch.served >= EVIDENCE;
            return (is_known && mean.is_finite()).then(|| Bounds::first(mean, latency));
        };
        if let Some(left) = self.ignored.checked_sub(1) {
            self.ignored = left;
            return Some(before);
        }
        let rate = sent.rate.unwrap_or_else(|| before.rate());
        let is_below = began_empty && before.is_below_estimate(rate);
        // If fewer requests were sent, another client of the server may have sent the others.
        if is_below && self.is_limited && in_second >= NEARLY * rate {
            self.second_limit = self.second_limit.refused_below(in_second, mean);
        } else if is_below {
            self.doubts = self.doubts.saturating_add(1);
            if self.doubts == 1 {
                self.doubted = Some(before);
                return Some(before.doubted(rate));
            }
            if self.doubts > MOST_DOUBTS {
                (self.doubts, self.ignored) = (0, IGNORED);
                return Some(Bounds::first(self.doubted.unwrap_or(before).rate(), latency));
            }
            // The burst is larger than it seemed, because the bucket was not full when it was measured.
            let requests = self.epoch.burst(mean);
            if self.burst.is_some_and(|burst| requests > burst.requests) {
                self.burst = Some(Burst { requests, time: 0.0 });
            }
            self.second_limit = self.second_limit.refused_unexpectedly(in_second, mean);
        } else {
            self.second_limit = self.second_limit.refused(in_second, mean);
            self.doubts = 0;
        }
        let mut estimate = self.epoch.estimate(mean, self.burst, sent.at);
        if self.doubts > 0 && self.epoch.served >= EVIDENCE && estimate.rate < STEP * rate {
            let requests = Some(self.epoch.served);
            estimate = Estimate {
                rate: STEP * rate,
                requests,
            };
        }
        // A limit that explains a refusal which the estimate does not is also used if it is lower.
        let explains = |limit: f64| limit > estimate.rate || self.doubts > 0 && in_second >= limit;
        let limit = self.second_limit.rate().filter(|limit| explains(*limit));
        self.is_limited = limit.is_some();
        if let Some(rate) = limit {
            let requests = Some(rate.max(self.epoch.served));
            estimate = Estimate { rate, requests };
        }
        Some(before.refused(rate, estimate, latency))
    }

    /// Begins a time of which the bucket of the server is not known, as after an outage.
    pub(super) fn begin_unknown(&mut self) {
        self.epoch = Epoch::default();
    }
}

fn seconds(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX)
}
