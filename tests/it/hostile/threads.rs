//! A large response does not stop the other tasks of its thread.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use futures_util::TryStreamExt;
use ica_batch_sdk_ext::Uuid;

use super::server::{HostileServer, PROJECT, Reply};

/// Number of steps that another task makes at least while the response is decoded. That takes a
/// thread of its own some hundred milliseconds, and a step takes some microseconds. On the same
/// thread, the other task makes a few dozen steps, while the response arrives.
const STEPS: u64 = 1000;

#[tokio::test(flavor = "current_thread")]
async fn other_tasks_run_while_a_large_page_is_decoded() {
    let item = format!(
        r#"{{"id":"{}","processing":{{"status":"RUNNING"}},"request":{{"userReference":"{}"}}}},"#,
        Uuid::nil(),
        "a".repeat(100)
    );
    let count = 80_000;
    let end = format!("{}]}}", item.trim_end_matches(','));
    let server = HostileServer::start(move |_| Reply::repeated(200, r#"{"items":["#, &item, count, &end)).await;
    let client = server.client().build().unwrap();
    let batch = client.project(PROJECT).unwrap().batch(Uuid::nil());

    let steps = Arc::new(AtomicU64::new(0));
    let other = tokio::spawn({
        let steps = Arc::clone(&steps);
        async move {
            loop {
                steps.fetch_add(1, Ordering::SeqCst);
                tokio::task::yield_now().await;
            }
        }
    });
    let page = batch
        .items()
        .summaries()
        .page_size(100_000)
        .prefetch(false)
        .pages()
        .try_next()
        .await;
    let page = page.unwrap().unwrap();
    other.abort();
    assert_eq!(page.len(), count + 1);
    let steps = steps.load(Ordering::SeqCst);
    assert!(steps >= STEPS, "another task made {steps} steps");
}
