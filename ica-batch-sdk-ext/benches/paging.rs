//! Gain by prefetching, by several pages at a time and by summaries: ratios within one run, medians over
//! paired rounds.
//!
//! `cargo bench --bench paging` prints:
//! - *prefetch*: a caller that spends as long on a page as the server takes to serve it, with and without prefetch;
//! - *offset*: 8 pages at a time against one at a time, 50 ms a page;
//! - *summaries*: items a second as summaries against whole items;
//! - *memory*: the peak of a process that drains 200 000 items against one that drains 10 000 (Linux only).

#![allow(clippy::print_stdout)]

use std::hint::black_box;
use std::process::Command;
use std::time::{Duration, Instant};

use futures_util::TryStreamExt;
use ica_batch_sdk_ext::{AnalysisCreation, Batch, Client, Credentials, Uuid};
use ica_simulator::{Fault, FaultKind, SeedOptions, Simulator, StallFor};
use tokio::runtime::Runtime;

const PER_PAGE: Duration = Duration::from_millis(50);
/// Set for the process that drains a list and says how much memory that took.
const DRAIN: &str = "ICA_BENCH_DRAIN";

fn main() {
    if let Ok(list) = std::env::var(DRAIN) {
        return drain(&list);
    }
    report("prefetch, over no prefetch", 5, prefetch());
    report("offset with 8 pages at a time, over one", 3, offset());
    report("summaries, over whole items", 31, summaries());
    memory();
}

/// Prints the median ratio of the second duration over the first.
fn report(what: &str, rounds: usize, round: impl Fn() -> (Duration, Duration)) {
    let mut ratios = (0..rounds)
        .map(|_| {
            let (quick, slow) = round();
            slow.as_secs_f64() / quick.as_secs_f64()
        })
        .collect::<Vec<_>>();
    ratios.sort_by(f64::total_cmp);
    let (least, median, most) = (ratios[0], ratios[rounds / 2], ratios[rounds - 1]);
    println!("{what}: median {median:.2}, from {least:.2} to {most:.2}, {rounds} paired rounds");
}

struct Fixture {
    runtime: Runtime,
    batch: Batch<ica_batch_sdk_ext::AnalysisCreation>,
    // Closed last: the batch still has connections to it.
    _simulator: Simulator,
}

fn fixture(items: usize, per_page: Option<Duration>) -> Fixture {
    let simulator = Simulator::builder()
        .record(false)
        .gzip(false)
        .start()
        .expect("a port is free");
    let id = simulator.seed_batch(simulator.project_id(), items, SeedOptions::default());
    if let Some(per_page) = per_page {
        let stall = FaultKind::StallBeforeExecuting(StallFor::Time(per_page));
        simulator.faults().add(Fault::new(stall).every());
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build();
    let batch = batch(&simulator.base_url(), simulator.api_key(), simulator.project_id(), id);
    Fixture {
        runtime: runtime.expect("threads are allowed"),
        batch,
        _simulator: simulator,
    }
}

fn batch(base_url: &str, api_key: &str, project: &str, id: Uuid) -> Batch<AnalysisCreation> {
    let credentials = Credentials::api_key_direct(api_key).expect("the key is one");
    let client = Client::builder().base_url(base_url).credentials(credentials).build();
    let project = client.expect("the simulator is on this machine").project(project);
    project.expect("the project has an id").batch(id)
}

async fn look_at<T>(item: T) -> ica_batch_sdk_ext::Result<()> {
    black_box(item);
    Ok(())
}

fn timed(fixture: &Fixture, work: impl Future<Output = ica_batch_sdk_ext::Result<()>>) -> Duration {
    let started = Instant::now();
    fixture.runtime.block_on(work).expect("the simulator answers");
    started.elapsed()
}

fn prefetch() -> impl Fn() -> (Duration, Duration) {
    let fixture = fixture(20 * 50, Some(PER_PAGE));
    move || {
        let read = |prefetch| {
            let mut pages = fixture.batch.items().page_size(50).prefetch(prefetch).pages();
            timed(&fixture, async move {
                while let Some(page) = pages.try_next().await? {
                    black_box(page);
                    tokio::time::sleep(PER_PAGE).await;
                }
                Ok(())
            })
        };
        (read(true), read(false))
    }
}

fn offset() -> impl Fn() -> (Duration, Duration) {
    let fixture = fixture(65 * 50, Some(PER_PAGE));
    move || {
        let read = |pages| {
            let items = fixture
                .batch
                .items()
                .page_size(50)
                .offset(0)
                .concurrency(pages)
                .stream();
            timed(&fixture, items.try_for_each(look_at))
        };
        (read(8), read(1))
    }
}

fn summaries() -> impl Fn() -> (Duration, Duration) {
    let fixture = fixture(20_000, None);
    move || {
        let lean = fixture.batch.items().summaries().stream();
        let lean = timed(&fixture, lean.try_for_each(look_at));
        let whole = fixture.batch.items().stream();
        let whole = timed(&fixture, whole.try_for_each(look_at));
        (lean, whole)
    }
}

/// Each list is drained by a process of its own, so that nothing but the list differs.
fn memory() {
    let peaks = [10_000, 200_000].map(|items| {
        let simulator = Simulator::builder()
            .record(false)
            .gzip(false)
            .start()
            .expect("a port is free");
        let id = simulator.seed_batch(simulator.project_id(), items, SeedOptions::default());
        let list = [
            &simulator.base_url(),
            simulator.api_key(),
            simulator.project_id(),
            &id.to_string(),
        ]
        .join(" ");
        let this = std::env::current_exe().expect("the bench is a program");
        let child = Command::new(this)
            .env(DRAIN, list)
            .output()
            .expect("it can be run again");
        let said = String::from_utf8_lossy(&child.stdout).trim().to_owned();
        said.parse::<f64>().ok()
    });
    match peaks {
        [Some(few), Some(many)] => println!(
            "peak memory, 200 000 items over 10 000: {:.2} ({:.1} MiB over {:.1} MiB)",
            many / few,
            many / 1024.0,
            few / 1024.0
        ),
        _ => println!("peak memory: not told on this platform"),
    }
}

/// Drains a list and prints the peak of this process in KiB.
fn drain(list: &str) {
    let parts = list.split(' ').collect::<Vec<_>>();
    let [base_url, api_key, project, id] = parts[..] else {
        panic!("the list is told by four words");
    };
    let batch = batch(base_url, api_key, project, id.parse().expect("the id is one"));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("threads are allowed");
    runtime
        .block_on(batch.items().stream().try_for_each(look_at))
        .expect("the simulator answers");
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    println!(
        "{}",
        peak.and_then(|peak| peak.trim().strip_suffix(" kB"))
            .unwrap_or("unknown")
    );
}
