//! Moves `nullable` from a component schema to its uses.
//!
//! ICA marks component schemas as nullable (`Job`, `Bundle`). Taken literally, that makes a wrapper
//! type `Job(Option<JobInner>)` around every use. A property that is optional is an `Option`
//! already. A required property and an element of a list in a response become nullable. A null in a
//! list of a request means nothing, so the mark is dropped there.

use std::collections::BTreeSet;

use openapiv3::{OpenAPI, ReferenceOr, Schema, SchemaData, SchemaKind, Type};

use crate::document::reach::Reach;
use crate::document::walk;

/// Moves `nullable` from the component schemas to their uses.
pub(super) fn lower(document: &mut OpenAPI) {
    let reach = Reach::of(document);
    let Some(components) = &mut document.components else {
        return;
    };
    let mut nullable = BTreeSet::new();
    for (name, schema) in &mut components.schemas {
        if let ReferenceOr::Item(schema) = schema
            && std::mem::take(&mut schema.schema_data.nullable)
        {
            nullable.insert(name.clone());
        }
    }
    for (name, schema) in &mut components.schemas {
        if let ReferenceOr::Item(schema) = schema {
            let in_response = reach.responses.contains(name);
            mark_uses(schema, &nullable, in_response);
        }
    }
}

fn mark_uses(schema: &mut Schema, nullable: &BTreeSet<String>, in_response: bool) {
    match &mut schema.schema_kind {
        SchemaKind::Type(Type::Object(object)) => {
            for (name, property) in &mut object.properties {
                if object.required.contains(name) {
                    make_nullable(property, nullable);
                }
                if let ReferenceOr::Item(property) = property {
                    mark_uses(property, nullable, in_response);
                }
            }
        }
        SchemaKind::Type(Type::Array(array)) => {
            if let Some(items) = &mut array.items {
                if in_response {
                    make_nullable(items, nullable);
                } else if let ReferenceOr::Item(items) = items {
                    items.schema_data.nullable = false;
                }
                if let ReferenceOr::Item(items) = items {
                    mark_uses(items, nullable, in_response);
                }
            }
        }
        _ => {}
    }
}

/// Wraps a reference to a nullable component schema, because a reference has no `nullable` of its
/// own.
fn make_nullable(schema: &mut ReferenceOr<Box<Schema>>, nullable: &BTreeSet<String>) {
    let ReferenceOr::Reference { reference } = schema else {
        return;
    };
    if walk::schema_name(reference).is_some_and(|name| nullable.contains(name)) {
        *schema = ReferenceOr::boxed_item(Schema {
            schema_data: SchemaData {
                nullable: true,
                ..SchemaData::default()
            },
            schema_kind: SchemaKind::AllOf {
                all_of: vec![ReferenceOr::ref_(reference)],
            },
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::document::fixture;

    #[test]
    fn the_mark_moves_from_the_component_to_its_uses() {
        let mut document = fixture::document(
            &fixture::paths("Batch", "CreateBatch"),
            "
Batch:
  type: object
  required: [needed]
  properties:
    job: { $ref: '#/components/schemas/Job' }
    needed: { $ref: '#/components/schemas/Job' }
    jobs: { type: array, items: { $ref: '#/components/schemas/Job' } }
Job: { type: object, nullable: true, properties: { id: { type: string } } }
CreateBatch:
  type: object
  properties:
    mounts: { type: array, items: { $ref: '#/components/schemas/Mount' } }
    tags: { type: array, items: { type: string, nullable: true } }
Mount: { type: object, nullable: true, properties: { path: { type: string } } }
",
        );
        super::lower(&mut document);
        insta::assert_snapshot!(fixture::body(&document));
    }
}
