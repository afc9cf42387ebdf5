//! Removes the limits from schemas that only responses use.
//!
//! A response that is longer or larger than published must still be readable; otherwise one long
//! description rejects a page of a thousand items. So these schemas lose lengths, patterns, ranges
//! and defaults, and every format but `uuid` and `date-time`, which ICA keeps to. Their optional
//! properties may be null. A schema that requests use keeps its limits, so an invalid request is
//! rejected before it is sent.
//!
//! No list keeps its limits. typify would not check them, and would make an array `[T; N]` of a list
//! with exactly N elements: a type that serde reads and writes up to 32 elements, and that changes
//! with the limits.

use openapiv3::{
    IntegerType, NumberType, OpenAPI, ReferenceOr, Schema, SchemaKind, StringFormat, StringType, Type,
    VariantOrUnknownOrEmpty,
};

use crate::document::reach::Reach;
use crate::document::walk;

/// Relaxes the component schemas that only responses use.
pub(super) fn lower(document: &mut OpenAPI) {
    let reach = Reach::of(document);
    let components = document
        .components
        .iter_mut()
        .flat_map(|components| &mut components.schemas);
    for (name, schema) in components {
        match schema {
            ReferenceOr::Item(schema) if reach.is_only_read(name) => relax(schema),
            ReferenceOr::Item(schema) => drop_empty_limits(schema),
            ReferenceOr::Reference { .. } => {}
        }
    }
    walk::schemas_mut(document, &mut |schema| match &mut schema.schema_kind {
        SchemaKind::Type(Type::Array(array)) => (array.min_items, array.max_items) = (None, None),
        SchemaKind::Any(any) => (any.min_items, any.max_items) = (None, None),
        _ => {}
    });
}

/// Returns whether the rules for reading this schema differ from those for writing it.
pub(super) fn differs(schema: &Schema) -> bool {
    let (mut read, mut written) = (schema.clone(), schema.clone());
    relax(&mut read);
    drop_empty_limits(&mut written);
    allow_null_where_optional(&mut written);
    read != written
}

/// Lets every optional property be null. That changes no Rust type, because absent and null are
/// both `None`.
fn allow_null_where_optional(schema: &mut Schema) {
    match &mut schema.schema_kind {
        SchemaKind::Type(Type::Array(array)) => {
            if let Some(ReferenceOr::Item(items)) = &mut array.items {
                allow_null_where_optional(items);
            }
        }
        SchemaKind::Type(Type::Object(object)) => {
            for (name, property) in &mut object.properties {
                if let ReferenceOr::Item(property) = property {
                    property.schema_data.nullable |= !object.required.contains(name);
                    allow_null_where_optional(property);
                }
            }
        }
        _ => {}
    }
}

/// Removes a minimum length of 0, which limits nothing and would be checked.
fn drop_empty_limits(schema: &mut Schema) {
    match &mut schema.schema_kind {
        SchemaKind::Type(Type::String(text)) => text.min_length = text.min_length.filter(|least| *least > 0),
        SchemaKind::Type(Type::Array(array)) => {
            if let Some(ReferenceOr::Item(items)) = &mut array.items {
                drop_empty_limits(items);
            }
        }
        SchemaKind::Type(Type::Object(object)) => {
            for property in object.properties.values_mut() {
                if let ReferenceOr::Item(property) = property {
                    drop_empty_limits(property);
                }
            }
        }
        _ => {}
    }
}

fn relax(schema: &mut Schema) {
    schema.schema_data.default = None;
    match &mut schema.schema_kind {
        SchemaKind::Type(Type::String(text)) => relax_string(text),
        SchemaKind::Type(Type::Integer(integer)) => {
            *integer = IntegerType {
                format: std::mem::take(&mut integer.format),
                ..IntegerType::default()
            };
        }
        SchemaKind::Type(Type::Number(number)) => {
            *number = NumberType {
                format: std::mem::take(&mut number.format),
                ..NumberType::default()
            };
        }
        SchemaKind::Type(Type::Array(array)) => {
            (array.min_items, array.max_items, array.unique_items) = (None, None, false);
            if let Some(ReferenceOr::Item(items)) = &mut array.items {
                relax(items);
            }
        }
        SchemaKind::Type(Type::Object(object)) => {
            (object.min_properties, object.max_properties) = (None, None);
            for (name, property) in &mut object.properties {
                if let ReferenceOr::Item(property) = property {
                    property.schema_data.nullable |= !object.required.contains(name);
                    relax(property);
                }
            }
        }
        _ => {}
    }
}

fn relax_string(text: &mut StringType) {
    (text.pattern, text.min_length, text.max_length) = (None, None, None);
    let kept = match &text.format {
        VariantOrUnknownOrEmpty::Item(format) => *format == StringFormat::DateTime,
        VariantOrUnknownOrEmpty::Unknown(format) => format == "uuid",
        VariantOrUnknownOrEmpty::Empty => true,
    };
    if !kept {
        text.format = VariantOrUnknownOrEmpty::Empty;
    }
}

#[cfg(test)]
mod tests {
    use crate::document::fixture;

    #[test]
    fn responses_lose_their_limits_and_requests_keep_them() {
        let mut document = fixture::document(
            &fixture::paths("Thing", "CreateThing"),
            "
Thing:
  type: object
  required: [id, name]
  properties:
    id: { type: string, format: uuid }
    name: { type: string, minLength: 1, maxLength: 255, pattern: '^a' }
    url: { type: string, format: uri }
    links: { type: array, maxItems: 3, items: { type: string, maxLength: 9 } }
    count: { type: integer, format: int64, minimum: 0 }
    flag: { type: boolean, default: false }
    shared: { $ref: '#/components/schemas/Shared' }
CreateThing:
  type: object
  properties:
    name: { type: string, minLength: 1, maxLength: 255, pattern: '^a' }
    note: { type: string, minLength: 0, maxLength: 255 }
    shared: { $ref: '#/components/schemas/Shared' }
Shared: { type: object, properties: { code: { type: string, maxLength: 3 } } }
",
        );
        super::lower(&mut document);
        insta::assert_snapshot!(fixture::body(&document));
    }
}
