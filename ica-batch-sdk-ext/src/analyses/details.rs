//! Values of an analysis, whatever its version.

use std::time::SystemTime;

use ica_batch_sdk::types::{AnalysisStatus, AnalysisTag, AnalysisV3, AnalysisV4};
use uuid::Uuid;

/// Values that an analysis has in every version.
///
/// ```
/// # use ica_batch_sdk_ext::{Client, Credentials};
/// use ica_batch_sdk_ext::{AnalysisDetails, AnalysisStatusExt, V3};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let simulator = ica_simulator::Simulator::start();
/// # simulator.seed_batch(simulator.project_id(), 3, ica_simulator::SeedOptions::default());
/// # let id = simulator.batches()[0].items[0].created_id.expect("it was created");
/// # let credentials = Credentials::api_key(simulator.api_key())?;
/// # let client = Client::builder().base_url(simulator.base_url()).credentials(credentials).build()?;
/// # let project = client.project(simulator.project_id())?;
/// let older = project.analyses().get(id).version::<V3>().await?;
/// let newer = project.analyses().get(id).await?;
/// assert_eq!(AnalysisDetails::status(&older), AnalysisDetails::status(&newer));
/// assert_eq!(older.owner_id(), newer.owner_id());
/// # Ok(())
/// # }
/// ```
pub trait AnalysisDetails {
    /// Returns the id of the analysis.
    fn id(&self) -> Uuid;

    /// Returns the unique name that ICA gave the analysis.
    fn reference(&self) -> &str;

    /// Returns the name that the request gave the analysis. Several analyses may have it.
    fn user_reference(&self) -> &str;

    /// Returns the status of the run. The spellings of V3 and V4 give the same value. V3 has fewer
    /// values, so the same run may have another status there.
    fn status(&self) -> AnalysisStatus;

    /// Returns ICA's text about the whole analysis, such as the reason of a failure. It is on one
    /// line and at most 2000 characters long, and "…" is in place of secrets of the client.
    fn summary(&self) -> Option<&str>;

    /// Returns the tags of the analysis.
    fn tags(&self) -> &AnalysisTag;

    /// Returns the time at which the run began. None before that.
    fn started(&self) -> Option<SystemTime>;

    /// Returns the time at which the run ended. None before that.
    fn ended(&self) -> Option<SystemTime>;

    /// Returns the id of the owner.
    fn owner_id(&self) -> Uuid;

    /// Returns the id of the tenant.
    fn tenant_id(&self) -> Uuid;
}

/// Implements [`AnalysisDetails`]. The versions differ in the status, the owner and the tenant.
macro_rules! details {
    ($analysis:ty, |$this:ident| $status:expr, $owner:expr, $tenant:expr) => {
        impl AnalysisDetails for $analysis {
            fn id(&self) -> Uuid {
                self.id
            }

            fn reference(&self) -> &str {
                &self.reference
            }

            fn user_reference(&self) -> &str {
                &self.user_reference
            }

            fn status(&self) -> AnalysisStatus {
                let $this = self;
                $status
            }

            fn summary(&self) -> Option<&str> {
                self.summary.as_deref()
            }

            fn tags(&self) -> &AnalysisTag {
                &self.tags
            }

            fn started(&self) -> Option<SystemTime> {
                self.start_date.map(SystemTime::from)
            }

            fn ended(&self) -> Option<SystemTime> {
                self.end_date.map(SystemTime::from)
            }

            fn owner_id(&self) -> Uuid {
                let $this = self;
                $owner
            }

            fn tenant_id(&self) -> Uuid {
                let $this = self;
                $tenant
            }
        }
    };
}

details!(
    AnalysisV3,
    |analysis| AnalysisStatus::from(analysis.status.as_str()),
    analysis.owner_id,
    analysis.tenant_id
);
details!(
    AnalysisV4,
    |analysis| analysis.status.clone(),
    analysis.owner.id,
    analysis.tenant.id
);

/// Analysis in any version. [`AnalysisDetails`] reads all versions alike.
///
/// ```
/// # use ica_batch_sdk_ext::{Client, Credentials};
/// use ica_batch_sdk_ext::{AnalysisDetails, AnyAnalysis, ApiVersion, VersionPolicy};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let simulator = ica_simulator::Simulator::start();
/// # simulator.seed_batch(simulator.project_id(), 3, ica_simulator::SeedOptions::default());
/// # let id = simulator.batches()[0].items[0].created_id.expect("it was created");
/// # let credentials = Credentials::api_key(simulator.api_key())?;
/// # let client = Client::builder().base_url(simulator.base_url()).credentials(credentials).build()?;
/// # let project = client.project(simulator.project_id())?;
/// let policy = VersionPolicy::exact(ApiVersion::V3);
/// let analysis = project.analyses().get(id).any_version(policy).await?;
/// assert!(matches!(analysis, AnyAnalysis::V3(_)));
/// assert_eq!(analysis.id(), id);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum AnyAnalysis {
    /// An analysis in V3.
    V3(AnalysisV3),
    /// An analysis in V4.
    V4(AnalysisV4),
}

/// Calls a method of the analysis, whatever its version.
macro_rules! in_any {
    ($this:ident, $method:ident) => {
        match $this {
            AnyAnalysis::V3(analysis) => analysis.$method(),
            AnyAnalysis::V4(analysis) => analysis.$method(),
        }
    };
}

impl AnalysisDetails for AnyAnalysis {
    fn id(&self) -> Uuid {
        in_any!(self, id)
    }

    fn reference(&self) -> &str {
        in_any!(self, reference)
    }

    fn user_reference(&self) -> &str {
        in_any!(self, user_reference)
    }

    fn status(&self) -> AnalysisStatus {
        in_any!(self, status)
    }

    fn summary(&self) -> Option<&str> {
        in_any!(self, summary)
    }

    fn tags(&self) -> &AnalysisTag {
        in_any!(self, tags)
    }

    fn started(&self) -> Option<SystemTime> {
        in_any!(self, started)
    }

    fn ended(&self) -> Option<SystemTime> {
        in_any!(self, ended)
    }

    fn owner_id(&self) -> Uuid {
        in_any!(self, owner_id)
    }

    fn tenant_id(&self) -> Uuid {
        in_any!(self, tenant_id)
    }
}
