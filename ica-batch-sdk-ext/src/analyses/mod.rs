//! Analyses of a project: searching them, reading one with its steps and outputs, and aborting one.
//!
//! They are all analyses of the project, also those that no batch created. From the bottom up:
//!
//! - `status`, `foreign` and `details` are about the values of an analysis.
//! - `target` has the request about one analysis.
//! - `get`, `results`, `abort` and `search` have the requests, each with the method of [`Analyses`]
//!   that makes it.

mod abort;
mod details;
mod foreign;
mod get;
mod results;
mod search;
mod status;
mod target;

use std::sync::Arc;

use crate::call::Core;

pub use abort::AbortAnalysis;
pub use details::{AnalysisDetails, AnyAnalysis};
pub(crate) use foreign::{scrub_v3, scrub_v4};
pub use get::{GetAnalysis, ReadAnalysis};
pub use results::{GetAnalysisOutputs, GetAnalysisSteps};
pub use search::SearchAnalyses;
pub use status::AnalysisStatusExt;
pub(crate) use status::run_state;

/// Handle of the analyses of a project. It is cheap to clone, and making one sends nothing.
///
/// ```
/// # use ica_batch_sdk_ext::{Client, Credentials};
/// use futures_util::TryStreamExt;
/// use ica_batch_sdk_ext::AnalysisStatusExt;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let simulator = ica_simulator::Simulator::start();
/// # simulator.seed_batch(simulator.project_id(), 3, ica_simulator::SeedOptions::default());
/// # let id = simulator.batches()[0].items[0].created_id.expect("it was created");
/// # let credentials = Credentials::api_key(simulator.api_key())?;
/// # let client = Client::builder().base_url(simulator.base_url()).credentials(credentials).build()?;
/// # let project = client.project(simulator.project_id())?;
/// let analyses = project.analyses();
/// let mut found = analyses.search().user_tags(["seeded"]).stream();
/// while let Some(analysis) = found.try_next().await? {
///     println!("{} is {}", analysis.user_reference, analysis.status);
/// }
/// let analysis = analyses.get(id).await?;
/// assert!(analysis.status.is_success());
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Analyses {
    core: Core,
    project: Arc<str>,
}

impl Analyses {
    pub(crate) fn new(core: Core, project: Arc<str>) -> Self {
        Self { core, project }
    }
}
