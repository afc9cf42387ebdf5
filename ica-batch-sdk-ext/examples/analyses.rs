//! Finds the analyses of a cohort by their tag, shows why one failed, and aborts those that run.
//!
//! `cargo run --example analyses` uses a simulator in the same process.

#![allow(clippy::print_stdout)]

use std::time::Duration;

use futures_util::TryStreamExt;
use ica_batch_sdk_ext::types::{
    AnalysisStatus, AnalysisStepStatus, CreateAnalysisCreationBatch, CreateAnalysisTag, CreateNextflowAnalysis,
    NextflowAnalysisInput,
};
use ica_batch_sdk_ext::{Analyses, AnalysisStatusExt, Client, Credentials, InvalidText, Uuid};
use ica_simulator::{Fate, Simulator};

/// Technical tag that the analyses of the cohort have in common.
const TAG: &str = "cohort-42";

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let simulator = Simulator::builder()
        .fate("NA12891", Fate::FailRun)
        .fate("NA12892", Fate::AwaitInput)
        .start()?;
    let client = Client::builder()
        .base_url(simulator.base_url())
        .credentials(Credentials::api_key_direct(simulator.api_key())?)
        .build()?;
    let project = client.project(simulator.project_id())?;

    let analyses = ["NA12878", "NA12891", "NA12892"].map(|name| analysis(name, simulator.pipeline_id()));
    let analyses = analyses.into_iter().collect::<Result<Vec<_>, _>>()?;
    let request = CreateAnalysisCreationBatch::builder().nextflow_items(analyses).build();
    project.create_batch(request).await?;
    simulator.clock().advance(Duration::from_secs(3600)); // an hour passes

    let analyses = project.analyses();
    println!("{} analyses have the tag {TAG}", cohort(&analyses).await?);
    let ended = [
        AnalysisStatus::Failed,
        AnalysisStatus::FailedFinal,
        AnalysisStatus::Aborted,
    ];
    let mut failed = analyses.search().technical_tags([TAG]).status(ended).stream();
    while let Some(analysis) = failed.try_next().await? {
        let steps = analyses.steps(analysis.id).await?;
        let step = steps.iter().find(|step| step.status == AnalysisStepStatus::Failed);
        println!(
            "  in step {}: {}",
            step.map_or("unknown", |step| &step.name),
            analysis.summary.unwrap_or_default()
        );
    }

    let mut found = analyses.search().technical_tags([TAG]).stream();
    while let Some(analysis) = found.try_next().await? {
        if !analysis.status.is_terminal() {
            println!("aborting {}", analysis.user_reference);
            analyses.abort(analysis.id).await?;
        }
    }
    simulator.clock().advance(Duration::from_secs(60)); // an abort takes some seconds
    cohort(&analyses).await?;
    Ok(())
}

/// Prints the status of each analysis, and returns their number.
async fn cohort(analyses: &Analyses) -> ica_batch_sdk_ext::Result<u64> {
    let search = analyses.search().technical_tags([TAG]);
    let mut found = search.clone().stream();
    while let Some(analysis) = found.try_next().await? {
        println!("{} is {}", analysis.user_reference, analysis.status);
    }
    search.count().await
}

fn analysis(name: &str, pipeline: Uuid) -> Result<CreateNextflowAnalysis, InvalidText> {
    let tags = CreateAnalysisTag::builder()
        .technical_tags(vec![TAG.to_owned()])
        .build();
    Ok(CreateNextflowAnalysis::builder()
        .user_reference(name)?
        .pipeline_id(pipeline.to_string())
        .tags(tags)
        .analysis_input(NextflowAnalysisInput::builder().inputs(vec![]).build())
        .build())
}
