//! A schema that requests and responses share becomes two where the rules for them differ.
//!
//! A request keeps its limits, so that an invalid one is rejected before it is sent. A response must stay readable when
//! ICA returns a longer name than it publishes, or null in a list. One Rust type cannot do both, so the responses get a
//! copy under a name of its own. A schema whose rules are the same for both stays one type.

use std::collections::{BTreeMap, BTreeSet};

use openapiv3::{OpenAPI, ReferenceOr, Schema, SchemaKind, Type};

use super::leniency;
use crate::document::reach::Reach;
use crate::document::union::Union;
use crate::document::walk;
use crate::error::{Error, Result};

/// Names of copies, for schemas whose own name is that of a request.
const NAMES: [(&str, &str); 2] = [
    ("CreateSample", "RequestedSample"),
    ("OptionalSampleTags", "RequestedSampleTags"),
];

/// Gives the responses copies of the schemas that they share with requests, where the two differ.
///
/// # Errors
/// When the name of a copy is the name of another schema.
pub(super) fn lower(document: &mut OpenAPI) -> Result<()> {
    let reach = Reach::of(document);
    let copies = copies(document, &reach);
    if let Some(components) = &mut document.components {
        let mut added = Vec::new();
        for (name, schema) in &mut components.schemas {
            let ReferenceOr::Item(schema) = schema else {
                continue;
            };
            if reach.is_only_read(name) {
                redirect(schema, &copies);
            } else if let Some(copy) = copies.get(name) {
                let mut read = schema.clone();
                redirect(&mut read, &copies);
                added.push((copy.clone(), read));
            }
        }
        for (name, schema) in added {
            if components.schemas.contains_key(&name) {
                return Err(Error::invalid(
                    format_args!("schema {name}"),
                    "a copy for responses has the same name; name the copy in the pass `split_schemas`",
                ));
            }
            components.schemas.insert(name, ReferenceOr::Item(schema));
        }
    }
    for operation in walk::operations_mut(document) {
        for schema in walk::response_schemas_mut(operation) {
            match schema {
                ReferenceOr::Reference { reference } => redirect_reference(reference, &copies),
                ReferenceOr::Item(schema) => redirect(schema, &copies),
            }
        }
    }
    Ok(())
}

/// Returns the schemas to copy, each with the name of its copy.
fn copies(document: &OpenAPI, reach: &Reach) -> BTreeMap<String, String> {
    let shared = reach.responses.intersection(&reach.requests).collect::<Vec<_>>();
    let schema_of = |name: &&&String| walk::component(document, name);
    let mut split: BTreeSet<&str> = shared
        .iter()
        .filter(|name| schema_of(name).is_some_and(|schema| differs(document, schema)))
        .map(|name| name.as_str())
        .collect();
    // A schema that contains a split one is split as well.
    loop {
        let before = split.len();
        for name in &shared {
            let refers = |schema: &Schema| {
                walk::references(schema)
                    .iter()
                    .any(|name| split.contains(name.as_str()))
            };
            if schema_of(&name).is_some_and(refers) {
                split.insert(name);
            }
        }
        if split.len() == before {
            break;
        }
    }
    split
        .into_iter()
        .map(|name| (name.to_owned(), name_of_copy(name)))
        .collect()
}

fn name_of_copy(name: &str) -> String {
    let chosen = NAMES.iter().find(|(schema, _)| *schema == name);
    chosen.map_or_else(|| format!("{name}Read"), |(_, copy)| (*copy).to_owned())
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
    fn a_shared_schema_is_copied_for_responses_where_its_rules_differ() {
        let mut document = fixture::document(
            &fixture::paths("Item", "CreateBatch"),
            "
Item:
  type: object
  properties:
    request: { $ref: '#/components/schemas/CreateSample' }
    run: { $ref: '#/components/schemas/Run' }
CreateBatch:
  type: object
  properties:
    items: { type: array, items: { $ref: '#/components/schemas/CreateSample' } }
    run: { $ref: '#/components/schemas/Run' }
CreateSample:
  type: object
  properties:
    name: { type: string, minLength: 1, maxLength: 255 }
    tags: { $ref: '#/components/schemas/OptionalSampleTags' }
OptionalSampleTags:
  type: object
  properties: { userTags: { type: array, items: { type: string, nullable: true } } }
Run: { type: object, properties: { id: { type: string, format: uuid } } }
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
ThingRead: { type: object }
",
        );
        let error = super::lower(&mut document).unwrap_err();
        assert!(
            error.to_string().starts_with("schema ThingRead is not valid: a copy"),
            "{error}"
        );
    }
}
