//! What the tests of waiting stand on: a simulator and a client whose time only sleeps move.

use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use ica_batch_sdk_ext::clock::{Clock, Sleep};
use ica_batch_sdk_ext::{Batch, ClientBuilder, Uuid};
use ica_simulator::{Operation, RecordedRequest, SeedOptions, Simulator, SimulatorBuilder};

use crate::setup::builder;

/// A clock whose sleeps pass at once, for the client and the simulator alike.
#[derive(Debug, Clone)]
pub(super) struct SharedClock {
    simulator: ica_simulator::Clock,
    passed: Arc<Mutex<Vec<Duration>>>,
}

impl SharedClock {
    pub(super) fn sleeps(&self) -> Vec<Duration> {
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
            clock.simulator.advance(duration);
            clock.passed.lock().unwrap().push(duration);
            tokio::task::yield_now().await;
        })
    }
}

/// A simulator with a batch, whose time only sleeps move.
pub(super) struct Bench {
    pub(super) simulator: Simulator,
    pub(super) clock: SharedClock,
    pub(super) id: Uuid,
}

impl Bench {
    /// A batch of so many analyses, of this age.
    pub(super) fn new(builder: SimulatorBuilder, analyses: usize, age: Duration) -> Self {
        let simulator = builder.start().unwrap();
        simulator.clock().freeze();
        let id = simulator.seed_batch(simulator.project_id(), analyses, SeedOptions::default().age(age));
        let clock = SharedClock {
            simulator: simulator.clock(),
            passed: Arc::default(),
        };
        Self { simulator, clock, id }
    }

    pub(super) fn builder(&self) -> ClientBuilder {
        builder(&self.simulator).clock(self.clock.clone()).jitter_seed(7)
    }

    pub(super) fn batch_of(&self, client: ClientBuilder) -> Batch {
        let project = client.build().unwrap().project(self.simulator.project_id()).unwrap();
        project.batch(self.id)
    }

    pub(super) fn batch(&self) -> Batch {
        self.batch_of(self.builder())
    }

    pub(super) fn listings(&self) -> Vec<RecordedRequest> {
        let mut requests = self.simulator.requests();
        requests.retain(|request| request.operation == Some(Operation::GetItems));
        requests
    }
}
