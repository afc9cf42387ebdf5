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
