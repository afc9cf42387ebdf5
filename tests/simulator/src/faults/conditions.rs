//! Conditions of the whole server: a rate limit, outages, and a wrong clock.

use std::fmt;
use std::ops::Range;

use chrono::{DateTime, TimeDelta, Utc};

use super::kind::RetryAfter;

/// A limit of requests per second of simulated time, for all users and operations together. A
/// request above it gets 429 with `Retry-After`, and is not executed.
///
/// The server has a store of requests that fills up at the rate, up to the burst. Each request that
/// is served takes one. `Retry-After` is the time until the next one is there, in whole seconds.
///
/// ```
/// use ica_simulator::{RateLimit, Simulator};
///
/// let simulator = Simulator::start();
/// simulator.faults().rate_limit(RateLimit::per_second(10.0).burst(20));
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RateLimit {
    per_second: f64,
    burst: f64,
    retry_after: bool,
}

impl RateLimit {
    /// Creates a limit. Its burst is one second of requests, and at least one.
    ///
    /// ```
    /// use ica_simulator::RateLimit;
    ///
    /// assert_eq!(RateLimit::per_second(5.0), RateLimit::per_second(5.0).burst(5));
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if `rate` is not a finite number above zero.
    pub fn per_second(rate: f64) -> Self {
        assert!(
            rate.is_finite() && rate > 0.0,
            "rate {rate} is not valid: it is not a finite number above 0; use requests per second"
        );
        Self {
            per_second: rate,
            burst: rate.max(1.0),
            retry_after: true,
        }
    }

    /// Sets how many requests are served at once after a pause; at least one.
    pub fn burst(mut self, requests: u32) -> Self {
        self.burst = f64::from(requests.max(1));
        self
    }

    /// Leaves out the header `Retry-After`. ICA does not document that it sends it.
    pub fn without_retry_after(mut self) -> Self {
        self.retry_after = false;
        self
    }
}

/// Effect of an [`Outage`] on clients.
///
/// ```
/// use ica_simulator::{OutageKind, RetryAfter};
///
/// let kind = OutageKind::Unavailable(RetryAfter::Seconds(60));
/// assert_ne!(kind, OutageKind::ConnectionsReset);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum OutageKind {
    /// Each request gets 503, with this `Retry-After`.
    Unavailable(RetryAfter),
    /// Each request resets its connection.
    ConnectionsReset,
    /// The port is closed, so new connections are refused and the open ones end. That needs a
    /// stopped clock, as [`Clock::freeze`](crate::Clock::freeze) makes it: the port is closed and
    /// opened when a test moves the clock. While the clock runs, connections are reset.
    ConnectionsRefused,
}

/// A time without service, by the simulated clock. No request is executed in it.
///
/// ```
/// use std::time::Duration;
///
/// use ica_simulator::{Outage, OutageKind, RetryAfter, Simulator};
///
/// let simulator = Simulator::start();
/// let soon = simulator.clock().now() + Duration::from_secs(60);
/// let hour = soon..soon + Duration::from_secs(3600);
/// simulator.faults().outage(Outage::new(hour, OutageKind::Unavailable(RetryAfter::Absent)));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outage {
    when: Range<DateTime<Utc>>,
    kind: OutageKind,
}

impl Outage {
    /// Creates an outage from the start of the range up to its end.
    ///
    /// ```
    /// use ica_simulator::{Outage, OutageKind, Simulator};
    ///
    /// let simulator = Simulator::start();
    /// simulator.clock().freeze();
    /// let now = simulator.clock().now();
    /// let today = now..now + std::time::Duration::from_secs(24 * 3600);
    /// simulator.faults().outage(Outage::new(today, OutageKind::ConnectionsRefused));
    /// assert!(std::net::TcpStream::connect(simulator.address()).is_err());
    /// ```
    pub fn new(when: Range<DateTime<Utc>>, kind: OutageKind) -> Self {
        Self { when, kind }
    }
}

/// Reason why a request is not executed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    Refused(u16, RetryAfter),
    Reset,
}

/// The conditions of a server.
#[derive(Default)]
pub(super) struct Conditions {
    outages: Vec<Outage>,
    store: Option<Store>,
    pub(super) date_skew: TimeDelta,
}

/// Requests that a rate limit allows now.
struct Store {
    limit: RateLimit,
    requests: f64,
    /// Time up to which the store was filled. None: the store is full.
    filled: Option<DateTime<Utc>>,
}

impl Conditions {
    pub(super) fn add(&mut self, outage: Outage) {
        self.outages.push(outage);
    }

    pub(super) fn limit(&mut self, limit: Option<RateLimit>) {
        self.store = limit.map(|limit| Store {
            limit,
            requests: limit.burst,
            filled: None,
        });
    }

    /// Returns the name of the condition that stops a request, and what the client sees.
    pub(super) fn stop(&mut self, now: DateTime<Utc>) -> Option<(&'static str, Stop)> {
        if let Some(outage) = self.outages.iter().find(|outage| outage.when.contains(&now)) {
            let stop = match &outage.kind {
                OutageKind::Unavailable(retry_after) => Stop::Refused(503, retry_after.clone()),
                OutageKind::ConnectionsReset | OutageKind::ConnectionsRefused => Stop::Reset,
            };
            return Some(("Outage", stop));
        }
        let retry_after = self.store.as_mut()?.take(now)?;
        Some(("RateLimit", Stop::Refused(429, retry_after)))
    }

    pub(super) fn refuse_connections(&self, now: DateTime<Utc>) -> bool {
        let mut outages = self.outages.iter();
        outages.any(|outage| outage.kind == OutageKind::ConnectionsRefused && outage.when.contains(&now))
    }
}

impl fmt::Debug for Conditions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Conditions")
            .field("outages", &self.outages)
            .field("rate_limit", &self.store.as_ref().map(|store| store.limit))
            .field("date_skew", &self.date_skew)
            .finish()
    }
}

impl Store {
    /// Takes a request out of the store, or returns the `Retry-After` of a refusal.
    fn take(&mut self, now: DateTime<Utc>) -> Option<RetryAfter> {
        let passed = self.filled.map_or(TimeDelta::zero(), |filled| now - filled);
        // A clock that was moved back fills nothing.
        let passed = passed.max(TimeDelta::zero()).as_seconds_f64();
        self.requests = (self.requests + passed * self.limit.per_second).min(self.limit.burst);
        self.filled = Some(now);
        // Sums of parts are not exact.
        if self.requests > 1.0 - 1e-6 {
            self.requests -= 1.0;
            return None;
        }
        let wait = ((1.0 - self.requests) / self.limit.per_second).ceil().max(1.0);
        Some(match self.limit.retry_after {
            true => RetryAfter::Seconds(wait as u64),
            false => RetryAfter::Absent,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_store_fills_up_at_the_rate_and_up_to_the_burst() {
        let mut conditions = Conditions::default();
        conditions.limit(Some(RateLimit::per_second(2.0).burst(3)));
        let start = DateTime::UNIX_EPOCH;
        let mut served = |millis| {
            let now = start + TimeDelta::milliseconds(millis);
            (0..10).filter(|_| conditions.stop(now).is_none()).count()
        };
        assert_eq!(served(0), 3);
        assert_eq!(served(499), 0);
        assert_eq!(served(500), 1);
        assert_eq!(served(1600), 2);
        assert_eq!(served(60_000), 3);
        assert_eq!(served(0), 0, "a clock that was moved back fills nothing");
        assert_eq!(served(500), 1);
    }

    #[test]
    fn a_refusal_names_the_time_of_the_next_request() {
        let mut conditions = Conditions::default();
        conditions.limit(Some(RateLimit::per_second(0.25)));
        let start = DateTime::UNIX_EPOCH;
        assert_eq!(conditions.stop(start), None);
        let refused = |seconds| Some(("RateLimit", Stop::Refused(429, RetryAfter::Seconds(seconds))));
        assert_eq!(conditions.stop(start), refused(4));
        assert_eq!(conditions.stop(start + TimeDelta::seconds(3)), refused(1));
        assert_eq!(conditions.stop(start + TimeDelta::seconds(4)), None);
    }
}
