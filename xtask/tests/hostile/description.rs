//! The small description that each case changes.

use serde_json::{Value, json};

/// Returns a description with a list, one thing, and a create.
pub(crate) fn base() -> Value {
    json!({
        "openapi": "3.0.1",
        "info": { "title": "Tiny", "version": "1" },
        "paths": {
            "/api/things/{thingId}": {
                "get": {
                    "operationId": "getThing",
                    "parameters": [
                        { "name": "thingId", "in": "path", "required": true, "schema": { "type": "string" } },
                        { "name": "size", "in": "query", "schema": { "type": "integer" } }
                    ],
                    "responses": {
                        "200": { "description": "ok", "content": {
                            "application/vnd.illumina.v3+json": { "schema": { "$ref": "#/components/schemas/Thing" } }
                        } },
                        "default": { "description": "failed", "content": {
                            "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } }
                        } }
                    }
                }
            },
            "/api/things": {
                "post": {
                    "operationId": "createThing",
                    "parameters": [{ "name": "Idempotency-Key", "in": "header", "schema": { "type": "string", "maxLength": 255 } }],
                    "requestBody": { "required": true, "content": {
                        "application/vnd.illumina.v3+json": { "schema": { "$ref": "#/components/schemas/CreateThing" } }
                    } },
                    "responses": { "201": { "description": "created", "content": {
                        "application/vnd.illumina.v3+json": { "schema": { "$ref": "#/components/schemas/Thing" } }
                    } } }
                }
            }
        },
        "components": { "schemas": {
            "Thing": { "type": "object", "required": ["id"], "properties": {
                "id": { "type": "string", "format": "uuid" },
                "status": { "type": "string", "enum": ["RUNNING", "DONE"] },
                "parent": { "$ref": "#/components/schemas/Thing" }
            } },
            "CreateThing": { "type": "object", "required": ["name"], "properties": {
                "name": { "type": "string", "minLength": 1, "maxLength": 255 },
                "kind": { "type": "string", "enum": ["A", "B"] },
                "tags": { "type": "array", "items": { "type": "string" } }
            } },
            "Problem": { "type": "object", "properties": { "title": { "type": "string" } } }
        } }
    })
}

/// Returns the operation `getThing`.
pub(crate) fn get(description: &mut Value) -> &mut Value {
    &mut description["paths"]["/api/things/{thingId}"]["get"]
}

/// Returns the operation `createThing`.
pub(crate) fn create(description: &mut Value) -> &mut Value {
    &mut description["paths"]["/api/things"]["post"]
}

/// Returns the schemas.
pub(crate) fn schemas(description: &mut Value) -> &mut Value {
    &mut description["components"]["schemas"]
}

/// Sets a property of `Thing`, which is in responses.
pub(crate) fn property(description: &mut Value, name: &str, schema: Value) {
    schemas(description)["Thing"]["properties"][name] = schema;
}

/// Sets a property of `CreateThing`, which is in requests.
pub(crate) fn request_property(description: &mut Value, name: &str, schema: Value) {
    schemas(description)["CreateThing"]["properties"][name] = schema;
}

/// Adds a schema that the response refers to.
pub(crate) fn schema(description: &mut Value, name: &str, schema: Value) {
    schemas(description)[name] = schema;
    property(
        description,
        "added",
        json!({ "$ref": format!("#/components/schemas/{name}") }),
    );
}

/// Adds a schema that the request refers to.
pub(crate) fn request_schema(description: &mut Value, name: &str, schema: Value) {
    schemas(description)[name] = schema;
    request_property(
        description,
        "added",
        json!({ "$ref": format!("#/components/schemas/{name}") }),
    );
}

/// Adds a parameter of `getThing`.
pub(crate) fn parameter(description: &mut Value, parameter: Value) {
    get(description)["parameters"].as_array_mut().unwrap().push(parameter);
}
