//! `ica-batch wait` and `rerun`.

use std::time::Duration;

use ica_simulator::{Fate, Lifecycle, Simulator};

use super::cohort::{Running, SUBMIT, assert_each_once, manifest, submit, world, world_with};

/// A wait asks again at once where the simulator changes something.
const FAST: [&str; 2] = ["--poll-interval", "20ms"];

#[test]
fn a_submission_is_waited_for_by_name_and_by_its_place() {
    let world = world();
    world.simulator.set_fate("sample-2", Fate::FailRun);
    world.write("cohort.csv", manifest(3));
    world.run(&SUBMIT).exits(0);
    let ran = world.run(&["wait", "-1"]).exits(1);
    insta::assert_snapshot!(world.shown(&ran));
    let ran = world.run(&[
        "wait",
        "cohort",
        "--quiet",
        "--format",
        "csv",
        "--columns",
        "succeeded,run_failed",
    ]);
    assert_eq!(ran.exits(1).stdout, "succeeded,run_failed\n2,1\n");
    let ran = world.run(&["wait", "chort"]).exits(3);
    assert!(ran.stderr.contains("did you mean \"cohort\"?"), "{}", ran.stderr);
}

#[test]
fn a_wait_for_the_creation_does_not_wait_for_the_runs() {
    let lifecycle = Lifecycle::instant().run(Duration::from_secs(3600));
    let world = world_with(
        Simulator::builder()
            .lifecycle(lifecycle)
            .token_lifetime(Duration::from_secs(100_000)),
    );
    world.simulator.clock().freeze();
    world.write("cohort.csv", manifest(3));
    let ran = world.run(&submit(&["--wait=created"])).exits(0);
    assert!(ran.stderr.contains("next: ica-batch wait cohort"), "{}", ran.stderr);
    world.run(&["wait", "cohort", "--until", "created"]).exits(0);
    // The runs do not end.
    let ran = world.run(&["wait", "cohort", "--timeout", "1s"]).exits(5);
    assert!(ran.stderr.contains("next: ica-batch wait cohort\n"), "{}", ran.stderr);

    let mut command = world.command(&["wait", "cohort", "--progress-interval", "10ms"]);
    command.args(FAST);
    let mut waiting = Running::start(command);
    waiting.read_until("0 of 3 analyses ended; 3 ");
    waiting.signal("INT");
    let ran = waiting.end().exits(5);
    assert!(
        ran.stderr
            .contains("interrupted: the analyses go on in ICA\nnext: ica-batch wait cohort\n"),
        "{}",
        ran.stderr
    );

    let mut waiting = Running::start({
        let mut command = world.command(&["wait", "cohort"]);
        command.args(FAST);
        command
    });
    waiting.read_until("0 of 3 analyses ended");
    world.simulator.clock().advance(Duration::from_secs(7200));
    waiting.end().exits(0);
}

#[test]
fn batches_are_waited_for_by_id() {
    let world = world();
    world.simulator.set_fate("sample-150", Fate::FailCreation);
    world.write("cohort.csv", manifest(200));
    world.run(&submit(&["--quiet"]));
    let ids = world
        .simulator
        .batches()
        .iter()
        .map(|batch| batch.id.to_string())
        .collect::<Vec<_>>();
    let ran = world.run(&["wait", &ids[0], &ids[1], "--format", "json"]).exits(1);
    let rows: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(rows.as_array().unwrap().len(), 2);
    assert!(
        ran.stderr.contains("2 batches: 200 of 200 analyses ended, 1 failed"),
        "{}",
        ran.stderr
    );
    let ran = world
        .run_with_input(&["wait", "--batches-from", "-"], ids.join("\n"))
        .exits(1);
    assert!(ran.stderr.contains("sample-150: not created"), "{}", ran.stderr);
    let unknown = "0195c0de-0000-7000-8000-000000000001";
    let ran = world.run(&["wait", unknown, &ids[0]]).exits(4);
    assert!(
        ran.stderr.contains(&format!("batch {unknown}: not found"))
            && ran.stderr.contains("next: check the id of the batch and the project"),
        "{}",
        ran.stderr
    );
    assert!(
        !ran.stderr.contains("next: ica-batch wait") && ran.stderr.contains("1 batch: "),
        "{}",
        ran.stderr
    );
}

#[test]
fn failed_runs_are_sent_again_after_their_status_was_read() {
    let world = world();
    world.simulator.set_fate("sample-2", Fate::FailRun);
    world.simulator.set_fate("sample-3", Fate::FailCreation);
    world.write("cohort.csv", manifest(5));
    // Without --wait the journal does not know that a run has failed.
    world.run(&submit(&["--quiet"]));
    world.simulator.set_fate("sample-2", Fate::Succeed);
    world.simulator.set_fate("sample-3", Fate::Succeed);
    let ran = world
        .run(&["rerun", "--failed", "--failed-creation", "--wait"])
        .exits(0);
    assert!(ran.stderr.contains("sending 2 analyses again"), "{}", ran.stderr);
    assert!(ran.stderr.contains("5 succeeded"), "{}", ran.stderr);

    let summary = ["--format", "json"];
    let ran = world
        .run(&[&["rerun", "cohort", "--failed", "--rejected"][..], &summary].concat())
        .exits(0);
    let sent = world
        .run(&[&["submit", "--name", "cohort"][..], &summary].concat())
        .exits(0);
    assert_eq!(ran.stdout, sent.stdout);
    assert!(ran.stdout.contains("\"created\":5"), "{}", ran.stdout);
    world
        .run(&[
            "rerun",
            "--failed",
            "--output",
            "summary.tsv",
            "--columns",
            "created,pending",
        ])
        .exits(0);
    let written = std::fs::read_to_string(world.path("summary.tsv")).unwrap();
    assert_eq!(written, "created\tpending\n5\t0\n");
    let nothing = "submission \"cohort\" has no failed runs and no rejected analyses; nothing was sent";
    assert!(ran.stderr.contains(nothing), "{}", ran.stderr);
    let ran = world.run(&["rerun", "cohort"]).exits(2);
    assert!(ran.stderr.contains("--failed"), "{}", ran.stderr);
}

#[test]
fn without_a_journal_nothing_is_created() {
    let world = world();
    for arguments in [&["rerun", "--failed"][..], &["wait"], &["submit", "--name", "cohort"]] {
        let ran = world.run(arguments).exits(3);
        assert!(ran.stderr.contains("there is no journal at"), "{}", ran.stderr);
    }
    assert!(!world.path("state").exists());
}

#[test]
fn lines_appear_in_an_interval_and_none_with_quiet() {
    let world = world();
    world.write("cohort.csv", manifest(2));
    let held = world.simulator.hold_creates();
    let mut running = Running::start(world.command(&submit(&["--progress-interval", "10ms"])));
    running.read_until("0 of 2 analyses accepted; 2 are to be sent in 1 chunk");
    running.read_until("Z 0 of 2 analyses accepted\n");
    running.read_until("Z 0 of 2 analyses accepted\n");
    held.release();
    running.end().exits(0);
    let ran = world.run(&["wait", "--quiet"]).exits(0);
    assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), ("", ""));
    assert_each_once(&world, 2);
}

#[test]
fn a_rerun_of_nothing_shows_what_is_left_and_waits_if_asked_to() {
    let lifecycle = Lifecycle::instant().run(Duration::from_secs(3600));
    let world = world_with(Simulator::builder().lifecycle(lifecycle));
    world.simulator.set_fate("sample-2", Fate::RejectRequest);
    world.simulator.clock().freeze();
    world.write("cohort.csv", manifest(3));
    world.run(&submit(&["--quiet"])).exits(1);
    let columns = ["--columns", "created,rejected,succeeded", "--format", "csv"];
    let rerun = ["rerun", "--failed", "--poll-interval", "20ms"];
    let ran = world.run(&[&rerun[..], &columns].concat()).exits(1);
    assert_eq!(ran.stdout, "created,rejected,succeeded\n2,1,\n");
    assert!(
        ran.stderr.contains("has no failed runs; nothing was sent") && ran.stderr.contains("rejected (HTTP 400"),
        "{}",
        ran.stderr
    );

    let mut waiting = Running::start(world.command(&[&rerun[..], &columns, &["--wait"]].concat()));
    waiting.read_until("has no failed runs; nothing was sent");
    waiting.read_until("0 of 2 analyses ended");
    world.simulator.clock().advance(Duration::from_secs(7200));
    let ran = waiting.end().exits(1);
    assert_eq!(ran.stdout, "created,rejected,succeeded\n2,1,2\n");
    assert!(!ran.stderr.contains("sending"), "{}", ran.stderr);
}
