//! The result of checking a whole journal.

use std::fmt;

use serde::Serialize;

use crate::error::counted;

/// Number of findings that are listed.
pub(super) const LISTED: usize = 100;

/// Result of [`Journal::verify`](crate::Journal::verify).
///
/// ```
/// use ica_batch_sdk_ext::Journal;
///
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("cohort.db");
/// let verification = Journal::open(&path)?.verify()?;
/// assert!(verification.is_intact());
/// assert_eq!(verification.to_string(), "intact: 0 submissions, 0 chunks, 0 analyses");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Verification {
    /// Number of submissions that were read.
    pub submissions: u64,
    /// Number of chunks that were read.
    pub chunks: u64,
    /// Number of rows of manifests that were read.
    pub analyses: u64,
    /// Number of request bodies that were compared with their digests.
    pub bodies: u64,
    /// Sentences on what is damaged or was changed by another program, up to 100.
    pub findings: Vec<String>,
}

impl Verification {
    /// Returns whether the journal contains what this crate recorded, and nothing else.
    pub fn is_intact(&self) -> bool {
        self.findings.is_empty()
    }

    /// Adds a finding, unless there are many.
    pub(super) fn add(&mut self, finding: String) {
        if self.findings.len() < LISTED {
            self.findings.push(finding);
        }
    }
}

impl fmt::Display for Verification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            submissions,
            chunks,
            analyses,
            findings,
            ..
        } = self;
        match findings.first() {
            None => write!(
                f,
                "intact: {}, {}, {analyses} {}",
                counted(*submissions, "submission"),
                counted(*chunks, "chunk"),
                if *analyses == 1 { "analysis" } else { "analyses" }
            ),
            Some(first) => write!(f, "damaged: {} findings, the first: {first}", findings.len()),
        }
    }
}
