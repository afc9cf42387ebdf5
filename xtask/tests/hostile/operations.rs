//! Operations, paths, parameters and responses.

use serde_json::json;

use super::cases::{Case, accepted, refused};
use super::description::{create, get, parameter};

const EVIL: &str = "x) {} pub fn evil(";

pub(crate) fn cases() -> Vec<Case> {
    let mut all = ids();
    all.extend(paths());
    all.extend(parameters());
    all.extend(responses());
    all
}

fn ids() -> Vec<Case> {
    let mut all: Vec<Case> = [
        "new",
        "context",
        "client",
        "baseurl",
        "api_version",
        "inner",
        "pre",
        "exec",
        "post",
        "clone",
        "newWithClient",
    ]
    .into_iter()
    .map(|id| {
        refused(
            format!("operation {id}"),
            &["operation", "method", "rename the operation"],
            move |d| get(d)["operationId"] = json!(id),
        )
    })
    .collect();
    all.extend(
        [
            "type", "self", "Self", "fn", "async", "gen", "await", "url", "request", "default",
        ]
        .into_iter()
        .map(|id| accepted(format!("operation {id}"), move |d| get(d)["operationId"] = json!(id))),
    );
    all.extend([
        refused("an operation that is code", &["operation \"x)", "rename it"], |d| {
            get(d)["operationId"] = json!(EVIL)
        }),
        refused("an operation without a name", &["operation \"\"", "rename it"], |d| {
            get(d)["operationId"] = json!("")
        }),
        refused(
            "an operation without an id",
            &["path /api/things/{thingId}", "add one"],
            |d| {
                get(d).as_object_mut().unwrap().remove("operationId");
            },
        ),
        refused("two operations of one id", &["operation getThing", "rename one"], |d| {
            create(d)["operationId"] = json!("getThing");
        }),
        refused("getA beside get_a", &["operation get_a", "getA", "rename one"], |d| {
            create(d)["operationId"] = json!("getA");
            get(d)["operationId"] = json!("get_a");
        }),
        refused(
            "a version that clashes",
            &["getThingV3", "getThing", "rename one"],
            |d| {
                let content = get(d)["responses"]["200"]["content"].clone();
                let schema = content["application/vnd.illumina.v3+json"].clone();
                get(d)["responses"]["200"]["content"]["application/vnd.illumina.v4+json"] = schema;
                create(d)["operationId"] = json!("getThingV3");
            },
        ),
    ]);
    all
}

fn paths() -> Vec<Case> {
    let moved = |path: &'static str| {
        move |d: &mut serde_json::Value| {
            let item = d["paths"]
                .as_object_mut()
                .unwrap()
                .remove("/api/things/{thingId}")
                .unwrap();
            d["paths"][path] = item;
        }
    };
    vec![
        refused(
            "a path without a slash",
            &["node paths", "\"api/things\"", "add the slash"],
            |d| {
                let item = d["paths"].as_object_mut().unwrap().remove("/api/things").unwrap();
                d["paths"]["api/things"] = item;
            },
        ),
        refused(
            "a parameter that is not listed",
            &["operation getThing", "{other}", "add it"],
            moved("/api/{thingId}/{other}"),
        ),
        refused(
            "a parameter that is not in the path",
            &["parameter \"thingId\" of operation getThing", "add it to the path"],
            moved("/api/thing"),
        ),
        refused(
            "an open brace",
            &["path \"/api/{thingId\"", "add the '}'"],
            moved("/api/{thingId"),
        ),
        refused(
            "a lone closing brace",
            &["path \"/api}/{thingId}\"", "remove it"],
            moved("/api}/{thingId}"),
        ),
        refused(
            "a parameter twice in a path",
            &["path \"/{thingId}/{thingId}\"", "rename one"],
            moved("/{thingId}/{thingId}"),
        ),
        refused(
            "a path with a query",
            &["path", "'?'", "remove it"],
            moved("/api/{thingId}?a=b"),
        ),
        refused(
            "a path with a quote",
            &["path", "remove it"],
            moved("/api\"; evil(); \"/{thingId}"),
        ),
        refused(
            "a path with dots",
            &["path", "'..'", "remove it"],
            moved("/api/../{thingId}"),
        ),
        refused(
            "a path with an empty segment",
            &["path", "empty segment", "remove it"],
            moved("/api//{thingId}"),
        ),
        refused(
            "a path that is a reference",
            &["path /api/things", "write the path item itself"],
            |d| {
                d["paths"]["/api/things"] = json!({ "$ref": "#/paths/~1x" });
            },
        ),
    ]
}

fn parameters() -> Vec<Case> {
    let mut all: Vec<Case> = [
        "type", "self", "body", "url", "request", "response", "result", "value", "client", "baseurl", "fn", "Some",
        "crate", "format", "query",
    ]
    .into_iter()
    .flat_map(|name| {
        ["query", "header"].map(|place| {
            accepted(format!("a parameter {name} in the {place}"), move |d| {
                parameter(
                    d,
                    json!({ "name": name, "in": place, "required": place == "query", "schema": { "type": "string" } }),
                );
            })
        })
    })
    .collect();
    for name in ["header_map", "info"] {
        all.push(refused(
            format!("a parameter {name}"),
            &["operation getThing", "rename it"],
            move |d| {
                parameter(
                    d,
                    json!({ "name": name, "in": "header", "schema": { "type": "string" } }),
                );
            },
        ));
    }
    all.extend([
        refused("a path parameter that is optional", &["parameter \"thingId\" of operation getThing", "make it required"], |d| {
            get(d)["parameters"][0]["required"] = json!(false);
        }),
        refused("a path parameter that is an object", &["parameter \"thingId\" of operation getThing", "describe it as text"], |d| {
            get(d)["parameters"][0]["schema"] = json!({ "type": "object" });
        }),
        refused("a path parameter that is a list", &["parameter \"thingId\" of operation getThing", "describe it as text"], |d| {
            get(d)["parameters"][0]["schema"] = json!({ "type": "array", "items": { "type": "string" } });
        }),
        refused("a path parameter that is nullable", &["parameter \"thingId\" of operation getThing", "nullable"], |d| {
            get(d)["parameters"][0]["schema"]["nullable"] = json!(true);
        }),
        refused("a namesake in the query", &["parameter \"thingId\" of operation getThing", "rename one"], |d| {
            parameter(d, json!({ "name": "thingId", "in": "query", "schema": { "type": "string" } }));
        }),
        refused("parameters that clash", &["parameter \"thing_id\" of operation getThing", "rename one"], |d| {
            parameter(d, json!({ "name": "thing_id", "in": "query", "schema": { "type": "string" } }));
        }),
        refused("a parameter named like the body", &["parameter \"body\" of operation createThing", "rename it"], |d| {
            create(d)["parameters"] = json!([{ "name": "body", "in": "query", "schema": { "type": "string" } }]);
        }),
        refused("an unknown parameter", &["operation getThing", "#/components/parameters/X", "add it"], |d| {
            parameter(d, json!({ "$ref": "#/components/parameters/X" }));
        }),
        accepted("a known parameter", |d| {
            parameter(d, json!({ "$ref": "#/components/parameters/X" }));
            d["components"]["parameters"] = json!({ "X": { "name": "x", "in": "query", "schema": { "type": "string" } } });
        }),
        refused("a parameter that refers to itself", &["operation getThing", "refers to itself"], |d| {
            parameter(d, json!({ "$ref": "#/components/parameters/X" }));
            d["components"]["parameters"] = json!({ "X": { "$ref": "#/components/parameters/X" } });
        }),
        refused("an invalid header name", &["parameter \"a b\" of operation getThing", "letters"], |d| {
            parameter(d, json!({ "name": "a b", "in": "header", "schema": { "type": "string" } }));
        }),
        refused("a header name in Unicode", &["operation getThing", "letters"], |d| {
            parameter(d, json!({ "name": "größe", "in": "header", "schema": { "type": "string" } }));
        }),
        refused("an empty parameter name", &["operation getThing", "correct it"], |d| {
            parameter(d, json!({ "name": "", "in": "query", "schema": { "type": "string" } }));
        }),
        accepted("a parameter that is code", |d| {
            parameter(d, json!({ "name": EVIL, "in": "query", "schema": { "type": "string", "enum": [EVIL] } }));
        }),
        refused("a cookie", &["parameter \"c\" of operation getThing", "remove it"], |d| {
            parameter(d, json!({ "name": "c", "in": "cookie", "schema": { "type": "string" } }));
        }),
        refused("a parameter with content", &["parameter \"c\" of operation getThing", "describe it with a schema"], |d| {
            parameter(d, json!({ "name": "c", "in": "query", "content": { "application/json": {} } }));
        }),
        refused("a deep object", &["parameter \"c\" of operation getThing", "style"], |d| {
            parameter(d, json!({ "name": "c", "in": "query", "style": "deepObject", "schema": { "type": "object" } }));
        }),
        refused("a query parameter that is an object", &["parameter \"c\" of operation getThing", "describe it as text"], |d| {
            parameter(d, json!({ "name": "c", "in": "query", "schema": { "type": "object", "properties": { "a": { "type": "string" } } } }));
        }),
        accepted("query parameters of all kinds", |d| {
            parameter(d, json!({ "name": "a", "in": "query", "schema": { "type": "array", "items": { "type": "string", "enum": ["X", "Y"] } } }));
            parameter(d, json!({ "name": "b", "in": "query", "required": true, "schema": { "type": "boolean", "default": true } }));
            parameter(d, json!({ "name": "c", "in": "query", "schema": { "type": "number", "nullable": true } }));
            parameter(d, json!({ "name": "e", "in": "query", "schema": { "type": "string", "maxLength": 7 } }));
            parameter(d, json!({ "name": "f", "in": "query", "schema": { "type": "string", "default": "x", "maxLength": 7 } }));
            parameter(d, json!({ "name": "X-G", "in": "header", "required": true, "schema": { "type": "string", "enum": ["X", "Y"] } }));
            parameter(d, json!({ "name": "h", "in": "query", "schema": { "type": "string", "format": "date-time" } }));
        }),
        accepted("a parameter of the path item that is overridden", |d| {
            d["paths"]["/api/things/{thingId}"]["parameters"] =
                json!([{ "name": "thingId", "in": "path", "required": true, "schema": { "type": "integer" } }]);
        }),
    ]);
    all
}

fn responses() -> Vec<Case> {
    let json = |schema: serde_json::Value| json!({ "description": "ok", "content": { "application/json": { "schema": schema } } });
    vec![
        refused(
            "an unknown response",
            &["operation getThing", "#/components/responses/X", "add it"],
            |d| {
                get(d)["responses"]["200"] = json!({ "$ref": "#/components/responses/X" });
            },
        ),
        refused(
            "an unknown request body",
            &["operation createThing", "#/components/requestBodies/X", "add it"],
            |d| {
                create(d)["requestBody"] = json!({ "$ref": "#/components/requestBodies/X" });
            },
        ),
        refused("two successes", &["operation getThing", "200 and 202"], move |d| {
            get(d)["responses"]["200"] = json(json!({ "$ref": "#/components/schemas/Thing" }));
            get(d)["responses"]["202"] = json(json!({ "$ref": "#/components/schemas/Problem" }));
        }),
        accepted("two equal successes", move |d| {
            get(d)["responses"]["200"] = json(json!({ "$ref": "#/components/schemas/Thing" }));
            get(d)["responses"]["201"] = json(json!({ "$ref": "#/components/schemas/Thing" }));
        }),
        refused("two failures", &["operation getThing", "400 and 404"], move |d| {
            get(d)["responses"]["400"] = json(json!({ "$ref": "#/components/schemas/Thing" }));
            get(d)["responses"]["404"] = json(json!({ "$ref": "#/components/schemas/Problem" }));
        }),
        refused(
            "a status that is not valid",
            &[
                "node paths//api/things/{thingId}/get/responses",
                "\"20O\"",
                "status code",
            ],
            |d| {
                get(d)["responses"]["20O"] = json!({ "description": "?" });
            },
        ),
        refused(
            "an interim response",
            &["operation getThing", "101", "remove it"],
            |d| {
                get(d)["responses"]["101"] = json!({ "description": "?" });
            },
        ),
        refused(
            "a media type with a line break",
            &["operation getThing", "media type"],
            |d| {
                get(d)["responses"]["200"]["content"]["application/x\r\nEvil: 1"] = json!({});
            },
        ),
        refused(
            "a response that becomes bytes",
            &["operation getThing", "text/csv", "versions"],
            |d| {
                get(d)["responses"]["200"]["content"] = json!({ "text/csv": { "schema": { "type": "string" } } });
            },
        ),
        refused(
            "a request without a schema",
            &["operation createThing", "request", "add one"],
            |d| {
                create(d)["requestBody"] = json!({ "content": { "application/json": {} } });
            },
        ),
        refused("a request in XML", &["operation createThing", "application/xml"], |d| {
            create(d)["requestBody"] = json!({ "content": { "application/xml": { "schema": { "type": "string" } } } });
        }),
        refused(
            "a request with an encoding",
            &["operation createThing", "encoding"],
            |d| {
                create(d)["requestBody"] = json!({ "content": { "application/json": {
                "schema": { "type": "object" }, "encoding": { "a": { "contentType": "text/plain" } } } } });
            },
        ),
        refused("a version that no header may have", &["info.version", "ASCII"], |d| {
            d["info"]["version"] = json!("1\r\n")
        }),
        accepted("no response", |d| get(d)["responses"] = json!({})),
        accepted("inner objects in bodies", move |d| {
            get(d)["responses"]["200"] = json(
                json!({ "type": "object", "properties": { "a": { "type": "object", "properties": { "b": { "type": "string" } } } } }),
            );
            create(d)["requestBody"] = json!({ "content": { "application/json": { "schema": { "type": "object", "properties": { "a": { "type": "string", "enum": ["X"] } } } } } });
        }),
    ]
}
