//! Data and pipelines that a test adds to projects without a request.

use uuid::Uuid;

use crate::batch::render::pipeline::STORAGES;
use crate::content::data::SeedData;
use crate::content::pipelines::SeedPipeline;
use crate::simulator::Simulator;

impl Simulator {
    /// Adds files and folders to a project without a request, and the missing folders above them.
    /// Data with the same path and owner is replaced. Returns the ids.
    ///
    /// ```
    /// use ica_simulator::{SeedData, Simulator};
    ///
    /// let simulator = Simulator::start();
    /// let files = ["/run1/a.bam", "/run1/b.bam"].map(SeedData::file);
    /// let ids = simulator.seed_data(simulator.project_id(), files);
    /// assert_eq!(ids.len(), 2);
    /// ```
    pub fn seed_data(&self, project: &str, data: impl IntoIterator<Item = SeedData>) -> Vec<String> {
        let now = self.core().clock.now();
        let mut state = self.core().state.lock();
        let content = state.content(project);
        data.into_iter().map(|seed| content.add(seed, project, now)).collect()
    }

    /// Adds a pipeline to a project without a request, and returns its id. A pipeline with the same
    /// id is replaced. A project has no other pipelines.
    pub fn seed_pipeline(&self, project: &str, pipeline: SeedPipeline) -> Uuid {
        self.core()
            .state
            .lock()
            .content(project)
            .add_pipeline(pipeline, project)
    }

    /// Returns the id of a storage size: `Small`, `Medium`, `Large` or `XLarge`. None for another
    /// name.
    ///
    /// ```
    /// let simulator = ica_simulator::Simulator::start();
    /// assert!(simulator.storage_id("Small").is_some());
    /// assert!(simulator.storage_id("small").is_none());
    /// ```
    pub fn storage_id(&self, name: &str) -> Option<Uuid> {
        let found = STORAGES.iter().find(|storage| storage.name == name);
        found.map(|storage| storage.id())
    }
}
