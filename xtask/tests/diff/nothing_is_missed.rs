//! Each fact of the project's description is changed in turn, and every change is found.

use serde_json::{Value, json};
use xtask::Source;
use xtask::diff::{Options, diff};

/// Keys that are texts, unless they are names.
const PROSE: [&str; 5] = ["description", "summary", "title", "example", "info"];
/// Keys of objects whose keys are names.
const NAMED: [&str; 7] = [
    "content",
    "mapping",
    "paths",
    "properties",
    "responses",
    "schemas",
    "securitySchemes",
];
/// Every so many facts are changed, so that the test takes a few seconds.
const STEP: usize = 13;

/// Collects the pointers of all facts.
fn facts(value: &Value, pointer: &str, holds_names: bool, found: &mut Vec<String>) {
    match value {
        Value::Object(entries) => {
            for (key, inner) in entries {
                if holds_names || !PROSE.contains(&key.as_str()) {
                    let pointer = format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1"));
                    found.push(pointer.clone());
                    facts(inner, &pointer, !holds_names && NAMED.contains(&key.as_str()), found);
                }
            }
        }
        Value::Array(items) => {
            for (at, inner) in items.iter().enumerate() {
                let pointer = format!("{pointer}/{at}");
                found.push(pointer.clone());
                facts(inner, &pointer, false, found);
            }
        }
        _ => {}
    }
}

fn remove(document: &mut Value, pointer: &str) {
    let (owner, key) = pointer.rsplit_once('/').unwrap();
    match document.pointer_mut(owner).unwrap() {
        Value::Object(entries) => {
            entries.remove(&key.replace("~1", "/").replace("~0", "~")).unwrap();
        }
        Value::Array(items) => {
            items.remove(key.parse().unwrap());
        }
        other => panic!("{other} has no parts"),
    }
}

fn change(document: &mut Value, pointer: &str) {
    let value = document.pointer_mut(pointer).unwrap();
    match value {
        Value::Object(entries) => {
            entries.insert("unheardOf".to_owned(), json!("new"));
        }
        Value::Array(items) => items.push(json!("new")),
        Value::Bool(flag) => *flag = !*flag,
        Value::String(text) => text.push('X'),
        other => *other = json!(77),
    }
}

#[test]
fn every_changed_fact_is_found() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../openapi/ica-batch.yaml");
    let text = std::fs::read_to_string(path).unwrap();
    let document: Value = yaml_serde::from_str(&text).unwrap();
    let base = Source::parse("base", &text).unwrap();
    let mut pointers = Vec::new();
    facts(&document, "", false, &mut pointers);
    // The sections themselves are compared where they are used.
    pointers.retain(|pointer| pointer.matches('/').count() > 2 || !pointer.starts_with("/components"));
    let (mut missed, mut compared) = (Vec::new(), 0);
    for (at, pointer) in pointers.iter().step_by(STEP).enumerate() {
        let mut edited = document.clone();
        if at % 2 == 0 {
            remove(&mut edited, pointer)
        } else {
            change(&mut edited, pointer)
        }
        // Text that is not a description any more is an error.
        let Ok(published) = Source::parse("published", &edited.to_string()) else {
            continue;
        };
        compared += 1;
        if diff(&base, &published, Options::default()).changes.is_empty() {
            missed.push(pointer);
        }
    }
    assert!(missed.is_empty(), "{missed:#?}");
    assert!(compared > 100, "only {compared} of {} were compared", pointers.len());
}
