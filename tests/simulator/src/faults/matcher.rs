//! Which requests a fault is for.

use super::kind::{Facts, FaultKind};
use crate::api::operation::Operation;

/// A fault: what goes wrong, for which requests and how often. Once, for the next request of any operation, unless said otherwise.
///
/// ```
/// use ica_simulator::{Family, Fault, FaultKind, Operation};
///
/// // The second and third listing of page 2 are refused.
/// let listing = Operation::GetItems(Family::Analysis);
/// let fault = Fault::new(FaultKind::refuse(503)).on(listing).page(2).nth(2).times(2);
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
    /// A fault of this kind on the next request.
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

    /// Only on requests of this operation.
    pub fn on(mut self, operation: Operation) -> Self {
        self.operation = Some(operation);
        self
    }

    /// Only on this page of a listing, counted from 1.
    pub fn page(mut self, number: u64) -> Self {
        self.page = Some(number);
        self
    }

    /// Only on requests with this idempotency key.
    pub fn key(mut self, key: impl Into<String>) -> Self {
        self.key = Some(key.into());
        self
    }

    /// Not before the nth matching request from now, counted from 1.
    pub fn nth(mut self, nth: u64) -> Self {
        self.nth = nth.max(1);
        self
    }

    /// On so many matching requests.
    pub fn times(mut self, times: u64) -> Self {
        self.left = Some(times);
        self
    }

    /// On every matching request.
    pub fn every(mut self) -> Self {
        self.left = None;
        self
    }

    /// Counts a request, and says whether the fault is due on it.
    pub(super) fn sees(&mut self, facts: &Facts) -> bool {
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
