//! Splits a schema that requests and responses share, where their rules differ.
//!
//! A request keeps its limits, so that an invalid one is rejected before it is sent. A response
//! must stay readable when ICA returns a longer name than it publishes, or null in a list. One Rust
//! type cannot do both, so there are two. A schema whose rules are the same for both stays one
//! type.

use std::collections::{BTreeMap, BTreeSet};

use openapiv3::{OpenAPI, ReferenceOr, Schema, SchemaKind, Type};

use super::leniency;
use crate::document::reach::Reach;
use crate::document::union::Union;
use crate::document::walk;
use crate::error::{Error, Result};

/// Schemas that keep their name for requests, each with the name for responses.
///
/// Every other schema keeps its name for responses, and its copy for requests ends with `Request`.
const NAMED_AFTER_REQUESTS: [(&str, &str); 2] = [
    ("CreateSample", "RequestedSample"),
    ("OptionalSampleTags", "RequestedSampleTags"),
];

/// Gives requests and responses a schema each, where they share one and the rules differ.
///
/// # Errors
/// When the name of a copy is the name of another schema.
pub(super) fn lower(document: &mut OpenAPI) -> Result<()> {
    let reach = Reach::of(document);
    let mut names = Names::default();
    for schema in to_split(document, &reach) {
        names.add(schema);
    }
    if let Some(components) = &mut document.components {
        let mut copies = Vec::new();
        for (name, schema) in &mut components.schemas {
            let ReferenceOr::Item(schema) = schema else {
                continue;
            };
            if let Some(copy) = names.for_responses.get(name) {
                let mut read = schema.clone();
                redirect(&mut read, &names.for_responses);
                copies.push((copy.clone(), read));
                redirect(schema, &names.for_requests);
            } else if let Some(copy) = names.for_requests.get(name) {
                let mut written = schema.clone();
                redirect(&mut written, &names.for_requests);
                copies.push((copy.clone(), written));
                redirect(schema, &names.for_responses);
            } else if reach.is_only_read(name) {
                redirect(schema, &names.for_responses);
            } else {
                redirect(schema, &names.for_requests);
            }
        }
        for (name, schema) in copies {
            if components.schemas.contains_key(&name) {
                return Err(Error::invalid(
                    format_args!("schema {name}"),
                    "the copy of another schema has the same name; rename it in the pass `split_schemas`",
                ));
            }
            components.schemas.insert(name, ReferenceOr::Item(schema));
        }
    }
    for operation in walk::operations_mut(document) {
        for schema in walk::response_schemas_mut(operation) {
            redirect_either(schema, &names.for_responses);
        }
        for schema in walk::request_schemas_mut(operation) {
            redirect_either(schema, &names.for_requests);
        }
    }
    Ok(())
}

/// Names of the copies, by the name of the schema. A schema has a copy on one of the two sides.
#[derive(Debug, Default)]
struct Names {
    for_responses: BTreeMap<String, String>,
    for_requests: BTreeMap<String, String>,
}

impl Names {
    fn add(&mut self, schema: &str) {
        match NAMED_AFTER_REQUESTS.iter().find(|(name, _)| *name == schema) {
            Some((_, copy)) => self.for_responses.insert(schema.to_owned(), (*copy).to_owned()),
            None => self.for_requests.insert(schema.to_owned(), format!("{schema}Request")),
        };
    }
}

/// Returns the shared schemas whose rules differ, and those that contain one.
fn to_split<'a>(document: &OpenAPI, reach: &'a Reach) -> BTreeSet<&'a str> {
    let shared = reach.responses.intersection(&reach.requests).map(String::as_str);
    let shared = shared.filter_map(|name| Some((name, walk::component(document, name)?)));
    let shared = shared.collect::<BTreeMap<_, _>>();
    let direct = shared.iter().filter(|(_, schema)| differs(document, schema));
    let mut split: BTreeSet<&str> = direct.map(|(name, _)| *name).collect();
    let mut users = BTreeMap::<String, Vec<&str>>::new();
    for (name, schema) in &shared {
        for inner in walk::references(schema) {
            users.entry(inner).or_default().push(name);
        }
    }
    let mut next = split.iter().copied().collect::<Vec<_>>();
    while let Some(inner) = next.pop() {
        for user in users.get(inner).into_iter().flatten() {
            if split.insert(user) {
                next.push(user);
            }
        }
    }
    split
}

fn differs(document: &OpenAPI, schema: &Schema) -> bool {
    leniency::differs(schema) || has_nullable_elements(document, schema)
}

/// Returns whether a list may contain nulls, which only a response keeps.
fn has_nullable_elements(document: &OpenAPI, schema: &Schema) -> bool {
    if let SchemaKind::Type(Type::Array(array)) = &schema.schema_kind {
        let element = match &array.items {
            Some(ReferenceOr::Item(items)) => Some(items.as_ref()),
            Some(ReferenceOr::Reference { reference }) => {
                walk::schema_name(reference).and_then(|name| walk::component(document, name))
            }
            None => None,
        };
        if element.is_some_and(|element| element.schema_data.nullable) {
            return true;
        }
    }
    let mut found = false;
    walk::children(schema, &mut |child| {
        if let walk::Child::Inline(inner) = child {
            found |= has_nullable_elements(document, inner);
        }
    });
    found
}

fn redirect_either(schema: &mut ReferenceOr<Schema>, copies: &BTreeMap<String, String>) {
    match schema {
        ReferenceOr::Reference { reference } => redirect_reference(reference, copies),
        ReferenceOr::Item(schema) => redirect(schema, copies),
    }
}

fn redirect(schema: &mut Schema, copies: &BTreeMap<String, String>) {
    walk::references_mut(schema, &mut |reference| redirect_reference(reference, copies));
    if let Some(mut union) = Union::of(schema) {
        for variant in union.variants.values_mut() {
            if let Some(copy) = copies.get(variant) {
                variant.clone_from(copy);
            }
        }
        union.mark(schema);
    }
}

fn redirect_reference(reference: &mut String, copies: &BTreeMap<String, String>) {
    if let Some(copy) = walk::schema_name(reference).and_then(|name| copies.get(name)) {
        *reference = walk::reference_to(copy);
    }
}

#[cfg(test)]
mod tests {
    use crate::document::fixture;

    #[test]
    fn a_shared_schema_is_split_where_the_rules_differ() {
        let mut document = fixture::document(
            &fixture::paths("Item", "CreateBatch"),
            "
Item:
  type: object
  properties:
    request: { $ref: '#/components/schemas/CreateSample' }
    run: { $ref: '#/components/schemas/Run' }
    region: { $ref: '#/components/schemas/Region' }
CreateBatch:
  type: object
  properties:
    items: { type: array, items: { $ref: '#/components/schemas/CreateSample' } }
    run: { $ref: '#/components/schemas/Run' }
    region: { $ref: '#/components/schemas/Region' }
CreateSample:
  type: object
  properties:
    name: { type: string, minLength: 1, maxLength: 255 }
    tags: { $ref: '#/components/schemas/OptionalSampleTags' }
OptionalSampleTags:
  type: object
  properties: { userTags: { type: array, items: { type: string, nullable: true } } }
Run: { type: object, properties: { id: { type: string, format: uuid } } }
Region: { type: object, properties: { code: { type: string, maxLength: 9 } } }
",
        );
        super::lower(&mut document).unwrap();
        insta::assert_snapshot!(fixture::body(&document));
    }

    #[test]
    fn a_copy_never_replaces_another_schema() {
        let mut document = fixture::document(
            &fixture::paths("Thing", "Thing"),
            "
Thing: { type: object, properties: { name: { type: string, maxLength: 9 } } }
ThingRequest: { type: object }
",
        );
        let error = super::lower(&mut document).unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("schema ThingRequest is not valid: the copy"),
            "{error}"
        );
    }
}
