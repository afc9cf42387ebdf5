//! The guide of the extension crate is complete: each failure has a row, and each example runs.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use syn::Item;

use crate::setup::workspace;

/// Languages of code blocks in the guide. Rust is the one without a name, or `rust`.
const LANGUAGES: [&str; 4] = ["", "rust", "sh", "text"];

#[test]
fn each_error_kind_has_a_row_in_the_chapter_on_failures() {
    let chapter = read("failures.md");
    let rows = rows(section(&chapter, "# Errors", "# Was something created?"));
    assert_eq!(names(&rows), variants("error/kind.rs", "ErrorKind"));
}

#[test]
fn each_outcome_has_a_row_in_the_chapter_on_failures() {
    let chapter = read("failures.md");
    let outcomes = section(&chapter, "# Outcomes", "# Errors");
    let (submissions, items) = outcomes.split_once("After a wait").expect("the table of items follows");
    assert_eq!(
        names(&rows(submissions)),
        variants("submission/outcome.rs", "SubmissionOutcome")
    );
    assert_eq!(names(&rows(items)), variants("batch/wait/outcome.rs", "ItemOutcome"));
    let executions = rows(section(&chapter, "# Was something created?", "[`Created`]: "));
    assert_eq!(names(&executions), variants("error/kind.rs", "Execution"));
}

#[test]
fn each_exit_code_has_a_row_in_the_chapter_on_failures() {
    let chapter = read("failures.md");
    let codes = rows(section(&chapter, "# Exit codes", "# Outcomes"));
    let codes = codes.into_iter().map(|row| row.name).collect::<Vec<_>>();
    assert_eq!(codes, ["0", "1", "2", "3", "4", "5"]);
}

#[test]
fn each_finding_of_an_audit_has_a_row() {
    let chapter = read("once.md");
    let findings = rows(section(&chapter, "# Check it", "The journal was lost"));
    let mut expected = variants("submission/audit_report.rs", "AuditProblem");
    expected.insert("none: [`is_clean`]".to_owned());
    assert_eq!(names(&findings), expected);
}

#[test]
fn each_chapter_is_a_module_and_is_listed() {
    let modules = read("mod.rs");
    let index = read("index.md");
    let mut chapters = 0;
    for (name, _) in chapters_with_text() {
        let chapter = name.trim_end_matches(".md");
        assert!(modules.contains(&format!("include_str!(\"{name}\")")), "{name}");
        assert!(modules.contains(&format!("pub mod {chapter} {{}}")), "{name}");
        assert!(
            index.contains(&format!("](crate::guide::{chapter}) |")),
            "index.md does not list {name}"
        );
        chapters += 1;
    }
    assert_eq!(chapters, 10);
}

/// Rust runs as a doctest. No block of it is left out with `no_run` or `ignore`.
#[test]
fn each_block_of_the_guide_is_a_doctest_or_a_shell_command() {
    let mut blocks = 0;
    for (name, text) in chapters_with_text() {
        let fences = text.lines().filter(|line| line.trim_start().starts_with("```"));
        for opening in fences.step_by(2) {
            let language = opening.trim_start().trim_start_matches('`');
            assert!(LANGUAGES.contains(&language), "{name}: the block {language:?}");
            blocks += 1;
        }
    }
    assert!(blocks > 30, "{blocks}");
}

/// Row of a table: its first cell, or the item that the cell links to.
#[derive(Debug)]
struct Row {
    name: String,
}

fn folder() -> PathBuf {
    workspace().join("ica-batch-sdk-ext/src/guide")
}

fn read(name: &str) -> String {
    fs::read_to_string(folder().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// Returns the chapters by file name.
fn chapters_with_text() -> Vec<(String, String)> {
    let files = fs::read_dir(folder()).expect("the crate has a guide");
    let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
    let chapters = names.filter(|name| name.ends_with(".md") && name != "index.md");
    chapters.map(|name| (name.clone(), read(&name))).collect()
}

/// Returns the text between two lines.
fn section<'a>(text: &'a str, from: &str, to: &str) -> &'a str {
    let (_, rest) = text
        .split_once(&format!("\n{from}"))
        .unwrap_or_else(|| panic!("the chapter has no line {from:?}"));
    let end = rest.find(&format!("\n{to}"));
    &rest[..end.unwrap_or_else(|| panic!("the chapter has no line {to:?} after {from:?}"))]
}

/// Returns the rows of all tables. Each must have three cells with text.
fn rows(section: &str) -> Vec<Row> {
    let lines = section.lines().collect::<Vec<_>>();
    let after_heads = lines.iter().enumerate().filter(|(_, line)| line.starts_with("|---"));
    let tables = after_heads.map(|(at, _)| lines[at + 1..].iter().take_while(|line| line.starts_with('|')));
    tables.flatten().map(|line| row(line)).collect()
}

fn row(line: &str) -> Row {
    let cells = line.trim_matches('|').split('|').map(str::trim).collect::<Vec<_>>();
    let [name, meaning, advice] = cells[..] else {
        panic!("{line:?} has no three cells");
    };
    assert!(meaning.len() > 10 && advice.len() > 6, "{line:?} says nothing");
    let linked = name.strip_prefix("[`").and_then(|name| name.split_once('`'));
    Row {
        name: linked.map_or(name, |(name, _)| name).to_owned(),
    }
}

fn names(rows: &[Row]) -> BTreeSet<String> {
    let names = rows.iter().map(|row| row.name.clone()).collect::<BTreeSet<_>>();
    assert_eq!(names.len(), rows.len(), "a row appears twice");
    names
}

/// Returns the variants of an enum of the extension crate.
fn variants(file: &str, name: &str) -> BTreeSet<String> {
    let path = workspace().join("ica-batch-sdk-ext/src").join(file);
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{file}: {error}"));
    let items = syn::parse_file(&text).expect("it is Rust").items;
    let found = items.iter().find_map(|item| match item {
        Item::Enum(found) if found.ident == name => Some(found),
        _ => None,
    });
    let found = found.unwrap_or_else(|| panic!("{file} has no enum {name}"));
    found.variants.iter().map(|variant| variant.ident.to_string()).collect()
}
