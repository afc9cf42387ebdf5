//! Turns text with limits into one type per property and limits, with errors in words.
//!
//! progenitor gives every property with limits a type of its own, so each request would have its
//! own type of user reference. Its errors show a regular expression. Here one component schema
//! serves all equal limits of a property. Its mark tells the emitter the words for the errors. This
//! pass comes after `leniency`, so only requests still have limits.

mod words;

use std::collections::{BTreeMap, BTreeSet};

use heck::{ToPascalCase, ToSnakeCase, ToUpperCamelCase};
use openapiv3::{
    AdditionalProperties, OpenAPI, Parameter, ParameterSchemaOrContent, ReferenceOr, Schema, SchemaData, SchemaKind,
    StringType, Type, VariantOrUnknownOrEmpty,
};
use serde_json::json;

use crate::document::names::is_in_prelude;
use crate::document::{marks, values, walk};

/// Replaces every text with limits in requests and parameters by a reference to a shared component
/// schema.
pub(super) fn lower(document: &mut OpenAPI) {
    let names = name_all(document, &texts_of(document));
    let mut shared = BTreeMap::new();
    let components = document.components.iter_mut();
    for (owner, schema) in components.flat_map(|components| &mut components.schemas) {
        if let ReferenceOr::Item(schema) = schema {
            match limits(schema) {
                Some(_) => mark(schema, &in_words(owner)),
                None => replace_inside(schema, "", &names, &mut shared),
            }
        }
    }
    for operation in walk::operations_mut(document) {
        for parameter in operation.parameters.iter_mut().filter_map(walk::item_mut) {
            let key = parameter_key(parameter);
            let description = parameter.parameter_data_ref().description.clone();
            if let Some(ReferenceOr::Item(schema)) = walk::parameter_schema_mut(parameter) {
                schema.schema_data.description = schema.schema_data.description.take().or(description);
                replace(schema, &key, &names, &mut shared);
            }
        }
    }
    let components = document.components.get_or_insert_default();
    for (name, schema) in shared {
        components.schemas.insert(name, ReferenceOr::Item(schema));
    }
}

/// Limits of a text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Limits {
    min: Option<usize>,
    max: Option<usize>,
    pattern: Option<String>,
}

/// Property or parameter with its limits. Texts with the same key share a type.
type Key = (String, Limits);

/// Returns the limits of a string schema, unless it has none or another pass makes a type of it.
fn limits(schema: &Schema) -> Option<Limits> {
    let SchemaKind::Type(Type::String(text)) = &schema.schema_kind else {
        return None;
    };
    let is_plain = matches!(text.format, VariantOrUnknownOrEmpty::Empty);
    if !is_plain || values::values(schema).is_some() || schema.schema_data.default.is_some() {
        return None;
    }
    let limits = Limits {
        min: text.min_length,
        max: text.max_length,
        pattern: text.pattern.clone(),
    };
    let has_some = limits.min.is_some() || limits.max.is_some() || limits.pattern.is_some();
    has_some.then_some(limits)
}

fn parameter_key(parameter: &Parameter) -> String {
    let kind = match parameter {
        Parameter::Header { .. } => "header",
        Parameter::Query { .. } | Parameter::Path { .. } | Parameter::Cookie { .. } => "parameter",
    };
    format!("{} {kind}", parameter.parameter_data_ref().name)
}

/// Returns the owners of each text of a document.
fn texts_of(document: &OpenAPI) -> BTreeMap<Key, BTreeSet<String>> {
    let mut found = BTreeMap::<Key, BTreeSet<String>>::new();
    let components = document.components.iter().flat_map(|components| &components.schemas);
    for (owner, schema) in components {
        if let ReferenceOr::Item(schema) = schema
            && limits(schema).is_none()
        {
            collect(owner, "", schema, &mut found);
        }
    }
    for (_, _, operation) in document.operations() {
        for parameter in operation.parameters.iter().filter_map(ReferenceOr::as_item) {
            if let ParameterSchemaOrContent::Schema(ReferenceOr::Item(schema)) = &parameter.parameter_data_ref().format
            {
                collect("", &parameter_key(parameter), schema, &mut found);
            }
        }
    }
    found
}

fn collect(owner: &str, property: &str, schema: &Schema, found: &mut BTreeMap<Key, BTreeSet<String>>) {
    if let Some(limits) = limits(schema) {
        let owners = found.entry((property.to_owned(), limits)).or_default();
        owners.insert(owner.to_owned());
    }
    if let SchemaKind::Type(Type::Object(object)) = &schema.schema_kind {
        for (name, inner) in &object.properties {
            if let ReferenceOr::Item(inner) = inner {
                collect(owner, name, inner, found);
            }
        }
    } else {
        walk::children(schema, &mut |child| {
            if let walk::Child::Inline(inner) = child {
                collect(owner, property, inner, found);
            }
        });
    }
}

/// Names every text after its property.
///
/// A property of one word (`name`) in a single schema is named after that schema too.
fn name_all(document: &OpenAPI, texts: &BTreeMap<Key, BTreeSet<String>>) -> BTreeMap<Key, String> {
    let components = document
        .components
        .iter()
        .flat_map(|components| components.schemas.keys());
    let mut taken: BTreeSet<String> = components.map(|name| name.to_upper_camel_case()).collect();
    let mut names = BTreeMap::new();
    for (key, owners) in texts {
        let property = key.0.to_pascal_case();
        let is_one_word = key.0.to_snake_case().split('_').count() == 1;
        let alone = owners.first().filter(|_| owners.len() == 1 && is_one_word);
        let wanted = match alone {
            Some(owner) => format!("{}{property}", owner.strip_prefix("Create").unwrap_or(owner)),
            None => property,
        };
        let mut candidates = std::iter::once(wanted.clone()).chain((2..).map(|n| format!("{wanted}{n}")));
        if let Some(name) = candidates.find(|candidate| !is_in_prelude(candidate) && taken.insert(candidate.clone())) {
            names.insert(key.clone(), name);
        }
    }
    names
}

fn replace_inside(
    schema: &mut Schema,
    property: &str,
    names: &BTreeMap<Key, String>,
    shared: &mut BTreeMap<String, Schema>,
) {
    match &mut schema.schema_kind {
        SchemaKind::Type(Type::Object(object)) => {
            for (name, inner) in &mut object.properties {
                if let ReferenceOr::Item(inner) = inner {
                    replace(inner, name, names, shared);
                }
            }
            if let Some(AdditionalProperties::Schema(values)) = &mut object.additional_properties
                && let ReferenceOr::Item(values) = values.as_mut()
            {
                replace(values, property, names, shared);
            }
        }
        SchemaKind::Type(Type::Array(array)) => {
            if let Some(ReferenceOr::Item(items)) = &mut array.items {
                replace(items, property, names, shared);
            }
        }
        _ => {}
    }
}

/// Replaces the limits by a reference, and keeps the description of the property.
fn replace(schema: &mut Schema, property: &str, names: &BTreeMap<Key, String>, shared: &mut BTreeMap<String, Schema>) {
    let name = limits(schema).and_then(|limits| names.get(&(property.to_owned(), limits)));
    let Some(name) = name else {
        return replace_inside(schema, property, names, shared);
    };
    let reference = SchemaKind::AllOf {
        all_of: vec![walk::schema_ref(name)],
    };
    let schema_kind = std::mem::replace(&mut schema.schema_kind, reference);
    shared.entry(name.clone()).or_insert_with(|| {
        let mut component = Schema {
            schema_data: SchemaData {
                description: schema.schema_data.description.clone(),
                ..SchemaData::default()
            },
            schema_kind,
        };
        mark(&mut component, &subject(property, name));
        component
    });
}

/// Returns the name of the text in errors: a parameter as it is, a property in words.
fn subject(property: &str, name: &str) -> String {
    if property.contains(' ') {
        property.to_owned()
    } else {
        in_words(name)
    }
}

fn in_words(name: &str) -> String {
    name.to_snake_case().replace('_', " ")
}

fn mark(schema: &mut Schema, subject: &str) {
    let SchemaKind::Type(Type::String(StringType { pattern, .. })) = &schema.schema_kind else {
        return;
    };
    let mut value = json!({ "subject": subject });
    if let Some(words) = pattern.as_deref().and_then(words::of) {
        value["words"] = words.to_json();
    }
    schema.schema_data.extensions.insert(marks::TEXT.to_owned(), value);
}

#[cfg(test)]
mod tests {
    use crate::document::fixture;

    #[test]
    fn equal_limits_of_one_property_share_a_type() {
        let mut document = fixture::document(
            "
/things:
  post:
    operationId: createThing
    parameters:
      - { name: Idempotency-Key, in: header, schema: { type: string, maxLength: 255 } }
    responses: { '204': { description: ok } }
",
            "
CreateCwl:
  type: object
  properties:
    userReference: { type: string, minLength: 1, maxLength: 255, pattern: '^[a-zA-Z0-9 _-]*(/[a-zA-Z0-9 _-]+)*$' }
    name: { type: string, maxLength: 9, nullable: true, description: The name. }
CreateNextflow:
  type: object
  properties:
    userReference: { type: string, minLength: 1, maxLength: 255, pattern: '^[a-zA-Z0-9 _-]*(/[a-zA-Z0-9 _-]+)*$' }
    codes: { type: array, items: { type: string, pattern: '^[a-z]+$' } }
Plain: { type: object, properties: { name: { type: string }, kind: { type: string, pattern: A|B } } }
",
        );
        super::lower(&mut document);
        insta::assert_snapshot!(fixture::body(&document));
    }
}
