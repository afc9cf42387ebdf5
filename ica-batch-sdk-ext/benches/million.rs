//! Costs of a journal with a million analyses: times as ratios to planning it, and memory.
//!
//! `cargo bench --features journal --bench million` prints, for a million analyses in chunks of 100
//! (`ICA_BENCH_ROWS` sets another number):
//! - *plan*: time, and the peak memory of a process that does nothing else (Linux only);
//! - *open*, *run with nothing to do*, *verify*: the same;
//! - *compare backwards*, *delete bodies*, *prune*: time, and the longest time that the plan of
//!   another submission of one analysis takes meanwhile, which is how long a writer waits;
//! - the size of the write-ahead log after each.
//!
//! The benchmark writes some 1.5 GB to the folder for temporary files, and so measures its disk.

#![allow(clippy::print_stdout)]

use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant, SystemTime};

use ica_batch_sdk_ext::types::{AnalysisDataInput, CreateNextflowAnalysis, NextflowAnalysisInput};
use ica_batch_sdk_ext::{Client, Credentials, Journal, OnChange, Project};
use ica_simulator::{Lifecycle, Simulator};
use tokio::runtime::Runtime;

const CHUNK: usize = 100;
const NAME: &str = "cohort";
/// Environment variables of a child: what it measures, and the journal, server and project.
const STEP: &str = "ICA_BENCH_STEP";
const JOURNAL: &str = "ICA_BENCH_JOURNAL";
const SERVER: &str = "ICA_BENCH_SERVER";
const PROJECT: &str = "ICA_BENCH_PROJECT";

fn rows() -> usize {
    let rows = std::env::var("ICA_BENCH_ROWS").map(|rows| rows.parse());
    rows.map_or(1_000_000, |rows| rows.expect("a number of rows"))
}

fn main() {
    if let Ok(step) = std::env::var(STEP) {
        return measure(&step);
    }
    let folder = tempfile::tempdir().expect("there is room for temporary files");
    let path = folder.path().join("journal.db");
    let simulator = Simulator::builder()
        .record(false)
        .lifecycle(Lifecycle::instant())
        .start();
    let simulator = simulator.expect("a port is free");
    let child = |step: &str| -> (Duration, Option<f64>) {
        let this = std::env::current_exe().expect("this program has a path");
        let output = Command::new(this)
            .env(STEP, step)
            .env(JOURNAL, &path)
            .env(SERVER, simulator.base_url())
            .env(PROJECT, simulator.project_id())
            .output()
            .expect("it can be run");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let mut numbers = text.split_whitespace().map(str::parse::<f64>);
        match (numbers.next(), numbers.next()) {
            (Some(Ok(seconds)), peak) => (Duration::from_secs_f64(seconds), peak.and_then(Result::ok)),
            _ => panic!("{step}: {text}{}", String::from_utf8_lossy(&output.stderr)),
        }
    };
    let shown = |what: &str, (time, peak): (Duration, Option<f64>), plan: Duration| {
        let peak = peak.map_or_else(|| "unknown".to_owned(), |peak| format!("{:.1} MiB", peak / 1024.0));
        println!(
            "{what}: {:.4} of planning ({:.3} s), peak {peak}, write-ahead log {:.1} MiB",
            time.as_secs_f64() / plan.as_secs_f64(),
            time.as_secs_f64(),
            size(&path, "db-wal")
        );
    };
    let planned = child("plan");
    let plan = planned.0;
    println!("{} analyses, journal of {:.0} MiB", rows(), size(&path, "db"));
    shown("plan", planned, plan);
    shown("open", child("open"), plan);
    let runtime = runtime();
    let project = project(&simulator.base_url(), simulator.project_id(), simulator.api_key());
    let journal = Journal::open(&path).expect("it was planned");
    let sent = timed(|| {
        let submission = project.submission(NAME, &journal).lookup_items(false);
        let report = runtime
            .block_on(submission.run())
            .expect("the simulator creates everything");
        assert_eq!(report.created(), rows());
    });
    shown("send", (sent, None), plan);
    shown("run with nothing to do", child("run"), plan);
    shown("verify", child("verify"), plan);
    for (what, step) in [
        ("compare backwards", Step::Compare),
        ("delete bodies", Step::DeleteBodies),
        ("prune", Step::Prune),
    ] {
        let (time, waits) = beside(&runtime, &project, &journal, step);
        shown(what, (time, None), plan);
        let longest = waits.iter().max().copied().unwrap_or_default();
        println!(
            "  longest plan of one analysis meanwhile: {:.3} s of {} plans",
            longest.as_secs_f64(),
            waits.len()
        );
    }
    println!("journal of {:.0} MiB after pruning", size(&path, "db"));
}

#[derive(Debug, Clone, Copy)]
enum Step {
    Compare,
    DeleteBodies,
    Prune,
}

/// Runs a step while another thread plans small submissions. Returns the time of the step, and those
/// of the plans.
fn beside(runtime: &Runtime, project: &Project, journal: &Journal, step: Step) -> (Duration, Vec<Duration>) {
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let plans = scope.spawn(|| {
            let mut waits = Vec::new();
            while !is_over.load(Ordering::Relaxed) {
                let name = format!("{step:?}-{}", waits.len());
                let small = project.submission(name, journal).allow_created_elsewhere();
                let small = small.analyses([analysis(waits.len())]);
                waits.push(timed(|| drop(runtime.block_on(small.plan()).expect("it is small"))));
                std::thread::sleep(Duration::from_millis(2));
            }
            waits
        });
        let time = timed(|| match step {
            Step::Compare => {
                let submission = project.submission(NAME, journal).on_change(OnChange::Stop);
                let compared = submission.analyses((0..rows()).rev().map(analysis)).plan();
                runtime.block_on(compared).expect("it is another order only");
            }
            Step::DeleteBodies => {
                let deleted = journal.delete_bodies(SystemTime::now()).expect("this process owns it");
                assert_eq!(deleted as usize, rows().div_ceil(CHUNK));
            }
            Step::Prune => {
                assert_eq!(journal.prune(SystemTime::now()).expect("this process owns it"), 1);
            }
        });
        is_over.store(true, Ordering::Relaxed);
        (time, plans.join().expect("plans do not fail"))
    })
}

/// Measures one step, and prints its seconds and the peak memory of this process in KiB.
fn measure(step: &str) {
    let variable = |name| std::env::var(name).expect("the parent sets it");
    let path = variable(JOURNAL);
    let path = Path::new(&path);
    let runtime = runtime();
    let project = project(&variable(SERVER), &variable(PROJECT), "unused");
    let time = match step {
        "plan" => timed(|| {
            let journal = Journal::open(path).expect("the file is new");
            let submission = project.submission(NAME, &journal).chunk_size(CHUNK);
            // The iterator makes one analysis at a time, so only the memory of the crate counts.
            let plan = submission.analyses((0..rows()).map(analysis)).plan();
            runtime.block_on(plan).expect("the manifest is valid");
        }),
        "open" => timed(|| drop(Journal::open(path).expect("it was planned"))),
        "run" => timed(|| {
            let journal = Journal::open(path).expect("it was planned");
            let submission = project.submission(NAME, &journal).lookup_items(false);
            let report = runtime.block_on(submission.run()).expect("nothing is sent");
            assert!(report.is_complete());
        }),
        "verify" => timed(|| {
            let verification = Journal::open(path).and_then(|journal| journal.verify());
            let verification = verification.expect("it can be read");
            assert!(verification.is_intact(), "{verification}");
        }),
        other => panic!("{other} is not a step"),
    };
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = { status.lines() }.find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB"));
    println!("{} {}", time.as_secs_f64(), peak.unwrap_or("unknown"));
}

fn timed(work: impl FnOnce()) -> Duration {
    let started = Instant::now();
    work();
    started.elapsed()
}

/// Returns the size of a file beside the journal in MiB.
fn size(path: &Path, extension: &str) -> f64 {
    let metadata = path.with_extension(extension).metadata();
    metadata.map_or(0.0, |metadata| metadata.len() as f64 / 1024.0 / 1024.0)
}

fn runtime() -> Runtime {
    let builder = &mut tokio::runtime::Builder::new_multi_thread();
    let builder = builder.worker_threads(2).enable_all();
    builder.build().expect("threads are allowed")
}

fn project(base_url: &str, id: &str, key: &str) -> Project {
    let credentials = Credentials::api_key_direct(key).expect("the key is valid");
    let client = Client::builder().base_url(base_url).credentials(credentials).build();
    let project = client.expect("it is on this machine").project(id);
    project.expect("the project has an id")
}

fn analysis(number: usize) -> CreateNextflowAnalysis {
    let input = |code: &str| {
        AnalysisDataInput::builder()
            .parameter_code(code)
            .data_ids(vec![format!("fil.{number:032x}"), format!("fil.{:032x}", number + 1)])
            .build()
    };
    let inputs = vec![input("reads"), input("reference")];
    CreateNextflowAnalysis::builder()
        .user_reference(format!("cohort-42/sample-{number}"))
        .expect("it is valid")
        .pipeline_id("5f3c9c1e-7a40-4f1b-9d52-0e6c8a1b2d3f")
        .analysis_input(NextflowAnalysisInput::builder().inputs(inputs).build())
        .build()
}
