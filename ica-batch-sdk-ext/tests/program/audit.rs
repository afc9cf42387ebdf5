//! `ica-batch audit`.

use std::time::Duration;

use ica_batch_sdk_ext::OnRejection;
use ica_simulator::{Family, Fate, Lifecycle, Operation, Simulator};

use super::fixture::{COHORT, block_on, journal, plan, shown, submission, submit, world_of_ended, world_of_running};
use super::harness::World;

#[test]
fn a_submission_whose_analyses_exist_once_is_clean() {
    let world = world_of_ended();
    submit(&world, COHORT, 12);
    let ran = world.run(&["audit"]).exits(0);
    insta::assert_snapshot!(shown(&world, &ran));
    assert_eq!(world.simulator.executed_creates(), world.simulator.batches().len());
}

#[test]
fn earlier_attempts_are_not_rows() {
    let world = world_of_ended();
    submit(&world, COHORT, 12);
    world.run(&["wait"]).exits(1);
    world.run(&["rerun", "--failed"]);
    let ran = world.run(&["audit"]).exits(0);
    let text = "ICA has each of 11 created analyses once\n\
                1 of the created analyses is of an earlier attempt of a row\n";
    assert!(ran.stderr.ends_with(text), "{}", ran.stderr);
}

/// A copy of the journal from before the run lacks what the run did.
#[test]
fn differences_are_findings_and_exit_code_1() {
    let world = world_of_running();
    plan(&world, COHORT, 3);
    journal(&world).backup(world.path("copy.db")).unwrap();
    submit(&world, COHORT, 3);
    let ran = world
        .run(&["audit", "--journal", "copy.db", "--format", "table"])
        .exits(1);
    insta::assert_snapshot!("table", shown(&world, &ran));
    let ran = world
        .run(&["audit", "--journal", "copy.db", "--format", "jsonl"])
        .exits(1);
    insta::assert_snapshot!("jsonl", shown(&world, &ran));
    assert_eq!(world.simulator.count(Operation::CreateBatch(Family::Analysis)), 0);
}

/// A run with nothing to send searches for nothing, so the advice is a command that does.
#[test]
fn an_analysis_of_a_rejected_row_is_recorded_by_the_command_of_the_advice() {
    let world = world_of_running();
    world.simulator.set_fate("sample-1", Fate::RejectRequest);
    let submission = || submission(&world, COHORT, 2, &journal(&world)).on_rejection(OnRejection::Isolate);
    assert_eq!(block_on(submission().run()).unwrap().rejected(), 1);
    // Another journal, such as that of a colleague, creates the row.
    world.simulator.set_fate("sample-1", Fate::Succeed);
    journal(&world).backup(world.path("other.db")).unwrap();
    let args = ["rerun", COHORT, "--rejected", "--journal", "other.db"];
    world.run(&args).exits(0);
    let ran = world.run(&["audit"]).exits(1);
    let next = "next: ica-batch rerun 'cohort 42' --rejected (";
    assert!(ran.stderr.contains(next), "{}", ran.stderr);
    world.run(&["rerun", COHORT, "--rejected"]).exits(0);
    world.run(&["audit"]).exits(0);
    assert_eq!(world.simulator.created_by_name(Family::Analysis)["sample-1"], 1);
}

/// The journal learns of a failed creation when its status is read.
#[test]
fn an_analysis_whose_creation_failed_is_not_missing() {
    let world = world_of_running();
    world.simulator.set_fate("sample-1", Fate::FailCreation);
    let run = submission(&world, COHORT, 3, &journal(&world))
        .lookup_items(false)
        .run();
    block_on(run).unwrap();
    world.simulator.clock().advance(Duration::from_secs(3600));
    let ran = world.run(&["audit"]).exits(0);
    assert!(ran.stderr.contains("each of 2 created analyses once"), "{}", ran.stderr);
}

#[test]
fn a_submission_without_marks_is_rejected() {
    let world = World::new();
    let journal = journal(&world);
    block_on(
        submission(&world, COHORT, 2, &journal)
            .marks(false)
            .stop_on_first_error()
            .run(),
    )
    .unwrap();
    let ran = world.run(&["audit"]).exits(3);
    insta::assert_snapshot!(shown(&world, &ran));
}

/// ICA does not show an analysis that somebody deleted. The journal has ended runs, and keeps their ids.
#[test]
fn a_deleted_analysis_is_missing_and_its_run_has_ended() {
    let world = World::with(Simulator::builder().seed(42).lifecycle(Lifecycle::instant()));
    submit(&world, COHORT, 3);
    world.run(&["wait"]).exits(0);
    let lost = world.simulator.batches()[0].items[1].created_id.unwrap();
    assert!(world.simulator.delete_analysis(lost));
    let ran = world.run(&["audit", "--format", "jsonl"]).exits(1);
    assert!(
        ran.stdout.contains(&format!("\"recorded\":[\"{lost}\"]")),
        "{}",
        ran.stdout
    );
    assert!(
        ran.stderr.contains("2 rows once, 1 missing, 0 several times"),
        "{}",
        ran.stderr
    );
    let ran = world.run(&["items", "--format", "jsonl"]).exits(0);
    assert!(
        ran.stdout.contains(&format!("\"analysis\":\"{lost}\"")),
        "{}",
        ran.stdout
    );
    for args in [&["status"][..], &["status", "--refresh"]] {
        let ran = world.run(&[args, &["--columns", "phase,succeeded"]].concat()).exits(0);
        assert!(ran.stdout.ends_with("finished\t3\n"), "{}", ran.stdout);
    }
}

#[test]
fn rows_that_are_not_created_yet_are_named_with_the_next_command() {
    let world = world_of_running();
    plan(&world, COHORT, 3);
    let ran = world.run(&["audit"]).exits(0);
    let text = "ICA has each of 0 created analyses once; the journal has 3 rows as not created yet\n\
                next: ica-batch submit --name 'cohort 42' (it creates the rows that are not created yet)\n";
    assert!(ran.stderr.ends_with(text), "{}", ran.stderr);
}
