//! Time to decode a response, against the time to move the work to another thread.
//!
//! The two figures give the size from which the raw client decodes on a thread for blocking work
//! (`ica-batch-sdk/src/decode.rs`).

use divan::{Bencher, black_box};
use ica_batch_sdk_ext::types::AnalysisCreationBatchItemPagedListV4;
use ica_simulator::{SeedOptions, Simulator};
use tokio::runtime::Runtime;

fn main() {
    divan::main();
}

/// Decodes a page of V4 items.
#[divan::bench(args = [1, 10, 30, 100, 1000])]
fn decode(bencher: Bencher<'_, '_>, items: usize) {
    let page = page(items);
    let bencher = bencher.counter(divan::counter::BytesCount::of_slice(&page[..]));
    bencher.bench_local(|| {
        let page: AnalysisCreationBatchItemPagedListV4 = serde_json::from_slice(&page).expect("a page of items");
        assert_eq!(black_box(page).items.len(), items);
    });
}

/// Runs an empty task on a thread for blocking work, and waits for it.
#[divan::bench]
fn move_to_another_thread(bencher: Bencher<'_, '_>) {
    let runtime = runtime();
    bencher.bench_local(|| {
        let result = runtime.block_on(async { tokio::task::spawn_blocking(|| black_box(1)).await });
        result.expect("the task does not panic")
    });
}

/// Returns a page of the simulator as it sends it.
fn page(items: usize) -> Vec<u8> {
    let simulator = Simulator::builder().gzip(false).start().expect("a port is free");
    let batch = simulator.seed_batch(simulator.project_id(), items, SeedOptions::default());
    let url = format!(
        "{}/api/projects/{}/analysisCreationBatch/{batch}/items?pageSize={items}",
        simulator.base_url(),
        simulator.project_id()
    );
    // The extension crate turns on rustls in reqwest without a provider.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let http = reqwest::Client::builder()
        .no_proxy()
        .build()
        .expect("TLS can be set up");
    let request = http.get(url).header("x-api-key", simulator.api_key());
    let request = request.header("accept", "application/vnd.illumina.v4+json");
    runtime().block_on(async {
        let response = request.send().await.expect("the simulator responds");
        response.bytes().await.expect("the response is complete").into()
    })
}

fn runtime() -> Runtime {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("threads are allowed")
}
