//! Creates that a test holds in progress.

use std::sync::Arc;

use parking_lot::{Condvar, Mutex};
use tokio::sync::watch;

/// Number of guards, and number of creates that wait for them.
#[derive(Debug)]
pub(crate) struct Holds {
    guards: watch::Sender<usize>,
    waiting: watch::Sender<usize>,
    lock: Mutex<()>,
    arrived: Condvar,
}

impl Holds {
    pub(crate) fn new() -> Self {
        Self {
            guards: watch::Sender::new(0),
            waiting: watch::Sender::new(0),
            lock: Mutex::new(()),
            arrived: Condvar::new(),
        }
    }

    /// Waits while a guard exists.
    pub(crate) async fn pass(&self) {
        let mut guards = self.guards.subscribe();
        if *guards.borrow_and_update() == 0 {
            return;
        }
        self.count_waiting(1);
        let released = guards.wait_for(|guards| *guards == 0).await.map(|_| ());
        released.expect("the sender lives as long as the simulator");
        self.count_waiting(-1);
    }

    fn count_waiting(&self, by: isize) {
        let _lock = self.lock.lock();
        self.waiting
            .send_modify(|waiting| *waiting = waiting.saturating_add_signed(by));
        self.arrived.notify_all();
    }
}

/// A guard that holds all creates in progress until it is dropped.
/// [`Simulator::hold_creates`](crate::Simulator::hold_creates) creates it.
///
/// ```
/// let simulator = ica_simulator::Simulator::start();
/// let held = simulator.hold_creates();
/// assert_eq!(held.waiting(), 0); // no request has arrived
/// held.release();
/// ```
#[derive(Debug)]
#[must_use = "creates are held until the guard is dropped"]
pub struct HeldCreates {
    holds: Arc<Holds>,
}

impl HeldCreates {
    pub(crate) fn new(holds: Arc<Holds>) -> Self {
        holds.guards.send_modify(|guards| *guards += 1);
        Self { holds }
    }

    /// Returns the number of creates that are held now.
    pub fn waiting(&self) -> usize {
        *self.holds.waiting.borrow()
    }

    /// Waits until at least `number` creates are held.
    pub async fn reached(&self, number: usize) {
        let mut waiting = self.holds.waiting.subscribe();
        let reached = waiting.wait_for(|waiting| *waiting >= number).await.map(|_| ());
        reached.expect("the sender lives as long as the guard");
    }

    /// Blocks the thread until at least `number` creates are held. Async code uses
    /// [`reached`](Self::reached).
    pub fn reached_blocking(&self, number: usize) {
        let mut lock = self.holds.lock.lock();
        while self.waiting() < number {
            self.holds.arrived.wait(&mut lock);
        }
    }

    /// Drops the guard. The held creates go on if no other guard exists.
    pub fn release(self) {}
}

impl Drop for HeldCreates {
    fn drop(&mut self) {
        self.holds.guards.send_modify(|guards| *guards -= 1);
    }
}
