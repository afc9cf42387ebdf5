//! `ica-batch abort`.

use ica_simulator::{Fault, FaultKind, Operation};

use super::fixture::{COHORT, shown, submit, world_of_ended, world_of_running};

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
    world.simulator.clock().advance(std::time::Duration::from_secs(3600));
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
