//! Analyses in ICA with the mark of a submission that its rows do not ask for: of another manifest, and
//! one too many.

use std::time::Duration;

use ica_batch_sdk_ext::retry::RetryPolicy;
use ica_batch_sdk_ext::{Analysis, ErrorKind, Journal, Submission, SubmissionOutcome};
use ica_simulator::{Family, Fate, FaultKind, Lifecycle, StallFor};

use super::fixture::{Fixture, manifest};

/// Returns the submission as a journal of this name sends it.
fn with_journal(fixture: &Fixture, name: &str) -> (Journal, Submission) {
    let journal = Journal::open(fixture.folder.path().join(name)).unwrap();
    let submission = fixture.project.submission("s", &journal);
    (journal, submission.chunk_size(2).settling_time(Duration::from_secs(60)))
}

#[tokio::test]
async fn another_manifest_under_the_name_is_refused_before_anything_is_sent() {
    let fixture = Fixture::new();
    fixture
        .submission("s")
        .analyses(manifest(["a", "b", "c"]))
        .run()
        .await
        .unwrap();
    let creates = fixture.creates();
    // One row has a reference of the other manifest, such as a control sample.
    let (_journal, other) = with_journal(&fixture, "other.db");
    let error = other.analyses(manifest(["c", "x"])).run().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ManifestChanged, "{error}");
    let text = error.to_string();
    assert!(text.contains("for 2 user references (a, b)"), "{text}");
    assert!(text.contains("if its journal was lost"), "{text}");
    assert_eq!(fixture.creates(), creates, "nothing was sent");
    let (journal, other) = with_journal(&fixture, "other.db");
    assert!(journal.submissions().unwrap().is_empty(), "nothing was recorded");
    // It is allowed, and then each row exists once.
    let other = other.allow_strangers().analyses(manifest(["c", "x"]));
    let report = other.run().await.unwrap();
    assert_eq!(report.created(), 2);
    fixture.assert_created_once(["a", "b", "c", "x"]);
    // This journal has sent rows, so it is not asked again.
    let (_journal, other) = with_journal(&fixture, "other.db");
    let more = other.on_change(ica_batch_sdk_ext::OnChange::AcceptAdditions);
    let report = more.analyses(manifest(["c", "x", "y"])).run().await.unwrap();
    assert_eq!(report.created(), 3);
}

#[tokio::test]
async fn the_same_user_references_with_other_content_are_another_manifest() {
    let fixture = Fixture::new();
    let names = ["a", "b", "c"];
    fixture.submission("s").analyses(manifest(names)).run().await.unwrap();
    // The samples are analysed again, by another pipeline.
    let other_rows = || {
        let mut rows = manifest(names);
        for row in &mut rows[..2] {
            row.pipeline_id = uuid::Uuid::from_u128(7).to_string();
        }
        rows
    };
    let (_journal, other) = with_journal(&fixture, "other.db");
    let error = other.analyses(other_rows()).run().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ManifestChanged, "{error}");
    let text = error.to_string();
    assert!(text.contains("for 2 user references (a, b)"), "{text}");
    assert!(
        text.contains("other content: if the rows were changed by mistake"),
        "{text}"
    );
    let (_journal, other) = with_journal(&fixture, "other.db");
    let other = other.allow_strangers().analyses(other_rows());
    let report = other.run().await.unwrap();
    assert_eq!(report.created(), 3);
    let counts = fixture.simulator.created_by_name(Family::Analysis);
    assert_eq!((counts["a"], counts["b"], counts["c"]), (2, 2, 1));
    let (_journal, other) = with_journal(&fixture, "other.db");
    let audit = other.audit().await.unwrap();
    let findings = audit.findings().iter().map(ToString::to_string).collect::<Vec<_>>();
    assert!(
        findings.len() == 2 && findings[0].starts_with("a: exists in ICA"),
        "{findings:?}"
    );
    assert_eq!((audit.counts().strangers, audit.counts().several), (2, 0));
}

#[tokio::test]
async fn a_manifest_that_was_refused_can_be_sent_under_another_name() {
    let fixture = Fixture::new();
    fixture.submission("s").analyses(manifest(["a"])).run().await.unwrap();
    let (journal, other) = with_journal(&fixture, "other.db");
    let error = other.analyses(manifest(["x", "y"])).run().await.unwrap_err();
    assert!(
        error.to_string().ends_with("choose another name, or use that journal"),
        "{error}"
    );
    let renamed = fixture.project.submission("t", &journal).analyses(manifest(["x", "y"]));
    assert_eq!(renamed.run().await.unwrap().created(), 2);
    fixture.assert_created_once(["a", "x", "y"]);
}

#[tokio::test]
async fn a_lost_journal_and_aborted_analyses_of_another_manifest_are_no_strangers() {
    let fixture = Fixture::living(Lifecycle::instant().run(Duration::from_secs(3600)));
    let names = ["a", "b", "c"];
    fixture.submission("s").analyses(manifest(names)).run().await.unwrap();
    let (_journal, again) = with_journal(&fixture, "lost.db");
    let report = again.analyses(manifest(names)).run().await.unwrap();
    assert_eq!(report.created(), 3);
    let text = report.to_string();
    assert!(
        text.contains("3 of 3 analyses created in batches that are not known"),
        "{text}"
    );
    fixture.assert_created_once(names);
    // All analyses of the first manifest are aborted, so its name can be used for another one.
    assert_eq!(fixture.submission("s").abort().await.unwrap().aborted, 3);
    let (_journal, other) = with_journal(&fixture, "other.db");
    let report = other.analyses(manifest(["x"])).run().await.unwrap();
    assert_eq!(report.created(), 1);
    fixture.assert_created_once(["a", "b", "c", "x"]);
}

#[tokio::test]
async fn a_run_that_finds_analyses_several_times_has_settled_each_row() {
    let fixture = Fixture::new();
    let names = ["a", "b"];
    fixture.submission("s").analyses(manifest(names)).run().await.unwrap();
    fixture.send_last_create_again().await;
    let (_journal, again) = with_journal(&fixture, "second.db");
    let error = again.analyses(manifest(names)).run().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::DuplicateAnalyses, "{error}");
    assert!(error.to_string().contains("for 2 user references (a, b)"), "{error}");
    let report = error.submission_report().expect("each row is settled");
    assert_eq!((report.created(), report.counts().pending()), (2, 0));
}

#[tokio::test]
async fn a_run_to_end_waits_although_an_analysis_exists_several_times() {
    let fixture = Fixture::new();
    let names = ["a", "b", "c"];
    fixture.submission("s").analyses(manifest(names)).run().await.unwrap();
    fixture.send_last_create_again().await;
    let (_journal, again) = with_journal(&fixture, "second.db");
    let error = again.analyses(manifest(names)).run_to_end().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::DuplicateAnalyses, "{error}");
    assert!(error.to_string().contains("for 1 user reference (c)"), "{error}");
    let report = error.submission_wait_report().expect("it waited");
    assert_eq!(report.succeeded(), 3);
}

#[tokio::test]
async fn a_sent_chunk_finds_rows_that_another_journal_created_in_other_chunks() {
    let fixture = Fixture::new();
    let names = ["a", "b", "c", "d"];
    // The program ends while its second chunk is in flight, and the request never arrives.
    let fault = FaultKind::ResetBeforeExecuting;
    fixture.fail_create(2, fault);
    let once = RetryPolicy::never();
    let first = fixture.submission("s").retry(once).analyses(manifest(names));
    first.run().await.unwrap_err();
    assert_eq!(fixture.chunks()[1].state.as_str(), "sent");
    // Another machine sends what is missing, in chunks of other sizes.
    let (_journal, other) = with_journal(&fixture, "other.db");
    let other = other.chunk_size(3).analyses(manifest(names));
    assert_eq!(other.run().await.unwrap().created(), 4);
    fixture.assert_created_once(names);
    // The first one continues, after the settling time of its request.
    fixture.clock.advance(Duration::from_secs(3600));
    let report = fixture.submission("s").run().await.unwrap();
    assert_eq!(report.created(), 4);
    fixture.assert_created_once(names);
}

#[tokio::test]
async fn strangers_with_the_mark_of_a_chunk_are_not_too_many() {
    let fixture = Fixture::new();
    fixture
        .submission("s")
        .analyses(manifest(["x", "y"]))
        .run()
        .await
        .unwrap();
    // The first chunk of the other manifest has the same mark, and is searched for by it.
    let (_journal, other) = with_journal(&fixture, "other.db");
    fixture.fail_create(1, FaultKind::ExecuteThenForgetKey(500));
    let other = other.allow_strangers().analyses(manifest(["a", "b"]));
    assert_eq!(other.run().await.unwrap().created(), 2);
    fixture.assert_created_once(["a", "b", "x", "y"]);
}

#[tokio::test]
async fn a_row_that_was_read_back_and_corrected_has_the_marks_of_its_new_submission_alone() {
    let fixture = Fixture::new();
    fixture.submission("s").analyses(manifest(["a"])).run().await.unwrap();
    let mut request = fixture.submission("s").request(0).await.unwrap();
    if let Analysis::Nextflow(row) = &mut request {
        row.pipeline_id = uuid::Uuid::from_u128(7).to_string();
    }
    fixture.fail_create(1, FaultKind::ExecuteThenForgetKey(500));
    let corrected = fixture.patient_submission("t").analyses([request]);
    assert_eq!(corrected.run().await.unwrap().created(), 1);
    let counts = fixture.simulator.created_by_name(Family::Analysis);
    assert_eq!(counts["a"], 2, "one of each submission");
    for name in ["s", "t"] {
        let audit = fixture.submission(name).audit().await.unwrap();
        assert!(audit.is_clean(), "{name}: {audit}");
    }
}

#[tokio::test]
async fn a_wait_sees_rows_that_another_journal_created_in_other_chunks() {
    let fixture = Fixture::new();
    let names = ["a", "b", "c", "d", "e"];
    fixture.simulator.set_fate("d", Fate::FailRun);
    fixture.submission("s").analyses(manifest(names)).run().await.unwrap();
    // The journal was lost, and the chunks have another size now.
    let (journal, again) = with_journal(&fixture, "second.db");
    let report = again.chunk_size(1).analyses(manifest(names)).run_to_end();
    let report = report.wait_deadline(Duration::from_secs(3600)).await.unwrap();
    assert_eq!((report.succeeded(), report.counts().failed), (4, 1));
    let failed = &report.failed()[0];
    assert_eq!((failed.item.name.as_str(), failed.chunk.as_str()), ("d", "3"));
    assert_eq!(report.counts().batches, report.counts().finished_batches);
    fixture.assert_created_once(names);
    // The journal has the statuses, and a refresh reads all of them once.
    let (_journal, again) = with_journal(&fixture, "second.db");
    let report = again.refresh().await.unwrap();
    assert_eq!((report.succeeded(), report.counts().failed), (4, 1));
    let entry = journal.last_submission().unwrap().unwrap();
    let history = journal.status_history(&entry).unwrap();
    let last = history.times().last().unwrap().by_status();
    assert_eq!(last, [("SUCCEEDED", 4), ("FAILED", 1)]);
}

#[tokio::test]
async fn an_aborted_copy_is_not_taken_for_a_new_attempt() {
    let fixture = Fixture::living(Lifecycle::instant().run(Duration::from_secs(3600)));
    fixture
        .submission("s")
        .analyses(manifest(["a", "b"]))
        .run()
        .await
        .unwrap();
    // A copy of each row exists, and is aborted, as an audit advises. Later the originals are, too.
    fixture.send_last_create_again().await;
    let batches = fixture.simulator.batches();
    let all = batches
        .iter()
        .flat_map(|batch| batch.items.iter().filter_map(|item| item.created_id));
    for id in all {
        fixture.project.analyses().abort(id).await.unwrap();
    }
    fixture.submission("s").refresh().await.unwrap();
    let report = fixture.submission("s").rerun_failed().run().await.unwrap();
    assert_eq!(report.created(), 2);
    let counts = fixture.simulator.created_by_name(Family::Analysis);
    assert_eq!(
        (counts["a"], counts["b"]),
        (3, 3),
        "the original, the copy and the new attempt"
    );
}

#[tokio::test]
async fn a_common_search_leaves_the_analyses_of_chunks_in_flight_alone() {
    let fixture = Fixture::new();
    for number in 1..=6 {
        fixture.fail_create(number, FaultKind::ResetBeforeExecuting);
    }
    let held = FaultKind::StallAfterExecuting(StallFor::Time(Duration::from_millis(300)));
    fixture.fail_create(7, held);
    // Equal rows: only the chunk says which analysis is whose.
    let submission = || {
        let submission = fixture
            .project
            .submission("s", &fixture.journal)
            .allow_duplicate_references();
        submission
            .chunk_size(1)
            .concurrency(7)
            .settling_time(Duration::from_secs(60))
    };
    let report = submission().analyses(manifest(["a"; 7])).run().await.unwrap();
    let analyses = report.analyses().iter().map(|analysis| match &analysis.outcome {
        SubmissionOutcome::Created { analysis, .. } => *analysis,
        other => panic!("{other:?}"),
    });
    let distinct = analyses.collect::<std::collections::BTreeSet<_>>();
    assert_eq!(distinct.len(), 7, "{distinct:?}");
    assert_eq!(fixture.simulator.created_by_name(Family::Analysis)["a"], 7);
}
