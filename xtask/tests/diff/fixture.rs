//! Small descriptions around the examples of the rules.

use serde_json::{Map, Value, json};
use xtask::Source;
use xtask::diff::{Only, Options, Rule, diff};

/// Messages that use the schema of an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Use {
    Requests,
    Responses,
    Both,
}

/// Returns the uses for which a rule holds.
pub(crate) fn uses(rule: &Rule) -> &'static [Use] {
    match rule.only {
        Some(Only::RequestsAlone) => &[Use::Requests],
        Some(Only::Requests) => &[Use::Requests, Use::Both],
        Some(Only::Responses) => &[Use::Responses, Use::Both],
        Some(Only::Problems) => &[Use::Responses],
        None => &[Use::Requests, Use::Responses, Use::Both],
    }
}

/// Returns whether an example is a schema, and not an operation or a part of the description.
pub(crate) fn is_schema(example: &str) -> bool {
    example.starts_with(|first: char| first.is_ascii_uppercase())
}

/// Returns a description around an example.
pub(crate) fn description(example: &str, of: Use) -> String {
    let content: Value = yaml_serde::from_str(example).expect("an example is YAML");
    let content = content.as_object().expect("an example is an object");
    let subject = content
        .keys()
        .find(|_| is_schema(example))
        .map_or("Thing", String::as_str);
    // serde_json sorts keys; the subject is the first key of the text.
    let subject = example
        .split(':')
        .next()
        .filter(|_| is_schema(example))
        .unwrap_or(subject);
    let mut document = json!({
        "openapi": "3.0.1",
        "info": { "title": "Example", "version": "3" },
        "servers": [{ "url": "/ica/rest" }],
        "security": [{ "ApiKey": [] }],
        "paths": paths(subject, of),
        "components": {
            "schemas": {
                "Thing": { "type": "object", "properties": { "id": { "type": "string" } } },
                "Problem": { "type": "object", "properties": { "title": { "type": "string" } } },
            },
            "securitySchemes": {
                "ApiKey": { "type": "apiKey", "in": "header", "name": "X-API-Key" },
                "Token": { "type": "http", "scheme": "bearer" },
            },
        },
    });
    if example.starts_with('/') {
        document["paths"] = Value::Object(content.clone());
    } else if is_schema(example) {
        merge(&mut document["components"]["schemas"], content);
    } else {
        merge_deep(&mut document, content);
    }
    // The generator needs one response with a body.
    document["paths"]["/other"] = json!({ "get": { "operationId": "getOther", "responses": {
        "200": { "description": "Text.", "content": { "application/json": { "schema": { "type": "string" } } } },
    }}});
    serde_json::to_string_pretty(&document).unwrap()
}

/// Returns the comparison of the example of a rule.
pub(crate) fn compare(rule: &Rule, of: Use) -> xtask::diff::Changes {
    let read = |name: &str, example: &str| {
        let text = description(example, of);
        Source::parse(name, &text).unwrap_or_else(|error| panic!("{}: {error}\n{text}", rule.id))
    };
    let options = Options {
        all: rule.all,
        prose: rule.prose,
    };
    diff(&read("before", &rule.before), &read("after", &rule.after), options)
}

fn paths(subject: &str, of: Use) -> Value {
    let body = json!({ "application/vnd.illumina.v3+json": {
        "schema": { "$ref": format!("#/components/schemas/{subject}") },
    }});
    let problem = json!({ "description": "Failed.", "content": { "application/problem+json": {
        "schema": { "$ref": "#/components/schemas/Problem" },
    }}});
    let get = json!({ "operationId": "getThing", "responses": {
        "200": { "description": "A thing.", "content": body },
        "default": problem,
    }});
    let post = json!({ "operationId": "createThing", "requestBody": { "required": true, "content": body }, "responses": {
        "204": { "description": "Done." },
    }});
    match of {
        Use::Responses => json!({ "/things": { "get": get } }),
        Use::Requests => json!({ "/things": { "post": post } }),
        Use::Both => json!({ "/things": { "get": get, "post": post } }),
    }
}

fn merge(into: &mut Value, from: &Map<String, Value>) {
    let into = into.as_object_mut().unwrap();
    into.extend(from.iter().map(|(key, value)| (key.clone(), value.clone())));
}

/// Merges objects two levels deep, so that an example may replace one section of the components.
fn merge_deep(into: &mut Value, from: &Map<String, Value>) {
    for (key, value) in from {
        match (into.get_mut(key), value) {
            (Some(own @ Value::Object(_)), Value::Object(value)) => merge(own, value),
            _ => into[key] = value.clone(),
        }
    }
}
