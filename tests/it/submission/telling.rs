//! Events of what happens inside calls: retries, and pauses of the client.

use std::time::{Duration, SystemTime};

use futures_util::TryStreamExt;
use ica_batch_sdk_ext::clock::Clock;
use ica_batch_sdk_ext::pace::PauseReason;
use ica_batch_sdk_ext::retry::RetryPolicy;
use ica_batch_sdk_ext::{ErrorKind, Submission, SubmissionEvent, Uuid};
use ica_simulator::{Family, Fault, FaultKind, Operation};

use super::fixture::{Fixture, manifest};

async fn events(submission: Submission) -> Vec<SubmissionEvent> {
    let progress = submission.progress().map_ok(|progress| progress.event().clone());
    progress.try_collect().await.unwrap()
}

/// Returns whether a time is so many seconds after another one, or a little more.
fn is_after(time: SystemTime, seconds: u64, start: SystemTime) -> bool {
    let after = time.duration_since(start).unwrap_or_default();
    (Duration::from_secs(seconds)..Duration::from_secs(seconds + 2)).contains(&after)
}

#[tokio::test]
async fn a_retry_is_an_event_with_its_reason_and_time() {
    let fixture = Fixture::new();
    fixture.fail_create(1, FaultKind::refuse_for(429, 17));
    let start = fixture.clock.now();
    let events = events(fixture.submission("s").analyses(manifest(["a"]))).await;
    let mut retries = events.iter().filter_map(|event| match event {
        SubmissionEvent::Retrying {
            operation,
            failure,
            until,
        } => Some((operation.as_str(), failure.kind, failure.failures, *until)),
        _ => None,
    });
    let (operation, kind, attempts, until) = retries.next().expect("the create was retried");
    assert_eq!(
        (operation, kind, attempts),
        ("create_analysis_creation_batch", ErrorKind::RateLimited, 1)
    );
    assert!(is_after(until, 17, start), "{until:?}");
    assert!(retries.next().is_none());
    let event = events
        .iter()
        .find(|event| matches!(event, SubmissionEvent::Retrying { .. }));
    let json = serde_json::to_value(event.unwrap()).unwrap();
    assert_eq!(
        (&json["event"], &json["failure"]["status"]),
        (&"retrying".into(), &429.into())
    );
}

#[tokio::test]
async fn a_pause_of_the_client_is_an_event_whichever_call_caused_it() {
    let fixture = Fixture::new();
    let fault = Fault::new(FaultKind::refuse_for(429, 17)).on(Operation::GetBatch(Family::Analysis));
    fixture.simulator.faults().add(fault);
    let start = fixture.clock.now();
    let other = fixture.project.batch(Uuid::nil()).get().retry(RetryPolicy::never());
    other.await.unwrap_err();
    let events = events(fixture.submission("s").analyses(manifest(["a", "b", "c"]))).await;
    let pauses = events.iter().filter_map(|event| match event {
        SubmissionEvent::ClientPaused { reason, until } => Some((*reason, *until)),
        _ => None,
    });
    let pauses = pauses.collect::<Vec<_>>();
    assert_eq!(pauses.len(), 1, "it is told once: {pauses:?}");
    let (reason, until) = pauses[0];
    assert_eq!(reason, PauseReason::RateLimited);
    assert!(is_after(until, 17, start), "{until:?}");
    fixture.assert_created_once(["a", "b", "c"]);
}
