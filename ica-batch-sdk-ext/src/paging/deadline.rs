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
