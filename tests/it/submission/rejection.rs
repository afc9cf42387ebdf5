//! Chunks that ICA rejects.

use futures_util::TryStreamExt;
use ica_batch_sdk_ext::{ChunkState, ErrorKind, Execution, OnRejection, SubmissionEvent, SubmissionOutcome};
use ica_simulator::{Family, Fate, Fault, FaultKind, Operation, RetryAfter, Simulator};

use super::fixture::{Fixture, manifest, outcomes};
use crate::setup::analysis;

#[tokio::test]
async fn a_rejection_stops_the_run_and_the_next_run_sends_the_chunk_again() {
    let fixture = Fixture::rejecting(["c"]);
    let error = fixture
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
        text.contains("send chunk 1 of submission \"s\" in project ") && text.contains("OnRejection::Isolate"),
        "{text}"
    );
    fixture.assert_created_once(["a", "b"]);

    let report = fixture
        .submission("s")
        .on_rejection(OnRejection::Isolate)
        .run()
        .await
        .unwrap();
    fixture.assert_created_once(["a", "b", "d", "e"]);
    assert_eq!((report.created(), report.rejected()), (4, 1));
}

#[tokio::test]
async fn rejected_analyses_are_isolated_and_all_others_created() {
    for size in [1, 2, 3, 7, 16, 100] {
        let fixture = Fixture::rejecting(["s-3", "s-4", "s-11"]);
        let names = (0..16).map(|name| analysis(&format!("s-{name}")));
        let submission = fixture.submission("s").chunk_size(size).concurrency(3);
        let run = submission.on_rejection(OnRejection::Isolate).analyses(names).run();
        let report = run.await.unwrap();
        assert_eq!((report.created(), report.rejected()), (13, 3), "chunks of {size}");
        assert!(
            fixture
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
async fn isolated_analyses_are_not_sent_again() {
    let fixture = Fixture::rejecting(["b"]);
    let run = || {
        let submission = fixture.submission("s").on_rejection(OnRejection::Isolate);
        submission.analyses(manifest(["a", "b", "c"])).run()
    };
    let first = run().await.unwrap();
    assert_eq!(
        outcomes(&first),
        [("a", "created"), ("b", "rejected"), ("c", "created")]
    );
    let sent = fixture.creates();
    assert_eq!(run().await.unwrap(), first);
    assert_eq!(fixture.creates(), sent);
}

#[tokio::test]
async fn isolation_is_continued_with_the_recorded_keys() {
    let fixture = Fixture::with(Simulator::builder().fate("s-5", Fate::RejectRequest), |client| {
        client.retry(ica_batch_sdk_ext::retry::RetryPolicy::never())
    });
    let run = || {
        let names = (0..8).map(|name| analysis(&format!("s-{name}")));
        let submission = fixture.submission("s").chunk_size(8).on_rejection(OnRejection::Isolate);
        submission.marks(false).analyses(names).run()
    };
    // Creates 1 and 2 are the chunk, 3 its left half, 4 and 5 its right half, 6 the first quarter
    // of that.
    fixture.fail_create(6, FaultKind::ExecuteThenReset);
    run().await.unwrap_err();
    let before = fixture.chunks();
    assert!(before.iter().any(|chunk| chunk.label.contains('.')), "{before:?}");
    let report = run().await.unwrap();
    assert_eq!((report.created(), report.rejected()), (7, 1));
    assert!(
        fixture
            .simulator
            .created_by_name(Family::Analysis)
            .values()
            .all(|count| *count == 1)
    );
    let after = fixture.chunks();
    let key = |label: &str| after.iter().find(|chunk| chunk.label == label).map(|chunk| &chunk.key);
    assert!(before.iter().all(|chunk| key(&chunk.label) == Some(&chunk.key)));
}

#[tokio::test]
async fn a_rejection_that_hides_an_execution_is_not_recorded() {
    // ICA executes the request, and a proxy responds with 400 in place of ICA.
    for policy in [OnRejection::Stop, OnRejection::Isolate] {
        let fixture = Fixture::new();
        fixture.fail_create(1, FaultKind::ExecuteThenStatus(400));
        let run = fixture
            .submission("s")
            .on_rejection(policy)
            .analyses(manifest(["a", "b"]))
            .run();
        assert_eq!(run.await.unwrap().created(), 2);
        fixture.assert_created_once(["a", "b"]);
        assert_eq!(fixture.simulator.executed_creates(), 1);
    }
}

#[tokio::test]
async fn a_proxy_that_refuses_what_ica_has_executed_is_not_believed() {
    for status in [
        307, 308, 400, 401, 403, 404, 405, 406, 409, 410, 413, 422, 425, 429, 451,
    ] {
        for policy in [OnRejection::Stop, OnRejection::Isolate] {
            let fixture = Fixture::without_retries();
            fixture.fail_create(1, FaultKind::ExecuteThenHtml(status));
            let run = async || {
                let submission = fixture.submission("s").on_rejection(policy);
                submission.analyses(manifest(["a", "b"])).run().await
            };
            if let Err(error) = run().await {
                assert_eq!(
                    (error.status(), error.execution()),
                    (Some(status), Execution::Unknown),
                    "{error}"
                );
                let state = fixture.chunks()[0].state;
                assert_eq!(state, ChunkState::Sent, "{status}: the batch may exist");
                run().await.unwrap();
            }
            fixture.assert_created_once(["a", "b"]);
            assert_eq!(fixture.simulator.executed_creates(), 1, "{status}");
        }
    }
}

#[tokio::test]
async fn a_422_of_ica_is_a_rejection_unless_it_speaks_of_the_key() {
    let refuse = |title: &str| {
        let title = Some(title.to_owned());
        let retry_after = RetryAfter::Absent;
        let kind = FaultKind::Refuse {
            status: 422,
            title,
            retry_after,
        };
        Fault::new(kind).on(Operation::CreateBatch(Family::Analysis)).every()
    };
    for (title, kind, creates) in [
        ("ICA_VALIDATION_007", ErrorKind::Rejected, 2),
        ("ICA_IDEMPOTENCY_001", ErrorKind::KeyMismatch, 1),
    ] {
        let fixture = Fixture::new();
        fixture.simulator.faults().add(refuse(title));
        let submission = fixture.submission("s").on_rejection(OnRejection::Isolate);
        let run = submission.analyses(manifest(["a"])).run().await;
        assert_eq!(fixture.creates(), creates, "{title}");
        match kind {
            ErrorKind::Rejected => assert_eq!(outcomes(&run.unwrap()), [("a", "rejected")]),
            _ => assert_eq!(run.unwrap_err().kind(), kind),
        }
        // With ICA's own validation, the error of a run is about the content, too.
        let fixture = Fixture::new();
        fixture.simulator.faults().add(refuse(title));
        let error = fixture
            .submission("s")
            .analyses(manifest(["a"]))
            .run()
            .await
            .unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
    }
}

#[tokio::test]
async fn a_chunk_that_fails_for_another_reason_is_not_split() {
    for status in [401, 403, 404, 405] {
        let fixture = Fixture::new();
        fixture.simulator.faults().add(
            Fault::new(FaultKind::refuse(status))
                .on(Operation::CreateBatch(Family::Analysis))
                .every(),
        );
        let submission = fixture.submission("s").on_rejection(OnRejection::Isolate);
        let error = submission.analyses(manifest(["a", "b"])).run().await.unwrap_err();
        assert_eq!(
            (error.status(), error.execution()),
            (Some(status), Execution::NotExecuted)
        );
        assert_eq!(fixture.creates(), 1, "{status}");
        fixture.simulator.faults().clear();
        fixture.submission("s").run().await.unwrap();
        fixture.assert_created_once(["a", "b"]);
    }
}

#[tokio::test]
async fn a_request_that_is_too_large_for_the_server_is_split_until_it_fits() {
    let builder = Simulator::builder().max_body_bytes(700);
    let fixture = Fixture::with(builder, |client| client);
    let names = (0..10).map(|name| analysis(&format!("s-{name}")));
    let submission = fixture
        .submission("s")
        .chunk_size(100)
        .on_rejection(OnRejection::Isolate);
    let report = submission.analyses(names).run().await.unwrap();
    assert_eq!((report.created(), report.rejected()), (10, 0));
    assert!(fixture.simulator.batches().len() > 2);
}

#[tokio::test]
async fn too_many_rejections_end_the_run() {
    let fixture = Fixture::with(Simulator::builder().fates(|_| Fate::RejectRequest), |client| client);
    let names = (0..50).map(|name| analysis(&format!("s-{name}")));
    let submission = fixture
        .submission("s")
        .chunk_size(50)
        .on_rejection(OnRejection::Isolate);
    let error = submission.rejection_limit(3).analyses(names).run().await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::Rejected, Some(400)));
    assert!(
        error
            .to_string()
            .starts_with("could not finish submission \"s\" in project "),
        "{error}"
    );
    assert!(
        error.to_string().contains("ICA rejected 3 analyses in this run"),
        "{error}"
    );
    let last = std::error::Error::source(&error).unwrap().to_string();
    assert!(last.contains("send chunk "), "{last}");
    let report = fixture.submission("s").report().await.unwrap();
    assert_eq!((report.rejected(), report.is_complete()), (3, false));
}

#[tokio::test]
async fn retry_rejected_sends_rejected_analyses_again() {
    let fixture = Fixture::rejecting(["b"]);
    let submission = || fixture.submission("s").on_rejection(OnRejection::Isolate);
    submission().analyses(manifest(["a", "b"])).run().await.unwrap();
    fixture.simulator.set_fate("b", Fate::Succeed);
    assert_eq!(submission().run().await.unwrap().rejected(), 1);
    let report = submission().retry_rejected().run().await.unwrap();
    assert_eq!((report.created(), report.rejected()), (2, 0));
    fixture.assert_created_once(["a", "b"]);
}

#[tokio::test]
async fn splits_and_rejections_are_events() {
    let fixture = Fixture::rejecting(["b"]);
    let submission = fixture.submission("s").on_rejection(OnRejection::Isolate);
    let progress = submission.analyses(manifest(["a", "b"])).progress();
    let progress = progress.try_collect::<Vec<_>>().await.unwrap();
    let events = progress.iter().map(|progress| match progress.event() {
        SubmissionEvent::Planned => "planned".to_owned(),
        SubmissionEvent::Split { chunk, rows } => format!("split {chunk}: {rows}"),
        SubmissionEvent::Created { chunk, .. } => format!("created {chunk}"),
        SubmissionEvent::Rejected(analysis) => format!("{} is rejected", analysis.user_reference),
        SubmissionEvent::ItemsListed { chunk, items, .. } => format!("listed {chunk}: {items}"),
        SubmissionEvent::Finished(_) => "finished".to_owned(),
        _ => "?".to_owned(),
    });
    assert_eq!(
        events.collect::<Vec<_>>(),
        [
            "planned",
            "split 0: a to b",
            "created 0.0",
            "b is rejected",
            "listed 0.0: 1",
            "finished"
        ]
    );
    let counts = progress.last().unwrap().counts();
    assert_eq!(
        (counts.chunks, counts.created, counts.rejected, counts.pending()),
        (2, 1, 1, 0)
    );
}

#[tokio::test]
async fn a_gateway_that_calls_a_request_too_large_is_not_believed_after_an_earlier_request() {
    for lost in [FaultKind::ExecuteThenReset, FaultKind::ExecuteThenStatus(500)] {
        let fixture = Fixture::without_retries();
        fixture.fail_create(1, lost);
        let run = || {
            let submission = fixture.submission("s").on_rejection(OnRejection::Isolate);
            submission.marks(false).analyses(manifest(["a", "b"])).run()
        };
        run().await.unwrap_err();
        let gateway = Fault::new(FaultKind::CodeMessageError(413));
        let on_create = gateway.on(Operation::CreateBatch(Family::Analysis));
        fixture.simulator.faults().add(on_create.every());
        let error = run().await.unwrap_err();
        assert_eq!(error.status(), Some(413));
        assert_eq!(
            fixture.chunks().len(),
            1,
            "the chunk is not split, because its batch may exist"
        );
        assert_eq!(fixture.chunks()[0].state, ChunkState::Sent);
        fixture.simulator.faults().clear();
        run().await.unwrap();
        fixture.assert_created_once(["a", "b"]);
    }
}

#[tokio::test]
async fn a_problem_that_names_places_leads_to_the_rejected_rows_at_once() {
    let rejected = ["s-03", "s-40", "s-41", "s-99"];
    let builder = rejected.iter().fold(Simulator::builder(), |builder, name| {
        builder.fate(name, Fate::RejectRequest)
    });
    for names_places in [true, false] {
        let fixture = Fixture::with(builder.clone().name_places(names_places), |client| client);
        let names = (0..100).map(|name| analysis(&format!("s-{name:02}")));
        let submission = fixture
            .submission("s")
            .chunk_size(100)
            .on_rejection(OnRejection::Isolate);
        let report = submission.analyses(names).run().await.unwrap();
        assert_eq!((report.created(), report.rejected()), (96, 4));
        let found = report
            .analyses()
            .iter()
            .filter(|row| matches!(row.outcome, SubmissionOutcome::Rejected { .. }));
        assert_eq!(
            found.map(|row| row.user_reference.as_str()).collect::<Vec<_>>(),
            rejected
        );
        let counts = fixture.simulator.created_by_name(Family::Analysis);
        assert!(counts.len() == 96 && counts.values().all(|count| *count == 1));
        match names_places {
            // The chunk and each of its four culprits twice, and the three runs of rows between them.
            true => assert_eq!(fixture.creates(), 2 + 4 * 2 + 3),
            false => assert!(fixture.creates() > 40, "{}", fixture.creates()),
        }
    }
}

#[tokio::test]
async fn the_progress_counts_the_parts_of_a_split_chunk() {
    let builder = Simulator::builder().name_places(true).fate("c", Fate::RejectRequest);
    let fixture = Fixture::with(builder, |client| client);
    let submission = fixture.submission("s").chunk_size(5).on_rejection(OnRejection::Isolate);
    let progress = submission.analyses(manifest(["a", "b", "c", "d", "e"])).progress();
    let progress = progress.try_collect::<Vec<_>>().await.unwrap();
    let split = progress
        .iter()
        .find(|progress| matches!(progress.event(), SubmissionEvent::Split { .. }));
    assert_eq!(split.unwrap().counts().chunks, 3);
}
