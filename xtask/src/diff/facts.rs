//! The facts of a node alone: without texts, and with lists in order where the order means nothing.

use serde_json::Value;

use crate::source::{PROSE, is_extension, says_nothing};

fn is_prose(key: &str) -> bool {
    PROSE.contains(&key) || is_extension(key)
}

/// Returns the facts of a schema.
pub(super) fn schema(value: &Value) -> Value {
    object(value, &|key, inner| match key {
        "properties" => map(inner, &schema),
        "items" | "additionalProperties" | "not" => schema(inner),
        "allOf" => list(inner, &schema),
        "anyOf" | "oneOf" => sorted(list(inner, &schema)),
        "required" | "enum" => sorted(inner.clone()),
        "discriminator" => object(inner, &|key, inner| match key {
            "mapping" => map(inner, &target),
            _ => inner.clone(),
        }),
        _ => inner.clone(),
    })
}

/// Returns the target of a tag. A name alone is that of a component schema.
fn target(value: &Value) -> Value {
    match value.as_str() {
        Some(name) if !name.contains('/') => format!("#/components/schemas/{name}").into(),
        _ => value.clone(),
    }
}

/// Returns the facts of a parameter, with or without its name.
pub(super) fn parameter(value: &Value, with_name: bool) -> Value {
    object(value, &|key, inner| match key {
        "schema" => schema(inner),
        "name" if !with_name => Value::Null,
        "name" if value.get("in").is_some_and(|place| place == "header") => match inner.as_str() {
            Some(name) => name.to_ascii_lowercase().into(),
            None => inner.clone(),
        },
        "content" => map(inner, &media),
        _ => inner.clone(),
    })
}

/// Returns the facts of an operation, without its parameters and credentials.
pub(super) fn operation(value: &Value) -> Value {
    object(value, &|key, inner| match key {
        "parameters" | "security" => Value::Null,
        "tags" => sorted(inner.clone()),
        "requestBody" => object(inner, &|key, inner| match key {
            "content" => map(inner, &media),
            _ => inner.clone(),
        }),
        "responses" => object(inner, &|_, response| {
            object(response, &|key, inner| match key {
                "content" => map(inner, &media),
                "headers" => map(inner, &|header| {
                    object(header, &|key, inner| match key {
                        "schema" => schema(inner),
                        _ => inner.clone(),
                    })
                }),
                _ => inner.clone(),
            })
        }),
        "servers" => list(inner, &|server| object(server, &|_, inner| inner.clone())),
        _ => inner.clone(),
    })
}

fn media(value: &Value) -> Value {
    object(value, &|key, inner| match key {
        "schema" => schema(inner),
        _ => inner.clone(),
    })
}

/// Returns an object without texts, and each value as `change` makes it. Keys that say the same as
/// their absence are left out.
fn object(value: &Value, change: &dyn Fn(&str, &Value) -> Value) -> Value {
    let Value::Object(entries) = value else {
        return value.clone();
    };
    let facts = entries
        .iter()
        .filter(|(key, inner)| !is_prose(key) && !says_nothing(key, inner));
    Value::Object(facts.map(|(key, inner)| (key.clone(), change(key, inner))).collect())
}

fn map(value: &Value, change: &dyn Fn(&Value) -> Value) -> Value {
    match value {
        Value::Object(entries) => Value::Object(
            entries
                .iter()
                .map(|(key, inner)| (key.clone(), change(inner)))
                .collect(),
        ),
        other => other.clone(),
    }
}

fn list(value: &Value, change: &dyn Fn(&Value) -> Value) -> Value {
    match value {
        Value::Array(items) => Value::Array(items.iter().map(change).collect()),
        other => other.clone(),
    }
}

/// Returns a list in a fixed order. Items that occur twice count once.
fn sorted(value: Value) -> Value {
    match value {
        Value::Array(mut items) => {
            items.sort_by_key(Value::to_string);
            items.dedup();
            Value::Array(items)
        }
        other => other,
    }
}
