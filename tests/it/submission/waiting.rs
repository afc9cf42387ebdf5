//! Waiting for all batches of a submission.

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::{StreamExt, TryStreamExt};
use ica_batch_sdk_ext::clock::Clock;
use ica_batch_sdk_ext::types::{AnalysisStatus, CreateNextflowAnalysis, ItemStatus};
use ica_batch_sdk_ext::{ErrorKind, ItemOutcome, Submission, SubmissionEvent, SubmissionOutcome};
use ica_simulator::{Family, Fate, Fault, FaultKind, Lifecycle, Operation, Outage, OutageKind, RetryAfter};

use super::fixture::{Fixture, manifest};
use crate::setup::analysis;

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);
const LIST: Operation = Operation::GetItems(Family::Analysis);
const READ: Operation = Operation::GetBatch(Family::Analysis);

pub(super) fn running() -> Lifecycle {
    Lifecycle::default().creation(MINUTE).run(30 * MINUTE).jitter(0.2, 7)
}

/// Returns the rows of a manifest.
pub(super) fn rows(count: usize) -> Vec<CreateNextflowAnalysis> {
    (0..count).map(|number| analysis(&format!("s-{number:05}"))).collect()
}

/// Returns a submission in chunks of this size, of which several are sent at a time.
pub(super) fn submission(fixture: &Fixture, size: usize) -> Submission {
    let submission = fixture.patient_submission("s").chunk_size(size);
    submission.concurrency(8).lookup_items(false)
}

/// Sends this many batches of `size` analyses each.
pub(super) async fn send(fixture: &Fixture, batches: usize, size: usize) {
    let rows = rows(batches * size);
    submission(fixture, size).analyses(rows).run().await.unwrap();
    fixture.simulator.clear_requests();
}

#[tokio::test]
async fn ten_batches_are_waited_for_at_once_with_few_requests() {
    let fixture = Fixture::living(running());
    send(&fixture, 10, 20).await;
    let started = fixture.clock.elapsed();
    let report = fixture.patient_submission("s").wait().await.unwrap();
    let took = fixture.clock.elapsed() - started;
    assert!((25 * MINUTE..45 * MINUTE).contains(&took), "{took:?}");
    let counts = report.counts();
    assert_eq!((counts.batches, counts.finished_batches), (10, 10));
    assert_eq!((counts.analyses, report.succeeded(), counts.failed), (200, 200, 0));
    assert_eq!(
        counts.by_creation_status,
        BTreeMap::from([(ItemStatus::Succeeded, 200)])
    );
    assert_eq!(counts.by_run_status, BTreeMap::from([(AnalysisStatus::Succeeded, 200)]));
    let requests = fixture.simulator.count(LIST);
    assert_eq!(counts.requests, requests as u64);
    // A list each 5 seconds would be 3600 requests.
    assert!(requests < 600, "{requests} requests");
    assert_eq!(fixture.simulator.count(READ), 0, "no job is read");
    assert_eq!(report.submission().created(), 200);
}

#[tokio::test]
async fn failed_analyses_are_reported_once_and_counted_by_reason() {
    let fixture = Fixture::living(running());
    for (name, fate) in [
        ("s-00003", Fate::FailRun),
        ("s-00017", Fate::FailRun),
        ("s-00011", Fate::FailRunFinally),
        ("s-00042", Fate::FailCreation),
    ] {
        fixture.simulator.set_fate(name, fate);
    }
    send(&fixture, 5, 10).await;
    let mut progress = fixture.patient_submission("s").wait().progress();
    let (mut failed, mut report) = (Vec::new(), None);
    while let Some(now) = progress.try_next().await.unwrap() {
        match now.event() {
            SubmissionEvent::Waiting(waiting) => {
                failed.extend(waiting.newly_failed.iter().map(|failed| failed.item.name.clone()));
            }
            SubmissionEvent::Ended(ended) => report = Some(ended.clone()),
            other => panic!("{other:?}"),
        }
    }
    failed.sort();
    assert_eq!(failed, ["s-00003", "s-00011", "s-00017", "s-00042"]);
    let report = report.unwrap();
    assert_eq!((report.succeeded(), report.counts().failed), (46, 4));
    assert_eq!(report.reasons()["run failed, FAILED"], 2);
    assert_eq!(report.reasons()["run failed, FAILED_FINAL"], 1);
    assert_eq!(report.reasons().values().sum::<u64>(), 4);
    let not_created = report
        .failed()
        .iter()
        .find(|failed| failed.item.outcome == ItemOutcome::NotCreated);
    let not_created = not_created.unwrap();
    assert_eq!(
        (not_created.item.name.as_str(), not_created.chunk.as_str()),
        ("s-00042", "4")
    );
    assert!(not_created.item.message.is_some() && report.reasons().contains_key(&not_created.reason()));
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!(json["failed"][0]["chunk"].as_str().map(str::len), Some(1));

    // The journal has the status of each run.
    let recorded = fixture.patient_submission("s").report().await.unwrap();
    assert_eq!(&recorded, report.submission());
    let mut runs = BTreeMap::<String, usize>::new();
    for analysis in recorded.analyses() {
        let SubmissionOutcome::Created { run_status, .. } = &analysis.outcome else {
            panic!("{analysis}");
        };
        let status = run_status.as_ref().map_or("none", |status| status.as_str());
        *runs.entry(status.to_owned()).or_default() += 1;
    }
    let expected = [("FAILED", 2), ("FAILED_FINAL", 1), ("SUCCEEDED", 46), ("none", 1)];
    assert_eq!(runs, expected.map(|(status, count)| (status.to_owned(), count)).into());
    assert_eq!((recorded.created(), recorded.creation_failed()), (49, 1));
}

#[tokio::test]
async fn a_finished_batch_is_not_polled_again() {
    let fixture = Fixture::living(running());
    fixture.simulator.set_fate("s-00013", Fate::AwaitInput);
    send(&fixture, 4, 5).await;
    let wait = fixture.patient_submission("s").wait().wait_deadline(10 * HOUR);
    let error = wait.await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::WaitTimeout);
    let text = error.to_string();
    assert!(
        text.contains("19 of 20 analyses succeeded, 0 failed, 1 pending; 3 of 4 batches finished"),
        "{text}"
    );
    let report = error.submission_wait_report().unwrap();
    assert_eq!(report.counts().by_run_status[&AnalysisStatus::AwaitingInput], 1);
    let mut lists = BTreeMap::<String, usize>::new();
    let requests = fixture.simulator.requests().into_iter();
    for request in requests.filter(|request| request.path.ends_with("/items")) {
        *lists.entry(request.path.clone()).or_default() += 1;
    }
    let mut lists = lists.into_values().collect::<Vec<_>>();
    lists.sort_unstable();
    assert_eq!(lists.len(), 4);
    assert!(lists[2] < 60 && lists[3] > 200 && lists[3] < 450, "{lists:?}");
}

#[tokio::test]
async fn many_batches_are_polled_at_a_bounded_rate() {
    let fixture = Fixture::living(running());
    send(&fixture, 400, 1).await;
    let started = fixture.clock.elapsed();
    let report = fixture.patient_submission("s").wait().await.unwrap();
    let took = fixture.clock.elapsed() - started;
    assert_eq!(report.succeeded(), 400);
    let requests = fixture.simulator.count(LIST);
    // While 400 batches are followed, each is polled at most every 20 seconds, and each poll counts
    // in one of the last rounds at least.
    let bound = took.as_secs() as usize * 20 / 2;
    assert!(
        requests < bound && requests < 400 * 40,
        "{requests} requests in {took:?}"
    );
}

#[tokio::test]
async fn a_wait_outlives_an_outage() {
    let fixture = Fixture::living(running());
    send(&fixture, 20, 2).await;
    let now = fixture.simulator.clock().now() + 5 * MINUTE;
    let kind = OutageKind::Unavailable(RetryAfter::Absent);
    fixture.simulator.faults().outage(Outage::new(now..now + HOUR, kind));
    let mut progress = fixture.patient_submission("s").wait().progress();
    let (mut failures, mut succeeded) = (0, 0);
    while let Some(now) = progress.next().await {
        match now.unwrap().event() {
            SubmissionEvent::PollFailed { failure, .. } => {
                failures += 1;
                // A call whose turn does not come before its deadline was not sent.
                assert!(matches!(failure.kind, ErrorKind::Server | ErrorKind::Timeout));
            }
            SubmissionEvent::Ended(report) => succeeded = report.succeeded(),
            _ => {}
        }
    }
    assert_eq!(succeeded, 40);
    assert!((8..300).contains(&failures), "{failures} polls failed");
}

#[tokio::test]
async fn a_stop_ends_a_wait_with_what_is_known() {
    let fixture = Fixture::living(running());
    send(&fixture, 3, 2).await;
    let submission = fixture.patient_submission("s");
    let stop = submission.stop_handle();
    let mut progress = submission.wait().progress();
    assert!(progress.try_next().await.unwrap().is_some());
    stop.stop();
    let error = loop {
        match progress.try_next().await {
            Ok(progress) => assert!(progress.is_some(), "it ends with an error"),
            Err(error) => break error,
        }
    };
    assert_eq!(error.kind(), ErrorKind::Unfinished);
    assert_eq!(error.submission_wait_report().unwrap().counts().pending(), 6);
    assert!(fixture.clock.elapsed() < 10 * MINUTE);
}

#[tokio::test]
async fn a_run_to_the_end_is_a_run_and_a_wait() {
    let fixture = Fixture::living(running());
    let submission = fixture.patient_submission("s").analyses(manifest(["a", "b", "c"]));
    let progress = submission
        .run_to_end()
        .progress()
        .try_collect::<Vec<_>>()
        .await
        .unwrap();
    let names = progress.iter().map(|progress| match progress.event() {
        SubmissionEvent::Planned => "planned",
        SubmissionEvent::Created { .. } => "created",
        SubmissionEvent::ItemsListed { .. } => "listed",
        SubmissionEvent::Finished(_) => "finished",
        SubmissionEvent::Waiting(_) => "waiting",
        SubmissionEvent::Ended(_) => "ended",
        _ => "?",
    });
    let mut names = names.collect::<Vec<_>>();
    names.dedup();
    assert_eq!(names, ["planned", "created", "listed", "finished", "waiting", "ended"]);
    let report = progress.last().unwrap().wait_report().unwrap();
    assert_eq!((report.submission().created(), report.succeeded()), (3, 3));
    // A wait without the manifest, also when nothing is left to wait for.
    fixture.simulator.clear_requests();
    assert_eq!(fixture.patient_submission("s").wait().await.unwrap().succeeded(), 3);
    assert_eq!(fixture.simulator.count(LIST), 2);
}

#[tokio::test]
async fn a_batch_that_is_not_found_for_a_while_ends_neither_a_wait_nor_a_run() {
    let fixture = Fixture::new();
    let items = Operation::GetItems(Family::Analysis);
    let late = |number| Fault::new(FaultKind::refuse(404)).on(items).nth(number);
    for number in 1..=2 {
        fixture.simulator.faults().add(late(number));
    }
    let run = fixture.patient_submission("s").analyses(manifest(["a", "b", "c"]));
    let report = run.run().await.unwrap();
    assert!(report.has_all_items() && report.created() == 3);
    fixture.simulator.faults().add(late(1));
    let waited = fixture.patient_submission("s").wait().await.unwrap();
    assert_eq!(waited.succeeded(), 3);
    // A batch that ICA never shows ends the lists of a run without an error, and a wait with one.
    fixture
        .simulator
        .faults()
        .add(Fault::new(FaultKind::refuse(404)).on(items).every());
    let run = fixture.patient_submission("t").analyses(manifest(["d"]));
    let report = run.run().await.unwrap();
    assert!(!report.has_all_items() && report.created() == 1);
    let error = fixture.patient_submission("t").wait().await.unwrap_err();
    assert!(error.is_not_found(), "{error}");
}

/// Returns the analysis of a row.
fn analysis_of(fixture: &Fixture, name: &str) -> uuid::Uuid {
    let batches = fixture.simulator.batches();
    let mut items = batches.iter().flat_map(|batch| &batch.items);
    items.find(|item| item.name == name).unwrap().created_id.unwrap()
}

/// A run that the journal saw end has ended, also if somebody has deleted the analysis since. With many
/// batches, a search shows the statuses of the others.
#[tokio::test]
async fn a_deleted_analysis_whose_run_has_ended_is_not_waited_for() {
    for batches in [2, 25] {
        let fixture = Fixture::living(running());
        fixture.simulator.set_fate("s-00001", Fate::FailRun);
        send(&fixture, batches, 2).await;
        fixture.clock.advance(HOUR);
        let before = fixture.patient_submission("s").wait().await.unwrap();
        let succeeded = 2 * batches as u64 - 1;
        assert_eq!((before.succeeded(), before.failed().len()), (succeeded, 1));
        for name in ["s-00000", "s-00001"] {
            assert!(fixture.simulator.delete_analysis(analysis_of(&fixture, name)));
        }
        let started = fixture.clock.elapsed();
        let waited = fixture.patient_submission("s").wait().await.unwrap();
        let refreshed = fixture.patient_submission("s").refresh().await.unwrap();
        for report in [waited, refreshed] {
            assert_eq!((report.succeeded(), report.counts().pending()), (succeeded, 0));
            assert_eq!(report.counts().by_run_status, before.counts().by_run_status);
            assert_eq!(report.counts().by_creation_status, before.counts().by_creation_status);
            assert_eq!(report.failed()[0].item, before.failed()[0].item);
            assert_eq!(report.submission(), before.submission());
        }
        assert!(fixture.clock.elapsed() - started < MINUTE);
    }
}

#[tokio::test]
async fn a_deleted_analysis_whose_run_was_not_seen_to_end_is_waited_for() {
    let fixture = Fixture::living(running());
    let run = fixture.patient_submission("s").analyses(manifest(["a", "b"])).run();
    run.await.unwrap();
    fixture.clock.advance(2 * MINUTE);
    fixture.patient_submission("s").refresh().await.unwrap();
    assert!(fixture.simulator.delete_analysis(analysis_of(&fixture, "a")));
    let wait = fixture.patient_submission("s").wait().wait_deadline(HOUR);
    let error = wait.await.unwrap_err();
    let report = error.submission_wait_report().unwrap();
    assert_eq!((report.succeeded(), report.counts().pending()), (1, 1), "{error}");
}

/// Analyses that were found in ICA are searched for, so a deleted one is not in the list at all.
#[tokio::test]
async fn a_deleted_analysis_without_a_batch_is_not_waited_for() {
    let mut fixture = Fixture::living(running());
    send(&fixture, 3, 2).await;
    fixture.clock.advance(HOUR);
    fixture.journal = ica_batch_sdk_ext::Journal::open(fixture.folder.path().join("new.db")).unwrap();
    submission(&fixture, 2).analyses(rows(6)).run().await.unwrap();
    let before = fixture.patient_submission("s").wait().await.unwrap();
    assert!(before.succeeded() == 6 && !before.submission().has_all_batches());
    for name in ["s-00001", "s-00002", "s-00003"] {
        assert!(fixture.simulator.delete_analysis(analysis_of(&fixture, name)));
    }
    let started = fixture.clock.elapsed();
    let report = fixture.patient_submission("s").wait().await.unwrap();
    assert_eq!((report.succeeded(), report.counts().analyses), (6, 6));
    assert_eq!(report.counts().by_run_status, before.counts().by_run_status);
    assert_eq!(report.counts().by_creation_status, before.counts().by_creation_status);
    assert!(fixture.clock.elapsed() - started < MINUTE);
}
