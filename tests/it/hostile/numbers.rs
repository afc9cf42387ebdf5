//! Numbers and times at the ends of their ranges: of a caller, of a file and of a server.

use std::time::{Duration, SystemTime};

use futures_util::{StreamExt, TryStreamExt};
use ica_batch_sdk_ext::clock::{Clock, ManualClock};
use ica_batch_sdk_ext::retry::{Backoff, RetryPolicy};
use ica_batch_sdk_ext::{
    AnalysisCreation, Batch, Checkpoint, Error, Journal, PollInterval, RetryStopReason, SubmissionCounts, Uuid,
};
use ica_simulator::{Lifecycle, SeedOptions, Simulator};
use rusqlite::Connection;
use serde_json::{Value, json};

use super::replies::{item, page, page_of};
use super::server::{HostileServer, PROJECT, Reply};
use crate::setup;

async fn server() -> HostileServer {
    HostileServer::start(|request| match request.query("pageOffset") {
        Some(_) => page_of(&[item(1, "a")], 1),
        None => page(&[item(1, "a")], None),
    })
    .await
}

fn batch(server: &HostileServer) -> Batch<AnalysisCreation> {
    let client = server.client().clock(ManualClock::new()).build().unwrap();
    client.project(PROJECT).unwrap().batch(Uuid::nil())
}

#[tokio::test]
async fn a_page_size_out_of_range_is_rejected_before_anything_is_sent() {
    let server = server().await;
    let batch = batch(&server);
    for size in [0, 100_001, u64::MAX] {
        let items = || batch.items().page_size(size);
        let mut errors = vec![
            items().stream().next().await.unwrap().unwrap_err(),
            items().summaries().pages().next().await.unwrap().unwrap_err(),
            items().count().await.unwrap_err(),
            batch.wait().page_size(size).await.unwrap_err(),
        ];
        for start in [0, 1, 199_999] {
            let by_offset = items().offset(start).concurrency(2).stream().next().await;
            errors.push(by_offset.unwrap().unwrap_err());
        }
        for error in errors {
            assert!(error.is_invalid_input(), "{error}");
            assert!(
                error.to_string().contains(&format!("the page size is {size};")),
                "{error}"
            );
        }
        let mut progress = batch.wait().page_size(size).progress();
        assert!(progress.next().await.unwrap().is_err() && progress.next().await.is_none());
    }
    assert_eq!(server.received().len(), 0);
    let largest = batch.items().page_size(100_000).stream().try_collect::<Vec<_>>();
    assert_eq!(largest.await.unwrap().len(), 1);
}

#[tokio::test]
async fn an_offset_out_of_range_is_rejected_before_anything_is_sent() {
    let server = server().await;
    for start in [200_000, u64::MAX - 1, u64::MAX] {
        let mut items = batch(&server).items().offset(start).concurrency(usize::MAX).stream();
        let error = items.next().await.unwrap().unwrap_err();
        assert!(
            error.is_invalid_input() && error.to_string().contains("use the cursor"),
            "{error}"
        );
    }
    assert_eq!(server.received().len(), 0);
}

/// Returns a checkpoint of a list, with this position in its place.
fn moved(checkpoint: &Checkpoint, position: Value) -> Checkpoint {
    let mut json = serde_json::to_value(checkpoint).unwrap();
    json["position"] = position;
    serde_json::from_value(json).unwrap()
}

#[tokio::test]
async fn a_checkpoint_from_a_file_is_checked() {
    let server = server().await;
    let batch = batch(&server);
    let checkpoint = batch.items().stream().checkpoint();
    let at = |page: Value| {
        moved(
            &checkpoint,
            json!({ "page": page, "returned": usize::MAX, "last": null }),
        )
    };
    let refused = |result: Result<(), Error>, reason: &str| {
        let error = result.unwrap_err();
        assert!(
            error.is_invalid_input() && error.to_string().contains(reason),
            "{error}"
        );
        assert!(error.to_string().len() < 1000);
    };
    let resume = |page: Value| batch.items().resume(at(page)).map(drop);
    refused(
        resume(json!({ "token": "t".repeat(10_000_000) })),
        "its page token has 10000000 bytes",
    );
    refused(resume(json!({ "token": "" })), "its page token is empty");
    refused(
        resume(json!({ "offset": [u64::MAX, u64::MAX] })),
        "it has the offset of a list by cursor",
    );
    // More items than any page has: the rest of the page is empty.
    let rest = batch.items().resume(at(json!("first"))).unwrap();
    assert_eq!(rest.try_collect::<Vec<_>>().await.unwrap(), []);

    let list = || batch.items().offset(1);
    let checkpoint = list().stream().checkpoint();
    let at = |page: Value| {
        moved(
            &checkpoint,
            json!({ "page": page, "returned": usize::MAX, "last": null }),
        )
    };
    refused(
        list().resume(at(json!("first"))).map(drop),
        "it has no offset of a list by offset",
    );
    refused(
        list().resume(at(json!({ "token": "t" }))).map(drop),
        "it has no offset of a list by offset",
    );
    let mut far = list().resume(at(json!({ "offset": [u64::MAX, u64::MAX] }))).unwrap();
    assert!(far.next().await.unwrap().unwrap_err().is_invalid_input());

    // A checkpoint of another list is shown, but not all of it.
    let mut json = serde_json::to_value(&checkpoint).unwrap();
    json["list"]["parameters"][0][1] = json!("\u{202e}\u{7}".repeat(1_000_000));
    let checkpoint = serde_json::from_value(json).unwrap();
    let error = list().resume(checkpoint).unwrap_err().to_string();
    assert!(error.len() < 3000 && !error.contains(['\u{202e}', '\u{7}']), "{error}");
}

#[test]
fn intervals_and_waits_have_no_range() {
    let max = Duration::MAX;
    for random in [0.0, 0.5, 1.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        for (unchanged, requests) in [(0, 0), (0, 1), (u32::MAX, u32::MAX)] {
            let interval = PollInterval::new(max, max).wait(unchanged, requests, random);
            assert!(interval >= max / 2, "{interval:?} {random}");
            PollInterval::new(Duration::ZERO, max).wait(unchanged, requests, random);
            PollInterval::new(max, Duration::ZERO).wait(unchanged, requests, random);
            Backoff::new(max, max).wait(unchanged, random);
        }
    }
    assert_eq!(PollInterval::new(max, max).wait(0, 1, 1.0), max);
    let clock = ManualClock::starting_at(SystemTime::UNIX_EPOCH);
    clock.advance(max);
    clock.advance(max);
    assert_eq!(clock.elapsed(), max);

    let mut counts = SubmissionCounts::default();
    (counts.analyses, counts.created, counts.rejected) = (1, u64::MAX, u64::MAX);
    assert_eq!(counts.pending(), 0);
}

#[tokio::test]
async fn the_longest_durations_are_no_limit() {
    let max = Duration::MAX;
    let simulator = Simulator::builder().lifecycle(Lifecycle::instant()).start().unwrap();
    let id = simulator.seed_batch(simulator.project_id(), 3, SeedOptions::default());
    let client = setup::builder(&simulator).deadline(max).attempt_timeout(max);
    let client = client
        .retry(RetryPolicy::default().max_attempts(u32::MAX))
        .build()
        .unwrap();
    let batch = client.project(simulator.project_id()).unwrap().batch(id);
    let items = batch.items().list_deadline(max).deadline(max).stream();
    assert_eq!(items.try_collect::<Vec<_>>().await.unwrap().len(), 3);
    let wait = batch.wait().deadline(max).poll_interval(PollInterval::new(max, max));
    assert_eq!(wait.await.unwrap().succeeded(), 3);
    let none = batch.items().list_deadline(Duration::ZERO).stream().next().await;
    assert!(none.unwrap().unwrap_err().is_timeout());
}

#[tokio::test]
async fn the_longest_retry_after_is_longer_than_any_deadline() {
    let server = HostileServer::start(|_| Reply::json(503, "{}").header("retry-after", "9".repeat(60))).await;
    let client = server.client().clock(ManualClock::new()).retry(RetryPolicy::default());
    let batch = client
        .deadline(Duration::MAX)
        .build()
        .unwrap()
        .project(PROJECT)
        .unwrap();
    let error = batch.batch(Uuid::nil()).get().await.unwrap_err();
    let (requested, remaining) = (Duration::MAX, Duration::MAX);
    let reason = RetryStopReason::RetryAfterTooLong { requested, remaining };
    assert_eq!(error.retry_stop_reason(), Some(reason));
}

#[tokio::test]
async fn times_and_counts_out_of_range_in_a_journal_are_errors() {
    let server = server().await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.db");
    let project = server.client().build().unwrap().project(PROJECT).unwrap();
    let submission = |journal: &Journal| project.submission("s", journal).chunk_size(1);
    let manifest = ["a", "b"].map(setup::analysis);
    let journal = Journal::open(&path).unwrap();
    submission(&journal).analyses(manifest).plan().await.unwrap();
    drop(journal);
    for time in [i64::MAX, i64::MIN, 0] {
        let file = Connection::open(&path).unwrap();
        let sql = "UPDATE chunk SET state = 'sent', sent_at = ?1, answered_at = ?1";
        file.execute(sql, [time]).unwrap();
        file.execute("UPDATE submission SET created_at = ?1", [time]).unwrap();
        drop(file);
        let journal = Journal::open(&path).unwrap();
        let entry = &journal.submissions().unwrap()[0];
        serde_json::to_string(entry).unwrap();
        assert_eq!(journal.chunks(entry).is_ok(), time == 0);
        let error = submission(&journal).run().await.unwrap_err().to_string();
        assert!(error.starts_with("could not use the journal"), "{error}");
    }
    let file = Connection::open(&path).unwrap();
    file.execute("UPDATE chunk SET first = ?1, count = ?1", [i64::MAX])
        .unwrap();
    file.execute("UPDATE chunk SET state = 'created', batch = id", [])
        .unwrap();
    drop(file);
    let journal = Journal::open(&path).unwrap();
    let error = journal.submissions().unwrap_err();
    assert!(error.to_string().starts_with("could not use the journal"), "{error}");
    let error = submission(&journal).run().await.unwrap_err();
    assert!(error.to_string().starts_with("could not use the journal"), "{error}");
    assert_eq!(server.received().len(), 0);
}
