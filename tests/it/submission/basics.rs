//! Submissions without faults, and with a run that fails.

use std::collections::BTreeSet;

use futures_util::TryStreamExt;
use ica_batch_sdk_ext::types::{
    AnalysisStatus, CreateCwlAnalysis, CreateNextflowJsonAnalysis, CwlAnalysisInput, CwlAnalysisJsonInput, ItemStatus,
};
use ica_batch_sdk_ext::{Analysis, AnalysisKind, ErrorKind, Execution, Journal, SubmissionEvent, SubmissionOutcome};
use ica_simulator::{Family, FaultKind, Operation, Simulator};

use super::fixture::{Fixture, manifest, outcomes};
use crate::setup::{analysis, request};

fn cwl(reference: &str) -> CreateCwlAnalysis {
    let input = CwlAnalysisJsonInput::builder().input_json("{}").build();
    CreateCwlAnalysis::builder()
        .user_reference(reference)
        .unwrap()
        .pipeline_id("p")
        .analysis_input(CwlAnalysisInput::from(input))
        .build()
}

fn json(reference: &str) -> CreateNextflowJsonAnalysis {
    let json = serde_json::json!({
        "userReference": reference, "pipelineId": "p", "inputFormValues": { "fields": [] }
    });
    serde_json::from_value(json).unwrap()
}

#[tokio::test]
async fn a_manifest_of_all_kinds_is_cut_into_chunks_and_each_analysis_is_reported() {
    let fixture = Fixture::new();
    let mixed: Vec<Analysis> = vec![
        analysis("n1").into(),
        cwl("c1").into(),
        json("j1").into(),
        analysis("n2").into(),
        cwl("c2").into(),
    ];
    let report = fixture.submission("mixed").analyses(mixed).run().await.unwrap();
    fixture.assert_created_once(["n1", "c1", "j1", "n2", "c2"]);
    assert_eq!((report.created(), report.rejected()), (5, 0));
    assert!(report.is_complete());
    let kinds = report.analyses().iter().map(|analysis| analysis.kind);
    let [n, c, j] = [AnalysisKind::Nextflow, AnalysisKind::Cwl, AnalysisKind::NextflowJson];
    assert_eq!(kinds.collect::<Vec<_>>(), [n, c, j, n, c]);
    let batches = fixture.simulator.batches();
    assert_eq!(
        batches.iter().map(|batch| batch.items.len()).collect::<Vec<_>>(),
        [2, 2, 1]
    );
    assert_eq!(
        *report.batches(),
        batches.iter().map(|batch| batch.id).collect::<BTreeSet<_>>()
    );
    for analysis in report.analyses() {
        let items = batches
            .iter()
            .flat_map(|batch| batch.items.iter().map(move |item| (batch.id, item)));
        let (batch, item) = { items }
            .find(|(_, item)| item.name == analysis.user_reference)
            .unwrap();
        let expected = SubmissionOutcome::Created {
            batch: Some(batch),
            item: Some(item.id),
            analysis: item.created_id,
            creation_status: Some(ItemStatus::Succeeded),
            message: None,
            run_status: Some(AnalysisStatus::Succeeded),
        };
        assert_eq!(analysis.outcome, expected);
    }
}

#[tokio::test]
async fn another_run_sends_nothing_and_reports_the_same() {
    let fixture = Fixture::new();
    let run = || fixture.submission("s").analyses(manifest(["a", "b", "c"])).run();
    let first = run().await.unwrap();
    fixture.simulator.clear_requests();
    assert_eq!(run().await.unwrap(), first);
    assert_eq!(
        fixture.submission("s").run().await.unwrap(),
        first,
        "without a manifest"
    );
    assert_eq!(fixture.submission("s").report().await.unwrap(), first);
    assert_eq!(fixture.simulator.requests().len(), 0, "all outcomes are recorded");
}

#[tokio::test]
async fn progress_ends_with_the_report() {
    let fixture = Fixture::new();
    let stream = fixture
        .submission("s")
        .analyses(manifest(["a", "b", "c", "d", "e"]))
        .progress();
    let progress = stream.try_collect::<Vec<_>>().await.unwrap();
    let counts = progress.iter().map(|progress| progress.counts());
    let counts = counts.map(|counts| (counts.created, counts.pending()));
    assert_eq!(
        counts.collect::<Vec<_>>(),
        [(0, 5), (2, 3), (4, 1), (5, 0), (5, 0), (5, 0), (5, 0), (5, 0)]
    );
    assert!(matches!(progress[0].event(), SubmissionEvent::Planned));
    let SubmissionEvent::Created {
        chunk,
        rows,
        key,
        batch,
    } = progress[1].event()
    else {
        panic!("{:?}", progress[1]);
    };
    let first = &fixture.simulator.batches()[0];
    assert_eq!((chunk.as_str(), *batch), ("0", first.id));
    assert_eq!((rows.to_string(), rows.count), ("a to b".to_owned(), 2));
    assert_eq!(Some(key.as_str()), first.idempotency_key.as_deref());
    let listed = progress[4..7].iter().map(|progress| match progress.event() {
        SubmissionEvent::ItemsListed { items, .. } => *items,
        other => panic!("{other:?}"),
    });
    assert_eq!(listed.sum::<u64>(), 5);
    assert_eq!(progress[7].report().unwrap().created(), 5);
    assert!(progress[..7].iter().all(|progress| progress.report().is_none()));
}

#[tokio::test]
async fn no_more_chunks_are_in_flight_than_concurrency_allows() {
    let fixture = Fixture::new();
    let held = fixture.simulator.hold_creates();
    let names = (0..12).map(|name| analysis(&format!("s-{name}"))).collect::<Vec<_>>();
    let run = tokio::spawn(fixture.submission("s").concurrency(3).analyses(names).run());
    held.reached(3).await;
    assert_eq!(held.waiting(), 3);
    held.release();
    assert_eq!(run.await.unwrap().unwrap().created(), 12);
    assert_eq!(fixture.simulator.executed_creates(), 6);
}

#[tokio::test]
async fn a_failure_names_the_chunk_and_the_next_run_continues() {
    let fixture = Fixture::without_retries();
    let run = || {
        fixture
            .submission("cohort")
            .marks(false)
            .analyses(manifest(["a", "b", "c", "d", "e"]))
            .run()
    };
    fixture.fail_create(2, FaultKind::ExecuteThenStatus(503));
    let error = run().await.unwrap_err();
    assert_eq!(
        (error.kind(), error.execution()),
        (ErrorKind::Server, Execution::Unknown)
    );
    let text = error.to_string();
    assert!(
        text.contains("send chunk 1 of submission \"cohort\" in project "),
        "{text}"
    );
    assert!(
        text.ends_with("run the submission again: it sends the rest and creates nothing twice"),
        "{text}"
    );
    let chunk = &fixture.chunks()[1];
    assert_eq!(error.idempotency_key(), Some(&chunk.key));
    let report = fixture.submission("cohort").report().await.unwrap();
    assert_eq!(
        outcomes(&report),
        [
            ("a", "created"),
            ("b", "created"),
            ("c", "pending"),
            ("d", "pending"),
            ("e", "pending")
        ]
    );
    run().await.unwrap();
    fixture.assert_created_once(["a", "b", "c", "d", "e"]);
    let executed = fixture.simulator.executed_creates();
    assert_eq!(
        (executed, fixture.creates()),
        (3, 4),
        "the chunk without a response was sent again"
    );
}

#[tokio::test]
async fn a_chunk_is_sent_again_with_the_same_bytes() {
    let fixture = Fixture::without_retries();
    fixture.fail_create(1, FaultKind::ExecuteThenReset);
    let submission = || fixture.submission("s").marks(false);
    let run = || submission().analyses(manifest(["a", "b"])).run();
    run().await.unwrap_err();
    run().await.unwrap();
    let mut requests = fixture.simulator.requests();
    requests.retain(|request| request.operation == Some(Operation::CreateBatch(Family::Analysis)));
    let [first, second] = [0, 1].map(|index| (&requests[index].body, requests[index].idempotency_key()));
    assert_eq!(first, second);
    assert_eq!(first.0, &serde_json::to_vec(&request(&["a", "b"])).unwrap());
}

#[tokio::test]
async fn a_second_journal_leads_to_the_same_batches() {
    let fixture = Fixture::new();
    let run = |journal: &Journal| {
        let submission = fixture.project.submission("s", journal).chunk_size(2);
        submission.marks(false).analyses(manifest(["a", "b", "c"])).run()
    };
    let first = run(&fixture.journal).await.unwrap();
    let other = Journal::open(fixture.folder.path().join("other.db")).unwrap();
    assert_eq!(run(&other).await.unwrap(), first);
    assert_eq!(fixture.simulator.executed_creates(), 2);
}

#[tokio::test]
async fn a_later_run_adds_item_ids_that_are_missing() {
    let fixture = Fixture::with(
        Simulator::builder().fate("b", ica_simulator::Fate::FailCreation),
        |client| client,
    );
    let run = |look_up| {
        let submission = fixture.submission("s").lookup_items(look_up);
        submission.analyses(manifest(["a", "b"])).run()
    };
    let creations = |report: &ica_batch_sdk_ext::SubmissionReport| {
        let outcomes = report.analyses().iter().map(|analysis| analysis.outcome.clone());
        let creation = outcomes.map(|outcome| match outcome {
            SubmissionOutcome::Created {
                creation_status,
                analysis,
                ..
            } => (creation_status, analysis.is_some()),
            other => panic!("{other:?}"),
        });
        creation.collect::<Vec<_>>()
    };
    assert_eq!(creations(&run(false).await.unwrap()), [(None, false), (None, false)]);
    assert_eq!(fixture.simulator.count(Operation::GetItems(Family::Analysis)), 0);
    let known = [(Some(ItemStatus::Succeeded), true), (Some(ItemStatus::Failed), false)];
    let report = run(true).await.unwrap();
    assert_eq!(creations(&report), known);
    assert_eq!(
        (report.created(), report.creation_failed(), report.is_complete()),
        (1, 1, true)
    );
    assert_eq!(report.failed().len(), 1);
    let shown = report.failed()[0].to_string();
    assert!(
        shown.contains(", creation FAILED (") && shown.ends_with(')'),
        "ICA says why: {shown}"
    );
    assert!(
        report
            .to_string()
            .ends_with("1 of 2 analyses created in 1 batch, 0 rejected, 1 not created by ICA")
    );
    run(true).await.unwrap();
    assert_eq!(
        fixture.simulator.count(Operation::GetItems(Family::Analysis)),
        1,
        "complete batches are not listed again"
    );
}

#[test]
fn runs_and_streams_are_send() {
    fn assert_send<T: Send>(_: &T) {}
    let fixture = Fixture::new();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let run = fixture.submission("s").analyses(manifest(["a"])).run();
        assert_send(&run);
        assert_send(&fixture.submission("t").analyses(manifest(["a"])).progress());
        assert!(run.await.is_ok());
    });
}
