//! Many uncertain chunks: one list settles all of them, in place of a search for each.

use std::time::Duration;

use futures_util::TryStreamExt;
use ica_batch_sdk_ext::types::CreateNextflowAnalysis;
use ica_batch_sdk_ext::{ErrorKind, SubmissionEvent};
use ica_simulator::{Family, Fault, FaultKind, Operation};

use super::fixture::Fixture;
use crate::setup::analysis;

const MINUTE: Duration = Duration::from_secs(60);
const CHUNKS: usize = 40;

fn rows() -> Vec<CreateNextflowAnalysis> {
    (0..2 * CHUNKS).map(|row| analysis(&format!("row-{row:02}"))).collect()
}

/// Returns a fixture in which ICA forgets each key and responds with an error, and shows what it
/// created after this time.
fn forgetting(found_after: Duration) -> Fixture {
    let fixture = Fixture::found_after(found_after);
    let fault = Fault::new(FaultKind::ExecuteThenForgetKey(503)).on(Operation::CreateBatch(Family::Analysis));
    fixture.simulator.faults().add(fault.every());
    fixture
}

fn searches(fixture: &Fixture) -> usize {
    fixture.simulator.count(Operation::SearchAnalyses)
}

fn assert_each_created_once(fixture: &Fixture) {
    let counts = fixture.simulator.created_by_name(Family::Analysis);
    assert_eq!(counts.len(), 2 * CHUNKS);
    assert!(counts.values().all(|count| *count == 1), "{counts:?}");
    assert_eq!(fixture.creates(), CHUNKS, "each chunk was sent once");
}

#[tokio::test]
async fn chunks_that_become_uncertain_in_a_run_are_settled_together() {
    let fixture = forgetting(7 * MINUTE);
    let mut run = fixture.patient_submission("s").analyses(rows()).progress();
    let (mut adopted, mut report) = (0, None);
    while let Some(progress) = run.try_next().await.unwrap() {
        if let SubmissionEvent::Adopted { found, .. } = progress.event() {
            adopted += found;
            assert_eq!(progress.counts().created, adopted);
        }
        report = progress.report().cloned();
    }
    assert_eq!((report.unwrap().created(), adopted), (2 * CHUNKS, 2 * CHUNKS as u64));
    assert_each_created_once(&fixture);
    // Each chunk has some eight searches until it is found if it is searched for by itself.
    let searches = searches(&fixture);
    assert!(searches < 3 * CHUNKS, "{searches} searches");
}

#[tokio::test]
async fn chunks_of_an_earlier_run_are_settled_by_the_list_before_the_next_one() {
    let fixture = forgetting(40 * MINUTE);
    let submission = || fixture.patient_submission("s").settling_time(60 * MINUTE);
    let stopped = submission().deadline(30 * MINUTE).analyses(rows()).run().await;
    assert_eq!(stopped.unwrap_err().kind(), ErrorKind::Unfinished);
    let sent = fixture.creates();
    assert!(sent > 20, "{sent} chunks were sent");
    fixture.simulator.faults().clear();

    // Nothing of them is found yet, so they are set aside by one list. Others are sent.
    let before = searches(&fixture);
    let stopped = submission().deadline(Duration::from_secs(3)).run().await;
    assert_eq!(stopped.unwrap_err().kind(), ErrorKind::Unfinished);
    assert_eq!((searches(&fixture) - before, fixture.creates()), (1, CHUNKS));

    fixture.clock.advance(40 * MINUTE);
    let before = searches(&fixture);
    assert_eq!(submission().run().await.unwrap().created(), 2 * CHUNKS);
    assert_eq!(searches(&fixture) - before, 1);
    assert_each_created_once(&fixture);
}

#[tokio::test]
async fn chunks_of_which_nothing_exists_are_sent_again_after_one_list() {
    let fixture = Fixture::found_after(Duration::ZERO);
    let fault = Fault::new(FaultKind::ResetBeforeExecuting).on(Operation::CreateBatch(Family::Analysis));
    fixture.simulator.faults().add(fault.every());
    let stopped = fixture
        .patient_submission("s")
        .deadline(30 * MINUTE)
        .analyses(rows())
        .run()
        .await;
    assert_eq!(stopped.unwrap_err().kind(), ErrorKind::Unfinished);
    fixture.simulator.faults().clear();
    fixture.clock.advance(20 * MINUTE);
    let before = searches(&fixture);
    let report = fixture.patient_submission("s").run().await.unwrap();
    assert_eq!((report.created(), report.batches().len()), (2 * CHUNKS, CHUNKS));
    assert_eq!(searches(&fixture) - before, 1);
    let counts = fixture.simulator.created_by_name(Family::Analysis);
    assert!(counts.values().all(|count| *count == 1), "{counts:?}");
}

#[tokio::test]
async fn a_list_that_fails_is_made_again_with_an_event() {
    let fixture = forgetting(7 * MINUTE);
    let mut run = fixture.patient_submission("s").analyses(rows()).progress();
    let (mut adopted, mut failed) = (0, Vec::new());
    while let Some(progress) = run.try_next().await.unwrap() {
        match progress.event() {
            SubmissionEvent::Adopted { .. } => adopted += 1,
            // From now on each search fails for a while.
            SubmissionEvent::SetAside { .. } if adopted == 0 && failed.is_empty() => {
                let fault = Fault::new(FaultKind::refuse(503)).on(Operation::SearchAnalyses);
                fixture.simulator.faults().add(fault.times(30));
            }
            SubmissionEvent::SearchSetAside { failure, .. } => failed.push(failure.failures),
            _ => {}
        }
    }
    assert_eq!(failed.first(), Some(&1), "{failed:?}");
    assert_each_created_once(&fixture);
}
