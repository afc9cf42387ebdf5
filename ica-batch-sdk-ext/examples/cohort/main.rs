//! Submits a cohort of 2000 samples with a journal, so that it can be killed and run again.
//!
//! ```sh
//! cargo run --features journal --example cohort                      # against a simulator
//! cargo run --features journal --example cohort -- cohort.db 500     # another journal, and 500 samples
//! ```
//!
//! Kill it with Ctrl-C or `kill -9` while it runs, and run it again: it says how many analyses
//! earlier runs created, and creates only the others. The simulator is a process of its own, so it
//! survives the kill like the real ICA, and ends by itself one minute after the last request.
//!
//! To use a simulator that runs longer, start
//! `cargo run --package ica-simulator -- --fault-rate 0.1` in another shell and export the
//! variables that it prints. With the variables of the real ICA and `ICA_PIPELINE_ID`, the example
//! submits to the real ICA.

#![allow(clippy::print_stdout)]

mod server;

use std::collections::BTreeSet;
use std::path::PathBuf;

use anyhow::Context;
use futures_util::TryStreamExt;
use ica_batch_sdk_ext::types::{AnalysisDataInput, CreateNextflowAnalysis, NextflowAnalysisInput};
use ica_batch_sdk_ext::{
    Journal, OnRejection, Submission, SubmissionCounts, SubmissionEvent, SubmissionOutcome, WaitUntil,
};
use server::Server;

const NAME: &str = "cohort-42";
const SAMPLES: usize = 2000;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1).peekable();
    if arguments.next_if(|argument| argument == server::SIMULATE).is_some() {
        return server::simulate().await;
    }
    let path = arguments
        .next()
        .map_or_else(|| std::env::temp_dir().join("ica-batch-cohort.db"), PathBuf::from);
    let samples = match arguments.next() {
        Some(number) => number.parse().context("the second argument is a number of samples")?,
        None => SAMPLES,
    };
    let journal = Journal::open(&path)?;
    println!("journal: {}", path.display());
    let server = Server::choose(&journal, NAME).await?;
    println!("server:  {}", server.description());
    let project = server.project();
    let submission = || -> Submission {
        let submission = project.submission(NAME, &journal);
        submission.chunk_size(20).on_rejection(OnRejection::Isolate)
    };

    let pipeline = server.pipeline_id().to_owned();
    let manifest = (0..samples).map(move |sample| analysis(sample, &pipeline));
    let mut run = submission().try_analyses(manifest).progress();
    let mut before = SubmissionCounts::default();
    let mut batches = BTreeSet::new();
    while let Some(progress) = run.try_next().await? {
        let counts = progress.counts();
        match progress.event() {
            SubmissionEvent::Planned => {
                before = counts;
                println!(
                    "{} analyses in {} chunks: {} created by earlier runs, {} to create now",
                    counts.analyses,
                    counts.chunks,
                    counts.created,
                    counts.pending()
                );
            }
            SubmissionEvent::Finished(report) => {
                batches = report.batches().clone();
                println!(
                    "{} created: {} by earlier runs, {} by this run",
                    counts.created,
                    before.created,
                    counts.created - before.created
                );
            }
            _ => {
                println!("{progress}");
                tokio::time::sleep(server.pause()).await;
            }
        }
    }

    println!(
        "waiting until ICA has created the analyses of {} batches",
        batches.len()
    );
    for batch in batches {
        let batch = project.batch(batch);
        batch
            .wait()
            .until(WaitUntil::Created)
            .poll_interval(server.poll_interval())
            .await?;
    }
    // Another run sends nothing. It lists the items whose analysis ids were not known before.
    let report = submission().run().await?;
    let has_id = |outcome: &SubmissionOutcome| matches!(outcome, SubmissionOutcome::Created { analysis: Some(_), .. });
    let known = report.analyses().iter().filter(|analysis| has_id(&analysis.outcome));
    println!("{report}; {} analysis ids are in the journal", known.count());
    for analysis in report.analyses() {
        if let SubmissionOutcome::Rejected { .. } = analysis.outcome {
            println!("  {analysis}");
        }
    }
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
