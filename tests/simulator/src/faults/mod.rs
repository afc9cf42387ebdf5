//! Faults: scripted ones, and seeded random ones.

mod fault;
mod kind;
mod seeded;

use std::sync::Arc;

use parking_lot::Mutex;

pub use self::fault::Fault;
pub(crate) use self::kind::RequestFacts;
pub use self::kind::{FaultKind, RetryAfter, StallFor};
pub use self::seeded::FaultPlan;
use self::seeded::Seeded;

/// The faults of a simulator. Clones share them.
///
/// The first scripted fault that is due is applied, in the order in which the faults were added.
/// Every fault counts the requests that match it, also if another fault is applied. A request that
/// meets no scripted fault may meet a seeded one.
///
/// ```
/// use ica_simulator::{FaultKind, FaultPlan, Simulator};
///
/// let simulator = Simulator::start();
/// let faults = simulator.faults();
/// faults.add(FaultKind::refuse(503)).seeded(42, FaultPlan::survivable(0.1));
/// assert_eq!(faults.pending(), 1);
/// faults.clear();
/// assert_eq!(faults.pending(), 0);
/// ```
#[derive(Clone, Debug, Default)]
pub struct Faults {
    schedule: Arc<Mutex<Schedule>>,
}

#[derive(Debug, Default)]
struct Schedule {
    scripted: Vec<Fault>,
    seeded: Option<Seeded>,
    applied: usize,
}

impl Faults {
    /// Adds a fault. A [`FaultKind`] alone is applied to the next request.
    pub fn add(&self, fault: impl Into<Fault>) -> &Self {
        self.schedule.lock().scripted.push(fault.into());
        self
    }

    /// Draws random faults from a plan. The same seed and the same sequence of requests give the
    /// same faults.
    pub fn seeded(&self, seed: u64, plan: FaultPlan) -> &Self {
        self.schedule.lock().seeded = Some(Seeded::new(seed, plan));
        self
    }

    /// Removes all faults.
    pub fn clear(&self) {
        let mut schedule = self.schedule.lock();
        schedule.scripted.clear();
        schedule.seeded = None;
    }

    /// Returns the number of scripted faults that are not used up.
    pub fn pending(&self) -> usize {
        self.schedule.lock().scripted.len()
    }

    /// Returns the number of faults that were applied.
    pub fn applied(&self) -> usize {
        self.schedule.lock().applied
    }

    /// Returns the fault that a request meets, if any.
    pub(crate) fn pick(&self, facts: &RequestFacts) -> Option<FaultKind> {
        let schedule = &mut *self.schedule.lock();
        let mut due = None;
        for (index, fault) in schedule.scripted.iter_mut().enumerate() {
            if fault.sees(facts) && due.is_none() {
                due = Some(index);
            }
        }
        let picked = match due {
            Some(index) => {
                schedule.scripted[index].use_up();
                let kind = schedule.scripted[index].kind.clone();
                schedule.scripted.retain(|fault| !fault.is_used_up());
                Some(kind)
            }
            None => schedule.seeded.as_mut().and_then(|seeded| seeded.draw(facts)),
        };
        schedule.applied += usize::from(picked.is_some());
        picked
    }
}
