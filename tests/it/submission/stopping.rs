//! Runs that are stopped.

use futures_util::TryStreamExt;
use ica_batch_sdk_ext::{ErrorKind, Execution, SubmissionEvent};
use ica_simulator::{Fault, FaultKind};

use super::finishing::{assert_each_created_once, names, rows};
use super::fixture::{Fixture, manifest, outcomes};

#[tokio::test]
async fn a_stop_waits_for_the_chunks_in_flight_and_returns_what_is_left() {
    let fixture = Fixture::new();
    let all = names(20);
    let submission = fixture.patient_submission("s").concurrency(3).analyses(rows(&all));
    let stop = submission.stop_handle();
    let held = fixture.simulator.hold_creates();
    let run = tokio::spawn(submission.run());
    held.reached(3).await;
    assert!(!stop.is_stopped());
    stop.clone().stop();
    held.release();
    let error = run.await.unwrap().unwrap_err();
    assert_eq!(
        (error.kind(), error.execution()),
        (ErrorKind::Unfinished, Execution::NotExecuted)
    );
    assert!(
        error
            .to_string()
            .contains("it was stopped, and 14 of 20 analyses are pending"),
        "{error}"
    );
    let report = error.submission_report().unwrap();
    assert_eq!((report.created(), report.pending().len()), (6, 14));
    assert_eq!(fixture.simulator.executed_creates(), 3);
    let recorded = fixture.patient_submission("s").report().await.unwrap();
    assert_eq!(recorded.created(), 6, "the responses are recorded");
    assert_eq!(fixture.patient_submission("s").run().await.unwrap().created(), 20);
    assert_each_created_once(&fixture, &all);
}

#[tokio::test]
async fn a_stop_ends_a_pause_and_a_run_that_has_not_begun() {
    let fixture = Fixture::without_retries();
    let always = Fault::new(FaultKind::refuse(503)).every();
    fixture.simulator.faults().add(always);
    let submission = fixture.patient_submission("s").marks(false).analyses(manifest(["a"]));
    let stop = submission.stop_handle();
    let mut run = submission.progress();
    let mut has_stopped = false;
    let error = loop {
        match run.try_next().await {
            Ok(Some(progress)) => match progress.event() {
                SubmissionEvent::SetAside { .. } => stop.stop(),
                SubmissionEvent::Stopping => has_stopped = true,
                _ => {}
            },
            Ok(None) => panic!("nothing was created"),
            Err(error) => break error,
        }
    };
    assert_eq!(error.kind(), ErrorKind::Unfinished);
    assert!(has_stopped);
    let sent = fixture.creates();

    let submission = fixture.patient_submission("s");
    submission.stop_handle().stop();
    let error = submission.run().await.unwrap_err();
    assert_eq!(outcomes(error.submission_report().unwrap()), [("a", "pending")]);
    assert_eq!(fixture.creates(), sent);
}

#[tokio::test]
async fn a_report_says_that_a_stop_has_left_items_unlisted() {
    let fixture = Fixture::new();
    let submission = fixture.patient_submission("s").analyses(manifest(["a", "b", "c"]));
    let stop = submission.stop_handle();
    let mut run = submission.progress();
    let mut report = None;
    while let Some(progress) = run.try_next().await.unwrap() {
        // Of the last chunk: nothing is left to send.
        if let SubmissionEvent::Created { chunk, .. } = progress.event()
            && chunk == "1"
        {
            stop.stop();
        }
        report = progress.report().cloned();
    }
    let report = report.expect("each analysis is created");
    assert_eq!((report.created(), report.is_complete()), (3, true));
    assert!(!report.has_all_items());
    let recorded = fixture.submission("s").report().await.unwrap();
    assert!(!recorded.has_all_items());
    let report = fixture.submission("s").run().await.unwrap();
    assert!(report.has_all_items());
}
