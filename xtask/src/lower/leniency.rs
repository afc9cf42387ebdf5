//! What is only read is read leniently; what is written keeps its rules.
//!
//! Reading must not fail on what is merely unexpected: a schema that only answers use loses lengths, patterns,
//! ranges and every format but the two that the service keeps to (`uuid`, `date-time`), an optional property
//! may be null, and a default is not made up. Otherwise one over-long description rejects a page of a thousand
//! items. A schema that requests use keeps everything, so that a wrong request is refused before it is sent.

use openapiv3::{
    IntegerType, NumberType, OpenAPI, ReferenceOr, Schema, SchemaKind, StringFormat, StringType, Type,
    VariantOrUnknownOrEmpty,
};

use super::walk;

/// Relaxes the components that only answers reach.
pub fn lower(document: &mut OpenAPI) {
    let reach = walk::Reach::of(document);
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
}

/// Whether a response reads this schema by other rules than a request writes it.
pub(super) fn differs(schema: &Schema) -> bool {
    let (mut read, mut written) = (schema.clone(), schema.clone());
    relax(&mut read);
    drop_empty_limits(&mut written);
    allow_null_where_optional(&mut written);
    read != written
}

/// Lets every optional property be null, which changes no type: absent and null are both `None`.
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

/// A length of at least 0 limits nothing, and would be checked all the same.
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
    use super::super::fixture;

    #[test]
    fn answers_lose_their_limits_and_requests_keep_them() {
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
