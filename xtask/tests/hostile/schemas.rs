//! Kinds of schemas, and references between them.

use serde_json::{Value, json};

use super::cases::{Case, accepted, refused};
use super::description::{property, request_property, request_schema, schema, schemas};

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

pub(crate) fn cases() -> Vec<Case> {
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
        refused("an exponential allOf", &["schema A0", "with fewer"], |d| {
            for n in 0..30 {
                let next = reference(&format!("A{}", n + 1));
                schemas(d)[format!("A{n}")] = json!({ "allOf": [next, next] });
            }
            schema(d, "A30", json!({ "type": "object" }));
        }),
        refused("an allOf of 3000 parts", &["schema Long", "with fewer"], |d| {
            schema(d, "Long", json!({ "allOf": vec![reference("Problem"); 3000] }));
        }),
        refused("6000 schemas", &["description", "5000 schemas", "keep only"], |d| {
            for n in 0..6000 {
                schemas(d)[format!("Many{n}")] = json!({ "type": "object" });
            }
        }),
        refused(
            "a chain of 1000 schemas",
            &["operation createThing", "nested too deeply", "any object"],
            |d| {
                chain(d, 1000, |next| next);
            },
        ),
        accepted("a chain of 40 schemas", |d| chain(d, 40, |next| next)),
        accepted("a chain of 19 lists", |d| {
            chain(d, 19, |next| json!({ "type": "array", "items": next }))
        }),
        accepted("a chain of 9 maps of lists", |d| {
            chain(
                d,
                9,
                |next| json!({ "type": "object", "additionalProperties": { "type": "array", "items": next } }),
            );
        }),
        accepted("a circle of 30 schemas", |d| {
            chain(d, 30, |next| next);
            schemas(d)["Chain30"]["properties"] = json!({ "next": reference("Chain0") });
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

/// Adds schemas that each have the next one in a property.
fn chain(description: &mut Value, length: usize, in_property: fn(Value) -> Value) {
    for n in 0..length {
        let next = in_property(reference(&format!("Chain{}", n + 1)));
        schemas(description)[format!("Chain{n}")] = json!({ "type": "object", "properties": { "next": next } });
    }
    schemas(description)[format!("Chain{length}")] = json!({ "type": "object" });
    property(description, "chain", reference("Chain0"));
    request_property(description, "chain", reference("Chain0"));
}
