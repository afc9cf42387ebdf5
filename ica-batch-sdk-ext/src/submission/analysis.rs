//! One analysis of a manifest, of any kind.

use ica_batch_sdk::types::{CreateCwlAnalysis, CreateNextflowAnalysis, CreateNextflowJsonAnalysis};
use serde::Serialize;

use crate::journal::AnalysisKind;

/// Analysis to be created, of any kind. A manifest of several kinds is a list of these.
///
/// ```
/// use ica_batch_sdk_ext::types::{CreateNextflowAnalysis, NextflowAnalysisInput};
/// use ica_batch_sdk_ext::{Analysis, AnalysisKind};
///
/// let nextflow = CreateNextflowAnalysis::builder()
///     .user_reference("sample-7").expect("it has no forbidden character")
///     .pipeline_id("5f3c9c1e-7a40-4f1b-9d52-0e6c8a1b2d3f")
///     .analysis_input(NextflowAnalysisInput::builder().inputs(vec![]).build())
///     .build();
/// let analysis = Analysis::from(nextflow);
/// assert_eq!((analysis.user_reference(), analysis.kind()), ("sample-7", AnalysisKind::Nextflow));
/// ```
#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
pub enum Analysis {
    /// Analysis of a CWL pipeline.
    Cwl(CreateCwlAnalysis),
    /// Analysis of a Nextflow pipeline.
    Nextflow(CreateNextflowAnalysis),
    /// Analysis of a Nextflow pipeline with a JSON input form.
    NextflowJson(CreateNextflowJsonAnalysis),
}

impl Analysis {
    /// Returns the user reference.
    pub fn user_reference(&self) -> &str {
        match self {
            Self::Cwl(analysis) => &analysis.user_reference,
            Self::Nextflow(analysis) => &analysis.user_reference,
            Self::NextflowJson(analysis) => &analysis.user_reference,
        }
    }

    /// Reads an analysis of this kind.
    pub(super) fn from_json(kind: AnalysisKind, json: &str) -> serde_json::Result<Self> {
        Ok(match kind {
            AnalysisKind::Cwl => Self::Cwl(serde_json::from_str(json)?),
            AnalysisKind::Nextflow => Self::Nextflow(serde_json::from_str(json)?),
            AnalysisKind::NextflowJson => Self::NextflowJson(serde_json::from_str(json)?),
        })
    }

    /// Returns the kind.
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
