//! Batches that create samples. Other tests cover the behaviour that all families share.

mod creation;
mod keys;
mod lists;

use ica_simulator::Family;
use serde_json::Value;

use crate::support::{Api, Reply};

impl Api {
    async fn create_samples(&self, key: Option<&str>, body: &Value) -> Reply {
        self.create_in(Family::Sample, key, body).await
    }

    fn samples_path(&self) -> String {
        self.batches_path_of(Family::Sample)
    }
}
