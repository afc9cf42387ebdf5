//! How long to wait before the next look.
//!
//! Exponential while nothing changes, from the start again when something does, never sooner than the last look was
//! costly, and with jitter, so that watchers that were started together do not ask together.

use std::time::Duration;

const INITIAL: Duration = Duration::from_secs(5);
const MAX: Duration = Duration::from_secs(120);

/// What part of a wait is left to chance.
const JITTER: f64 = 0.25;

/// How long a [`Wait`](super::Wait) waits from one look at a batch to the next.
///
/// After a look that found a change: `initial` for each request that the look took, so that a look that costs more is repeated
/// less often. While nothing changes that doubles with each look. It ends at `max`, and up to a quarter of it is left out at
/// random.
///
/// A change is what brings the batch nearer to its end: the job moves on, an item appears, is created or not, or its run ends. A
/// run that goes from one phase to the next is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PollInterval {
    initial: Duration,
    max: Duration,
}

impl PollInterval {
    /// From `initial` for each request up to `max` in all. A `max` below `initial` is taken as `initial`.
    pub const fn new(initial: Duration, max: Duration) -> Self {
        Self { initial, max }
    }

    /// The shortest ceiling of a wait.
    pub const fn initial(&self) -> Duration {
        self.initial
    }

    /// The longest wait.
    pub fn max(&self) -> Duration {
        self.max.max(self.initial)
    }

    /// The wait after a look that took this many requests, with so many looks before it in a row that found no change, for a
    /// random number from 0 to 1.
    ///
    /// ```
    /// use std::time::Duration;
    /// use ica_batch_sdk_ext::PollInterval;
    ///
    /// let interval = PollInterval::new(Duration::from_secs(4), Duration::from_secs(60));
    /// assert_eq!(interval.wait(0, 1, 1.0), Duration::from_secs(4));
    /// assert_eq!(interval.wait(0, 1, 0.0), Duration::from_secs(3), "up to a quarter is left out");
    /// assert_eq!(interval.wait(2, 1, 1.0), Duration::from_secs(16), "nothing changed for two looks");
    /// assert_eq!(interval.wait(0, 11, 1.0), Duration::from_secs(44), "the look took eleven requests");
    /// assert_eq!(interval.wait(9, 11, 1.0), Duration::from_secs(60));
    /// ```
    pub fn wait(&self, quiet: u32, requests: u32, random: f64) -> Duration {
        let factor = 2_u32.checked_pow(quiet).unwrap_or(u32::MAX);
        let ceiling = self.initial.saturating_mul(factor.saturating_mul(requests.max(1)));
        ceiling
            .min(self.max())
            .mul_f64(1.0 - JITTER * (1.0 - random.clamp(0.0, 1.0)))
    }
}

/// 5 seconds for each request, up to two minutes.
impl Default for PollInterval {
    fn default() -> Self {
        Self::new(INITIAL, MAX)
    }
}
