//! Creates that are held in flight, so that a test can see what happens meanwhile.

use std::sync::Arc;

use parking_lot::{Condvar, Mutex};
use tokio::sync::watch;

/// How many guards there are and how many creates wait for them.
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

    /// Waits as long as there is a guard.
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

/// Holds every create that arrives as "running" until it is dropped; see
/// [`Simulator::hold_creates`](crate::Simulator::hold_creates).
#[derive(Debug)]
#[must_use = "creates are held only as long as the guard lives"]
pub struct HeldCreates {
    holds: Arc<Holds>,
}

impl HeldCreates {
    pub(crate) fn new(holds: Arc<Holds>) -> Self {
        holds.guards.send_modify(|guards| *guards += 1);
        Self { holds }
    }

    /// How many creates are held now.
    pub fn waiting(&self) -> usize {
        *self.holds.waiting.borrow()
    }

    /// Waits until at least `number` creates are held.
    pub async fn reached(&self, number: usize) {
        let mut waiting = self.holds.waiting.subscribe();
        let reached = waiting.wait_for(|waiting| *waiting >= number).await.map(|_| ());
        reached.expect("the sender lives as long as the guard");
    }

    /// Blocks the thread until at least `number` creates are held. Not for async code: see [`reached`](Self::reached).
    pub fn reached_blocking(&self, number: usize) {
        let mut lock = self.holds.lock.lock();
        while self.waiting() < number {
            self.holds.arrived.wait(&mut lock);
        }
    }

    /// Lets the held creates finish, as dropping the guard does.
    pub fn release(self) {}
}

impl Drop for HeldCreates {
    fn drop(&mut self) {
        self.holds.guards.send_modify(|guards| *guards -= 1);
    }
}
