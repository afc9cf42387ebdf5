//! Values, limits and defaults of schemas.

use serde_json::{Value, json};

use super::cases::{Case, accepted, refused};
use super::description::{property, request_property};

const PROPERTY: &str = "property \"v\" of schema CreateThing";

pub(crate) fn cases() -> Vec<Case> {
    let mut all = refused_values();
    all.extend(accepted_values());
    all
}

fn refused_values() -> Vec<Case> {
    let values: [(&str, &'static [&'static str], Value); 26] = [
        (
            "a pattern with a value twice",
            &[PROPERTY, "\"A\" twice"],
            json!({ "type": "string", "pattern": "A|B|A" }),
        ),
        (
            "an enum with a value twice",
            &[PROPERTY, "\"A\" twice"],
            json!({ "type": "string", "enum": ["A", "B", "A"] }),
        ),
        (
            "an empty enum",
            &["CreateThing/properties/v/enum", "list them"],
            json!({ "type": "string", "enum": [] }),
        ),
        (
            "an enum of null",
            &[PROPERTY, "list the values"],
            json!({ "type": "string", "nullable": true, "enum": [null] }),
        ),
        (
            "a number in an enum of text",
            &[PROPERTY, "not of the type string"],
            json!({ "type": "string", "enum": ["A", 7] }),
        ),
        (
            "text in an enum of integers",
            &[PROPERTY, "not of the type integer"],
            json!({ "type": "integer", "enum": [1, "b"] }),
        ),
        (
            "an enum of integers",
            &[PROPERTY, "for text only"],
            json!({ "type": "integer", "enum": [1, 2] }),
        ),
        (
            "an invalid pattern",
            &[PROPERTY, "no", "correct it"],
            json!({ "type": "string", "pattern": "(a" }),
        ),
        (
            "a pattern with endless groups",
            &[PROPERTY, "use at most"],
            json!({ "type": "string", "pattern": "(".repeat(5000) }),
        ),
        (
            "a pattern of another flavour",
            &[PROPERTY, "correct it"],
            json!({ "type": "string", "pattern": "^(?P<a>x)(?x)$" }),
        ),
        (
            "a length that is negative",
            &["description"],
            json!({ "type": "string", "maxLength": -1 }),
        ),
        (
            "a least length above the greatest",
            &[PROPERTY, "correct one"],
            json!({ "type": "string", "minLength": 5, "maxLength": 3 }),
        ),
        (
            "a length out of range",
            &[PROPERTY, "use less"],
            json!({ "type": "string", "maxLength": 18_446_744_073_709_551_615_u64 }),
        ),
        (
            "a minimum above the maximum",
            &[PROPERTY, "correct one"],
            json!({ "type": "integer", "minimum": 5, "maximum": 3 }),
        ),
        (
            "a maximum out of range",
            &[PROPERTY, "out of range"],
            json!({ "type": "integer", "maximum": 18_446_744_073_709_551_615_u64 }),
        ),
        (
            "a maximum that is not an integer",
            &[PROPERTY, "out of range"],
            json!({ "type": "integer", "maximum": 1.5 }),
        ),
        (
            "a range out of its format",
            &[PROPERTY, "int32"],
            json!({ "type": "integer", "format": "int32", "minimum": 5_000_000_000_i64 }),
        ),
        (
            "a default of another type",
            &[PROPERTY, "default 7 is not text", "correct the default"],
            json!({ "type": "string", "default": 7 }),
        ),
        (
            "a default that is too long",
            &[PROPERTY, "4 characters"],
            json!({ "type": "string", "maxLength": 3, "default": "long" }),
        ),
        (
            "a default that does not match",
            &[PROPERTY, "remove one of them"],
            json!({ "type": "string", "pattern": "^a$", "default": "b" }),
        ),
        (
            "a default out of range",
            &[PROPERTY, "out of its range"],
            json!({ "type": "integer", "maximum": 3, "default": 4 }),
        ),
        (
            "a default out of its format",
            &[PROPERTY, "int32"],
            json!({ "type": "integer", "format": "int32", "default": 5_000_000_000_i64 }),
        ),
        (
            "a default that is not a value",
            &[PROPERTY, "not among its values"],
            json!({ "type": "string", "enum": ["A"], "default": "B" }),
        ),
        (
            "a default that lacks a property",
            &[PROPERTY, "lacks the required property \"a\""],
            json!({ "type": "object", "required": ["a"], "properties": { "a": { "type": "string" } }, "default": {} }),
        ),
        (
            "a default of a list",
            &[PROPERTY, "is not an integer"],
            json!({ "type": "array", "items": { "type": "integer" }, "default": ["a"] }),
        ),
        (
            "required of what does not exist",
            &[PROPERTY, "requires \"idd\"", "correct the name"],
            json!({ "type": "object", "required": ["idd"], "properties": { "id": { "type": "string" } } }),
        ),
    ];
    values
        .into_iter()
        .map(|(name, parts, value)| refused(name, parts, |d| request_property(d, "v", value)))
        .collect()
}

fn accepted_values() -> Vec<Case> {
    let values: [(&str, Value); 24] = [
        (
            "a default that is null",
            json!({ "type": "string", "enum": ["A"], "default": null }),
        ),
        ("a default", json!({ "type": "string", "default": "x" })),
        (
            "a default within limits",
            json!({ "type": "string", "maxLength": 9, "default": "x" }),
        ),
        (
            "a default of an enum",
            json!({ "type": "string", "enum": ["A", "B"], "default": "B" }),
        ),
        (
            "a default list",
            json!({ "type": "array", "items": { "type": "string" }, "default": ["a"] }),
        ),
        (
            "a default object",
            json!({ "type": "object", "properties": { "a": { "type": "string" } }, "default": { "a": "b" } }),
        ),
        ("a default number", json!({ "type": "number", "default": 1.5 })),
        (
            "a default integer",
            json!({ "type": "integer", "minimum": 1, "maximum": 9, "default": 5 }),
        ),
        ("a default boolean", json!({ "type": "boolean", "default": true })),
        (
            "unsigned integers",
            json!({ "type": "integer", "format": "uint64", "minimum": 0 }),
        ),
        (
            "small integers",
            json!({ "type": "integer", "format": "int32", "minimum": 1, "maximum": 9 }),
        ),
        (
            "integers of an unknown format",
            json!({ "type": "integer", "format": "int7" }),
        ),
        (
            "numbers with limits",
            json!({ "type": "number", "format": "float", "minimum": 0.5, "exclusiveMinimum": true }),
        ),
        ("a multiple", json!({ "type": "integer", "multipleOf": 5 })),
        (
            "a set",
            json!({ "type": "array", "items": { "type": "string" }, "uniqueItems": true, "minItems": 1, "maxItems": 3 }),
        ),
        (
            "a pair",
            json!({ "type": "array", "items": { "type": "integer" }, "minItems": 2, "maxItems": 2 }),
        ),
        (
            "a list of a fixed length that serde does not know",
            json!({ "type": "array", "items": { "type": "integer" }, "minItems": 1_000_000, "maxItems": 1_000_000 }),
        ),
        ("dates", json!({ "type": "string", "format": "date" })),
        ("bytes", json!({ "type": "string", "format": "byte" })),
        ("addresses", json!({ "type": "string", "format": "ipv4" })),
        (
            "text of an unknown format with limits",
            json!({ "type": "string", "format": "hostname", "maxLength": 4 }),
        ),
        (
            "a map of limited text",
            json!({ "type": "object", "additionalProperties": { "type": "string", "maxLength": 4 } }),
        ),
        (
            "a nullable enum",
            json!({ "type": "string", "enum": ["A", "B", null], "nullable": true }),
        ),
        (
            "a map of enums",
            json!({ "type": "object", "additionalProperties": { "type": "string", "enum": ["A"] } }),
        ),
    ];
    let both = values.into_iter().flat_map(|(name, value)| {
        let other = value.clone();
        [
            accepted(format!("{name} in a request"), move |d| request_property(d, "v", value)),
            accepted(format!("{name} in a response"), move |d| property(d, "v", other)),
        ]
    });
    both.collect()
}
