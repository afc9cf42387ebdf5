//! Chunks without marks whose response is not known when ICA forgets their key.

use std::sync::Mutex;
use std::time::Duration;

use ica_batch_sdk_ext::clock::{Clock, ManualClock, Sleep};
use ica_batch_sdk_ext::{ErrorKind, Execution, Uuid};
use ica_simulator::FaultKind;

use super::fixture::{Fixture, manifest};

const HOUR: Duration = Duration::from_secs(3600);
const WEEK: Duration = Duration::from_secs(7 * 24 * 3600);

/// Returns a submission of three chunks. The second was sent and has no recorded response.
async fn without_response(kind: FaultKind) -> Fixture {
    let fixture = Fixture::without_retries();
    fixture.fail_create(2, kind);
    let run = fixture
        .submission("s")
        .marks(false)
        .analyses(manifest(["a", "b", "c", "d", "e"]))
        .run();
    run.await.unwrap_err();
    fixture
}

#[tokio::test]
async fn within_7_days_the_chunk_is_sent_again_with_its_key() {
    let fixture = without_response(FaultKind::ExecuteThenReset).await;
    fixture.clock.advance(WEEK - 2 * HOUR);
    fixture.submission("s").run().await.unwrap();
    fixture.assert_created_once(["a", "b", "c", "d", "e"]);
}

#[tokio::test]
async fn after_7_days_nothing_is_sent_and_the_error_says_what_to_do() {
    let fixture = without_response(FaultKind::ExecuteThenReset).await;
    fixture.clock.advance(WEEK);
    let sent = fixture.simulator.requests().len();
    let error = fixture.submission("s").run().await.unwrap_err();
    assert_eq!(
        (error.kind(), error.execution()),
        (ErrorKind::KeyExpired, Execution::Unknown)
    );
    let chunk = &fixture.chunks()[1];
    assert_eq!(error.idempotency_key(), Some(&chunk.key));
    let text = error.to_string();
    for says in [
        "could not send chunk 1 of submission \"s\" in project ",
        "(2 analyses, c to d)",
        "7 days",
        "record_created",
        "record_not_created",
    ] {
        assert!(text.contains(says), "{says}: {text}");
    }
    assert_eq!(
        fixture.simulator.requests().len(),
        sent,
        "not even the chunk that was never sent"
    );
}

#[tokio::test]
async fn a_batch_that_was_found_is_recorded_if_its_items_match() {
    let fixture = without_response(FaultKind::ExecuteThenReset).await;
    fixture.clock.advance(WEEK);
    let [first, found] = [0, 1].map(|place| fixture.simulator.batches()[place].id);
    let submission = fixture.submission("s");
    let error = submission.record_created("1", first).await.unwrap_err();
    assert!(
        error.is_invalid_input() && error.to_string().contains("are not those of the chunk"),
        "{error}"
    );
    assert!(
        submission
            .record_created("1", Uuid::nil())
            .await
            .unwrap_err()
            .is_not_found()
    );
    assert!(
        submission
            .record_created("9", found)
            .await
            .unwrap_err()
            .is_invalid_input()
    );
    submission.record_created("1", found).await.unwrap();
    let report = submission.run().await.unwrap();
    assert_eq!(report.created(), 5);
    fixture.assert_created_once(["a", "b", "c", "d", "e"]);
    let error = fixture.submission("s").record_created("0", first).await.unwrap_err();
    assert!(
        error
            .to_string()
            .contains("its state is created, so no outcome is missing"),
        "{error}"
    );
}

#[tokio::test]
async fn a_chunk_that_is_recorded_as_not_created_is_sent_again() {
    let fixture = without_response(FaultKind::ResetBeforeExecuting).await;
    let early = fixture.submission("s").record_not_created("1").await.unwrap_err();
    assert!(early.to_string().contains("ICA still remembers its key"), "{early}");
    fixture.clock.advance(WEEK);
    assert_eq!(
        fixture.submission("s").run().await.unwrap_err().kind(),
        ErrorKind::KeyExpired
    );
    fixture.submission("s").record_not_created("1").await.unwrap();
    fixture.submission("s").run().await.unwrap();
    fixture.assert_created_once(["a", "b", "c", "d", "e"]);
}

#[tokio::test]
async fn a_chunk_that_was_not_executed_does_not_expire() {
    let fixture = without_response(FaultKind::refuse(429)).await;
    fixture.clock.advance(10 * WEEK);
    fixture.submission("s").run().await.unwrap();
    fixture.assert_created_once(["a", "b", "c", "d", "e"]);
}

#[tokio::test]
async fn a_failed_retry_does_not_reset_the_time_of_an_earlier_request() {
    let fixture = without_response(FaultKind::ExecuteThenReset).await;
    fixture.fail_create(1, FaultKind::refuse(429));
    assert!(fixture.submission("s").run().await.unwrap_err().is_rate_limited());
    fixture.clock.advance(WEEK);
    let error = fixture.submission("s").run().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::KeyExpired);
}

#[tokio::test]
async fn no_retry_is_sent_after_the_key_has_expired() {
    let fixture = without_response(FaultKind::ExecuteThenReset).await;
    fixture.clock.advance(WEEK - 2 * HOUR);
    // An hour is left, and the server asks to wait for two.
    fixture.fail_create(1, FaultKind::refuse_for(429, 7200));
    let eager = ica_batch_sdk_ext::retry::RetryPolicy::default();
    let error = fixture
        .submission("s")
        .call_deadline(2 * WEEK)
        .retry(eager)
        .run()
        .await
        .unwrap_err();
    assert!(error.is_rate_limited(), "{error}");
    assert!(
        error.to_string().contains("but the deadline leaves 3600.0 s"),
        "{error}"
    );
    // Until then, the client sends nothing at all.
    fixture.clock.advance(HOUR / 2);
    fixture.submission("s").run().await.unwrap();
    fixture.assert_created_once(["a", "b", "c", "d", "e"]);
}

#[tokio::test]
async fn a_clock_that_is_behind_the_journal_is_an_error() {
    let fixture = without_response(FaultKind::ExecuteThenReset).await;
    let sent = fixture.simulator.requests().len();
    fixture.simulator.clock().shift(chrono::TimeDelta::days(-1));
    let error = fixture.submission("s").run().await.unwrap_err();
    assert!(
        error.is_invalid_input() && error.to_string().contains("set the clock if it is wrong"),
        "{error}"
    );
    assert_eq!(fixture.simulator.requests().len(), sent);
}

#[tokio::test]
async fn a_batch_is_recorded_for_one_chunk_only() {
    let fixture = Fixture::without_retries();
    fixture.fail_create(2, FaultKind::ResetBeforeExecuting);
    let twice = manifest(["a", "b", "a", "b"]);
    let submission = fixture
        .submission("s")
        .marks(false)
        .allow_duplicate_references()
        .analyses(twice);
    submission.run().await.unwrap_err();
    fixture.clock.advance(WEEK);
    let first = fixture.simulator.batches()[0].id;
    let error = fixture.submission("s").record_created("1", first).await.unwrap_err();
    assert!(
        error.is_invalid_input() && error.to_string().contains("this batch is recorded for chunk 0"),
        "{error}"
    );
}

/// Clock of a machine that sleeps for days while the program waits: the time of the calendar passes,
/// and the time that a program measures does not.
#[derive(Debug)]
struct Suspended {
    clock: ManualClock,
    simulator: ica_simulator::Clock,
    /// Time that the program measures.
    elapsed: Mutex<Duration>,
}

impl Clock for Suspended {
    fn now(&self) -> std::time::SystemTime {
        self.clock.now()
    }

    fn elapsed(&self) -> Duration {
        *self.elapsed.lock().unwrap()
    }

    fn sleep(&self, duration: Duration) -> Sleep {
        *self.elapsed.lock().unwrap() += duration;
        self.simulator.shift(chrono::TimeDelta::days(8));
        self.clock.sleep(duration)
    }
}

#[tokio::test]
async fn a_machine_that_slept_past_7_days_does_not_send_a_chunk_again() {
    let fixture = Fixture::new();
    let clock = Suspended {
        clock: fixture.clock.clone(),
        simulator: fixture.simulator.clock(),
        elapsed: Mutex::default(),
    };
    let client = crate::setup::builder(&fixture.simulator).clock(clock).build().unwrap();
    let project = client.project(fixture.simulator.project_id()).unwrap();
    fixture.fail_create(1, FaultKind::ExecuteThenReset);
    let submission = project
        .submission("s", &fixture.journal)
        .marks(false)
        .call_deadline(2 * WEEK);
    let error = submission.analyses(manifest(["a"])).run().await.unwrap_err();
    assert_eq!(error.execution(), Execution::Unknown, "{error}");
    assert_eq!(fixture.creates(), 1, "ICA has forgotten the key");
    fixture.assert_created_once(["a"]);
    assert_eq!(
        fixture.submission("s").run().await.unwrap_err().kind(),
        ErrorKind::KeyExpired
    );
}
