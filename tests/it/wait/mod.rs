//! Waiting for a batch.

mod bench;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures_util::{FutureExt, StreamExt, TryStreamExt};
use ica_batch_sdk_ext::clock::Clock;
use ica_batch_sdk_ext::retry::RetryPolicy;
use ica_batch_sdk_ext::types::{AnalysisStatus, ItemStatus, JobStatus};
use ica_batch_sdk_ext::{
    AnalysisCreation, Credentials, ErrorKind, FinishedItem, ItemOutcome, PollInterval, Progress, WaitUntil,
};
use ica_simulator::{
    Family, Fate, Fault, FaultKind, FaultPlan, JobStyle, Lifecycle, Operation, RecordedRequest, Simulator,
    SimulatorBuilder,
};

use bench::Bench;

const MINUTE: Duration = Duration::from_secs(60);

fn lifecycle() -> Lifecycle {
    Lifecycle::default().creation(MINUTE).run(30 * MINUTE)
}

fn running() -> SimulatorBuilder {
    Simulator::builder().lifecycle(lifecycle())
}

fn reasons(
    failed: &[FinishedItem<AnalysisCreation>],
) -> BTreeMap<&str, (ItemOutcome, ItemStatus, Option<AnalysisStatus>)> {
    let reason =
        |item: &FinishedItem<AnalysisCreation>| (item.outcome, item.creation_status.clone(), item.run_status.clone());
    failed.iter().map(|item| (item.name.as_str(), reason(item))).collect()
}

#[tokio::test]
async fn created_comes_before_finished() {
    let bench = Bench::new(running(), 30, Duration::ZERO);
    let created = bench.batch().wait().until(WaitUntil::Created).await.unwrap();
    assert!(created.is_success() && created.polls() > 1);
    assert_eq!((created.items(), created.succeeded()), (30, 30));
    assert_eq!(created.job(), Some(&JobStatus::Succeeded));
    assert_eq!(
        created.progress().by_creation_status(),
        &BTreeMap::from([(ItemStatus::Succeeded, 30)])
    );
    assert!(
        created.elapsed() >= MINUTE && created.elapsed() < 4 * MINUTE,
        "{created:?}"
    );

    let finished = bench.batch().wait().await.unwrap();
    assert!(finished.is_success());
    assert!(finished.elapsed() > 25 * MINUTE, "{:?}", finished.elapsed());
    assert_eq!(
        finished.progress().by_run_status(),
        &BTreeMap::from([(AnalysisStatus::Succeeded, 30)])
    );
}

#[tokio::test]
async fn failed_items_are_listed_with_their_reasons() {
    let fates = running()
        .fate("sample-1", Fate::FailCreation)
        .fate("sample-3", Fate::FailRun)
        .fate("sample-5", Fate::FailRunFinally);
    let bench = Bench::new(fates, 8, Duration::ZERO);
    let end = bench.batch().wait().await.unwrap();
    assert!(!end.is_success());
    assert_eq!((end.items(), end.succeeded()), (8, 5));
    assert_eq!(end.job(), Some(&JobStatus::PartiallySucceeded));
    let failed = (
        ItemOutcome::RunFailed,
        ItemStatus::Succeeded,
        Some(AnalysisStatus::Failed),
    );
    let finally = (
        ItemOutcome::RunFailed,
        ItemStatus::Succeeded,
        Some(AnalysisStatus::FailedFinal),
    );
    assert_eq!(
        reasons(end.failed()),
        BTreeMap::from([
            ("sample-1", (ItemOutcome::NotCreated, ItemStatus::Failed, None)),
            ("sample-3", failed),
            ("sample-5", finally),
        ])
    );
    let not_created = end
        .failed()
        .iter()
        .find(|item| item.outcome == ItemOutcome::NotCreated)
        .unwrap();
    assert!(not_created.message.is_some());
    assert!(
        not_created.to_string().starts_with("sample-1: not created ("),
        "{not_created}"
    );

    let created = bench.batch().wait().until(WaitUntil::Created).await.unwrap();
    assert_eq!((created.failed().len(), created.succeeded()), (1, 7));
}

#[tokio::test]
async fn without_a_job_the_statuses_of_the_items_end_the_wait() {
    for style in [JobStyle::Absent, JobStyle::Null] {
        for until in [WaitUntil::Created, WaitUntil::Finished] {
            let fates = running().job(style).fate("sample-2", Fate::FailCreation);
            let bench = Bench::new(fates, 12, Duration::ZERO);
            let end = bench.batch().wait().until(until).await.unwrap();
            assert_eq!((end.job(), end.items(), end.succeeded()), (None, 12, 11), "{style:?}");
            assert_eq!(end.failed()[0].name, "sample-2");
            assert!(end.elapsed() >= MINUTE);
        }
    }
}

#[tokio::test]
async fn without_a_job_a_batch_without_items_is_not_finished() {
    let bench = Bench::new(running().job(JobStyle::Absent), 0, Duration::ZERO);
    let error = bench.batch().wait().deadline(10 * MINUTE).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::WaitTimeout);
}

#[tokio::test]
async fn a_job_that_ended_without_items_ends_the_wait() {
    let bench = Bench::new(running(), 0, 24 * 60 * MINUTE);
    let end = bench.batch().wait().await.unwrap();
    assert_eq!((end.items(), end.polls()), (0, 1));
    assert!(end.job().is_some());
}

#[tokio::test]
async fn a_stopped_job_leaves_items_that_were_not_created() {
    let bench = Bench::new(running(), 5, 30 * Duration::from_secs(1));
    bench.simulator.stop_job(bench.id);
    let end = bench.batch().wait().await.unwrap();
    assert_eq!(end.job(), Some(&JobStatus::Stopped));
    assert!(!end.is_success());
    assert!(end.failed().iter().all(|item| item.outcome == ItemOutcome::NotCreated));
    assert_eq!(end.failed().len(), 5);
}

#[tokio::test]
async fn an_aborted_run_is_listed_and_awaited_input_is_waited_for() {
    let bench = Bench::new(running().fate("sample-0", Fate::AwaitInput), 2, Duration::ZERO);
    let batch = bench.batch();
    let error = batch.wait().deadline(60 * MINUTE).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::WaitTimeout);
    assert!(error.to_string().contains("1 of 2 items pending"), "{error}");
    assert!(error.to_string().contains("1 run AWAITING_INPUT"), "{error}");

    let items = batch.items().stream().try_collect::<Vec<_>>().await.unwrap();
    let waits = items
        .iter()
        .find(|item| item.request.user_reference == "sample-0")
        .unwrap();
    assert!(bench.simulator.abort(waits.created_analysis.as_ref().unwrap().id));
    let end = batch.wait().await.unwrap();
    assert_eq!(end.failed()[0].run_status, Some(AnalysisStatus::Aborted));
    assert_eq!(end.failed()[0].outcome, ItemOutcome::RunFailed);
}

#[tokio::test]
async fn unknown_statuses_are_reported_and_do_not_end_the_wait() {
    let bench = Bench::new(running(), 4, 24 * 60 * MINUTE);
    bench
        .simulator
        .faults()
        .add(Fault::new(FaultKind::UnknownEnumValues).every());
    let mut progress = bench.batch().wait().deadline(10 * MINUTE).progress();
    let first = progress.next().await.unwrap().unwrap();
    assert!(!first.is_finished());
    assert_eq!((first.items(), first.finished()), (4, 0));
    let unknown = first.unknown_statuses().collect::<BTreeSet<_>>();
    assert_eq!(unknown, BTreeSet::from(["NEW_SUCCEEDED"]));

    let rest = progress.collect::<Vec<_>>().await;
    let (last, before) = rest.split_last().unwrap();
    assert!(before.iter().all(|progress| !progress.as_ref().unwrap().is_finished()));
    let error = last.as_ref().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::WaitTimeout);
    let text = error.to_string();
    assert!(text.contains("4 of 4 items pending"), "{text}");
    assert!(
        text.contains("job NEW_SUCCEEDED") && text.contains("4 items NEW_SUCCEEDED"),
        "{text}"
    );
    assert!(text.ends_with("wait again; the batch goes on in ICA"), "{text}");

    bench.simulator.faults().clear();
    assert!(bench.batch().wait().await.unwrap().is_success());
}

#[tokio::test]
async fn temporary_unknown_statuses_do_not_prevent_the_end() {
    let bench = Bench::new(running(), 300, Duration::ZERO);
    let every_third = |nth| Fault::new(FaultKind::UnknownEnumValues).nth(nth);
    for nth in (2..60).step_by(3) {
        bench.simulator.faults().add(every_third(nth));
    }
    let end = bench.batch().wait().await.unwrap();
    assert!(end.is_success());
    assert_eq!((end.succeeded(), end.progress().unknown_statuses().count()), (300, 0));
}

#[tokio::test]
async fn progress_is_returned_before_the_sleep_and_each_item_finishes_once() {
    let fates = running()
        .fate("sample-7", Fate::FailCreation)
        .fate("sample-9", Fate::FailRun);
    let bench = Bench::new(fates, 200, Duration::ZERO);
    let mut progress = bench.batch().wait().progress();
    let first = progress.next().await.unwrap().unwrap();
    assert_eq!((first.polls(), bench.clock.sleeps().len()), (1, 0));
    assert_eq!(first.job(), Some(&JobStatus::Initialized));
    assert_eq!(bench.listings().len(), 0, "nothing can have been created");

    let (mut ended, mut polls) = (BTreeSet::new(), 1);
    let mut last = first;
    while let Some(now) = progress.try_next().await.unwrap() {
        polls += 1;
        assert_eq!((now.polls(), bench.clock.sleeps().len()), (polls, polls as usize - 1));
        assert!(
            now.newly_finished().iter().all(|item| ended.insert(item.id)),
            "an item came twice"
        );
        assert_eq!(
            (now.finished(), now.items()),
            (ended.len(), now.finished() + now.pending())
        );
        last = now;
    }
    assert!(last.is_finished());
    assert_eq!((ended.len(), last.succeeded(), last.failed()), (200, 198, 2));
    assert!(progress.next().await.is_none(), "it stays at its end");
}

#[tokio::test]
async fn a_wait_is_continued_from_the_id_of_the_batch() {
    let bench = Bench::new(running().fate("sample-4", Fate::FailRun), 60, Duration::ZERO);
    let mut first = bench.batch().wait().progress();
    let mut half = 0;
    while half < 30 {
        half = first.try_next().await.unwrap().unwrap().finished();
    }
    drop(first);
    let end = bench.batch().wait().await.unwrap();
    assert_eq!((end.items(), end.succeeded()), (60, 59));
    assert_eq!(end.failed()[0].name, "sample-4");
}

#[tokio::test]
async fn dropping_the_future_of_next_loses_nothing() {
    let bench = Bench::new(running(), 50, Duration::ZERO);
    let mut progress = bench.batch().wait().progress();
    let mut ended = 0;
    loop {
        // The first future is polled once and dropped, and a second one is awaited.
        let at_once = progress.next().now_or_never();
        let now = match at_once {
            Some(now) => now,
            None => progress.next().await,
        };
        let Some(now) = now.transpose().unwrap() else { break };
        ended += now.newly_finished().len();
    }
    assert_eq!(ended, 50);
    let sleeps = bench.clock.sleeps().len();
    assert_eq!(bench.batch().wait().await.unwrap().polls(), 1);
    assert_eq!(bench.clock.sleeps().len(), sleeps);
}

#[tokio::test]
async fn faults_and_expired_tokens_do_not_end_a_wait() {
    for seed in 0..8 {
        let fates = running()
            .fate("sample-1", Fate::FailCreation)
            .fate("sample-2", Fate::FailRun);
        let bench = Bench::new(fates.token_lifetime(7 * MINUTE), 120, Duration::ZERO);
        bench.simulator.faults().seeded(seed, FaultPlan::survivable(0.2));
        let credentials = Credentials::api_key(bench.simulator.api_key()).unwrap();
        let batch = bench.batch_of(
            bench
                .builder()
                .credentials(credentials)
                .retry(RetryPolicy::default().max_attempts(8)),
        );
        let mut progress = batch.wait().page_size(50).progress();
        let (mut ended, mut polls) = (BTreeSet::new(), 0);
        while let Some(now) = progress.try_next().await.unwrap() {
            polls += 1;
            if polls % 5 == 0 {
                bench.simulator.revoke_all_tokens();
            }
            assert!(
                now.newly_finished().iter().all(|item| ended.insert(item.id)),
                "an item came twice"
            );
        }
        assert_eq!(ended.len(), 120, "seed {seed}");
        assert!(bench.simulator.faults().applied() > 5 && bench.simulator.minted_tokens() > 3);
    }
}

#[tokio::test]
async fn a_failed_poll_ends_the_wait_and_the_stream_continues() {
    let bench = Bench::new(running(), 10, 5 * MINUTE);
    let refused = || Fault::new(FaultKind::refuse(503)).on(Operation::GetItems(Family::Analysis));
    let batch = bench.batch_of(bench.builder().retry(RetryPolicy::never()));
    bench.simulator.faults().add(refused());
    assert_eq!(batch.wait().await.unwrap_err().kind(), ErrorKind::Server);

    bench.simulator.faults().add(refused());
    let mut progress = batch.wait().progress();
    let error = progress.next().await.unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Server);
    let sleeps = bench.clock.sleeps().len();
    let rest = progress.try_collect::<Vec<Progress<AnalysisCreation>>>().await.unwrap();
    assert!(rest.last().unwrap().is_finished());
    assert_eq!(
        bench.clock.sleeps().len(),
        sleeps + rest.len(),
        "it waits after the error"
    );
}

#[tokio::test]
async fn a_wait_does_not_exceed_its_deadline() {
    for minutes in [1, 2, 10, 25] {
        let bench = Bench::new(running(), 5, Duration::ZERO);
        let error = bench.batch().wait().deadline(minutes * MINUTE).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::WaitTimeout);
        let passed = bench.clock.elapsed();
        assert!(
            passed < minutes * MINUTE && passed > minutes * MINUTE - Duration::from_secs(10),
            "{passed:?}"
        );
        assert!(error.elapsed() <= minutes * MINUTE);
    }
}

#[tokio::test]
async fn a_retry_after_beyond_the_deadline_ends_the_wait() {
    let bench = Bench::new(running(), 5, Duration::ZERO);
    let busy = Fault::new(FaultKind::refuse_for(429, 900)).on(Operation::GetItems(Family::Analysis));
    bench.simulator.faults().add(busy);
    let error = bench.batch().wait().deadline(10 * MINUTE).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::RateLimited);
    assert!(bench.clock.elapsed() < 10 * MINUTE);
}

#[tokio::test]
async fn the_interval_doubles_while_nothing_changes() {
    let bench = Bench::new(running(), 1, 2 * MINUTE);
    let poll = PollInterval::new(Duration::from_secs(2), Duration::from_secs(100));
    let mut progress = bench.batch().wait().poll_interval(poll).progress();
    for _ in 0..12 {
        progress.try_next().await.unwrap();
    }
    let sleeps = bench.clock.sleeps();
    assert!(sleeps[0] <= Duration::from_secs(6), "{sleeps:?}");
    assert!(sleeps.iter().all(|sleep| *sleep <= poll.max()));
    assert!(sleeps[10] >= Duration::from_secs(75), "{sleeps:?}");
}

#[tokio::test]
async fn an_item_that_was_not_created_is_not_listed_again() {
    let fates = Simulator::builder().lifecycle(lifecycle()).fates(|reference| {
        if reference.ends_with('3') {
            Fate::FailCreation
        } else {
            Fate::Succeed
        }
    });
    let bench = Bench::new(fates, 3000, 2 * MINUTE);
    let end = bench.batch().wait().await.unwrap();
    assert_eq!(end.failed().len(), 300);
    let listings = bench.listings();
    let asks_all = |request: &&RecordedRequest| request.query_values("status").next().is_none();
    assert_eq!(
        listings.iter().filter(asks_all).count(),
        3,
        "all items once, in three pages"
    );
    let filters = listings.iter().flat_map(|request| request.query_values("status"));
    assert_eq!(filters.collect::<BTreeSet<_>>(), BTreeSet::from(["SUCCEEDED"]));
    assert_eq!(
        bench.simulator.count(Operation::GetBatch(Family::Analysis)),
        1,
        "a job that ended is not read again"
    );
}

/// The figures in the documentation of `src/batch/wait/mod.rs` are from this test.
#[tokio::test]
async fn waiting_for_ten_thousand_analyses_takes_few_requests() {
    // Creation takes 60 to 75 seconds, then a run 30 to 37 minutes.
    let bench = Bench::new(running().gzip(false), 10_000, Duration::ZERO);
    let mut progress = bench.batch().wait().progress();
    let mut last = progress.try_next().await.unwrap().unwrap();
    let mut ended = 0;
    while let Some(now) = progress.try_next().await.unwrap() {
        let (requests, items) = (now.requests() - last.requests(), now.items_read() - last.items_read());
        assert!(items <= 10_000, "a poll decodes no item twice: {items}");
        assert!(requests <= 250, "{requests} requests in one poll");
        ended += now.newly_finished().len();
        last = now;
    }
    assert_eq!((last.succeeded(), ended), (10_000, 10_000));
    assert_eq!(
        bench.simulator.requests().len() as u64,
        last.requests(),
        "every request is counted"
    );
    assert!(last.polls() <= 40, "{} polls", last.polls());
    assert!(last.requests() <= 450, "{} requests", last.requests());
    assert!(last.items_read() <= 330_000, "{} items", last.items_read());
    assert_eq!(
        bench.simulator.count(Operation::GetBatch(Family::Analysis)),
        4,
        "the job is read until it has ended"
    );
}
