//! Runs every sample of a sample sheet through a Nextflow pipeline, as one batch.
//!
//! ```sh
//! cargo run --example quickstart                  # examples/data/samples.csv
//! cargo run --example quickstart -- my-sheet.csv  # your own sheet
//! ```
//!
//! Without any variable, it uses a simulator in this process. To use a simulator that runs longer,
//! start `cargo run --package ica-simulator -- --speed 60` in another shell and paste the lines
//! that it prints.
//!
//! To use ICA, set `ICAV2_PROJECT_ID`, `ICA_PIPELINE_ID`, and `ICAV2_API_KEY` or
//! `ICAV2_ACCESS_TOKEN`. `ICAV2_BASE_URL` names another server than the public ICA. The pipeline
//! needs the data inputs `reads` and `reference`.

#![allow(clippy::print_stdout, clippy::print_stderr)]

mod progress;
mod sample_sheet;
mod server;

use std::path::PathBuf;

use anyhow::{Context, ensure};
use ica_batch_sdk_ext::types::{
    AnalysisDataInput, CreateAnalysisCreationBatch, CreateNextflowAnalysis, NextflowAnalysisInput,
};
use sample_sheet::Sample;
use server::Server;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let sheet = std::env::args_os().nth(1).map_or_else(bundled_sheet, PathBuf::from);
    let samples =
        sample_sheet::read(&sheet).with_context(|| format!("could not read the sample sheet {}", sheet.display()))?;
    println!("{} samples in {}", samples.len(), sheet.display());

    let server = Server::choose()?;
    println!("server: {}", server.description());
    let project = server.project();

    let analyses = samples
        .iter()
        .map(|sample| analysis(sample, server.pipeline_id()))
        .collect::<anyhow::Result<Vec<_>>>()?;
    let request = CreateAnalysisCreationBatch::builder().nextflow_items(analyses).build();

    // The key is known before anything is sent. With it, the create can be sent again after a lost
    // response.
    let create = project.create_batch(request);
    println!("idempotency key: {}", create.key());
    let created = create.clone().await?;
    println!("created batch {}", created.id());

    let again = create.await?;
    ensure!(
        again.id() == created.id(),
        "the same key created a second batch {}",
        again.id()
    );
    println!("sent the same request with the same key again: nothing was created twice");

    let items = progress::wait(&project.batch(created.id()), samples.len(), server.poll_interval()).await?;
    progress::print_table(&items);
    Ok(())
}

fn bundled_sheet() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/data/samples.csv"))
}

/// Returns the analysis of a sample.
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
