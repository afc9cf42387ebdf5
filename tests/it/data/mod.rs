//! The data of a project: lists, reads by id, and ids of paths.

mod lists;
mod requests;
mod resolve;

use ica_batch_sdk_ext::DataHandle;
use ica_simulator::{SeedData, Simulator};

use crate::setup::project;

/// A project that links data to the simulator's own one.
const OTHER: &str = "5f3c9c1e-7a40-4f1b-9d52-0e6c8a1b2d3f";

fn data(simulator: &Simulator) -> DataHandle {
    project(simulator).data()
}

/// Adds data to the simulator's project, and returns the ids.
fn seed(simulator: &Simulator, data: impl IntoIterator<Item = SeedData>) -> Vec<String> {
    simulator.seed_data(simulator.project_id(), data)
}
