//! The owner of a journal, and the runs of one program.

use std::fs::File;
use std::time::Duration;

use futures_util::{FutureExt, stream};
use ica_batch_sdk_ext::clock::ManualClock;
use ica_batch_sdk_ext::{ErrorKind, Execution, Journal, OnChange, Submission};
use ica_simulator::{FaultKind, StallFor};

use super::fixture::{Fixture, manifest};
use crate::setup::{analysis, builder};

/// Locks the journal as another process does.
fn other_process(fixture: &Fixture) -> File {
    let lock = fixture.folder.path().join("journal.db-lock");
    let text = r#"{"process":4711,"host":"node-7","since":"2026-01-02T03:04:05Z","journal":null,"counter":0}"#;
    std::fs::write(&lock, format!("{text}\n")).unwrap();
    let file = File::open(lock).unwrap();
    file.try_lock().unwrap();
    file
}

/// Returns a submission that waits for another run, of a client whose sleeps advance no other clock. It
/// asks thousands of times while the other run sends one request.
fn waiting_submission(fixture: &Fixture, name: &str) -> Submission {
    let clock = ManualClock::linked(fixture.simulator.clock(), |clock| clock.now().into(), |_, _| {});
    let client = builder(&fixture.simulator).clock(clock).build().unwrap();
    let project = client.project(fixture.simulator.project_id()).unwrap();
    let submission = project.submission(name, &fixture.journal).chunk_size(2);
    submission.deadline(Duration::MAX).wait_for_owner(Duration::MAX)
}

#[tokio::test]
async fn a_run_that_is_dropped_makes_way_for_the_next_one_at_once() {
    let fixture = Fixture::new();
    let run = || fixture.submission("s").analyses(manifest(["a", "b", "c"])).run();
    fixture.fail_create(2, FaultKind::StallAfterExecuting(StallFor::UntilClosed));
    let dropped = tokio::spawn(run());
    while fixture.simulator.executed_creates() < 2 {
        tokio::task::yield_now().await;
    }
    dropped.abort();
    assert!(dropped.await.unwrap_err().is_cancelled());
    let before = fixture.clock.sleeps().len();
    run().await.unwrap();
    fixture.assert_created_once(["a", "b", "c"]);
    assert_eq!(fixture.clock.sleeps().len(), before, "nothing waits for a lock");
}

#[tokio::test]
async fn another_process_is_named_and_reading_goes_on() {
    let fixture = Fixture::new();
    fixture.submission("s").analyses(manifest(["a"])).plan().await.unwrap();
    let other = other_process(&fixture);
    let error = fixture.submission("s").run().await.unwrap_err();
    assert_eq!(
        (error.kind(), error.execution()),
        (ErrorKind::JournalInUse, Execution::NotExecuted)
    );
    let text = error.to_string();
    assert!(
        text.contains("process 4711 on node-7 has used it since 2026-01-02T03:04:05Z")
            && text.contains("Submission::wait_for_owner"),
        "{text}"
    );
    assert_eq!(fixture.clock.sleeps(), [] as [Duration; 0]);
    let not_created = fixture.submission("s").record_not_created("0").await.unwrap_err();
    assert_eq!(not_created.kind(), ErrorKind::JournalInUse);
    let pruned = fixture.journal.prune(std::time::SystemTime::now()).unwrap_err();
    assert_eq!(pruned.kind(), ErrorKind::JournalInUse);

    let reader = Journal::options().read_only(true).open(fixture.journal.path()).unwrap();
    assert_eq!(reader.submissions().unwrap()[0].counts().pending(), 1);
    let mut lines = Vec::new();
    reader.export(&reader.submissions().unwrap()[0], &mut lines).unwrap();
    assert!(!lines.is_empty());
    assert_eq!(fixture.submission("s").report().await.unwrap().counts().pending(), 1);
    drop(other);
    fixture.submission("s").run().await.unwrap();
    fixture.assert_created_once(["a"]);
}

#[tokio::test]
async fn a_run_waits_for_another_process_by_choice() {
    let fixture = Fixture::new();
    let other = other_process(&fixture);
    let run = |time| {
        let submission = fixture.submission("s").deadline(Duration::MAX).wait_for_owner(time);
        submission.analyses(manifest(["a"])).run()
    };
    let error = run(Duration::from_secs_f64(2.5)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::JournalInUse);
    let [second, half] = [1.0, 0.5].map(Duration::from_secs_f64);
    assert_eq!(fixture.clock.sleeps(), [second, second, half]);
    let short = fixture.submission("s").deadline(second).wait_for_owner(3 * second);
    let error = short.analyses(manifest(["a"])).run().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::JournalInUse);
    assert_eq!(fixture.clock.sleeps()[3..], [second]);
    let waiting = tokio::spawn(run(Duration::MAX));
    while fixture.clock.sleeps().len() < 10 {
        tokio::task::yield_now().await;
    }
    drop(other);
    assert_eq!(waiting.await.unwrap().unwrap().created(), 1);
}

#[tokio::test]
async fn a_program_runs_several_submissions_side_by_side_and_each_once() {
    let fixture = Fixture::new();
    let held = fixture.simulator.hold_creates();
    let again = Journal::open(fixture.journal.path()).unwrap();
    let run = |name, journal: &Journal, row| {
        let submission = fixture.project.submission(name, journal);
        tokio::spawn(submission.analyses(manifest([row])).run())
    };
    let one = run("one", &fixture.journal, "a");
    let two = run("two", &again, "b");
    // Both are in flight at the same time.
    held.reached(2).await;
    let error = fixture.submission("one").run().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::JournalInUse);
    assert!(error.to_string().contains("this program runs it already"), "{error}");
    let same = tokio::spawn(waiting_submission(&fixture, "two").run());
    held.release();
    for run in [one, two, same] {
        assert_eq!(run.await.unwrap().unwrap().created(), 1);
    }
    fixture.assert_created_once(["a", "b"]);
}

#[tokio::test]
async fn a_plan_that_was_dropped_is_replaced() {
    let fixture = Fixture::new();
    let rows = stream::iter(manifest(["old", "older", "oldest"]));
    let rows = futures_util::StreamExt::chain(rows, stream::pending());
    let mut plan = Box::pin(fixture.submission("s").chunk_bytes(500).analysis_stream(rows).plan());
    while fixture.journal.submissions().unwrap().is_empty() {
        assert!((&mut plan).now_or_never().is_none());
        tokio::task::yield_now().await;
    }
    assert!(!fixture.entry().is_planned());
    let error = fixture.submission("s").report().await.unwrap_err();
    assert!(
        error.to_string().contains("its manifest was not read to the end"),
        "{error}"
    );
    drop(plan);
    fixture
        .submission("s")
        .analyses(manifest(["a", "b"]))
        .run()
        .await
        .unwrap();
    fixture.assert_created_once(["a", "b"]);
    assert_eq!(fixture.entry().counts().analyses, 2);
}

#[tokio::test]
async fn a_lock_file_that_is_deleted_during_a_run_ends_it() {
    let fixture = Fixture::new();
    let held = fixture.simulator.hold_creates();
    let run = tokio::spawn(fixture.submission("s").analyses(manifest(["a", "b", "c"])).run());
    held.reached(1).await;
    std::fs::remove_file(fixture.folder.path().join("journal.db-lock")).unwrap();
    held.release();
    let error = run.await.unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Journal);
    assert!(error.may_pass(), "the next run has a new lock file");
    assert!(
        error
            .to_string()
            .contains("was deleted or replaced while the journal was in use"),
        "{error}"
    );
    assert_eq!(fixture.creates(), 1, "nothing is sent without the lock");
    fixture.submission("s").run().await.unwrap();
    fixture.assert_created_once(["a", "b", "c"]);
}

#[tokio::test]
async fn additions_of_runs_that_wait_for_each_other_are_created_once() {
    let fixture = Fixture::new();
    fixture.submission("s").analyses([analysis("a")]).run().await.unwrap();
    let longer = || {
        let submission = waiting_submission(&fixture, "s").on_change(OnChange::AcceptAdditions);
        submission.analyses(manifest(["b", "a", "c", "d"])).run()
    };
    let (one, other) = futures_util::future::join(longer(), longer()).await;
    assert_eq!(one.unwrap(), other.unwrap());
    fixture.assert_created_once(["a", "b", "c", "d"]);
}
