//! Bounds of the rate of a server, between which the rate of sending grows.

use super::epoch::Estimate;

/// Rate after a refusal, as a share of a lower bound.
const DECREASE: f64 = 0.95;

/// Rate after a refusal that contradicts the estimate, as a share of the rate before.
const DOUBTED: f64 = 0.93;

/// Ratio of the bounds of the rate at which they count as equal.
const CLOSE: f64 = 1.25;

/// Requests of an estimate from bounds that count as equal.
const CLOSE_REQUESTS: f64 = 10.0;

/// Growth without an upper bound.
const UNBOUNDED: f64 = 64.0;

/// Lowest rate, in requests per second.
const LOWEST: f64 = 1.0 / 60.0;

/// Multiple of the upper bound above which the rate does not matter any more.
const FORGOTTEN: f64 = 16.0;

/// Ratio of two estimates that count as the same one, and the requests that they need for it.
const SAME: f64 = 1.1;
const SAME_REQUESTS: f64 = 16.0;

/// Time in seconds, and number of requests, in which the rate grows from one bound to the other. The
/// longer one counts.
type Span = (f64, f64);
const FIRST: Span = (2.0, 16.0);
const SEARCHING: Span = (5.0, 8.0);
const FOUND: Span = (20.0, 30.0);
const CONFIRMED: Span = (40.0, 60.0);

/// The first span and the searching one in times of a request. What was sent meanwhile is refused,
/// too.
const LATENCIES: (f64, f64) = (20.0, 10.0);

/// Bounds of the rate of the server, and the growth from the lower to the upper one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    low: f64,
    high: f64,
    span: Span,
    /// Growth since the refusal: 1 at the upper bound.
    progress: f64,
    /// Rate that was estimated at the last refusal, after the first one.
    estimate: Option<f64>,
}

impl Bounds {
    /// Returns the bounds after the first refusal, for a rate that the server has served.
    pub(super) fn first(served: f64, latency: f64) -> Self {
        let low = served.max(LOWEST);
        Self {
            low,
            high: low * UNBOUNDED,
            span: (FIRST.0.max(LATENCIES.0 * latency), FIRST.1),
            progress: 0.0,
            estimate: None,
        }
    }

    /// Returns the bounds after a refusal of a request that was sent at this rate.
    pub(super) fn refused(&self, sent: f64, estimate: Estimate, latency: f64) -> Self {
        let high = sent.max(LOWEST);
        let rate = estimate.rate.min(high).max(LOWEST);
        let is_close = (high <= CLOSE * rate).then_some(CLOSE_REQUESTS);
        let (low, high, span) = match estimate.requests.or(is_close) {
            // The fewer requests, the less exact is the estimate.
            Some(requests) => {
                let is_same = |before: f64| rate < SAME * before && before < SAME * rate;
                let span = match self.estimate.is_some_and(is_same) && requests >= SAME_REQUESTS {
                    true => CONFIRMED,
                    false => (FOUND.0, FOUND.1.min(4.0 * requests)),
                };
                let low = (0.97 - 0.25 / requests) * rate;
                (low, high.min((1.03 + 1.0 / requests) * rate), span)
            }
            None => {
                let span = (SEARCHING.0.max(LATENCIES.1 * latency), SEARCHING.1);
                (DECREASE * rate, high, span)
            }
        };
        Self {
            low: low.max(LOWEST),
            high,
            span,
            progress: 0.0,
            estimate: Some(rate),
        }
    }

    /// Returns the bounds after a refusal that contradicts the last estimate, for the first time.
    pub(super) fn doubted(&self, sent: f64) -> Self {
        Self {
            low: (DOUBTED * sent).max(LOWEST),
            high: self.estimate.unwrap_or(self.high),
            span: FOUND,
            progress: 0.0,
            estimate: self.estimate,
        }
    }

    /// Returns whether a request that was sent at this rate should not have been refused.
    pub(super) fn is_below_estimate(&self, sent: f64) -> bool {
        self.estimate.is_some_and(|estimate| sent < estimate)
    }

    /// Returns the rate in requests per second.
    pub(super) fn rate(&self) -> f64 {
        let further = self.progress - 1.0;
        if further <= 0.0 {
            self.low * (self.high / self.low).powf(self.progress)
        } else {
            self.high * (1.0 + 0.05 * further + 0.3 * further.powi(3))
        }
    }

    /// Grows after a request that was served. None: the rate does not matter any more.
    pub(super) fn grown(mut self) -> Option<Self> {
        let (time, requests) = self.span;
        self.progress += (time * self.rate()).max(requests).recip();
        Some(self).filter(|bounds| bounds.rate() <= FORGOTTEN * bounds.high)
    }
}
