//! `ica-batch abort`.

use std::time::Duration;

use ica_simulator::{Fault, FaultKind, Lifecycle, Operation, Simulator};

use super::fixture::{COHORT, shown, submit, world_of_ended, world_of_running};
use super::harness::World;

#[test]
fn running_analyses_are_aborted_after_yes() {
    let world = world_of_running();
    submit(&world, COHORT, 7);
    let ran = world.run(&["abort"]).exits(2);
    insta::assert_snapshot!("without_yes", shown(&world, &ran));
    assert_eq!(world.simulator.count(Operation::AbortAnalysis), 0);
    let ran = world.run(&["abort", COHORT, "--yes"]).exits(0);
    insta::assert_snapshot!("aborted", shown(&world, &ran));
    assert_eq!(world.simulator.count(Operation::AbortAnalysis), 7);
    world.simulator.clock().advance(Duration::from_secs(3600));
    let ran = world.run(&["status", "--refresh", "--columns", "failed,runs"]).exits(0);
    assert!(ran.stdout.contains("7\t7 ABORTED"), "{}", ran.stdout);
}

#[test]
fn an_abort_that_fails_is_data_and_exit_code_1() {
    let world = world_of_running();
    submit(&world, COHORT, 3);
    let refused = Fault::new(FaultKind::refuse(403)).on(Operation::AbortAnalysis);
    world.simulator.faults().add(refused.nth(1));
    let ran = world.run(&["abort", "--yes", "--format", "table"]).exits(1);
    assert!(ran.stdout.contains("sample-"), "{}", ran.stdout);
    assert!(
        ran.stderr
            .contains("2 analyses are being aborted, 1 analysis could not be aborted"),
        "{}",
        ran.stderr
    );
}

#[test]
fn nothing_is_aborted_where_nothing_runs() {
    let world = world_of_ended();
    submit(&world, COHORT, 5);
    let ran = world.run(&["abort", "--yes"]).exits(0);
    insta::assert_snapshot!(shown(&world, &ran));
    assert_eq!(world.simulator.count(Operation::AbortAnalysis), 0);
}

/// An analysis that is not created yet has no id to abort it by.
#[test]
fn analyses_that_are_not_created_yet_are_to_be_aborted_later() {
    let lifecycle = Lifecycle::instant()
        .creation(Duration::from_secs(600))
        .run(Duration::from_secs(24 * 3600));
    let world = World::with(Simulator::builder().seed(42).lifecycle(lifecycle));
    world.simulator.clock().freeze();
    submit(&world, COHORT, 3);
    let ran = world.run(&["abort", "--yes"]).exits(5);
    for text in [
        "no analysis runs, as far as is known",
        "3 analyses are not created yet",
        "abort again later",
        "next: ica-batch abort 'cohort 42' --yes",
    ] {
        assert!(ran.stderr.contains(text), "{text}: {}", ran.stderr);
    }
    assert_eq!(world.simulator.count(Operation::AbortAnalysis), 0);
    world.simulator.clock().advance(Duration::from_secs(1200));
    world.run(&["abort", "--yes"]).exits(0);
    assert_eq!(world.simulator.count(Operation::AbortAnalysis), 3);
}

/// The message of exit code 5 names the command that continues: a wait would let the rest run.
#[test]
fn the_next_command_is_the_same_abort_while_some_are_not_created() {
    let lifecycle = Lifecycle::instant()
        .creation(Duration::from_secs(600))
        .run(Duration::from_secs(24 * 3600))
        .jitter(0.9, 7);
    let world = World::with(Simulator::builder().seed(42).lifecycle(lifecycle));
    world.simulator.clock().freeze();
    submit(&world, COHORT, 20);
    world.simulator.clock().advance(Duration::from_secs(870));
    let ran = world.run(&["abort", "--yes"]).exits(5);
    let aborted = world.simulator.count(Operation::AbortAnalysis);
    assert!((1..20).contains(&aborted), "{aborted}");
    let rest = format!("{} analyses are not created yet", 20 - aborted);
    for text in [&format!("{aborted} analyses are being aborted"), &rest] {
        assert!(ran.stderr.contains(text), "{text}: {}", ran.stderr);
    }
    let next = "next: ica-batch abort 'cohort 42' --yes\n";
    assert!(ran.stderr.ends_with(next), "{}", ran.stderr);
    world.simulator.clock().advance(Duration::from_secs(1200));
    let ran = world.run(&["abort", COHORT, "--yes"]).exits(0);
    assert!(
        ran.stderr.ends_with("next: ica-batch wait 'cohort 42'\n"),
        "{}",
        ran.stderr
    );
}
