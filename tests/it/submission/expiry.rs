//! Chunks whose answer is not known when ICA's memory of their key ends.

use std::time::Duration;

use ica_batch_sdk_ext::{ErrorKind, Execution, Uuid};
use ica_simulator::{Family, Fault, FaultKind, Operation};

use super::bench::{Bench, manifest};

const HOUR: Duration = Duration::from_secs(3600);
const WEEK: Duration = Duration::from_secs(7 * 24 * 3600);

/// A submission of three chunks, the second of which was sent and got no answer.
async fn unanswered(kind: FaultKind) -> Bench {
    let bench = Bench::impatient();
    bench
        .simulator
        .faults()
        .add(Fault::new(kind).on(Operation::CreateBatch(Family::Analysis)).nth(2));
    let run = bench
        .submission("s")
        .analyses(manifest(["a", "b", "c", "d", "e"]))
        .run();
    run.await.unwrap_err();
    bench
}

#[tokio::test]
async fn within_the_week_it_is_sent_again_under_its_key() {
    let bench = unanswered(FaultKind::ExecuteThenReset).await;
    bench.clock.advance(WEEK - 2 * HOUR);
    bench.submission("s").run().await.unwrap();
    bench.assert_exist(["a", "b", "c", "d", "e"]);
}

#[tokio::test]
async fn after_the_week_nothing_is_sent_and_the_error_says_how_to_go_on() {
    let bench = unanswered(FaultKind::ExecuteThenReset).await;
    bench.clock.advance(WEEK);
    let sent = bench.simulator.requests().len();
    let error = bench.submission("s").run().await.unwrap_err();
    assert_eq!(
        (error.kind(), error.execution()),
        (ErrorKind::KeyExpired, Execution::Unknown)
    );
    let entry = bench.journal.list().unwrap().remove(0);
    let chunk = &bench.journal.inspect(&entry).unwrap()[1];
    assert_eq!(error.idempotency_key(), Some(&chunk.key));
    let text = error.to_string();
    for says in [
        "chunk 1 of submission \"s\" (2 analyses, c to d)",
        "7 days",
        "record_batch",
        "record_absence",
    ] {
        assert!(text.contains(says), "{says}: {text}");
    }
    assert_eq!(
        bench.simulator.requests().len(),
        sent,
        "not even the chunk that was never sent"
    );
}

#[tokio::test]
async fn the_batch_that_was_found_is_recorded_if_it_is_the_right_one() {
    let bench = unanswered(FaultKind::ExecuteThenReset).await;
    bench.clock.advance(WEEK);
    let [first, found] = [0, 1].map(|place| bench.simulator.batches()[place].id);
    let submission = bench.submission("s");
    let error = submission.record_batch("1", first).await.unwrap_err();
    assert!(
        error.is_invalid_input() && error.to_string().contains("is not chunk 1"),
        "{error}"
    );
    assert!(
        submission
            .record_batch("1", Uuid::nil())
            .await
            .unwrap_err()
            .is_not_found()
    );
    assert!(
        submission
            .record_batch("9", found)
            .await
            .unwrap_err()
            .is_invalid_input()
    );
    submission.record_batch("1", found).await.unwrap();
    let report = submission.run().await.unwrap();
    assert_eq!(report.created(), 5);
    bench.assert_exist(["a", "b", "c", "d", "e"]);
    let error = bench.submission("s").record_batch("0", first).await.unwrap_err();
    assert!(error.to_string().contains("needs nothing to be recorded"), "{error}");
}

#[tokio::test]
async fn what_was_not_created_is_sent_once_that_is_recorded() {
    let bench = unanswered(FaultKind::ResetBeforeExecuting).await;
    let early = bench.submission("s").record_absence("1").await.unwrap_err();
    assert!(
        early.to_string().contains("running the submission finds it out"),
        "{early}"
    );
    bench.clock.advance(WEEK);
    assert_eq!(
        bench.submission("s").run().await.unwrap_err().kind(),
        ErrorKind::KeyExpired
    );
    bench.submission("s").record_absence("1").await.unwrap();
    bench.submission("s").run().await.unwrap();
    bench.assert_exist(["a", "b", "c", "d", "e"]);
}

#[tokio::test]
async fn what_did_not_execute_does_not_age() {
    let bench = unanswered(FaultKind::refuse(429)).await;
    bench.clock.advance(10 * WEEK);
    bench.submission("s").run().await.unwrap();
    bench.assert_exist(["a", "b", "c", "d", "e"]);
}

#[tokio::test]
async fn a_refusal_does_not_make_an_earlier_sending_forgotten() {
    let bench = unanswered(FaultKind::ExecuteThenReset).await;
    bench
        .simulator
        .faults()
        .add(Fault::new(FaultKind::refuse(429)).on(Operation::CreateBatch(Family::Analysis)));
    assert!(bench.submission("s").run().await.unwrap_err().is_rate_limited());
    bench.clock.advance(WEEK);
    let error = bench.submission("s").run().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::KeyExpired);
}

#[tokio::test]
async fn no_wait_leads_a_sending_past_the_memory_of_its_key() {
    let bench = unanswered(FaultKind::ExecuteThenReset).await;
    bench.clock.advance(WEEK - 2 * HOUR);
    // An hour is left, and the server asks to wait for two.
    bench
        .simulator
        .faults()
        .add(Fault::new(FaultKind::refuse_for(429, 7200)).on(Operation::CreateBatch(Family::Analysis)));
    let eager = ica_batch_sdk_ext::retry::RetryPolicy::default();
    let error = bench
        .submission("s")
        .deadline(2 * WEEK)
        .retry(eager)
        .run()
        .await
        .unwrap_err();
    assert!(error.is_rate_limited(), "{error}");
    assert!(
        error.to_string().contains("where the deadline leaves 3600.0 s"),
        "{error}"
    );
    bench.submission("s").run().await.unwrap();
    bench.assert_exist(["a", "b", "c", "d", "e"]);
}

#[tokio::test]
async fn a_clock_that_has_fallen_behind_the_journal_is_not_believed() {
    let bench = unanswered(FaultKind::ExecuteThenReset).await;
    let sent = bench.simulator.requests().len();
    bench.simulator.clock().shift(chrono::TimeDelta::days(-1));
    let error = bench.submission("s").run().await.unwrap_err();
    assert!(
        error.is_invalid_input() && error.to_string().contains("set the clock"),
        "{error}"
    );
    assert_eq!(bench.simulator.requests().len(), sent);
}

#[tokio::test]
async fn a_batch_is_that_of_one_chunk_alone() {
    let bench = Bench::impatient();
    bench.simulator.faults().add(
        Fault::new(FaultKind::ResetBeforeExecuting)
            .on(Operation::CreateBatch(Family::Analysis))
            .nth(2),
    );
    let twice = manifest(["a", "b", "a", "b"]);
    let submission = bench.submission("s").allow_duplicate_references().analyses(twice);
    submission.run().await.unwrap_err();
    bench.clock.advance(WEEK);
    let first = bench.simulator.batches()[0].id;
    let error = bench.submission("s").record_batch("1", first).await.unwrap_err();
    assert!(
        error.is_invalid_input() && error.to_string().contains("is that of chunk 0"),
        "{error}"
    );
}
