//! Rate of the last minute, and the time that is left.

use std::collections::VecDeque;
use std::time::Duration;

/// Time of which the rate is the average.
const WINDOW: Duration = Duration::from_secs(60);

/// Shortest time between two samples.
const SAMPLE: Duration = Duration::from_millis(250);

/// Rate of something that is counted.
#[derive(Debug, Default)]
pub(super) struct Rate {
    samples: VecDeque<(Duration, u64)>,
}

impl Rate {
    /// Adds the count at a time, which is counted from any moment.
    pub(super) fn add(&mut self, now: Duration, count: u64) {
        let last = self
            .samples
            .len()
            .checked_sub(2)
            .and_then(|index| self.samples.get(index));
        if last.is_some_and(|(time, _)| now.saturating_sub(*time) < SAMPLE) {
            // The newest sample moves until it is far enough from the one before.
            self.samples.pop_back();
        }
        self.samples.push_back((now, count));
        while { self.samples.get(1) }.is_some_and(|(time, _)| now.saturating_sub(*time) >= WINDOW) {
            self.samples.pop_front();
        }
    }

    /// Returns the count per second. None before there is an increase.
    pub(super) fn per_second(&self) -> Option<f64> {
        let ((from, first), (to, last)) = (self.samples.front()?, self.samples.back()?);
        let seconds = to.saturating_sub(*from).as_secs_f64();
        let more = last.checked_sub(*first).filter(|more| *more > 0)?;
        (seconds > 0.0).then(|| more as f64 / seconds)
    }

    /// Returns the time until so many more are counted, in whole seconds.
    pub(super) fn left(&self, remaining: u64) -> Option<Duration> {
        let seconds = remaining as f64 / self.per_second()?;
        Duration::try_from_secs_f64(seconds.ceil()).ok()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Rate;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn what_was_counted_before_the_start_has_no_part_in_the_rate() {
        let mut rate = Rate::default();
        rate.add(Duration::ZERO, 300);
        assert_eq!((rate.per_second(), rate.left(200)), (None, None));
        rate.add(2 * SECOND, 400);
        assert_eq!((rate.per_second(), rate.left(100)), (Some(50.0), Some(2 * SECOND)));
    }

    #[test]
    fn a_pause_longer_than_the_window_ends_the_rate() {
        let mut rate = Rate::default();
        rate.add(Duration::ZERO, 0);
        rate.add(SECOND, 100);
        rate.add(31 * SECOND, 100);
        assert_eq!(rate.per_second(), Some(100.0 / 31.0));
        rate.add(100 * SECOND, 100);
        assert_eq!(rate.per_second(), None);
    }

    #[test]
    fn many_counts_in_a_moment_are_one_sample() {
        let mut rate = Rate::default();
        for count in 0..10_000 {
            rate.add(Duration::from_micros(count * 100), count);
        }
        assert!(rate.samples.len() <= 6, "{}", rate.samples.len());
        assert!(rate.per_second().is_some_and(|rate| rate > 9000.0));
    }
}
