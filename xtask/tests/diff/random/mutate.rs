//! Random changes of a description: of facts, and of its form.

use fastrand::Rng;
use serde_json::{Value, json};

/// Change of a description. Returns whether it found a place.
type Mutation = fn(&mut Value, &mut Rng) -> bool;

/// Changes of one fact each.
pub(super) const FACTS: &[(&str, Mutation)] = &[
    ("property added", |d, rng| {
        with(d, rng, "object", |node, rng| {
            let name = format!("new{}", rng.u16(..));
            node["properties"][name] = json!({ "type": "string", "description": "Their text." });
            true
        })
    }),
    ("property removed", |d, rng| {
        with(d, rng, "object", |node, rng| {
            let Some(name) = one_key(&node["properties"], rng) else {
                return false;
            };
            if let Some(required) = node.get_mut("required").and_then(Value::as_array_mut) {
                required.retain(|one| one != &json!(name));
            }
            node["properties"].as_object_mut().unwrap().remove(&name).is_some()
        })
    }),
    ("required toggled", |d, rng| {
        with(d, rng, "object", |node, rng| {
            let Some(name) = one_key(&node["properties"], rng) else {
                return false;
            };
            let mut required = node
                .get("required")
                .and_then(Value::as_array)
                .cloned()
                .unwrap_or_default();
            match required.iter().position(|one| one == &json!(name)) {
                Some(at) => drop(required.remove(at)),
                None => required.push(json!(name)),
            }
            node["required"] = required.into();
            true
        })
    }),
    ("type changed", |d, rng| {
        with(d, rng, "string", |node, _| {
            let description = node.get("description").cloned().unwrap_or_default();
            *node = json!({ "type": "integer", "format": "int64", "description": description });
            true
        })
    }),
    ("format added", |d, rng| {
        with(d, rng, "string", |node, _| {
            let is_plain = node.get("format").is_none() && node.get("enum").is_none();
            is_plain && put(node, "format", json!("uuid"))
        })
    }),
    ("limit changed", |d, rng| {
        with(d, rng, "string", |node, rng| {
            node.get("maxLength").is_some() && put(node, "maxLength", json!(rng.u16(300..999)))
        })
    }),
    ("value added", |d, rng| {
        with(d, rng, "string", |node, rng| {
            let values = node.get_mut("enum").and_then(Value::as_array_mut);
            values.is_some_and(|values| {
                values.insert(rng.usize(..=values.len()), json!(format!("VALUE{}", rng.u16(..))));
                true
            })
        })
    }),
    ("value removed", |d, rng| {
        with(d, rng, "string", |node, rng| {
            let values = node.get_mut("enum").and_then(Value::as_array_mut);
            values.is_some_and(|values| {
                let at = rng.usize(..values.len());
                values.len() > 1 && {
                    values.remove(at);
                    true
                }
            })
        })
    }),
    ("operation renamed", |d, rng| {
        operation(d, rng, |node, _| {
            let id = node["operationId"].as_str().unwrap_or_default().to_owned();
            put(node, "operationId", json!(format!("{id}Renamed")))
        })
    }),
    ("operation removed", |d, rng| {
        let paths = d["paths"].as_object_mut().unwrap();
        let at = rng.usize(..paths.len());
        let name = paths.keys().nth(at).unwrap().clone();
        paths.len() > 2 && paths.remove(&name).is_some()
    }),
    ("path moved", |d, rng| {
        let paths = d["paths"].as_object_mut().unwrap();
        let at = rng.usize(..paths.len());
        let name = paths.keys().nth(at).unwrap().clone();
        let item = paths.remove(&name).unwrap();
        paths.insert(format!("/moved{name}"), item);
        true
    }),
    ("parameter added", |d, rng| {
        operation(d, rng, |node, rng| {
            let parameters = node
                .as_object_mut()
                .unwrap()
                .entry("parameters")
                .or_insert_with(|| json!([]));
            let name = format!("filter{}", rng.u16(..));
            let at = rng.usize(..=parameters.as_array().unwrap().len());
            let parameter =
                json!({ "name": name, "in": "query", "description": "Theirs.", "schema": { "type": "string" } });
            parameters.as_array_mut().unwrap().insert(at, parameter);
            true
        })
    }),
    ("query parameter removed", |d, rng| {
        operation(d, rng, |node, _| {
            let parameters = node.get_mut("parameters").and_then(Value::as_array_mut);
            let at = |all: &Vec<Value>| all.iter().position(|one| one["in"] == "query");
            parameters.is_some_and(|all| {
                at(all).is_some_and(|at| {
                    all.remove(at);
                    true
                })
            })
        })
    }),
    ("parameter required", |d, rng| {
        operation(d, rng, |node, _| {
            let parameters = node.get_mut("parameters").and_then(Value::as_array_mut);
            let mut parameters = parameters.into_iter().flatten();
            let found = parameters.find(|one| one["in"] == "query" && one.get("required").is_none());
            found.is_some_and(|one| put(one, "required", json!(true)))
        })
    }),
    ("schema renamed", |d, rng| {
        let schemas = d["components"]["schemas"].as_object_mut().unwrap();
        let at = rng.usize(..schemas.len());
        let name = schemas.keys().nth(at).unwrap().clone();
        let is_object = schemas[&name]
            .get("properties")
            .is_some_and(|all| all.as_object().unwrap().len() > 1);
        if !is_object || name == "Problem" {
            return false;
        }
        let schema = schemas.remove(&name).unwrap();
        schemas.insert(format!("{name}Renamed"), schema);
        let text = d.to_string();
        let reference = format!("\"#/components/schemas/{name}\"");
        *d = serde_json::from_str(&text.replace(&reference, &format!("\"#/components/schemas/{name}Renamed\"")))
            .unwrap();
        true
    }),
    ("version added", |d, rng| {
        operation(d, rng, |node, _| {
            let content = node
                .pointer_mut("/responses/200/content")
                .and_then(Value::as_object_mut);
            content.is_some_and(|content| {
                let first = content.values().next().cloned().unwrap_or_default();
                content
                    .insert("application/vnd.illumina.v9+json".to_owned(), first)
                    .is_none()
            })
        })
    }),
    ("operation deprecated", |d, rng| {
        operation(d, rng, |node, _| put(node, "deprecated", json!(true)))
    }),
    ("null allowed", |d, rng| {
        with(d, rng, "string", |node, _| {
            node.get("nullable").is_none() && put(node, "nullable", json!(true))
        })
    }),
    ("server moved", |d, _| {
        put(d, "servers", json!([{ "url": "/elsewhere" }]))
    }),
    ("security alternative added", |d, _| {
        d["components"]["securitySchemes"]["Other"] = json!({ "type": "http", "scheme": "basic" });
        d["security"].as_array_mut().unwrap().push(json!({ "Other": [] }));
        true
    }),
];

/// Changes that are no changes of facts.
pub(super) const FORMS: &[(&str, Mutation)] = &[
    ("other prose", |d, rng| {
        each(d, false, &mut |node| {
            if node.get("description").is_some_and(Value::is_string) && rng.bool() {
                node["description"] = json!("Their text: another one.");
            }
        });
        true
    }),
    ("an extension", |d, rng| {
        operation(d, rng, |node, _| put(node, "x-owner", json!({ "team": "theirs" })))
    }),
    ("an example", |d, rng| {
        with(d, rng, "string", |node, _| put(node, "example", json!("theirs")))
    }),
    ("sets in another order", |d, rng| {
        each(d, false, &mut |node| {
            for key in ["enum", "required", "parameters"] {
                if let Some(list) = node.get_mut(key).and_then(Value::as_array_mut) {
                    rng.shuffle(list);
                }
            }
        });
        true
    }),
    ("flags that say nothing", |d, rng| {
        with(d, rng, "string", |node, _| {
            node.get("nullable").is_none() && put(node, "nullable", json!(false))
        })
    }),
    ("an operation that the base does not have", |d, rng| {
        let path = format!("/further{}", rng.u16(..));
        d["paths"][path] = json!({ "get": { "operationId": format!("further{}", rng.u16(..)), "responses": {
            "200": { "description": "Theirs.", "content": { "application/json": {
                "schema": { "$ref": "#/components/schemas/Further" },
            }}},
        }}});
        d["components"]["schemas"]["Further"] =
            json!({ "type": "object", "properties": { "id": { "type": "string" } } });
        true
    }),
];

fn put(node: &mut Value, key: &str, value: Value) -> bool {
    let differs = node.get(key) != Some(&value);
    node[key] = value;
    differs
}

fn one_key(node: &Value, rng: &mut Rng) -> Option<String> {
    let keys = node.as_object()?.keys().collect::<Vec<_>>();
    (!keys.is_empty()).then(|| keys[rng.usize(..keys.len())].clone())
}

/// Changes one schema of this type: a component, or a property of one.
fn with(d: &mut Value, rng: &mut Rng, of: &str, change: impl Fn(&mut Value, &mut Rng) -> bool) -> bool {
    let mut found = Vec::new();
    // Limits of the schema of errors mean nothing to the client.
    let schemas = d["components"]["schemas"].as_object_mut().unwrap();
    for (_, schema) in schemas.iter_mut().filter(|(name, _)| *name != "Problem") {
        let has_type = |node: &Value| node.get("type") == Some(&json!(of));
        if has_type(schema) {
            found.push(schema);
        } else if let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) {
            found.extend(properties.values_mut().filter(|node| has_type(node)));
        }
    }
    if found.is_empty() {
        return false;
    }
    let at = rng.usize(..found.len());
    change(found.swap_remove(at), rng)
}

fn operation(d: &mut Value, rng: &mut Rng, change: impl Fn(&mut Value, &mut Rng) -> bool) -> bool {
    let items = d["paths"].as_object_mut().unwrap().values_mut();
    let mut all = items
        .flat_map(|item| item.as_object_mut().unwrap().values_mut())
        .collect::<Vec<_>>();
    let at = rng.usize(..all.len());
    change(all.swap_remove(at), rng)
}

/// Calls `change` with every object that is not a map of names.
fn each(node: &mut Value, is_map: bool, change: &mut dyn FnMut(&mut Value)) {
    const MAPS: [&str; 6] = [
        "paths",
        "schemas",
        "properties",
        "responses",
        "content",
        "securitySchemes",
    ];
    if node.is_object() && !is_map {
        change(node);
    }
    match node {
        Value::Object(entries) => {
            for (key, inner) in entries {
                each(inner, !is_map && MAPS.contains(&key.as_str()), change);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| each(item, false, change)),
        _ => {}
    }
}
