//! Items of analysis batches, whatever their version.

use ica_batch_sdk::types::{
    AnalysisCreationBatchItemSummary, AnalysisCreationBatchItemV3, AnalysisCreationBatchItemV4, AnalysisStatus,
    ItemStatus,
};
use uuid::Uuid;

use super::{AnalysisCreation, AnyAnalysisItem};
use crate::batch::BatchItem;

/// Item of an analysis batch, whatever its version. It adds the values of the analysis to
/// [`BatchItem`].
///
/// ```
/// # use ica_batch_sdk_ext::{Client, Credentials};
/// use ica_batch_sdk_ext::AnalysisItem;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let simulator = ica_simulator::Simulator::start();
/// # let id = simulator.seed_batch(simulator.project_id(), 1, ica_simulator::SeedOptions::default());
/// # let credentials = Credentials::api_key(simulator.api_key())?;
/// # let client = Client::builder().base_url(simulator.base_url()).credentials(credentials).build()?;
/// # let batch = client.project(simulator.project_id())?.batch(id);
/// let item = batch.items().first().await?.expect("the batch has items");
/// println!("{} is {:?}", item.user_reference(), item.analysis_status());
/// assert_eq!(item.user_reference(), item.request.user_reference);
/// # Ok(())
/// # }
/// ```
pub trait AnalysisItem: BatchItem<Family = AnalysisCreation> {
    /// Returns the user reference that the request gave the analysis.
    fn user_reference(&self) -> &str {
        self.name()
    }

    /// Returns the id of the analysis, once it was created.
    fn analysis_id(&self) -> Option<Uuid> {
        self.created_id()
    }

    /// Returns the status of the analysis, once it was created. The spellings of V3 and V4 give the same
    /// value.
    fn analysis_status(&self) -> Option<AnalysisStatus> {
        self.run_status()
    }

    /// Returns the unique name that ICA gave the analysis, once it was created.
    fn reference(&self) -> Option<&str>;

    /// Returns the id of the owner of the analysis. Absent in a summary.
    fn owner_id(&self) -> Option<Uuid>;

    /// Returns the id of the tenant of the analysis. Absent in a summary.
    fn tenant_id(&self) -> Option<Uuid>;
}

/// Implements both traits for an item type. The types differ in the status, the owner and the tenant.
macro_rules! analysis_item {
    ($item:ty, |$analysis:ident| $status:expr, $owner:expr, $tenant:expr) => {
        impl BatchItem for $item {
            type Family = AnalysisCreation;

            fn id(&self) -> Uuid {
                self.id
            }

            fn name(&self) -> &str {
                &self.request.user_reference
            }

            fn creation_status(&self) -> &ItemStatus {
                &self.processing.status
            }

            fn creation_message(&self) -> Option<&str> {
                self.processing.additional_status_information.as_deref()
            }

            fn created_id(&self) -> Option<Uuid> {
                self.created_analysis.as_ref().map(|analysis| analysis.id)
            }

            fn run_status(&self) -> Option<AnalysisStatus> {
                self.created_analysis.as_ref().map(|$analysis| $status)
            }
        }

        impl AnalysisItem for $item {
            fn reference(&self) -> Option<&str> {
                let analysis = self.created_analysis.as_ref()?;
                Some(&analysis.reference)
            }

            fn owner_id(&self) -> Option<Uuid> {
                self.created_analysis.as_ref().and_then(|$analysis| $owner)
            }

            fn tenant_id(&self) -> Option<Uuid> {
                self.created_analysis.as_ref().and_then(|$analysis| $tenant)
            }
        }
    };
}

analysis_item!(
    AnalysisCreationBatchItemV3,
    |analysis| AnalysisStatus::from(analysis.status.as_str()),
    Some(analysis.owner_id),
    Some(analysis.tenant_id)
);
analysis_item!(
    AnalysisCreationBatchItemV4,
    |analysis| analysis.status.clone(),
    Some(analysis.owner.id),
    Some(analysis.tenant.id)
);
analysis_item!(
    AnalysisCreationBatchItemSummary,
    |analysis| analysis.status.clone(),
    {
        let _ = analysis;
        None
    },
    {
        let _ = analysis;
        None
    }
);

impl AnalysisItem for AnyAnalysisItem {
    fn reference(&self) -> Option<&str> {
        match self {
            Self::V3(item) => item.reference(),
            Self::V4(item) => item.reference(),
        }
    }

    fn owner_id(&self) -> Option<Uuid> {
        match self {
            Self::V3(item) => item.owner_id(),
            Self::V4(item) => item.owner_id(),
        }
    }

    fn tenant_id(&self) -> Option<Uuid> {
        match self {
            Self::V3(item) => item.tenant_id(),
            Self::V4(item) => item.tenant_id(),
        }
    }
}
