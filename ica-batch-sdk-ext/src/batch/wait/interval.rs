//! Interval between polls.
//!
//! It grows exponentially while nothing changes, starts again after a change, and is proportional
//! to the requests of the last poll. Jitter spreads the polls of waits that were started together.

use std::time::Duration;

const INITIAL: Duration = Duration::from_secs(5);
const MAX: Duration = Duration::from_secs(120);

/// Share of a wait that is random.
const JITTER: f64 = 0.25;

/// Interval between two polls of a [`Wait`](super::Wait).
///
/// After a poll that found a change, the interval is `initial` for each request of the poll, so
/// that an expensive poll is repeated less often. While nothing changes, it doubles with each poll,
/// up to `max`. Jitter shortens it by up to a quarter.
///
/// A change is progress of the batch: the status of the job changes, an item appears, its creation
/// ends, or its run ends. A run that goes from one phase to the next is not a change.
///
/// ```
/// use std::time::Duration;
/// use ica_batch_sdk_ext::PollInterval;
///
/// let interval = PollInterval::new(Duration::from_secs(4), Duration::from_secs(60));
/// assert_eq!(interval.wait(0, 1, 1.0), Duration::from_secs(4));
/// assert_eq!(interval.wait(0, 1, 0.0), Duration::from_secs(3), "jitter shortens it by up to a quarter");
/// assert_eq!(interval.wait(2, 1, 1.0), Duration::from_secs(16), "two polls found no change");
/// assert_eq!(interval.wait(0, 11, 1.0), Duration::from_secs(44), "the poll took eleven requests");
/// assert_eq!(interval.wait(9, 11, 1.0), Duration::from_secs(60));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PollInterval {
    initial: Duration,
    max: Duration,
}

impl PollInterval {
    /// Returns an interval of `initial` per request, up to `max`. A `max` below `initial` means
    /// `initial`.
    pub const fn new(initial: Duration, max: Duration) -> Self {
        Self { initial, max }
    }

    /// Returns the interval after a poll of one request, before jitter.
    pub const fn initial(&self) -> Duration {
        self.initial
    }

    /// Returns the longest interval.
    pub fn max(&self) -> Duration {
        self.max.max(self.initial)
    }

    /// Returns the interval after a poll of this many requests, when this many polls in a row found
    /// no change, for a random number from 0 to 1.
    pub fn wait(&self, unchanged: u32, requests: u32, random: f64) -> Duration {
        let factor = 2_u32.checked_pow(unchanged).unwrap_or(u32::MAX);
        let ceiling = self.initial.saturating_mul(factor.saturating_mul(requests.max(1)));
        let longest = ceiling.min(self.max());
        let share = 1.0 - JITTER * (1.0 - random.clamp(0.0, 1.0));
        // The longest duration, rounded to a float, is longer than any duration.
        Duration::try_from_secs_f64(longest.as_secs_f64() * share).unwrap_or(longest)
    }
}

/// 5 seconds per request, up to 2 minutes.
impl Default for PollInterval {
    fn default() -> Self {
        Self::new(INITIAL, MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::PollInterval;
    use std::time::Duration;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn the_interval_grows_up_to_its_maximum_and_has_jitter_below_it() {
        let interval = PollInterval::new(5 * SECOND, 60 * SECOND);
        assert_eq!(interval.wait(0, 1, 1.0), 5 * SECOND);
        assert_eq!(interval.wait(2, 1, 1.0), 20 * SECOND);
        assert_eq!(interval.wait(0, 3, 1.0), 15 * SECOND);
        assert_eq!(interval.wait(40, 1, 1.0), 60 * SECOND);
        let shortest = interval.wait(0, 1, 0.0);
        assert!(SECOND < shortest && shortest < 5 * SECOND, "{shortest:?}");
        let between = interval.wait(0, 1, 0.5);
        assert!(shortest < between && between < 5 * SECOND, "{between:?}");
    }

    #[test]
    fn a_maximum_is_at_least_the_initial_interval() {
        let interval = PollInterval::new(5 * SECOND, SECOND);
        assert_eq!((interval.max(), interval.wait(9, 9, 1.0)), (5 * SECOND, 5 * SECOND));
        assert_eq!(PollInterval::new(SECOND, 5 * SECOND).max(), 5 * SECOND);
    }
}
