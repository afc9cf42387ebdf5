//! Waiting for many batches with a search that shows the statuses of all analyses.

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::TryStreamExt;
use ica_batch_sdk_ext::clock::Clock;
use ica_batch_sdk_ext::types::{AnalysisStatus, CreateAnalysisCreationBatch, ItemStatus};
use ica_batch_sdk_ext::{ErrorKind, SubmissionEvent, SubmissionWaitReport};
use ica_simulator::{Family, Fate, Fault, FaultKind, FaultPlan, Operation, Outage, OutageKind, RetryAfter, Simulator};

use super::fixture::Fixture;
use super::waiting::{rows, running, send, submission};

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(24 * 3600);
const LIST: Operation = Operation::GetItems(Family::Analysis);
const SEARCH: Operation = Operation::SearchAnalyses;

/// Number of requests of each kind.
fn requests(fixture: &Fixture) -> (usize, usize) {
    (fixture.simulator.count(LIST), fixture.simulator.count(SEARCH))
}

/// Returns the report without what differs between two waits: ids, and the order of failures.
fn comparable(report: &SubmissionWaitReport) -> String {
    let mut counts = report.counts().clone();
    (counts.requests, counts.elapsed) = (0, Duration::ZERO);
    let failed = report.failed().iter();
    let mut failed = failed
        .map(|failed| format!("{} in chunk {}: {}", failed.item.name, failed.chunk, failed.reason()))
        .collect::<Vec<_>>();
    failed.sort();
    let recorded = report.submission().analyses().iter();
    let recorded = recorded.map(|row| {
        let outcome = serde_json::to_value(&row.outcome).unwrap();
        let status = outcome["runStatus"].as_str().unwrap_or("none").to_owned();
        format!("{}: {status}", row.user_reference)
    });
    let recorded = recorded.collect::<Vec<_>>();
    format!("{counts:#?}\n{:#?}\n{failed:#?}\n{recorded:#?}", report.reasons())
}

/// Number of requests for the items of each batch that was polled.
fn polls(fixture: &Fixture) -> Vec<usize> {
    let mut polls = BTreeMap::<String, usize>::new();
    let requests = fixture.simulator.requests().into_iter();
    for request in requests.filter(|request| request.operation == Some(LIST)) {
        *polls.entry(request.path).or_default() += 1;
    }
    let mut polls = polls.into_values().collect::<Vec<_>>();
    polls.sort_unstable();
    polls
}

/// Waits until the items of all batches are created.
fn created(fixture: &Fixture) {
    fixture.clock.advance(2 * MINUTE);
}

fn fail_some(fixture: &Fixture) {
    for number in (0..400).step_by(19) {
        fixture.simulator.set_fate(&format!("s-{number:05}"), Fate::FailRun);
    }
    for number in (7..400).step_by(67) {
        fixture
            .simulator
            .set_fate(&format!("s-{number:05}"), Fate::FailCreation);
    }
    fixture.simulator.set_fate("s-00350", Fate::FailRunFinally);
}

#[tokio::test]
async fn a_search_gives_the_same_report_with_fewer_requests() {
    let mut reports = Vec::new();
    for is_marked in [false, true] {
        let fixture = Fixture::living(running());
        fail_some(&fixture);
        let run = submission(&fixture, 4).marks(is_marked).analyses(rows(400)).run();
        run.await.unwrap();
        fixture.simulator.clear_requests();
        created(&fixture);
        let started = fixture.clock.elapsed();
        let mut progress = submission(&fixture, 4).wait().progress();
        let (mut newly_failed, mut report) = (Vec::new(), None);
        while let Some(now) = progress.try_next().await.unwrap() {
            match now.event() {
                SubmissionEvent::Waiting(waiting) => {
                    assert!(waiting.by_run_status.values().sum::<u64>() <= 400);
                    newly_failed.extend(waiting.newly_failed.iter().map(|failed| failed.item.name.clone()));
                    assert_eq!(waiting.failed, newly_failed.len() as u64);
                }
                SubmissionEvent::Ended(ended) => report = Some(ended.clone()),
                other => panic!("{other:?}"),
            }
        }
        let report = report.unwrap();
        let (lists, searches) = requests(&fixture);
        assert_eq!(report.counts().requests, (lists + searches) as u64);
        assert_eq!(searches > 0, is_marked);
        reports.push((comparable(&report), lists + searches, fixture.clock.elapsed() - started));
    }
    let [(polled, polls, took), (searched, requests, took_searched)] = &reports[..] else {
        panic!("{reports:?}");
    };
    assert_eq!(polled, searched);
    // Each batch is polled when it was created, when it ends, and after most of the failures.
    assert!(
        *requests < 2 * 300 + 250 && 6 * requests < *polls,
        "{requests} and {polls} requests"
    );
    assert!(*took_searched < *took + 3 * MINUTE, "{took_searched:?} and {took:?}");
}

#[tokio::test]
async fn batches_whose_items_were_listed_are_not_polled_first() {
    let fixture = Fixture::living(running());
    fixture.simulator.set_fate("s-00003", Fate::FailRun);
    submission(&fixture, 2).analyses(rows(100)).run().await.unwrap();
    created(&fixture);
    // Another run lists the items.
    submission(&fixture, 2).lookup_items(true).run().await.unwrap();
    fixture.simulator.clear_requests();
    let report = fixture.patient_submission("s").wait().await.unwrap();
    assert_eq!((report.succeeded(), report.counts().failed), (99, 1));
    assert_eq!(
        report.counts().by_creation_status,
        [(ItemStatus::Succeeded, 100)].into()
    );
    let (lists, searches) = requests(&fixture);
    // The end of each batch, a check of one batch per search, and the last 20 batches.
    assert!(lists <= 50 + searches + 2 * 20, "{lists} lists and {searches} searches");
    // The wait may begin after the end of all runs.
    fixture.simulator.clear_requests();
    let report = fixture.patient_submission("s").wait().await.unwrap();
    assert_eq!((report.succeeded(), report.counts().failed), (99, 1));
    assert_eq!(requests(&fixture), (50, 1));
}

#[tokio::test]
async fn batches_whose_analyses_are_found_late_are_polled_until_then() {
    for (found_after, most) in [(20 * MINUTE, 70), (10 * DAY, 15)] {
        let fixture = Fixture::living(running().analyses_found_after(found_after));
        send(&fixture, 40, 3).await;
        created(&fixture);
        let started = fixture.clock.elapsed();
        let report = fixture.patient_submission("s").wait().await.unwrap();
        let took = fixture.clock.elapsed() - started;
        assert!((20 * MINUTE..40 * MINUTE).contains(&took), "{took:?}");
        assert_eq!(report.succeeded(), 120);
        let (_, searches) = requests(&fixture);
        // Searches that show nothing become rare.
        assert!((5..most).contains(&searches), "{searches} searches");
        let polls = polls(&fixture);
        assert!(polls[0] > 10, "{polls:?}");
    }
}

#[tokio::test]
async fn a_batch_with_a_double_or_a_stranger_under_its_mark_is_polled() {
    let fixture = Fixture::living(running());
    submission(&fixture, 2).analyses(rows(100)).run().await.unwrap();
    // Another program sends the bytes of a chunk again, and its runs never end.
    let create = Operation::CreateBatch(Family::Analysis);
    let requests = fixture.simulator.requests().into_iter();
    let mut creates = requests.filter(|request| request.operation == Some(create));
    let body: CreateAnalysisCreationBatch = serde_json::from_slice(&creates.nth(20).unwrap().body).unwrap();
    for item in &body.nextflow_items {
        fixture
            .simulator
            .set_fate(item.user_reference.as_str(), Fate::AwaitInput);
    }
    fixture.project.create_batch(body).await.unwrap();
    fixture.simulator.clear_requests();
    created(&fixture);
    let report = fixture.patient_submission("s").wait().await.unwrap();
    assert_eq!((report.succeeded(), report.counts().failed), (100, 0));
    let polls = polls(&fixture);
    assert_eq!(polls.len(), 50, "the batch of the other program is not polled");
    assert!(polls[48] < 9 && polls[49] > 15, "{polls:?}");
}

#[tokio::test]
async fn batches_are_polled_while_the_search_fails() {
    let fixture = Fixture::living(running().run(HOUR));
    send(&fixture, 40, 2).await;
    let refused = FaultKind::refuse(503);
    let mut progress = fixture.patient_submission("s").wait().progress();
    let started = fixture.clock.elapsed();
    let (mut failures, mut succeeded, mut is_failing) = (0, 0, false);
    let mut during_outage = 0;
    while let Some(now) = progress.try_next().await.unwrap() {
        let elapsed = fixture.clock.elapsed() - started;
        if elapsed > 10 * MINUTE && !is_failing && elapsed < 65 * MINUTE {
            is_failing = true;
            assert!(requests(&fixture).1 > 2);
            fixture.simulator.clear_requests();
            fixture
                .simulator
                .faults()
                .add(Fault::new(refused.clone()).on(SEARCH).every());
        }
        if elapsed > 70 * MINUTE && is_failing {
            is_failing = false;
            let (lists, _) = requests(&fixture);
            assert!(lists > 400, "{lists} lists");
            during_outage = succeeded;
            fixture.simulator.faults().clear();
            fixture.simulator.clear_requests();
        }
        match now.event() {
            SubmissionEvent::SearchSetAside { failure, .. } => {
                failures += 1;
                assert_eq!(failure.failures, failures);
            }
            SubmissionEvent::Waiting(waiting) => succeeded = waiting.succeeded,
            SubmissionEvent::Ended(report) => succeeded = report.succeeded(),
            SubmissionEvent::Retrying { .. } | SubmissionEvent::ClientPaused { .. } => {}
            other => panic!("{other:?}"),
        }
    }
    assert!((4..60).contains(&failures), "{failures} failures");
    assert!(during_outage > 40, "{during_outage} succeeded while the search failed");
    assert_eq!(succeeded, 80);
}

#[tokio::test]
async fn a_wait_whose_search_is_refused_polls() {
    let fixture = Fixture::living(running());
    send(&fixture, 40, 2).await;
    let refused = FaultKind::Refuse {
        status: 403,
        title: Some("ICA_SEC_002".to_owned()),
        retry_after: RetryAfter::Absent,
    };
    fixture.simulator.faults().add(Fault::new(refused).on(SEARCH).every());
    let report = fixture.patient_submission("s").wait().await.unwrap();
    assert_eq!(report.succeeded(), 80);
    let (lists, searches) = requests(&fixture);
    assert_eq!(searches, 1, "it is refused for an hour");
    assert!(lists > 400, "{lists} lists");
}

#[tokio::test]
async fn after_an_outage_one_search_shows_all_batches() {
    let fixture = Fixture::living(running().run(3 * HOUR));
    send(&fixture, 60, 2).await;
    let now = fixture.simulator.clock().now() + 30 * MINUTE;
    let kind = OutageKind::Unavailable(RetryAfter::Absent);
    fixture.simulator.faults().outage(Outage::new(now..now + HOUR, kind));
    let mut progress = fixture.patient_submission("s").wait().progress();
    let (mut failures, mut recovered, mut succeeded) = (0, None, 0);
    while let Some(now) = progress.try_next().await.unwrap() {
        match now.event() {
            SubmissionEvent::PollFailed { .. } | SubmissionEvent::SearchSetAside { .. } => {
                failures += 1;
                recovered = None;
                fixture.simulator.clear_requests();
            }
            SubmissionEvent::Waiting(_) if failures > 0 && recovered.is_none() => {
                recovered = Some(requests(&fixture));
            }
            SubmissionEvent::Ended(report) => succeeded = report.succeeded(),
            _ => {}
        }
    }
    assert!((8..300).contains(&failures), "{failures} failures");
    assert_eq!(succeeded, 120);
    let (lists, searches) = recovered.unwrap();
    assert!(lists <= 2 && searches <= 1, "{lists} lists and {searches} searches");
    let polls = polls(&fixture);
    assert!(polls.iter().sum::<usize>() < 500, "{polls:?}");
}

#[tokio::test]
async fn a_wait_ends_at_its_deadline_with_what_the_search_showed() {
    let fixture = Fixture::living(running());
    for number in (0..120).step_by(3) {
        fixture.simulator.set_fate(&format!("s-{number:05}"), Fate::AwaitInput);
    }
    send(&fixture, 40, 3).await;
    let wait = fixture.patient_submission("s").wait().wait_deadline(10 * HOUR);
    let error = wait.await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::WaitTimeout);
    let report = error.submission_wait_report().unwrap();
    let counts = report.counts();
    assert_eq!((counts.succeeded, counts.failed, counts.finished_batches), (80, 0, 0));
    let runs = [(AnalysisStatus::AwaitingInput, 40), (AnalysisStatus::Succeeded, 80)];
    assert_eq!(counts.by_run_status, runs.into());
    let (lists, searches) = requests(&fixture);
    // A search and a few checks every two minutes. Without the search, 40 batches would be polled so often.
    assert!(
        (280..600).contains(&searches) && lists < 1200,
        "{lists} lists and {searches} searches"
    );
    // A wait that is dropped is continued by another one, which ends when the rest is aborted.
    let mut progress = fixture.patient_submission("s").wait().progress();
    for _ in 0..4 {
        progress.try_next().await.unwrap();
    }
    drop(progress);
    for row in fixture
        .patient_submission("s")
        .refresh()
        .await
        .unwrap()
        .submission()
        .analyses()
    {
        let outcome = serde_json::to_value(&row.outcome).unwrap();
        if outcome["runStatus"] == "AWAITING_INPUT" {
            let analysis = outcome["analysis"].as_str().unwrap().parse().unwrap();
            assert!(fixture.simulator.abort(analysis));
        }
    }
    let report = fixture.patient_submission("s").wait().await.unwrap();
    assert_eq!((report.succeeded(), report.counts().failed), (80, 40));
    assert_eq!(report.reasons()["run failed, ABORTED"], 40);
}

#[tokio::test]
async fn a_stop_ends_a_wait_that_searches() {
    let fixture = Fixture::living(running());
    send(&fixture, 40, 3).await;
    let submission = fixture.patient_submission("s");
    let stop = submission.stop_handle();
    let mut progress = submission.wait().progress();
    let error = loop {
        match progress.try_next().await {
            Ok(progress) => assert!(progress.is_some(), "it ends with an error"),
            Err(error) => break error,
        }
        if requests(&fixture).1 >= 3 {
            stop.stop();
        }
    };
    assert_eq!(error.kind(), ErrorKind::Unfinished);
    assert_eq!(error.submission_wait_report().unwrap().counts().pending(), 120);
    assert_eq!(requests(&fixture).1, 3);
}

#[tokio::test]
async fn new_attempts_of_many_batches_are_waited_for() {
    let fixture = Fixture::living(running());
    for number in (0..120).step_by(3) {
        fixture.simulator.set_fate(&format!("s-{number:05}"), Fate::FailRun);
    }
    send(&fixture, 40, 3).await;
    let report = fixture.patient_submission("s").wait().await.unwrap();
    assert_eq!((report.succeeded(), report.counts().failed), (80, 40));
    for number in (0..120).step_by(6) {
        fixture.simulator.set_fate(&format!("s-{number:05}"), Fate::Succeed);
    }
    let again = || submission(&fixture, 1);
    again().rerun_failed().run().await.unwrap();
    fixture.simulator.clear_requests();
    created(&fixture);
    let report = again().wait().await.unwrap();
    assert_eq!((report.succeeded(), report.counts().failed), (100, 20));
    assert_eq!(report.counts().batches, 80);
    let (lists, searches) = requests(&fixture);
    // 40 batches have replaced rows and are polled once. Without the search, each of the others would be
    // polled every two minutes at least, which is more than 30 times.
    assert!(
        searches > 5 && lists < 40 + 10 * 40,
        "{lists} lists and {searches} searches"
    );
}

#[tokio::test]
async fn analyses_that_were_found_in_ica_are_searched_for_together() {
    let forgotten = FaultPlan::new().with(0.6, FaultKind::ExecuteThenForgetKey(503));
    let create = Operation::CreateBatch(Family::Analysis);
    let fixture = Fixture::started(Simulator::builder().lifecycle(running()), |client| client);
    fixture.simulator.set_fate("s-00011", Fate::FailRun);
    fixture.simulator.faults().seeded(7, forgotten.only([create]));
    send(&fixture, 50, 2).await;
    fixture.simulator.faults().clear();
    let chunks = fixture.chunks();
    let adopted = chunks.iter().filter(|chunk| chunk.adopted).count();
    assert!(adopted > 25, "{adopted} chunks");
    fixture.simulator.clear_requests();
    created(&fixture);
    let report = fixture.patient_submission("s").wait().await.unwrap();
    assert_eq!((report.succeeded(), report.counts().failed), (99, 1));
    // A search for each of these chunks every two minutes would be 12 for each.
    let (lists, searches) = requests(&fixture);
    assert!(
        searches < 4 * adopted + 60 && lists < 4 * 50,
        "{lists} lists and {searches} searches"
    );
    let recorded = fixture.patient_submission("s").report().await.unwrap();
    let succeeded = recorded.analyses().iter().filter(|row| {
        let outcome = serde_json::to_value(&row.outcome).unwrap();
        outcome["runStatus"] == "SUCCEEDED"
    });
    assert_eq!(succeeded.count(), 99);
}
