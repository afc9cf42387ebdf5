//! Submits a cohort of samples through a journal, so that it can be killed and run again.
//!
//! ```sh
//! cargo run --features journal --example cohort                      # against a simulator in this process
//! cargo run --features journal --example cohort -- cohort.db 2000    # the journal to use, and how many samples
//! ```
//!
//! To see it survive, start `cargo run --package ica-simulator -- --fault-rate 0.1` in another shell, export what it prints and an
//! ICA_PIPELINE_ID, and kill the second form as often as you like. With the real ICA's variables it submits to the real ICA.

#![allow(clippy::print_stdout)]

#[path = "../quickstart/target.rs"]
mod target;

use std::collections::BTreeSet;
use std::path::PathBuf;

use anyhow::Context;
use futures_util::TryStreamExt;
use ica_batch_sdk_ext::types::{AnalysisDataInput, CreateNextflowAnalysis, NextflowAnalysisInput};
use ica_batch_sdk_ext::{Journal, OnRejection, Settled, SubmissionEvent, SubmissionOutcome, SubmissionReport};
use target::Target;

const SAMPLES: usize = 2000;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let folder = tempfile::tempdir()?;
    let path = arguments
        .next()
        .map_or_else(|| folder.path().join("cohort.db"), PathBuf::from);
    let samples = match arguments.next() {
        Some(number) => number.parse().context("the second argument is a number of samples")?,
        None => SAMPLES,
    };
    let target = Target::from_env()?;
    println!("talking to {}", target.name());
    println!("journal {}", path.display());
    let project = target.client()?.project(target.project_id())?;
    let journal = Journal::open(&path)?;

    let pipeline = target.pipeline_id().to_owned();
    let manifest = (0..samples).map(move |sample| analysis(sample, &pipeline));
    let submission = || {
        project
            .submission("cohort-42", &journal)
            .on_rejection(OnRejection::Isolate)
    };
    let mut run = submission().try_analyses(manifest).progress();
    let mut batches = BTreeSet::new();
    while let Some(progress) = run.try_next().await? {
        let (created, analyses) = (progress.created(), progress.analyses());
        match progress.event() {
            SubmissionEvent::Planned => {
                let chunks = progress.chunks();
                println!("{analyses} analyses in {chunks} chunks, {created} of them created by earlier runs");
            }
            SubmissionEvent::Created { chunk, batch, .. } => {
                println!("{created:>6} of {analyses} created: chunk {chunk} is batch {batch}");
            }
            SubmissionEvent::Finished(report) => batches = report.batches(),
            event => println!("{created:>6} of {analyses} created: {event:?}"),
        }
    }

    println!(
        "all is sent; waiting until ICA has created the analyses of {} batches",
        batches.len()
    );
    for batch in batches {
        let batch = project.batch(batch);
        batch
            .wait()
            .until(Settled::Created)
            .poll(target.poll_interval())
            .await?;
    }
    // What is answered is not sent again; the ids that were missing are looked up.
    print_report(&submission().run().await?);
    Ok(())
}

fn analysis(sample: usize, pipeline_id: &str) -> anyhow::Result<CreateNextflowAnalysis> {
    let reads = AnalysisDataInput::builder()
        .parameter_code("reads")
        .data_ids(vec![format!("fil.{sample:032x}")])
        .build();
    Ok(CreateNextflowAnalysis::builder()
        .user_reference(format!("cohort-42/sample-{sample:05}"))?
        .pipeline_id(pipeline_id)
        .analysis_input(NextflowAnalysisInput::builder().inputs(vec![reads]).build())
        .build())
}

fn print_report(report: &SubmissionReport) {
    let has_id = |outcome: &SubmissionOutcome| matches!(outcome, SubmissionOutcome::Created { analysis: Some(_), .. });
    let known = report.analyses().iter().filter(|analysis| has_id(&analysis.outcome));
    println!(
        "{} created in {} batches, {} with the id of their analysis; {} rejected",
        report.created(),
        report.batches().len(),
        known.count(),
        report.rejected()
    );
    for analysis in report.analyses() {
        if let SubmissionOutcome::Rejected { problem, .. } = &analysis.outcome {
            println!("  {}: {problem:?}", analysis.user_reference);
        }
    }
}
