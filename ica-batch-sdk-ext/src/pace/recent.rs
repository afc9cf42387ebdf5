//! Times at which the last requests were sent.

use std::collections::VecDeque;
use std::time::Duration;

/// Number of requests whose times are kept.
const KEPT: usize = 1024;

/// Second in which requests are counted.
const SECOND: Duration = Duration::from_secs(1);

/// Requests that were sent last, without those that were refused. Those in flight belong to them: a
/// server refuses at once, and serves others for a while.
#[derive(Debug, Clone, Default)]
pub(super) struct Recent {
    /// In their order.
    sent: VecDeque<Duration>,
}

impl Recent {
    /// Counts a request that is sent now.
    pub(super) fn send(&mut self, now: Duration) {
        if self.sent.len() == KEPT {
            self.sent.pop_front();
        }
        self.sent.push_back(now);
    }

    /// Forgets a request that was sent at this time, because it was refused.
    pub(super) fn refuse(&mut self, sent: Duration) {
        let last = self.sent.partition_point(|time| *time <= sent).checked_sub(1);
        if let Some(last) = last.filter(|last| self.sent.get(*last) == Some(&sent)) {
            self.sent.remove(last);
        }
    }

    /// Returns the number of requests from the second before this time until the end.
    pub(super) fn count(&self, time: Duration, end: Duration) -> f64 {
        let begin = time.checked_sub(SECOND);
        let begin = begin.map_or(0, |begin| self.sent.partition_point(|sent| *sent <= begin));
        let end = self.sent.partition_point(|sent| *sent <= end);
        end.saturating_sub(begin) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::{Duration, Recent};

    #[test]
    fn requests_of_the_second_before_a_refused_one_are_counted() {
        let mut recent = Recent::default();
        let millis = Duration::from_millis;
        for time in [100, 500, 900, 1000, 1000, 1200, 1400] {
            recent.send(millis(time));
        }
        let mut refused = |time| {
            recent.refuse(millis(time));
            recent.count(millis(time), millis(time))
        };
        // 500, 900 and both at 1000. Then the refused one is not there any more.
        assert_eq!(refused(1200), 4.0);
        assert_eq!(refused(1400), 4.0);
        assert_eq!(refused(1000), 4.0);
        assert_eq!(refused(100), 0.0);
        assert_eq!(refused(1100), 3.0);
        assert_eq!(recent.count(millis(1500), millis(900)), 1.0);
    }
}
