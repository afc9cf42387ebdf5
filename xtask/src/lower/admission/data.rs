//! Values that a description contains: whether a default is valid for its schema.

use openapiv3::{
    ArrayType, IntegerFormat, ObjectType, OpenAPI, ReferenceOr, Schema, SchemaKind, StringType, Type,
    VariantOrUnknownOrEmpty,
};
use serde_json::Value;

use crate::document::values::values;
use crate::document::walk;

/// Greatest depth to which references are followed.
const MAX_DEPTH: usize = 30;

/// Returns why the value is not valid for the schema.
pub(super) fn mismatch(document: &OpenAPI, schema: &Schema, value: &Value) -> Option<String> {
    inside(document, schema, value, 0)
}

fn inside(document: &OpenAPI, schema: &Schema, value: &Value, depth: usize) -> Option<String> {
    if depth > MAX_DEPTH || (value.is_null() && schema.schema_data.nullable) {
        return None;
    }
    match &schema.schema_kind {
        SchemaKind::Type(Type::String(text)) => match value.as_str() {
            Some(value) => text_mismatch(schema, text, value),
            None => Some("is not text".to_owned()),
        },
        SchemaKind::Type(Type::Integer(number)) => match value.as_i64() {
            Some(value) => out_of_range(value, number.minimum, number.maximum),
            None => Some("is not an integer".to_owned()),
        },
        SchemaKind::Type(Type::Number(number)) => match value.as_f64() {
            Some(value) => out_of_range(value, number.minimum, number.maximum),
            None => Some("is not a number".to_owned()),
        },
        SchemaKind::Type(Type::Boolean(_)) => (!value.is_boolean()).then(|| "is neither true nor false".to_owned()),
        SchemaKind::Type(Type::Array(array)) => list_mismatch(document, array, value, depth),
        SchemaKind::Type(Type::Object(object)) => object_mismatch(document, object, value, depth),
        SchemaKind::AllOf { all_of } => all_of.iter().find_map(|part| either(document, part, value, depth)),
        SchemaKind::OneOf { one_of: many } | SchemaKind::AnyOf { any_of: many } => {
            let fits = many.iter().any(|one| either(document, one, value, depth).is_none());
            (!fits).then(|| "is valid for none of its schemas".to_owned())
        }
        SchemaKind::Not { .. } | SchemaKind::Any(_) => None,
    }
}

/// Returns the name and the range of a format of integers.
pub(super) fn range_of_format(format: &VariantOrUnknownOrEmpty<IntegerFormat>) -> Option<(&str, i64, i64)> {
    match format {
        VariantOrUnknownOrEmpty::Item(IntegerFormat::Int32) => Some(("int32", i32::MIN.into(), i32::MAX.into())),
        VariantOrUnknownOrEmpty::Item(IntegerFormat::Int64) | VariantOrUnknownOrEmpty::Empty => None,
        VariantOrUnknownOrEmpty::Unknown(name) => match name.as_str() {
            "int8" => Some((name, i8::MIN.into(), i8::MAX.into())),
            "int16" => Some((name, i16::MIN.into(), i16::MAX.into())),
            "uint8" => Some((name, 0, u8::MAX.into())),
            "uint16" => Some((name, 0, u16::MAX.into())),
            "uint" | "uint32" => Some((name, 0, u32::MAX.into())),
            "uint64" => Some((name, 0, i64::MAX)),
            _ => None,
        },
    }
}

fn either(document: &OpenAPI, schema: &ReferenceOr<Schema>, value: &Value, depth: usize) -> Option<String> {
    match schema {
        ReferenceOr::Item(schema) => inside(document, schema, value, depth + 1),
        ReferenceOr::Reference { reference } => {
            let schema = walk::component(document, walk::schema_name(reference)?)?;
            inside(document, schema, value, depth + 1)
        }
    }
}

fn boxed(document: &OpenAPI, schema: &ReferenceOr<Box<Schema>>, value: &Value, depth: usize) -> Option<String> {
    match schema {
        ReferenceOr::Item(schema) => inside(document, schema, value, depth + 1),
        ReferenceOr::Reference { reference } => {
            let schema = walk::component(document, walk::schema_name(reference)?)?;
            inside(document, schema, value, depth + 1)
        }
    }
}

fn text_mismatch(schema: &Schema, text: &StringType, value: &str) -> Option<String> {
    if let Some(values) = values(schema) {
        return (!values.iter().any(|known| known == value)).then(|| "is not among its values".to_owned());
    }
    let length = value.chars().count();
    if text.min_length.is_some_and(|least| length < least) || text.max_length.is_some_and(|most| length > most) {
        return Some(format!("has {length} characters, which its limits do not allow"));
    }
    // A regular expression can need exponential time for a short text.
    let pattern = text.pattern.as_deref()?;
    Some(format!(
        "cannot be checked against its pattern {pattern:?}, so remove one of them"
    ))
}

fn out_of_range<T: PartialOrd>(value: T, least: Option<T>, most: Option<T>) -> Option<String> {
    let outside = least.is_some_and(|least| value < least) || most.is_some_and(|most| value > most);
    outside.then(|| "is out of its range".to_owned())
}

fn list_mismatch(document: &OpenAPI, array: &ArrayType, value: &Value, depth: usize) -> Option<String> {
    let Some(elements) = value.as_array() else {
        return Some("is not a list".to_owned());
    };
    if let Some(problem) = out_of_range(elements.len(), array.min_items, array.max_items) {
        return Some(problem);
    }
    let items = array.items.as_ref()?;
    elements
        .iter()
        .find_map(|element| boxed(document, items, element, depth))
}

fn object_mismatch(document: &OpenAPI, object: &ObjectType, value: &Value, depth: usize) -> Option<String> {
    let Some(members) = value.as_object() else {
        return Some("is not an object".to_owned());
    };
    if let Some(name) = object.required.iter().find(|name| !members.contains_key(*name)) {
        return Some(format!("lacks the required property {name:?}"));
    }
    members.iter().find_map(|(name, member)| {
        let reason = boxed(document, object.properties.get(name)?, member, depth)?;
        Some(format!("is not valid: its member {name:?} {reason}"))
    })
}
