//! Faults: scripted ones, one by one, and seeded random ones.

mod kind;
mod matcher;
mod plan;

use std::sync::Arc;

use parking_lot::Mutex;

pub(crate) use self::kind::Facts;
pub use self::kind::{FaultKind, RetryAfter, StallFor};
pub use self::matcher::Fault;
pub use self::plan::FaultPlan;
use self::plan::Seeded;

/// The faults of a simulator; clones share them.
///
/// Scripted faults are asked in the order they were added, and the first that is due is applied; every fault counts the requests that match
/// it, applied or not. A request that meets no scripted fault may meet a seeded one.
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
    /// Adds a fault; a bare [`FaultKind`] is one on the next request.
    pub fn add(&self, fault: impl Into<Fault>) -> &Self {
        self.schedule.lock().scripted.push(fault.into());
        self
    }

    /// From now on draws random faults from a plan, the same for the same seed and the same sequence of requests.
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

    /// How many scripted faults are still to come; one for every request counts as one.
    pub fn pending(&self) -> usize {
        self.schedule.lock().scripted.len()
    }

    /// How many faults have been applied so far.
    pub fn applied(&self) -> usize {
        self.schedule.lock().applied
    }

    /// The fault for a request, if it meets one.
    pub(crate) fn pick(&self, facts: &Facts) -> Option<FaultKind> {
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
