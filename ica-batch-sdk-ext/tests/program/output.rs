//! Where data and the log go.

use std::fs;

use ica_simulator::Fate;

use super::cohort::{PIPELINE, manifest, submit, world};
use super::fixture::{COHORT, batch, journal, plan, submit as submit_all};

/// A device, a pipe or a link is not replaced.
#[cfg(unix)]
#[test]
fn a_file_keeps_its_kind_and_permissions() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    let world = world();
    let to = |path: &str| world.run(&["schema", "manifest-row", "--output", path]);
    fs::write(world.path("target.json"), "old").unwrap();
    fs::set_permissions(world.path("target.json"), fs::Permissions::from_mode(0o640)).unwrap();
    symlink("target.json", world.path("link.json")).unwrap();
    let ran = to("link.json").exits(0);
    assert_eq!(ran.stdout, "");
    assert!(fs::symlink_metadata(world.path("link.json")).unwrap().is_symlink());
    let written = fs::read_to_string(world.path("target.json")).unwrap();
    assert!(written.contains("user_reference"), "{written}");
    let mode = fs::metadata(world.path("target.json")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o640);
    assert_eq!(to("/dev/stdout").exits(0).stdout, written);
    assert!(to(".").exits(2).stderr.contains("it is a folder"));
}

#[test]
fn each_call_and_attempt_is_in_the_log_and_no_secret() {
    let world = world();
    world.write("cohort.csv", manifest(2));
    let calls = world.run(&submit(&["--dry-run", "-v"])).exits(0).stderr;
    assert!(
        calls.contains("Z  INFO call of get_project_pipelines took=") && !calls.contains("GET /"),
        "{calls}"
    );
    let attempts = world.run(&submit(&["--dry-run", "-vvv"])).exits(0).stderr;
    assert!(
        attempts.contains("GET /api/projects/{projectId}/pipelines ") && attempts.contains(" status=200 "),
        "{attempts}"
    );
    for log in [calls, attempts] {
        assert!(
            !log.contains("otel") && !log.contains(world.simulator.api_key()) && !log.contains("eyJ"),
            "{log}"
        );
    }
}

#[test]
fn a_column_may_be_chosen_twice() {
    let world = world();
    world.write("cohort.csv", manifest(1));
    world.run(&submit(&[])).exits(0);
    let columns = [
        "items",
        "--columns",
        "user_reference,user_reference",
        "--format",
        "jsonl",
    ];
    let ran = world.run(&columns).exits(0);
    assert!(
        ran.stdout.contains("sample-1") && !ran.stdout.contains("null"),
        "{}",
        ran.stdout
    );
}

#[test]
fn a_key_in_the_configuration_file_is_not_shown() {
    let world = world();
    let text = "[profile.default]\napi_key = \"secret-key-123\"\n";
    world.write("config/ica-batch/config.toml", text);
    let ran = world.run(&["login"]).exits(3);
    assert!(!ran.stderr.contains("secret-key-123"), "{}", ran.stderr);
    assert!(
        ran.stderr.contains("line 2") && ran.stderr.contains("api_key_file"),
        "{}",
        ran.stderr
    );
}

#[test]
fn a_name_that_no_command_could_name_is_rejected() {
    let world = world();
    world.write("cohort.csv", manifest(1));
    for name in ["--name=-1", "--name=0195c0de-0000-7000-8000-000000000001"] {
        let ran = world.run(&["submit", "cohort.csv", name]).exits(3);
        assert!(ran.stderr.contains("choose another name with --name"), "{}", ran.stderr);
    }
    assert_eq!(world.simulator.executed_creates(), 0);
}

#[test]
fn the_script_of_bash_names_the_commands_in_one_way() {
    let script = world().run(&["completions", "bash"]).exits(0).stdout;
    assert!(script.contains("ica__batch__subcmd__journal)"), "{script}");
    assert!(!script.contains("ica__subcmd__batch"), "{script}");
}

#[test]
fn an_error_of_usage_is_json_where_errors_are() {
    let ran = world().run(&["submit", "--error-format", "json"]).exits(2);
    let error: serde_json::Value = serde_json::from_str(&ran.stderr).unwrap();
    assert_eq!(error["error"]["exitCode"], 2);
    let message = error["error"]["message"].as_str().unwrap();
    assert!(message.contains("<MANIFEST>"), "{message}");
}

#[test]
fn commands_without_settings_need_no_valid_configuration_file() {
    let world = world();
    world.write("config/ica-batch/config.toml", "[profile");
    world.run(&["login"]).exits(3);
    for command in [&["completions", "zsh"][..], &["man"], &["schema"]] {
        world.run(command).exits(0);
    }
}

#[test]
fn a_reader_that_has_gone_hides_no_exit_code() {
    let world = world();
    world.simulator.set_fate("sample-2", Fate::RejectRequest);
    world.write("cohort.csv", manifest(2));
    let mut child = world.command(&submit(&["--format", "json"])).spawn().unwrap();
    drop(child.stdout.take());
    assert_eq!(child.wait_with_output().unwrap().status.code(), Some(1));

    world.simulator.set_fate("sample-3", Fate::FailRun);
    world.write(
        "runs.csv",
        manifest(3)
            .replace("sample-1,", "other-1,")
            .replace("sample-2,", "other-2,"),
    );
    let arguments = ["submit", "runs.csv", "--pipeline", PIPELINE, "--quiet"];
    world.run(&arguments).exits(0);
    let id = world.simulator.batches().last().unwrap().id.to_string();
    let mut child = world.command(&["wait", &id, "--format", "json"]).spawn().unwrap();
    drop(child.stdout.take());
    let waited = child.wait_with_output().unwrap();
    let stderr = String::from_utf8(waited.stderr).unwrap();
    assert_eq!(waited.status.code(), Some(1), "{stderr}");
    assert!(!stderr.contains("error"), "{stderr}");

    // A copy of the journal from before the run lacks what the run did, which an audit finds.
    plan(&world, COHORT, 3);
    journal(&world).backup(world.path("copy.db")).unwrap();
    submit_all(&world, COHORT, 3);
    let mut child = world
        .command(&["audit", COHORT, "--journal", "copy.db"])
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    assert_eq!(child.wait_with_output().unwrap().status.code(), Some(1));
}

#[test]
fn a_list_of_ids_may_begin_with_a_byte_order_mark() {
    let world = world();
    let id = batch(&world, 1);
    world.write("ids.txt", format!("\u{feff}{id}\r\n"));
    let ran = world.run(&["status", "--batches-from", "ids.txt"]).exits(0);
    assert!(ran.stdout.contains(&id), "{}", ran.stdout);
}

#[test]
fn a_file_has_the_format_of_its_extension() {
    let world = world();
    submit_all(&world, COHORT, 2);
    let content = |arguments: &[&str], path: &str| {
        world.run(&[arguments, &["-o", path]].concat()).exits(0);
        fs::read_to_string(world.path(path)).unwrap()
    };
    let items = ["items", "--columns", "user_reference,outcome"];
    assert!(content(&items, "a.csv").starts_with("user_reference,outcome\nsample-0,"));
    for name in ["a.tsv", "a.txt", "a"] {
        assert!(
            content(&items, name).starts_with("user_reference\toutcome\nsample-0\t"),
            "{name}"
        );
    }
    assert!(content(&items, "a.JSON").starts_with("[\n  {\"outcome\""));
    for name in ["a.jsonl", "a.ndjson"] {
        assert!(content(&items, name).starts_with("{\"outcome\""), "{name}");
    }
    assert!(content(&["status"], "a.json").starts_with('{'));
    let chosen = [&items[..], &["--format", "tsv"]].concat();
    assert!(content(&chosen, "b.csv").starts_with("user_reference\toutcome\n"));
}
