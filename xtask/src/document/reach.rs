//! The component schemas that responses and requests use, directly or through other schemas.

use std::collections::BTreeSet;

use openapiv3::{OpenAPI, ReferenceOr, Schema};

use super::union::Union;
use super::walk::{self, Child};

/// Names of the component schemas that responses and requests use.
#[derive(Debug, Default)]
pub(crate) struct Reach {
    pub(crate) responses: BTreeSet<String>,
    pub(crate) requests: BTreeSet<String>,
}

impl Reach {
    /// Returns the schemas that the operations of the document use.
    pub(crate) fn of(document: &OpenAPI) -> Self {
        let mut reach = Reach::default();
        for (_, _, operation) in document.operations() {
            for schema in walk::response_schemas(operation) {
                follow(document, schema, &mut reach.responses);
            }
            for schema in walk::request_schemas(operation) {
                follow(document, schema, &mut reach.requests);
            }
        }
        reach
    }

    /// Returns whether responses use the schema and requests do not.
    pub(crate) fn is_only_read(&self, name: &str) -> bool {
        self.responses.contains(name) && !self.requests.contains(name)
    }
}

fn follow(document: &OpenAPI, schema: &ReferenceOr<Schema>, found: &mut BTreeSet<String>) {
    match schema {
        ReferenceOr::Reference { reference } => follow_reference(document, reference, found),
        ReferenceOr::Item(item) => follow_inline(document, item, found),
    }
}

fn follow_reference(document: &OpenAPI, reference: &str, found: &mut BTreeSet<String>) {
    if let Some(name) = walk::schema_name(reference) {
        follow_name(document, name, found);
    }
}

fn follow_name(document: &OpenAPI, name: &str, found: &mut BTreeSet<String>) {
    if !found.insert(name.to_owned()) {
        return;
    }
    if let Some(schema) = walk::component(document, name) {
        follow_inline(document, schema, found);
    }
}

fn follow_inline(document: &OpenAPI, schema: &Schema, found: &mut BTreeSet<String>) {
    let union = Union::of(schema);
    for name in union.iter().flat_map(|union| union.variants.values()) {
        follow_name(document, name, found);
    }
    walk::children(schema, &mut |child| match child {
        Child::Reference(reference) => follow_reference(document, reference, found),
        Child::Inline(inline) => follow_inline(document, inline, found),
    });
}
