//! Submits a manifest and prints a line per event. Tests kill it while it runs.
//!
//! `submitter BASE_URL API_KEY PROJECT JOURNAL NAME ANALYSES CHUNK_SIZE CONCURRENCY WAIT_MS`
//!
//! `WAIT_MS` is the time that it waits for the ownership of the journal.

use std::io::Write;
use std::process::ExitCode;
use std::time::Duration;

use futures_util::TryStreamExt;
use ica_batch_sdk_ext::retry::{Backoff, RetryPolicy};
use ica_batch_sdk_ext::types::{CreateNextflowAnalysis, NextflowAnalysisInput};
use ica_batch_sdk_ext::{Client, Credentials, Journal, SubmissionEvent};

type Failure = Box<dyn std::error::Error + Send + Sync>;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> ExitCode {
    match submit().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // If the test has ended, nothing reads the output.
            let _ = print(&format!("failed: {error}"));
            ExitCode::FAILURE
        }
    }
}

async fn submit() -> Result<(), Failure> {
    let arguments = std::env::args().skip(1).collect::<Vec<_>>();
    let [
        base_url,
        api_key,
        project,
        journal,
        name,
        analyses,
        chunk,
        concurrency,
        wait,
    ] = &arguments[..]
    else {
        return Err("the program needs nine arguments".into());
    };
    let quick = Backoff::new(Duration::from_millis(1), Duration::from_millis(50));
    let client = Client::builder()
        .base_url(base_url)
        .credentials(Credentials::api_key(api_key)?)
        .retry(RetryPolicy::default().max_attempts(20).backoff(quick))
        .build()?;
    let journal = Journal::open(journal)?;
    let mut run = client
        .project(project)?
        .submission(name, &journal)
        .chunk_size(chunk.parse()?)
        .concurrency(concurrency.parse()?)
        // The simulator finds an analysis at once.
        .settling_time(Duration::from_millis(200))
        .wait_for_owner(Duration::from_millis(wait.parse()?))
        .try_analyses((0..analyses.parse::<usize>()?).map(analysis))
        .progress();
    while let Some(progress) = run.try_next().await? {
        match progress.event() {
            SubmissionEvent::Finished(report) => {
                assert!(report.is_complete(), "{report:?}");
                print(&format!("finished {} {}", report.created(), report.batches().len()))?;
            }
            event => print(event_name(event))?,
        }
    }
    Ok(())
}

fn analysis(number: usize) -> Result<CreateNextflowAnalysis, Failure> {
    Ok(CreateNextflowAnalysis::builder()
        .user_reference(format!("sample-{number}"))?
        .pipeline_id("5f3c9c1e-7a40-4f1b-9d52-0e6c8a1b2d3f")
        .analysis_input(NextflowAnalysisInput::builder().inputs(vec![]).build())
        .build())
}

fn event_name(event: &SubmissionEvent) -> &'static str {
    match event {
        SubmissionEvent::Planned => "planned",
        SubmissionEvent::Created { .. } => "created",
        _ => "other",
    }
}

fn print(line: &str) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}")?;
    out.flush()
}
