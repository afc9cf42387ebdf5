//! Each rule's example has exactly this rule, with its verdicts, and the page shows the table.

use std::collections::BTreeSet;

use xtask::diff::{Verdict, Verdicts, rules, rules_as_markdown};

use crate::fixture::{Use, compare, is_schema, uses};

fn verdict(verdicts: Verdicts, of: Use) -> Verdict {
    match of {
        Use::Requests => verdicts.in_requests,
        Use::Responses => verdicts.in_responses,
        Use::Both => verdicts.in_requests.max(verdicts.in_responses),
    }
}

#[test]
fn each_example_has_its_rule_alone() {
    let mut failures = Vec::new();
    for rule in rules() {
        for of in uses(rule) {
            let changes = compare(rule, *of).changes;
            let found: Vec<_> = changes.iter().map(|change| change.rule.as_str()).collect();
            if found != [rule.id.as_str()] {
                failures.push(format!("{} in {of:?}: found {found:?}", rule.id));
                continue;
            }
            if !is_schema(&rule.before) {
                continue;
            }
            let wire = verdict(rule.wire, *of);
            // A schema that both use becomes two types with its first limit.
            let rust = match rule.splits && *of == Use::Both {
                true => changes[0].rust,
                false => verdict(rule.rust, *of),
            };
            let wanted = (wire, rust);
            if (changes[0].wire, changes[0].rust) != wanted {
                failures.push(format!("{} in {of:?}: {:?} and {wanted:?}", rule.id, changes[0]));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn ids_are_unique_and_every_text_has_its_values() {
    let ids: BTreeSet<_> = rules().iter().map(|rule| &rule.id).collect();
    assert_eq!(ids.len(), rules().len());
    for rule in rules() {
        let change = &compare(rule, uses(rule)[0]).changes[0];
        for hole in ["{key}", "{before}", "{after}"] {
            assert!(!change.text.contains(hole), "{}", change.text);
        }
        assert!(change.text.starts_with(&change.place), "{}", change.text);
    }
}

/// `cargo xtask diff --rules --format markdown > openapi/RULES.md` writes the page.
#[test]
fn the_page_of_rules_is_up_to_date() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../openapi/RULES.md");
    let page = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        page.lines().eq(rules_as_markdown().lines()),
        "openapi/RULES.md is not up to date; run `cargo xtask diff --rules --format markdown > openapi/RULES.md`"
    );
}

/// An id that the table lacks would be reported as unclassified, in silence.
#[test]
fn the_table_has_every_id_of_the_comparison() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/diff/compare");
    let known: BTreeSet<_> = rules().iter().map(|rule| rule.id.as_str()).collect();
    let mut used = BTreeSet::new();
    for file in std::fs::read_dir(folder).unwrap() {
        let source = std::fs::read_to_string(file.unwrap().path()).unwrap();
        let quoted = source.split('"').skip(1).step_by(2);
        let is_id = |text: &&str| text.contains('-') && text.chars().all(|c| c == '-' || c.is_ascii_lowercase());
        used.extend(quoted.filter(is_id).map(str::to_owned));
    }
    let others = ["x-", "x-ica-", "date-time"];
    let unknown: Vec<_> = used
        .iter()
        .filter(|id| !known.contains(id.as_str()) && !others.contains(&id.as_str()))
        .collect();
    assert!(unknown.is_empty(), "rules.yaml lacks {unknown:?}");
    assert!(used.len() > 100, "only {} ids were found", used.len());
}
