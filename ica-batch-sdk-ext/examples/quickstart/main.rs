//! Runs every sample of a sample sheet through a Nextflow pipeline, in one batch.
//!
//! ```sh
//! cargo run --example quickstart                  # examples/data/samples.csv, against a simulator in this process
//! cargo run --example quickstart -- my-sheet.csv  # your own sheet
//! ```
//!
//! With ICAV2_BASE_URL, ICAV2_PROJECT_ID and a credential (ICAV2_ACCESS_TOKEN or ICAV2_API_KEY) it talks to the real
//! ICA instead. Then ICA_PIPELINE_ID names the pipeline; it needs the data inputs `reads` and `reference`.

#![allow(clippy::print_stdout, clippy::print_stderr)]

mod follow;
mod sample_sheet;
mod target;

use std::path::PathBuf;

use anyhow::{Context, ensure};
use ica_batch_sdk_ext::types::{
    AnalysisDataInput, CreateAnalysisCreationBatch, CreateNextflowAnalysis, NextflowAnalysisInput,
};
use sample_sheet::Sample;
use target::Target;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let sheet = std::env::args_os().nth(1).map_or_else(bundled_sheet, PathBuf::from);
    let samples = sample_sheet::read(&sheet).with_context(|| format!("cannot use {}", sheet.display()))?;
    println!("{} samples in {}", samples.len(), sheet.display());

    let target = Target::from_env()?;
    println!("talking to {}", target.name());
    let project = target.client()?.project(target.project_id())?;

    let analyses = samples
        .iter()
        .map(|sample| analysis(sample, target.pipeline_id()))
        .collect::<anyhow::Result<Vec<_>>>()?;
    let request = CreateAnalysisCreationBatch::builder().nextflow_items(analyses).build();

    // The key is there before anything is sent: write it down, and a lost answer costs nothing.
    let create = project.create_batch(request);
    println!("creating the batch with idempotency key {}", create.key());
    let created = create.clone().await?;
    println!("batch {}", created.id());

    let again = create.await?;
    ensure!(
        again.id() == created.id(),
        "the same key made another batch: {}",
        again.id()
    );
    println!("sent again with the same key: the same batch, nothing created twice");

    let items = follow::until_ended(&project.batch(created.id()), samples.len(), target.poll_interval()).await?;
    follow::print_table(&items);
    Ok(())
}

fn bundled_sheet() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/data/samples.csv"))
}

/// One analysis: the sample's reads against its reference.
fn analysis(sample: &Sample, pipeline_id: &str) -> anyhow::Result<CreateNextflowAnalysis> {
    let reads = AnalysisDataInput::builder()
        .parameter_code("reads")
        .data_ids(vec![sample.fastq_r1.clone(), sample.fastq_r2.clone()])
        .build();
    let reference = AnalysisDataInput::builder()
        .parameter_code("reference")
        .data_ids(vec![sample.reference.clone()])
        .build();
    Ok(CreateNextflowAnalysis::builder()
        .user_reference(&sample.name)?
        .pipeline_id(pipeline_id)
        .analysis_input(NextflowAnalysisInput::builder().inputs(vec![reads, reference]).build())
        .build())
}
