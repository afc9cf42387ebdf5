//! Wait before a retry.
//!
//! Exponential backoff with full jitter: a random share of a maximum that doubles with each retry.
//! Clients that failed at the same time then retry at different times, which spares an overloaded
//! server more than a fixed schedule does.

use std::time::Duration;

/// Exponential backoff with full jitter.
///
/// The default is at most half a second for the first wait, and at most 30 seconds for any.
///
/// ```
/// use std::time::Duration;
///
/// use ica_batch_sdk_ext::retry::Backoff;
///
/// let default = Backoff::new(Duration::from_millis(500), Duration::from_secs(30));
/// assert_eq!(Backoff::default(), default);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backoff {
    initial: Duration,
    max: Duration,
}

impl Backoff {
    /// Returns a backoff whose first wait is at most `initial`. The maximum doubles with each
    /// further wait, up to `max`.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use ica_batch_sdk_ext::retry::{Backoff, RetryPolicy};
    ///
    /// let backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(60));
    /// assert_eq!(backoff.wait(1, 1.0), Duration::from_secs(2));
    /// let policy = RetryPolicy::default().backoff(backoff);
    /// ```
    pub const fn new(initial: Duration, max: Duration) -> Self {
        Self { initial, max }
    }

    /// Returns the wait before retry number `retry`, counted from 0, for a random number from 0 to
    /// 1.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use ica_batch_sdk_ext::retry::Backoff;
    ///
    /// let backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(5));
    /// assert_eq!(backoff.wait(0, 0.5), Duration::from_millis(500));
    /// assert_eq!(backoff.wait(2, 1.0), Duration::from_secs(4));
    /// assert_eq!(backoff.wait(60, 1.0), Duration::from_secs(5));
    /// ```
    pub fn wait(&self, retry: u32, random: f64) -> Duration {
        let factor = 2_u32.checked_pow(retry).unwrap_or(u32::MAX);
        let longest = self.initial.saturating_mul(factor).min(self.max);
        let wait = longest.as_secs_f64() * random.clamp(0.0, 1.0);
        Duration::try_from_secs_f64(wait).unwrap_or(longest)
    }
}

impl Default for Backoff {
    fn default() -> Self {
        Self::new(Duration::from_millis(500), Duration::from_secs(30))
    }
}
