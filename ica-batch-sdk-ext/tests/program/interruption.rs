//! Signals, `kill -9`, and journals in use.

use std::time::Duration;

use ica_simulator::{Lifecycle, Simulator};

use super::cohort::{CREATE, Running, SUBMIT, assert_each_once, manifest, submit, world, world_with};

#[test]
fn after_kill_9_the_same_command_creates_each_row_once() {
    let world = world();
    world.write("cohort.csv", manifest(40));
    let arguments = submit(&["--chunk-size", "5"]);
    let held = world.simulator.hold_creates();
    let running = Running::start(world.command(&arguments));
    held.reached_blocking(4);
    running.signal("KILL");
    assert_eq!(running.end().code, None);
    held.release();
    world.run(&arguments).exits(0);
    assert_each_once(&world, 40);
    let ran = world
        .run(&[
            "submit",
            "--name",
            "cohort",
            "--format",
            "tsv",
            "--columns",
            "created,pending",
        ])
        .exits(0);
    assert_eq!(ran.stdout, "created\tpending\n40\t0\n");
}

#[test]
fn ctrl_c_ends_after_the_chunks_in_flight_and_says_how_to_go_on() {
    let world = world();
    world.write("cohort.csv", manifest(10));
    let arguments = submit(&["--chunk-size", "1", "--concurrency", "2", "--tag", "a night"]);
    for signal in ["INT", "TERM"] {
        let held = world.simulator.hold_creates();
        let before = world.simulator.count(CREATE);
        let mut running = Running::start(world.command(&arguments));
        held.reached_blocking(2);
        running.signal(signal);
        running.read_until("stopping when the requests in flight have a response");
        held.release();
        let ran = running.end().exits(5);
        let next = "next: ica-batch submit cohort.csv --pipeline 'Germline 4-3-6' --chunk-size 1 --concurrency 2 --tag 'a night'";
        assert!(ran.stderr.contains(next), "{}", ran.stderr);
        assert!(ran.stderr.contains("error: interrupted: "), "{}", ran.stderr);
        assert_eq!(world.simulator.count(CREATE), before + 2, "nothing further was sent");
    }
    world.run(&arguments).exits(0);
    assert_each_once(&world, 10);
}

#[test]
fn ctrl_c_twice_ends_at_once() {
    let world = world();
    world.write("cohort.csv", manifest(4));
    let held = world.simulator.hold_creates();
    let mut running = Running::start(world.command(&SUBMIT));
    held.reached_blocking(1);
    running.signal("INT");
    running.read_until("Ctrl-C again ends at once");
    // The create is still held.
    let ran = running.signal_until_the_end("INT").exits(5);
    assert!(
        ran.stderr.contains("the responses to some chunks are not known")
            && ran.stderr.contains("next: ica-batch submit cohort.csv"),
        "{}",
        ran.stderr
    );
    held.release();
    world.run(&SUBMIT).exits(0);
    assert_each_once(&world, 4);
}

#[test]
fn a_journal_in_use_is_named_with_its_process_and_can_be_waited_for() {
    let world = world();
    world.write("cohort.csv", manifest(1));
    world.write("other.csv", manifest(1).replace("sample", "other"));
    let held = world.simulator.hold_creates();
    let first = Running::start(world.command(&SUBMIT));
    held.reached_blocking(1);
    let other = ["submit", "other.csv", "--pipeline", super::cohort::PIPELINE];
    let ran = world.run(&other).exits(5);
    assert!(
        ran.stderr.contains(&format!("process {} on ", first.id())),
        "{}",
        ran.stderr
    );
    assert!(
        ran.stderr.contains("--wait-for-owner") && ran.stderr.contains("--journal"),
        "{}",
        ran.stderr
    );

    let patient = [&other[..], &["--wait-for-owner", "1h"]].concat();
    let mut waiting = Running::start(world.command(&patient));
    waiting.read_until("waiting for the journal");
    held.release();
    first.end().exits(0);
    waiting.end().exits(0);
    assert_each_once(&world, 2);
}

#[test]
fn ctrl_c_after_sending_ends_the_wait_at_once() {
    let lifecycle = Lifecycle::instant().run(Duration::from_secs(3600));
    let world = world_with(Simulator::builder().lifecycle(lifecycle));
    world.simulator.clock().freeze();
    world.write("cohort.csv", manifest(3));
    let arguments = submit(&["--wait", "--poll-interval", "20ms"]);
    let mut running = Running::start(world.command(&arguments));
    running.read_until("0 of 3 analyses ended; 3 ");
    running.signal("INT");
    let ran = running.end().exits(5);
    let end = "error: interrupted: the analyses go on in ICA\nnext: ica-batch wait cohort\n";
    assert!(
        ran.stderr.ends_with(end) && !ran.stderr.contains("stopping"),
        "{}",
        ran.stderr
    );
    assert_each_once(&world, 3);
}
