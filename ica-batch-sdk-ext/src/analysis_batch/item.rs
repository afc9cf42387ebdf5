//! What an item has whatever its version.

use ica_batch_sdk::types::{
    AnalysisCreationBatchItemProcessing, AnalysisCreationBatchItemSummary, AnalysisCreationBatchItemV3,
    AnalysisCreationBatchItemV4, AnalysisStatus, ItemStatus,
};
use uuid::Uuid;

use super::AnyItem;

/// An item of a batch, seen without its version.
///
/// Three states must not be mixed up: the job of the batch creates the analyses; the item says whether its analysis was
/// created ([`creation_status`](Self::creation_status)); the analysis says how its run is doing
/// ([`analysis_status`](Self::analysis_status)). An item that has succeeded has an analysis, which may run for hours.
pub trait BatchItem {
    /// The item's id.
    fn id(&self) -> Uuid;

    /// The name that the request gave the analysis.
    fn user_reference(&self) -> &str;

    /// Whether the analysis was created.
    fn creation_status(&self) -> &ItemStatus;

    /// What ICA says of the creation, above all why it failed.
    fn creation_message(&self) -> Option<&str>;

    /// The id of the analysis, once it was created.
    fn analysis_id(&self) -> Option<Uuid>;

    /// The unique name that ICA gave the analysis, once it was created.
    fn reference(&self) -> Option<&str>;

    /// How the run of the analysis is doing, once it was created; the spellings of V3 and V4 are the same value.
    fn analysis_status(&self) -> Option<AnalysisStatus>;

    /// Who owns the analysis. Absent in a summary.
    fn owner_id(&self) -> Option<Uuid>;

    /// The tenant of the analysis. Absent in a summary.
    fn tenant_id(&self) -> Option<Uuid>;

    /// Whether nothing more will happen: the analysis was not created, or its run has ended. A status that this crate does
    /// not know is not an end.
    fn is_terminal(&self) -> bool {
        match self.analysis_status() {
            Some(status) => status.is_terminal(),
            None => *self.creation_status() == ItemStatus::Failed,
        }
    }

    /// Whether the analysis was created and its run succeeded.
    fn is_success(&self) -> bool {
        self.analysis_status().is_some_and(|status| status.is_success())
    }
}

/// What a status of an analysis means.
pub trait AnalysisStatusExt {
    /// Whether the run has ended. A status that this crate does not know is not an end.
    fn is_terminal(&self) -> bool;

    /// Whether the run has ended well.
    fn is_success(&self) -> bool;
}

impl AnalysisStatusExt for AnalysisStatus {
    fn is_terminal(&self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed | Self::FailedFinal | Self::Aborted)
    }

    fn is_success(&self) -> bool {
        *self == Self::Succeeded
    }
}

/// Implements the view of an item type, which differ in how they tell status, owner and tenant.
macro_rules! view {
    ($item:ty, |$analysis:ident| $status:expr, $owner:expr, $tenant:expr) => {
        impl BatchItem for $item {
            fn id(&self) -> Uuid {
                self.id
            }

            fn user_reference(&self) -> &str {
                &self.request.user_reference
            }

            fn creation_status(&self) -> &ItemStatus {
                &self.processing.status
            }

            fn creation_message(&self) -> Option<&str> {
                let AnalysisCreationBatchItemProcessing {
                    additional_status_information,
                    ..
                } = &self.processing;
                additional_status_information.as_deref()
            }

            fn analysis_id(&self) -> Option<Uuid> {
                self.created_analysis.as_ref().map(|analysis| analysis.id)
            }

            fn reference(&self) -> Option<&str> {
                self.created_analysis
                    .as_ref()
                    .map(|analysis| analysis.reference.as_str())
            }

            fn analysis_status(&self) -> Option<AnalysisStatus> {
                self.created_analysis.as_ref().map(|$analysis| $status)
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

view!(
    AnalysisCreationBatchItemV3,
    |analysis| AnalysisStatus::from(analysis.status.as_str()),
    Some(analysis.owner_id),
    Some(analysis.tenant_id)
);
view!(
    AnalysisCreationBatchItemV4,
    |analysis| analysis.status.clone(),
    Some(analysis.owner.id),
    Some(analysis.tenant.id)
);
view!(
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

/// Passes each question on to the item inside.
macro_rules! forward {
    ($($name:ident -> $answer:ty),+ $(,)?) => {
        impl BatchItem for AnyItem {
            $(
                fn $name(&self) -> $answer {
                    match self {
                        Self::V3(item) => item.$name(),
                        Self::V4(item) => item.$name(),
                    }
                }
            )+
        }
    };
}

forward!(
    id -> Uuid,
    user_reference -> &str,
    creation_status -> &ItemStatus,
    creation_message -> Option<&str>,
    analysis_id -> Option<Uuid>,
    reference -> Option<&str>,
    analysis_status -> Option<AnalysisStatus>,
    owner_id -> Option<Uuid>,
    tenant_id -> Option<Uuid>,
);
