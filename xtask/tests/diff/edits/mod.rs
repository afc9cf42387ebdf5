//! Edits of the project's description, each found exactly once with both verdicts.

mod table;
mod tools;

use std::sync::LazyLock;

use serde_json::Value;
use xtask::Source;
use xtask::diff::Verdict::Compatible;
use xtask::diff::{Change, Options, diff};

pub(crate) use self::table::{EDITS, Edit};
use crate::interface::Interface;

pub(crate) static TEXT: LazyLock<String> = LazyLock::new(|| {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../openapi/ica-batch.yaml");
    std::fs::read_to_string(path).unwrap()
});

static BASE: LazyLock<Value> = LazyLock::new(|| yaml_serde::from_str(&TEXT).unwrap());

pub(crate) fn edited(edit: &Edit) -> String {
    let mut document = BASE.clone();
    (edit.edit)(&mut document);
    serde_json::to_string_pretty(&document).unwrap()
}

fn compare(published: &str) -> Vec<Change> {
    let read = |name: &str, text: &str| Source::parse(name, text).unwrap();
    let options = Options::default();
    diff(&read("base", &TEXT), &read("published", published), options).changes
}

#[test]
fn every_edit_is_found_once_with_both_verdicts() {
    assert!(EDITS.len() >= 24);
    let mut failures = Vec::new();
    for edit in EDITS {
        let changes = compare(&edited(edit));
        let found = changes
            .iter()
            .map(|change| (change.rule.as_str(), change.place.as_str(), change.wire, change.rust));
        let found = found.collect::<Vec<_>>();
        let wanted = (edit.rule, edit.place, edit.wire, edit.rust);
        if found != [wanted] {
            failures.push(format!("wanted {wanted:?}\n found {found:?}"));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn the_way_back_is_found_too() {
    for edit in EDITS {
        let text = edited(edit);
        let read = |name: &str, text: &str| Source::parse(name, text).unwrap();
        let back = diff(
            &read("published", &text),
            &read("base", &TEXT),
            Options {
                all: true,
                prose: false,
            },
        );
        assert!(!back.changes.is_empty(), "{} {}", edit.rule, edit.place);
    }
}

#[test]
fn all_edits_together_are_found_apart_from_each_other() {
    let mut document = BASE.clone();
    let apart = EDITS
        .iter()
        .filter(|edit| edit.place.starts_with("schema") && edit.rule.ends_with("added"));
    let mut wanted = Vec::new();
    for edit in apart.filter(|edit| edit.rule != "required-property-added") {
        (edit.edit)(&mut document);
        wanted.push(edit.rule);
    }
    let changes = compare(&document.to_string());
    let mut found: Vec<_> = changes.iter().map(|change| change.rule.as_str()).collect();
    wanted.sort_unstable();
    found.sort_unstable();
    assert_eq!(found, wanted);
}

/// The verdict on Rust agrees with the source that is generated from the edited description.
#[test]
fn the_generated_source_agrees() {
    let before = Interface::of(&xtask::generate(&TEXT).unwrap().source);
    let mut failures = Vec::new();
    for edit in EDITS.iter().filter(|edit| edit.rule != "unclassified") {
        let generated = std::panic::catch_unwind(|| xtask::generate(&edited(edit)));
        let breaks = match generated {
            Ok(Ok(after)) => before.breaks(&Interface::of(&after.source)),
            Ok(Err(error)) => vec![error.to_string()],
            Err(_) => vec!["progenitor panicked".to_owned()],
        };
        if breaks.is_empty() != (edit.rust == Compatible) {
            failures.push(format!("{} {}: {breaks:#?}", edit.rule, edit.place));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
