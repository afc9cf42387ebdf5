//! The families of batches: the names of their operations and paths.

use std::fmt;

use super::version::ApiVersion;

/// A family of batches. Each family has four operations: create a batch, get it, list its items,
/// get one item.
///
/// ```
/// use ica_simulator::{Family, Operation};
///
/// let create = Operation::CreateBatch(Family::Sample);
/// assert_eq!(create.path(), "/api/projects/{projectId}/sampleCreationBatch");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Family {
    /// Batches that create analyses: `analysisCreationBatch`.
    Analysis,
    /// Batches that create samples: `sampleCreationBatch`.
    Sample,
}

/// The four operations of a family in the public API description.
#[derive(Debug)]
pub(crate) struct Endpoints {
    pub(crate) create: Endpoint,
    pub(crate) get: Endpoint,
    pub(crate) items: Endpoint,
    pub(crate) item: Endpoint,
    /// The versions of the two operations that return items, the newest first. The others have only
    /// V3.
    pub(crate) item_versions: &'static [ApiVersion],
}

/// The name and path of one operation.
#[derive(Debug)]
pub(crate) struct Endpoint {
    pub(crate) id: &'static str,
    pub(crate) path: &'static str,
}

/// Makes the endpoints of a family from its name in paths and its name in operation ids.
macro_rules! endpoints {
    ($in_paths:literal, $in_ids:literal, $item_versions:expr) => {
        Endpoints {
            create: Endpoint {
                id: concat!("create", $in_ids),
                path: concat!("/api/projects/{projectId}/", $in_paths),
            },
            get: Endpoint {
                id: concat!("get", $in_ids),
                path: concat!("/api/projects/{projectId}/", $in_paths, "/{batchId}"),
            },
            items: Endpoint {
                id: concat!("get", $in_ids, "Items"),
                path: concat!("/api/projects/{projectId}/", $in_paths, "/{batchId}/items"),
            },
            item: Endpoint {
                id: concat!("get", $in_ids, "Item"),
                path: concat!("/api/projects/{projectId}/", $in_paths, "/{batchId}/items/{itemId}"),
            },
            item_versions: $item_versions,
        }
    };
}

static ANALYSIS: Endpoints = endpoints!(
    "analysisCreationBatch",
    "AnalysisCreationBatch",
    &[ApiVersion::V4, ApiVersion::V3]
);
static SAMPLE: Endpoints = endpoints!("sampleCreationBatch", "SampleCreationBatch", &[ApiVersion::V3]);

impl Family {
    /// All families. The simulator has the operations of these families.
    pub const ALL: [Self; 2] = [Self::Analysis, Self::Sample];

    pub(crate) fn endpoints(self) -> &'static Endpoints {
        match self {
            Self::Analysis => &ANALYSIS,
            Self::Sample => &SAMPLE,
        }
    }
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Analysis => "analysis",
            Self::Sample => "sample",
        })
    }
}
