//! The six operations, by the names that the public API description gives them.

use std::fmt;

use http::Method;

use crate::negotiate::ApiVersion;

/// One of the six operations that the simulator offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Operation {
    /// `POST /api/projects/{projectId}/analysisCreationBatch`
    CreateBatch,
    /// `GET /api/projects/{projectId}/analysisCreationBatch/{batchId}`
    GetBatch,
    /// `GET /api/projects/{projectId}/analysisCreationBatch/{batchId}/items`
    GetItems,
    /// `GET /api/projects/{projectId}/analysisCreationBatch/{batchId}/items/{itemId}`
    GetItem,
    /// `POST /api/tokens`
    CreateToken,
    /// `POST /api/tokens:refresh`
    RefreshToken,
}

impl Operation {
    /// All operations, in the order of the API description.
    pub const ALL: [Self; 6] = [
        Self::CreateBatch,
        Self::GetBatch,
        Self::GetItems,
        Self::GetItem,
        Self::CreateToken,
        Self::RefreshToken,
    ];

    /// The operation's `operationId` in the public API description.
    pub fn id(self) -> &'static str {
        match self {
            Self::CreateBatch => "createAnalysisCreationBatch",
            Self::GetBatch => "getAnalysisCreationBatch",
            Self::GetItems => "getAnalysisCreationBatchItems",
            Self::GetItem => "getAnalysisCreationBatchItem",
            Self::CreateToken => "createJwtToken",
            Self::RefreshToken => "refreshJwtToken",
        }
    }

    /// The path below the base URL, with its parameters in braces.
    pub fn path(self) -> &'static str {
        match self {
            Self::CreateBatch => "/api/projects/{projectId}/analysisCreationBatch",
            Self::GetBatch => "/api/projects/{projectId}/analysisCreationBatch/{batchId}",
            Self::GetItems => "/api/projects/{projectId}/analysisCreationBatch/{batchId}/items",
            Self::GetItem => "/api/projects/{projectId}/analysisCreationBatch/{batchId}/items/{itemId}",
            Self::CreateToken => "/api/tokens",
            Self::RefreshToken => "/api/tokens:refresh",
        }
    }

    pub(crate) fn method(self) -> Method {
        match self {
            Self::CreateBatch | Self::CreateToken | Self::RefreshToken => Method::POST,
            Self::GetBatch | Self::GetItems | Self::GetItem => Method::GET,
        }
    }

    /// The versions the description gives the operation.
    pub(crate) fn versions(self) -> &'static [ApiVersion] {
        match self {
            Self::GetItems | Self::GetItem => &[ApiVersion::V4, ApiVersion::V3],
            _ => &[ApiVersion::V3],
        }
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}
