//! Manifests and plans: what is accepted, and what is an error before anything is sent.

use std::collections::BTreeSet;

use futures_util::{StreamExt, stream};
use ica_batch_sdk_ext::types::CreateNextflowJsonAnalysis;
use ica_batch_sdk_ext::{ErrorKind, Execution, SubmissionOutcome};
use ica_simulator::Family;

use super::fixture::{Fixture, manifest};
use crate::setup::{analysis, builder, request};

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
