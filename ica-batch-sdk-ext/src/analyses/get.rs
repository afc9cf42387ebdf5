//! Reading one analysis.

use std::fmt;
use std::future::{Future, IntoFuture};
use std::pin::Pin;

use ica_batch_sdk::types::{AnalysisV3, AnalysisV4};
use uuid::Uuid;

use super::Analyses;
use super::details::{AnalysisDetails, AnyAnalysis};
use super::foreign::{scrub_v3, scrub_v4};
use super::target::AnalysisRequest;
use crate::batch::{AnyVersion, BoxedResult, ForeignTexts, check_id};
use crate::call::call_setters;
use crate::error::Result;
use crate::version::{ApiVersion, V3, V4, VersionPolicy};

/// Operations that have their versions in common.
const OPERATIONS: &str = "analysis";

impl Analyses {
    /// Reads one analysis by its id, in V4 unless another version is chosen.
    ///
    /// The id is that of [`AnalysisItem::analysis_id`](crate::AnalysisItem::analysis_id) or of a
    /// found analysis. It is not the reference.
    ///
    /// ```
    /// # use ica_batch_sdk_ext::{Client, Credentials};
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
    /// let analysis = project.analyses().get(id).await?;
    /// println!("{} is {}", analysis.user_reference, analysis.status);
    /// assert!(analysis.status.is_terminal());
    /// # Ok(())
    /// # }
    /// ```
    pub fn get(&self, id: Uuid) -> GetAnalysis<V4> {
        GetAnalysis {
            request: AnalysisRequest::new(self, id),
            reading: V4,
        }
    }
}

/// Request that reads one analysis. Await it.
///
/// ```
/// # use ica_batch_sdk_ext::{Client, Credentials};
/// use ica_batch_sdk_ext::{AnalysisDetails, V3, VersionPolicy};
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
/// let analysis = analyses.get(id).await?;
/// let as_v3 = analyses.get(id).version::<V3>().await?;
/// let newest = analyses.get(id).any_version(VersionPolicy::newest_first()).await?;
/// assert_eq!((&analysis.reference, analysis.reference()), (&as_v3.reference, newest.reference()));
/// # Ok(())
/// # }
/// ```
///
/// A response about another analysis than the one that was asked for is
/// [`Unreadable`](crate::ErrorKind::Unreadable).
#[derive(Debug, Clone)]
#[must_use = "nothing is sent before it is awaited"]
pub struct GetAnalysis<L> {
    request: AnalysisRequest,
    reading: L,
}

impl<L: ReadAnalysis> GetAnalysis<L> {
    fn reading<M: ReadAnalysis>(self, reading: M) -> GetAnalysis<M> {
        GetAnalysis {
            request: self.request,
            reading,
        }
    }

    /// Reads the analysis in this version of the API.
    pub fn version<V: ReadAnalysis + Default>(self) -> GetAnalysis<V> {
        self.reading(V::default())
    }

    /// Reads the analysis in a version that is chosen while the program runs.
    pub fn any_version(self, policy: VersionPolicy) -> GetAnalysis<AnyVersion> {
        self.reading(AnyVersion::new(policy))
    }

    call_setters!(request.overrides);
}

impl<L: ReadAnalysis> IntoFuture for GetAnalysis<L> {
    type Output = Result<L::Analysis>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        self.reading.read(self.request)
    }
}

/// Way of reading an analysis: a version such as [`V4`], or [`AnyVersion`].
///
/// Sealed: only this crate implements it.
///
/// ```
/// use ica_batch_sdk_ext::{AnyVersion, ReadAnalysis, V3, V4};
///
/// fn reads<L: ReadAnalysis>() {}
/// reads::<V3>();
/// reads::<V4>();
/// reads::<AnyVersion>();
/// ```
pub trait ReadAnalysis: sealed::Sealed + fmt::Debug + Clone + Send + Sync + 'static {
    /// Type of the analysis.
    type Analysis: AnalysisDetails + fmt::Debug + Clone + PartialEq + Send + Sync + Unpin + 'static;

    /// Reads an analysis.
    #[doc(hidden)]
    fn read(&self, request: AnalysisRequest) -> BoxedResult<Self::Analysis>;
}

mod sealed {
    /// Trait that seals [`ReadAnalysis`](super::ReadAnalysis): only this crate implements it.
    pub trait Sealed {}
}

impl sealed::Sealed for V3 {}
impl sealed::Sealed for V4 {}
impl sealed::Sealed for AnyVersion {}

async fn read_v3(request: &AnalysisRequest) -> Result<AnalysisV3> {
    let (project, id) = (&request.project, &request.id());
    let call = request.call("get_analysis_v3", "read");
    let mut analysis = call
        .run_checked(
            async |raw| Ok(raw.get_analysis_v3(project, id).await?.into_inner()),
            |found| check_id("analysis", request.id, found.id),
        )
        .await?;
    scrub_v3(&mut analysis, &mut ForeignTexts::new(&request.core));
    Ok(analysis)
}

async fn read_v4(request: &AnalysisRequest) -> Result<AnalysisV4> {
    let (project, id) = (&request.project, &request.id());
    let call = request.call("get_analysis_v4", "read");
    let mut analysis = call
        .run_checked(
            async |raw| Ok(raw.get_analysis_v4(project, id).await?.into_inner()),
            |found| check_id("analysis", request.id, found.id),
        )
        .await?;
    scrub_v4(&mut analysis, &mut ForeignTexts::new(&request.core));
    Ok(analysis)
}

impl ReadAnalysis for V3 {
    type Analysis = AnalysisV3;

    fn read(&self, request: AnalysisRequest) -> BoxedResult<AnalysisV3> {
        Box::pin(async move { read_v3(&request).await })
    }
}

impl ReadAnalysis for V4 {
    type Analysis = AnalysisV4;

    fn read(&self, request: AnalysisRequest) -> BoxedResult<AnalysisV4> {
        Box::pin(async move { read_v4(&request).await })
    }
}

impl ReadAnalysis for AnyVersion {
    type Analysis = AnyAnalysis;

    fn read(&self, request: AnalysisRequest) -> BoxedResult<AnyAnalysis> {
        let policy = self.policy();
        Box::pin(async move {
            let send = async |version| match version {
                ApiVersion::V3 => read_v3(&request).await.map(AnyAnalysis::V3),
                ApiVersion::V4 => read_v4(&request).await.map(AnyAnalysis::V4),
            };
            request.core.versions().send(OPERATIONS, policy, send).await
        })
    }
}
