//! The last failure of a chunk that has no outcome.

use std::fmt;

use serde::Serialize;

use crate::error::{Error, ErrorKind, NAME, shown};

/// Last failure of a chunk that has no outcome yet.
///
/// It is known to the run that sent the chunk. The journal does not record it.
///
/// ```
/// use ica_batch_sdk_ext::{ErrorKind, LastFailure};
///
/// let mut failure = LastFailure::new(ErrorKind::Server, "server error (HTTP 503)");
/// failure.status = Some(503);
/// failure.failures = 3;
/// assert_eq!(failure.to_string(), "server error (HTTP 503), after 3 failures");
/// assert_eq!(serde_json::to_value(&failure)?["kind"], "server");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct LastFailure {
    /// Kind of the failure.
    pub kind: ErrorKind,
    /// Text of the failure, without the chunk and without advice.
    pub message: String,
    /// HTTP status of the response.
    pub status: Option<u16>,
    /// ICA's error code.
    pub code: Option<String>,
    /// Number of failures of the chunk in this run.
    pub failures: u32,
}

impl LastFailure {
    /// Creates a first failure, for tests of a program that handles one. The fields can be changed.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            status: None,
            code: None,
            failures: 1,
        }
    }

    pub(super) fn of(error: &Error, failures: u32) -> Self {
        Self {
            kind: error.kind(),
            message: error.what().to_owned(),
            status: error.status(),
            code: error.code().map(|code| shown(code, NAME)),
            failures,
        }
    }
}

impl fmt::Display for LastFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        match self.failures {
            0 | 1 => Ok(()),
            failures => write!(f, ", after {failures} failures"),
        }
    }
}
