//! Seeded random faults.

use std::collections::HashMap;

use super::kind::{FaultKind, RequestFacts};
use crate::api::operation::Operation;
use crate::random::mix;

/// Kinds of random faults and their probabilities.
///
/// ```
/// use ica_simulator::{Family, FaultKind, FaultPlan, Operation};
///
/// let plan = FaultPlan::new()
///     .with(0.10, FaultKind::refuse(503))
///     .with(0.05, FaultKind::ExecuteThenReset)
///     .only([Operation::CreateBatch(Family::Analysis)])
///     .max_consecutive(3);
/// let simulator = ica_simulator::Simulator::start();
/// simulator.faults().seeded(42, plan);
/// assert_eq!(simulator.faults().applied(), 0); // no request has arrived
/// ```
#[derive(Clone, Debug)]
pub struct FaultPlan {
    kinds: Vec<(f64, FaultKind)>,
    only: Option<Vec<Operation>>,
    max_consecutive: u32,
}

impl Default for FaultPlan {
    fn default() -> Self {
        Self::new()
    }
}

impl FaultPlan {
    /// Creates a plan without faults. An operation meets at most three faults in a row.
    ///
    /// ```
    /// use ica_simulator::{FaultPlan, Simulator};
    ///
    /// let simulator = Simulator::start();
    /// simulator.faults().seeded(1, FaultPlan::new());
    /// assert_eq!(simulator.faults().applied(), 0);
    /// ```
    pub fn new() -> Self {
        Self {
            kinds: Vec::new(),
            only: None,
            max_consecutive: 3,
        }
    }

    /// Creates a plan of faults from which a client recovers by retries. A create needs an
    /// idempotency key for that.
    ///
    /// `rate` (0 to 1) is the probability of any fault. All kinds are equally likely.
    ///
    /// ```
    /// use ica_simulator::{FaultPlan, Simulator};
    ///
    /// let simulator = Simulator::start();
    /// simulator.faults().seeded(7, FaultPlan::survivable(0.2));
    /// assert_eq!(simulator.faults().pending(), 0); // counts scripted faults only
    /// ```
    pub fn survivable(rate: f64) -> Self {
        let kinds = [
            FaultKind::refuse(503),
            FaultKind::refuse_for(429, 1),
            FaultKind::refuse(500),
            FaultKind::HtmlBadGateway,
            FaultKind::CodeMessageError(503),
            FaultKind::ExecuteThenStatus(500),
            FaultKind::ExecuteThenReset,
            FaultKind::ResetBeforeExecuting,
            FaultKind::TruncateBody,
        ];
        let each = rate / kinds.len() as f64;
        kinds.into_iter().fold(Self::new(), |plan, kind| plan.with(each, kind))
    }

    /// Adds a kind with its probability (0 to 1).
    pub fn with(mut self, probability: f64, kind: FaultKind) -> Self {
        self.kinds.push((probability, kind));
        self
    }

    /// Restricts the faults to these operations.
    pub fn only(mut self, operations: impl IntoIterator<Item = Operation>) -> Self {
        self.only = Some(operations.into_iter().collect());
        self
    }

    /// Sets how many faults an operation may meet in a row. The next request meets none.
    pub fn max_consecutive(mut self, number: u32) -> Self {
        self.max_consecutive = number;
        self
    }
}

/// A plan with its state. Apart from the limit in a row, the seed and the sequence number of a
/// request decide whether it meets a fault.
#[derive(Debug)]
pub(super) struct Seeded {
    seed: u64,
    plan: FaultPlan,
    in_a_row: HashMap<Operation, u32>,
}

impl Seeded {
    pub(super) fn new(seed: u64, plan: FaultPlan) -> Self {
        Self {
            seed,
            plan,
            in_a_row: HashMap::new(),
        }
    }

    pub(super) fn draw(&mut self, facts: &RequestFacts) -> Option<FaultKind> {
        if self
            .plan
            .only
            .as_ref()
            .is_some_and(|only| !only.contains(&facts.operation))
        {
            return None;
        }
        let in_a_row = self.in_a_row.entry(facts.operation).or_default();
        let drawn = (*in_a_row < self.plan.max_consecutive)
            .then(|| drawn(&self.plan, self.seed, facts))
            .flatten();
        *in_a_row = if drawn.is_some() { *in_a_row + 1 } else { 0 };
        drawn
    }
}

fn drawn(plan: &FaultPlan, seed: u64, facts: &RequestFacts) -> Option<FaultKind> {
    let mut number = fastrand::Rng::with_seed(mix(seed ^ mix(facts.sequence))).f64();
    for (probability, kind) in &plan.kinds {
        if number < *probability {
            return kind.can_show(facts).then(|| kind.clone());
        }
        number -= probability;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::family::Family;

    fn facts(sequence: u64) -> RequestFacts {
        RequestFacts {
            sequence,
            operation: Operation::GetBatch(Family::Analysis),
            page: 1,
            key: None,
            has_page_token: false,
            has_page_offset: false,
            accepts_gzip: false,
        }
    }

    #[test]
    fn a_seed_gives_the_same_faults_and_roughly_the_rate() {
        let run = |seed| {
            let mut seeded = Seeded::new(seed, FaultPlan::survivable(0.3).max_consecutive(u32::MAX));
            (0..2000)
                .map(|sequence| seeded.draw(&facts(sequence)))
                .collect::<Vec<_>>()
        };
        assert_eq!(run(1), run(1));
        assert_ne!(run(1), run(2));
        let faults = run(1).into_iter().flatten().count();
        assert!((500..700).contains(&faults), "{faults}");
    }

    #[test]
    fn no_more_than_the_limit_come_in_a_row() {
        let mut seeded = Seeded::new(1, FaultPlan::new().with(1.0, FaultKind::refuse(503)).max_consecutive(2));
        let drawn: Vec<_> = (0..6).map(|sequence| seeded.draw(&facts(sequence)).is_some()).collect();
        assert_eq!(drawn, [true, true, false, true, true, false]);
    }
}
