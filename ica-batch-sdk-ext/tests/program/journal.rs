//! `ica-batch journal`.

use std::fs;

use ica_batch_sdk_ext::Journal;

use super::fixture::{COHORT, journal, journal_path, plan, shown, submit, world_of_ended};
use super::harness::World;

fn world_with_two() -> World {
    let world = world_of_ended();
    submit(&world, "first", 3);
    submit(&world, COHORT, 7);
    world
}

#[test]
fn the_submissions_and_the_chunks_of_one_are_listed() {
    let world = world_with_two();
    for (name, arguments) in [
        ("list_table", &["journal", "list", "--format", "table"][..]),
        ("list_json", &["journal", "list", "--format", "json"]),
        ("show_table", &["journal", "show", "--format", "table"]),
        ("show_csv", &["journal", "show", COHORT, "--format", "csv"]),
    ] {
        let ran = world.run(arguments).exits(0);
        insta::assert_snapshot!(name, shown(&world, &ran));
    }
    assert_eq!(world.simulator.requests().len(), 0);
}

#[test]
fn an_export_is_that_of_the_library() {
    let world = world_with_two();
    let journal = journal(&world);
    let entry = &journal.submissions().unwrap()[0];
    let mut expected = Vec::new();
    journal.export(entry, &mut expected).unwrap();
    let ran = world.run(&["journal", "export", "first"]).exits(0);
    assert_eq!(ran.stdout.as_bytes(), expected);
    assert_eq!(ran.stderr, "");
    world
        .run(&["journal", "export", "-2", "--output", "first.jsonl"])
        .exits(0);
    assert_eq!(fs::read(world.path("first.jsonl")).unwrap(), expected);
    let ran = world
        .run(&["journal", "export", "--output", "no/folder.jsonl"])
        .exits(2);
    assert!(ran.stderr.contains("no/folder.jsonl"), "{}", ran.stderr);
}

#[test]
fn a_copy_has_the_submissions_and_overwrites_nothing() {
    let world = world_with_two();
    world.run(&["journal", "backup", "copy.db"]).exits(0);
    let copy = Journal::options().read_only(true).open(world.path("copy.db")).unwrap();
    assert_eq!(copy.submissions().unwrap(), journal(&world).submissions().unwrap());
    let ran = world.run(&["journal", "backup", "copy.db"]).exits(5);
    insta::assert_snapshot!(shown(&world, &ran));
}

#[test]
fn old_submissions_are_deleted_after_yes() {
    let world = world_with_two();
    plan(&world, "planned", 3);
    let names = || {
        let entries = journal(&world).submissions().unwrap();
        entries.iter().map(|entry| entry.name().to_owned()).collect::<Vec<_>>()
    };
    let all = ["first", COHORT, "planned"];
    let prune = |more: &[&str]| world.run(&[&["journal", "prune", "--columns", "submission"], more].concat());
    let ran = prune(&["--older-than", "90d", "--yes"]).exits(0);
    assert_eq!(
        (ran.stdout.as_str(), ran.stderr.as_str()),
        ("submission\n", "deleted 0 of 0 submissions\n")
    );
    let ran = prune(&["--older-than", "0s", "--dry-run"]).exits(0);
    insta::assert_snapshot!("dry_run", shown(&world, &ran));
    let ran = prune(&["--older-than", "0s"]).exits(2);
    insta::assert_snapshot!("without_yes", shown(&world, &ran));
    prune(&["--before", "2020-02-29", "--yes"]).exits(0);
    assert_eq!(names(), all);
    let ran = prune(&["--older-than", "0s", "--yes"]).exits(0);
    insta::assert_snapshot!("deleted", shown(&world, &ran));
    assert_eq!(names(), ["planned"]);
}

#[test]
fn a_time_of_pruning_must_be_valid() {
    let world = world_with_two();
    for (arguments, text) in [
        (&["--before", "yesterday"][..], "write a date such as 2026-08-31"),
        (&["--before", "2999-01-01", "--yes"], "in the future"),
        (&["--older-than", "many"], "invalid value 'many'"),
        (&["--older-than", "1d", "--before", "2020-01-01"], "cannot be used with"),
        (&[], "required"),
    ] {
        let ran = world.run(&[&["journal", "prune"], arguments].concat()).exits(2);
        assert!(ran.stderr.contains(text), "{}", ran.stderr);
    }
    assert_eq!(journal(&world).submissions().unwrap().len(), 2);
}

#[test]
fn damage_is_found() {
    let world = world_with_two();
    let ran = world.run(&["journal", "verify"]).exits(0);
    insta::assert_snapshot!("intact", shown(&world, &ran));
    let file = rusqlite::Connection::open(journal_path(&world)).unwrap();
    let changed = file.execute("UPDATE analysis SET user_reference = 'other' WHERE position = 0", []);
    assert_eq!(changed.unwrap(), 2);
    drop(file);
    let ran = world.run(&["journal", "verify", "--format", "table"]).exits(1);
    insta::assert_snapshot!("damaged", shown(&world, &ran));
}

#[test]
fn the_path_of_the_journal_is_printed() {
    let world = World::new();
    let ran = world.run(&["journal", "path"]).exits(0);
    assert_eq!(ran.stdout, format!("{}\n", journal_path(&world).display()));
    let ran = world.run(&["journal", "path", "--journal", "other.db"]).exits(0);
    assert_eq!(ran.stdout, "other.db\n");
}
