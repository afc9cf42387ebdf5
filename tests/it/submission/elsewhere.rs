//! Rows that another submission of the project has created.

use std::time::Duration;

use ica_batch_sdk_ext::{Error, ErrorKind, Execution, OnChange};
use ica_simulator::{Family, FaultKind};

use super::fixture::{Fixture, manifest};

/// Returns the rows that the error names.
fn rows(error: &Error) -> Vec<String> {
    assert_eq!(
        (error.kind(), error.execution()),
        (ErrorKind::CreatedElsewhere, Execution::NotExecuted),
        "{error}"
    );
    let elsewhere = error.created_elsewhere().unwrap();
    assert_eq!(elsewhere.count(), elsewhere.rows().len() as u64);
    elsewhere.rows().iter().map(ToString::to_string).collect()
}

#[tokio::test]
async fn rows_of_another_name_are_an_error_before_anything_is_sent_unless_they_are_allowed() {
    let fixture = Fixture::new();
    let first = fixture.submission("first").analyses(manifest(["a", "b", "c"]));
    first.run().await.unwrap();
    let requests = fixture.simulator.requests().len();
    let second = || fixture.submission("second").analyses(manifest(["x", "c", "b"]));
    for error in [second().run().await.unwrap_err(), second().plan().await.unwrap_err()] {
        assert_eq!(rows(&error), ["c in \"first\"", "b in \"first\""]);
        let text = error.to_string();
        assert!(
            text.contains("2 rows of its manifest were already created") && text.contains("allow_created_elsewhere"),
            "{text}"
        );
    }
    assert_eq!(fixture.simulator.requests().len(), requests);
    assert_eq!(fixture.journal.submissions().unwrap().len(), 1, "nothing is recorded");

    second().allow_created_elsewhere().run().await.unwrap();
    let counts = fixture.simulator.created_by_name(Family::Analysis);
    assert_eq!((counts["a"], counts["b"], counts["x"]), (1, 2, 1));
    second().run().await.unwrap();
    assert_eq!(
        fixture.simulator.created_by_name(Family::Analysis),
        counts,
        "nothing is left to send"
    );
}

#[tokio::test]
async fn a_plan_is_compared_again_before_it_is_sent() {
    let fixture = Fixture::found_after(Duration::from_secs(60));
    for name in ["first", "second"] {
        let submission = fixture.submission(name).analyses(manifest(["a", "b"]));
        submission.plan().await.unwrap();
    }
    // The response is lost, so the rows may have been created.
    fixture.fail_create(1, FaultKind::ExecuteThenReset);
    fixture.submission("first").run().await.unwrap_err();
    let creates = fixture.creates();
    let error = fixture.submission("second").run().await.unwrap_err();
    assert_eq!(rows(&error), ["a in \"first\"", "b in \"first\""]);
    assert_eq!(fixture.creates(), creates);
}

#[tokio::test]
async fn added_rows_are_compared_before_they_are_recorded() {
    let fixture = Fixture::new();
    fixture
        .submission("first")
        .analyses(manifest(["a"]))
        .run()
        .await
        .unwrap();
    let second = || fixture.submission("second").on_change(OnChange::AcceptAdditions);
    second().analyses(manifest(["x"])).run().await.unwrap();
    let error = second().analyses(manifest(["x", "a", "y"])).run().await.unwrap_err();
    assert_eq!(rows(&error), ["a in \"first\""]);
    second().analyses(manifest(["x", "y"])).run().await.unwrap();
    fixture.assert_created_once(["a", "x", "y"]);
}

#[tokio::test]
async fn another_request_of_the_same_user_reference_is_another_row() {
    let fixture = Fixture::new();
    fixture
        .submission("first")
        .analyses(manifest(["a"]))
        .run()
        .await
        .unwrap();
    let mut other = manifest(["a"]);
    other[0].pipeline_id = "another".to_owned();
    fixture.submission("second").analyses(other).run().await.unwrap();
    assert_eq!(fixture.simulator.created_by_name(Family::Analysis)["a"], 2);
}
