//! Snapshots of the generated client: a change of the description shows in a few lines.

use openapiv3::{ObjectType, OpenAPI, ReferenceOr, Schema, SchemaKind, StringType, Type};

use crate::setup;

#[test]
fn the_outline_of_the_generated_client() {
    insta::assert_snapshot!(xtask::outline(&setup::description()).unwrap());
}

#[test]
fn the_lowered_operations() {
    let mut document = xtask::lower(xtask::description::parse(&setup::description()).unwrap())
        .unwrap()
        .document;
    document.components = None;
    let operations = xtask::description::print(&document).unwrap();
    insta::assert_snapshot!(without_prose(&operations));
}

/// Removes summaries and descriptions, so that better prose needs no review of the operations.
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
fn a_new_value_and_a_new_property_change_two_lines() {
    let changes: [(&str, &str, &str); 3] = [
        ("AnalysisCreationBatchItemProcessing", "status", "ADDED_VALUE"),
        ("Job", "status", "ADDED_VALUE"),
        ("AnalysisV4", "status", "ADDED_VALUE"),
    ];
    for (schema, property, value) in changes {
        let mut document = xtask::description::parse(&setup::description()).unwrap();
        let object = object(&mut document, schema);
        let Some(ReferenceOr::Item(status)) = object.properties.get_mut(property) else {
            panic!("{schema} has no property {property}");
        };
        let SchemaKind::Type(Type::String(text)) = &mut status.schema_kind else {
            panic!("{schema}.{property} is not a string");
        };
        match &mut text.pattern {
            Some(pattern) => pattern.push_str(&format!("|{value}")),
            None => text.enumeration.push(Some(value.to_owned())),
        }
        let mut new_property = status.clone();
        new_property.schema_kind = SchemaKind::Type(Type::String(StringType::default()));
        object
            .properties
            .insert("addedProperty".to_owned(), ReferenceOr::Item(new_property));

        let before = xtask::outline(&setup::description()).unwrap();
        let after = xtask::outline(&xtask::description::print(&document).unwrap()).unwrap();
        let added = after
            .lines()
            .filter(|line| !before.lines().any(|old| old == *line))
            .collect::<Vec<_>>();
        assert_eq!(
            added,
            ["  addedProperty: Option<String>".to_owned(), format!("  {value}")],
            "{schema}"
        );
        assert_eq!(after.lines().count(), before.lines().count() + 2, "{schema}");
    }
}

fn object<'a>(document: &'a mut OpenAPI, name: &str) -> &'a mut ObjectType {
    let schemas = &mut document.components.as_mut().unwrap().schemas;
    match schemas.get_mut(name) {
        Some(ReferenceOr::Item(Schema {
            schema_kind: SchemaKind::Type(Type::Object(object)),
            ..
        })) => object,
        _ => panic!("the description has no object {name}"),
    }
}
