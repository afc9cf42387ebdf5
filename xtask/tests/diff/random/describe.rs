//! Made-up descriptions: every kind of node that ICA's has, in the form of a file that people edit.

use fastrand::Rng;
use serde_json::{Map, Value, json};

const WORDS: [&str; 12] = [
    "sample", "pipeline", "storage", "folder", "owner", "region", "bundle", "tag", "run", "step", "output", "input",
];

/// Returns a description in YAML, with prose and comments.
pub(super) fn description(seed: u64) -> String {
    let mut rng = Rng::with_seed(seed);
    let names = names(&mut rng);
    let schemas = names
        .iter()
        .enumerate()
        .map(|(at, name)| (name.clone(), schema(&mut rng, &names[..at])));
    let mut schemas = schemas.collect::<Map<_, _>>();
    schemas.insert(
        "Problem".to_owned(),
        json!({
            "description": "An error.", "type": "object",
            "properties": { "title": { "description": "Its title.", "type": "string" } },
        }),
    );
    let mut paths = Map::new();
    for at in 0..rng.usize(2..6) {
        let name = &names[rng.usize(..names.len())];
        let path = format!("/api/{}{at}/{{id}}", WORDS[rng.usize(..WORDS.len())]);
        let mut item = Map::new();
        item.insert(
            "get".to_owned(),
            operation(&mut rng, &format!("get{name}{at}"), name, false),
        );
        if rng.bool() {
            item.insert(
                "post".to_owned(),
                operation(&mut rng, &format!("create{name}{at}"), name, true),
            );
        }
        paths.insert(path, Value::Object(item));
    }
    let document = json!({
        "openapi": "3.0.1",
        "info": { "title": "Made up", "version": "1", "description": prose(&mut rng) },
        "servers": [{ "url": "/rest" }],
        "security": [{ "ApiKey": [] }],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": { "ApiKey": { "description": "A key.", "type": "apiKey", "in": "header", "name": "X-API-Key" } },
        },
    });
    // An update would drop unused components, so they are dropped here.
    let text = yaml_serde::to_string(&document).unwrap();
    let source = xtask::Source::parse("made up", &text).unwrap();
    let text = xtask::update::update(&source, &source, &Default::default())
        .unwrap()
        .text;
    comments(&mut rng, &text)
}

fn names(rng: &mut Rng) -> Vec<String> {
    let mut words = WORDS.to_vec();
    rng.shuffle(&mut words);
    let count = rng.usize(4..9);
    let names = words
        .iter()
        .take(count)
        .map(|word| word[..1].to_uppercase() + &word[1..]);
    names.collect()
}

fn prose(rng: &mut Rng) -> String {
    let sentence = |rng: &mut Rng| format!("The {} of a {}.", WORDS[rng.usize(..12)], WORDS[rng.usize(..12)]);
    match rng.u8(..3) {
        0 => sentence(rng),
        1 => format!("{}\n\n- {}\n# {}", sentence(rng), sentence(rng), sentence(rng)),
        _ => format!("{} It's `A: B`, # \"so\".", sentence(rng)),
    }
}

fn schema(rng: &mut Rng, others: &[String]) -> Value {
    let mut properties = Map::new();
    let mut required = Vec::new();
    for _ in 0..rng.usize(1..7) {
        let name = format!(
            "{}{}",
            WORDS[rng.usize(..12)],
            ["", "Id", "Count", "Name"][rng.usize(..4)]
        );
        if !properties.contains_key(&name) && rng.u8(..3) == 0 {
            required.push(json!(name));
        }
        properties.insert(name, property(rng, others));
    }
    let required = required
        .into_iter()
        .filter(|name| properties.contains_key(name.as_str().unwrap()));
    let required = required.collect::<Vec<_>>();
    let mut schema = json!({ "description": prose(rng), "type": "object", "properties": properties });
    if !required.is_empty() {
        schema["required"] = required.into();
    }
    schema
}

fn property(rng: &mut Rng, others: &[String]) -> Value {
    if !others.is_empty() && rng.u8(..4) == 0 {
        let reference = format!("#/components/schemas/{}", others[rng.usize(..others.len())]);
        return match rng.u8(..3) {
            0 => json!({ "description": prose(rng), "type": "array", "items": { "$ref": reference } }),
            1 => json!({ "description": prose(rng), "allOf": [{ "$ref": reference }], "nullable": true }),
            _ => json!({ "$ref": reference }),
        };
    }
    let mut property = match rng.u8(..7) {
        0 => json!({ "type": "integer", "format": "int32" }),
        1 => json!({ "type": "boolean", "default": false }),
        2 => json!({ "type": "string", "format": "date-time" }),
        3 => json!({ "type": "string", "maxLength": rng.u8(10..200) }),
        4 => json!({ "type": "string", "enum": [format!("NEW{}", rng.u8(..9)), "RUNNING", "DONE"] }),
        5 => json!({ "type": "array", "items": { "type": "string" } }),
        _ => json!({ "type": "string" }),
    };
    property["description"] = prose(rng).into();
    if rng.u8(..4) == 0 {
        property["nullable"] = true.into();
    }
    property
}

fn operation(rng: &mut Rng, id: &str, name: &str, is_create: bool) -> Value {
    let schema = json!({ "$ref": format!("#/components/schemas/{name}") });
    let mut content = json!({ "application/vnd.illumina.v3+json": { "schema": schema } });
    if rng.u8(..4) == 0 {
        content["application/vnd.illumina.v4+json"] = json!({ "schema": schema });
    }
    let mut parameters = vec![
        json!({ "description": prose(rng), "name": "id", "in": "path", "required": true, "schema": { "type": "string" } }),
    ];
    for word in ["pageSize", "status", "Idempotency-Key"] {
        if rng.bool() {
            let place = if word.contains('-') { "header" } else { "query" };
            parameters
                .push(json!({ "description": prose(rng), "name": word, "in": place, "schema": { "type": "string" } }));
        }
    }
    let mut operation = json!({
        "summary": prose(rng), "description": prose(rng), "operationId": id, "tags": [name],
        "parameters": parameters,
        "responses": {
            "200": { "description": prose(rng), "content": content },
            "default": { "description": prose(rng), "content": {
                "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } },
            }},
        },
    });
    if is_create {
        operation["requestBody"] = json!({ "description": prose(rng), "required": true, "content": content });
    }
    operation
}

/// Puts comments in front of some components and paths.
fn comments(rng: &mut Rng, text: &str) -> String {
    let mut section = "";
    let mut lines = Vec::new();
    for line in text.lines() {
        if !line.starts_with([' ', '-']) {
            section = line;
        }
        let indent = line.len() - line.trim_start().len();
        let is_place = matches!((section, indent), ("paths:", 2) | ("components:", 4));
        if is_place && line.ends_with(':') && rng.u8(..4) == 0 {
            lines.push(format!("{}# About the next one.", " ".repeat(indent)));
        }
        lines.push(line.to_owned());
    }
    lines.join("\n") + "\n"
}
