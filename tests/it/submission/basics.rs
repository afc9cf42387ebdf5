//! Submissions without faults, and with a run that fails.

use std::collections::BTreeSet;

use futures_util::{StreamExt, TryStreamExt, stream};
use ica_batch_sdk_ext::types::{
    AnalysisStatus, CreateCwlAnalysis, CreateNextflowJsonAnalysis, CwlAnalysisInput, CwlAnalysisJsonInput, ItemStatus,
};
use ica_batch_sdk_ext::{Analysis, AnalysisKind, ErrorKind, Execution, Journal, SubmissionEvent, SubmissionOutcome};
use ica_simulator::{Family, FaultKind, Operation, Simulator};

use super::fixture::{Fixture, manifest, outcomes};
use crate::setup::{analysis, builder, request};

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
async fn iterators_and_streams_are_manifests_and_their_failures_end_the_run_before_anything_is_sent() {
    let fixture = Fixture::new();
    let rows = || manifest(["a", "b", "c"]).into_iter();
    fixture
        .submission("1")
        .analysis_stream(stream::iter(rows()))
        .run()
        .await
        .unwrap();
    let without_failure = rows().map(Ok::<_, std::io::Error>);
    fixture
        .submission("2")
        .allow_created_elsewhere()
        .try_analyses(without_failure)
        .run()
        .await
        .unwrap();
    let failing = || rows().map(Ok).chain([Err(std::io::Error::other("row 4 has no name"))]);
    let sent = fixture.creates();
    for submission in [
        fixture.submission("3").try_analyses(failing()),
        fixture.submission("3").try_analysis_stream(stream::iter(failing())),
    ] {
        let error = submission.run().await.unwrap_err();
        assert_eq!(
            (error.kind(), error.execution()),
            (ErrorKind::InvalidInput, Execution::NotExecuted)
        );
        assert!(
            error
                .to_string()
                .contains("could not read row 4 of the manifest of submission \"3\" in project "),
            "{error}"
        );
        let bad = error.bad_rows().unwrap();
        assert_eq!((bad.rows().len(), bad.rows()[0].number), (1, 4));
        let source = std::error::Error::source(bad).unwrap();
        assert_eq!(source.to_string(), "row 4 has no name");
    }
    assert_eq!(fixture.creates(), sent);
    assert_eq!(
        fixture.journal.submissions().unwrap().len(),
        2,
        "the failed plan is deleted"
    );
    let corrected = stream::iter(rows()).map(Ok::<_, std::io::Error>);
    fixture
        .submission("3")
        .allow_created_elsewhere()
        .try_analysis_stream(corrected)
        .run()
        .await
        .unwrap();
}

#[tokio::test]
async fn invalid_submissions_are_errors_before_anything_is_sent() {
    let fixture = Fixture::new();
    let too_large = fixture.submission("s").chunk_bytes(100).analyses(manifest(["a"]));
    let results = [
        (
            fixture.submission("s").analyses(manifest([])).run().await,
            "has no analyses",
        ),
        (
            fixture.submission("").analyses(manifest(["a"])).run().await,
            "submission name \"\" is not valid",
        ),
        (
            fixture.submission("a\nb").analyses(manifest(["a"])).run().await,
            "it contains the control character",
        ),
        (fixture.submission("s").run().await, "give its analyses"),
        (too_large.run().await, "a request with only analysis \"a\" has "),
    ];
    for (result, reason) in results {
        let error = result.unwrap_err();
        assert!(
            error.is_invalid_input() && error.to_string().contains(reason),
            "{error}"
        );
    }
    assert_eq!(fixture.simulator.requests().len(), 0);
    assert_eq!(fixture.journal.submissions().unwrap().len(), 0);
}

#[tokio::test]
async fn duplicate_user_references_are_an_error_unless_they_are_allowed() {
    let fixture = Fixture::new();
    let twice = || manifest(["a", "b", "a", "c", "b", "a"]);
    let error = fixture.submission("s").analyses(twice()).run().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::DuplicateReferences);
    let duplicates = error.duplicate_references().unwrap();
    assert_eq!(
        (duplicates.count(), duplicates.user_references()),
        (2, &["a".to_owned(), "b".to_owned()][..])
    );
    let text = error.to_string();
    assert!(text.contains("2 user references occur more than once"), "{text}");
    assert_eq!(
        (fixture.creates(), fixture.journal.submissions().unwrap().len()),
        (0, 0)
    );

    let allowed = fixture.submission("s").allow_duplicate_references().analyses(twice());
    let report = allowed.run().await.unwrap();
    assert_eq!(fixture.simulator.created_by_name(Family::Analysis)["a"], 3);
    let items = report.analyses().iter().map(|analysis| match analysis.outcome {
        SubmissionOutcome::Created { item: Some(item), .. } => item,
        _ => panic!("{analysis:?}"),
    });
    assert_eq!(items.collect::<BTreeSet<_>>().len(), 6, "each row has its own item");
}

#[tokio::test]
async fn two_names_are_two_submissions() {
    let fixture = Fixture::new();
    for name in ["one", "two"] {
        let submission = fixture.submission(name).allow_created_elsewhere();
        submission.analyses(manifest(["a"])).run().await.unwrap();
    }
    assert_eq!(fixture.simulator.created_by_name(Family::Analysis)["a"], 2);
}

#[tokio::test]
async fn a_plan_sends_nothing_and_a_later_run_sends_it() {
    let fixture = Fixture::new();
    let plan = fixture
        .submission("s")
        .analyses(manifest(["a", "b", "c"]))
        .plan()
        .await
        .unwrap();
    let counts = plan.counts();
    assert_eq!((counts.chunks, counts.analyses, counts.pending()), (2, 3, 3));
    assert_eq!(fixture.simulator.requests().len(), 0);
    let planned = fixture.chunks();
    fixture.submission("s").run().await.unwrap();
    let keys = fixture.simulator.requests().into_iter();
    let keys = keys.filter_map(|request| request.idempotency_key().map(str::to_owned));
    assert_eq!(
        keys.collect::<Vec<_>>(),
        planned.iter().map(|chunk| chunk.key.to_string()).collect::<Vec<_>>()
    );
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

#[tokio::test]
async fn a_submission_that_is_not_found_is_compared_with_those_of_its_name() {
    let fixture = Fixture::new();
    let planned = fixture.submission("s").analyses(manifest(["a"])).plan();
    planned.await.unwrap();
    let report = async |base_url: &str, project: &str, name: &str| {
        let client = builder(&fixture.simulator).base_url(base_url).build().unwrap();
        let submission = client.project(project).unwrap().submission(name, &fixture.journal);
        submission.report().await.map_err(|error| error.to_string())
    };
    let (here, project) = (fixture.simulator.base_url(), fixture.simulator.project_id());
    let elsewhere = "https://ica.example";
    assert!(report(&here, project, "s").await.is_ok());
    let text = report(elsewhere, project, "s").await.unwrap_err();
    assert!(
        text.contains(&format!(
            "for another base URL ({here}), and this client uses {elsewhere}; use that base URL"
        )),
        "{text}"
    );
    let text = report(&here, "other", "s").await.unwrap_err();
    assert!(
        text.contains(&format!("for another project ({project}); use that project")),
        "{text}"
    );
    for (base_url, project, name) in [(&here[..], project, "t"), (elsewhere, "other", "s")] {
        let text = report(base_url, project, name).await.unwrap_err();
        assert!(text.contains("does not contain it; give its analyses"), "{text}");
    }
}

#[tokio::test]
async fn all_bad_rows_of_a_manifest_are_reported_at_once() {
    let fixture = Fixture::new();
    let long = "x".repeat(255);
    let rows = || {
        let read = |name: &str| Ok(analysis(name));
        let unreadable = || Err(std::io::Error::other("no name"));
        [read("a"), unreadable(), read("b"), read(&long), unreadable(), read("c")]
    };
    let limit = serde_json::to_vec(&request(&["a"])).unwrap().len();
    // A manifest that is planned, and one that is compared with the recorded rows.
    for _ in 0..2 {
        let submission = fixture
            .submission("s")
            .marks(false)
            .chunk_bytes(limit)
            .try_analyses(rows());
        let error = submission.run().await.unwrap_err();
        assert!(error.is_invalid_input(), "{error}");
        let found = error.bad_rows().unwrap().rows().iter();
        let found = found.map(|row| (row.number, row.user_reference.as_deref()));
        assert_eq!(
            found.collect::<Vec<_>>(),
            [(2, None), (4, Some(long.as_str())), (5, None)]
        );
        let text = error.to_string();
        assert!(
            text.contains(
                "3 rows of the manifest cannot be sent, and nothing was sent: row 2: no name; row 4 (analysis "
            ),
            "{text}"
        );
        let planned = fixture.submission("s").marks(false).analyses(manifest(["a"])).plan();
        planned.await.unwrap();
    }
    let endless = std::iter::repeat_with(|| Err::<CreateNextflowJsonAnalysis, _>(std::io::Error::other("broken")));
    let error = fixture.submission("t").try_analyses(endless).run().await.unwrap_err();
    assert_eq!(error.bad_rows().unwrap().rows().len(), 100);
    assert!(error.to_string().contains("at least 100 rows"), "{error}");
    assert_eq!(fixture.creates(), 0);
}
