//! Valid requests.

use ica_batch_sdk_ext::types::{
    AnalysisDataInput, CreateAnalysisCreationBatch, CreateNextflowAnalysis, CreateSample, CreateSampleCreationBatch,
    CreateSampleCreationBatchSampleItem, NextflowAnalysisInput,
};

/// Returns a request for Nextflow analyses with these user references.
///
/// # Panics
/// When a user reference is not valid.
pub fn request(references: &[&str]) -> CreateAnalysisCreationBatch {
    let analyses = references
        .iter()
        .map(|reference| analysis(reference))
        .collect::<Vec<_>>();
    CreateAnalysisCreationBatch::builder().nextflow_items(analyses).build()
}

/// Returns a Nextflow analysis with this user reference.
///
/// # Panics
/// When the user reference is not valid.
pub fn analysis(reference: &str) -> CreateNextflowAnalysis {
    let reads = AnalysisDataInput::builder()
        .parameter_code("reads")
        .data_ids(vec!["fil.8694a109a778941ca0919ebe595176a0".to_owned()])
        .build();
    CreateNextflowAnalysis::builder()
        .user_reference(reference)
        .expect("the tests use valid references")
        .pipeline_id("5f3c9c1e-7a40-4f1b-9d52-0e6c8a1b2d3f")
        .analysis_input(NextflowAnalysisInput::builder().inputs(vec![reads]).build())
        .build()
}

/// Returns a request for samples with these names.
///
/// # Panics
/// When a name is not valid.
pub fn sample_request(names: &[&str]) -> CreateSampleCreationBatch {
    let samples = names.iter().map(|name| {
        let sample = CreateSample::builder()
            .name(name)
            .expect("the tests use valid names")
            .build();
        CreateSampleCreationBatchSampleItem::builder()
            .sample_to_create(sample)
            .complete_sample(true)
            .build()
    });
    CreateSampleCreationBatch::builder()
        .items(samples.collect::<Vec<_>>())
        .build()
}
