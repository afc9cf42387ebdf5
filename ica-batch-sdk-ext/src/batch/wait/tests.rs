//! Decisions of a poll, without a server. The statuses are those of analyses.

use ica_batch_sdk::types::{AnalysisCreationBatchItemSummary, ItemStatus, JobStatus};
use serde_json::json;
use uuid::Uuid;

use super::outcome::ItemOutcome;
use super::query::{Query, Step};
use super::settings::WaitUntil;
use super::state::BatchState;
use crate::analysis_batch::AnalysisCreation;

type State = BatchState<AnalysisCreation>;

fn item(number: u128, creation: &str, run: Option<&str>) -> AnalysisCreationBatchItemSummary {
    let analysis = run.map(
        |status| json!({"id": Uuid::from_u128(number << 64), "reference": "r", "userReference": "u", "status": status}),
    );
    let item = json!({
        "id": Uuid::from_u128(number),
        "request": {"userReference": format!("sample-{number}")},
        "processing": {"status": creation},
        "createdAnalysis": analysis,
    });
    serde_json::from_value(item).unwrap()
}

fn state(until: WaitUntil) -> State {
    let mut state = State::new(until, 1000);
    state.begin_poll();
    state
}

/// Returns a batch whose job has ended and whose items were all listed, with runs that have not ended
/// and runs that have.
fn running(open: u128, ended: u128) -> State {
    let mut state = state(WaitUntil::Finished);
    state.record_job(Some(JobStatus::Succeeded));
    for number in 0..open + ended {
        let status = if number < open { "IN_PROGRESS" } else { "SUCCEEDED" };
        state.record_item(&item(number, "SUCCEEDED", Some(status)));
    }
    state.record_complete_list();
    state.end_poll();
    state
}

fn queries(state: &State) -> Vec<Query<ItemStatus>> {
    let queries = Step::ALL.map(|step| state.query(step));
    queries.into_iter().filter(|query| *query != Query::Nothing).collect()
}

fn list(status: ItemStatus) -> Vec<Query<ItemStatus>> {
    vec![Query::WithStatus(vec![status])]
}

fn being_created() -> Query<ItemStatus> {
    Query::WithStatus(vec![ItemStatus::Running, ItemStatus::WaitingResources])
}

#[test]
fn nothing_is_requested_before_the_job_starts() {
    let mut state = state(WaitUntil::Finished);
    state.record_job(Some(JobStatus::Initialized));
    assert_eq!(queries(&state), []);
    state.record_job(Some(JobStatus::WaitingForResources));
    assert_eq!(queries(&state), [Query::All]);
    state.record_item(&item(1, "WAITING_RESOURCES", None));
    state.begin_poll();
    state.record_job(Some(JobStatus::WaitingForResources));
    assert_eq!(queries(&state), [], "it still waits");
    state.record_job(Some(JobStatus::Running));
    assert_eq!(state.query(Step::BeingCreated), being_created());
}

#[test]
fn an_item_whose_creation_ended_is_requested_by_its_possible_statuses() {
    let mut state = state(WaitUntil::Created);
    state.record_job(Some(JobStatus::Running));
    for number in 0..2000 {
        state.record_item(&item(number, "RUNNING", None));
    }
    state.begin_poll();
    state.record_job(Some(JobStatus::Running));
    assert_eq!(state.query(Step::BeingCreated), being_created());
    (0..1999).for_each(|number| state.record_item(&item(number, "RUNNING", None)));
    assert_eq!(state.query(Step::Created), Query::Items(vec![Uuid::from_u128(1999)]));
    assert_eq!(state.query(Step::NotCreated), Query::Items(vec![Uuid::from_u128(1999)]));

    state.begin_poll();
    assert_eq!(
        state.query(Step::Created),
        Query::WithStatus(vec![ItemStatus::Succeeded])
    );
    (0..1990).for_each(|number| state.record_item(&item(number, "SUCCEEDED", Some("QUEUED"))));
    assert_eq!(
        state.query(Step::NotCreated),
        Query::WithStatus(vec![ItemStatus::Failed]),
        "a page is less than ten reads"
    );
    assert!(!state.is_finished(), "the job is active");
}

#[test]
fn the_cheaper_of_pages_and_single_reads_is_used() {
    let mut many = running(200, 9800);
    many.begin_poll();
    assert_eq!(queries(&many), list(ItemStatus::Succeeded));
    let mut few = running(100, 9900);
    few.begin_poll();
    assert!(matches!(queries(&few).as_slice(), [Query::Items(ids)] if ids.len() == 100));
    let mut none = running(0, 10);
    assert!(none.is_finished());
    none.begin_poll();
    assert_eq!(queries(&none), []);
}

#[test]
fn single_reads_are_bounded_however_long_the_list_is() {
    let mut state = running(251, 60_000);
    state.begin_poll();
    assert_eq!(queries(&state), list(ItemStatus::Succeeded));
    let mut state = running(250, 60_000);
    state.begin_poll();
    assert!(matches!(queries(&state).as_slice(), [Query::Items(_)]));
}

#[test]
fn an_unknown_status_is_not_terminal_and_cannot_be_filtered() {
    let mut state = state(WaitUntil::Finished);
    state.record_job(Some(JobStatus::from("NEW")));
    state.record_item(&item(1, "NEW", None));
    state.record_item(&item(2, "SUCCEEDED", Some("NEW")));
    state.begin_poll();
    assert_eq!(state.query(Step::BeingCreated), Query::All);
    state.record_job(Some(JobStatus::Succeeded));
    for _ in 0..5 {
        state.begin_poll();
        state.record_item(&item(1, "NEW", None));
        state.record_complete_list();
        state.end_poll();
    }
    assert_eq!(state.finished_counts(), (0, 0));
    state.record_item(&item(1, "FAILED", None));
    state.record_item(&item(2, "SUCCEEDED", Some("ABORTED")));
    assert_eq!((state.finished_counts(), state.is_finished()), ((2, 2), true));
}

#[test]
fn an_item_is_orphaned_in_the_second_poll_after_the_job() {
    let mut state = state(WaitUntil::Finished);
    state.record_job(Some(JobStatus::Stopped));
    assert_eq!(queries(&state), [Query::All]);
    state.record_item(&item(1, "RUNNING", None));
    state.record_complete_list();
    state.end_poll();
    assert!(!state.is_finished());
    state.begin_poll();
    assert_eq!(state.query(Step::BeingCreated), being_created());
    state.record_item(&item(1, "RUNNING", None));
    state.end_poll();
    assert!(state.is_finished());
    assert_eq!(state.take_newly_finished()[0].outcome, ItemOutcome::Orphaned);
}

#[test]
fn an_outcome_is_reported_once_and_does_not_change() {
    let mut state = running(1, 0);
    assert!(state.take_change());
    state.begin_poll();
    state.record_item(&item(0, "SUCCEEDED", Some("GENERATING_OUTPUTS")));
    assert!(!state.take_change(), "another phase is not a change");
    state.record_item(&item(0, "SUCCEEDED", Some("SUCCEEDED")));
    assert!(state.take_change());
    assert_eq!(state.take_newly_finished().len(), 1);
    state.record_item(&item(0, "SUCCEEDED", Some("IN_PROGRESS")));
    assert!(state.is_finished() && state.take_newly_finished().is_empty());
}

#[test]
fn without_a_job_the_list_is_complete_once_no_item_is_being_created() {
    let mut state = state(WaitUntil::Created);
    state.record_job(None);
    state.record_complete_list();
    assert!(!state.is_finished(), "a batch without items is not finished");
    state.record_item(&item(1, "RUNNING", None));
    state.record_complete_list();
    state.begin_poll();
    assert_eq!(state.query(Step::BeingCreated), being_created());
    state.record_item(&item(1, "SUCCEEDED", Some("QUEUED")));
    assert!(!state.is_finished());
    assert_eq!(state.query(Step::Complete), Query::All);
    state.record_item(&item(2, "RUNNING", None));
    state.record_complete_list();
    assert!(!state.is_finished(), "another item has appeared");
    state.record_item(&item(2, "FAILED", None));
    state.record_complete_list();
    assert!(state.is_finished());
}

#[test]
fn a_job_that_a_response_leaves_out_still_exists() {
    let mut state = state(WaitUntil::Created);
    state.record_job(Some(JobStatus::Running));
    state.record_item(&item(1, "SUCCEEDED", Some("QUEUED")));
    state.record_job(None);
    state.record_complete_list();
    assert!(!state.is_finished());
}
