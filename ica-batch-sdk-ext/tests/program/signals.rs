//! Ctrl-C and SIGTERM in commands that send reads only, or that end soon.

use std::fs;
use std::time::Duration;

use ica_simulator::{Family, Fault, FaultKind, Operation, StallFor};

use super::cohort::{Running, assert_each_once, manifest, submit as submit_manifest, world};
use super::fixture::{COHORT, batch, submit, world_of_running};
use super::harness::World;

const GET_ITEMS: Operation = Operation::GetItems(Family::Analysis);
const GET_BATCH: Operation = Operation::GetBatch(Family::Analysis);

/// Runs the program until this operation has no response, and sends a signal.
fn interrupted(world: &World, arguments: &[&str], operation: Operation, nth: u64, signal: &str) -> String {
    let stall = FaultKind::StallBeforeExecuting(StallFor::UntilClosed);
    world.simulator.faults().add(Fault::new(stall).on(operation).nth(nth));
    let running = Running::start(world.command(arguments));
    while world.simulator.faults().pending() > 0 {
        std::thread::sleep(Duration::from_millis(2));
    }
    running.signal(signal);
    let ran = running.end().exits(5);
    assert_eq!(ran.stdout, "", "{arguments:?}");
    ran.stderr
}

#[test]
fn a_signal_ends_each_command_with_code_5_and_names_the_next_one() {
    let world = world_of_running();
    submit(&world, COHORT, 3);
    let id = batch(&world, 2);
    let same = |arguments: &[&str]| {
        let words = arguments.iter().map(|word| word.replace(COHORT, "'cohort 42'"));
        format!("next: ica-batch {}\n", words.collect::<Vec<_>>().join(" "))
    };
    let recorded = format!("0={id}");
    for (arguments, operation) in [
        (&["abort", COHORT, "--yes"][..], GET_ITEMS),
        (&["abort", COHORT, "--yes"], Operation::AbortAnalysis),
        (&["status", COHORT, "--refresh"], GET_ITEMS),
        (&["status", &id], GET_BATCH),
        (&["items", COHORT, "--refresh"], GET_ITEMS),
        (&["items", &id], GET_ITEMS),
        (&["audit", COHORT], Operation::SearchAnalyses),
        (&["login"], Operation::ListPipelines),
    ] {
        for signal in ["INT", "TERM"] {
            let stderr = interrupted(&world, arguments, operation, 0, signal);
            assert!(stderr.starts_with("error: interrupted: "), "{arguments:?}: {stderr}");
            assert!(stderr.ends_with(&same(arguments)), "{arguments:?}: {stderr}");
        }
    }
    let settle = ["settle", COHORT, "--created", &recorded];
    let stderr = interrupted(&world, &settle, GET_ITEMS, 0, "INT");
    // The same findings again would be an error where they are recorded already.
    assert!(stderr.contains("some findings may be recorded"), "{stderr}");
    assert!(stderr.ends_with(&same(&["settle", COHORT])), "{stderr}");
}

#[test]
fn a_file_is_not_replaced_after_a_signal() {
    let world = World::new();
    let id = batch(&world, 2500);
    let old = world.write("out/items.csv", "earlier\n");
    let arguments = ["items", &id, "--output", "out/items.csv"];
    interrupted(&world, &arguments, GET_ITEMS, 2, "TERM");
    assert_eq!(fs::read_to_string(&old).unwrap(), "earlier\n");
    let files = fs::read_dir(old.parent().unwrap()).unwrap().count();
    assert_eq!(files, 1, "no temporary file is left");
    world.run(&arguments).exits(0);
    assert_eq!(fs::read_to_string(&old).unwrap().lines().count(), 2501);
}

/// `timeout` of the GNU coreutils sends its signal to the process, and then to the process group.
#[test]
fn two_signals_in_a_moment_are_one() {
    let world = world();
    world.write("cohort.csv", manifest(4));
    let arguments = submit_manifest(&["--chunk-size", "1", "--concurrency", "1"]);
    let held = world.simulator.hold_creates();
    let mut running = Running::start(world.command(&arguments));
    held.reached_blocking(1);
    running.signal("TERM");
    running.read_until("stopping when the requests in flight have a response");
    running.signal("TERM");
    running.signal("TERM");
    held.release();
    let ran = running.end().exits(5);
    assert!(
        ran.stderr.contains("interrupted: 3 analyses have no response yet"),
        "{}",
        ran.stderr
    );
    world.run(&arguments).exits(0);
    assert_each_once(&world, 4);
}
