//! Hostile descriptions: each one gives an error that names the place and the remedy, or a client
//! that parses and has no duplicate item.
//!
//! The accepted ones also compile: `cargo test -p ica-batch-xtask --test compile -- --ignored hostile`.

mod bounds;
mod cases;
mod description;
mod names;
mod operations;
mod schemas;
mod values;

use std::collections::BTreeMap;

use cases::{Case, Expected};

fn check(cases: &[Case]) {
    let mut failures = Vec::new();
    let mut names = BTreeMap::new();
    for case in cases {
        assert!(
            names.insert(&case.name, ()).is_none(),
            "{} is the name of two cases",
            case.name
        );
        if let Some(failure) = failure(case) {
            failures.push(format!("{}: {failure}", case.name));
        }
    }
    assert!(
        failures.is_empty(),
        "{} of {} cases fail:\n{}",
        failures.len(),
        cases.len(),
        failures.join("\n")
    );
}

fn failure(case: &Case) -> Option<String> {
    let result = xtask::generate(&case.text);
    match (&case.expected, result) {
        (Expected::Accepted, Ok(generated)) => cases::duplicates(&generated.source),
        (Expected::Refused(parts), Err(error)) => {
            let text = error.to_string();
            let missing = parts.iter().find(|part| !text.contains(**part));
            let is_long = text.len() > 600;
            let missing = missing.map(|part| format!("the error lacks {part:?}: {text}"));
            missing.or_else(|| is_long.then(|| format!("the error has {} bytes", text.len())))
        }
        (Expected::Accepted, Err(error)) => Some(format!("it is refused: {error}")),
        (Expected::Refused(_), Ok(_)) => Some("it is accepted".to_owned()),
    }
}

#[test]
fn names_of_schemas_and_properties() {
    check(&names::cases());
}

#[test]
fn operations_and_parameters() {
    check(&operations::cases());
}

#[test]
fn kinds_of_schemas() {
    check(&schemas::cases());
}

#[test]
fn values_and_limits() {
    check(&values::cases());
}

#[test]
fn sizes_and_syntax() {
    check(&bounds::cases());
}

#[test]
fn twenty_runs_give_equal_bytes() {
    let text = description::base().to_string();
    let first = xtask::generate(&text).unwrap().source;
    for _ in 1..20 {
        assert_eq!(xtask::generate(&text).unwrap().source, first);
    }
}
