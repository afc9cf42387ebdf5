//! The command line of the generator.

use std::path::Path;
use std::process::{Command, Output};

fn xtask(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
    command
        .args(arguments)
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
    command.output().expect("the program was built for the test")
}

fn generate(arguments: &[&str]) -> (bool, String) {
    let output = xtask(&[&["generate"], arguments].concat());
    (output.status.success(), String::from_utf8(output.stderr).unwrap())
}

fn path(path: &Path) -> &str {
    path.to_str().expect("temporary paths are text")
}

#[test]
fn check_passes_after_generate_and_names_the_command_when_the_client_is_out_of_date() {
    let out = tempfile::tempdir().unwrap();
    let (ok, output) = generate(&["--out", path(out.path())]);
    assert!(ok, "{output}");
    let (ok, output) = generate(&["--check", "--out", path(out.path())]);
    assert!(ok, "{output}");

    let file = out.path().join("generated.rs");
    let stale = std::fs::read_to_string(&file)
        .unwrap()
        .replacen("pub struct Job ", "pub struct Task ", 1);
    std::fs::write(&file, stale).unwrap();
    let (ok, output) = generate(&["--check", "--out", path(out.path())]);
    assert!(!ok && output.contains("run `cargo xtask generate`"), "{output}");
}

#[test]
fn another_description_does_not_overwrite_the_client() {
    let (ok, output) = generate(&["--spec", "openapi/ica-batch.yaml"]);
    assert!(!ok && output.contains("--out"), "{output}");
}

#[test]
fn an_error_names_a_description_that_cannot_be_read() {
    let (ok, output) = generate(&["--spec", "no-such-file.yaml", "--check"]);
    assert!(!ok && output.contains("could not read no-such-file.yaml: "), "{output}");
}

#[test]
fn lower_prints_the_input_of_progenitor() {
    let output = xtask(&["lower"]);
    let printed = String::from_utf8(output.stdout).unwrap();
    let document = xtask::description::parse(&printed).unwrap();
    let operations = document
        .operations()
        .filter_map(|(_, _, operation)| operation.operation_id.as_deref());
    assert!(
        operations
            .into_iter()
            .any(|id| id == "getAnalysisCreationBatchItemsSummary")
    );
}

fn diff(arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = xtask(&[&["diff"], arguments].concat());
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

/// Writes the description of the repository with one text replaced, and returns its folder and path.
fn edited(old: &str, new: &str) -> (tempfile::TempDir, String) {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../openapi/ica-batch.yaml");
    let text = std::fs::read_to_string(path).unwrap();
    assert!(text.contains(old));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("published.yaml");
    std::fs::write(&file, text.replacen(old, new, 1)).unwrap();
    let file = file.to_str().expect("temporary paths are text").to_owned();
    (folder, file)
}

#[test]
fn the_exit_code_of_diff_follows_the_bar() {
    let ours = "openapi/ica-batch.yaml";
    assert_eq!(
        diff(&[ours, "--fail-on", "any"]),
        (Some(0), "no change\n".to_owned(), String::new())
    );
    let (_folder, compatible) = edited("version: '3'\n", "version: '4'\n");
    for (bar, code) in [("breaking", 0), ("any", 1), ("none", 0)] {
        assert_eq!(diff(&[&compatible, "--fail-on", bar]).0, Some(code), "{bar}");
    }
    let (_folder, breaking) = edited("url: /ica/rest", "url: /ica/v2");
    for (bar, code) in [("breaking", 1), ("any", 1), ("none", 0)] {
        assert_eq!(diff(&[&breaking, "--fail-on", bar]).0, Some(code), "{bar}");
    }
    assert_eq!(diff(&[ours, "--base", &breaking]).0, Some(1));
}

#[test]
fn diff_exits_with_2_and_names_the_place_of_a_description_that_it_cannot_read() {
    let (_folder, file) = edited("            type: string\n", "            type: strng\n");
    let (code, _, error) = diff(&[&file, "--fail-on", "none"]);
    assert_eq!(code, Some(2));
    assert!(
        error.contains("published.yaml:") && error.contains("\"strng\""),
        "{error}"
    );
    let (code, _, error) = diff(&["no-such-file.yaml"]);
    assert!(
        code == Some(2) && error.contains("could not read no-such-file.yaml"),
        "{error}"
    );
    assert_eq!(diff(&[]).0, Some(2));
}

#[test]
fn diff_prints_every_format() {
    let (_folder, file) = edited("url: /ica/rest", "url: /ica/v2");
    let (_, json, _) = diff(&[&file, "--format", "json"]);
    let changes: xtask::diff::Changes = serde_json::from_str(&json).unwrap();
    assert_eq!(
        (changes.changes[0].rule.as_str(), changes.summary.wire_breaking),
        ("servers-changed", 1)
    );
    let line = changes.changes[0].line.unwrap();
    let (_, github, _) = diff(&[&file, "--format", "github"]);
    assert!(
        github.starts_with(&format!("::error file={file},line={line},title=servers-changed::")),
        "{github}"
    );
    let (_, markdown, _) = diff(&[&file, "--format", "markdown"]);
    assert!(
        markdown.contains("| **breaking** | compatible | `servers-changed` |"),
        "{markdown}"
    );
    let (_, text, _) = diff(&[&file]);
    assert!(
        text.starts_with("servers-changed  wire: breaking  rust: compatible"),
        "{text}"
    );
    let (code, rules, _) = diff(&["--rules"]);
    assert!(
        code == Some(0) && rules.contains("\nunclassified  wire: breaking  rust: breaking\n"),
        "{rules}"
    );
}

#[test]
fn the_json_schema_of_diff() {
    let (code, schema, _) = diff(&["--schema"]);
    assert_eq!(code, Some(0));
    insta::assert_snapshot!(schema);
}

fn update(arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = xtask(&[&["update"], arguments].concat());
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

#[test]
fn update_changes_the_file_once_and_keeps_the_rest_of_it() {
    let (folder, ours) = edited("openapi", "openapi");
    let (_other, published) = edited("url: /ica/rest", "url: /ica/v2");
    let before = std::fs::read_to_string(&ours).unwrap();
    let (code, work, error) = update(&[&published, "--base", &ours, "--dry-run"]);
    assert!(code == Some(0) && error.contains("would change"), "{error}");
    assert!(work.contains("description: servers: the address is"), "{work}");
    assert_eq!(std::fs::read_to_string(&ours).unwrap(), before);

    let (code, same_work, error) = update(&[&published, "--base", &ours]);
    assert!(code == Some(0) && error.starts_with("changed "), "{error}");
    assert_eq!(same_work, work);
    let after = std::fs::read_to_string(&ours).unwrap();
    assert_eq!(after, before.replace("url: /ica/rest", "url: /ica/v2"));

    let (code, work, error) = update(&[&published, "--base", &ours]);
    assert!(
        code == Some(0) && work.is_empty() && error.contains("is up to date"),
        "{error}"
    );
    assert_eq!(std::fs::read_to_string(&ours).unwrap(), after);
    let files = std::fs::read_dir(folder.path()).unwrap();
    assert_eq!(files.count(), 1, "no temporary file is left");
}

#[test]
fn a_failed_update_changes_nothing() {
    let (folder, ours) = edited("openapi", "openapi");
    let before = std::fs::read_to_string(&ours).unwrap();
    let (code, _, error) = update(&[
        "openapi/ica-batch.yaml",
        "--base",
        &ours,
        "--operation",
        "getAnalysisCreationBatchs",
    ]);
    assert!(
        code == Some(2)
            && error.contains(
                "has no operation `getAnalysisCreationBatchs`; the most similar one is `getAnalysisCreationBatch"
            ),
        "{error}"
    );
    let (code, _, error) = update(&["openapi/ica-batch.yaml", "--base", &ours, "--tag", "no such tag"]);
    assert!(
        code == Some(2)
            && error.contains("has no tag `no such tag`; `cargo xtask diff openapi/ica-batch.yaml --all` lists"),
        "{error}"
    );
    let (code, _, error) = update(&["no-such-file.yaml", "--base", &ours]);
    assert!(
        code == Some(2) && error.contains("could not read no-such-file.yaml"),
        "{error}"
    );
    assert_eq!(std::fs::read_to_string(&ours).unwrap(), before);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn a_whole_crate_is_written_and_checked() {
    let out = tempfile::tempdir().unwrap();
    let (ok, output) = generate(&["--crate", "my-client"]);
    assert!(!ok && output.contains("--out"), "{output}");
    let arguments = ["--out", path(out.path()), "--crate", "my-client"];
    let (ok, output) = generate(&arguments);
    assert!(ok && output.contains("wrote "), "{output}");
    let (ok, output) = generate(&[&arguments[..], &["--check"]].concat());
    assert!(ok, "{output}");

    std::fs::write(out.path().join("src/gzip.rs"), "").unwrap();
    let (ok, output) = generate(&[&arguments[..], &["--check"]].concat());
    assert!(!ok && output.contains("gzip.rs is not up to date"), "{output}");
    let (ok, output) = generate(&["--out", path(out.path()), "--crate", "My Client"]);
    assert!(
        !ok && output.contains("crate name \"My Client\" is not valid"),
        "{output}"
    );
}
