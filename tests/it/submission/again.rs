//! New attempts of rows that were not created, or whose runs failed.

use std::time::Duration;

use ica_batch_sdk_ext::{ErrorKind, OnChange, SubmissionOutcome};
use ica_simulator::{Family, Fate, Fault, FaultKind, Lifecycle, Operation, Simulator};

use super::fixture::{Fixture, manifest};
use crate::setup::analysis;

/// Returns the user references of a report with their attempts and outcomes.
fn attempts(report: &ica_batch_sdk_ext::SubmissionReport) -> Vec<(String, u32, bool)> {
    let analyses = report.analyses().iter();
    let mut attempts = analyses
        .map(|analysis| {
            let SubmissionOutcome::Created { .. } = &analysis.outcome else {
                panic!("{analysis}");
            };
            (
                analysis.user_reference.clone(),
                analysis.attempt,
                analysis.outcome.is_failure(),
            )
        })
        .collect::<Vec<_>>();
    attempts.sort();
    attempts
}

#[tokio::test]
async fn failed_runs_are_run_again_under_keys_of_their_own_and_no_others() {
    let fixture = Fixture::with(Simulator::builder(), |client| client);
    for name in ["b", "e"] {
        fixture.simulator.set_fate(name, Fate::FailRun);
    }
    let all = || manifest(["a", "b", "c", "d", "e"]);
    let report = fixture
        .patient_submission("s")
        .analyses(all())
        .run_to_end()
        .await
        .unwrap();
    assert_eq!((report.succeeded(), report.counts().failed), (3, 2));
    fixture.simulator.set_fate("b", Fate::Succeed);
    let again = || fixture.patient_submission("s").rerun_failed();
    let report = again().run_to_end().await.unwrap();
    assert_eq!((report.succeeded(), report.counts().failed), (4, 1), "{report}");
    assert_eq!(report.counts().analyses, 5);
    let failed = report.failed().iter().map(|failed| failed.item.name.as_str());
    assert_eq!(failed.collect::<Vec<_>>(), ["e"], "the earlier attempts do not count");
    let created = fixture.simulator.created_by_name(Family::Analysis);
    assert_eq!(created.into_values().collect::<Vec<_>>(), [1, 2, 1, 1, 2]);
    let batches = fixture.simulator.batches();
    let keys = batches.iter().filter_map(|batch| batch.idempotency_key.clone());
    assert_eq!(
        keys.collect::<std::collections::BTreeSet<_>>().len(),
        4,
        "each chunk has a key of its own"
    );

    fixture.simulator.set_fate("e", Fate::Succeed);
    // The manifest is still that of the submission, and only what failed is run once more.
    let report = again().analyses(all()).run().await.unwrap();
    let expected = [("a", 0), ("b", 1), ("c", 0), ("d", 0), ("e", 2)];
    let expected = expected.map(|(name, attempt)| (name.to_owned(), attempt, false));
    assert_eq!(attempts(&report), expected);
    assert_eq!(
        again().run().await.unwrap().created(),
        5,
        "no run is known to have failed"
    );
    assert_eq!(fixture.simulator.created_by_name(Family::Analysis)["e"], 3);
    fixture.journal.verify().unwrap();
}

#[tokio::test]
async fn analyses_that_were_not_created_are_sent_again_or_corrected() {
    let fixture = Fixture::with(Simulator::builder(), |client| client);
    for name in ["b", "c"] {
        fixture.simulator.set_fate(name, Fate::FailCreation);
    }
    let all = || manifest(["a", "b", "c"]);
    let report = fixture.patient_submission("s").analyses(all()).run().await.unwrap();
    assert_eq!((report.created(), report.creation_failed()), (1, 2));
    for name in ["b", "c"] {
        fixture.simulator.set_fate(name, Fate::Succeed);
    }
    // One is corrected in the manifest, and the other one is sent again as it is.
    let mut corrected = all();
    corrected[2].pipeline_id = "another".to_owned();
    let submission = fixture.patient_submission("s").on_change(OnChange::AcceptAdditions);
    let report = submission.analyses(corrected.clone()).run().await.unwrap();
    assert_eq!((report.created(), report.creation_failed()), (2, 1));
    let submission = fixture.patient_submission("s").retry_failed_creation();
    let report = submission.analyses(corrected).run().await.unwrap();
    assert_eq!(
        (report.created(), report.creation_failed(), report.counts().analyses),
        (3, 0, 3)
    );
    let expected = [("a", 0), ("b", 1), ("c", 0)];
    assert_eq!(
        attempts(&report),
        expected.map(|(name, attempt)| (name.to_owned(), attempt, false))
    );
    fixture.assert_created_once(["a", "b", "c"]);
    fixture.journal.verify().unwrap();
}

#[tokio::test]
async fn running_analyses_are_aborted_and_can_be_run_again() {
    let hour = Duration::from_secs(3600);
    let fixture = Fixture::living(Lifecycle::instant().run(hour));
    let submission = || fixture.patient_submission("s");
    submission().analyses(manifest(["a", "b", "c"])).run().await.unwrap();
    let report = submission().abort().await.unwrap();
    assert_eq!((report.aborted, report.failed), (3, 0), "{report:?}");
    let waited = submission().wait().await.unwrap();
    assert_eq!((waited.succeeded(), waited.reasons()["run failed, ABORTED"]), (0, 3));
    assert_eq!(
        submission().abort().await.unwrap().aborted,
        0,
        "the journal knows that they have ended"
    );
    let report = submission().rerun_failed().run_to_end().await.unwrap();
    assert_eq!((report.succeeded(), report.counts().failed), (3, 0));

    // An abort that fails is listed, and does not stop the others.
    let other = || fixture.patient_submission("t");
    other().analyses(manifest(["d", "e"])).run().await.unwrap();
    let refused = Fault::new(FaultKind::refuse(403)).on(Operation::AbortAnalysis);
    fixture.simulator.faults().add(refused.nth(1));
    let report = other().abort().await.unwrap();
    assert_eq!((report.aborted, report.failed), (1, 1), "{report:?}");
    let (row, failure) = &report.failures[0];
    assert!(["d", "e"].contains(&row.user_reference.as_str()), "{row}");
    assert_eq!(failure.kind, ErrorKind::Forbidden);
}

#[tokio::test]
async fn the_request_of_a_row_can_be_read_back() {
    let fixture = Fixture::living(Lifecycle::instant());
    let submission = || fixture.patient_submission("s");
    submission().analyses(manifest(["a", "b", "c"])).run().await.unwrap();
    for (position, name) in [(0, "a"), (1, "b"), (2, "c")] {
        let request = submission().request(position).await.unwrap();
        assert_eq!(request.user_reference(), name);
        let json = serde_json::to_value(&request).unwrap();
        assert_eq!(
            json["pipelineId"],
            serde_json::to_value(analysis(name)).unwrap()["pipelineId"]
        );
    }
    let error = submission().request(3).await.unwrap_err();
    assert!(
        error.is_invalid_input() && error.to_string().contains("there is no such row"),
        "{error}"
    );
    let later = std::time::SystemTime::now() + std::time::Duration::from_secs(3600);
    fixture.journal.delete_bodies(later).unwrap();
    let error = submission().request(0).await.unwrap_err();
    assert!(
        error.to_string().contains("it was deleted with Journal::delete_bodies"),
        "{error}"
    );
}
