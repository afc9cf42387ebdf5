//! What a submission does when nothing goes wrong, and when a run is broken off.

use std::collections::BTreeSet;

use futures_util::{StreamExt, TryStreamExt, stream};
use ica_batch_sdk_ext::types::{
    CreateCwlAnalysis, CreateNextflowJsonAnalysis, CwlAnalysisInput, CwlAnalysisJsonInput, ItemStatus,
};
use ica_batch_sdk_ext::{Analysis, AnalysisKind, ErrorKind, Executed, Journal, SubmissionEvent, SubmissionOutcome};
use ica_simulator::{Fault, FaultKind, Operation, Simulator};

use super::bench::{Bench, manifest, outcomes};
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
async fn a_mixed_manifest_is_cut_into_chunks_and_each_analysis_is_reported() {
    let bench = Bench::new();
    let mixed: Vec<Analysis> = vec![
        analysis("n1").into(),
        cwl("c1").into(),
        json("j1").into(),
        analysis("n2").into(),
        cwl("c2").into(),
    ];
    let report = bench.submission("mixed").analyses(mixed).run().await.unwrap();
    bench.assert_exist(["n1", "c1", "j1", "n2", "c2"]);
    assert_eq!((report.created(), report.rejected()), (5, 0));
    assert!(report.is_complete());
    let kinds = report.analyses().iter().map(|analysis| analysis.kind);
    let [n, c, j] = [AnalysisKind::Nextflow, AnalysisKind::Cwl, AnalysisKind::NextflowJson];
    assert_eq!(kinds.collect::<Vec<_>>(), [n, c, j, n, c]);
    let batches = bench.simulator.batches();
    assert_eq!(
        batches.iter().map(|batch| batch.items.len()).collect::<Vec<_>>(),
        [2, 2, 1]
    );
    assert_eq!(
        report.batches(),
        batches.iter().map(|batch| batch.id).collect::<BTreeSet<_>>()
    );
    for analysis in report.analyses() {
        let items = batches
            .iter()
            .flat_map(|batch| batch.items.iter().map(move |item| (batch.id, item)));
        let (batch, item) = { items }
            .find(|(_, item)| item.user_reference == analysis.user_reference)
            .unwrap();
        let expected = SubmissionOutcome::Created {
            batch,
            item: Some(item.id),
            analysis: item.analysis_id,
            creation: Some(ItemStatus::Succeeded),
        };
        assert_eq!(analysis.outcome, expected);
    }
}

#[tokio::test]
async fn running_again_sends_nothing_and_reports_the_same() {
    let bench = Bench::new();
    let run = || bench.submission("s").analyses(manifest(["a", "b", "c"])).run();
    let first = run().await.unwrap();
    bench.simulator.clear_requests();
    assert_eq!(run().await.unwrap(), first);
    assert_eq!(bench.submission("s").run().await.unwrap(), first, "without a manifest");
    assert_eq!(bench.submission("s").report().await.unwrap(), first);
    assert_eq!(bench.simulator.requests().len(), 0, "everything was known");
}

#[tokio::test]
async fn iterators_and_streams_are_manifests_and_their_failures_come_before_anything_is_sent() {
    let bench = Bench::new();
    let rows = || manifest(["a", "b", "c"]).into_iter();
    bench
        .submission("1")
        .analysis_stream(stream::iter(rows()))
        .run()
        .await
        .unwrap();
    let sure = rows().map(Ok::<_, std::io::Error>);
    bench.submission("2").try_analyses(sure).run().await.unwrap();
    let broken = || rows().map(Ok).chain([Err(std::io::Error::other("row 4 has no name"))]);
    let sent = bench.sent();
    for submission in [
        bench.submission("3").try_analyses(broken()),
        bench.submission("3").try_analysis_stream(stream::iter(broken())),
    ] {
        let error = submission.run().await.unwrap_err();
        assert_eq!(
            (error.kind(), error.may_have_executed()),
            (ErrorKind::InvalidInput, Executed::No)
        );
        assert!(error.to_string().contains("behind its first 3 analyses"), "{error}");
        let source = std::error::Error::source(&error).unwrap();
        assert_eq!(source.to_string(), "row 4 has no name");
    }
    assert_eq!(bench.sent(), sent);
    assert_eq!(bench.journal.list().unwrap().len(), 2, "the plan that failed is gone");
    let mended = stream::iter(rows()).map(Ok::<_, std::io::Error>);
    bench.submission("3").try_analysis_stream(mended).run().await.unwrap();
}

#[tokio::test]
async fn what_cannot_be_submitted_is_refused_before_anything_is_sent() {
    let bench = Bench::new();
    let too_large = bench.submission("s").chunk_bytes(100).analyses(manifest(["a"]));
    let refused = [
        (
            bench.submission("s").analyses(manifest([])).run().await,
            "has no analyses",
        ),
        (
            bench.submission("").analyses(manifest(["a"])).run().await,
            "cannot name a submission",
        ),
        (
            bench.submission("a\nb").analyses(manifest(["a"])).run().await,
            "cannot name a submission",
        ),
        (bench.submission("s").run().await, "give its analyses"),
        (too_large.run().await, "analysis \"a\" takes "),
    ];
    for (result, says) in refused {
        let error = result.unwrap_err();
        assert!(error.is_invalid_input() && error.to_string().contains(says), "{error}");
    }
    assert_eq!(bench.simulator.requests().len(), 0);
    assert_eq!(bench.journal.list().unwrap().len(), 0);
}

#[tokio::test]
async fn duplicate_user_references_are_named_and_may_be_allowed() {
    let bench = Bench::new();
    let twice = || manifest(["a", "b", "a", "c", "b", "a"]);
    let error = bench.submission("s").analyses(twice()).run().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::DuplicateReferences);
    let duplicates = error.duplicate_references().unwrap();
    assert_eq!(
        (duplicates.count(), duplicates.user_references()),
        (2, &["a".to_owned(), "b".to_owned()][..])
    );
    assert!(error.to_string().contains("2 user references (a, b)"), "{error}");
    assert_eq!((bench.sent(), bench.journal.list().unwrap().len()), (0, 0));

    let allowed = bench.submission("s").allow_duplicate_references().analyses(twice());
    let report = allowed.run().await.unwrap();
    assert_eq!(bench.simulator.analyses_by_user_reference()["a"], 3);
    let items = report.analyses().iter().map(|analysis| match analysis.outcome {
        SubmissionOutcome::Created { item: Some(item), .. } => item,
        _ => panic!("{analysis:?}"),
    });
    assert_eq!(items.collect::<BTreeSet<_>>().len(), 6, "each has an item of its own");
}

#[tokio::test]
async fn two_names_are_two_submissions() {
    let bench = Bench::new();
    for name in ["one", "two"] {
        bench.submission(name).analyses(manifest(["a"])).run().await.unwrap();
    }
    assert_eq!(bench.simulator.analyses_by_user_reference()["a"], 2);
}

#[tokio::test]
async fn planning_sends_nothing_and_the_run_sends_what_was_planned() {
    let bench = Bench::new();
    let plan = bench
        .submission("s")
        .analyses(manifest(["a", "b", "c"]))
        .plan()
        .await
        .unwrap();
    assert_eq!((plan.chunks(), plan.analyses(), plan.open()), (2, 3, 3));
    assert_eq!(bench.simulator.requests().len(), 0);
    let entry = bench.journal.list().unwrap().remove(0);
    let planned = bench.journal.inspect(&entry).unwrap();
    bench.submission("s").run().await.unwrap();
    let keys = bench.simulator.requests().into_iter();
    let keys = keys.filter_map(|request| request.idempotency_key().map(str::to_owned));
    assert_eq!(
        keys.collect::<Vec<_>>(),
        planned.iter().map(|chunk| chunk.key.to_string()).collect::<Vec<_>>()
    );
}

#[tokio::test]
async fn progress_counts_up_to_the_report() {
    let bench = Bench::new();
    let stream = bench
        .submission("s")
        .analyses(manifest(["a", "b", "c", "d", "e"]))
        .progress();
    let told = stream.try_collect::<Vec<_>>().await.unwrap();
    let counts = told.iter().map(|progress| (progress.created(), progress.open()));
    assert_eq!(counts.collect::<Vec<_>>(), [(0, 5), (2, 3), (4, 1), (5, 0), (5, 0)]);
    assert!(matches!(told[0].event(), SubmissionEvent::Planned));
    let SubmissionEvent::Created { chunk, key, batch } = told[1].event() else {
        panic!("{:?}", told[1]);
    };
    let first = &bench.simulator.batches()[0];
    assert_eq!((chunk.as_str(), *batch), ("0", first.id));
    assert_eq!(Some(key.as_str()), first.idempotency_key.as_deref());
    assert_eq!(told[4].report().unwrap().created(), 5);
    assert!(told[..4].iter().all(|progress| progress.report().is_none()));
}

#[tokio::test]
async fn no_more_chunks_are_on_their_way_than_asked_for() {
    let bench = Bench::new();
    let held = bench.simulator.hold_creates();
    let names = (0..12).map(|name| analysis(&format!("s-{name}"))).collect::<Vec<_>>();
    let run = tokio::spawn(bench.submission("s").concurrency(3).analyses(names).run());
    held.reached(3).await;
    assert_eq!(held.waiting(), 3);
    held.release();
    assert_eq!(run.await.unwrap().unwrap().created(), 12);
    assert_eq!(bench.simulator.executed_creates(), 6);
}

#[tokio::test]
async fn a_failure_ends_the_run_says_which_chunk_and_the_next_run_goes_on() {
    let bench = Bench::impatient();
    let run = || {
        bench
            .submission("cohort")
            .analyses(manifest(["a", "b", "c", "d", "e"]))
            .run()
    };
    let fault = Fault::new(FaultKind::ExecuteThenStatus(503))
        .on(Operation::CreateBatch)
        .nth(2);
    bench.simulator.faults().add(fault);
    let error = run().await.unwrap_err();
    assert_eq!(
        (error.kind(), error.may_have_executed()),
        (ErrorKind::Server, Executed::Unknown)
    );
    let text = error.to_string();
    assert!(
        text.starts_with("sending chunk 1 of submission \"cohort\" failed: "),
        "{text}"
    );
    assert!(
        text.ends_with("run the submission again, which sends what is left and repeats nothing"),
        "{text}"
    );
    let entry = bench.journal.list().unwrap().remove(0);
    let chunk = &bench.journal.inspect(&entry).unwrap()[1];
    assert_eq!(error.idempotency_key(), Some(&chunk.key));
    let open = bench.submission("cohort").report().await.unwrap();
    assert_eq!(
        outcomes(&open),
        [
            ("a", "created"),
            ("b", "created"),
            ("c", "open"),
            ("d", "open"),
            ("e", "open")
        ]
    );
    run().await.unwrap();
    bench.assert_exist(["a", "b", "c", "d", "e"]);
    let executed = bench.simulator.executed_creates();
    assert_eq!(
        (executed, bench.sent()),
        (3, 4),
        "the chunk without an answer was sent again"
    );
}

#[tokio::test]
async fn the_bytes_of_a_chunk_are_the_same_whenever_it_is_sent() {
    let bench = Bench::impatient();
    bench
        .simulator
        .faults()
        .add(Fault::new(FaultKind::ExecuteThenReset).on(Operation::CreateBatch));
    let run = || bench.submission("s").analyses(manifest(["a", "b"])).run();
    run().await.unwrap_err();
    run().await.unwrap();
    let requests = bench.simulator.requests();
    let [first, second] = [0, 1].map(|place| (&requests[place].body, requests[place].idempotency_key()));
    assert_eq!(first, second);
    assert_eq!(first.0, &serde_json::to_vec(&request(&["a", "b"])).unwrap());
}

#[tokio::test]
async fn a_second_journal_means_the_same_batches() {
    let bench = Bench::new();
    let run = |journal: &Journal| {
        let submission = bench.project.submission("s", journal).chunk_size(2);
        submission.analyses(manifest(["a", "b", "c"])).run()
    };
    let first = run(&bench.journal).await.unwrap();
    let other = Journal::open(bench.folder.path().join("other.db")).unwrap();
    assert_eq!(run(&other).await.unwrap(), first);
    assert_eq!(bench.simulator.executed_creates(), 2);
}

#[tokio::test]
async fn items_that_are_not_created_yet_are_known_after_a_later_run() {
    let bench = Bench::with(
        Simulator::builder().fate("b", ica_simulator::Fate::FailCreation),
        |client| client,
    );
    let run = |look_up| {
        let submission = bench.submission("s").look_up_items(look_up);
        submission.analyses(manifest(["a", "b"])).run()
    };
    let creations = |report: &ica_batch_sdk_ext::SubmissionReport| {
        let outcomes = report.analyses().iter().map(|analysis| analysis.outcome.clone());
        let creation = outcomes.map(|outcome| match outcome {
            SubmissionOutcome::Created { creation, analysis, .. } => (creation, analysis.is_some()),
            other => panic!("{other:?}"),
        });
        creation.collect::<Vec<_>>()
    };
    assert_eq!(creations(&run(false).await.unwrap()), [(None, false), (None, false)]);
    assert_eq!(bench.simulator.count(Operation::GetItems), 0);
    let known = [(Some(ItemStatus::Succeeded), true), (Some(ItemStatus::Failed), false)];
    assert_eq!(creations(&run(true).await.unwrap()), known);
    run(true).await.unwrap();
    assert_eq!(
        bench.simulator.count(Operation::GetItems),
        1,
        "what is known is not looked up again"
    );
}

#[test]
fn a_run_can_be_spawned_and_a_stream_be_sent() {
    fn assert_send<T: Send>(_: &T) {}
    let bench = Bench::new();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let run = bench.submission("s").analyses(manifest(["a"])).run();
        assert_send(&run);
        assert_send(&bench.submission("t").analyses(manifest(["a"])).progress());
        assert!(run.await.is_ok());
    });
}
