//! Aborting one analysis.

use std::future::{Future, IntoFuture};
use std::pin::Pin;

use uuid::Uuid;

use super::Analyses;
use super::target::AnalysisRequest;
use crate::call::call_setters;
use crate::error::{Error, ErrorKind, Result};

impl Analyses {
    /// Requests the abort of one analysis, by its id.
    ///
    /// ```
    /// # use ica_batch_sdk_ext::{Client, Credentials};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let simulator = ica_simulator::Simulator::start();
    /// # simulator.seed_batch(simulator.project_id(), 1, ica_simulator::SeedOptions::default().age(std::time::Duration::from_secs(60)));
    /// # let id = simulator.batches()[0].items[0].created_id.expect("it was created");
    /// # let credentials = Credentials::api_key(simulator.api_key())?;
    /// # let client = Client::builder().base_url(simulator.base_url()).credentials(credentials).build()?;
    /// # let project = client.project(simulator.project_id())?;
    /// project.analyses().abort(id).await?; // ICA has the request, and the run ends later
    /// # simulator.clock().advance(std::time::Duration::from_secs(60));
    /// # assert_eq!(project.analyses().get(id).await?.status.as_str(), "ABORTED");
    /// # Ok(())
    /// # }
    /// ```
    pub fn abort(&self, id: Uuid) -> AbortAnalysis {
        AbortAnalysis {
            request: AnalysisRequest::new(self, id),
        }
    }
}

/// Request that aborts one analysis. Await it.
///
/// ICA responds when it has received the request. The run ends later, and it may still end in
/// another way. [Read](Analyses::get) the analysis until its status is terminal.
///
/// ```
/// # use ica_batch_sdk_ext::{Client, Credentials};
/// use ica_batch_sdk_ext::AnalysisStatusExt;
/// use ica_batch_sdk_ext::types::AnalysisStatus;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let simulator = ica_simulator::Simulator::start();
/// # simulator.seed_batch(simulator.project_id(), 3, ica_simulator::SeedOptions::default().age(std::time::Duration::from_secs(60)));
/// # let id = simulator.batches()[0].items[0].created_id.expect("it was created");
/// # let credentials = Credentials::api_key(simulator.api_key())?;
/// # let client = Client::builder().base_url(simulator.base_url()).credentials(credentials).build()?;
/// # let project = client.project(simulator.project_id())?;
/// let analyses = project.analyses();
/// analyses.abort(id).await?;
/// assert_eq!(analyses.get(id).await?.status, AnalysisStatus::Aborting);
/// # simulator.clock().advance(std::time::Duration::from_secs(60));
/// // A minute later:
/// let status = analyses.get(id).await?.status;
/// assert!(status.is_failure());
/// assert_eq!(status, AnalysisStatus::Aborted);
/// # Ok(())
/// # }
/// ```
///
/// An abort is retried, because a second one has no further effect: an id belongs to one analysis
/// for ever, and a run that is aborted or has ended does not begin again. ICA does not publish what
/// it responds to an abort of such a run. So a retry of an abort that ICA has received may fail
/// with [`Rejected`](crate::ErrorKind::Rejected), and the error says that the call
/// [may have been executed](crate::Error::execution). The status of the analysis says whether it
/// was.
#[derive(Debug, Clone)]
#[must_use = "nothing is sent before it is awaited"]
pub struct AbortAnalysis {
    request: AnalysisRequest,
}

impl AbortAnalysis {
    call_setters!(request.overrides);
}

/// A run that has ended may be the reason of a rejection.
fn with_advice(error: Error) -> Error {
    match error.execution().may_have_executed() || error.kind() == ErrorKind::Rejected {
        true => error.with_advice("read the analysis: its status says whether the run goes on"),
        false => error,
    }
}

impl IntoFuture for AbortAnalysis {
    type Output = Result<()>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        let Self { request } = self;
        Box::pin(async move {
            let (project, id) = (&request.project, &request.id());
            let call = request.call("abort_analysis", "abort").idempotent();
            let aborted = call.run(async |raw| {
                raw.abort_analysis(project, id).await?;
                Ok(())
            });
            aborted.await.map_err(with_advice)
        })
    }
}
