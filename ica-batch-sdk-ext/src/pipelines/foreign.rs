//! Foreign text in pipelines: values that are not known. Codes and descriptions are data, and stay.

use ica_batch_sdk::types::ProjectPipeline;

use crate::batch::ForeignTexts;

/// Scrubs what the server wrote into a pipeline.
pub(super) fn scrub(found: &mut ProjectPipeline, texts: &mut ForeignTexts<'_>) {
    let pipeline = &mut found.pipeline;
    texts.status(&mut pipeline.language);
    if let Some(version) = &mut pipeline.language_version {
        texts.status(&mut version.language);
    }
    if let Some(status) = &mut pipeline.status {
        texts.status(status);
    }
    if let Some(form) = &mut pipeline.input_form_type {
        texts.status(form);
    }
    for bundle in found.bundle_links.items.iter_mut().flatten() {
        texts.status(&mut bundle.status);
        if let Some(model) = &mut bundle.metadata_model {
            texts.status(&mut model.state);
        }
    }
}
