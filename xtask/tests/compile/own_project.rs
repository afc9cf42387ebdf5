//! The project of the page `own_project`: it builds, its tests pass, and it follows a description.

use std::collections::BTreeMap;
use std::path::Path;

use crate::cargo;

const PAGE: &str = include_str!("../../src/own_project.md");
const NAME: &str = "our-ica-client";

/// Returns the files of the page: each heading that is a path, with the code below it.
fn files() -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    for section in PAGE.split("\n## `").skip(1) {
        let (path, rest) = section.split_once("`\n").unwrap();
        let code = rest.split_once("```").unwrap().1;
        let (_, code) = code.split_once('\n').unwrap();
        let (code, _) = code.split_once("\n```\n").unwrap();
        files.insert(path.to_owned(), format!("{code}\n"));
    }
    files
}

/// Writes the project. It uses the generator of this repository.
fn write() -> std::path::PathBuf {
    let mut files = files();
    let here = env!("CARGO_MANIFEST_DIR").replace('\\', "/");
    let patch = format!("\n[patch.crates-io]\nica-batch-xtask = {{ path = \"{here}\" }}\n");
    files.get_mut("Cargo.toml").unwrap().push_str(&patch);
    cargo::write(NAME, &files)
}

/// Runs cargo, and returns what it printed.
fn run(folder: &Path, arguments: &[&str]) -> String {
    let output = cargo::run(folder, arguments);
    assert!(output.is_success, "{}\n{}", output.stdout, output.stderr);
    assert!(!output.stderr.contains("warning:"), "{}", output.stderr);
    output.stdout
}

#[test]
fn the_project_of_the_page_builds_is_tested_and_follows() {
    let files = files();
    assert_eq!(files.len(), 7, "{:?}", files.keys());
    let folder = write();
    let read = |path: &str| std::fs::read_to_string(folder.join(path)).unwrap();
    let tests = run(&folder, &["test", "--quiet"]);
    assert!(tests.contains("3 passed"), "{tests}");

    // ICA adds a status and moves the path; our prose and our comment stay.
    let published = read("openapi.yaml")
        .replace("            - CLOSED\n", "            - CLOSED\n            - FULL\n")
        .replace("Returns all regions in which ICA keeps data.", "Their text.")
        .replace("/api/regions:", "/api/v4/regions:");
    std::fs::write(folder.join("published.yaml"), &published).unwrap();
    let printed = run(&folder, &["run", "--quiet", "--example", "follow", "published.yaml"]);
    assert!(
        printed.contains("path-changed") && printed.contains("open-value-added"),
        "{printed}"
    );
    let updated = read("openapi.yaml");
    let wanted = published.replace("Their text.", "Returns all regions in which ICA keeps data.");
    assert_eq!(updated, wanted);
    let again = run(&folder, &["run", "--quiet", "--example", "follow", "published.yaml"]);
    assert_eq!((again.as_str(), read("openapi.yaml")), ("no change\n", wanted));

    // The outline changed, so the snapshot must be looked at.
    let output = cargo::run(&folder, &["test", "--quiet"]);
    assert!(
        !output.is_success && output.stdout.contains("+  FULL"),
        "{}",
        output.stdout
    );
}
