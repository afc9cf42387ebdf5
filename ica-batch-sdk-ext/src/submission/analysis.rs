//! One analysis of a manifest, of any of the three kinds.

use ica_batch_sdk::types::{CreateCwlAnalysis, CreateNextflowAnalysis, CreateNextflowJsonAnalysis};
use serde::Serialize;

/// An analysis to be created: of a CWL pipeline, of a Nextflow pipeline, or of one whose inputs are a JSON form.
#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
pub enum Analysis {
    /// Of a CWL pipeline.
    Cwl(CreateCwlAnalysis),
    /// Of a Nextflow pipeline.
    Nextflow(CreateNextflowAnalysis),
    /// Of a Nextflow pipeline with a JSON input form.
    NextflowJson(CreateNextflowJsonAnalysis),
}

impl Analysis {
    /// The name that the manifest gives the analysis.
    pub fn user_reference(&self) -> &str {
        match self {
            Self::Cwl(analysis) => &analysis.user_reference,
            Self::Nextflow(analysis) => &analysis.user_reference,
            Self::NextflowJson(analysis) => &analysis.user_reference,
        }
    }

    /// Which kind it is.
    pub fn kind(&self) -> AnalysisKind {
        match self {
            Self::Cwl(_) => AnalysisKind::Cwl,
            Self::Nextflow(_) => AnalysisKind::Nextflow,
            Self::NextflowJson(_) => AnalysisKind::NextflowJson,
        }
    }
}

impl From<CreateCwlAnalysis> for Analysis {
    fn from(analysis: CreateCwlAnalysis) -> Self {
        Self::Cwl(analysis)
    }
}

impl From<CreateNextflowAnalysis> for Analysis {
    fn from(analysis: CreateNextflowAnalysis) -> Self {
        Self::Nextflow(analysis)
    }
}

impl From<CreateNextflowJsonAnalysis> for Analysis {
    fn from(analysis: CreateNextflowJsonAnalysis) -> Self {
        Self::NextflowJson(analysis)
    }
}

/// Which list of a request an analysis belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AnalysisKind {
    /// `cwlItems`.
    Cwl,
    /// `nextflowItems`.
    Nextflow,
    /// `nextflowJsonItems`.
    NextflowJson,
}

impl AnalysisKind {
    pub(crate) const ALL: [Self; 3] = [Self::Cwl, Self::Nextflow, Self::NextflowJson];

    /// As it stands in a journal.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Cwl => "cwl",
            Self::Nextflow => "nextflow",
            Self::NextflowJson => "nextflow_json",
        }
    }

    pub(crate) fn from_text(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}
