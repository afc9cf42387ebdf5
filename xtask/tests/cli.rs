//! The command line of the generator, as a developer calls it.

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
fn check_passes_on_what_generate_wrote_and_names_the_command_when_it_is_stale() {
    let out = tempfile::tempdir().unwrap();
    let (ok, said) = generate(&["--out", path(out.path())]);
    assert!(ok, "{said}");
    let (ok, said) = generate(&["--check", "--out", path(out.path())]);
    assert!(ok, "{said}");

    let file = out.path().join("generated.rs");
    let stale = std::fs::read_to_string(&file)
        .unwrap()
        .replacen("pub struct Job ", "pub struct Task ", 1);
    std::fs::write(&file, stale).unwrap();
    let (ok, said) = generate(&["--check", "--out", path(out.path())]);
    assert!(!ok && said.contains("run `cargo xtask generate`"), "{said}");
}

#[test]
fn another_description_does_not_overwrite_the_client_by_accident() {
    let (ok, said) = generate(&["--spec", "openapi/ica-batch.yaml"]);
    assert!(!ok && said.contains("--out"), "{said}");
}

#[test]
fn an_unreadable_description_is_named() {
    let (ok, said) = generate(&["--spec", "no-such-file.yaml", "--check"]);
    assert!(!ok && said.contains("no-such-file.yaml: cannot be read"), "{said}");
}

#[test]
fn lower_prints_what_progenitor_is_given() {
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
