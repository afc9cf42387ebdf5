//! The verdicts on Rust agree with the generated source.
//!
//! For each example both clients are generated. Where the verdict is compatible, everything that
//! users rely on must still be there; where it is breaking, something must be missing.

use xtask::diff::{Verdict, rules};

use crate::fixture::{compare, description, is_schema, uses};
use crate::interface::Interface;

/// Rules of which the verdict is stricter than the names and types in the source, with the reason.
const STRICTER: [(&str, &str); 3] = [
    (
        "parameter-renamed",
        "the method takes its parameters in the order of their names, which may change",
    ),
    (
        "parameter-moved",
        "the method takes parameters of the query before those of the header",
    ),
    ("unclassified", "nobody has looked at it"),
];

#[test]
fn verdicts_on_rust_agree_with_the_generated_source() {
    let mut failures = Vec::new();
    for rule in rules() {
        for of in uses(rule) {
            let before = generate(&description(&rule.before, *of));
            let before = match before {
                Ok(before) => before,
                // No client exists before, so no code uses it.
                Err(_) if rule.id == "body-schema-added" => continue,
                Err(error) => panic!("{} in {of:?}: {error}", rule.id),
            };
            let breaks = match generate(&description(&rule.after, *of)) {
                Ok(after) => Interface::of(&before).breaks(&Interface::of(&after)),
                Err(error) => vec![error],
            };
            let said = compare(rule, *of).changes[0].rust;
            let is_listed = STRICTER.iter().any(|(id, _)| *id == rule.id);
            let agrees = match said {
                Verdict::Compatible => breaks.is_empty(),
                Verdict::Breaking => !breaks.is_empty() || is_listed,
            };
            if !agrees {
                failures.push(format!("{} in {of:?}: says {said}, and breaks {breaks:#?}", rule.id));
            }
            if !is_schema(&rule.before) {
                break;
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// Returns the source, or the reason of a failure. progenitor panics where it meets what it does
/// not support.
fn generate(description: &str) -> Result<String, String> {
    let generated = std::panic::catch_unwind(|| xtask::generate(description));
    let generated = generated.map_err(|_| "progenitor panicked".to_owned())?;
    generated
        .map(|generated| generated.source)
        .map_err(|error| error.to_string())
}
