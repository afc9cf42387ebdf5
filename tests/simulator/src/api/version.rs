//! Versions of the API.

use std::fmt;

/// A version of the API, as its media types name it.
///
/// ```
/// use ica_simulator::ApiVersion;
///
/// assert_eq!(ApiVersion::V4.media_type(), "application/vnd.illumina.v4+json");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum ApiVersion {
    /// `application/vnd.illumina.v3+json`
    V3,
    /// `application/vnd.illumina.v4+json`
    V4,
}

impl ApiVersion {
    /// Returns the media type of this version.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::V3 => "application/vnd.illumina.v3+json",
            Self::V4 => "application/vnd.illumina.v4+json",
        }
    }

    pub(crate) fn other(self) -> Self {
        match self {
            Self::V3 => Self::V4,
            Self::V4 => Self::V3,
        }
    }
}

impl fmt::Display for ApiVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::V3 => "v3",
            Self::V4 => "v4",
        })
    }
}
