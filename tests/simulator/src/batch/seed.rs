//! Batches that are made without a request.

use std::time::Duration;

use crate::api::family::Family;

/// How [`Simulator::seed_batch`](crate::Simulator::seed_batch) makes a batch.
#[derive(Clone, Debug)]
pub struct SeedOptions {
    pub(crate) family: Family,
    pub(crate) age: Option<Duration>,
    pub(crate) prefix: String,
    pub(crate) pipelines: usize,
}

impl Default for SeedOptions {
    /// A settled batch of analyses whose user references are `sample-0`, `sample-1` and so on, all of one pipeline.
    fn default() -> Self {
        Self {
            family: Family::Analysis,
            age: None,
            prefix: "sample".to_owned(),
            pipelines: 1,
        }
    }
}

impl SeedOptions {
    /// Sets the family of the batch; analyses by default.
    pub fn family(mut self, family: Family) -> Self {
        self.family = family;
        self
    }

    /// As if the batch had been created this long ago: zero is just now. By default it is so long ago that everything has ended.
    pub fn age(mut self, age: Duration) -> Self {
        self.age = Some(age);
        self
    }

    /// Sets what the names of the items (user references, sample names) begin with; `sample` by default.
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into();
        self
    }

    /// Sets over how many pipelines the analyses are spread; 1 by default.
    pub fn pipelines(mut self, number: usize) -> Self {
        self.pipelines = number.max(1);
        self
    }
}
