//! Digests of manifests: rows of a source that did not change are not read again.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use ica_batch_sdk_ext::retry::RetryPolicy;
use ica_batch_sdk_ext::types::CreateNextflowAnalysis;
use ica_batch_sdk_ext::{Error, ErrorKind, OnChange, OnRejection, Submission};
use ica_simulator::FaultKind;

use super::failing::Failing;
use super::fixture::{Fixture, manifest, outcomes};
use crate::setup::analysis;

/// Returns the analysis of this name as it is resolved on another day.
fn resolved_again(reference: &str) -> CreateNextflowAnalysis {
    CreateNextflowAnalysis {
        pipeline_id: "another".to_owned(),
        ..analysis(reference)
    }
}

fn submission(fixture: &Fixture, digest: &str) -> Submission {
    fixture.submission("s").manifest_digest(digest)
}

fn digest(fixture: &Fixture) -> Option<String> {
    fixture.entry().manifest_digest().map(str::to_owned)
}

/// Returns rows, and the number of those that were read.
fn counted(
    rows: Vec<CreateNextflowAnalysis>,
) -> (
    impl Iterator<Item = CreateNextflowAnalysis> + Send + 'static,
    Arc<AtomicUsize>,
) {
    let read = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&read);
    let rows = rows.into_iter().inspect(move |_| {
        counter.fetch_add(1, Ordering::Relaxed);
    });
    (rows, read)
}

#[tokio::test]
async fn a_rerun_of_the_same_source_keeps_the_recorded_rows_and_reads_none() {
    let fixture = Fixture::new();
    fixture.fail_create(2, FaultKind::ExecuteThenReset);
    let first = submission(&fixture, "one").marks(false).retry(RetryPolicy::never());
    let error = first.analyses(manifest(["a", "b", "c", "d", "e"])).run().await;
    assert!(error.unwrap_err().execution().may_have_executed());
    assert_eq!(digest(&fixture).as_deref(), Some("one"));

    let (rows, read) = counted(["a", "b", "c", "d", "e"].map(resolved_again).to_vec());
    let report = submission(&fixture, "one").analyses(rows).run().await.unwrap();
    assert_eq!((report.created(), read.load(Ordering::Relaxed)), (5, 0));
    fixture.assert_created_once(["a", "b", "c", "d", "e"]);

    let sent = fixture.simulator.requests().len();
    let error = submission(&fixture, "two")
        .analyses(["a", "b", "c", "d", "e"].map(resolved_again))
        .run()
        .await
        .unwrap_err();
    assert_eq!(error.manifest_changes().unwrap().changed().count(), 5);
    assert_eq!(digest(&fixture).as_deref(), Some("one"), "nothing was accepted");
    assert_eq!(fixture.simulator.requests().len(), sent);
}

#[tokio::test]
async fn the_digest_of_accepted_rows_is_recorded() {
    let fixture = Fixture::rejecting(["b"]);
    let run = |digest: &str, rows: Vec<CreateNextflowAnalysis>| {
        let submission = submission(&fixture, digest).on_change(OnChange::AcceptAdditions);
        submission.on_rejection(OnRejection::Isolate).analyses(rows).run()
    };
    run("one", manifest(["a", "b"])).await.unwrap();
    // The same rows of another file.
    run("two", manifest(["a", "b"])).await.unwrap();
    assert_eq!(digest(&fixture).as_deref(), Some("two"));

    fixture.simulator.set_fate("b", ica_simulator::Fate::Succeed);
    let corrected = vec![analysis("a"), resolved_again("b"), analysis("c")];
    let report = run("three", corrected).await.unwrap();
    assert_eq!(
        outcomes(&report),
        [("a", "created"), ("b", "created"), ("c", "created")]
    );
    assert_eq!(digest(&fixture).as_deref(), Some("three"));
    let (rows, read) = counted(manifest(["x"]));
    submission(&fixture, "three").analyses(rows).run().await.unwrap();
    assert_eq!(read.load(Ordering::Relaxed), 0);
    fixture.assert_created_once(["a", "b", "c"]);
}

#[tokio::test]
async fn rows_without_a_digest_leave_it_unless_they_change_the_plan() {
    let fixture = Fixture::new();
    submission(&fixture, "one")
        .analyses(manifest(["a"]))
        .plan()
        .await
        .unwrap();
    let run = |rows: Vec<CreateNextflowAnalysis>| {
        let submission = fixture.submission("s").on_change(OnChange::AcceptAdditions);
        submission.analyses(rows).plan()
    };
    run(manifest(["a"])).await.unwrap();
    assert_eq!(digest(&fixture).as_deref(), Some("one"));
    run(manifest(["a", "b"])).await.unwrap();
    assert_eq!(digest(&fixture), None, "the plan has rows that its source did not have");
    let error = submission(&fixture, "one")
        .analyses(manifest(["a"]))
        .plan()
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ManifestChanged);
}

#[tokio::test]
async fn additions_that_are_interrupted_leave_no_digest() {
    let fixture = Fixture::new();
    submission(&fixture, "one")
        .analyses(manifest(["a"]))
        .plan()
        .await
        .unwrap();
    // The new rows cannot be written.
    let failing = Failing::new(fixture.journal.path(), "chunk", "state = 'planned'");
    let accepting = submission(&fixture, "two").on_change(OnChange::AcceptAdditions);
    let error = accepting.analyses(manifest(["a", "b"])).plan().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Journal, "{error}");
    drop(failing);
    assert_eq!(digest(&fixture), None, "a part of the rows may be recorded");
    let accepting = submission(&fixture, "two").on_change(OnChange::AcceptAdditions);
    accepting.analyses(manifest(["a", "b"])).run().await.unwrap();
    assert_eq!(digest(&fixture).as_deref(), Some("two"));
    fixture.assert_created_once(["a", "b"]);
}

#[tokio::test]
async fn a_plan_that_was_not_complete_is_made_again() {
    let fixture = Fixture::new();
    let rows = [Ok(analysis("a")), Err("the file ends in the middle of a row")];
    submission(&fixture, "one").try_analyses(rows).plan().await.unwrap_err();
    let (rows, read) = counted(manifest(["a", "b"]));
    submission(&fixture, "one").analyses(rows).run().await.unwrap();
    assert_eq!(
        (read.load(Ordering::Relaxed), digest(&fixture).as_deref()),
        (2, Some("one"))
    );
    fixture.assert_created_once(["a", "b"]);
}

#[tokio::test]
async fn a_run_without_rows_needs_the_recorded_digest() {
    let fixture = Fixture::new();
    submission(&fixture, "one")
        .analyses(manifest(["a"]))
        .plan()
        .await
        .unwrap();
    let error = submission(&fixture, "two").run().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    let text = error.to_string();
    assert!(
        text.contains("its manifest digest is \"two\", and the journal has the digest \"one\"")
            && text.ends_with("give the analyses, so that they are compared, or give no digest"),
        "{text}"
    );
    assert_eq!(fixture.simulator.requests().len(), 0);
    submission(&fixture, "one").run().await.unwrap();
    fixture.submission("s").run().await.unwrap();
    fixture.assert_created_once(["a"]);
}

#[tokio::test]
async fn a_digest_that_is_not_valid_is_refused_before_anything_is_read() {
    let fixture = Fixture::new();
    let longest = "x".repeat(255);
    let error = |digest: &str| {
        let (rows, read) = counted(manifest(["a"]));
        let submission = submission(&fixture, digest).analyses(rows);
        async move {
            let error: Error = submission.run().await.unwrap_err();
            assert_eq!(
                (error.kind(), read.load(Ordering::Relaxed)),
                (ErrorKind::InvalidInput, 0)
            );
            error.to_string()
        }
    };
    for (digest, reason) in [
        ("", "it is empty"),
        (&format!("{longest}x"), "it has 256 characters"),
        ("a b", "it contains ' '"),
        ("a\n", "it contains '\\n'"),
        ("\u{e9}", "it contains '\u{e9}'"),
    ] {
        let text = error(digest).await;
        assert!(
            text.contains(reason) && text.contains("give 1 to 255 visible ASCII characters"),
            "{text}"
        );
    }
    assert!(fixture.journal.submissions().unwrap().is_empty());
    assert_eq!(fixture.simulator.requests().len(), 0);
    submission(&fixture, &longest)
        .analyses(manifest(["a"]))
        .run()
        .await
        .unwrap();
    assert_eq!(digest(&fixture), Some(longest));
}

#[tokio::test]
async fn an_edited_digest_is_noticed() {
    let fixture = Fixture::new();
    submission(&fixture, "one")
        .analyses(manifest(["a"]))
        .plan()
        .await
        .unwrap();
    let connection = fixture.connection();
    connection
        .execute("UPDATE submission SET manifest_digest = 'two'", [])
        .unwrap();
    let error = submission(&fixture, "two")
        .analyses(manifest(["b"]))
        .run()
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Journal);
    assert!(
        error
            .to_string()
            .contains("its submissions are not those that were recorded")
    );
    assert!(!fixture.journal.verify().unwrap().is_intact());
    assert_eq!(fixture.simulator.requests().len(), 0);
}
