//! The handle of a batch.

use std::marker::PhantomData;
use std::sync::Arc;

use uuid::Uuid;

use super::family::Family;
use super::target::Target;
use crate::call::Core;

/// Handle of a batch, identified by its id. It is cheap to clone, and making one sends nothing.
///
/// [`Project::batch`](crate::Project::batch) makes the handle of a batch of analyses, and
/// [`Project::sample_batch`](crate::Project::sample_batch) that of a batch of samples.
///
/// ```
/// # use ica_batch_sdk_ext::{Client, Credentials};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let simulator = ica_simulator::Simulator::start();
/// # let id = simulator.seed_batch(simulator.project_id(), 3, ica_simulator::SeedOptions::default());
/// # let credentials = Credentials::api_key(simulator.api_key())?;
/// # let client = Client::builder().base_url(simulator.base_url()).credentials(credentials).build()?;
/// # let project = client.project(simulator.project_id())?;
/// let batch = project.batch(id);
/// assert_eq!(batch.get().await?.id, id);
/// assert_eq!(batch.items().count().await?, 3);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Batch<F> {
    pub(super) target: Target,
    family: PhantomData<F>,
}

impl<F: Family> Batch<F> {
    pub(crate) fn new(core: Core, project: Arc<str>, id: Uuid) -> Self {
        Self {
            target: Target { core, project, id },
            family: PhantomData,
        }
    }

    /// Returns the id of the batch.
    pub fn id(&self) -> Uuid {
        self.target.id
    }
}
