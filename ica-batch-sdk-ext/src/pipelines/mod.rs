//! Pipelines and storage sizes that the analyses of a project can use.
//!
//! - `matching` decides which one a text names. It is pure.
//! - `list` and `find` have the requests for pipelines, `storages` those for storage sizes.

mod find;
mod foreign;
mod list;
mod matching;
mod storages;

use std::sync::Arc;

use crate::call::Core;

pub use find::FindPipeline;
pub use list::ListPipelines;
pub use storages::{FindStorage, ListStorages, Storages};

/// Handle of the pipelines of a project: its own, and those from bundles. It is cheap to clone, and
/// making one sends nothing.
///
/// ```
/// # use ica_batch_sdk_ext::{Client, Credentials};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let simulator = ica_simulator::Simulator::start();
/// # simulator.seed_pipeline(simulator.project_id(), ica_simulator::SeedPipeline::new("Germline 4-3-6"));
/// # let credentials = Credentials::api_key(simulator.api_key())?;
/// # let client = Client::builder().base_url(simulator.base_url()).credentials(credentials).build()?;
/// # let project = client.project(simulator.project_id())?;
/// let pipelines = project.pipelines();
/// for found in pipelines.list().await? {
///     println!("{} is {}", found.pipeline.code, found.pipeline.id);
/// }
/// let pipeline = pipelines.find("Germline 4-3-6").await?.pipeline;
/// let by_id = pipelines.find(pipeline.id.to_string()).await?.pipeline;
/// assert_eq!(by_id.code, "Germline 4-3-6");
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Pipelines {
    core: Core,
    project: Arc<str>,
}

impl Pipelines {
    pub(crate) fn new(core: Core, project: Arc<str>) -> Self {
        Self { core, project }
    }
}
