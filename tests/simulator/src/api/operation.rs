//! The operations of the public API description.

use std::fmt;

use http::Method;

use super::family::{Endpoint, Family};
use super::version::ApiVersion;

/// An operation of the simulator: four for each family of batches, five for analyses, three for what
/// requests name, and two for tokens.
///
/// ```
/// use ica_simulator::{Family, Operation};
///
/// let list = Operation::GetItems(Family::Analysis);
/// assert_eq!(list.id(), "getAnalysisCreationBatchItems");
/// assert!(Operation::ALL.contains(&list));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Operation {
    /// Creates a batch, for instance `POST /api/projects/{projectId}/analysisCreationBatch`.
    CreateBatch(Family),
    /// Gets a batch, for instance `GET /api/projects/{projectId}/analysisCreationBatch/{batchId}`.
    GetBatch(Family),
    /// Lists the items of a batch, for instance `GET
    /// /api/projects/{projectId}/analysisCreationBatch/{batchId}/items`.
    GetItems(Family),
    /// Gets one item of a batch, for instance `GET
    /// /api/projects/{projectId}/analysisCreationBatch/{batchId}/items/{itemId}`.
    GetItem(Family),
    /// Searches the analyses of a project: `POST /api/projects/{projectId}/analysis:search`.
    SearchAnalyses,
    /// Gets one analysis: `GET /api/projects/{projectId}/analyses/{analysisId}`.
    GetAnalysis,
    /// Requests the abort of an analysis: `POST
    /// /api/projects/{projectId}/analyses/{analysisId}:abort`.
    AbortAnalysis,
    /// Gets the steps of an analysis: `GET /api/projects/{projectId}/analyses/{analysisId}/steps`.
    GetAnalysisSteps,
    /// Gets the outputs of an analysis: `GET
    /// /api/projects/{projectId}/analyses/{analysisId}/outputs`.
    GetAnalysisOutputs,
    /// Lists the files and folders of a project: `GET /api/projects/{projectId}/data`.
    ListData,
    /// Lists the pipelines of a project: `GET /api/projects/{projectId}/pipelines`.
    ListPipelines,
    /// Lists the storage sizes for analyses: `GET /api/projects/{projectId}/analysisStorages`.
    ListStorages,
    /// Mints a token: `POST /api/tokens`.
    CreateToken,
    /// Refreshes a token: `POST /api/tokens:refresh`.
    RefreshToken,
}

const FAMILIES: usize = Family::ALL.len();

static SEARCH_ANALYSES: Endpoint = Endpoint {
    id: "searchAnalyses",
    path: "/api/projects/{projectId}/analysis:search",
};
static GET_ANALYSIS: Endpoint = Endpoint {
    id: "getAnalysis",
    path: "/api/projects/{projectId}/analyses/{analysisId}",
};
static ABORT_ANALYSIS: Endpoint = Endpoint {
    id: "abortAnalysis",
    path: "/api/projects/{projectId}/analyses/{analysisId}:abort",
};
static GET_ANALYSIS_STEPS: Endpoint = Endpoint {
    id: "getAnalysisSteps",
    path: "/api/projects/{projectId}/analyses/{analysisId}/steps",
};
static GET_ANALYSIS_OUTPUTS: Endpoint = Endpoint {
    id: "getAnalysisOutputs",
    path: "/api/projects/{projectId}/analyses/{analysisId}/outputs",
};

static LIST_DATA: Endpoint = Endpoint {
    id: "getProjectDataList",
    path: "/api/projects/{projectId}/data",
};
static LIST_PIPELINES: Endpoint = Endpoint {
    id: "getProjectPipelines",
    path: "/api/projects/{projectId}/pipelines",
};
static LIST_STORAGES: Endpoint = Endpoint {
    id: "getProjectAnalysisStorageOptions",
    path: "/api/projects/{projectId}/analysisStorages",
};

static CREATE_TOKEN: Endpoint = Endpoint {
    id: "createJwtToken",
    path: "/api/tokens",
};
static REFRESH_TOKEN: Endpoint = Endpoint {
    id: "refreshJwtToken",
    path: "/api/tokens:refresh",
};

impl Operation {
    /// All operations: those of each family, then those for analyses, those for what
    /// requests name, and then those for tokens.
    pub const ALL: [Self; 4 * FAMILIES + 10] = {
        let mut all = [Self::RefreshToken; 4 * FAMILIES + 10];
        let mut index = 0;
        while index < FAMILIES {
            let family = Family::ALL[index];
            all[4 * index] = Self::CreateBatch(family);
            all[4 * index + 1] = Self::GetBatch(family);
            all[4 * index + 2] = Self::GetItems(family);
            all[4 * index + 3] = Self::GetItem(family);
            index += 1;
        }
        all[4 * FAMILIES] = Self::SearchAnalyses;
        all[4 * FAMILIES + 1] = Self::GetAnalysis;
        all[4 * FAMILIES + 2] = Self::AbortAnalysis;
        all[4 * FAMILIES + 3] = Self::GetAnalysisSteps;
        all[4 * FAMILIES + 4] = Self::GetAnalysisOutputs;
        all[4 * FAMILIES + 5] = Self::ListData;
        all[4 * FAMILIES + 6] = Self::ListPipelines;
        all[4 * FAMILIES + 7] = Self::ListStorages;
        all[4 * FAMILIES + 8] = Self::CreateToken;
        all
    };

    /// Returns the operation's `operationId` in the public API description.
    pub fn id(self) -> &'static str {
        self.endpoint().id
    }

    /// Returns the path below the base URL, with its parameters in braces.
    pub fn path(self) -> &'static str {
        self.endpoint().path
    }

    fn endpoint(self) -> &'static Endpoint {
        match self {
            Self::CreateBatch(family) => &family.endpoints().create,
            Self::GetBatch(family) => &family.endpoints().get,
            Self::GetItems(family) => &family.endpoints().items,
            Self::GetItem(family) => &family.endpoints().item,
            Self::SearchAnalyses => &SEARCH_ANALYSES,
            Self::GetAnalysis => &GET_ANALYSIS,
            Self::AbortAnalysis => &ABORT_ANALYSIS,
            Self::GetAnalysisSteps => &GET_ANALYSIS_STEPS,
            Self::GetAnalysisOutputs => &GET_ANALYSIS_OUTPUTS,
            Self::ListData => &LIST_DATA,
            Self::ListPipelines => &LIST_PIPELINES,
            Self::ListStorages => &LIST_STORAGES,
            Self::CreateToken => &CREATE_TOKEN,
            Self::RefreshToken => &REFRESH_TOKEN,
        }
    }

    pub(crate) fn method(self) -> Method {
        match self {
            Self::CreateBatch(_)
            | Self::SearchAnalyses
            | Self::AbortAnalysis
            | Self::CreateToken
            | Self::RefreshToken => Method::POST,
            Self::GetBatch(_)
            | Self::GetItems(_)
            | Self::GetItem(_)
            | Self::GetAnalysis
            | Self::GetAnalysisSteps
            | Self::GetAnalysisOutputs
            | Self::ListData
            | Self::ListPipelines
            | Self::ListStorages => Method::GET,
        }
    }

    /// Returns the versions that the description gives the operation, the newest first.
    pub(crate) fn versions(self) -> &'static [ApiVersion] {
        match self {
            Self::GetItems(family) | Self::GetItem(family) => family.endpoints().item_versions,
            Self::GetAnalysis => &[ApiVersion::V4, ApiVersion::V3],
            Self::ListStorages => &[ApiVersion::V4],
            _ => &[ApiVersion::V3],
        }
    }

    /// Returns whether the operation returns a list page by page.
    pub(crate) fn is_listing(self) -> bool {
        matches!(self, Self::GetItems(_) | Self::SearchAnalyses | Self::ListData)
    }

    /// Returns whether the operation returns a token.
    pub(crate) fn is_minting(self) -> bool {
        matches!(self, Self::CreateToken | Self::RefreshToken)
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}
