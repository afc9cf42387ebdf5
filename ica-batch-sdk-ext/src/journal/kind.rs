//! The kind of an analysis.

use std::fmt;

use serde::Serialize;

/// Kind of an analysis, which decides the list of the request that it belongs to.
///
/// ```
/// use ica_batch_sdk_ext::AnalysisKind;
///
/// assert_eq!(AnalysisKind::NextflowJson.as_str(), "nextflow_json");
/// assert_eq!(AnalysisKind::Cwl.to_string(), "cwl");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AnalysisKind {
    /// Analysis of a CWL pipeline, in `cwlItems`.
    Cwl,
    /// Analysis of a Nextflow pipeline, in `nextflowItems`.
    Nextflow,
    /// Analysis of a Nextflow pipeline with a JSON input form, in `nextflowJsonItems`.
    NextflowJson,
}

impl AnalysisKind {
    const ALL: [Self; 3] = [Self::Cwl, Self::Nextflow, Self::NextflowJson];

    /// Returns the name that a journal stores: `cwl`, `nextflow` or `nextflow_json`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Cwl => "cwl",
            Self::Nextflow => "nextflow",
            Self::NextflowJson => "nextflow_json",
        }
    }

    pub(super) fn from_text(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

impl fmt::Display for AnalysisKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
