//! Foreign text in analyses: ICA's text about a run, and values that are not known.

use ica_batch_sdk::types::{AnalysisData, AnalysisOutput, AnalysisStep, AnalysisV3, AnalysisV4};

use crate::batch::ForeignTexts;

/// Scrubs what the server wrote into an analysis of version 3.
pub(crate) fn scrub_v3(analysis: &mut AnalysisV3, texts: &mut ForeignTexts<'_>) {
    texts.message(&mut analysis.summary);
    texts.status(&mut analysis.status);
    if let Some(priority) = &mut analysis.analysis_priority {
        texts.status(priority);
    }
}

/// Scrubs what the server wrote into an analysis of version 4.
pub(crate) fn scrub_v4(analysis: &mut AnalysisV4, texts: &mut ForeignTexts<'_>) {
    texts.message(&mut analysis.summary);
    texts.status(&mut analysis.status);
    if let Some(priority) = &mut analysis.analysis_priority {
        texts.status(priority);
    }
}

/// Scrubs what the server wrote into a step.
pub(super) fn scrub_step(step: &mut AnalysisStep, texts: &mut ForeignTexts<'_>) {
    texts.status(&mut step.status);
}

/// Scrubs what the server wrote into an output.
pub(super) fn scrub_output(output: &mut AnalysisOutput, texts: &mut ForeignTexts<'_>) {
    scrub_data(output.data.as_deref_mut().unwrap_or_default(), texts);
}

/// The depth is that of the JSON, which is limited.
fn scrub_data(data: &mut [AnalysisData], texts: &mut ForeignTexts<'_>) {
    for entry in data {
        texts.status(&mut entry.data_type);
        scrub_data(entry.children.as_deref_mut().unwrap_or_default(), texts);
    }
}
