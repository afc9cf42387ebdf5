//! Options of batches that are created without a request.

use std::time::Duration;

use crate::api::family::Family;

/// Options of [`Simulator::seed_batch`](crate::Simulator::seed_batch).
///
/// ```
/// use ica_simulator::{Family, SeedOptions, Simulator};
///
/// let simulator = Simulator::start();
/// let options = SeedOptions::default().family(Family::Sample).prefix("tumour");
/// simulator.seed_batch(simulator.project_id(), 2, options);
/// assert_eq!(simulator.batches()[0].items[1].name, "tumour-1");
/// ```
#[derive(Clone, Debug)]
pub struct SeedOptions {
    pub(crate) family: Family,
    pub(crate) age: Option<Duration>,
    pub(crate) prefix: String,
    pub(crate) pipelines: usize,
    pub(crate) technical_tags: Vec<String>,
}

impl Default for SeedOptions {
    /// Returns the options for a batch of analyses whose runs have ended. The user references are
    /// `sample-0`, `sample-1` and so on.
    fn default() -> Self {
        Self {
            family: Family::Analysis,
            age: None,
            prefix: "sample".to_owned(),
            pipelines: 1,
            technical_tags: Vec::new(),
        }
    }
}

impl SeedOptions {
    /// Sets the family of the batch; analyses by default.
    pub fn family(mut self, family: Family) -> Self {
        self.family = family;
        self
    }

    /// Sets how long ago the batch was created; zero is now. By default everything in the batch has
    /// ended.
    pub fn age(mut self, age: Duration) -> Self {
        self.age = Some(age);
        self
    }

    /// Sets the beginning of the names (user references, sample names); `sample` by default.
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into();
        self
    }

    /// Sets the technical tags of the analyses or samples; none by default.
    pub fn technical_tags(mut self, tags: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.technical_tags = tags.into_iter().map(Into::into).collect();
        self
    }

    /// Sets the number of pipelines that the analyses use in turn; 1 by default.
    pub fn pipelines(mut self, number: usize) -> Self {
        self.pipelines = number.max(1);
        self
    }
}
