//! Batches of every family: creating, reading, listing items, and waiting.
//!
//! This folder knows no endpoint. Each type is generic over a [`Family`].

mod create;
mod family;
mod get;
mod implement;
mod items;
mod wait;

use std::marker::PhantomData;
use std::sync::Arc;

use uuid::Uuid;

use crate::call::Core;

#[cfg(feature = "journal")]
pub(crate) use create::send_bytes;
pub use create::{CreateBatch, CreateKey, CreatedBatch, NoKey};
pub use family::{BatchItem, CreationState, Family, ItemVersion, JobState, NoRun, RunState, Status};
pub(crate) use family::{ItemQuery, Operations};
pub use get::GetBatch;
pub(crate) use implement::{any_item_version, item_version, list_page};
pub use items::{AnyItemVersion, AnyVersion, GetItem, ItemSummaries, Items, Listing, OffsetItems, Reading, Summary};
pub(crate) use items::{BoxedResult, ItemRequest};
pub use wait::{FinishedItem, ItemOutcome, PollInterval, Progress, ProgressStream, Wait, WaitReport, WaitUntil};

/// A batch, by its id. Cheap to clone; making one sends nothing.
///
/// [`Project::batch`](crate::Project::batch) makes one of analyses, and
/// [`Project::sample_batch`](crate::Project::sample_batch) one of samples.
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
    core: Core,
    project: Arc<str>,
    id: Uuid,
    family: PhantomData<F>,
}

impl<F: Family> Batch<F> {
    pub(crate) fn new(core: Core, project: Arc<str>, id: Uuid) -> Self {
        Self {
            core,
            project,
            id,
            family: PhantomData,
        }
    }

    /// Returns the id of the batch.
    pub fn id(&self) -> Uuid {
        self.id
    }

    /// Reads the batch: mainly the status of its job.
    ///
    /// A job that succeeded has created the items. The items say whether their runs have ended.
    pub fn get(&self) -> GetBatch<F> {
        GetBatch::new(self.clone())
    }

    /// Lists the items of the batch, in the default version unless another is chosen.
    pub fn items(&self) -> Items<F, F::DefaultVersion> {
        Items::new(self.clone(), F::DefaultVersion::default())
    }

    /// Reads one item by its id, in the default version unless another is chosen.
    pub fn item(&self, id: Uuid) -> GetItem<F, F::DefaultVersion> {
        GetItem::new(self.clone(), id, F::DefaultVersion::default())
    }

    /// Waits until the items of the batch are finished, or have been created.
    pub fn wait(&self) -> Wait<F> {
        Wait::new(self.clone())
    }
}
