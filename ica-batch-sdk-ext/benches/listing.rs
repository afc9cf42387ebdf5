//! Listing 20 000 V4 items in pages of 1000: this crate against a bare reqwest and serde_json loop.
//!
//! `cargo bench --bench listing` first prints the ratio of the two, as the median over paired
//! rounds in this process. The speed of a shared machine varies, but little within a pair. Then it
//! prints divan's figures for each loop. Both loops read the same uncompressed pages from a
//! simulator in this process into the same types, and drop each item.

#![allow(clippy::print_stdout)]

use std::sync::LazyLock;
use std::time::{Duration, Instant};

use divan::Bencher;
use divan::counter::ItemsCount;
use futures_util::TryStreamExt;
use ica_batch_sdk_ext::types::AnalysisCreationBatchItemPagedListV4;
use ica_batch_sdk_ext::{AnalysisCreation, Batch, Client, Credentials, Uuid};
use ica_simulator::{SeedOptions, Simulator};
use tokio::runtime::Runtime;

const ITEMS: usize = 20_000;
const PAGE_SIZE: u64 = 1000;
const ROUNDS: usize = 101;

fn main() {
    let fixture = &*FIXTURE;
    let mut ratios = (0..ROUNDS)
        .map(|round| fixture.pair(round % 2 == 0))
        .collect::<Vec<_>>();
    ratios.sort_by(f64::total_cmp);
    println!(
        "items a second, extension crate to bare loop, {ROUNDS} paired rounds: median {:.3}, from {:.3} to {:.3}\n",
        ratios[ROUNDS / 2],
        ratios[0],
        ratios[ROUNDS - 1],
    );
    divan::main();
}

#[divan::bench]
fn extension_crate(bencher: Bencher<'_, '_>) {
    let bencher = bencher.counter(ItemsCount::new(ITEMS));
    bencher.bench_local(|| FIXTURE.extension());
}

#[divan::bench]
fn bare_loop(bencher: Bencher<'_, '_>) {
    let bencher = bencher.counter(ItemsCount::new(ITEMS));
    bencher.bench_local(|| FIXTURE.bare());
}

static FIXTURE: LazyLock<Fixture> = LazyLock::new(Fixture::new);

struct Fixture {
    simulator: Simulator,
    runtime: Runtime,
    batch: Uuid,
    handle: Batch<AnalysisCreation>,
    http: reqwest::Client,
}

impl Fixture {
    fn new() -> Self {
        let simulator = Simulator::builder()
            .record(false)
            .gzip(false)
            .start()
            .expect("a port is free");
        let batch = simulator.seed_batch(simulator.project_id(), ITEMS, SeedOptions::default());
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("threads are allowed");
        let client = Client::builder()
            .base_url(simulator.base_url())
            .credentials(Credentials::api_key_direct(simulator.api_key()).expect("the key is valid"))
            .build()
            .expect("the simulator is on this machine");
        let project = client.project(simulator.project_id()).expect("the project has an id");
        // The extension crate turns on rustls in reqwest without a provider.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let fixture = Self {
            handle: project.batch(batch),
            http: reqwest::Client::builder()
                .no_proxy()
                .build()
                .expect("TLS can be set up"),
            simulator,
            runtime,
            batch,
        };
        // Connections are open and pages are rendered before anything is timed.
        fixture.extension();
        fixture.bare();
        fixture
    }

    /// Returns the rate of the extension crate over that of the bare loop, measured one after the
    /// other.
    fn pair(&self, extension_first: bool) -> f64 {
        let (extension, bare) = if extension_first {
            let extension = timed(|| self.extension());
            (extension, timed(|| self.bare()))
        } else {
            let bare = timed(|| self.bare());
            (timed(|| self.extension()), bare)
        };
        bare.as_secs_f64() / extension.as_secs_f64()
    }

    fn extension(&self) {
        let count = self.runtime.block_on(async {
            let mut items = self.handle.items().page_size(PAGE_SIZE).stream();
            let mut count = 0;
            while let Some(item) = items.try_next().await.expect("the simulator responds") {
                drop(std::hint::black_box(item));
                count += 1;
            }
            count
        });
        assert_eq!(count, ITEMS);
    }

    fn bare(&self) {
        let url = format!(
            "{}/api/projects/{}/analysisCreationBatch/{}/items",
            self.simulator.base_url(),
            self.simulator.project_id(),
            self.batch
        );
        let count = self.runtime.block_on(async {
            let (mut count, mut token) = (0, None::<String>);
            loop {
                let request = self
                    .http
                    .get(&url)
                    .header("X-API-Key", self.simulator.api_key())
                    .header("Accept", "application/vnd.illumina.v4+json")
                    .query(&[("pageSize", PAGE_SIZE)]);
                let request = match &token {
                    Some(token) => request.query(&[("pageToken", token)]),
                    None => request,
                };
                let response = request.send().await.expect("the simulator responds");
                let body = response.bytes().await.expect("the body is complete");
                let page: AnalysisCreationBatchItemPagedListV4 =
                    serde_json::from_slice(&body).expect("the body is a page");
                for item in page.items {
                    drop(std::hint::black_box(item));
                    count += 1;
                }
                token = page.next_page_token.filter(|token| !token.is_empty());
                if token.is_none() {
                    return count;
                }
            }
        });
        assert_eq!(count, ITEMS);
    }
}

fn timed(run: impl FnOnce()) -> Duration {
    let started = Instant::now();
    run();
    started.elapsed()
}
