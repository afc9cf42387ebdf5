//! Manifests: lines of JSON, each an analysis of any kind.

use std::cell::OnceCell;

use ica_batch_sdk_ext::types::{CreateCwlAnalysis, CreateNextflowAnalysis, CreateNextflowJsonAnalysis};
use ica_batch_sdk_ext::{Analysis, Client, Credentials, Journal};
use ica_simulator::Simulator;
use tokio::runtime::Runtime;

use super::fixture::check;

/// Largest manifest, in rows.
const ROWS: usize = 8;

thread_local! {
    static ICA: OnceCell<(Runtime, Simulator)> = const { OnceCell::new() };
}

/// Submits the manifest to the simulator. Each row is created or rejected, or the run fails.
pub(super) fn run(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let rows = text.lines().filter_map(row).take(ROWS).collect::<Vec<_>>();
    if rows.is_empty() {
        return;
    }
    ICA.with(|ica| {
        let (runtime, simulator) = ica.get_or_init(|| {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            (runtime.expect("threads are allowed"), Simulator::start())
        });
        runtime.block_on(submit(simulator, rows));
    });
}

fn row(line: &str) -> Option<Analysis> {
    if let Ok(analysis) = serde_json::from_str::<CreateNextflowAnalysis>(line) {
        return Some(analysis.into());
    }
    if let Ok(analysis) = serde_json::from_str::<CreateNextflowJsonAnalysis>(line) {
        return Some(analysis.into());
    }
    serde_json::from_str::<CreateCwlAnalysis>(line).ok().map(Into::into)
}

async fn submit(simulator: &Simulator, rows: Vec<Analysis>) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let journal = Journal::open(folder.path().join("journal.db")).expect("the folder is writable");
    let client = Client::builder()
        .base_url(simulator.base_url())
        .credentials(Credentials::api_key_direct(simulator.api_key()).expect("the key is valid"))
        .build()
        .expect("the simulator is on this machine");
    let project = client.project(simulator.project_id()).expect("the id is valid");
    let count = rows.len();
    let before = simulator.executed_creates();
    // A name of its own, because the keys of the chunks follow from the name.
    let run = project.submission(format!("fuzz-{before}"), &journal).chunk_size(3);
    let run = run.analyses(rows);
    match run.run().await {
        Ok(report) => {
            assert_eq!(report.created() + report.rejected(), count);
            assert!(report.batches().len() <= simulator.executed_creates() - before);
        }
        Err(error) => check(&error),
    }
}
