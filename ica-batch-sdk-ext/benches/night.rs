//! One submission of a large cohort through a bad night, in simulated time: failed creations and
//! runs, an outage of an hour, a proxy that lies, and errors after which ICA forgets a key.
//!
//! `cargo bench --features journal --bench night` submits 100 000 analyses (`ICA_BENCH_ROWS` sets
//! another number) in chunks of 50 (`ICA_BENCH_CHUNK`), with one `run_to_end`. It prints the report,
//! the requests, and how late the wait noticed the last end of a run. It fails unless each analysis
//! exists once and the audit finds no difference.

#![allow(clippy::print_stdout)]

use std::time::{Duration, Instant};

use futures_util::TryStreamExt;
use ica_batch_sdk_ext::clock::{Clock, ManualClock};
use ica_batch_sdk_ext::types::{AnalysisDataInput, CreateNextflowAnalysis, NextflowAnalysisInput};
use ica_batch_sdk_ext::{Client, Credentials, Journal, SubmissionEvent, SubmissionWaitReport};
use ica_simulator::{Family, FaultKind, FaultPlan, Lifecycle, Outage, OutageKind, RetryAfter, Simulator};

/// Share of analyses whose creation fails, and share of analyses whose run fails.
const FAILURES: f64 = 0.01;
/// Share of requests that meet each kind of fault.
const FAULTS: f64 = 0.004;
const MINUTE: Duration = Duration::from_secs(60);

fn main() {
    let number = |name| std::env::var(name).map(|text| text.parse().expect("a number"));
    let rows = number("ICA_BENCH_ROWS").unwrap_or(100_000);
    let chunk = number("ICA_BENCH_CHUNK").unwrap_or(50);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("threads are allowed").block_on(night(rows, chunk));
}

async fn night(rows: usize, chunk: usize) {
    let lifecycle = Lifecycle::default()
        .creation(2 * MINUTE)
        .run(90 * MINUTE)
        .jitter(0.3, 7)
        .creation_failure_share(FAILURES)
        .run_failure_share(FAILURES)
        .analyses_found_after(MINUTE);
    let simulator = Simulator::builder().lifecycle(lifecycle).gzip(false).record(false);
    let simulator = simulator
        .token_lifetime(100 * 60 * MINUTE)
        .start()
        .expect("a port is free");
    simulator.clock().freeze();
    let clock = ManualClock::linked(
        simulator.clock(),
        |clock| clock.now().into(),
        |clock, by| clock.advance(by),
    );
    let kinds = [
        FaultKind::ExecuteThenForgetKey(503),
        FaultKind::ExecuteThenHtml(403),
        FaultKind::ExecuteThenHtml(404),
        FaultKind::ExecuteThenReset,
        FaultKind::ResetBeforeExecuting,
        FaultKind::HtmlBadGateway,
        FaultKind::refuse_for(429, 20),
    ];
    let plan = kinds
        .into_iter()
        .fold(FaultPlan::new(), |plan, kind| plan.with(FAULTS, kind));
    simulator.faults().seeded(7, plan);
    let client = Client::builder()
        .base_url(simulator.base_url())
        .credentials(Credentials::api_key(simulator.api_key()).expect("the key is valid"))
        .clock(clock.clone())
        .jitter_seed(7);
    let client = client.build().expect("the settings are valid");
    let project = client.project(simulator.project_id()).expect("the id is valid");
    let folder = tempfile::tempdir().expect("there is room for temporary files");
    let journal = Journal::open(folder.path().join("journal.db")).expect("it is a new file");

    let (started, began) = (Instant::now(), clock.elapsed());
    let submission = || project.submission("night", &journal).chunk_size(chunk);
    let mut run = submission().analyses((0..rows).map(analysis)).run_to_end().progress();
    let (mut events, mut chunks, mut has_outage) = (0, 0, false);
    let mut report = None;
    while let Some(progress) = run.try_next().await.expect("the run ends by itself") {
        events += 1;
        match progress.event() {
            SubmissionEvent::Created { .. } => chunks += 1,
            SubmissionEvent::Ended(ended) => report = Some(ended.clone()),
            _ => {}
        }
        // In the middle of sending.
        if chunks == rows / chunk / 3 && !has_outage {
            has_outage = true;
            let now = simulator.clock().now();
            let kind = OutageKind::Unavailable(RetryAfter::Absent);
            simulator.faults().outage(Outage::new(now..now + 60 * MINUTE, kind));
        }
    }
    let report = report.expect("the last event has the report");
    assert!(has_outage, "too few chunks for an outage in the middle");
    println!("{report}");
    reasons(&report);
    println!(
        "{} simulated, {} s real, {events} events",
        shown(clock.elapsed() - began),
        started.elapsed().as_secs()
    );
    println!(
        "{} creates executed for {} batches, {} requests of the wait",
        simulator.executed_creates(),
        report.submission().batches().len(),
        report.counts().requests
    );
    simulator.faults().clear();
    let end = simulator.clock().now();
    let analyses = project.analyses().search().stream();
    let last = analyses.try_fold(None, |last, analysis| async move { Ok(analysis.end_date.max(last)) });
    let last = last.await.expect("nothing fails any more").expect("a run has ended");
    let late = (end - last).num_seconds();
    println!("the wait ended {late} s after the last run");
    clock.advance(60 * MINUTE);
    let audit = submission().audit().await.expect("nothing fails any more");
    println!("{audit}");
    assert!(audit.is_clean(), "{:?}", audit.findings());
    let existing = simulator.created_by_name(Family::Analysis);
    let several = existing.values().filter(|count| **count > 1).count();
    let counts = report.submission().counts();
    assert_eq!((several, existing.len() as u64), (0, counts.created));
    assert_eq!(counts.created + counts.creation_failed, rows as u64);
}

fn reasons(report: &SubmissionWaitReport) {
    for (reason, count) in report.reasons() {
        println!("  {count} × {reason}");
    }
}

fn shown(time: Duration) -> String {
    format!("{} h {} min", time.as_secs() / 3600, time.as_secs() / 60 % 60)
}

fn analysis(number: usize) -> CreateNextflowAnalysis {
    let reads = AnalysisDataInput::builder()
        .parameter_code("reads")
        .data_ids(vec![format!("fil.{number:032x}")])
        .build();
    CreateNextflowAnalysis::builder()
        .user_reference(format!("night-{number:06}"))
        .expect("it is valid")
        .pipeline_id("5f3c9c1e-7a40-4f1b-9d52-0e6c8a1b2d3f")
        .analysis_input(NextflowAnalysisInput::builder().inputs(vec![reads]).build())
        .build()
}
