//! Kinds of schemas, values, limits and defaults.

use serde_json::{Value, json};

use super::cases::{Case, accepted, refused};
use super::description::{property, request_property, request_schema, schema, schemas};

const PROPERTY: &str = "property \"v\" of schema CreateThing";

pub(crate) fn cases() -> Vec<Case> {
    let mut all = structure();
    all.extend(refused_values());
    all.extend(accepted_values());
    all
}

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

fn structure() -> Vec<Case> {
    vec![
        refused("not", &["schema No", "remove it"], |d| {
            schema(d, "No", json!({ "not": { "type": "string" } }))
        }),
        refused("allOf itself", &["schema Loop", "Loop → Loop", "property"], |d| {
            schema(d, "Loop", json!({ "allOf": [reference("Loop")] }));
        }),
        refused("allOf itself with more", &["schema Loop", "Loop → Loop"], |d| {
            schema(
                d,
                "Loop",
                json!({ "allOf": [{ "type": "object", "properties": { "a": { "type": "string" } } }, reference("Loop")] }),
            );
        }),
        refused(
            "two schemas that refer to each other",
            &["schema A", "A → B → A"],
            |d| {
                schema(d, "A", reference("B"));
                schemas(d)["B"] = reference("A");
            },
        ),
        refused("oneOf itself", &["schema Loop", "Loop → Loop"], |d| {
            schema(d, "Loop", json!({ "oneOf": [reference("Loop"), { "type": "string" }] }));
        }),
        accepted("a list of itself", |d| {
            schema(d, "Tree", json!({ "type": "array", "items": reference("Tree") }))
        }),
        accepted("a map of itself", |d| {
            schema(
                d,
                "Tree",
                json!({ "type": "object", "additionalProperties": reference("Tree") }),
            )
        }),
        accepted("a required property of its own type", |d| {
            schema(
                d,
                "Tree",
                json!({ "type": "object", "required": ["next"], "properties": { "next": reference("Tree") } }),
            );
        }),
        accepted("two objects that contain each other", |d| {
            request_schema(
                d,
                "A",
                json!({ "type": "object", "properties": { "b": reference("B") } }),
            );
            schemas(d)["B"] = json!({ "type": "object", "properties": { "a": reference("A") } });
        }),
        refused(
            "a union that contains itself",
            &["schema Either", "variant One", "list"],
            |d| {
                schema(
                    d,
                    "Either",
                    json!({ "oneOf": [reference("One")],
                "discriminator": { "propertyName": "k", "mapping": { "one": "#/components/schemas/One" } } }),
                );
                schemas(d)["One"] = json!({ "type": "object", "properties": { "again": reference("Either") } });
            },
        ),
        refused("a union of text", &["schema Either", "describe it as one"], |d| {
            schema(
                d,
                "Either",
                json!({ "oneOf": [reference("One")],
                "discriminator": { "propertyName": "k", "mapping": { "one": "#/components/schemas/One" } } }),
            );
            schemas(d)["One"] = json!({ "type": "string" });
        }),
        refused("variants that clash", &["schema Either", "\"a_b\""], |d| {
            schema(
                d,
                "Either",
                json!({ "oneOf": [reference("One")], "discriminator": { "propertyName": "k", "mapping": {
                "a-b": "#/components/schemas/One", "a_b": "#/components/schemas/One" } } }),
            );
            schemas(d)["One"] = json!({ "type": "object", "properties": { "a": { "type": "string" } } });
        }),
        accepted("oneOf without a discriminator", |d| {
            schema(
                d,
                "Either",
                json!({ "oneOf": [{ "type": "string" }, { "type": "integer" }, { "type": "object", "properties": { "a": { "type": "string" } } }] }),
            );
        }),
        accepted("anyOf of objects", |d| {
            schema(
                d,
                "Either",
                json!({ "type": "object", "anyOf": [reference("Problem"), reference("Thing")] }),
            );
        }),
        refused("an empty oneOf", &["schema Either", "add one"], |d| {
            schema(d, "Either", json!({ "oneOf": [] }))
        }),
        refused(
            "an allOf of text and a number",
            &["schema Both", "a number and text"],
            |d| {
                schema(
                    d,
                    "Both",
                    json!({ "allOf": [{ "type": "string" }, { "type": "integer" }] }),
                );
            },
        ),
        accepted("an allOf of objects", |d| {
            request_schema(
                d,
                "Both",
                json!({ "allOf": [reference("Problem"), { "type": "object", "properties": { "b": { "type": "string" } } }] }),
            );
        }),
        refused("an unknown type", &["schema Odd", "\"strin\"", "use string"], |d| {
            schema(d, "Odd", json!({ "type": "strin" }))
        }),
        refused("keywords of two types", &["schema Odd", "remove the keyword"], |d| {
            schema(
                d,
                "Odd",
                json!({ "type": "string", "properties": { "a": { "type": "string" } } }),
            );
        }),
        refused("an array in a type", &["description", "type"], |d| {
            schema(d, "Odd", json!({ "type": ["string", "null"] }))
        }),
        refused(
            "a missing schema",
            &[
                "property \"v\" of schema Thing",
                "#/components/schemas/Gone",
                "add the schema",
            ],
            |d| {
                property(d, "v", reference("Gone"));
            },
        ),
        refused(
            "a missing schema in a parameter",
            &["operation getThing", "#/components/schemas/Gone", "add the schema"],
            |d| {
                super::description::parameter(d, json!({ "name": "v", "in": "query", "schema": reference("Gone") }));
            },
        ),
        refused(
            "a reference to another file",
            &["schema Thing", "other.yaml", "correct the reference"],
            |d| {
                property(d, "v", json!({ "$ref": "other.yaml#/Thing" }));
            },
        ),
        accepted("a schema of any kind", |d| schema(d, "Any", json!({}))),
        accepted("an object without properties", |d| {
            request_schema(d, "Empty", json!({ "type": "object" }))
        }),
        accepted("a closed object", |d| {
            request_schema(
                d,
                "Closed",
                json!({ "type": "object", "additionalProperties": false, "properties": { "a": { "type": "string" } } }),
            );
        }),
        accepted("a list without items", |d| {
            request_property(d, "v", json!({ "type": "array" }))
        }),
        accepted("a nullable component", |d| {
            request_schema(
                d,
                "Maybe",
                json!({ "type": "object", "nullable": true, "properties": { "a": { "type": "string" } } }),
            );
        }),
        accepted("an alias", |d| schema(d, "Alias", reference("Problem"))),
        accepted("an inner object in an inner list", |d| {
            request_property(
                d,
                "v",
                json!({ "type": "array", "items": { "type": "array", "items": { "type": "object", "properties": { "a": { "type": "string", "enum": ["X"] } } } } }),
            );
        }),
    ]
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
            &[PROPERTY, "match its pattern"],
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
    let values: [(&str, Value); 23] = [
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
