//! A clock that a client and a simulator share.

use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use ica_batch_sdk_ext::clock::{Clock, Sleep};
use ica_simulator::Simulator;

/// A clock whose sleeps pass at once, for the client and the simulator alike.
#[derive(Debug, Clone)]
pub(crate) struct SharedClock {
    simulator: ica_simulator::Clock,
    passed: Arc<Mutex<Vec<Duration>>>,
}

impl SharedClock {
    /// Holds the simulator's clock still, but for sleeps and [`advance`](Self::advance).
    pub(crate) fn of(simulator: &Simulator) -> Self {
        simulator.clock().freeze();
        Self {
            simulator: simulator.clock(),
            passed: Arc::default(),
        }
    }

    /// Lets time pass.
    pub(crate) fn advance(&self, by: Duration) {
        self.simulator.advance(by);
        self.passed.lock().unwrap().push(by);
    }

    pub(crate) fn sleeps(&self) -> Vec<Duration> {
        self.passed.lock().unwrap().clone()
    }
}

impl Clock for SharedClock {
    fn now(&self) -> SystemTime {
        self.simulator.now().into()
    }

    fn elapsed(&self) -> Duration {
        self.passed.lock().unwrap().iter().sum()
    }

    fn sleep(&self, duration: Duration) -> Sleep {
        let clock = self.clone();
        Box::pin(async move {
            clock.advance(duration);
            tokio::task::yield_now().await;
        })
    }
}
