//! Listing the pipelines of a project.

use std::future::{Future, IntoFuture};
use std::pin::Pin;

use ica_batch_sdk::types::ProjectPipeline;

use super::Pipelines;
use super::foreign::scrub;
use crate::batch::ForeignTexts;
use crate::call::{CallOverrides, call_setters};
use crate::error::Result;

impl Pipelines {
    /// Lists the pipelines of the project. Await the request.
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
    /// for found in project.pipelines().list().await? {
    ///     println!("{} is {}", found.pipeline.code, found.pipeline.id);
    /// }
    /// # assert_eq!(project.pipelines().list().await?.len(), 1);
    /// # Ok(())
    /// # }
    /// ```
    pub fn list(&self) -> ListPipelines {
        ListPipelines {
            pipelines: self.clone(),
            overrides: CallOverrides::default(),
        }
    }

    /// Reads all pipelines. `action` completes "could not …" in errors.
    pub(super) async fn read(&self, action: String, overrides: &CallOverrides) -> Result<Vec<ProjectPipeline>> {
        let call = self.core.call("get_project_pipelines", action).overrides(overrides);
        let read = async |raw: ica_batch_sdk::Client| Ok(raw.get_project_pipelines(&self.project).await?.into_inner());
        let mut found = call.run(read).await?.items;
        let mut texts = ForeignTexts::new(&self.core);
        found.iter_mut().for_each(|found| scrub(found, &mut texts));
        Ok(found)
    }
}

/// Request that lists the pipelines of a project, drafts included. Await it.
///
/// ICA returns all of them in one response. It does not publish their order.
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
/// let pipelines = project.pipelines().list().await?;
/// assert_eq!(pipelines[0].pipeline.code, "Germline 4-3-6");
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
#[must_use = "nothing is sent before it is awaited"]
pub struct ListPipelines {
    pipelines: Pipelines,
    overrides: CallOverrides,
}

impl ListPipelines {
    call_setters!();
}

impl IntoFuture for ListPipelines {
    type Output = Result<Vec<ProjectPipeline>>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        let Self { pipelines, overrides } = self;
        Box::pin(async move {
            let action = format!("list the pipelines of project {}", pipelines.project);
            pipelines.read(action, &overrides).await
        })
    }
}
