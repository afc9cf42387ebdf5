//! Time limit of a whole list.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use super::limits;
use crate::clock::Clock;
use crate::error::Error;

/// Time limit of a list, from its first page on.
#[derive(Debug)]
pub(crate) struct ListDeadline {
    clock: Arc<dyn Clock>,
    limit: Duration,
    started: OnceLock<Duration>,
}

impl ListDeadline {
    pub(crate) fn new(clock: Arc<dyn Clock>, limit: Duration) -> Self {
        Self {
            clock,
            limit,
            started: OnceLock::new(),
        }
    }

    /// Returns the time left. The first call starts the list.
    pub(crate) fn remaining(&self) -> Duration {
        let now = self.clock.elapsed();
        let started = *self.started.get_or_init(|| now);
        self.limit.saturating_sub(now.saturating_sub(started))
    }

    /// Returns whether the deadline has passed.
    pub(crate) fn has_passed(&self) -> bool {
        self.remaining().is_zero()
    }

    /// Returns the error of a list whose deadline has passed.
    pub(crate) fn error(&self) -> Error {
        limits::deadline_passed(self.limit)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use super::ListDeadline;
    use crate::clock::ManualClock;

    #[test]
    fn the_time_runs_from_the_first_call_on() {
        let second = Duration::from_secs(1);
        let clock = ManualClock::new();
        let deadline = ListDeadline::new(Arc::new(clock.clone()), 3 * second);
        clock.advance(10 * second);
        assert_eq!(deadline.remaining(), 3 * second);
        clock.advance(2 * second);
        assert!(!deadline.has_passed());
        assert_eq!(deadline.remaining(), second);
        clock.advance(second);
        assert!(deadline.has_passed());
    }
}
