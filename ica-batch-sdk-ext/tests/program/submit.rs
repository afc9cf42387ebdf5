//! `ica-batch submit`.

use ica_simulator::{Fate, Operation};

use super::cohort::{CREATE, PIPELINE, Running, SUBMIT, assert_each_once, manifest, submit, world};
use super::fixture::{COHORT, journal_path, submit as submit_cohort, world_of_ended};

#[test]
fn new_attempts_are_told_as_sent() {
    let world = world_of_ended();
    submit_cohort(&world, COHORT, 5);
    let ran = world.run(&["rerun", COHORT, "--failed", "--wait"]).exits(1);
    assert!(
        ran.stderr.contains("Z sending 1 analysis again\n") && ran.stderr.contains("Z sent in "),
        "{}",
        ran.stderr
    );
    assert!(!ran.stderr.contains("nothing was to be sent"), "{}", ran.stderr);
}

#[test]
fn a_manifest_is_submitted_and_the_same_command_sends_nothing_again() {
    let world = world();
    world.write("cohort.csv", manifest(250));
    let ran = world.run(&submit(&["--concurrency", "1"])).exits(0);
    assert_eq!(ran.stdout, "");
    insta::assert_snapshot!(world.shown(&ran));
    assert_each_once(&world, 250);

    world.simulator.clear_requests();
    let ran = world.run(&SUBMIT).exits(0);
    assert!(
        ran.stderr.contains("continuing submission \"cohort\""),
        "{}",
        ran.stderr
    );
    assert!(
        ran.stderr.contains("Z 250 of 250 analyses accepted\n") && !ran.stderr.contains("to be sent"),
        "{}",
        ran.stderr
    );
    assert_eq!(world.simulator.count(CREATE), 0);
    assert_eq!(
        world.simulator.count(Operation::ListPipelines),
        0,
        "nothing is looked up again"
    );
    assert_eq!(world.simulator.count(Operation::ListData), 0);
}

#[test]
fn a_plan_stays_when_its_names_get_another_meaning() {
    let world = world();
    world.write("cohort.csv", manifest(2));
    world.run(&submit(&["--quiet"])).exits(0);
    // The manifest is the same, and its pipeline is gone.
    let mut command = world.command(&submit(&["--quiet"]));
    let other = "0195c0de-0000-7000-8000-000000000001";
    world.simulator.add_project(other);
    command.env("ICAV2_PROJECT_ID", other);
    let ran = super::harness::Ran::from(command.output().unwrap()).exits(3);
    assert!(
        ran.stderr.contains("pipeline"),
        "another project has no such pipeline: {}",
        ran.stderr
    );
    assert_each_once(&world, 2);
}

#[test]
fn problems_of_a_manifest_have_places_and_nothing_is_sent() {
    let world = world();
    let text = "user_reference,input.reads\nsample-1,/run1/a.bam\nsample-1,/run1/b.bam\nsam?ple,/run1/a.bam\n";
    world.write("cohort.csv", text);
    let ran = world.run(&SUBMIT).exits(3);
    insta::assert_snapshot!(world.shown(&ran));
    assert_eq!(world.simulator.count(CREATE), 0);

    let ran = world.run(&submit(&["--error-format", "json", "--quiet"])).exits(3);
    let json: serde_json::Value = serde_json::from_str(&ran.stderr).unwrap();
    assert_eq!(json["error"]["exitCode"], 3);
    assert_eq!(json["error"]["details"]["manifest"]["problems"][0]["line"], 3);
    let ran = world.run(&submit(&["--problem-limit", "1"])).exits(3);
    assert!(ran.stderr.contains("and 2 more"), "{}", ran.stderr);
}

#[test]
fn a_dry_run_sends_reads_only_and_records_nothing() {
    let world = world();
    world.write("cohort.csv", manifest(250));
    let ran = world.run(&submit(&["--dry-run", "--format", "json"])).exits(0);
    insta::assert_snapshot!(world.shown(&ran));
    assert_eq!(world.simulator.count(CREATE), 0);
    assert!(!world.path("state/ica-batch/journal.db").exists());

    world.run(&submit(&["--quiet"])).exits(0);
    let ran = world
        .run(&submit(&[
            "--dry-run",
            "--format",
            "csv",
            "--columns",
            "pending,chunks",
        ]))
        .exits(0);
    assert_eq!(ran.stdout, "pending,chunks\n0,0\n");
    assert!(
        ran.stderr.contains("0 of 250 analyses would be sent; nothing"),
        "{}",
        ran.stderr
    );
    world.write("cohort.csv", manifest(251));
    let ran = world.run(&submit(&["--dry-run"])).exits(3);
    assert!(
        ran.stderr.contains("1 row added") && ran.stderr.contains("--accept-additions"),
        "{}",
        ran.stderr
    );
    let accepted = submit(&[
        "--dry-run",
        "--accept-additions",
        "--format",
        "tsv",
        "--columns",
        "pending,chunks",
    ]);
    assert_eq!(world.run(&accepted).exits(0).stdout, "pending\tchunks\n1\t1\n");
    assert_each_once(&world, 250);
    world.run(&submit(&["--accept-additions"])).exits(0);
    assert_each_once(&world, 251);
}

#[test]
fn a_manifest_comes_from_standard_input() {
    let world = world();
    let arguments = [
        "submit",
        "-",
        "--pipeline",
        PIPELINE,
        "--manifest-format",
        "csv",
        "--name",
        "piped",
    ];
    world.run_with_input(&arguments, manifest(3)).exits(0);
    assert_each_once(&world, 3);
    // Its name is enough to go on.
    world.run(&["submit", "--name", "piped"]).exits(0);
    assert_each_once(&world, 3);
    for (arguments, advice) in [
        (&["submit", "-", "--manifest-format", "csv"][..], "add --name"),
        (&["submit", "-", "--name", "x"], "add --manifest-format"),
        (&["submit"], "required"),
    ] {
        let ran = world.run_with_input(arguments, manifest(1)).exits(2);
        assert!(ran.stderr.contains(advice), "{}", ran.stderr);
    }
}

#[test]
fn a_rejected_row_is_isolated_and_the_next_command_is_named() {
    let world = world();
    world.simulator.set_fate("sample-7", Fate::RejectRequest);
    world.write("cohort.csv", manifest(20));
    let ran = world.run(&submit(&["--on-reject", "stop"])).exits(4);
    assert!(ran.stderr.contains("--on-reject isolate"), "{}", ran.stderr);
    let ran = world.run(&submit(&["--format", "json"])).exits(1);
    assert_each_once(&world, 19);
    assert!(
        ran.stderr.contains("next: ica-batch items cohort --failed"),
        "{}",
        ran.stderr
    );
    let summary: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!((&summary["created"], &summary["rejected"]), (&19.into(), &1.into()));
    assert_eq!(summary["failures"][0]["examples"][0], "sample-7");

    world.simulator.set_fate("sample-7", Fate::Succeed);
    assert!(
        ran.stderr.contains("ica-batch rerun cohort --rejected --wait"),
        "{}",
        ran.stderr
    );
    world.run(&["rerun", "cohort", "--rejected", "--wait"]).exits(0);
    assert_each_once(&world, 20);
}

#[test]
fn with_wait_the_summary_groups_failures_by_reason() {
    let world = world();
    for (name, fate) in [
        ("sample-2", Fate::FailRun),
        ("sample-3", Fate::FailRun),
        ("sample-4", Fate::FailCreation),
        ("sample-5", Fate::RejectRequest),
    ] {
        world.simulator.set_fate(name, fate);
    }
    world.write("cohort.csv", manifest(30));
    let ran = world
        .run(&submit(&["--wait", "--concurrency", "1", "--format", "json"]))
        .exits(1);
    insta::assert_snapshot!(with_sorted_failures(&world.shown(&ran)));
}

/// Sorts the lines about analyses that failed: several batches are read at the same time.
fn with_sorted_failures(shown: &str) -> String {
    let is_failure = |line: &&str| line.starts_with("[time] sample-");
    let mut failures = shown.lines().filter(is_failure).collect::<Vec<_>>();
    failures.sort_unstable();
    let mut failures = failures.into_iter();
    let lines = shown.lines().map(|line| match is_failure(&line) {
        true => failures.next().unwrap_or(line),
        false => line,
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn flags_win_over_the_profile_and_rows_over_flags() {
    let world = world();
    world.write(
        "config/ica-batch/config.toml",
        "[profile.default]\npipeline = \"none\"\n",
    );
    world.write("cohort.csv", manifest(1));
    let ran = world.run(&["submit", "cohort.csv"]).exits(3);
    assert!(ran.stderr.contains("\"none\""), "{}", ran.stderr);
    world.run(&SUBMIT).exits(0);
}

#[test]
fn removed_rows_have_advice_of_their_own() {
    let world = world();
    world.write("cohort.csv", manifest(3));
    world.run(&submit(&["--quiet"])).exits(0);
    world.write("cohort.csv", manifest(2));
    let ran = world.run(&submit(&[])).exits(3);
    for text in [
        "1 row removed",
        "put the removed row back",
        "--accept-additions, which leaves its analysis as it is",
    ] {
        assert!(ran.stderr.contains(text), "{text}: {}", ran.stderr);
    }
    assert!(!ran.stderr.contains("new rows"), "{}", ran.stderr);
    world.run(&submit(&["--accept-additions"])).exits(0);
    assert_each_once(&world, 3);

    // A row that was not sent cannot be removed.
    let held = world.simulator.hold_creates();
    world.write("night.csv", manifest(3).replace("sample", "night"));
    let night = [
        "submit",
        "night.csv",
        "--pipeline",
        PIPELINE,
        "--chunk-size",
        "1",
        "--concurrency",
        "1",
    ];
    let mut running = Running::start(world.command(&night));
    held.reached_blocking(1);
    running.signal("INT");
    running.read_until("stopping when");
    held.release();
    running.end().exits(5);
    world.write("night.csv", manifest(2).replace("sample", "night"));
    for more in [&[][..], &["--accept-additions"]] {
        let ran = world.run(&[&night[..], more].concat()).exits(3);
        for text in [
            "1 row removed",
            "put the removed row back",
            "submit only the rows that are not created yet under another name",
            "--allow-created-elsewhere starts the created ones again",
        ] {
            assert!(ran.stderr.contains(text), "{text}: {}", ran.stderr);
        }
    }
}

#[test]
fn a_lost_journal_names_no_number_of_batches() {
    let world = world();
    world.write("cohort.csv", manifest(30));
    world.run(&submit(&["--chunk-size", "10"])).exits(0);
    std::fs::remove_dir_all(journal_path(&world).parent().unwrap()).unwrap();
    let ran = world.run(&submit(&["--chunk-size", "10"])).exits(0);
    let text = "submission \"cohort\": 30 of 30 analyses created in batches that are not known\n";
    assert!(ran.stderr.contains(text), "{}", ran.stderr);
    assert_each_once(&world, 30);
}

#[test]
fn a_refused_manifest_is_no_pending_work() {
    let world = world();
    world.write("cohort.csv", manifest(2));
    world.run(&submit(&["--quiet", "--journal", "first.db"])).exits(0);
    world.write("cohort.csv", manifest(1));
    let ran = world.run(&submit(&["--quiet", "--journal", "second.db"])).exits(3);
    assert!(ran.stderr.contains("nothing was sent"), "{}", ran.stderr);
    let status = world.run(&["status", "--journal", "second.db", "--format", "json"]);
    assert!(!status.stdout.contains("cohort"), "{}", status.stdout);
}
