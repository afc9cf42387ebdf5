//! A fault together with the requests that it matches.

use super::kind::{FaultKind, RequestFacts};
use crate::api::operation::Operation;

/// A fault: its kind, the requests that it matches, and how often it is applied. By default it is
/// applied once, to the next request.
///
/// ```
/// use ica_simulator::{Family, Fault, FaultKind, Operation};
///
/// // Refuses the second and third request for page 2.
/// let listing = Operation::GetItems(Family::Analysis);
/// let fault = Fault::new(FaultKind::refuse(503)).on(listing).page(2).nth(2).times(2);
/// let simulator = ica_simulator::Simulator::start();
/// simulator.faults().add(fault);
/// assert_eq!(simulator.faults().pending(), 1);
/// ```
#[derive(Clone, Debug)]
pub struct Fault {
    pub(super) kind: FaultKind,
    operation: Option<Operation>,
    page: Option<u64>,
    key: Option<String>,
    nth: u64,
    left: Option<u64>,
    seen: u64,
}

impl Fault {
    /// Creates a fault that is applied to the next request.
    ///
    /// ```
    /// use ica_simulator::{Fault, FaultKind, Simulator};
    ///
    /// let simulator = Simulator::start();
    /// simulator.faults().add(Fault::new(FaultKind::refuse(503)).every());
    /// assert_eq!(simulator.faults().pending(), 1);
    /// ```
    pub fn new(kind: FaultKind) -> Self {
        Self {
            kind,
            operation: None,
            page: None,
            key: None,
            nth: 1,
            left: Some(1),
            seen: 0,
        }
    }

    /// Restricts the fault to this operation.
    pub fn on(mut self, operation: Operation) -> Self {
        self.operation = Some(operation);
        self
    }

    /// Restricts the fault to this page of a list, counted from 1.
    pub fn page(mut self, number: u64) -> Self {
        self.page = Some(number);
        self
    }

    /// Restricts the fault to requests with this idempotency key.
    pub fn key(mut self, key: impl Into<String>) -> Self {
        self.key = Some(key.into());
        self
    }

    /// Skips matching requests before the nth, counted from 1.
    pub fn nth(mut self, nth: u64) -> Self {
        self.nth = nth.max(1);
        self
    }

    /// Applies the fault to this many matching requests.
    pub fn times(mut self, times: u64) -> Self {
        self.left = Some(times);
        self
    }

    /// Applies the fault to every matching request.
    pub fn every(mut self) -> Self {
        self.left = None;
        self
    }

    /// Counts a request, and returns whether the fault is due.
    pub(super) fn sees(&mut self, facts: &RequestFacts) -> bool {
        let matches = self.operation.is_none_or(|operation| operation == facts.operation)
            && self
                .page
                .is_none_or(|page| page == facts.page && facts.operation.is_listing())
            && self.key.as_ref().is_none_or(|key| facts.key.as_ref() == Some(key))
            && self.kind.can_show(facts);
        self.seen += u64::from(matches);
        matches && self.seen >= self.nth && self.left != Some(0)
    }

    pub(super) fn use_up(&mut self) {
        self.left = self.left.map(|left| left.saturating_sub(1));
    }

    pub(super) fn is_used_up(&self) -> bool {
        self.left == Some(0)
    }
}

impl From<FaultKind> for Fault {
    fn from(kind: FaultKind) -> Self {
        Self::new(kind)
    }
}
