//! A simulator and a client whose clock advances only on sleeps.

use std::time::Duration;

use ica_batch_sdk_ext::clock::ManualClock;
use ica_batch_sdk_ext::{AnalysisCreation, Batch, ClientBuilder, Uuid};
use ica_simulator::{Family, Operation, RecordedRequest, SeedOptions, Simulator, SimulatorBuilder};

use crate::setup::{builder, linked_clock};

/// A simulator with a batch, and the clock that its client shares.
pub(super) struct Bench {
    pub(super) simulator: Simulator,
    pub(super) clock: ManualClock,
    pub(super) id: Uuid,
}

impl Bench {
    /// Starts a simulator with a batch of this many analyses, created this long ago.
    pub(super) fn new(builder: SimulatorBuilder, analyses: usize, age: Duration) -> Self {
        let simulator = builder.start().unwrap();
        let clock = linked_clock(&simulator);
        let id = simulator.seed_batch(simulator.project_id(), analyses, SeedOptions::default().age(age));
        Self { simulator, clock, id }
    }

    pub(super) fn builder(&self) -> ClientBuilder {
        builder(&self.simulator).clock(self.clock.clone()).jitter_seed(7)
    }

    pub(super) fn batch_of(&self, client: ClientBuilder) -> Batch<AnalysisCreation> {
        let project = client.build().unwrap().project(self.simulator.project_id()).unwrap();
        project.batch(self.id)
    }

    pub(super) fn batch(&self) -> Batch<AnalysisCreation> {
        self.batch_of(self.builder())
    }

    pub(super) fn listings(&self) -> Vec<RecordedRequest> {
        let mut requests = self.simulator.requests();
        requests.retain(|request| request.operation == Some(Operation::GetItems(Family::Analysis)));
        requests
    }
}
