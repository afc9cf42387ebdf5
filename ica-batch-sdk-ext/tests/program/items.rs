//! `ica-batch items`.

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};

use super::fixture::{COHORT, batch, shown, submit, world_of_ended, world_of_running};
use super::harness::World;

const FORMATS: [&str; 5] = ["table", "csv", "tsv", "json", "jsonl"];

#[test]
fn each_format_has_the_analyses_of_a_submission() {
    let world = world_of_ended();
    submit(&world, COHORT, 5);
    for format in FORMATS {
        let ran = world.run(&["items", COHORT, "--format", format]).exits(0);
        insta::assert_snapshot!(format, shown(&world, &ran));
    }
    assert_eq!(world.simulator.requests().len(), 0);
}

#[test]
fn each_format_has_the_analyses_of_a_batch() {
    let world = world_of_ended();
    submit(&world, COHORT, 5);
    let ran = world
        .run(&["items", "--status", "succeeded", "--columns", "batch"])
        .exits(0);
    let batches = ran.stdout.lines().skip(1).collect::<BTreeSet<_>>();
    let batches = batches.into_iter().collect::<Vec<_>>();
    for format in FORMATS {
        let arguments = [&["items"], &*batches, &["--format", format]].concat();
        let ran = world.run(&arguments).exits(0);
        insta::assert_snapshot!(format!("batch_{format}"), shown(&world, &ran));
    }
}

/// Returns the user references of the rows with these filters.
fn references(world: &World, filters: &[&str]) -> Vec<String> {
    let arguments = [&["items"], filters, &["--columns", "user_reference"]].concat();
    let ran = world.run(&arguments).exits(0);
    ran.stdout.lines().skip(1).map(ToOwned::to_owned).collect()
}

#[test]
fn filters_let_analyses_through() {
    let world = world_of_ended();
    submit(&world, COHORT, 5);
    let ran = world.run(&["items", "--status", "not_created", "--columns", "message"]);
    assert_eq!(ran.exits(0).stdout, "message\nThe analysis could not be created.\n");
    let all = ["sample-0", "sample-1", "sample-2", "sample-3", "sample-4"];
    assert_eq!(references(&world, &[]), all);
    assert_eq!(references(&world, &["--failed"]), all[1..4]);
    assert_eq!(references(&world, &["--pending"]), [""; 0]);
    assert_eq!(references(&world, &["--status", "rejected"]), all[1..2]);
    // The creation of one, and the run of another.
    assert_eq!(references(&world, &["--status", "FAILED"]), all[2..4]);
    assert_eq!(references(&world, &["--status", "not_created,rejected"]), all[1..3]);
    for name in ["succeeded", "SUCCEEDED"] {
        assert_eq!(references(&world, &["--status", name]), [all[0], all[4]]);
    }
    assert_eq!(references(&world, &["--status", "NEWER", "--any-status"]), [""; 0]);
    let world = world_of_running();
    submit(&world, COHORT, 2);
    assert_eq!(references(&world, &["--pending"]), all[..2]);
    assert_eq!(references(&world, &["--failed"]), [""; 0]);
}

#[test]
fn failed_analyses_have_a_next_step_where_no_program_reads_them() {
    let world = world_of_ended();
    submit(&world, COHORT, 5);
    let to_file = |arguments: &[&str]| {
        let arguments = [&["items", "--output", "items.csv"], arguments].concat();
        world.run(&arguments).exits(0).stderr
    };
    let next = "next: ica-batch rerun 'cohort 42'";
    assert_eq!(
        to_file(&["--failed"]),
        format!("{next} --failed --failed-creation --rejected --wait\n")
    );
    assert_eq!(
        to_file(&["--failed", "--refresh"]),
        format!("{next} --failed --failed-creation --rejected --wait\n")
    );
    assert_eq!(
        to_file(&["--status", "rejected"]),
        format!("{next} --rejected --wait\n")
    );
    assert_eq!(to_file(&["--status", "succeeded"]), "");
    assert_eq!(to_file(&["--failed", "--quiet"]), "");
    assert_eq!(world.run(&["items", "--failed"]).exits(0).stderr, "");
}

#[test]
fn misspelt_names_are_errors_before_anything_is_sent() {
    let world = World::new();
    let id = batch(&world, 3);
    let ran = world.run(&["items", &id, "--status", "SUCEEDED"]).exits(2);
    insta::assert_snapshot!("status_misspelt", shown(&world, &ran));
    let ran = world.run(&["items", &id, "--status", "Suceeded"]).exits(2);
    assert!(ran.stderr.contains("did you mean \"succeeded\"?"), "{}", ran.stderr);
    let ran = world.run(&["items", &id, "--columns", "user_referense"]).exits(2);
    insta::assert_snapshot!("column_misspelt", shown(&world, &ran));
    assert_eq!(world.simulator.requests().len(), 0);
}

#[test]
fn each_analysis_of_many_pages_is_written_once() {
    let world = World::new();
    let id = batch(&world, 2500);
    let ran = world
        .run(&["items", &id, "--format", "csv", "--columns", "user_reference,item"])
        .exits(0);
    let rows = ran.stdout.lines().skip(1).collect::<BTreeSet<_>>();
    assert_eq!((rows.len(), ran.stdout.lines().count()), (2500, 2501));
    assert_eq!(ran.stderr, "");
}

#[test]
fn without_analyses_a_table_is_empty_and_csv_has_its_header() {
    let world = world_of_ended();
    submit(&world, COHORT, 1);
    for (format, stdout) in [
        ("table", ""),
        ("csv", "outcome,kind\n"),
        ("json", "[]\n"),
        ("jsonl", ""),
    ] {
        let ran = world.run(&["items", "--failed", "--columns", "outcome,kind", "--format", format]);
        let ran = ran.exits(0);
        assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), (stdout, "no analyses\n"));
    }
}

/// As with `| head -1`.
#[test]
fn a_closed_standard_output_is_no_error() {
    let world = World::new();
    let id = batch(&world, 3000);
    for format in FORMATS {
        let mut child = world.command(&["items", &id, "--format", format]).spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut first = String::new();
        stdout.read_line(&mut first).unwrap();
        assert!(!first.is_empty());
        drop(stdout);
        let ended = child.wait_with_output().unwrap();
        let stderr = String::from_utf8(ended.stderr).unwrap();
        assert_eq!((ended.status.code(), stderr.as_str()), (Some(0), ""), "{format}");
    }
}

#[test]
fn a_file_appears_only_when_it_is_complete() {
    let world = World::new();
    let id = batch(&world, 3);
    let missing = "00000000-0000-0000-0000-000000000007";
    let folder = world.write("out/items.csv", "earlier\n");
    let folder = folder.parent().unwrap();
    let content = || {
        let mut text = String::new();
        fs::File::open(folder.join("items.csv"))
            .unwrap()
            .read_to_string(&mut text)
            .unwrap();
        (fs::read_dir(folder).unwrap().count(), text)
    };
    let items = |ids: &[&str], format: &str| {
        let arguments = [&["items"], ids, &["--output", "out/items.csv", "--format", format]].concat();
        world.run(&arguments)
    };
    for format in FORMATS {
        items(&[&id, missing], format).exits(4);
        assert_eq!(content(), (1, "earlier\n".to_owned()), "{format}");
    }
    let ran = items(&[&id], "csv").exits(0);
    assert_eq!(ran.stdout, "");
    let (files, text) = content();
    assert_eq!((files, text.lines().count()), (1, 4));
}
