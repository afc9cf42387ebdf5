//! Checks of schemas: names, references, kinds, values and limits.

use std::collections::BTreeSet;

use openapiv3::{AnySchema, IntegerType, ObjectType, OpenAPI, ReferenceOr, Schema, SchemaKind, StringType, Type};

use super::{data, nodes};
use crate::document::values::values;
use crate::document::walk::{self, Child};
use crate::error::{Error, Result};
use crate::lower::prose;

/// Longest pattern, in bytes. A regular expression is compiled recursively.
const MAX_PATTERN: usize = 1000;
/// Longest value of an enum, in bytes.
const MAX_VALUE: usize = 200;
/// Longest minimum length that makes sense, in characters. It also keeps numbers in range.
const MAX_LENGTH: usize = u32::MAX as usize;

/// Checks every schema.
///
/// # Errors
/// When a schema cannot become a type. The error names the first such schema.
pub(super) fn check(document: &OpenAPI) -> Result<()> {
    let names = document
        .components
        .iter()
        .flat_map(|components| components.schemas.keys());
    for name in names {
        check_name(name)?;
    }
    nodes::each(document, &mut |place, child| {
        let problem = match child {
            Child::Reference(reference) => missing(document, reference),
            Child::Inline(schema) => problem(document, schema),
        };
        match problem {
            Some(reason) => Err(Error::invalid(place, reason)),
            None => Ok(()),
        }
    })
}

fn check_name(name: &str) -> Result<()> {
    let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    if name.len() <= 100 && name.starts_with(|c: char| c.is_ascii_alphabetic()) && name.chars().all(is_word) {
        return Ok(());
    }
    let shown: String = name.chars().take(60).collect();
    Err(Error::invalid(
        format_args!("schema {shown:?}"),
        "its name is not a letter, followed by at most 99 letters, digits, '_', '-' and '.'; rename it",
    ))
}

/// Returns the first character that no name or value may have.
pub(super) fn refused_character(text: &str) -> Option<char> {
    text.chars().find(|c| prose::is_refused(*c) || matches!(c, '\n' | '\t'))
}

fn missing(document: &OpenAPI, reference: &str) -> Option<String> {
    let components = document.components.as_ref().map(|components| &components.schemas);
    let found = walk::schema_name(reference).is_some_and(|name| components.is_some_and(|all| all.contains_key(name)));
    (!found).then(|| format!("it refers to {reference}, which does not exist; add the schema or correct the reference"))
}

fn problem(document: &OpenAPI, schema: &Schema) -> Option<String> {
    let found = match &schema.schema_kind {
        SchemaKind::Type(Type::String(text)) => text_problem(schema, text),
        SchemaKind::Type(Type::Integer(number)) => {
            let values = number.enumeration.iter().map(Option::is_some);
            range_problem(number.minimum, number.maximum)
                .or_else(|| enum_of_numbers(values.count()))
                .or_else(|| format_problem(schema, number))
        }
        SchemaKind::Type(Type::Number(number)) => {
            range_problem(number.minimum, number.maximum).or_else(|| enum_of_numbers(number.enumeration.len()))
        }
        SchemaKind::Type(Type::Boolean(boolean)) => enum_of_numbers(boolean.enumeration.len()),
        SchemaKind::Type(Type::Object(object)) => object_problem(object),
        SchemaKind::Type(Type::Array(array)) => range_problem(array.min_items, array.max_items),
        SchemaKind::OneOf { one_of: many } | SchemaKind::AnyOf { any_of: many } => members_problem(many),
        SchemaKind::AllOf { all_of } => members_problem(all_of).or_else(|| all_of_problem(document, all_of)),
        SchemaKind::Not { .. } => Some("it has `not`, which no Rust type can express; remove it".to_owned()),
        SchemaKind::Any(any) => any_problem(any),
    };
    found.or_else(|| {
        let default = schema.schema_data.default.as_ref()?;
        let reason = data::mismatch(document, schema, default)?;
        Some(format!("its default {default} {reason}; correct the default"))
    })
}

fn enum_of_numbers(values: usize) -> Option<String> {
    (values > 0)
        .then(|| "it has an enum, which the generator supports for text only; describe the values in prose".to_owned())
}

fn range_problem<T: PartialOrd + std::fmt::Display>(least: Option<T>, most: Option<T>) -> Option<String> {
    let (least, most) = (least?, most?);
    (least > most).then(|| format!("its least value {least} is above the greatest, {most}; correct one"))
}

/// Checks that the limits and the default are in the range of the format.
fn format_problem(schema: &Schema, number: &IntegerType) -> Option<String> {
    let (name, least, most) = data::range_of_format(&number.format)?;
    let default = schema.schema_data.default.as_ref().and_then(serde_json::Value::as_i64);
    let mut values = [number.minimum, number.maximum, default].into_iter().flatten();
    let outside = values.find(|value| !(least..=most).contains(value))?;
    Some(format!(
        "{outside} is not in the range of its format {name}; correct the number or the format"
    ))
}

fn members_problem(members: &[ReferenceOr<Schema>]) -> Option<String> {
    members
        .is_empty()
        .then(|| "its list of schemas is empty; add one, or remove the list".to_owned())
}

fn text_problem(schema: &Schema, text: &StringType) -> Option<String> {
    if let Some(pattern) = &text.pattern {
        if pattern.len() > MAX_PATTERN {
            return Some(format!(
                "its pattern has {} bytes; use at most {MAX_PATTERN}",
                pattern.len()
            ));
        }
        if let Err(error) = regress::Regex::new(pattern) {
            return Some(format!("its pattern is not a regular expression ({error}); correct it"));
        }
    }
    if let Some(length) = [text.min_length, text.max_length]
        .into_iter()
        .flatten()
        .find(|length| *length > MAX_LENGTH)
    {
        return Some(format!(
            "its length {length} is more than {MAX_LENGTH}; use less, or remove it"
        ));
    }
    if let Some(problem) = range_problem(text.min_length, text.max_length) {
        return Some(problem);
    }
    let has_enum = !text.enumeration.is_empty();
    let values = values(schema)?;
    if values.is_empty() {
        return Some("its enum has no value but null; list the values, or remove the enum".to_owned());
    }
    let mut seen = BTreeSet::new();
    for value in &values {
        if value.len() > MAX_VALUE {
            return Some(format!(
                "a value of its enum has {} bytes; use at most {MAX_VALUE}",
                value.len()
            ));
        }
        if refused_character(value).is_some() {
            return Some(format!(
                "its value {value:?} has a control character or a mark of direction; remove it"
            ));
        }
        if !seen.insert(value) {
            let list = if has_enum { "enum" } else { "pattern" };
            return Some(format!("its {list} has the value {value:?} twice; remove one"));
        }
    }
    None
}

fn object_problem(object: &ObjectType) -> Option<String> {
    if let Some(name) = object.properties.keys().find(|name| refused_character(name).is_some()) {
        return Some(format!(
            "its property {name:?} has a control character or a mark of direction; rename it"
        ));
    }
    let missing = object
        .required
        .iter()
        .find(|name| !object.properties.contains_key(*name));
    if let Some(name) = missing {
        return Some(format!(
            "it requires {name:?}, which is not one of its properties; correct the name, or add the property"
        ));
    }
    range_problem(object.min_properties, object.max_properties)
}

/// Checks that one property has one type in all parts, as typify joins them.
fn all_of_problem(document: &OpenAPI, parts: &[ReferenceOr<Schema>]) -> Option<String> {
    let resolve = |part: &ReferenceOr<Schema>| match part {
        ReferenceOr::Item(schema) => Some(schema.schema_kind.clone()),
        ReferenceOr::Reference { reference } => {
            let name = walk::schema_name(reference)?;
            Some(walk::component(document, name)?.schema_kind.clone())
        }
    };
    let kinds: BTreeSet<&str> = parts
        .iter()
        .filter_map(resolve)
        .filter_map(|kind| kind_name(&kind))
        .collect();
    (kinds.len() > 1).then(|| {
        let kinds: Vec<_> = kinds.into_iter().collect();
        format!(
            "its allOf joins {}, so no value is valid; correct the parts",
            kinds.join(" and ")
        )
    })
}

fn kind_name(kind: &SchemaKind) -> Option<&'static str> {
    match kind {
        SchemaKind::Type(Type::String(_)) => Some("text"),
        SchemaKind::Type(Type::Number(_) | Type::Integer(_)) => Some("a number"),
        SchemaKind::Type(Type::Object(_)) => Some("an object"),
        SchemaKind::Type(Type::Array(_)) => Some("a list"),
        SchemaKind::Type(Type::Boolean(_)) => Some("a boolean"),
        _ => None,
    }
}

/// Checks a schema that the parser reads as one of any kind.
fn any_problem(any: &AnySchema) -> Option<String> {
    // An object with one list of schemas is written with and without its type.
    let lists = [&any.one_of, &any.all_of, &any.any_of];
    let is_choice = lists.iter().filter(|list| !list.is_empty()).count() == 1;
    let mut rest = any.clone();
    if is_choice {
        rest.typ = rest.typ.filter(|typ| typ != "object");
        (rest.one_of, rest.all_of, rest.any_of) = Default::default();
    }
    if rest == AnySchema::default() {
        return None;
    }
    Some(match any.typ.as_deref() {
        Some(typ @ ("string" | "integer" | "number" | "boolean")) if !any.enumeration.is_empty() => {
            format!("a value of its enum is not of the type {typ}; correct the value")
        }
        Some(typ @ ("string" | "integer" | "number" | "boolean" | "object" | "array")) => {
            format!("it has the type {typ} and a keyword of another type, or a number out of range; remove the keyword")
        }
        Some(typ) => format!("its type {typ:?} is unknown; use string, integer, number, boolean, object or array"),
        None => "it has keywords of several types, or no type; add the type, and remove the other keywords".to_owned(),
    })
}
