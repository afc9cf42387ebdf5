//! Names of schemas, properties, values and tags.

use serde_json::json;

use super::cases::{Case, accepted, refused};
use super::description::{property, request_property, request_schema, schema, schemas};

const EVIL: &str = "Fy { X = \"x\" } } pub fn evil() {} pub enum Fz {";

/// Names that Rust, serde, bon or the macros of the client use, too.
const SPECIAL: [&str; 28] = [
    "E",
    "D",
    "S",
    "T",
    "V",
    "F",
    "A",
    "Visitor",
    "Error",
    "ResponseValue",
    "Client",
    "ByteStream",
    "ClientInfo",
    "ClientHooks",
    "OperationInfo",
    "Serialize",
    "Deserialize",
    "Serializer",
    "Deserializer",
    "Value",
    "Operation",
    "CallContext",
    "Accept",
    "Limits",
    "Builder",
    "JsonSchema",
    "OpenEnum",
    "Member",
];

/// Names of Rust's prelude.
const PRELUDE: [&str; 19] = [
    "Option", "Result", "Vec", "String", "Box", "Ok", "Err", "Some", "None", "Default", "Clone", "From", "Into",
    "Iterator", "Send", "Copy", "Drop", "ToString", "TryFrom",
];

/// Words that are keywords in one spelling.
const KEYWORDS: [&str; 14] = [
    "Self", "self", "super", "crate", "type", "fn", "gen", "async", "match", "true", "union", "dyn", "try", "enum",
];

pub(crate) fn cases() -> Vec<Case> {
    let mut all = injections();
    all.extend(clashes());
    for name in PRELUDE {
        let parts = &["schema", "every Rust file", "rename the schema"];
        all.push(refused(format!("schema {name}"), parts, |d| {
            schema(d, name, json!({ "type": "object" }))
        }));
        all.push(refused(format!("enum {name}"), parts, |d| {
            schema(d, name, json!({ "type": "string", "enum": ["A", "B"] }));
        }));
        all.push(accepted(format!("property {name}"), |d| {
            property(d, name, json!({ "type": "string" }));
            request_property(d, name, json!({ "type": "string", "maxLength": 9 }));
        }));
        all.push(accepted(format!("values {name}"), |d| {
            property(d, "v", json!({ "type": "string", "enum": ["A", name] }));
            request_property(d, "v", json!({ "type": "string", "enum": ["A", name] }));
        }));
    }
    for name in SPECIAL.into_iter().chain(KEYWORDS) {
        all.push(accepted(format!("schema {name}"), |d| {
            schema(
                d,
                name,
                json!({ "type": "object", "properties": { "a": { "type": "string" } } }),
            );
        }));
        all.push(accepted(format!("request {name}"), |d| {
            request_schema(
                d,
                name,
                json!({ "type": "object", "properties": {
                "a": { "type": "string" }, "b": { "type": "string", "maxLength": 3 } } }),
            );
        }));
        all.push(accepted(format!("open enum {name}"), |d| {
            schema(d, name, json!({ "type": "string", "enum": ["A", "B"] }));
        }));
        all.push(accepted(format!("closed enum {name}"), |d| {
            request_schema(d, name, json!({ "type": "string", "enum": ["A", "B"] }));
        }));
        all.push(accepted(format!("union {name}"), |d| {
            schema(
                d,
                name,
                json!({ "oneOf": [{ "$ref": "#/components/schemas/One" }], "discriminator": {
                "propertyName": "k", "mapping": { "one": "#/components/schemas/One" } } }),
            );
            schemas(d)["One"] = json!({ "type": "object", "properties": { "a": { "type": "string" } } });
        }));
        all.push(accepted(format!("checked text {name}"), |d| {
            request_schema(d, name, json!({ "type": "string", "maxLength": 5 }));
        }));
        all.push(accepted(format!("property {name}"), |d| {
            property(d, name, json!({ "type": "string" }));
            request_property(d, name, json!({ "type": "string", "maxLength": 9 }));
        }));
    }
    all
}

fn injections() -> Vec<Case> {
    vec![
        refused("a schema that is code", &["schema \"Fy {", "rename it"], |d| {
            schema(d, EVIL, json!({ "type": "object" }))
        }),
        refused("an enum that is code", &["schema \"Fy {", "rename it"], |d| {
            schema(d, EVIL, json!({ "type": "string", "enum": ["A"] }));
        }),
        accepted("a property that is code", |d| {
            property(d, EVIL, json!({ "type": "string" }))
        }),
        accepted("a property of a request that is code", |d| {
            request_property(d, EVIL, json!({ "type": "string", "maxLength": 5 }))
        }),
        accepted("an enum value that is code", |d| {
            property(d, "v", json!({ "type": "string", "enum": [EVIL, "ok"] }))
        }),
        accepted("a closed enum value that is code", |d| {
            request_property(d, "v", json!({ "type": "string", "enum": [EVIL, "ok\"] }"] }));
        }),
        accepted("prose that is code", |d| {
            property(
                d,
                "v",
                json!({ "type": "string", "enum": ["A"], "description": "*/ pub fn evil() {} /*\n\"#] fn evil() {}" }),
            );
        }),
        accepted("prose with a bare CR and marks of direction", |d| {
            property(
                d,
                "v",
                json!({ "type": "string", "enum": ["A"], "description": "a\rpub fn evil() {}\u{202e}\u{0}b" }),
            );
            d["paths"]["/api/things"]["post"]["summary"] = json!("a\rb");
            d["info"]["description"] = json!("a\rb\u{2066}c");
        }),
        accepted("a default that is code", |d| {
            request_property(
                d,
                "v",
                json!({ "type": "string", "default": "\"; } pub fn evil() {} //" }),
            );
        }),
        accepted("a pattern that is code", |d| {
            request_property(
                d,
                "v",
                json!({ "type": "string", "pattern": "\"#, } } fn evil() \\{\\} //" }),
            );
        }),
        accepted("a Rust type by extension", |d| {
            property(
                d,
                "v",
                json!({ "type": "object", "x-rust-type": {
                "crate": "evil", "version": "*", "path": "evil::Evil" } }),
            );
        }),
        accepted("marks of the passes", |d| {
            property(
                d,
                "v",
                json!({ "type": "string", "x-ica-open": true, "x-ica-text": { "subject": "evil" } }),
            );
            schema(
                d,
                "Marked",
                json!({ "type": "object", "x-ica-union": { "tag": "evil", "variants": { "a": "fn evil" } } }),
            );
        }),
        accepted("a title that is a name", |d| {
            property(
                d,
                "v",
                json!({ "type": "object", "title": "Thing", "properties": { "a": { "type": "string" } } }),
            );
        }),
        accepted("a tag that is code", |d| {
            d["paths"]["/api/things"]["post"]["tags"] = json!([EVIL]);
        }),
        accepted("a union with a tag that is code", |d| {
            schema(
                d,
                "Either",
                json!({ "oneOf": [{ "$ref": "#/components/schemas/One" }],
                "discriminator": { "propertyName": EVIL, "mapping": { EVIL: "#/components/schemas/One" } } }),
            );
            schemas(d)["One"] = json!({ "type": "object", "properties": { "a": { "type": "string" } } });
        }),
        accepted("dotted variants of a union", |d| {
            schema(
                d,
                "Either",
                json!({ "oneOf": [{ "$ref": "#/components/schemas/One.A" }],
                "discriminator": { "propertyName": "k", "mapping": { "one.a": "#/components/schemas/One.A" } } }),
            );
            schemas(d)["One.A"] = json!({ "type": "object", "properties": { "a": { "type": "string" } } });
        }),
        refused(
            "a value with a mark of direction",
            &["property \"v\" of schema Thing", "remove it"],
            |d| {
                property(d, "v", json!({ "type": "string", "enum": ["a\u{202e}b"] }));
            },
        ),
        refused(
            "a property with a control character",
            &["schema Thing", "rename it"],
            |d| {
                property(d, "a\rb", json!({ "type": "string" }));
            },
        ),
    ]
}

fn clashes() -> Vec<Case> {
    let object = || json!({ "type": "object", "properties": { "a": { "type": "string" } } });
    vec![
        accepted("an enum A-B", |d| {
            schema(d, "A-B", json!({ "type": "string", "enum": ["A", "B"] }))
        }),
        accepted("a checked text a.b-c", |d| {
            request_schema(d, "a.b-c", json!({ "type": "string", "maxLength": 4 }))
        }),
        accepted("an object in lower case", |d| request_schema(d, "lower_case", object())),
        refused(
            "schemas that clash",
            &["\"foo_bar\"", "\"FooBar\"", "rename one"],
            |d| {
                schema(d, "FooBar", object());
                schema(d, "foo_bar", object());
            },
        ),
        refused("a schema and an open enum that clash", &["ThingState", "rename"], |d| {
            schema(d, "thing-state", object());
            property(d, "state", json!({ "type": "string", "enum": ["X", "Y"] }));
        }),
        refused(
            "a schema and an inner type that clash",
            &["RequestPart", "rename"],
            |d| {
                schemas(d)["Request"] = json!({ "type": "object", "properties": { "part": object() } });
                schema(
                    d,
                    "RequestPart",
                    json!({ "type": "object", "properties": { "b": { "type": "integer" } } }),
                );
                property(d, "r", json!({ "$ref": "#/components/schemas/Request" }));
            },
        ),
        refused(
            "properties that clash",
            &["schema Thing", "\"userName\"", "\"user_name\"", "rename one"],
            |d| {
                property(d, "userName", json!({ "type": "string" }));
                property(d, "user_name", json!({ "type": "string" }));
            },
        ),
        refused(
            "closed values that clash",
            &["property \"v\" of schema CreateThing", "\"a-b\"", "rename one"],
            |d| {
                request_property(d, "v", json!({ "type": "string", "enum": ["a-b", "a_b"] }));
            },
        ),
        refused(
            "open values that clash",
            &["schema ThingV", "\"a_b\"", "rename one"],
            |d| {
                property(d, "v", json!({ "type": "string", "enum": ["a-b", "a_b"] }));
            },
        ),
        accepted("tags that clash", |d| {
            d["tags"] = json!([{ "name": "a-b" }, { "name": "a_b" }]);
        }),
        refused(
            "a property named build",
            &["property \"build\" of schema CreateThing", "rename"],
            |d| {
                request_property(d, "build", json!({ "type": "string" }));
            },
        ),
        refused(
            "a property named like a setter",
            &["property \"maybeKind\" of schema CreateThing", "rename"],
            |d| {
                request_property(d, "maybeKind", json!({ "type": "string" }));
            },
        ),
        refused("an empty name of a schema", &["schema \"\"", "rename it"], |d| {
            schema(d, "", object())
        }),
        accepted("an empty name of a property", |d| {
            property(d, "", json!({ "type": "string" }))
        }),
        accepted("an empty value", |d| {
            request_property(d, "v", json!({ "type": "string", "enum": ["", "A"] }))
        }),
        refused("an empty open value", &["value \"\"", "name"], |d| {
            property(d, "v", json!({ "type": "string", "enum": ["", "A"] }));
        }),
        refused("a name in Unicode", &["schema \"Größe\"", "rename it"], |d| {
            schema(d, "Größe", object())
        }),
        accepted("a property in Unicode", |d| {
            property(d, "größe 日本 🎉", json!({ "type": "string" }))
        }),
        accepted("values in Unicode", |d| {
            property(d, "v", json!({ "type": "string", "enum": ["größe", "日本", "x"] }));
            request_property(
                d,
                "v",
                json!({ "type": "string", "enum": ["größe", "日本", "y", "🎉"] }),
            );
        }),
        refused(
            "a name with 100 000 characters",
            &["has 100000 bytes", "use at most"],
            |d| {
                schema(d, &"A".repeat(100_000), object());
            },
        ),
        refused(
            "a property with 100 000 characters",
            &["has 100000 bytes", "use at most"],
            |d| {
                property(d, &"a".repeat(100_000), json!({ "type": "string" }));
            },
        ),
        refused(
            "a value with 100 000 characters",
            &["property \"v\" of schema Thing", "use at most"],
            |d| {
                property(d, "v", json!({ "type": "string", "enum": ["a".repeat(100_000)] }));
            },
        ),
    ]
}
