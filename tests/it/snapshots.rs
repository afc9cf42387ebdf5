//! What is generated, for review: a change of the description shows here in a few lines.

use openapiv3::{ReferenceOr, SchemaKind, Type};

use crate::{outline, setup};

#[test]
fn the_outline_of_the_generated_client() {
    insta::assert_snapshot!(outline::of(&setup::description()));
}

#[test]
fn the_lowered_operations() {
    let mut document = xtask::lower::lower(xtask::description::parse(&setup::description()).unwrap())
        .unwrap()
        .document;
    document.components = None;
    let operations = xtask::description::print(&document).unwrap();
    insta::assert_snapshot!(without_prose(&operations));
}

/// Facts alone: prose may be improved without a review of the operations.
fn without_prose(yaml: &str) -> String {
    let mut kept = String::new();
    let mut inside = None;
    for line in yaml.lines().skip_while(|line| *line != "paths:") {
        let depth = line.len() - line.trim_start().len();
        if inside.is_some_and(|start| depth > start || line.trim().is_empty()) {
            continue;
        }
        let key = line.trim_start().trim_start_matches("- ");
        inside = (key.starts_with("description:") || key.starts_with("summary:")).then_some(depth);
        if inside.is_none() {
            kept.push_str(line);
            kept.push('\n');
        }
    }
    kept
}

#[test]
fn a_new_value_and_a_new_property_show_as_two_lines() {
    let mut document = xtask::description::parse(&setup::description()).unwrap();
    let schemas = &mut document.components.as_mut().unwrap().schemas;
    let object = |name: &str| match schemas.get(name).cloned() {
        Some(ReferenceOr::Item(schema)) => schema,
        _ => panic!("the description has {name}"),
    };

    let mut processing = object("AnalysisCreationBatchItemProcessing");
    let mut job = object("Job");
    if let SchemaKind::Type(Type::Object(job)) = &mut job.schema_kind
        && let SchemaKind::Type(Type::Object(processing)) = &mut processing.schema_kind
        && let Some(ReferenceOr::Item(status)) = job.properties.get_mut("status")
        && let SchemaKind::Type(Type::String(values)) = &mut status.schema_kind
    {
        values.enumeration.push(Some("PAUSED".to_owned()));
        let text = processing.properties["additionalStatusInformation"].clone();
        processing.properties.insert("errorCode".to_owned(), text);
    }
    schemas.insert("Job".to_owned(), ReferenceOr::Item(job));
    schemas.insert(
        "AnalysisCreationBatchItemProcessing".to_owned(),
        ReferenceOr::Item(processing),
    );

    let before = outline::of(&setup::description());
    let after = outline::of(&xtask::description::print(&document).unwrap());
    let new = after
        .lines()
        .filter(|line| !before.lines().any(|old| old == *line))
        .collect::<Vec<_>>();
    assert_eq!(new, ["  errorCode: Option<String>", "  PAUSED"]);
    assert_eq!(after.lines().count(), before.lines().count() + 2);
}
