//! Budget of retries that the clones of a client share.
//!
//! While a service is down, every call fails. If every call was retried, the service would get five
//! times its usual load. Each retry uses a part of the budget, and each success returns a smaller
//! one. So a few failures are always retried, and the retries of a long outage stop soon.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// Default capacity: a hundred retries.
const CAPACITY: u32 = 500;
const RETRY_COST: u32 = 5;
const SUCCESS_REFUND: u32 = 1;

/// Budget of the retries of a client. Clones share it.
///
/// A retry uses 5, and a success returns 1, up to the capacity. The default capacity is 500, which
/// is enough for a hundred retries without a success.
///
/// ```
/// # use ica_batch_sdk_ext::clock::ManualClock;
/// # use ica_batch_sdk_ext::{Client, Credentials, RetryStopReason, Uuid};
/// use ica_batch_sdk_ext::retry::RetryBudget;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let simulator = ica_simulator::Simulator::start();
/// # simulator.faults().add(ica_simulator::Fault::new(ica_simulator::FaultKind::refuse(503)).every());
/// let budget = RetryBudget::new(10); // two retries
/// # let client = Client::builder().base_url(simulator.base_url()).clock(ManualClock::new())
/// #     .credentials(Credentials::api_key_direct(simulator.api_key())?)
/// #     .retry_budget(budget.clone()).build()?;
/// # let batch = client.project(simulator.project_id())?.batch(Uuid::nil());
/// // A call of a client with this budget, to a server that is down:
/// let error = batch.get().await.unwrap_err();
/// assert_eq!(error.attempts(), 3);
/// assert_eq!(error.retry_stop_reason(), Some(RetryStopReason::BudgetExhausted));
/// assert_eq!(budget.available(), 0);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct RetryBudget(Arc<Shared>);

struct Shared {
    capacity: u32,
    available: AtomicU32,
}

impl RetryBudget {
    /// Returns a full budget of this capacity.
    ///
    /// ```
    /// use ica_batch_sdk_ext::retry::RetryBudget;
    /// use ica_batch_sdk_ext::{Client, Credentials};
    ///
    /// let budget = RetryBudget::new(100); // twenty retries
    /// let client = Client::builder()
    ///     .credentials(Credentials::api_key("my-api-key")?)
    ///     .retry_budget(budget.clone()) // several clients can share it
    ///     .build()?;
    /// assert_eq!(client.retry_budget().capacity(), 100);
    /// assert_eq!(budget.available(), 100);
    /// # Ok::<(), ica_batch_sdk_ext::Error>(())
    /// ```
    pub fn new(capacity: u32) -> Self {
        Self(Arc::new(Shared {
            capacity,
            available: AtomicU32::new(capacity),
        }))
    }

    /// Returns the capacity of the budget.
    pub fn capacity(&self) -> u32 {
        self.0.capacity
    }

    /// Returns the part of the capacity that is available now.
    ///
    /// ```
    /// use ica_batch_sdk_ext::{Client, Credentials};
    ///
    /// let client = Client::builder().credentials(Credentials::api_key("my-api-key")?).build()?;
    /// let budget = client.retry_budget();
    /// assert_eq!(budget.available(), budget.capacity()); // nothing was retried yet
    /// # Ok::<(), ica_batch_sdk_ext::Error>(())
    /// ```
    pub fn available(&self) -> u32 {
        self.0.available.load(Ordering::Relaxed)
    }

    /// Uses the cost of a retry. Returns false, and uses nothing, when less than that is available.
    pub(crate) fn take(&self) -> bool {
        let taken = self
            .0
            .available
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |available| {
                available.checked_sub(RETRY_COST)
            });
        taken.is_ok()
    }

    /// Returns the refund of a success to the budget.
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
    fn clones_share_a_budget_and_successes_refill_it() {
        let budget = RetryBudget::new(10);
        let clone = budget.clone();
        assert!(budget.take() && clone.take());
        assert!(!budget.take(), "the budget is empty");
        for _ in 0..4 {
            clone.refund();
        }
        assert!(!budget.take(), "four successes are less than a retry costs");
        clone.refund();
        assert!(budget.take());
    }

    #[test]
    fn a_budget_does_not_exceed_its_capacity() {
        let budget = RetryBudget::new(7);
        assert!(budget.take());
        for _ in 0..20 {
            budget.refund();
        }
        assert_eq!((budget.available(), budget.capacity()), (7, 7));
        assert_eq!(format!("{budget:?}"), "RetryBudget(7 of 7)");
    }
}
