//! Marked chunks whose outcome is not known: what each cause of silent copies leads to.

use std::time::Duration;

use futures_util::TryStreamExt;
use ica_batch_sdk_ext::clock::Clock;
use ica_batch_sdk_ext::{Credentials, Journal, Project, SubmissionEvent};
use ica_simulator::{Family, Fault, FaultKind, Operation};

use super::fixture::{Fixture, manifest};
use crate::setup::builder;

const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(24 * 3600);
const NAMES: [&str; 5] = ["a", "b", "c", "d", "e"];

/// Returns the project for another user.
fn other_user(fixture: &Fixture) -> Project {
    let client = builder(&fixture.simulator)
        .credentials(Credentials::api_key("other-key").unwrap())
        .clock(fixture.clock.clone());
    client.build().unwrap().project(fixture.simulator.project_id()).unwrap()
}

fn searches(fixture: &Fixture) -> usize {
    fixture.simulator.count(Operation::SearchAnalyses)
}

/// Returns a fixture in which the response to the second chunk was lost, and the run ended before
/// its analyses were found.
async fn without_response() -> Fixture {
    let fixture = Fixture::found_after(MINUTE);
    fixture.fail_create(2, FaultKind::ExecuteThenForgetKey(503));
    let run = fixture.submission("s").analyses(manifest(NAMES)).run();
    let error = run.await.unwrap_err();
    assert_eq!(error.status(), Some(503), "{error}");
    fixture
}

#[tokio::test]
async fn an_error_after_the_commit_leaves_no_key_and_creates_nothing_twice() {
    for kind in [
        FaultKind::ExecuteThenForgetKey(500),
        FaultKind::ExecuteThenForgetKey(503),
        FaultKind::ExecuteThenReset,
        FaultKind::ExecuteThenHtml(404),
        FaultKind::ExecuteThenHtml(429),
        FaultKind::ExecuteThenHtml(502),
        FaultKind::TruncateBody,
        FaultKind::MalformedJson,
    ] {
        let fixture = Fixture::found_after(7 * MINUTE);
        for number in [1, 3] {
            fixture.fail_create(number, kind.clone());
        }
        let run = fixture.patient_submission("s").analyses(manifest(NAMES)).run();
        let report = run.await.unwrap_or_else(|error| panic!("{kind:?}: {error}"));
        assert_eq!(report.created(), 5, "{kind:?}");
        fixture.assert_created_once(NAMES);
        assert_eq!(fixture.creates(), 3, "{kind:?}: each chunk was sent once");
    }
}

#[tokio::test]
async fn a_chunk_that_was_not_executed_is_sent_again_after_the_settling_time() {
    let fixture = Fixture::new();
    fixture.fail_create(1, FaultKind::ResetBeforeExecuting);
    let before = fixture.clock.elapsed();
    let submission = fixture.patient_submission("s").settling_time(3 * MINUTE);
    submission.analyses(manifest(["a"])).run().await.unwrap();
    fixture.assert_created_once(["a"]);
    let waited = fixture.clock.elapsed() - before;
    assert!(
        waited + Duration::from_secs(1) >= 3 * MINUTE && waited < 4 * MINUTE,
        "{waited:?}"
    );
    assert!(searches(&fixture) < 10, "the pauses grow");
    let keys = fixture.simulator.requests();
    let keys = keys.iter().filter_map(|request| request.idempotency_key());
    assert_eq!(keys.collect::<std::collections::BTreeSet<_>>().len(), 1, "the same key");
}

#[tokio::test]
async fn found_analyses_are_shown_without_a_batch() {
    let fixture = without_response().await;
    fixture.clock.advance(2 * MINUTE);
    let mut progress = fixture.submission("s").progress();
    let mut adopted = Vec::new();
    while let Some(progress) = progress.try_next().await.unwrap() {
        if let SubmissionEvent::Adopted { .. } = progress.event() {
            adopted.push(progress.event().to_string());
        }
    }
    assert_eq!(adopted, ["2 of 2 analyses of chunk 1 were found in ICA (c to d)"]);
    let report = fixture.submission("s").report().await.unwrap();
    assert_eq!((report.created(), report.batches().len()), (5, 2));
    let found = &report.analyses()[2].outcome;
    assert!(found.is_created() && found.batch().is_none());
    assert!(found.to_string().starts_with("created as analysis "), "{found}");
    let chunk = &fixture.chunks()[1];
    assert!(chunk.adopted && chunk.batch.is_none());
    fixture.assert_created_once(NAMES);
}

#[tokio::test]
async fn after_7_days_the_analyses_are_found() {
    let fixture = without_response().await;
    fixture.clock.advance(8 * DAY);
    let report = fixture.submission("s").run().await.unwrap();
    assert_eq!(report.created(), 5);
    fixture.assert_created_once(NAMES);
}

#[tokio::test]
async fn another_user_is_refused_unless_it_is_allowed() {
    let fixture = without_response().await;
    fixture.clock.advance(2 * MINUTE);
    let other = other_user(&fixture);
    let sent = fixture.creates();
    let error = other.submission("s", &fixture.journal).run().await.unwrap_err();
    let text = error.to_string();
    assert!(error.is_invalid_input() && text.contains("allow_other_user"), "{text}");
    assert!(!text.contains("other-key") && !text.contains("first-key"), "{text}");
    assert_eq!(fixture.creates(), sent);
    let allowed = other.submission("s", &fixture.journal).allow_other_user();
    allowed.run().await.unwrap();
    fixture.assert_created_once(NAMES);
}

#[tokio::test]
async fn another_user_goes_on_where_every_chunk_has_a_response() {
    let fixture = Fixture::found_after(Duration::ZERO);
    fixture.fail_create(2, FaultKind::refuse(429));
    let run = fixture.submission("s").analyses(manifest(NAMES)).run();
    let _ = run.await;
    other_user(&fixture)
        .submission("s", &fixture.journal)
        .run()
        .await
        .unwrap();
    fixture.assert_created_once(NAMES);
}

#[tokio::test]
async fn a_lost_journal_is_made_again_from_what_is_found() {
    let fixture = Fixture::new();
    fixture.submission("s").analyses(manifest(NAMES)).run().await.unwrap();
    fixture.clock.advance(8 * DAY);
    let sent = fixture.creates();
    let new = Journal::open(fixture.folder.path().join("new.db")).unwrap();
    // In other chunks, and with a row that is new.
    let more = manifest(["a", "b", "c", "d", "e", "f"]);
    let submission = fixture.project.submission("s", &new).chunk_size(4);
    let report = submission.analyses(more).run().await.unwrap();
    assert_eq!(report.created(), 6);
    assert_eq!(fixture.creates(), sent + 1, "only the new row");
    fixture.assert_created_once(["a", "b", "c", "d", "e", "f"]);
}

#[tokio::test]
async fn a_restored_journal_finds_what_was_sent_after_the_copy() {
    let fixture = Fixture::new();
    let copy = fixture.folder.path().join("copy.db");
    let planned = fixture.submission("s").analyses(manifest(NAMES));
    planned.plan().await.unwrap();
    fixture.fail_create(2, FaultKind::refuse(429));
    let once = ica_batch_sdk_ext::retry::RetryPolicy::never();
    fixture.submission("s").retry(once).run().await.unwrap_err();
    fixture.journal.backup(&copy).unwrap();
    fixture.submission("s").run().await.unwrap();
    fixture.clock.advance(8 * DAY);
    let restored = Journal::open(&copy).unwrap();
    let sent = fixture.creates();
    let submission = fixture.project.submission("s", &restored);
    let report = submission.run().await.unwrap();
    assert_eq!((report.created(), fixture.creates()), (5, sent));
    fixture.assert_created_once(NAMES);
}

#[tokio::test]
async fn a_copy_without_its_lock_file_finds_chunks_that_were_sent_out_of_order() {
    let fixture = Fixture::new();
    let copy = fixture.folder.path().join("copy.db");
    let planned = fixture.submission("s").analyses(manifest(NAMES));
    planned.plan().await.unwrap();
    fixture.journal.backup(&copy).unwrap();
    // The first chunk is set aside, and the others are sent.
    fixture.fail_create(1, FaultKind::refuse(429));
    let once = ica_batch_sdk_ext::retry::RetryPolicy::never();
    let short = fixture.patient_submission("s").deadline(Duration::from_millis(1500));
    short.retry(once).run().await.unwrap_err();
    fixture.assert_created_once(["c", "d", "e"]);
    fixture.clock.advance(8 * DAY);
    let restored = Journal::open(&copy).unwrap();
    let report = fixture.project.submission("s", &restored).run().await.unwrap();
    assert_eq!(report.created(), 5);
    fixture.assert_created_once(NAMES);
}

#[tokio::test]
async fn rows_that_were_not_created_are_sent_alone() {
    let fixture = Fixture::new();
    fixture.simulator.set_fate("b", ica_simulator::Fate::FailCreation);
    fixture.fail_create(1, FaultKind::ExecuteThenForgetKey(503));
    let submission = fixture.project.submission("s", &fixture.journal).chunk_size(4);
    let mut progress = submission.analyses(manifest(["a", "b", "c", "d"])).progress();
    while let Some(progress) = progress.try_next().await.unwrap() {
        if let SubmissionEvent::SetAside { is_searched, .. } = progress.event() {
            assert!(is_searched, "the response was lost");
            fixture.simulator.set_fate("b", ica_simulator::Fate::Succeed);
        }
    }
    let chunks = fixture.chunks();
    let shown = chunks
        .iter()
        .map(|chunk| (chunk.label.as_str(), chunk.state.as_str(), chunk.adopted));
    assert_eq!(
        shown.collect::<Vec<_>>(),
        [
            ("0", "split", false),
            ("0.0", "created", true),
            ("0.1", "created", false),
            ("0.2", "created", true)
        ]
    );
    fixture.assert_created_once(["a", "b", "c", "d"]);
}

#[tokio::test]
async fn analyses_that_exist_several_times_are_an_error_once() {
    let fixture = without_response().await;
    fixture.send_last_create_again().await;
    fixture.clock.advance(2 * MINUTE);
    let error = fixture.submission("s").run().await.unwrap_err();
    assert!(error.to_string().contains("2 user references (c, d)"), "{error}");
    assert!(fixture.submission("s").run().await.unwrap().is_complete());
}

#[tokio::test]
async fn a_run_with_nothing_to_do_sends_nothing_and_others_search_once() {
    let fixture = Fixture::new();
    fixture.submission("s").analyses(manifest(NAMES)).run().await.unwrap();
    assert_eq!(searches(&fixture), 1, "the journal was new");
    let before = fixture.simulator.requests().len();
    fixture.submission("s").run().await.unwrap();
    assert_eq!(fixture.simulator.requests().len(), before);
    fixture.simulator.faults().add(
        Fault::new(FaultKind::refuse(429))
            .on(Operation::CreateBatch(Family::Analysis))
            .nth(1),
    );
    let once = ica_batch_sdk_ext::retry::RetryPolicy::never();
    let failing = fixture.submission("t").retry(once).analyses(manifest(["x", "y"]));
    failing.run().await.unwrap_err();
    assert_eq!(searches(&fixture), 2);
    fixture.submission("t").run().await.unwrap();
    assert_eq!(searches(&fixture), 3, "for the first chunk that was not sent");
}

#[tokio::test]
async fn a_submission_without_marks_searches_for_nothing() {
    let fixture = Fixture::new();
    let submission = fixture.submission("s").marks(false);
    submission.analyses(manifest(NAMES)).run().await.unwrap();
    assert_eq!(searches(&fixture), 0);
    let creates = fixture.simulator.requests().into_iter();
    let creates = creates.filter(|request| request.operation == Some(Operation::CreateBatch(Family::Analysis)));
    assert!(
        creates
            .into_iter()
            .all(|request| !String::from_utf8_lossy(&request.body).contains("ica-batch-"))
    );
}
