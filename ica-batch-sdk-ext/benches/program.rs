//! `ica-batch items` writing 200 000 items of a batch as CSV, against a loop over the stream of this
//! crate that counts the same items.
//!
//! `cargo bench --bench program --features cli` prints the ratio of the two, as the median over
//! paired rounds, and the peak memory of the program with 10 000 and with 200 000 items (on Linux).
//! Both read from a simulator in this process. The time of the program is that of its whole process.

#![allow(clippy::print_stdout)]

use std::fs;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use futures_util::TryStreamExt;
use ica_batch_sdk_ext::{Client, Credentials, Uuid};
use ica_simulator::{SeedOptions, Simulator};
use tokio::runtime::Runtime;

const ITEMS: usize = 200_000;
const FEW: usize = 10_000;
const ROUNDS: usize = 11;

fn main() {
    let fixture = Fixture::new();
    let [few, many] = [FEW, ITEMS].map(|items| fixture.batch(items));
    // Pages are rendered before anything is timed.
    assert_eq!(fixture.count(many), ITEMS);
    let mut rounds = (0..ROUNDS)
        .map(|round| fixture.pair(many, round % 2 == 0))
        .collect::<Vec<_>>();
    rounds.sort_by(|(a, b), (c, d)| (a / b).total_cmp(&(c / d)));
    let ratio = |round: usize| rounds[round].0 / rounds[round].1;
    let (library, program) = rounds[ROUNDS / 2];
    println!(
        "items a second, program to library, {ROUNDS} paired rounds: median {:.3} ({library:.2} s, {program:.2} s), from {:.3} to {:.3}",
        ratio(ROUNDS / 2),
        ratio(0),
        ratio(ROUNDS - 1),
    );
    for (items, batch) in [(FEW, few), (ITEMS, many)] {
        match fixture.peak(batch) {
            Some(peak) => println!("peak memory of the program, {items} items: {peak} kB"),
            None => println!("peak memory of the program, {items} items: not known on this platform"),
        }
    }
}

struct Fixture {
    simulator: Simulator,
    runtime: Runtime,
    client: Client,
    folder: tempfile::TempDir,
}

impl Fixture {
    fn new() -> Self {
        let simulator = Simulator::builder().record(false).start().expect("a port is free");
        let credentials = Credentials::api_key(simulator.api_key()).expect("the key is valid");
        let client = Client::builder()
            .base_url(simulator.base_url())
            .credentials(credentials);
        Self {
            client: client.build().expect("the simulator is on this machine"),
            // As that of the program.
            runtime: tokio::runtime::Builder::new_multi_thread()
                .worker_threads(2)
                .enable_all()
                .build()
                .expect("threads are allowed"),
            folder: tempfile::tempdir().expect("there is a folder for temporary files"),
            simulator,
        }
    }

    fn batch(&self, items: usize) -> Uuid {
        let project = self.simulator.project_id();
        self.simulator.seed_batch(project, items, SeedOptions::default())
    }

    /// Returns the seconds of the library and of the program.
    fn pair(&self, batch: Uuid, library_first: bool) -> (f64, f64) {
        let library = || timed(|| assert_eq!(self.count(batch), ITEMS));
        let program = || timed(|| self.write(batch));
        match library_first {
            true => (library().as_secs_f64(), program().as_secs_f64()),
            false => {
                let program = program().as_secs_f64();
                (library().as_secs_f64(), program)
            }
        }
    }

    fn count(&self, batch: Uuid) -> usize {
        let project = self.client.project(self.simulator.project_id());
        let batch = project.expect("the project has an id").batch(batch);
        self.runtime.block_on(async {
            let mut items = batch.items().summaries().stream();
            let mut count = 0;
            while let Some(item) = items.try_next().await.expect("the simulator responds") {
                drop(std::hint::black_box(item));
                count += 1;
            }
            count
        })
    }

    fn write(&self, batch: Uuid) {
        let ended = self.start(batch).wait().expect("the program ends");
        assert!(ended.success());
        let text = fs::read(self.folder.path().join("items.csv")).expect("the program wrote the file");
        let rows = text.iter().filter(|byte| **byte == b'\n').count() - 1;
        assert_eq!(rows, ITEMS);
    }

    fn start(&self, batch: Uuid) -> Child {
        Command::new(env!("CARGO_BIN_EXE_ica-batch"))
            .args(["items", &batch.to_string(), "--format", "csv", "--output", "items.csv"])
            .env_clear()
            .env("HOME", self.folder.path())
            .env("ICAV2_BASE_URL", self.simulator.base_url())
            .env("ICAV2_API_KEY", self.simulator.api_key())
            .env("ICAV2_PROJECT_ID", self.simulator.project_id())
            .current_dir(self.folder.path())
            .stdin(Stdio::null())
            .spawn()
            .expect("the program exists")
    }

    /// Returns the peak of the resident memory of the program in kB, as read until its end.
    fn peak(&self, batch: Uuid) -> Option<u64> {
        let mut child = self.start(batch);
        let mut peak = None;
        while child.try_wait().expect("the program ends").is_none() {
            let status = fs::read_to_string(format!("/proc/{}/status", child.id())).ok();
            let line = status
                .as_deref()
                .and_then(|text| text.lines().find(|line| line.starts_with("VmHWM")));
            let now = line.and_then(|line| line.split_whitespace().nth(1)?.parse().ok());
            peak = peak.max(now);
            std::thread::sleep(Duration::from_millis(1));
        }
        peak
    }
}

fn timed(run: impl FnOnce()) -> Duration {
    let started = Instant::now();
    run();
    started.elapsed()
}
