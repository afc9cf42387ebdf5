//! Arguments that are not valid: each is an error before anything is sent.

use super::cohort::{SUBMIT, manifest, submit, world};
use super::fixture::{COHORT, batch, submit as submit_cohort, world_of_ended};
use super::harness::World;

#[test]
fn the_usage_line_is_that_of_the_command_without_the_variables() {
    let world = World::new();
    let mut command = world.command(&["submit"]);
    command
        .env("ICA_BATCH_JOURNAL", "journal.db")
        .env("ICA_BATCH_PROFILE", "default");
    let ran = super::harness::Ran::from(command.output().unwrap()).exits(2);
    assert!(
        ran.stderr.contains("Usage: ica-batch submit <MANIFEST>\n"),
        "{}",
        ran.stderr
    );
    let ran = world.run(&["rerun", "cohort", "--error-format", "json"]).exits(2);
    assert!(
        ran.stderr.contains("Usage: ica-batch rerun ") && !ran.stderr.contains("--base-url"),
        "{}",
        ran.stderr
    );
}

#[test]
fn the_program_alone_shows_its_help_with_and_without_variables() {
    let world = World::new();
    let with = world.run(&[]).exits(2);
    assert!(with.stderr.contains("\nCommands:\n"), "{}", with.stderr);
    let without = super::harness::Ran::from(world.bare(&[]).output().unwrap());
    assert_eq!(with, without);
    let ran = world.run(&["journal"]).exits(2);
    assert!(ran.stderr.contains("\nCommands:\n  list "), "{}", ran.stderr);
}

#[test]
fn a_file_that_cannot_be_written_is_an_error_before_anything_is_sent() {
    let world = world_of_ended();
    submit_cohort(&world, COHORT, 3);
    let id = batch(&world, 1);
    world.write("cohort.csv", manifest(2));
    world.write("folder/file", "");
    for (path, reason) in [
        ("none/out.csv", "the folder none does not exist"),
        ("folder", "it is a folder"),
        ("folder/file/out.csv", "folder/file is not a folder"),
    ] {
        for arguments in [
            &SUBMIT[..],
            &["wait"],
            &["wait", &id],
            &["rerun", "--failed"],
            &["status"],
            &["status", "--refresh"],
            &["items", "--refresh"],
            &["abort", "--yes"],
            &["audit"],
            &["settle"],
            &["login"],
            &["journal", "list"],
            &["journal", "export"],
            &["schema"],
            &["schema", "summary"],
        ] {
            let ran = world.run(&[arguments, &["--output", path]].concat()).exits(2);
            let expected = format!("could not write {path}: {reason}");
            assert!(ran.stderr.contains(&expected), "{arguments:?}: {}", ran.stderr);
        }
    }
    assert_eq!(world.simulator.requests().len(), 0);
}

/// No user may create files there, not even the one who may do everything.
#[cfg(target_os = "linux")]
#[test]
fn a_folder_without_permission_is_an_error_before_anything_is_sent() {
    let world = world_of_ended();
    submit_cohort(&world, COHORT, 1);
    for arguments in [
        &["items", "--refresh", "--output", "/proc/items.csv"][..],
        &["wait", "--timeline", "/proc/chart.svg"],
        &["rerun", "--failed", "--timeline", "/proc/chart.svg"],
        &["submit", "--name", COHORT, "--timeline", "/proc/chart.svg"],
        &["status", "--refresh", "--html", "/proc/status.html"],
    ] {
        let ran = world.run(arguments).exits(2);
        assert!(ran.stderr.contains("could not write /proc/"), "{}", ran.stderr);
    }
    assert_eq!(world.simulator.requests().len(), 0);
}

#[test]
fn a_picture_and_a_page_have_the_extensions_of_their_formats() {
    let world = world_of_ended();
    submit_cohort(&world, COHORT, 1);
    for name in ["chart.png", "chart", "chart.svg.gz"] {
        let ran = world.run(&["wait", "--timeline", name]).exits(2);
        assert!(ran.stderr.contains("the name must end with .svg"), "{}", ran.stderr);
        assert!(!world.path(name).exists());
    }
    let ran = world.run(&["status", "--refresh", "--html", "status.pdf"]).exits(2);
    assert!(
        ran.stderr.contains("the name must end with .html or .htm"),
        "{}",
        ran.stderr
    );
    assert_eq!(world.simulator.requests().len(), 0);
    world.run(&["wait", "--timeline", "chart.SVG"]).exits(0);
    world.run(&["status", "--html", "status.htm"]).exits(0);
    assert!(world.path("chart.SVG").exists() && world.path("status.htm").exists());
}

#[test]
fn a_limit_of_no_problems_is_not_valid() {
    let ran = world().run(&submit(&["--problem-limit", "0"])).exits(2);
    assert!(ran.stderr.contains("--problem-limit"), "{}", ran.stderr);
}

#[test]
fn all_columns_cannot_be_joined_with_others() {
    let world = world_of_ended();
    submit_cohort(&world, COHORT, 1);
    for columns in ["all,batch", "batch,all", "all,all"] {
        let ran = world.run(&["items", "--columns", columns]).exits(2);
        assert!(
            ran.stderr.contains("\"all\" means all columns; give it alone"),
            "{}",
            ran.stderr
        );
    }
}

#[test]
fn numbers_of_submissions_begin_with_1() {
    let world = world_of_ended();
    submit_cohort(&world, COHORT, 1);
    for number in ["-0", "-00"] {
        let ran = world.run(&["status", number]).exits(2);
        let expected = format!("{number} is not a submission: -1 is the last one, -2 the one before it");
        assert!(ran.stderr.contains(&expected), "{}", ran.stderr);
    }
}
