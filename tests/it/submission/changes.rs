//! Manifests that differ from the recorded one.

use ica_batch_sdk_ext::types::CreateNextflowAnalysis;
use ica_batch_sdk_ext::{Error, ErrorKind, OnChange, OnRejection, SubmissionReport};
use ica_simulator::Fate;

use super::fixture::{Fixture, manifest, outcomes};
use crate::setup::analysis;

/// Returns the analysis of this name with another pipeline.
fn other_pipeline(reference: &str) -> CreateNextflowAnalysis {
    CreateNextflowAnalysis {
        pipeline_id: "another".to_owned(),
        ..analysis(reference)
    }
}

async fn run(
    fixture: &Fixture,
    on_change: OnChange,
    rows: Vec<CreateNextflowAnalysis>,
) -> Result<SubmissionReport, Error> {
    let submission = fixture
        .submission("s")
        .on_change(on_change)
        .on_rejection(OnRejection::Isolate);
    submission.analyses(rows).run().await
}

type Rows<'a> = (u64, Vec<&'a str>);

fn changes(error: &Error) -> [Rows<'_>; 3] {
    assert_eq!(error.kind(), ErrorKind::ManifestChanged, "{error}");
    let changes = error.manifest_changes().unwrap();
    [changes.added(), changes.removed(), changes.changed()].map(|rows| {
        let names = rows.user_references().iter().map(String::as_str);
        (rows.count(), names.collect())
    })
}

#[tokio::test]
async fn the_changes_are_reported_and_nothing_is_sent() {
    let fixture = Fixture::new();
    run(&fixture, OnChange::Stop, manifest(["a", "b", "c", "d"]))
        .await
        .unwrap();
    let sent = fixture.simulator.requests().len();
    let mut rows = manifest(["e", "d", "a", "f"]);
    rows.push(other_pipeline("b"));
    let error = run(&fixture, OnChange::Stop, rows.clone()).await.unwrap_err();
    assert_eq!(changes(&error), [(2, vec!["e", "f"]), (1, vec!["c"]), (1, vec!["b"])]);
    let text = error.to_string();
    assert!(
        text.contains("differs from the recorded one (2 rows added, 1 row removed, 1 row changed)"),
        "{text}"
    );
    let source = std::error::Error::source(&error).unwrap().to_string();
    assert_eq!(source, "added: e, f; removed: c; changed: b");
    let error = run(&fixture, OnChange::AcceptAdditions, rows).await.unwrap_err();
    assert!(
        error
            .to_string()
            .contains("put the removed row back and restore the changed row, or submit only the changed rows")
    );
    assert_eq!(fixture.simulator.requests().len(), sent);
    fixture.assert_created_once(["a", "b", "c", "d"]);
}

#[tokio::test]
async fn another_order_is_not_a_change() {
    let fixture = Fixture::new();
    let first = run(&fixture, OnChange::Stop, manifest(["a", "b", "c", "d"]))
        .await
        .unwrap();
    let sent = fixture.simulator.requests().len();
    let again = run(&fixture, OnChange::Stop, manifest(["a", "d", "b", "c"]))
        .await
        .unwrap();
    assert_eq!((again, fixture.simulator.requests().len()), (first, sent));
}

#[tokio::test]
async fn accepted_additions_are_not_a_change_in_later_runs() {
    let fixture = Fixture::new();
    run(&fixture, OnChange::Stop, manifest(["a", "b", "c"])).await.unwrap();
    let longer = || manifest(["a", "x", "b", "c", "y", "z"]);
    let error = run(&fixture, OnChange::Stop, longer()).await.unwrap_err();
    assert_eq!(changes(&error)[0], (3, vec!["x", "y", "z"]));
    assert!(
        error
            .to_string()
            .ends_with("accept them with Submission::on_change, or submit the new rows under another name")
    );
    let report = run(&fixture, OnChange::AcceptAdditions, longer()).await.unwrap();
    assert_eq!(
        report
            .analyses()
            .iter()
            .map(|a| (a.user_reference.as_str(), a.chunk.as_str()))
            .collect::<Vec<_>>(),
        [("a", "0"), ("b", "0"), ("c", "1"), ("x", "2"), ("y", "2"), ("z", "3")]
    );
    fixture.assert_created_once(["a", "b", "c", "x", "y", "z"]);
    let sent = fixture.creates();
    assert_eq!(run(&fixture, OnChange::Stop, longer()).await.unwrap(), report);
    assert_eq!(fixture.creates(), sent);
}

#[tokio::test]
async fn a_corrected_row_replaces_a_rejected_one() {
    let fixture = Fixture::rejecting(["b"]);
    let report = run(&fixture, OnChange::Stop, manifest(["a", "b", "c"])).await.unwrap();
    assert_eq!(report.rejected(), 1);
    fixture.simulator.set_fate("b", Fate::Succeed);
    let corrected = || vec![analysis("a"), other_pipeline("b"), analysis("c")];
    let error = run(&fixture, OnChange::Stop, corrected()).await.unwrap_err();
    assert_eq!(changes(&error)[2], (1, vec!["b"]));
    assert!(
        error.to_string().contains("accept them with Submission::on_change"),
        "{error}"
    );
    let report = run(&fixture, OnChange::AcceptAdditions, corrected()).await.unwrap();
    assert_eq!(
        outcomes(&report),
        [("a", "created"), ("c", "created"), ("b", "created")]
    );
    fixture.assert_created_once(["a", "b", "c"]);
    assert_eq!(run(&fixture, OnChange::Stop, corrected()).await.unwrap(), report);
    let counts = fixture.entry().counts();
    assert_eq!(
        (counts.analyses, counts.created, counts.rejected, counts.pending()),
        (3, 3, 0, 0)
    );
}

#[tokio::test]
async fn a_removed_row_is_accepted_only_if_it_is_created_or_rejected() {
    let fixture = Fixture::rejecting(["c"]);
    fixture
        .submission("s")
        .analyses(manifest(["a", "b", "c"]))
        .plan()
        .await
        .unwrap();
    let shorter = || manifest(["a", "d"]);
    let error = run(&fixture, OnChange::AcceptAdditions, shorter()).await.unwrap_err();
    assert_eq!(changes(&error), [(1, vec!["d"]), (2, vec!["b", "c"]), (0, vec![])]);
    assert_eq!(fixture.creates(), 0);

    run(&fixture, OnChange::Stop, manifest(["a", "b", "c"])).await.unwrap();
    let report = run(&fixture, OnChange::AcceptAdditions, shorter()).await.unwrap();
    assert_eq!(
        outcomes(&report),
        [("a", "created"), ("b", "created"), ("c", "rejected"), ("d", "created")]
    );
    fixture.assert_created_once(["a", "b", "d"]);
}

#[tokio::test]
async fn additions_with_duplicates_are_not_accepted() {
    let fixture = Fixture::new();
    run(&fixture, OnChange::Stop, manifest(["a"])).await.unwrap();
    let error = run(&fixture, OnChange::AcceptAdditions, manifest(["a", "b", "b"]))
        .await
        .unwrap_err();
    assert_eq!(error.duplicate_references().unwrap().user_references(), ["b"]);
    assert_eq!(fixture.entry().counts().analyses, 1);
    run(&fixture, OnChange::Stop, manifest(["a"])).await.unwrap();
}

#[tokio::test]
async fn rows_that_occur_several_times_are_compared_by_number() {
    let fixture = Fixture::new();
    let run = |rows| {
        fixture
            .submission("s")
            .allow_duplicate_references()
            .analyses(rows)
            .run()
    };
    run(manifest(["a", "a", "b"])).await.unwrap();
    run(manifest(["b", "a", "a"])).await.unwrap();
    let error = run(manifest(["a", "b", "b"])).await.unwrap_err();
    assert_eq!(changes(&error), [(1, vec!["b"]), (1, vec!["a"]), (0, vec![])]);
    let error = run(vec![analysis("a"), other_pipeline("a"), analysis("b")])
        .await
        .unwrap_err();
    assert_eq!(changes(&error)[2], (1, vec!["a"]));
}

#[tokio::test]
async fn another_kind_with_the_same_user_reference_is_a_change() {
    let fixture = Fixture::new();
    let json = |form: &str| {
        let mut json = serde_json::json!({ "userReference": "a", "pipelineId": "p" });
        json[form] = serde_json::json!({ "fields": [], "inputs": [] });
        json
    };
    let nextflow: CreateNextflowAnalysis = serde_json::from_value(json("analysisInput")).unwrap();
    let other: ica_batch_sdk_ext::types::CreateNextflowJsonAnalysis =
        serde_json::from_value(json("inputFormValues")).unwrap();
    fixture.submission("s").analyses([nextflow]).run().await.unwrap();
    let error = fixture.submission("s").analyses([other]).run().await.unwrap_err();
    assert_eq!(changes(&error)[2], (1, vec!["a"]));
}

#[tokio::test]
async fn a_row_that_was_replaced_is_not_retried() {
    let fixture = Fixture::rejecting(["b"]);
    run(&fixture, OnChange::Stop, manifest(["a", "b", "c"])).await.unwrap();
    fixture.simulator.set_fate("b", Fate::Succeed);
    let corrected = vec![analysis("a"), other_pipeline("b"), analysis("c")];
    run(&fixture, OnChange::AcceptAdditions, corrected).await.unwrap();
    let sent = fixture.creates();
    let report = fixture.submission("s").retry_rejected().run().await.unwrap();
    assert_eq!((report.created(), report.rejected()), (3, 0));
    assert_eq!(
        fixture.creates(),
        sent,
        "neither the original nor the corrected row is sent"
    );
    fixture.assert_created_once(["a", "b", "c"]);
}
