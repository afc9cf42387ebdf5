//! Signals, `kill -9`, and journals in use.

use std::time::Duration;

use ica_simulator::{
    Family, Fault, FaultKind, Lifecycle, Operation, Outage, OutageKind, RetryAfter, Simulator, StallFor,
};

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

/// The journal was lost, and the chunks have another size now.
#[test]
fn without_its_journal_a_submission_is_found_in_ica_and_waited_for() {
    let world = world();
    world.write("cohort.csv", manifest(20));
    world.run(&submit(&["--wait"])).exits(0);
    let again = submit(&["--wait", "--journal", "new.db", "--chunk-size", "3"]);
    let ran = world.run(&again).exits(0);
    let told = "20 of 20 analyses accepted; nothing was sent\n";
    assert!(ran.stderr.contains(told), "{}", ran.stderr);
    assert!(ran.stderr.contains("20 succeeded"), "{}", ran.stderr);
    assert_each_once(&world, 20);
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
    // A second journal does not know what the first one has sent.
    let advice = "with --wait-for-owner; use another journal (--journal) for another submission only\n";
    assert!(ran.stderr.contains(advice), "{}", ran.stderr);

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

/// Arguments of a small cohort of which each chunk has one row.
fn arguments(more: &[&'static str]) -> Vec<&'static str> {
    submit(&[&["--chunk-size", "5", "--progress-interval", "50ms"], more].concat())
}

#[test]
fn a_search_after_a_kill_says_what_happens_until_when_and_why() {
    let world = world();
    world.write("cohort.csv", manifest(40));
    let arguments = arguments(&["--settling-time", "2s", "--wait"]);
    let stall = || FaultKind::StallBeforeExecuting(StallFor::UntilClosed);
    for nth in 2..5 {
        world.simulator.faults().add(Fault::new(stall()).on(CREATE).nth(nth));
    }
    let held = Running::start(world.command(&arguments));
    while world.simulator.faults().pending() > 0 || world.simulator.executed_creates() < 5 {
        std::thread::yield_now();
    }
    held.signal("KILL");
    held.end();
    let ran = world.run(&arguments).exits(0);
    let lines = ran.stderr.lines().collect::<Vec<_>>();
    let count = |text: &str| lines.iter().filter(|line| line.contains(text)).count();
    assert!(count("the response to its request is not known. ICA is searched for its analyses again at ") >= 1);
    assert!(count(" without a known response, ICA is ") >= 1, "{}", ran.stderr);
    assert_eq!(count("sent in "), 1, "{}", ran.stderr);
    assert_eq!(count("could not settle"), 0, "{}", ran.stderr);
    assert_each_once(&world, 40);
    let again = world.run(&arguments).exits(0).stderr;
    assert!(
        again.contains("accepted; nothing was to be sent") && !again.contains("sent in"),
        "{again}"
    );
}

/// The server does not respond to lists, and everything is sent.
fn lists_stall(world: &super::harness::World) {
    let stall = FaultKind::StallBeforeExecuting(StallFor::UntilClosed);
    let lists = Operation::GetItems(Family::Analysis);
    world.simulator.faults().add(Fault::new(stall).on(lists).times(1000));
}

#[test]
fn ctrl_c_while_analyses_are_listed_ends_at_once() {
    let world = world();
    world.write("cohort.csv", manifest(5));
    lists_stall(&world);
    let arguments = arguments(&[]);
    let running = Running::start(world.command(&arguments));
    while world.simulator.count(Operation::GetItems(Family::Analysis)) == 0 {
        std::thread::yield_now();
    }
    running.signal("INT");
    let ran = running.end().exits(5);
    let text =
        "error: interrupted: all analyses are sent, and the ids of some are not recorded yet\nnext: ica-batch submit ";
    assert!(
        ran.stderr.contains(text) && !ran.stderr.contains("stopping"),
        "{}",
        ran.stderr
    );
    world.simulator.faults().clear();
    world.run(&arguments).exits(0);
    assert_each_once(&world, 5);
}

#[test]
fn a_deadline_while_analyses_are_listed_ends_soon() {
    let world = world();
    world.write("cohort.csv", manifest(5));
    lists_stall(&world);
    let ran = world.run(&arguments(&["--deadline", "1s"])).exits(5);
    assert!(
        ran.stderr.contains("error: out of time: all analyses are sent")
            && ran.stderr.contains("\nnext: ica-batch submit"),
        "{}",
        ran.stderr
    );
}

#[test]
fn an_interrupted_wait_names_the_next_command_once() {
    let lifecycle = Lifecycle::instant().run(Duration::from_secs(3600));
    let world = world_with(Simulator::builder().lifecycle(lifecycle));
    world.write("cohort.csv", manifest(3));
    let mut running = Running::start(world.command(&arguments(&["--wait", "--poll-interval", "20ms"])));
    running.read_until("0 of 3 analyses ended; 3 REQUESTED");
    world.simulator.clock().advance(Duration::from_secs(1800));
    running.read_until("0 of 3 analyses ended; 3 IN_PROGRESS");
    running.signal("INT");
    let ran = running.end().exits(5);
    assert_eq!(ran.stderr.matches("next: ").count(), 1, "{}", ran.stderr);
    assert!(ran.stderr.contains("  0 succeeded, 3 running\n"), "{}", ran.stderr);
    let status = world.run(&["status", "cohort", "--format", "json"]).exits(0);
    assert!(status.stderr.starts_with("last seen in ICA at "), "{}", status.stderr);
    let status: serde_json::Value = serde_json::from_str(&status.stdout).unwrap();
    assert_eq!(status["seen"], serde_json::json!({ "IN_PROGRESS": 3 }));
}

#[test]
fn a_submission_that_begins_in_an_outage_goes_on_after_it() {
    let world = world();
    world.write("cohort.csv", manifest(2));
    let clock = world.simulator.clock();
    clock.freeze();
    let minute = Duration::from_secs(60);
    let kind = OutageKind::Unavailable(RetryAfter::Absent);
    world
        .simulator
        .faults()
        .outage(Outage::new(clock.now()..clock.now() + minute, kind));
    let mut running = Running::start(world.command(&arguments(&[])));
    running.read_until("the manifest could not be checked, and is checked again at ");
    clock.advance(minute);
    running.end().exits(0);
    assert_each_once(&world, 2);
}

#[test]
fn an_error_of_the_network_names_the_server() {
    let world = world();
    world.write("cohort.csv", manifest(1));
    let mut command = world.command(&arguments(&["--deadline", "2s"]));
    // Nothing listens there.
    command.env("ICAV2_BASE_URL", "http://127.0.0.1:9/ica/rest");
    let ran = super::harness::Ran::from(command.output().unwrap());
    assert!(
        ran.stderr
            .contains("no connection to the server at http://127.0.0.1:9/ica/rest"),
        "{}",
        ran.stderr
    );
}
