//! A nullable component is nullable where it is used.
//!
//! ICA marks components as nullable (`Job`, `Bundle`). Taken literally that makes a wrapper type,
//! `Job(Option<JobInner>)`, around every use. The mark moves to the places of use: an optional property is an
//! option as it is, a required one and an element of a list that is read become nullable. In a list that is
//! only written a null says nothing, so there the mark is dropped.

use std::collections::BTreeSet;

use openapiv3::{OpenAPI, ReferenceOr, Schema, SchemaData, SchemaKind, Type};

use super::walk;

/// Moves `nullable` from the components to their uses.
pub fn lower(document: &mut OpenAPI) {
    let reach = walk::Reach::of(document);
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
            let is_read = reach.answers.contains(name);
            place(schema, &nullable, is_read);
        }
    }
}

fn place(schema: &mut Schema, nullable: &BTreeSet<String>, is_read: bool) {
    match &mut schema.schema_kind {
        SchemaKind::Type(Type::Object(object)) => {
            for (name, property) in &mut object.properties {
                if object.required.contains(name) {
                    make_nullable(property, nullable);
                }
                if let ReferenceOr::Item(property) = property {
                    place(property, nullable, is_read);
                }
            }
        }
        SchemaKind::Type(Type::Array(array)) => {
            if let Some(items) = &mut array.items {
                if is_read {
                    make_nullable(items, nullable);
                } else if let ReferenceOr::Item(items) = items {
                    items.schema_data.nullable = false;
                }
                if let ReferenceOr::Item(items) = items {
                    place(items, nullable, is_read);
                }
            }
        }
        _ => {}
    }
}

/// Wraps a reference to a nullable component, for a reference cannot say it itself.
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
    use super::super::fixture;

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
