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
    let schema = world.run(&["schema", "export-line"]).exits(0).stdout;
    let schema: serde_json::Value = serde_json::from_str(&schema).unwrap();
    let (known, required) = (&schema["properties"], schema["required"].as_array().unwrap());
    for line in ran.stdout.lines() {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        assert!(
            line.as_object().unwrap().keys().all(|name| known[name].is_object()),
            "{line}"
        );
        assert!(
            required.iter().all(|name| !line[name.as_str().unwrap()].is_null()),
            "{line}"
        );
        assert_eq!(line["attempt"], 0);
    }
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
    let ran = world.run(&["journal", "backup", "copy.db"]).exits(2);
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

/// Running the same command again does not help: a scheduler that repeats exit code 5 would never
/// end.
#[test]
fn a_file_that_is_not_the_journal_is_an_error_of_usage() {
    let world = world_with_two();
    world.write("cohort.csv", "user_reference\na\n");
    world.write("text.db", "sample,reads\n".repeat(100));
    world.write("empty.db", "");
    fs::copy(journal_path(&world), world.path("missing.db")).unwrap();
    // A run of the journal writes its id into the lock file.
    let arguments = ["--journal", "missing.db", "--on-reject", "isolate"];
    world.run(&[&["rerun", "first", "--rejected"], &arguments[..]].concat());
    fs::remove_file(world.path("missing.db")).unwrap();
    for (path, reason) in [
        ("text.db", "it is not an SQLite file"),
        ("empty.db", "the file is empty"),
        ("missing.db", "the file is missing, and its lock file"),
    ] {
        for command in [
            &["submit", "cohort.csv", "--pipeline", "x"][..],
            &["rerun", "first", "--rejected"],
        ] {
            if path == "missing.db" && command[0] == "rerun" {
                continue;
            }
            let ran = world.run(&[command, &["--journal", path]].concat()).exits(2);
            assert!(ran.stderr.contains(reason), "{}", ran.stderr);
            assert!(!ran.stderr.contains("next: ica-batch"), "{}", ran.stderr);
        }
    }
}

#[test]
fn an_older_copy_is_an_error_of_usage() {
    let world = world_with_two();
    world.run(&["journal", "backup", "copy.db"]).exits(0);
    submit(&world, "third", 1);
    for suffix in ["-wal", "-shm"] {
        fs::remove_file(world.path(format!("state/ica-batch/journal.db{suffix}"))).ok();
    }
    fs::copy(world.path("copy.db"), journal_path(&world)).unwrap();
    let ran = world.run(&["rerun", "first", "--rejected"]).exits(2);
    assert!(ran.stderr.contains("it is an older copy"), "{}", ran.stderr);
    assert!(!ran.stderr.contains("next: ica-batch"), "{}", ran.stderr);
}

/// util-linux has the program `script`, which runs a command on a terminal.
#[cfg(target_os = "linux")]
#[test]
fn the_answer_no_is_not_an_interruption() {
    use super::harness::Ran;
    use std::io::Write as _;

    let world = world_with_two();
    let program = world.command(&[]).get_program().to_str().unwrap().to_owned();
    let line = format!("{program} journal prune --older-than 0s");
    let command = world.command(&[]);
    let mut script = std::process::Command::new("script");
    script.args(["--quiet", "--return", "--command", &line, "/dev/null"]);
    for (name, value) in command.get_envs() {
        script.env(name, value.unwrap_or_default());
    }
    script.current_dir(world.path("")).stdin(std::process::Stdio::piped());
    script.stdout(std::process::Stdio::piped());
    let Ok(mut child) = script.spawn() else { return };
    child.stdin.take().unwrap().write_all(b"n\n").unwrap();
    let ran = Ran::from(child.wait_with_output().unwrap()).exits(2);
    assert!(
        ran.stdout.contains("nothing was deleted: the answer was not yes"),
        "{}",
        ran.stdout
    );
    assert_eq!(journal(&world).submissions().unwrap().len(), 2);
}
