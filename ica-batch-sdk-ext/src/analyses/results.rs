//! Steps and outputs of one analysis.

use std::future::{Future, IntoFuture};
use std::pin::Pin;

use ica_batch_sdk::types::{AnalysisOutput, AnalysisStep};
use uuid::Uuid;

use super::Analyses;
use super::foreign::{scrub_output, scrub_step};
use super::target::AnalysisRequest;
use crate::batch::ForeignTexts;
use crate::call::call_setters;
use crate::error::Result;

impl Analyses {
    /// Reads the steps of one analysis, by its id.
    ///
    /// ```
    /// # use ica_batch_sdk_ext::{Client, Credentials};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let simulator = ica_simulator::Simulator::start();
    /// # simulator.seed_batch(simulator.project_id(), 3, ica_simulator::SeedOptions::default());
    /// # let id = simulator.batches()[0].items[0].created_id.expect("it was created");
    /// # let credentials = Credentials::api_key(simulator.api_key())?;
    /// # let client = Client::builder().base_url(simulator.base_url()).credentials(credentials).build()?;
    /// # let project = client.project(simulator.project_id())?;
    /// for step in project.analyses().steps(id).await? {
    ///     println!("{} is {}", step.name, step.status);
    /// }
    /// # assert_eq!(project.analyses().steps(id).await?.len(), 3);
    /// # Ok(())
    /// # }
    /// ```
    pub fn steps(&self, id: Uuid) -> GetAnalysisSteps {
        GetAnalysisSteps {
            request: AnalysisRequest::new(self, id),
        }
    }

    /// Reads the output files and folders of one analysis, by its id.
    ///
    /// ```
    /// # use ica_batch_sdk_ext::{Client, Credentials};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let simulator = ica_simulator::Simulator::start();
    /// # simulator.seed_batch(simulator.project_id(), 3, ica_simulator::SeedOptions::default());
    /// # let id = simulator.batches()[0].items[0].created_id.expect("it was created");
    /// # let credentials = Credentials::api_key(simulator.api_key())?;
    /// # let client = Client::builder().base_url(simulator.base_url()).credentials(credentials).build()?;
    /// # let project = client.project(simulator.project_id())?;
    /// for output in project.analyses().outputs(id).await? {
    ///     println!("{output:?}");
    /// }
    /// # assert_eq!(project.analyses().outputs(id).await?.len(), 1);
    /// # Ok(())
    /// # }
    /// ```
    pub fn outputs(&self, id: Uuid) -> GetAnalysisOutputs {
        GetAnalysisOutputs {
            request: AnalysisRequest::new(self, id),
        }
    }
}

/// Request that reads the steps of an analysis. Await it.
///
/// After a failure it shows which step failed. ICA returns all steps in one response, and does not
/// say when the list is complete. The URLs of running logs contain a credential, so the `Debug` of
/// a step does not show them.
///
/// ```
/// # use ica_batch_sdk_ext::{Client, Credentials};
/// use ica_batch_sdk_ext::types::AnalysisStepStatus;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let simulator = ica_simulator::Simulator::start();
/// # simulator.seed_batch(simulator.project_id(), 3, ica_simulator::SeedOptions::default());
/// # let id = simulator.batches()[0].items[0].created_id.expect("it was created");
/// # let credentials = Credentials::api_key(simulator.api_key())?;
/// # let client = Client::builder().base_url(simulator.base_url()).credentials(credentials).build()?;
/// # let project = client.project(simulator.project_id())?;
/// let steps = project.analyses().steps(id).await?;
/// assert!(steps.iter().all(|step| step.status == AnalysisStepStatus::Done));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
#[must_use = "nothing is sent before it is awaited"]
pub struct GetAnalysisSteps {
    request: AnalysisRequest,
}

impl GetAnalysisSteps {
    call_setters!(request.overrides);
}

impl IntoFuture for GetAnalysisSteps {
    type Output = Result<Vec<AnalysisStep>>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        let Self { request } = self;
        Box::pin(async move {
            let (project, id) = (&request.project, &request.id());
            let call = request.call("get_analysis_steps", "read the steps of");
            let read = async |raw: ica_batch_sdk::Client| Ok(raw.get_analysis_steps(project, id).await?.into_inner());
            let mut steps = call.run(read).await?.items;
            let mut texts = ForeignTexts::new(&request.core);
            steps.iter_mut().for_each(|step| scrub_step(step, &mut texts));
            Ok(steps)
        })
    }
}

/// Request that reads the outputs of an analysis. Await it.
///
/// ICA returns all outputs in one response. It lists at most 200 000 files of each output folder,
/// and does not say that files are missing. A large response needs a larger
/// [response limit](crate::ClientBuilder::response_limit).
///
/// ```
/// # use ica_batch_sdk_ext::{Client, Credentials};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let simulator = ica_simulator::Simulator::start();
/// # simulator.seed_batch(simulator.project_id(), 3, ica_simulator::SeedOptions::default());
/// # let id = simulator.batches()[0].items[0].created_id.expect("it was created");
/// # let credentials = Credentials::api_key(simulator.api_key())?;
/// # let client = Client::builder().base_url(simulator.base_url()).credentials(credentials).build()?;
/// # let project = client.project(simulator.project_id())?;
/// let outputs = project.analyses().outputs(id).await?;
/// let data = outputs[0].data.as_deref().unwrap_or_default();
/// assert_eq!(data[0].name, "sample-0-outputs");
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
#[must_use = "nothing is sent before it is awaited"]
pub struct GetAnalysisOutputs {
    request: AnalysisRequest,
}

impl GetAnalysisOutputs {
    call_setters!(request.overrides);
}

impl IntoFuture for GetAnalysisOutputs {
    type Output = Result<Vec<AnalysisOutput>>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        let Self { request } = self;
        Box::pin(async move {
            let (project, id) = (&request.project, &request.id());
            let call = request.call("get_analysis_outputs", "read the outputs of");
            let read = async |raw: ica_batch_sdk::Client| Ok(raw.get_analysis_outputs(project, id).await?.into_inner());
            let mut outputs = call.run(read).await?.items;
            let mut texts = ForeignTexts::new(&request.core);
            outputs.iter_mut().for_each(|output| scrub_output(output, &mut texts));
            Ok(outputs)
        })
    }
}
