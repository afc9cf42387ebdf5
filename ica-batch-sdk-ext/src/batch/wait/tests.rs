//! What is looked at, decided without a server.

use ica_batch_sdk::types::{AnalysisCreationBatchItemSummary, ItemStatus, JobStatus};
use serde_json::json;
use uuid::Uuid;

use super::WaitUntil;
use super::ended::ItemOutcome;
use super::plan::{Look, Step};
use super::watch::Watch;

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

fn watch(target: WaitUntil) -> Watch {
    let mut watch = Watch::new(target, 1000);
    watch.begin();
    watch
}

/// A batch whose job has ended, all of it seen: so many runs go on, and so many have ended.
fn running(open: u128, ended: u128) -> Watch {
    let mut watch = watch(WaitUntil::Finished);
    watch.see_job(Some(JobStatus::Succeeded));
    for number in 0..open + ended {
        let status = if number < open { "IN_PROGRESS" } else { "SUCCEEDED" };
        watch.see(&item(number, "SUCCEEDED", Some(status)));
    }
    watch.saw_all();
    watch.finish();
    watch
}

fn looks(watch: &Watch) -> Vec<Look> {
    let looks = Step::ALL.map(|step| watch.look(step));
    looks.into_iter().filter(|look| *look != Look::Nothing).collect()
}

fn list(status: ItemStatus) -> Vec<Look> {
    vec![Look::List(vec![status])]
}

fn being_created() -> Look {
    Look::List(vec![ItemStatus::Running, ItemStatus::WaitingResources])
}

#[test]
fn before_the_job_begins_there_is_nothing_to_look_at() {
    let mut watch = watch(WaitUntil::Finished);
    watch.see_job(Some(JobStatus::Initialized));
    assert_eq!(looks(&watch), []);
    watch.see_job(Some(JobStatus::WaitingForResources));
    assert_eq!(looks(&watch), [Look::All]);
    watch.see(&item(1, "WAITING_RESOURCES", None));
    watch.begin();
    watch.see_job(Some(JobStatus::WaitingForResources));
    assert_eq!(looks(&watch), [], "it still waits");
    watch.see_job(Some(JobStatus::Running));
    assert_eq!(watch.look(Step::BeingCreated), being_created());
}

#[test]
fn what_is_no_longer_being_created_is_looked_for_where_it_can_be() {
    let mut watch = watch(WaitUntil::Created);
    watch.see_job(Some(JobStatus::Running));
    for number in 0..2000 {
        watch.see(&item(number, "RUNNING", None));
    }
    watch.begin();
    watch.see_job(Some(JobStatus::Running));
    assert_eq!(watch.look(Step::BeingCreated), being_created());
    (0..1999).for_each(|number| watch.see(&item(number, "RUNNING", None)));
    assert_eq!(watch.look(Step::Created), Look::Singles(vec![Uuid::from_u128(1999)]));
    assert_eq!(watch.look(Step::NotCreated), Look::Singles(vec![Uuid::from_u128(1999)]));

    watch.begin();
    assert_eq!(watch.look(Step::Created), Look::List(vec![ItemStatus::Succeeded]));
    (0..1990).for_each(|number| watch.see(&item(number, "SUCCEEDED", Some("QUEUED"))));
    assert_eq!(
        watch.look(Step::NotCreated),
        Look::List(vec![ItemStatus::Failed]),
        "a page is less than ten reads"
    );
    assert!(!watch.is_finished(), "the job goes on");
}

#[test]
fn the_cheaper_of_pages_and_single_reads_is_taken() {
    let mut many = running(200, 9800);
    many.begin();
    assert_eq!(looks(&many), list(ItemStatus::Succeeded));
    let mut few = running(100, 9900);
    few.begin();
    assert!(matches!(looks(&few).as_slice(), [Look::Singles(ids)] if ids.len() == 100));
    let mut none = running(0, 10);
    assert!(none.is_finished());
    none.begin();
    assert_eq!(looks(&none), []);
}

#[test]
fn single_reads_are_bounded_however_long_the_list_is() {
    let mut watch = running(251, 60_000);
    watch.begin();
    assert_eq!(looks(&watch), list(ItemStatus::Succeeded));
    let mut watch = running(250, 60_000);
    watch.begin();
    assert!(matches!(looks(&watch).as_slice(), [Look::Singles(_)]));
}

#[test]
fn an_unknown_state_is_no_end_and_cannot_be_filtered() {
    let mut watch = watch(WaitUntil::Finished);
    watch.see_job(Some(JobStatus::from("NEW")));
    watch.see(&item(1, "NEW", None));
    watch.see(&item(2, "SUCCEEDED", Some("NEW")));
    watch.begin();
    assert_eq!(watch.look(Step::BeingCreated), Look::All);
    watch.see_job(Some(JobStatus::Succeeded));
    for _ in 0..5 {
        watch.begin();
        watch.see(&item(1, "NEW", None));
        watch.saw_all();
        watch.finish();
    }
    assert_eq!(watch.ended(), (0, 0));
    watch.see(&item(1, "FAILED", None));
    watch.see(&item(2, "SUCCEEDED", Some("ABORTED")));
    assert_eq!((watch.ended(), watch.is_finished()), ((2, 2), true));
}

#[test]
fn what_the_job_left_behind_is_given_up_at_the_second_look() {
    let mut watch = watch(WaitUntil::Finished);
    watch.see_job(Some(JobStatus::Stopped));
    assert_eq!(looks(&watch), [Look::All]);
    watch.see(&item(1, "RUNNING", None));
    watch.saw_all();
    watch.finish();
    assert!(!watch.is_finished());
    watch.begin();
    assert_eq!(watch.look(Step::BeingCreated), being_created());
    watch.see(&item(1, "RUNNING", None));
    watch.finish();
    assert!(watch.is_finished());
    assert_eq!(watch.take_fresh()[0].outcome, ItemOutcome::Orphaned);
}

#[test]
fn an_end_comes_once_and_stays() {
    let mut watch = running(1, 0);
    assert!(watch.take_change());
    watch.begin();
    watch.see(&item(0, "SUCCEEDED", Some("GENERATING_OUTPUTS")));
    assert!(!watch.take_change(), "another phase is no change");
    watch.see(&item(0, "SUCCEEDED", Some("SUCCEEDED")));
    assert!(watch.take_change());
    assert_eq!(watch.take_fresh().len(), 1);
    watch.see(&item(0, "SUCCEEDED", Some("IN_PROGRESS")));
    assert!(watch.is_finished() && watch.take_fresh().is_empty());
}

#[test]
fn without_a_job_the_list_is_whole_once_nothing_is_being_created() {
    let mut watch = watch(WaitUntil::Created);
    watch.see_job(None);
    watch.saw_all();
    assert!(!watch.is_finished(), "no items are no end");
    watch.see(&item(1, "RUNNING", None));
    watch.saw_all();
    watch.begin();
    assert_eq!(watch.look(Step::BeingCreated), being_created());
    watch.see(&item(1, "SUCCEEDED", Some("QUEUED")));
    assert!(!watch.is_finished());
    assert_eq!(watch.look(Step::Complete), Look::All);
    watch.see(&item(2, "RUNNING", None));
    watch.saw_all();
    assert!(!watch.is_finished(), "one more has appeared");
    watch.see(&item(2, "FAILED", None));
    watch.saw_all();
    assert!(watch.is_finished());
}

#[test]
fn a_job_that_an_answer_leaves_out_goes_on() {
    let mut watch = watch(WaitUntil::Created);
    watch.see_job(Some(JobStatus::Running));
    watch.see(&item(1, "SUCCEEDED", Some("QUEUED")));
    watch.see_job(None);
    watch.saw_all();
    assert!(!watch.is_finished());
}
