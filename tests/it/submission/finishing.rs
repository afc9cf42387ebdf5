//! Runs that go on after failures, until each analysis is settled or their time is over.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::StreamExt;
use ica_batch_sdk_ext::clock::Clock;
use ica_batch_sdk_ext::retry::{RetryBudget, RetryPolicy};
use ica_batch_sdk_ext::{AccessToken, Credentials, Error, ErrorKind, Submission, SubmissionEvent, SubmissionOutcome};
use ica_simulator::{Family, Fault, FaultKind, Operation, Outage, OutageKind, RetryAfter, Simulator, TokenOrigin};

use super::fixture::{Fixture, manifest};
use crate::setup::analysis;

const SECOND: Duration = Duration::from_secs(1);
const HOUR: Duration = Duration::from_secs(3600);

pub(super) fn names(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("s-{number:03}")).collect()
}

pub(super) fn rows(names: &[String]) -> Vec<ica_batch_sdk_ext::types::CreateNextflowAnalysis> {
    names.iter().map(|name| analysis(name)).collect()
}

pub(super) fn assert_each_created_once(fixture: &Fixture, names: &[String]) {
    let created = fixture.simulator.created_by_name(Family::Analysis);
    assert!(created.values().all(|count| *count == 1), "{created:?}");
    assert_eq!(created.into_keys().collect::<Vec<_>>(), names);
}

/// Lets each request fail for so long from now on.
fn outage(fixture: &Fixture, length: Duration, kind: OutageKind) {
    let now = fixture.simulator.clock().now();
    fixture.simulator.faults().outage(Outage::new(now..now + length, kind));
}

/// Runs a submission, and returns its events with its result.
async fn events(submission: Submission) -> (Vec<SubmissionEvent>, Result<(), Error>) {
    let mut run = submission.progress();
    let mut events = Vec::new();
    loop {
        match run.next().await {
            Some(Ok(progress)) => events.push(progress.event().clone()),
            Some(Err(error)) => return (events, Err(error)),
            None => return (events, Ok(())),
        }
    }
}

#[tokio::test]
async fn a_burst_of_refusals_does_not_end_a_run() {
    let fixture = Fixture::without_retries();
    outage(&fixture, 3 * SECOND, OutageKind::Unavailable(RetryAfter::Absent));
    let all = names(20);
    let report = fixture
        .patient_submission("s")
        .concurrency(4)
        .analyses(rows(&all))
        .run();
    assert_eq!(report.await.unwrap().created(), 20);
    assert_each_created_once(&fixture, &all);
    assert!(fixture.clock.elapsed() < 60 * SECOND, "{:?}", fixture.clock.elapsed());
}

#[tokio::test]
async fn responses_that_are_lost_now_and_then_do_not_end_a_run() {
    // The budget allows no retry at all.
    let fixture = Fixture::with(Simulator::builder(), |client| client.retry_budget(RetryBudget::new(0)));
    for number in [1, 4, 5, 9, 14] {
        fixture.fail_create(number, FaultKind::ExecuteThenReset);
    }
    let all = names(40);
    let report = fixture
        .patient_submission("s")
        .concurrency(3)
        .analyses(rows(&all))
        .run();
    assert_eq!(report.await.unwrap().created(), 40);
    assert_each_created_once(&fixture, &all);
}

#[tokio::test]
async fn a_chunk_that_always_fails_does_not_hinder_the_others() {
    for concurrency in [1, 4] {
        let fixture = Fixture::without_retries();
        let all = names(102);
        let planned = fixture.patient_submission("s").marks(false).analyses(rows(&all)).plan();
        planned.await.unwrap();
        let key = fixture.chunks()[0].key.clone();
        let always = Fault::new(FaultKind::refuse(503)).key(key.as_str()).every();
        fixture.simulator.faults().add(always);
        let run = || {
            fixture
                .patient_submission("s")
                .marks(false)
                .concurrency(concurrency)
                .deadline(HOUR)
        };
        let (events, result) = events(run()).await;
        let error = result.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unfinished, "{error}");
        let report = error.submission_report().unwrap();
        assert_eq!((report.created(), report.counts().pending()), (100, 2));
        let pending = report.pending().iter().map(ToString::to_string).collect::<Vec<_>>();
        assert!(
            pending[0].starts_with("s-000: pending: server error (HTTP 503, ICA_API_503: ")
                && pending[0].ends_with(" failures"),
            "{pending:?}"
        );
        assert_eq!(pending.len(), 2);
        let text = error.to_string();
        assert!(
            text.contains("its deadline of 3600 s leaves no time, and 2 of 102 analyses are pending; the first failure is of s-000: server error (HTTP 503, "),
            "{text}"
        );
        assert!(
            text.ends_with("run the submission again: it sends the rest and creates nothing twice"),
            "{text}"
        );

        let created = |event: &&SubmissionEvent| matches!(event, SubmissionEvent::Created { .. });
        let set_aside = |event: &&SubmissionEvent| matches!(event, SubmissionEvent::SetAside { .. });
        let first_50 = events
            .iter()
            .filter(|event| created(event) || set_aside(event))
            .take(55);
        let failures = first_50.filter(set_aside).count();
        assert!(
            failures <= 5,
            "the others were sent first, not {failures} times the chunk that fails"
        );
        let sent = fixture.creates() - 50;
        assert!(
            (10..40).contains(&sent),
            "it was sent {sent} times in an hour, less and less often"
        );
        fixture.simulator.faults().clear();
        assert_eq!(run().run().await.unwrap().created(), 102);
        assert_each_created_once(&fixture, &all);
    }
}

#[tokio::test]
async fn a_run_outlives_an_outage_of_an_hour_with_few_requests() {
    for kind in [
        OutageKind::Unavailable(RetryAfter::Absent),
        OutageKind::ConnectionsReset,
        OutageKind::ConnectionsRefused,
    ] {
        let fixture = Fixture::without_retries();
        let all = names(200);
        let planned = fixture.patient_submission("s").marks(false).analyses(rows(&all)).plan();
        planned.await.unwrap();
        outage(&fixture, HOUR, kind);
        let submission = fixture.patient_submission("s").marks(false).concurrency(8);
        let (events, result) = events(submission).await;
        result.unwrap();
        assert_each_created_once(&fixture, &all);
        let elapsed = fixture.clock.elapsed();
        assert!((HOUR..HOUR + 90 * SECOND).contains(&elapsed), "it took {elapsed:?}");
        let failed = fixture.creates() - 100;
        assert!(failed < 300, "{failed} requests met the outage");
        let paused = events.iter().find_map(|event| match event {
            SubmissionEvent::Paused { failure, .. } => Some(failure.kind),
            _ => None,
        });
        assert!(matches!(
            paused,
            Some(ErrorKind::Server | ErrorKind::Connect | ErrorKind::Interrupted)
        ));
    }
}

#[tokio::test]
async fn an_event_says_why_and_until_when_a_chunk_is_set_aside() {
    let fixture = Fixture::without_retries();
    fixture.fail_create(2, FaultKind::refuse_for(429, 50));
    let submission = fixture
        .patient_submission("s")
        .analyses(manifest(["a", "b", "c", "d", "e"]));
    let started = fixture.clock.now();
    let (events, result) = events(submission).await;
    result.unwrap();
    let set_aside = events.iter().find_map(|event| match event {
        SubmissionEvent::SetAside {
            chunk,
            rows,
            failure,
            is_searched: false,
            until,
        } => Some((chunk.as_str(), rows.to_string(), failure, *until)),
        _ => None,
    });
    let (chunk, rows, failure, until) = set_aside.unwrap();
    assert_eq!((chunk, rows.as_str()), ("1", "c to d"));
    assert_eq!(
        (failure.kind, failure.status, failure.failures),
        (ErrorKind::RateLimited, Some(429), 1)
    );
    assert_eq!(until, started + 50 * SECOND);
    assert_eq!(fixture.clock.sleeps(), [50 * SECOND]);
    fixture.assert_created_once(["a", "b", "c", "d", "e"]);
}

#[tokio::test]
async fn failures_that_no_waiting_can_fix_end_a_run_at_once() {
    let fixture = Fixture::new();
    let submission = || {
        fixture
            .patient_submission("s")
            .marks(false)
            .analyses(manifest(["a", "b", "c"]))
    };
    for (status, kind) in [(403, ErrorKind::Forbidden), (404, ErrorKind::NotFound)] {
        fixture.fail_create(1, FaultKind::refuse(status));
        let error = submission().run().await.unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert!(error.code().unwrap().starts_with("ICA_"), "{error:?}");
    }
    assert!(fixture.clock.sleeps().is_empty());
    // A proxy that refuses for a while is waited for.
    fixture.fail_create(1, FaultKind::CodeMessageError(403));
    assert_eq!(submission().run().await.unwrap().created(), 3);
    assert_eq!(fixture.clock.sleeps().len(), 1);
}

#[tokio::test]
async fn a_failure_of_a_credential_ends_a_run_only_before_its_first_response() {
    let vault: Arc<Mutex<Vec<Option<AccessToken>>>> = Arc::default();
    let shared = Arc::clone(&vault);
    let provider = move || {
        let next = shared.lock().unwrap().pop().flatten();
        async move { next.ok_or("the vault is sealed") }
    };
    let fixture = Fixture::with(Simulator::builder(), |client| {
        client.credentials(Credentials::provider(provider))
    });
    let token = || {
        let token = fixture.simulator.issue_token(TokenOrigin::User, HOUR);
        let token = AccessToken::new(token).unwrap();
        Some(token.with_expiry(fixture.clock.now() + 90 * SECOND))
    };
    let submission = || fixture.patient_submission("s").analyses(manifest(["a", "b", "c"]));
    let error = submission().run().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Credentials, "{error}");
    assert_eq!(fixture.creates(), 0);

    // The second chunk waits longer than the first token lives, and the vault fails once then.
    fixture.fail_create(2, FaultKind::refuse_for(429, 100));
    vault.lock().unwrap().push(token());
    let next = fixture.simulator.issue_token(TokenOrigin::User, HOUR);
    vault
        .lock()
        .unwrap()
        .splice(0..0, [Some(AccessToken::new(next).unwrap()), None]);
    let never = RetryPolicy::never();
    let (events, result) = events(submission().retry(never)).await;
    result.unwrap();
    let failures = events.iter().filter_map(|event| match event {
        SubmissionEvent::SetAside { failure, .. } => Some(failure.kind),
        _ => None,
    });
    let failures = failures.collect::<Vec<_>>();
    assert_eq!(failures, [ErrorKind::RateLimited, ErrorKind::Credentials]);
    fixture.assert_created_once(["a", "b", "c"]);
}

#[tokio::test]
async fn lists_of_items_that_fail_are_made_again() {
    let fixture = Fixture::without_retries();
    let list = Operation::GetItems(Family::Analysis);
    for number in [1, 2, 5] {
        let fault = Fault::new(FaultKind::refuse(503)).on(list).nth(number);
        fixture.simulator.faults().add(fault);
    }
    let (events, result) = events(fixture.patient_submission("s").analyses(rows(&names(8)))).await;
    result.unwrap();
    let SubmissionEvent::Finished(report) = events.last().unwrap() else {
        panic!("{events:?}");
    };
    let has_analysis =
        |outcome: &SubmissionOutcome| matches!(outcome, SubmissionOutcome::Created { analysis: Some(_), .. });
    assert!(report.analyses().iter().all(|analysis| has_analysis(&analysis.outcome)));
    let again = events
        .iter()
        .filter(|event| matches!(event, SubmissionEvent::ListingSetAside { .. }));
    assert_eq!(again.count(), 3);
    assert_eq!(fixture.simulator.count(list), 4 + 3);
}

#[tokio::test]
async fn the_retry_policy_of_a_call_comes_before_the_pause_of_a_chunk() {
    let fixture = Fixture::without_retries();
    fixture.fail_create(1, FaultKind::refuse(503));
    let policy = RetryPolicy::default().max_attempts(2);
    let (events, result) = events(
        fixture
            .patient_submission("s")
            .marks(false)
            .retry(policy)
            .analyses(manifest(["a"])),
    )
    .await;
    result.unwrap();
    assert!(
        !events
            .iter()
            .any(|event| matches!(event, SubmissionEvent::SetAside { .. })),
        "{events:?}"
    );
    assert_eq!(fixture.creates(), 2);
}

#[tokio::test]
async fn planning_and_waiting_for_the_owner_are_events() {
    let fixture = Fixture::new();
    let submission = fixture.patient_submission("large").chunk_size(5000);
    let submission = submission.analyses(rows(&names(20_001)));
    submission.stop_handle().stop();
    let (planning, result) = events(submission).await;
    assert_eq!(result.unwrap_err().kind(), ErrorKind::Unfinished);
    let planning = planning.iter().map(ToString::to_string).collect::<Vec<_>>();
    let expected = [
        "planning; 10000 rows read",
        "planning; 20000 rows read",
        "planned",
        "stopping",
    ];
    assert_eq!(planning, expected);

    let held = fixture.simulator.hold_creates();
    let first = tokio::spawn(fixture.patient_submission("s").analyses(manifest(["a"])).run());
    held.reached(1).await;
    let (waiting, result) = events(fixture.patient_submission("s").wait_for_owner(3 * SECOND)).await;
    assert_eq!(result.unwrap_err().kind(), ErrorKind::JournalInUse);
    assert_eq!(waiting.len(), 1, "it is told once: {waiting:?}");
    assert!(
        matches!(&waiting[0], SubmissionEvent::WaitingForOwner { reason } if reason.contains("this program runs it already")),
        "{waiting:?}"
    );
    held.release();
    first.await.unwrap().unwrap();
}
