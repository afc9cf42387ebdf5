//! Layers of the crates: arrows between modules go down, as the tables in DESIGN.md say.

mod arrows;
mod rules;
mod table;
mod tests;

use std::collections::BTreeMap;

use crate::setup::workspace;
use crate::source::{Crate, Files, read_files};
use rules::Checked;
use table::Table;

/// Crates with layers: the name of the library, and the folder of its sources.
const CRATES: [(&str, &str); 4] = [
    ("ica_batch_sdk_ext", EXTENSION),
    ("ica_batch", PROGRAM),
    ("xtask", "xtask/src"),
    ("ica_simulator", "tests/simulator/src"),
];

const EXTENSION: &str = "ica-batch-sdk-ext/src";
/// Program of the extension crate. It is a crate of its own, in a folder below that of the library.
const PROGRAM: &str = "ica-batch-sdk-ext/src/bin/ica-batch";

/// Reads the sources of one crate.
fn sources(root: &str) -> Files {
    let mut files = read_files(&workspace().join(root));
    files.retain(|file, _| !file.starts_with("bin/"));
    files
}

/// Returns a sentence for each broken rule in one crate.
fn problems(name: &str, root: &str, files: &Files, table: &Table) -> Vec<String> {
    let sources = Crate::parse(name, files);
    let is_tested = |file: &&String| !sources.test_files.contains(*file);
    Checked {
        root,
        files: files.keys().filter(is_tested).cloned().collect(),
        arrows: arrows::arrows(&sources),
        table,
    }
    .problems()
}

#[test]
fn arrows_between_modules_go_down_as_the_tables_say() {
    let design = std::fs::read_to_string(workspace().join("DESIGN.md")).expect("the workspace has a DESIGN.md");
    let mut tables = table::read(&design).unwrap_or_else(|error| panic!("DESIGN.md: {error}"));
    let mut found = Vec::new();
    for (name, root) in CRATES {
        let files = sources(root);
        let table = tables
            .remove(root)
            .unwrap_or_else(|| panic!("DESIGN.md has no table of layers for {root}"));
        found.extend(problems(name, root, &files, &table));
    }
    assert!(
        tables.is_empty(),
        "DESIGN.md has tables for other folders: {:?}",
        tables.keys()
    );
    assert!(found.is_empty(), "\n{}\n", found.join("\n"));
}

/// Names of other crates that stay in one place, and names that stay out of one.
#[test]
fn paging_and_waiting_know_no_type_of_ica_and_only_the_journal_knows_sqlite() {
    let files = sources(EXTENSION);
    let found = misplaced(&Crate::parse("ica_batch_sdk_ext", &files));
    assert!(found.is_empty(), "\n{}\n", found.join("\n"));
}

fn misplaced(sources: &Crate) -> Vec<String> {
    let mut found = Vec::new();
    for used in arrows::foreign(sources) {
        let is_in = |folder: &str| used.file.starts_with(folder);
        let is_of = |path: &str| used.path == path || used.path.starts_with(&format!("{path}::"));
        let rule = if is_of("rusqlite") && !is_in("journal/sqlite/") {
            "only journal/sqlite/ may name rusqlite"
        } else if is_of("ica_batch_sdk::types") && (is_in("paging/") || is_in("batch/wait/")) {
            "paging/ and batch/wait/ may name no type of ICA"
        } else {
            continue;
        };
        found.push(format!(
            "{EXTENSION}/{}:{}: {}: {rule}",
            used.file, used.line, used.path
        ));
    }
    found
}

/// Prints the arrows between top-level files and folders, as an overview:
/// `cargo test -p ica-batch-tests --test it arrows_as_text -- --ignored --nocapture`.
#[test]
#[ignore = "prints, and checks nothing"]
#[expect(clippy::print_stderr, reason = "printing is its purpose")]
fn arrows_as_text() {
    for (name, root) in CRATES {
        let sources = Crate::parse(name, &sources(root));
        let mut lines = BTreeMap::<String, usize>::new();
        for arrow in arrows::arrows(&sources) {
            eprintln!("{root}/{}:{} → {}", arrow.from, arrow.line, arrow.to);
            let units = (rules::unit(&arrow.from), rules::unit(&arrow.to));
            if units.0 != units.1 {
                *lines.entry(format!("{} → {}", units.0, units.1)).or_default() += 1;
            }
        }
        for (arrow, uses) in lines {
            eprintln!("{root}: {arrow} ({uses})");
        }
    }
}
