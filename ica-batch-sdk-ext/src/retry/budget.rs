//! A budget of retries that clones of a client share.
//!
//! When a service is down, every call fails and every call would be made again, five times the load at the worst
//! moment. Each retry takes from the budget and each success gives a little back, so a few failures are always
//! retried, and an outage soon is not.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

const CAPACITY: u32 = 500;
const RETRY_COST: u32 = 5;
const SUCCESS_REFUND: u32 = 1;

/// The retries that are left to a client. Clones share it.
///
/// A retry costs 5 and a success gives 1 back, up to the capacity.
#[derive(Clone)]
pub struct RetryBudget(Arc<Shared>);

struct Shared {
    capacity: u32,
    available: AtomicU32,
}

impl RetryBudget {
    /// A full budget. 500 by default: a hundred retries beyond what successes pay for.
    pub fn new(capacity: u32) -> Self {
        Self(Arc::new(Shared {
            capacity,
            available: AtomicU32::new(capacity),
        }))
    }

    /// The most that it can hold.
    pub fn capacity(&self) -> u32 {
        self.0.capacity
    }

    /// What it holds now.
    pub fn available(&self) -> u32 {
        self.0.available.load(Ordering::Relaxed)
    }

    /// Takes the cost of a retry; false when there is not enough.
    pub(crate) fn take(&self) -> bool {
        let taken = self
            .0
            .available
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |available| {
                available.checked_sub(RETRY_COST)
            });
        taken.is_ok()
    }

    /// Gives back for a success.
    pub(crate) fn refund(&self) {
        if self.available() == self.capacity() {
            return;
        }
        let _ = self
            .0
            .available
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |available| {
                Some(available.saturating_add(SUCCESS_REFUND).min(self.0.capacity))
            });
    }
}

impl Default for RetryBudget {
    fn default() -> Self {
        Self::new(CAPACITY)
    }
}

impl fmt::Debug for RetryBudget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RetryBudget({} of {})", self.available(), self.capacity())
    }
}

#[cfg(test)]
mod tests {
    use super::RetryBudget;

    #[test]
    fn clones_share_it_and_successes_fill_it_again() {
        let budget = RetryBudget::new(10);
        let clone = budget.clone();
        assert!(budget.take() && clone.take());
        assert!(!budget.take(), "it is used up");
        for _ in 0..4 {
            clone.refund();
        }
        assert!(!budget.take(), "four successes do not pay for a retry");
        clone.refund();
        assert!(budget.take());
    }

    #[test]
    fn it_never_holds_more_than_its_capacity() {
        let budget = RetryBudget::new(7);
        assert!(budget.take());
        for _ in 0..20 {
            budget.refund();
        }
        assert_eq!((budget.available(), budget.capacity()), (7, 7));
    }
}
