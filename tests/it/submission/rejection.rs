//! Chunks that ICA rejects.

use futures_util::TryStreamExt;
use ica_batch_sdk_ext::{ErrorKind, Execution, OnRejection, SubmissionEvent, SubmissionOutcome};
use ica_simulator::{Family, Fate, Fault, FaultKind, Operation, Simulator};

use super::bench::{Bench, manifest, outcomes};
use crate::setup::analysis;

/// Rejects the analyses of these names.
fn rejecting<const N: usize>(references: [&str; N]) -> Bench {
    let builder = references.into_iter().fold(Simulator::builder(), |builder, reference| {
        builder.fate(reference, Fate::RejectRequest)
    });
    Bench::with(builder, |client| client)
}

#[tokio::test]
async fn a_rejection_stops_the_run_and_the_chunk_is_left_to_be_sent() {
    let bench = rejecting(["c"]);
    let error = bench
        .submission("s")
        .analyses(manifest(["a", "b", "c", "d", "e"]))
        .run()
        .await
        .unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::Rejected, Some(400)));
    assert_eq!(error.execution(), Execution::NotExecuted);
    assert!(error.problem().unwrap().parameters().contains_key("c"));
    let text = error.to_string();
    assert!(
        text.contains("sending chunk 1 of submission \"s\"") && text.contains("OnRejection::Isolate"),
        "{text}"
    );
    bench.assert_exist(["a", "b"]);

    let report = bench
        .submission("s")
        .on_rejection(OnRejection::Isolate)
        .run()
        .await
        .unwrap();
    bench.assert_exist(["a", "b", "d", "e"]);
    assert_eq!((report.created(), report.rejected()), (4, 1));
}

#[tokio::test]
async fn the_rejected_are_isolated_and_all_others_created() {
    for size in [1, 2, 3, 7, 16, 100] {
        let bench = rejecting(["s-3", "s-4", "s-11"]);
        let names = (0..16).map(|name| analysis(&format!("s-{name}")));
        let submission = bench.submission("s").chunk_size(size).concurrency(3);
        let run = submission.on_rejection(OnRejection::Isolate).analyses(names).run();
        let report = run.await.unwrap();
        assert_eq!((report.created(), report.rejected()), (13, 3), "chunks of {size}");
        assert!(
            bench
                .simulator
                .created_by_name(Family::Analysis)
                .values()
                .all(|count| *count == 1)
        );
        for analysis in report.analyses() {
            let SubmissionOutcome::Rejected { status, problem } = &analysis.outcome else {
                continue;
            };
            assert_eq!(*status, Some(400));
            let names = problem.as_ref().unwrap().parameters().keys().collect::<Vec<_>>();
            assert_eq!(names, [&analysis.user_reference], "each has a problem of its own");
        }
    }
}

#[tokio::test]
async fn what_was_isolated_is_not_sent_again() {
    let bench = rejecting(["b"]);
    let run = || {
        let submission = bench.submission("s").on_rejection(OnRejection::Isolate);
        submission.analyses(manifest(["a", "b", "c"])).run()
    };
    let first = run().await.unwrap();
    assert_eq!(
        outcomes(&first),
        [("a", "created"), ("b", "rejected"), ("c", "created")]
    );
    let sent = bench.sent();
    assert_eq!(run().await.unwrap(), first);
    assert_eq!(bench.sent(), sent);
}

#[tokio::test]
async fn isolating_goes_on_where_it_was_broken_off_with_the_journalled_keys() {
    let bench = Bench::with(Simulator::builder().fate("s-5", Fate::RejectRequest), |client| {
        client.retry(ica_batch_sdk_ext::retry::RetryPolicy::never())
    });
    let run = || {
        let names = (0..8).map(|name| analysis(&format!("s-{name}")));
        let submission = bench.submission("s").chunk_size(8).on_rejection(OnRejection::Isolate);
        submission.analyses(names).run()
    };
    // The fourth create is the second sending of the half that is rejected, the fifth its first quarter.
    let lost = Fault::new(FaultKind::ExecuteThenReset)
        .on(Operation::CreateBatch(Family::Analysis))
        .nth(6);
    bench.simulator.faults().add(lost);
    run().await.unwrap_err();
    let entry = bench.journal.list().unwrap().remove(0);
    let before = bench.journal.inspect(&entry).unwrap();
    assert!(before.iter().any(|chunk| chunk.label.contains('.')), "{before:?}");
    let report = run().await.unwrap();
    assert_eq!((report.created(), report.rejected()), (7, 1));
    assert!(
        bench
            .simulator
            .created_by_name(Family::Analysis)
            .values()
            .all(|count| *count == 1)
    );
    let after = bench.journal.inspect(&entry).unwrap();
    let key = |label: &str| after.iter().find(|chunk| chunk.label == label).map(|chunk| &chunk.key);
    assert!(before.iter().all(|chunk| key(&chunk.label) == Some(&chunk.key)));
}

#[tokio::test]
async fn a_rejection_that_hides_an_answer_is_not_believed() {
    // It executes, and something on the way answers 400 in its place.
    for policy in [OnRejection::Stop, OnRejection::Isolate] {
        let bench = Bench::new();
        bench
            .simulator
            .faults()
            .add(Fault::new(FaultKind::ExecuteThenStatus(400)).on(Operation::CreateBatch(Family::Analysis)));
        let run = bench
            .submission("s")
            .on_rejection(policy)
            .analyses(manifest(["a", "b"]))
            .run();
        assert_eq!(run.await.unwrap().created(), 2);
        bench.assert_exist(["a", "b"]);
        assert_eq!(bench.simulator.executed_creates(), 1);
    }
}

#[tokio::test]
async fn what_is_refused_for_another_reason_is_not_taken_apart() {
    for status in [401, 403, 404, 405] {
        let bench = Bench::new();
        bench.simulator.faults().add(
            Fault::new(FaultKind::refuse(status))
                .on(Operation::CreateBatch(Family::Analysis))
                .every(),
        );
        let submission = bench.submission("s").on_rejection(OnRejection::Isolate);
        let error = submission.analyses(manifest(["a", "b"])).run().await.unwrap_err();
        assert_eq!(
            (error.status(), error.execution()),
            (Some(status), Execution::NotExecuted)
        );
        assert_eq!(bench.sent(), 1, "{status}");
        bench.simulator.faults().clear();
        bench.submission("s").run().await.unwrap();
        bench.assert_exist(["a", "b"]);
    }
}

#[tokio::test]
async fn a_request_that_is_too_large_for_the_server_is_halved_until_it_fits() {
    let builder = Simulator::builder().max_body_bytes(700);
    let bench = Bench::with(builder, |client| client);
    let names = (0..10).map(|name| analysis(&format!("s-{name}")));
    let submission = bench.submission("s").chunk_size(100).on_rejection(OnRejection::Isolate);
    let report = submission.analyses(names).run().await.unwrap();
    assert_eq!((report.created(), report.rejected()), (10, 0));
    assert!(bench.simulator.batches().len() > 2);
}

#[tokio::test]
async fn too_many_rejections_end_the_run() {
    let bench = Bench::with(Simulator::builder().fates(|_| Fate::RejectRequest), |client| client);
    let names = (0..50).map(|name| analysis(&format!("s-{name}")));
    let submission = bench.submission("s").chunk_size(50).on_rejection(OnRejection::Isolate);
    let error = submission.rejection_limit(3).analyses(names).run().await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::Rejected, Some(400)));
    assert!(
        error
            .to_string()
            .starts_with("3 analyses of submission \"s\" were rejected in this run"),
        "{error}"
    );
    let report = bench.submission("s").report().await.unwrap();
    assert_eq!((report.rejected(), report.is_complete()), (3, false));
}

#[tokio::test]
async fn rejected_analyses_are_sent_again_when_asked_to() {
    let bench = rejecting(["b"]);
    let submission = || bench.submission("s").on_rejection(OnRejection::Isolate);
    submission().analyses(manifest(["a", "b"])).run().await.unwrap();
    bench.simulator.set_fate("b", Fate::Succeed);
    assert_eq!(submission().run().await.unwrap().rejected(), 1);
    let report = submission().retry_rejected().run().await.unwrap();
    assert_eq!((report.created(), report.rejected()), (2, 0));
    bench.assert_exist(["a", "b"]);
}

#[tokio::test]
async fn splits_and_rejections_are_told_as_they_happen() {
    let bench = rejecting(["b"]);
    let submission = bench.submission("s").on_rejection(OnRejection::Isolate);
    let told = submission.analyses(manifest(["a", "b"])).progress();
    let told = told.try_collect::<Vec<_>>().await.unwrap();
    let events = told.iter().map(|progress| match progress.event() {
        SubmissionEvent::Planned => "planned".to_owned(),
        SubmissionEvent::Split { chunk } => format!("split {chunk}"),
        SubmissionEvent::Created { chunk, .. } => format!("created {chunk}"),
        SubmissionEvent::Rejected { chunk } => format!("rejected {chunk}"),
        SubmissionEvent::Finished(_) => "finished".to_owned(),
        _ => "?".to_owned(),
    });
    assert_eq!(
        events.collect::<Vec<_>>(),
        ["planned", "split 0", "created 0.0", "rejected 0.1", "finished"]
    );
    let last = told.last().unwrap();
    assert_eq!(
        (last.chunks(), last.created(), last.rejected(), last.pending()),
        (2, 1, 1, 0)
    );
}
