//! How long to wait before another attempt.
//!
//! Exponential with full jitter: a random share of a ceiling that doubles. Clients that failed together come back
//! spread out, which spares a struggling server more than any fixed schedule does.

use std::time::Duration;

/// Exponential backoff with full jitter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backoff {
    initial: Duration,
    max: Duration,
}

impl Backoff {
    /// The first wait is at most `initial`; the ceiling doubles with each further one and ends at `max`.
    pub const fn new(initial: Duration, max: Duration) -> Self {
        Self { initial, max }
    }

    /// The wait before retry `retry`, counted from 0, for a random number from 0 to 1.
    ///
    /// ```
    /// use std::time::Duration;
    /// use ica_batch_sdk_ext::retry::Backoff;
    ///
    /// let backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(5));
    /// assert_eq!(backoff.wait(0, 0.5), Duration::from_millis(500));
    /// assert_eq!(backoff.wait(2, 1.0), Duration::from_secs(4));
    /// assert_eq!(backoff.wait(60, 1.0), Duration::from_secs(5));
    /// ```
    pub fn wait(&self, retry: u32, random: f64) -> Duration {
        let factor = 2_u32.checked_pow(retry).unwrap_or(u32::MAX);
        let ceiling = self.initial.saturating_mul(factor).min(self.max);
        let share = ceiling.as_secs_f64() * random.clamp(0.0, 1.0);
        Duration::try_from_secs_f64(share).unwrap_or(ceiling)
    }
}

/// Up to half a second at first, up to 30 seconds at most.
impl Default for Backoff {
    fn default() -> Self {
        Self::new(Duration::from_millis(500), Duration::from_secs(30))
    }
}
