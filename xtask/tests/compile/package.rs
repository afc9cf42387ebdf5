//! Whole crates compile without a warning.

use serde_json::json;

use crate::cargo;

/// Writes the crate of a description, and returns the diagnostics of the compiler and of clippy.
fn diagnostics(name: &str, description: &str, features: &[&str]) -> String {
    let generated = xtask::generate(description).unwrap();
    let folder = cargo::write(name, &generated.package(name).unwrap());
    let arguments = [&["clippy", "--quiet", "--all-targets"], features].concat();
    let output = cargo::run(&folder, &arguments);
    assert_eq!(output.stdout, "");
    let failed = if output.is_success { "" } else { "it does not compile\n" };
    format!("{failed}{}", output.stderr)
}

#[test]
fn the_description_of_the_repository_gives_a_crate_without_warnings() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../openapi/ica-batch.yaml");
    let text = std::fs::read_to_string(path).unwrap();
    assert_eq!(diagnostics("whole-ours", &text, &["--all-features"]), "");
}

/// The hand-written modules are complete also where a description does not need all of them.
#[test]
fn a_description_without_operations_gives_a_crate_without_warnings() {
    let text = "openapi: 3.0.1\ninfo: {title: Tiny, version: '1'}\npaths: {}\n";
    assert_eq!(diagnostics("whole-empty", text, &[]), "");
}

/// A made-up API of another kind: upload, paging, two versions, a union, limits, and texts that look
/// like code.
#[test]
fn a_made_up_description_gives_a_crate_without_warnings() {
    assert_eq!(diagnostics("whole-made-up", &made_up(), &[]), "");
}

fn made_up() -> String {
    let body = |version: u8, name: &str| {
        let schema = json!({ "schema": { "$ref": format!("#/components/schemas/{name}") } });
        (format!("application/vnd.illumina.v{version}+json"), schema)
    };
    let content = |bodies: &[(u8, &str)]| -> serde_json::Value {
        let bodies = bodies.iter().map(|(version, name)| body(*version, name));
        json!({ "description": "Text.\n\n    let code = 1 +;\n\n```\nmore code\n```", "content": serde_json::Map::from_iter(bodies) })
    };
    let id = json!({ "name": "ref", "in": "path", "required": true, "schema": { "type": "string" } });
    let mut schemas = serde_json::Map::new();
    for number in 0..60 {
        let properties = json!({
            "id": { "type": "string", "format": "uuid" },
            "type": { "type": "string", "enum": [format!("A{number}"), "B", "c-d"] },
            "self": { "type": "string", "minLength": 1, "maxLength": number + 1 },
            "created": { "type": "string", "format": "date-time", "description": "    indented\n    code" },
            "parts": { "type": "array", "items": { "$ref": format!("#/components/schemas/Thing{}", number / 6 * 6 + (number + 1) % 6) } },
            "more": { "type": "object", "additionalProperties": { "type": "number" } },
        });
        let thing = json!({ "type": "object", "required": ["id", "self"], "properties": properties });
        schemas.insert(format!("Thing{number}"), thing);
    }
    schemas.insert(
        "File".to_owned(),
        json!({ "type": "object", "properties": { "kind": { "type": "string" } } }),
    );
    schemas.insert(
        "Link".to_owned(),
        json!({ "type": "object", "properties": { "kind": { "type": "string" } } }),
    );
    schemas.insert(
        "Source".to_owned(),
        json!({
            "oneOf": [{ "$ref": "#/components/schemas/File" }, { "$ref": "#/components/schemas/Link" }],
            "discriminator": { "propertyName": "kind", "mapping": {
                "FILE": "#/components/schemas/File", "LINK": "#/components/schemas/Link" } },
        }),
    );
    let mut paths = serde_json::Map::new();
    for number in 0..60 {
        let thing = format!("Thing{number}");
        let size = json!({ "name": "pageSize", "in": "query", "schema": { "type": "string" } });
        let get = json!({ "operationId": format!("getThing{number}"), "parameters": [id, size],
            "responses": { "200": content(&[(3, &thing), (4, "Thing0")]) } });
        let put = json!({ "operationId": format!("putThing{number}"), "parameters": [id],
            "requestBody": { "required": true, "content": content(&[(3, &thing)])["content"] },
            "responses": { "200": content(&[(3, "Source")]) } });
        let upload = json!({ "operationId": format!("upload{number}"), "parameters": [id],
            "requestBody": { "content": { "multipart/form-data": { "schema": { "type": "object" } } } },
            "responses": { "204": { "description": "Done." } } });
        paths.insert(
            format!("/api/things{number}/{{ref}}"),
            json!({ "get": get, "put": put, "post": upload }),
        );
    }
    json!({
        "openapi": "3.0.1",
        "info": { "title": "Made up", "version": "1" },
        "paths": paths,
        "components": { "schemas": schemas },
    })
    .to_string()
}

#[test]
fn what_is_left_out_is_in_the_readme() {
    let generated = xtask::generate(&made_up()).unwrap();
    let readme = &generated.package("whole-made-up").unwrap()["README.md"];
    let left_out = readme.lines().filter(|line| line.contains("multipart/form-data"));
    assert_eq!(left_out.count(), 60);
    assert!(readme.contains("\n- `upload7`: its request is multipart/form-data, which progenitor cannot send\n"));
}
