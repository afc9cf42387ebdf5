//! `ica-batch status`.

use ica_batch_sdk_ext::SubmissionOutcome;

use super::fixture::{COHORT, batch, plan, shown, submit, world_of_ended, world_of_running};
use super::harness::{Ran, World};

#[test]
fn a_submission_is_read_from_the_journal_without_credentials() {
    let world = world_of_ended();
    submit(&world, COHORT, 12);
    let ran = Ran::from(world.bare(&["status", "--format", "table"]).output().unwrap()).exits(0);
    insta::assert_snapshot!(shown(&world, &ran));
    assert_eq!(world.simulator.requests().len(), 0);
    let ran = world.run(&["status", COHORT, "--format", "json"]).exits(0);
    insta::assert_snapshot!(shown(&world, &ran));
    assert_eq!(world.simulator.requests().len(), 0);
}

#[test]
fn a_submission_that_was_not_sent_says_what_is_next() {
    let world = World::new();
    plan(&world, COHORT, 7);
    let ran = world
        .run(&["status", "-1", "--columns", "submission,phase,pending,next"])
        .exits(0);
    insta::assert_snapshot!(shown(&world, &ran));
}

/// The statuses that were read are recorded: the next status without `--refresh` has them.
#[test]
fn statuses_are_read_from_ica_when_asked_for() {
    let world = world_of_running();
    let report = submit(&world, COHORT, 3);
    let columns = ["--columns", "running,failed,runs,source"];
    let status = |more: &[&str]| world.run(&[&["status"], more, &columns].concat()).exits(0);
    let before = status(&[]);
    assert_eq!(before.stdout.lines().nth(1).unwrap().split('\t').next(), Some("3"));
    let SubmissionOutcome::Created { analysis, .. } = &report.analyses()[0].outcome else {
        panic!("{report}");
    };
    assert!(world.simulator.abort(analysis.unwrap()));
    world.simulator.clock().advance(std::time::Duration::from_secs(3600));
    assert_eq!(status(&[]), before);
    let refreshed = status(&["--refresh"]);
    insta::assert_snapshot!(shown(&world, &refreshed));
    let recorded = status(&[]);
    assert_eq!(recorded.stdout, refreshed.stdout.replace("\tica", "\tjournal"));
}

#[test]
fn batches_are_read_from_ica() {
    let world = world_of_ended();
    submit(&world, COHORT, 12);
    let [first, second] = [batch(&world, 3), batch(&world, 2001)];
    let ran = world.run(&["status", &first, &second, "--format", "table"]).exits(0);
    insta::assert_snapshot!(shown(&world, &ran));
    // That of the submission, with a run that failed, from standard input.
    let ran = world
        .run(&["items", "--status", "failed", "--columns", "batch"])
        .exits(0);
    let failed = ran.stdout.lines().nth(1).unwrap();
    let ran = world.run_with_input(
        &["status", "--batches-from", "-", "--format", "jsonl"],
        format!("{failed}\n\n{first}\n"),
    );
    insta::assert_snapshot!(shown(&world, &ran.exits(0)));
}

#[test]
fn a_page_for_a_browser_has_the_analyses_of_a_submission() {
    let world = world_of_ended();
    submit(&world, COHORT, 12);
    let ran = world
        .run(&["status", "--html", "status.html", "--columns", "failed"])
        .exits(0);
    assert_eq!(ran.stdout, "failed\n1\n");
    assert!(ran.stderr.starts_with("wrote status.html\n"), "{}", ran.stderr);
    let page = std::fs::read_to_string(world.path("status.html")).unwrap();
    for text in ["<h1>cohort 42</h1>", "sample-11", "not_created", "run failed, FAILED"] {
        assert!(page.contains(text), "{text} is missing in {page}");
    }
    assert_eq!(page.matches("\n[\"sample-").count(), 12, "{page}");
    // The chart begins with the first chunk.
    let (_, chart) = page.split_once("<h2>Statuses over time</h2>").unwrap();
    let (chart, _) = chart.split_once("</svg>").unwrap();
    for status in ["pending", "rejected", "not_created", "FAILED", "SUCCEEDED"] {
        assert!(chart.contains(status), "{status} is missing in {chart}");
    }
    let ran = world
        .run(&["status", &batch(&world, 1), "--html", "batch.html"])
        .exits(2);
    assert!(ran.stderr.contains("--html is for a submission"), "{}", ran.stderr);
    assert!(!world.path("batch.html").exists());
}

#[test]
fn a_page_of_a_submission_that_was_not_sent_has_no_chart() {
    let world = World::new();
    plan(&world, COHORT, 7);
    world.run(&["status", "-1", "--html", "status.html"]).exits(0);
    let page = std::fs::read_to_string(world.path("status.html")).unwrap();
    assert!(
        page.contains("<h1>cohort 42</h1>") && page.contains("sample-6"),
        "{page}"
    );
    assert!(!page.contains("Statuses over time") && !page.contains("<svg"), "{page}");
}

#[test]
fn what_does_not_exist_is_an_error_with_the_next_step() {
    let world = world_of_ended();
    let ran = world.run(&["status"]).exits(3);
    insta::assert_snapshot!("no_journal", shown(&world, &ran));
    submit(&world, COHORT, 3);
    let ran = world.run(&["status", "cohort-42"]).exits(3);
    insta::assert_snapshot!("no_submission", shown(&world, &ran));
    let ran = world.run(&["status", "00000000-0000-0000-0000-000000000007"]).exits(4);
    insta::assert_snapshot!("no_batch", shown(&world, &ran));
    let ran = world.run(&["status", "-2"]).exits(3);
    assert!(ran.stderr.contains("ica-batch journal list"), "{}", ran.stderr);
}

#[test]
fn running_analyses_are_counted() {
    let world = world_of_running();
    let report = submit(&world, COHORT, 3);
    world.simulator.clock().advance(std::time::Duration::from_secs(3600));
    let columns = [
        "--columns",
        "analyses,accepted,running,succeeded,failed",
        "--format",
        "csv",
    ];
    let counts = |more: &[&str]| {
        let ran = world.run(&[&["status"], more, &columns].concat()).exits(0);
        ran.stdout.lines().nth(1).unwrap().to_owned()
    };
    let batch = report.batches().first().unwrap().to_string();
    assert_eq!(counts(&["--refresh"]), "3,0,3,0,0");
    assert_eq!(counts(&[&batch]), "3,0,3,0,0");
    let SubmissionOutcome::Created { analysis, .. } = &report.analyses()[0].outcome else {
        panic!("{report}");
    };
    assert!(world.simulator.abort(analysis.unwrap()));
    world.simulator.clock().advance(std::time::Duration::from_secs(3600));
    assert_eq!(counts(&["--refresh"]), "3,0,2,0,1");
    assert_eq!(counts(&[&batch]), "3,0,2,0,1");
}

#[test]
fn a_batch_that_is_named_twice_is_read_once() {
    let world = World::new();
    let [first, second] = [batch(&world, 3), batch(&world, 2)];
    let (upper, list) = (first.to_uppercase(), format!("{second}\n{first}\n{second}\n"));
    for command in ["status", "wait"] {
        let columns = [command, "--columns", "batch", "--format", "csv"];
        let ran = world
            .run(&[&columns[..], &[&second, &first, &second, &upper]].concat())
            .exits(0);
        let mut rows = ran.stdout.lines().skip(1).collect::<Vec<_>>();
        if command == "wait" {
            // It has its rows in the order of the ids.
            rows.sort_unstable_by_key(|id| *id != second);
            assert!(
                ran.stderr.contains("2 batches: 5 of 5 analyses ended"),
                "{}",
                ran.stderr
            );
        }
        assert_eq!(rows, [&second, &first], "{command}");
        let input = [&columns[..], &["--batches-from", "-"]].concat();
        assert_eq!(world.run_with_input(&input, &list).exits(0).stdout, ran.stdout);
    }
    let ran = world
        .run(&["items", &first, &first, "--columns", "user_reference"])
        .exits(0);
    assert_eq!(ran.stdout.lines().count(), 1 + 3, "{}", ran.stdout);
}
