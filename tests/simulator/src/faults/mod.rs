//! Faults: scripted ones, seeded random ones, and conditions of the whole server.

mod conditions;
mod fault;
mod kind;
mod seeded;

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use parking_lot::Mutex;

use self::conditions::Conditions;
pub(crate) use self::conditions::Stop;
pub use self::conditions::{Outage, OutageKind, RateLimit};
pub use self::fault::Fault;
pub(crate) use self::kind::RequestFacts;
pub use self::kind::{FaultKind, RetryAfter, StallFor};
pub use self::seeded::FaultPlan;
use self::seeded::Seeded;
use crate::clock::Clock;

/// The faults of a simulator. Clones share them.
///
/// The first scripted fault that is due is applied, in the order in which the faults were added.
/// Every fault counts the requests that match it, also if another fault is applied. A request that
/// meets no scripted fault may meet a seeded one. A request that an outage or a rate limit stops
/// meets no fault, and no fault counts it.
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
#[derive(Clone, Debug)]
pub struct Faults {
    schedule: Arc<Mutex<Schedule>>,
    conditions: Arc<Mutex<Conditions>>,
    clock: Clock,
}

#[derive(Debug, Default)]
struct Schedule {
    scripted: Vec<Fault>,
    seeded: Option<Seeded>,
    applied: usize,
}

impl Faults {
    pub(crate) fn new(clock: Clock) -> Self {
        Self {
            schedule: Arc::default(),
            conditions: Arc::default(),
            clock,
        }
    }

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

    /// Limits the requests per second of simulated time. It replaces an earlier limit; None removes
    /// it.
    ///
    /// ```
    /// use ica_simulator::{RateLimit, Simulator};
    ///
    /// let simulator = Simulator::start();
    /// simulator.faults().rate_limit(RateLimit::per_second(10.0)).rate_limit(None);
    /// ```
    pub fn rate_limit(&self, limit: impl Into<Option<RateLimit>>) -> &Self {
        self.conditions.lock().limit(limit.into());
        self
    }

    /// Adds a time without service.
    pub fn outage(&self, outage: Outage) -> &Self {
        self.conditions.lock().add(outage);
        self.clock.notify();
        self
    }

    /// Sets by how much the header `Date` of all responses differs from the simulated time. A
    /// negative amount is in the past. While the simulated clock runs at another speed than real time,
    /// the header is compared with the time of this machine instead.
    ///
    /// ```
    /// let simulator = ica_simulator::Simulator::start();
    /// simulator.faults().date_skew(chrono::TimeDelta::minutes(-10));
    /// ```
    pub fn date_skew(&self, skew: TimeDelta) -> &Self {
        self.conditions.lock().date_skew = skew;
        self
    }

    /// Removes all faults, outages, the rate limit and the skew.
    pub fn clear(&self) {
        let mut schedule = self.schedule.lock();
        schedule.scripted.clear();
        schedule.seeded = None;
        drop(schedule);
        *self.conditions.lock() = Conditions::default();
        self.clock.notify();
    }

    /// Returns the number of scripted faults that are not used up.
    pub fn pending(&self) -> usize {
        self.schedule.lock().scripted.len()
    }

    /// Returns the number of faults that were applied.
    pub fn applied(&self) -> usize {
        self.schedule.lock().applied
    }

    /// Returns the name of the condition that stops a request now, and what the client sees.
    pub(crate) fn stop(&self) -> Option<(&'static str, Stop)> {
        self.conditions.lock().stop(self.clock.now())
    }

    /// Returns whether the port is to be closed now.
    pub(crate) fn refuse_connections(&self) -> bool {
        self.clock.is_frozen() && self.conditions.lock().refuse_connections(self.clock.now())
    }

    /// Returns the time for the header `Date`. While the clock runs at another speed than the machine's,
    /// it is the time of the machine: clients compare it with theirs.
    pub(crate) fn date(&self) -> DateTime<Utc> {
        let now = match self.clock.runs_fast_or_slowly() {
            true => Utc::now(),
            false => self.clock.now(),
        };
        now.checked_add_signed(self.conditions.lock().date_skew).unwrap_or(now)
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
