//! Checks of the Rust names in a lowered document.
//!
//! The passes give names, too: to versions, shared enums, checked texts, and copies for requests.
//! So these checks come last.

use std::collections::BTreeMap;

use openapiv3::{OpenAPI, Schema, SchemaKind, Type};

use super::nodes;
use crate::document::marks;
use crate::document::names::{field_name, is_in_prelude, method_name, type_ident, type_name, variant_name};
use crate::document::reach::Reach;
use crate::document::union::Union;
use crate::document::values::values;
use crate::document::walk::{self, Child};
use crate::error::{Error, Result};

/// Greatest number of methods. ICA's whole API has about 330.
const MAX_METHODS: usize = 3000;
/// Methods of every builder.
const OF_BUILDERS: [&str; 1] = ["build"];

/// Checks that types, fields, variants and methods have names, and different ones.
///
/// # Errors
/// When a name cannot be one, or two places give the same name. The error names both.
pub(in crate::lower) fn check(document: &OpenAPI) -> Result<()> {
    check_types(document)?;
    check_methods(document)?;
    check_unions(document)?;
    let reach = Reach::of(document);
    for (name, schema) in walk::components(document) {
        if reach.requests.contains(name) {
            check_builder(name, schema)?;
        }
    }
    nodes::each(document, &mut |place, child| match child {
        Child::Inline(schema) => check_inside(place, schema),
        Child::Reference(_) => Ok(()),
    })
}

/// Fails when two of the places have one name.
fn unique<'a>(
    place: &str,
    kind: &str,
    all: impl Iterator<Item = &'a String>,
    name_of: fn(&str) -> String,
) -> Result<()> {
    let mut taken = BTreeMap::new();
    for one in all {
        let name = name_of(one);
        if let Some(other) = taken.insert(name.clone(), one) {
            return Err(Error::invalid(
                place,
                format_args!("its {kind} {other:?} and {one:?} both give the Rust name {name}; rename one"),
            ));
        }
    }
    Ok(())
}

fn check_types(document: &OpenAPI) -> Result<()> {
    let names = document
        .components
        .iter()
        .flat_map(|components| components.schemas.keys());
    unique("description", "schemas", names.clone(), type_name)?;
    for name in names {
        if type_ident(name).is_none() || is_in_prelude(&type_name(name)) {
            return Err(Error::invalid(
                format_args!("schema {name}"),
                format_args!(
                    "its Rust name {} is one that every Rust file uses; rename the schema",
                    type_name(name)
                ),
            ));
        }
    }
    Ok(())
}

fn check_methods(document: &OpenAPI) -> Result<()> {
    if document.operations().count() > MAX_METHODS {
        return Err(Error::invalid(
            "description",
            format_args!("its operations have more than {MAX_METHODS} versions in all; keep only those that you need"),
        ));
    }
    let mut taken = BTreeMap::new();
    for (_, _, operation) in document.operations() {
        let published = marks::published_id(operation);
        let method = method_name(operation.operation_id.as_deref().unwrap_or_default());
        if let Some(other) = taken.insert(method.clone(), published) {
            return Err(Error::invalid(
                format_args!("operation {published}"),
                format_args!("operation {other} gives the same method {method}; rename one"),
            ));
        }
    }
    Ok(())
}

fn check_inside(place: &str, schema: &Schema) -> Result<()> {
    match &schema.schema_kind {
        SchemaKind::Type(Type::Object(object)) => unique(place, "properties", object.properties.keys(), field_name),
        _ => unique(place, "values", values(schema).unwrap_or_default().iter(), variant_name),
    }
}

/// A builder has a method per property, and `maybe_…` for each optional one.
fn check_builder(name: &str, schema: &Schema) -> Result<()> {
    let SchemaKind::Type(Type::Object(object)) = &schema.schema_kind else {
        return Ok(());
    };
    let fields: BTreeMap<String, &String> = object.properties.keys().map(|name| (field_name(name), name)).collect();
    for (field, property) in &fields {
        let of_optional = field.strip_prefix("maybe_").and_then(|rest| fields.get(rest));
        let is_taken = OF_BUILDERS.contains(&field.as_str()) || of_optional.is_some();
        if is_taken {
            return Err(Error::invalid(
                format_args!("property {property:?} of schema {name}"),
                format_args!("the builder has a method {field} of its own; rename the property"),
            ));
        }
    }
    Ok(())
}

/// A union must not contain itself without a list or a map in between: its size would be infinite.
fn check_unions(document: &OpenAPI) -> Result<()> {
    for (name, schema) in walk::components(document) {
        let Some(union) = Union::of(schema) else {
            continue;
        };
        let mut seen = Vec::new();
        for variant in union.variants.values() {
            if holds(document, variant, name, &mut seen) {
                return Err(Error::invalid(
                    format_args!("schema {name}"),
                    format_args!("its variant {variant} contains {name} again; refer to it from a list instead"),
                ));
            }
        }
    }
    Ok(())
}

/// Returns whether a value of the schema contains one of the target, outside of lists and maps.
fn holds(document: &OpenAPI, schema: &str, target: &str, seen: &mut Vec<String>) -> bool {
    if schema == target {
        return true;
    }
    if seen.iter().any(|earlier| earlier == schema) {
        return false;
    }
    seen.push(schema.to_owned());
    let Some(schema) = walk::component(document, schema) else {
        return false;
    };
    held(schema)
        .into_iter()
        .any(|inner| holds(document, &inner, target, seen))
}

/// Returns the schemas that a value of this one contains, outside of lists and maps.
fn held(schema: &Schema) -> Vec<String> {
    if let Some(union) = Union::of(schema) {
        return union.variants.into_values().collect();
    }
    let is_list = matches!(schema.schema_kind, SchemaKind::Type(Type::Array(_)));
    let mut found = Vec::new();
    if !is_list {
        walk::children(schema, &mut |child| match child {
            Child::Reference(reference) => found.extend(walk::schema_name(reference).map(str::to_owned)),
            Child::Inline(inline) => found.extend(held(inline)),
        });
    }
    found
}
