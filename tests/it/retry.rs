//! Retries: calls that are retried, and calls that are not.

use std::time::Duration;

use futures_util::TryStreamExt;
use ica_batch_sdk_ext::clock::{Clock, ManualClock};
use ica_batch_sdk_ext::retry::{Backoff, Retry, RetryBudget, RetryPolicy};
use ica_batch_sdk_ext::{Client, ErrorKind, Execution, IdempotencyKey, RetryStopReason};
use ica_simulator::{
    Family, Fault, FaultKind, Operation, Outage, OutageKind, RateLimit, RetryAfter, SeedOptions, Simulator,
};

use crate::setup::{builder, linked_clock, request};

fn client(simulator: &Simulator, clock: &ManualClock) -> Client {
    builder(simulator).clock(clock.clone()).jitter_seed(1).build().unwrap()
}

#[tokio::test]
async fn every_attempt_sends_the_same_bytes_and_key() {
    let (simulator, clock) = (Simulator::start(), ManualClock::new());
    simulator.faults().add(Fault::new(FaultKind::ExecuteThenReset).times(3));
    let project = client(&simulator, &clock).project(simulator.project_id()).unwrap();
    let created = project.create_batch(request(&["a", "b"])).await.unwrap();

    let seen = simulator.requests();
    assert_eq!(seen.len(), 4);
    assert!(seen.iter().all(|request| request.body == seen[0].body));
    assert!(
        seen.iter()
            .all(|request| request.idempotency_key() == seen[0].idempotency_key())
    );
    assert_eq!(simulator.executed_creates(), 1);
    assert_eq!(simulator.batches()[0].id, created.id());
    assert_eq!(clock.sleeps().len(), 3);
}

#[tokio::test]
async fn a_refusal_without_a_code_of_ica_is_retried_by_reads_and_mints() {
    let by_proxy = |status| Fault::new(FaultKind::ExecuteThenHtml(status));
    for status in [401, 403, 404, 405, 406, 410, 451] {
        let (simulator, clock) = (Simulator::start(), ManualClock::new());
        let id = simulator.seed_batch(simulator.project_id(), 3, SeedOptions::default());
        let credentials = ica_batch_sdk_ext::Credentials::api_key(simulator.api_key()).unwrap();
        let client = builder(&simulator).clock(clock.clone()).credentials(credentials);
        let project = client.build().unwrap().project(simulator.project_id()).unwrap();
        let mint = by_proxy(status).on(Operation::CreateToken).nth(1);
        simulator.faults().add(mint);
        simulator
            .faults()
            .add(by_proxy(status).on(Operation::GetItems(Family::Analysis)).nth(1));
        let items = project
            .batch(id)
            .items()
            .stream()
            .try_collect::<Vec<_>>()
            .await
            .unwrap();
        assert_eq!(items.len(), 3, "{status}");
        assert_eq!(
            simulator.count(Operation::CreateToken),
            2 + usize::from(status == 401),
            "{status}"
        );
        // ICA itself is believed at once.
        simulator.faults().clear();
        simulator.faults().add(FaultKind::refuse(status));
        let refused = project.batch(id).get().await;
        assert_eq!(refused.is_err(), status != 401, "{status}");
        assert_eq!(refused.map_or_else(|error| error.attempts(), |_| 1), 1, "{status}");
    }
}

#[tokio::test]
async fn a_create_without_a_key_is_not_retried() {
    let (simulator, clock) = (Simulator::start(), ManualClock::new());
    simulator.faults().add(FaultKind::refuse(503));
    let project = client(&simulator, &clock).project(simulator.project_id()).unwrap();
    let error = project
        .create_batch(request(&["a"]))
        .without_idempotency_key()
        .await
        .unwrap_err();
    assert_eq!(
        (error.attempts(), error.retry_stop_reason()),
        (1, Some(RetryStopReason::NotIdempotent))
    );
    assert!(
        error
            .to_string()
            .contains("it was not retried because it has no idempotency key"),
        "{error}"
    );
    assert_eq!(error.idempotency_key(), None);
    assert!(clock.sleeps().is_empty());
}

#[tokio::test]
async fn the_server_decides_how_long_to_wait() {
    let (simulator, clock) = (Simulator::start(), ManualClock::new());
    simulator.faults().add(FaultKind::refuse_for(429, 17));
    let project = client(&simulator, &clock).project(simulator.project_id()).unwrap();
    project.create_batch(request(&["a"])).await.unwrap();
    assert_eq!(clock.sleeps(), [Duration::from_secs(17)]);
}

#[tokio::test]
async fn a_wait_beyond_the_deadline_is_not_started() {
    let (simulator, clock) = (Simulator::start(), ManualClock::new());
    simulator.faults().add(FaultKind::refuse_for(429, 120));
    let project = client(&simulator, &clock).project(simulator.project_id()).unwrap();
    let create = project.create_batch(request(&["a"])).deadline(Duration::from_secs(30));
    let error = create.await.unwrap_err();
    assert_eq!(
        (error.kind(), error.retry_after()),
        (ErrorKind::RateLimited, Some(Duration::from_secs(120)))
    );
    assert!(
        error
            .to_string()
            .contains("the server asks to wait 120.0 s, but the deadline leaves 30.0 s"),
        "{error}"
    );
    assert_eq!((error.attempts(), clock.sleeps()), (1, vec![]));
}

#[tokio::test]
async fn the_deadline_limits_all_attempts_together() {
    let (simulator, clock) = (Simulator::start(), ManualClock::new());
    simulator.faults().add(Fault::new(FaultKind::refuse(503)).every());
    let project = client(&simulator, &clock).project(simulator.project_id()).unwrap();
    let endless = RetryPolicy::default()
        .max_attempts(1000)
        .backoff(Backoff::new(Duration::from_secs(4), Duration::from_secs(4)));
    let create = project
        .create_batch(request(&["a"]))
        .deadline(Duration::from_secs(60))
        .retry(endless);
    let error = create.await.unwrap_err();
    assert_eq!(error.retry_stop_reason(), Some(RetryStopReason::DeadlineExceeded));
    let slept: Duration = clock.sleeps().iter().sum();
    assert!(
        slept < Duration::from_secs(60) && slept > Duration::from_secs(50),
        "{slept:?}"
    );
    assert!(error.elapsed() >= slept);
}

#[tokio::test]
async fn a_key_is_not_sent_again_after_its_lifetime() {
    const DAY: u64 = 24 * 3600;
    let (simulator, clock) = (Simulator::start(), ManualClock::new());
    let client = builder(&simulator)
        .clock(clock.clone())
        .deadline(Duration::from_secs(30 * DAY))
        .build()
        .unwrap();
    let project = client.project(simulator.project_id()).unwrap();
    simulator.faults().add(FaultKind::refuse_for(503, 8 * DAY));
    let error = project.create_batch(request(&["a"])).await.unwrap_err();
    assert!(
        matches!(
            error.retry_stop_reason(),
            Some(RetryStopReason::RetryAfterTooLong { .. })
        ),
        "{error:?}"
    );
    assert_eq!((error.attempts(), clock.sleeps()), (1, vec![]));

    // A call without a key has no such limit.
    let id = simulator.seed_batch(simulator.project_id(), 1, SeedOptions::default());
    simulator.faults().add(FaultKind::refuse_for(503, 8 * DAY));
    project.batch(id).get().await.unwrap();
    // The first refusal pauses the second call for a quarter of an hour at most.
    assert_eq!(clock.sleeps(), [900, 8 * DAY].map(Duration::from_secs));
}

#[tokio::test]
async fn a_call_can_have_its_own_policy() {
    let (simulator, clock) = (Simulator::start(), ManualClock::new());
    simulator.faults().add(Fault::new(FaultKind::refuse(503)).every());
    let project = client(&simulator, &clock).project(simulator.project_id()).unwrap();
    let error = project
        .create_batch(request(&["a"]))
        .retry(RetryPolicy::never())
        .await
        .unwrap_err();
    assert_eq!(error.attempts(), 1);
    let error = project.create_batch(request(&["a"])).await.unwrap_err();
    assert_eq!(
        (error.attempts(), error.retry_stop_reason()),
        (5, Some(RetryStopReason::AttemptsExhausted))
    );
    assert!(error.to_string().contains("gave up after 5 attempts"), "{error}");
}

#[tokio::test]
async fn a_classifier_can_make_more_failures_transient() {
    let (simulator, clock) = (Simulator::start(), ManualClock::new());
    let batch = simulator.seed_batch(simulator.project_id(), 1, SeedOptions::default());
    simulator.faults().add(FaultKind::refuse(404));
    let policy = RetryPolicy::default().classifier(|error| match error.is_not_found() {
        true => Retry::Yes,
        false => Retry::Default,
    });
    let client = builder(&simulator).clock(clock).retry(policy).build().unwrap();
    client
        .project(simulator.project_id())
        .unwrap()
        .batch(batch)
        .get()
        .await
        .unwrap();
    assert_eq!(simulator.count(Operation::GetBatch(Family::Analysis)), 2);
}

#[tokio::test]
async fn clones_share_one_budget_and_an_outage_empties_it() {
    let (simulator, clock) = (Simulator::start(), ManualClock::new());
    simulator.faults().add(Fault::new(FaultKind::refuse(503)).every());
    let client = builder(&simulator)
        .clock(clock)
        .retry_budget(RetryBudget::new(30))
        .build()
        .unwrap();
    let mut sent = 0;
    for _ in 0..10 {
        let project = client.clone().project(simulator.project_id()).unwrap();
        let error = project.create_batch(request(&["a"])).await.unwrap_err();
        sent += error.attempts();
    }
    assert_eq!(sent, 10 + 6, "ten calls, and six retries from the budget");
    assert_eq!(client.retry_budget().available(), 0);
    let last = client
        .project(simulator.project_id())
        .unwrap()
        .create_batch(request(&["a"]))
        .await
        .unwrap_err();
    assert_eq!(last.retry_stop_reason(), Some(RetryStopReason::BudgetExhausted));
}

#[tokio::test]
async fn a_create_waits_for_an_earlier_one_with_the_same_key_and_returns_its_response() {
    let (simulator, clock) = (Simulator::start(), ManualClock::new());
    let project = client(&simulator, &clock).project(simulator.project_id()).unwrap();
    let held = simulator.hold_creates();
    let create = project.create_batch(request(&["a"]));
    let first = tokio::spawn(create.clone().into_future());
    held.reached(1).await;

    let second = tokio::spawn(create.into_future());
    while clock.sleeps().is_empty() {
        tokio::task::yield_now().await;
    }
    held.release();
    let (first, second) = (first.await.unwrap().unwrap(), second.await.unwrap().unwrap());
    assert_eq!(first.id(), second.id());
    assert_eq!(simulator.executed_creates(), 1);
}

#[tokio::test]
async fn the_wait_for_a_create_in_progress_has_a_timeout() {
    let (simulator, clock) = (Simulator::start(), ManualClock::new());
    let project = client(&simulator, &clock).project(simulator.project_id()).unwrap();
    let held = simulator.hold_creates();
    let create = project.create_batch(request(&["a"]));
    let first = tokio::spawn(create.clone().into_future());
    held.reached(1).await;

    let error = create.in_progress_timeout(Duration::from_secs(40)).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.execution()),
        (ErrorKind::InProgress, Execution::Unknown)
    );
    assert!(
        matches!(error.retry_stop_reason(), Some(RetryStopReason::InProgressTimeout { waited }) if waited <= Duration::from_secs(40))
    );
    let slept: Duration = clock.sleeps().iter().sum();
    assert!(
        slept <= Duration::from_secs(40) && slept > Duration::from_secs(20),
        "{slept:?}"
    );
    held.release();
    first.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_key_mismatch_is_not_retried() {
    let (simulator, clock) = (Simulator::start(), ManualClock::new());
    let project = client(&simulator, &clock).project(simulator.project_id()).unwrap();
    let key: IdempotencyKey = "cohort-42".parse().unwrap();
    project
        .create_batch(request(&["a"]))
        .idempotency_key(key.clone())
        .await
        .unwrap();
    let error = project
        .create_batch(request(&["b"]))
        .idempotency_key(key)
        .await
        .unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::KeyMismatch, 1));
    assert!(clock.sleeps().is_empty());
}

#[tokio::test]
async fn the_execution_of_an_early_attempt_counts_for_the_call() {
    let (simulator, clock) = (Simulator::start(), ManualClock::new());
    simulator
        .faults()
        .add(FaultKind::ExecuteThenReset)
        .add(Fault::new(FaultKind::refuse(429)).every());
    let project = client(&simulator, &clock).project(simulator.project_id()).unwrap();
    let error = project.create_batch(request(&["a"])).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.execution()),
        (ErrorKind::RateLimited, Execution::Unknown)
    );
    assert_eq!(simulator.executed_creates(), 1);
}

#[tokio::test]
async fn an_outage_by_the_clock_is_passed_by_retries() {
    for kind in [
        OutageKind::Unavailable(RetryAfter::Absent),
        OutageKind::Unavailable(RetryAfter::Seconds(3)),
        OutageKind::ConnectionsReset,
        OutageKind::ConnectionsRefused,
    ] {
        let simulator = Simulator::start();
        let clock = linked_clock(&simulator);
        let (now, outage) = (simulator.clock().now(), Duration::from_secs(2));
        simulator.faults().outage(Outage::new(now..now + outage, kind.clone()));
        let project = client(&simulator, &clock).project(simulator.project_id()).unwrap();
        project.create_batch(request(&["a"])).await.unwrap();
        assert_eq!(simulator.executed_creates(), 1, "{kind:?}");
        let slept = clock.sleeps().iter().sum::<Duration>();
        assert!(slept >= outage && slept < 4 * outage, "{kind:?}: {slept:?}");
    }
}

#[tokio::test]
async fn the_rate_of_a_server_is_learned_from_its_refusals() {
    let simulator = Simulator::start();
    let id = simulator.seed_batch(simulator.project_id(), 400, SeedOptions::default());
    let clock = linked_clock(&simulator);
    simulator.faults().rate_limit(RateLimit::per_second(5.0));
    // A direct key sends nothing but the list.
    let list = builder(&simulator)
        .clock(clock.clone())
        .retry_budget(RetryBudget::new(1000));
    let client = list.build().unwrap();
    let project = client.project(simulator.project_id()).unwrap();
    let pages = project.batch(id).items().page_size(1).prefetch(false).stream();
    assert_eq!(pages.try_collect::<Vec<_>>().await.unwrap().len(), 400);
    let refused = simulator.requests();
    let refused = refused.iter().filter(|seen| seen.status == Some(429)).count();
    assert!(refused <= 20, "{refused} of 400 refused");
    // 80 seconds are the shortest time.
    assert!(clock.elapsed() <= Duration::from_secs(89), "{:?}", clock.elapsed());
    let rate = client.pace().requests_per_second().unwrap();
    assert!((4.0..6.0).contains(&rate), "{rate}");
}
