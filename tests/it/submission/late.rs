//! Analyses that a run finds in ICA and not in its journal, long after they were created.

use std::time::Duration;

use ica_batch_sdk_ext::clock::Clock;
use ica_batch_sdk_ext::retry::RetryPolicy;
use ica_batch_sdk_ext::{Journal, OnRejection, Submission, SubmissionOutcome, SubmissionReport};
use ica_simulator::{Family, Fate, Fault, FaultKind, Operation};

use super::fixture::{Fixture, manifest};

const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(24 * 3600);
const NAMES: [&str; 5] = ["a", "b", "c", "d", "e"];

/// Returns the submission as another journal sends it, in the same chunks.
fn with_journal(fixture: &Fixture, journal: &Journal) -> Submission {
    let submission = fixture.project.submission("s", journal);
    submission.chunk_size(2).concurrency(1).stop_on_first_error()
}

fn second_journal(fixture: &Fixture) -> Journal {
    Journal::open(fixture.folder.path().join("second.db")).unwrap()
}

#[tokio::test]
async fn an_older_journal_finds_new_attempts_of_rows_that_were_not_created() {
    let fixture = Fixture::new();
    fixture.simulator.set_fate("b", Fate::FailCreation);
    fixture.submission("s").analyses(manifest(NAMES)).run().await.unwrap();
    let copy = fixture.folder.path().join("copy.db");
    fixture.journal.backup(&copy).unwrap();
    fixture.simulator.set_fate("b", Fate::Succeed);
    let again = fixture.submission("s").retry_failed_creation();
    assert_eq!(again.run().await.unwrap().created(), 5);
    fixture.assert_created_once(NAMES);
    fixture.clock.advance(8 * DAY);
    let copy = Journal::open(&copy).unwrap();
    let again = with_journal(&fixture, &copy).retry_failed_creation();
    assert_eq!(again.run().await.unwrap().created(), 5);
    fixture.assert_created_once(NAMES);
}

#[tokio::test]
async fn an_audit_is_clean_after_a_new_attempt_and_expects_nothing_of_a_failed_creation() {
    let fixture = Fixture::new();
    fixture.simulator.set_fate("b", Fate::FailCreation);
    let report = fixture.submission("s").analyses(manifest(NAMES)).run().await.unwrap();
    assert_eq!((report.created(), report.creation_failed()), (4, 1));
    let audit = fixture.submission("s").audit().await.unwrap();
    assert!(audit.is_clean() && audit.counts().once == 4, "{audit}");
    fixture.simulator.set_fate("b", Fate::Succeed);
    fixture.submission("s").retry_failed_creation().run().await.unwrap();
    let audit = fixture.submission("s").audit().await.unwrap();
    assert!(audit.is_clean() && audit.counts().once == 5, "{audit}");
}

#[tokio::test]
async fn a_journal_that_was_searched_for_long_ago_is_searched_for_again() {
    let fixture = Fixture::new();
    let second = second_journal(&fixture);
    fixture.fail_create(1, FaultKind::refuse(429));
    let early = with_journal(&fixture, &second).retry(RetryPolicy::never());
    early.analyses(manifest(NAMES)).run().await.unwrap_err();
    // The first journal creates all but the first chunk, which is rejected.
    for name in ["a", "b"] {
        fixture.simulator.set_fate(name, Fate::RejectRequest);
    }
    let first = fixture.submission("s").on_rejection(OnRejection::Isolate);
    first.analyses(manifest(NAMES)).run().await.unwrap();
    fixture.assert_created_once(["c", "d", "e"]);
    for name in ["a", "b"] {
        fixture.simulator.set_fate(name, Fate::Succeed);
    }
    fixture.clock.advance(8 * DAY);
    let report = with_journal(&fixture, &second).run().await.unwrap();
    assert_eq!(report.created(), 5);
    fixture.assert_created_once(NAMES);
}

#[tokio::test]
async fn a_request_in_progress_is_searched_for_and_not_sent_again() {
    let fixture = Fixture::new();
    fixture.fail_create(1, FaultKind::ExecuteThenForgetKey(409));
    let run = fixture.patient_submission("s").analyses(manifest(NAMES)).run();
    assert_eq!(run.await.unwrap().created(), 5);
    fixture.assert_created_once(NAMES);
}

#[tokio::test]
async fn a_run_ends_at_its_deadline_while_it_waits_for_a_search_to_settle() {
    let fixture = Fixture::new();
    fixture.fail_create(2, FaultKind::refuse(429));
    let once = RetryPolicy::never();
    let first = fixture.submission("s").retry(once).analyses(manifest(NAMES));
    first.run().await.unwrap_err();
    let before = fixture.clock.elapsed();
    let second = second_journal(&fixture);
    let run = with_journal(&fixture, &second)
        .deadline(MINUTE)
        .analyses(manifest(NAMES));
    let error = run.run().await.unwrap_err();
    assert_eq!(error.kind(), ica_batch_sdk_ext::ErrorKind::Unfinished, "{error}");
    let waited = fixture.clock.elapsed() - before;
    assert!(waited < 2 * MINUTE, "{waited:?}");
    // The next run settles the other chunks.
    let report = with_journal(&fixture, &second).run().await.unwrap();
    assert_eq!(report.created(), 5);
    fixture.assert_created_once(NAMES);
}

#[tokio::test]
async fn rows_with_one_reference_in_two_chunks_do_not_share_an_analysis() {
    let fixture = Fixture::new();
    let chunk = Fault::new(FaultKind::refuse(429)).on(Operation::CreateBatch(Family::Analysis));
    fixture.simulator.faults().add(chunk.nth(1));
    let rows = || manifest(["a", "a"]);
    let submission = |journal| {
        let submission = fixture.project.submission("s", journal).allow_duplicate_references();
        submission.chunk_size(1).concurrency(1).settling_time(MINUTE)
    };
    let short = submission(&fixture.journal).deadline(Duration::from_millis(1500));
    short
        .retry(RetryPolicy::never())
        .analyses(rows())
        .run()
        .await
        .unwrap_err();
    assert_eq!(
        fixture.simulator.created_by_name(Family::Analysis)["a"],
        1,
        "the second row"
    );
    let second = second_journal(&fixture);
    let report = submission(&second).analyses(rows()).run().await.unwrap();
    assert_eq!(report.created(), 2);
    assert_eq!(fixture.simulator.created_by_name(Family::Analysis)["a"], 2);
}

#[tokio::test]
async fn a_failed_run_of_a_found_analysis_is_run_again() {
    let fixture = Fixture::new();
    fixture.simulator.set_fate("b", Fate::FailRun);
    fixture.fail_create(1, FaultKind::ExecuteThenForgetKey(503));
    let run = fixture.patient_submission("s").analyses(manifest(NAMES)).run_to_end();
    let report = run.await.unwrap();
    assert_eq!((report.succeeded(), report.counts().failed), (4, 1));
    fixture.simulator.set_fate("b", Fate::Succeed);
    let again = fixture.patient_submission("s").rerun_failed().run_to_end();
    let report = again.await.unwrap();
    assert_eq!((report.succeeded(), report.counts().failed), (5, 0));
}

#[tokio::test]
async fn a_run_that_fails_after_its_analysis_was_found_is_run_again() {
    let fixture = Fixture::living(ica_simulator::Lifecycle::instant().run(60 * MINUTE));
    fixture.simulator.set_fate("b", Fate::FailRun);
    fixture.fail_create(1, FaultKind::ExecuteThenForgetKey(503));
    let run = fixture.patient_submission("s").analyses(manifest(NAMES)).run_to_end();
    let report = run.await.unwrap();
    assert_eq!((report.succeeded(), report.counts().failed), (4, 1));
    fixture.simulator.set_fate("b", Fate::Succeed);
    let again = fixture.patient_submission("s").rerun_failed().run_to_end();
    let report = again.await.unwrap();
    assert_eq!((report.succeeded(), report.counts().failed), (5, 0));
}

#[tokio::test]
async fn a_new_journal_takes_the_new_attempt_and_not_the_run_that_failed() {
    let fixture = Fixture::new();
    fixture.simulator.set_fate("b", Fate::FailRun);
    let submission = || fixture.patient_submission("s");
    submission().analyses(manifest(["a", "b"])).run_to_end().await.unwrap();
    fixture.simulator.set_fate("b", Fate::Succeed);
    submission().rerun_failed().run_to_end().await.unwrap();
    assert_eq!(fixture.simulator.created_by_name(Family::Analysis)["b"], 2);
    let again = submission().report().await.unwrap();
    let analysis_of_b = |report: &SubmissionReport| {
        let row = report.analyses().iter().find(|row| row.user_reference == "b");
        match row.map(|row| &row.outcome) {
            Some(SubmissionOutcome::Created { analysis, .. }) => *analysis,
            other => panic!("{other:?}"),
        }
    };
    let good = analysis_of_b(&again);
    fixture.clock.advance(8 * DAY);

    let second = second_journal(&fixture);
    let report = with_journal(&fixture, &second)
        .analyses(manifest(["a", "b"]))
        .run()
        .await
        .unwrap();
    assert!(good.is_some());
    assert_eq!(analysis_of_b(&report), good, "the new attempt");
}

#[tokio::test]
async fn a_new_journal_tells_which_rows_exist_several_times() {
    let fixture = Fixture::new();
    fixture
        .submission("s")
        .analyses(manifest(["a", "b", "c"]))
        .run()
        .await
        .unwrap();
    fixture.send_last_create_again().await;
    let second = second_journal(&fixture);
    let run = with_journal(&fixture, &second)
        .analyses(manifest(["a", "b", "c"]))
        .run();
    let error = run.await.unwrap_err().to_string();
    assert!(error.contains("1 user reference (c)"), "{error}");
}
