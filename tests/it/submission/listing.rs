//! The end of a run while it lists the items of new batches.

use std::time::Duration;

use futures_util::TryStreamExt;
use ica_batch_sdk_ext::clock::Clock;
use ica_batch_sdk_ext::{ErrorKind, LastFailure, Submission, SubmissionEvent, SubmissionReport};
use ica_simulator::{Family, Fault, FaultKind, Operation, StallFor};

use super::fixture::{Fixture, manifest};

const LIST: Operation = Operation::GetItems(Family::Analysis);

/// Lets each list fail in this way.
fn fail_lists(fixture: &Fixture, kind: FaultKind) {
    fixture.simulator.faults().add(Fault::new(kind).on(LIST).every());
}

fn stall() -> FaultKind {
    FaultKind::StallBeforeExecuting(StallFor::UntilClosed)
}

/// Runs a submission, and returns the number of batches that were not listed, the last failure of a
/// list, and the report.
async fn run(submission: Submission) -> (u64, Option<LastFailure>, SubmissionReport) {
    let mut run = submission.progress();
    let (mut ended, mut report) = (None, None);
    while let Some(progress) = run.try_next().await.unwrap() {
        if let SubmissionEvent::ListingEnded { unlisted, failure } = progress.event() {
            ended = Some((*unlisted, failure.clone()));
        }
        report = progress.report().cloned();
    }
    let (unlisted, failure) = ended.expect("it ended early");
    (unlisted, failure, report.expect("each analysis is created"))
}

/// Checks that everything is created and not listed, and that the next run lists it.
async fn assert_listed_later(fixture: &Fixture, report: &SubmissionReport) {
    assert_eq!((report.created(), report.is_complete()), (3, true));
    assert!(!report.has_all_items());
    let creates = fixture.creates();
    fixture.simulator.faults().clear();
    let report = fixture.submission("s").run().await.unwrap();
    assert!(report.has_all_items());
    assert_eq!(fixture.creates(), creates);
    fixture.assert_created_once(["a", "b", "c"]);
}

#[tokio::test]
async fn a_stop_drops_the_lists_in_flight() {
    let fixture = Fixture::new();
    fail_lists(&fixture, stall());
    let submission = fixture.patient_submission("s").analyses(manifest(["a", "b", "c"]));
    let stop = submission.stop_handle();
    let started = std::time::Instant::now();
    let run = tokio::spawn(run(submission));
    while fixture.simulator.count(LIST) < 2 {
        tokio::task::yield_now().await;
    }
    stop.stop();
    let (unlisted, failure, report) = run.await.unwrap();
    assert_eq!((unlisted, failure), (2, None));
    assert!(
        started.elapsed() < Duration::from_secs(30),
        "the time limit of an attempt is a minute"
    );
    assert_listed_later(&fixture, &report).await;
}

#[tokio::test]
async fn the_deadline_of_a_run_ends_its_lists() {
    let fixture = Fixture::new();
    fail_lists(&fixture, stall());
    let submission = fixture.patient_submission("s").analyses(manifest(["a", "b", "c"]));
    let started = std::time::Instant::now();
    // The time limit of an attempt is real time.
    let (unlisted, failure, report) = run(submission.deadline(Duration::from_millis(500))).await;
    assert_eq!((unlisted, failure.unwrap().kind), (2, ErrorKind::Timeout));
    assert!(
        started.elapsed() < Duration::from_secs(30),
        "the time limit of an attempt is a minute"
    );
    assert_listed_later(&fixture, &report).await;
}

#[tokio::test]
async fn lists_that_fail_until_the_deadline_leave_a_report_and_the_reason() {
    let fixture = Fixture::without_retries();
    fail_lists(&fixture, FaultKind::refuse(503));
    let hour = Duration::from_secs(3600);
    let submission = fixture.patient_submission("s").analyses(manifest(["a", "b", "c"]));
    let (unlisted, failure, report) = run(submission.deadline(hour)).await;
    let failure = failure.unwrap();
    assert_eq!((unlisted, failure.kind), (2, ErrorKind::Server));
    assert!(failure.failures > 3, "{failure}");
    assert!(fixture.clock.elapsed() <= hour, "{:?}", fixture.clock.elapsed());
    assert_listed_later(&fixture, &report).await;
}

#[tokio::test]
async fn a_wait_follows_the_deadline_of_the_lists() {
    let fixture = Fixture::without_retries();
    let lists = Fault::new(FaultKind::refuse(503)).on(LIST).times(30);
    fixture.simulator.faults().add(lists);
    let submission = fixture.patient_submission("s").analyses(manifest(["a", "b", "c"]));
    let report = submission.deadline(Duration::from_secs(60)).run_to_end().await.unwrap();
    assert_eq!(report.succeeded(), 3);
    assert!(report.submission().has_all_items());
}
