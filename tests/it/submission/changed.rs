//! A manifest that is not the one that was recorded.

use ica_batch_sdk_ext::types::CreateNextflowAnalysis;
use ica_batch_sdk_ext::{Error, ErrorKind, OnChange, OnRejection, SubmissionReport};
use ica_simulator::{Fate, Simulator};

use super::bench::{Bench, manifest, outcomes};
use crate::setup::analysis;

/// The analysis of this name, for another pipeline.
fn corrected(reference: &str) -> CreateNextflowAnalysis {
    CreateNextflowAnalysis {
        pipeline_id: "another".to_owned(),
        ..analysis(reference)
    }
}

async fn run(bench: &Bench, on_change: OnChange, rows: Vec<CreateNextflowAnalysis>) -> Result<SubmissionReport, Error> {
    let submission = bench
        .submission("s")
        .on_change(on_change)
        .on_rejection(OnRejection::Isolate);
    submission.analyses(rows).run().await
}

type Rows<'a> = (u64, Vec<&'a str>);

fn differences(error: &Error) -> [Rows<'_>; 3] {
    assert_eq!(error.kind(), ErrorKind::ManifestChanged, "{error}");
    let changes = error.manifest_changes().unwrap();
    [changes.added(), changes.removed(), changes.changed()].map(|rows| {
        let names = rows.user_references().iter().map(String::as_str);
        (rows.count(), names.collect())
    })
}

#[tokio::test]
async fn what_differs_is_said_and_nothing_is_sent() {
    let bench = Bench::new();
    run(&bench, OnChange::Refuse, manifest(["a", "b", "c", "d"]))
        .await
        .unwrap();
    let sent = bench.simulator.requests().len();
    let mut rows = manifest(["e", "d", "a", "f"]);
    rows.push(corrected("b"));
    let error = run(&bench, OnChange::Refuse, rows.clone()).await.unwrap_err();
    assert_eq!(
        differences(&error),
        [(2, vec!["e", "f"]), (1, vec!["c"]), (1, vec!["b"])]
    );
    let text = error.to_string();
    assert!(text.contains("2 added (e, f), 1 removed (c), 1 changed (b)"), "{text}");
    let error = run(&bench, OnChange::TakeAdditions, rows).await.unwrap_err();
    assert!(
        error
            .to_string()
            .contains("restore the rows that were removed or changed, or give what is new a name of its own")
    );
    assert_eq!(bench.simulator.requests().len(), sent);
    bench.assert_exist(["a", "b", "c", "d"]);
}

#[tokio::test]
async fn an_order_is_no_difference() {
    let bench = Bench::new();
    let first = run(&bench, OnChange::Refuse, manifest(["a", "b", "c", "d"]))
        .await
        .unwrap();
    let sent = bench.simulator.requests().len();
    let again = run(&bench, OnChange::Refuse, manifest(["a", "d", "b", "c"]))
        .await
        .unwrap();
    assert_eq!((again, bench.simulator.requests().len()), (first, sent));
}

#[tokio::test]
async fn additions_are_taken_when_asked_for_and_from_then_on_are_no_difference() {
    let bench = Bench::new();
    run(&bench, OnChange::Refuse, manifest(["a", "b", "c"])).await.unwrap();
    let longer = || manifest(["a", "x", "b", "c", "y", "z"]);
    let error = run(&bench, OnChange::Refuse, longer()).await.unwrap_err();
    assert_eq!(differences(&error)[0], (3, vec!["x", "y", "z"]));
    assert!(
        error
            .to_string()
            .ends_with("take the additions by Submission::on_change, or give what is new a name of its own")
    );
    let report = run(&bench, OnChange::TakeAdditions, longer()).await.unwrap();
    assert_eq!(
        report
            .analyses()
            .iter()
            .map(|a| (a.user_reference.as_str(), a.chunk.as_str()))
            .collect::<Vec<_>>(),
        [("a", "0"), ("b", "0"), ("c", "1"), ("x", "2"), ("y", "2"), ("z", "3")]
    );
    bench.assert_exist(["a", "b", "c", "x", "y", "z"]);
    let sent = bench.sent();
    assert_eq!(run(&bench, OnChange::Refuse, longer()).await.unwrap(), report);
    assert_eq!(bench.sent(), sent);
}

#[tokio::test]
async fn a_corrected_row_takes_the_place_of_a_rejected_one() {
    let bench = Bench::with(Simulator::builder().fate("b", Fate::RejectRequest), |client| client);
    let report = run(&bench, OnChange::Refuse, manifest(["a", "b", "c"])).await.unwrap();
    assert_eq!(report.rejected(), 1);
    bench.simulator.set_fate("b", Fate::Succeed);
    let mended = || vec![analysis("a"), corrected("b"), analysis("c")];
    let error = run(&bench, OnChange::Refuse, mended()).await.unwrap_err();
    assert_eq!(differences(&error)[2], (1, vec!["b"]));
    assert!(error.to_string().contains("take the additions"), "{error}");
    let report = run(&bench, OnChange::TakeAdditions, mended()).await.unwrap();
    assert_eq!(
        outcomes(&report),
        [("a", "created"), ("c", "created"), ("b", "created")]
    );
    bench.assert_exist(["a", "b", "c"]);
    assert_eq!(run(&bench, OnChange::Refuse, mended()).await.unwrap(), report);
    let entry = bench.journal.list().unwrap().remove(0);
    assert_eq!(
        (entry.analyses(), entry.created(), entry.rejected(), entry.pending()),
        (3, 3, 0, 0)
    );
}

#[tokio::test]
async fn a_row_that_is_removed_while_it_is_open_stands_in_the_way_and_one_that_is_settled_does_not() {
    let bench = Bench::with(Simulator::builder().fate("c", Fate::RejectRequest), |client| client);
    bench
        .submission("s")
        .analyses(manifest(["a", "b", "c"]))
        .plan()
        .await
        .unwrap();
    let shorter = || manifest(["a", "d"]);
    let error = run(&bench, OnChange::TakeAdditions, shorter()).await.unwrap_err();
    assert_eq!(differences(&error), [(1, vec!["d"]), (2, vec!["b", "c"]), (0, vec![])]);
    assert_eq!(bench.sent(), 0);

    run(&bench, OnChange::Refuse, manifest(["a", "b", "c"])).await.unwrap();
    let report = run(&bench, OnChange::TakeAdditions, shorter()).await.unwrap();
    assert_eq!(
        outcomes(&report),
        [("a", "created"), ("b", "created"), ("c", "rejected"), ("d", "created")]
    );
    bench.assert_exist(["a", "b", "d"]);
}

#[tokio::test]
async fn duplicates_among_additions_change_nothing() {
    let bench = Bench::new();
    run(&bench, OnChange::Refuse, manifest(["a"])).await.unwrap();
    let error = run(&bench, OnChange::TakeAdditions, manifest(["a", "b", "b"]))
        .await
        .unwrap_err();
    assert_eq!(error.duplicate_references().unwrap().user_references(), ["b"]);
    assert_eq!(bench.journal.list().unwrap()[0].analyses(), 1);
    run(&bench, OnChange::Refuse, manifest(["a"])).await.unwrap();
}

#[tokio::test]
async fn rows_that_occur_several_times_are_counted() {
    let bench = Bench::new();
    let run = |rows| bench.submission("s").allow_duplicate_references().analyses(rows).run();
    run(manifest(["a", "a", "b"])).await.unwrap();
    run(manifest(["b", "a", "a"])).await.unwrap();
    let error = run(manifest(["a", "b", "b"])).await.unwrap_err();
    assert_eq!(differences(&error), [(1, vec!["b"]), (1, vec!["a"]), (0, vec![])]);
    let error = run(vec![analysis("a"), corrected("a"), analysis("b")])
        .await
        .unwrap_err();
    assert_eq!(differences(&error)[2], (1, vec!["a"]));
}

#[tokio::test]
async fn another_kind_under_the_same_name_is_a_change() {
    let bench = Bench::new();
    let json = |form: &str| {
        let mut json = serde_json::json!({ "userReference": "a", "pipelineId": "p" });
        json[form] = serde_json::json!({ "fields": [], "inputs": [] });
        json
    };
    let nextflow: CreateNextflowAnalysis = serde_json::from_value(json("analysisInput")).unwrap();
    let other: ica_batch_sdk_ext::types::CreateNextflowJsonAnalysis =
        serde_json::from_value(json("inputFormValues")).unwrap();
    bench.submission("s").analyses([nextflow]).run().await.unwrap();
    let error = bench.submission("s").analyses([other]).run().await.unwrap_err();
    assert_eq!(differences(&error)[2], (1, vec!["a"]));
}

#[tokio::test]
async fn additions_that_two_runs_take_at_once_are_taken_once() {
    for _ in 0..20 {
        let bench = Bench::new();
        let submission = || {
            bench
                .submission("s")
                .allow_duplicate_references()
                .on_change(OnChange::TakeAdditions)
        };
        submission().analyses(manifest(["a"])).run().await.unwrap();
        let longer = || submission().analyses(manifest(["b", "a", "c", "d"])).run();
        let (one, other) = futures_util::future::join(longer(), longer()).await;
        for result in [one, other] {
            if let Err(error) = result {
                assert_eq!(error.kind(), ErrorKind::Journal, "{error}");
            }
        }
        longer().await.unwrap();
        bench.assert_exist(["a", "b", "c", "d"]);
    }
}
