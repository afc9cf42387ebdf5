//! Texts of changes.

use serde_json::Value;

use super::node::Place;
use super::rules::Rule;
use super::verdict::Verdict;
use crate::error::in_text;

/// Length of a value in a text, in characters. Longer ones are cut.
const LONGEST: usize = 60;

/// Returns one or two sentences about a change.
pub(super) fn text(
    rule: &Rule,
    place: &Place,
    key: &str,
    before: Option<&Value>,
    after: Option<&Value>,
    wire: Verdict,
    rust: Verdict,
) -> String {
    let says = rule
        .says
        .replace("{key}", &in_text(key))
        .replace("{before}", &short(before))
        .replace("{after}", &short(after));
    let effect = match (wire, rust) {
        (Verdict::Compatible, Verdict::Compatible) => "Programs need no change.",
        (Verdict::Compatible, Verdict::Breaking) => {
            "Programs that are built already still work with ICA; their source may need a change for the new crate."
        }
        (Verdict::Breaking, Verdict::Compatible) => {
            "Programs that are built already may fail with ICA; build them with the new crate, without a change of their source."
        }
        (Verdict::Breaking, Verdict::Breaking) => {
            "Programs that are built already may fail with ICA, and their source may need a change for the new crate."
        }
    };
    format!("{place}: {says}. {effect}")
}

/// Returns a value for a sentence.
pub(super) fn short(value: Option<&Value>) -> String {
    let text = match value {
        None => return "absent".to_owned(),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Object(map)) => match map.get("$ref").and_then(Value::as_str) {
            Some(reference) => reference.rsplit('/').next().unwrap_or(reference).to_owned(),
            None => Value::Object(map.clone()).to_string(),
        },
        Some(other) => other.to_string(),
    };
    let text = in_text(&text);
    if text.chars().count() <= LONGEST {
        return format!("`{text}`");
    }
    let start: String = text.chars().take(LONGEST).collect();
    format!("`{start}…`")
}
