//! Uses of component schemas by operations.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::node::schema_name;

/// Kinds of messages that use a place.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Uses {
    pub(super) requests: bool,
    pub(super) responses: bool,
}

impl Uses {
    pub(super) const REQUESTS: Self = Self {
        requests: true,
        responses: false,
    };
    pub(super) const RESPONSES: Self = Self {
        requests: false,
        responses: true,
    };

    pub(super) fn or(self, other: Self) -> Self {
        Self {
            requests: self.requests || other.requests,
            responses: self.responses || other.responses,
        }
    }
}

/// Uses of one component schema.
#[derive(Debug, Clone, Default)]
pub(super) struct SchemaUses {
    pub(super) uses: Uses,
    pub(super) operations: BTreeSet<String>,
    /// Whether a value must be present in one of its places: a required property, an element of a
    /// list in a response, a body. Elsewhere null means the same as absent.
    pub(super) is_required: bool,
}

/// Uses of all component schemas by the operations of one description.
#[derive(Debug, Default)]
pub(super) struct Usage(BTreeMap<String, SchemaUses>);

impl Usage {
    pub(super) fn get(&self, name: &str) -> Option<&SchemaUses> {
        self.0.get(name)
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Adds what an operation uses. `root` is the description.
    pub(super) fn add(&mut self, root: &Value, id: &str, operation: &Value, shared_parameters: Option<&Value>) {
        let mut found = Vec::new();
        for parameters in [operation.get("parameters"), shared_parameters] {
            for parameter in parameters.and_then(Value::as_array).into_iter().flatten() {
                let parameter = resolve(root, parameter);
                found.extend(parameter.get("schema").map(|schema| (schema, Uses::REQUESTS)));
                found.extend(bodies(parameter).map(|schema| (schema, Uses::REQUESTS)));
            }
        }
        if let Some(body) = operation.get("requestBody") {
            found.extend(bodies(resolve(root, body)).map(|schema| (schema, Uses::REQUESTS)));
        }
        let responses = operation.get("responses").and_then(Value::as_object);
        for response in responses.into_iter().flat_map(|responses| responses.values()) {
            found.extend(bodies(resolve(root, response)).map(|schema| (schema, Uses::RESPONSES)));
        }
        for (schema, uses) in found {
            self.follow(root, schema, uses, id, true);
        }
    }

    fn follow(&mut self, root: &Value, schema: &Value, uses: Uses, id: &str, is_required: bool) {
        let mut open = vec![(Target::Schema(schema), is_required)];
        while let Some((target, is_required)) = open.pop() {
            let schema = match target {
                Target::Schema(schema) => schema,
                Target::Component(name) => {
                    let entry = self.0.entry(name.to_owned()).or_default();
                    let before = entry.uses;
                    entry.uses = before.or(uses);
                    entry.is_required |= is_required;
                    let is_new = entry.operations.insert(id.to_owned());
                    match component(root, name) {
                        Some(schema) if is_new || entry.uses != before => schema,
                        _ => continue,
                    }
                }
            };
            match schema.get("$ref").and_then(Value::as_str) {
                Some(reference) => {
                    let name = schema_name(reference).unwrap_or(reference);
                    open.push((Target::Component(name), is_required));
                }
                None => {
                    children(schema, uses, &mut |child, is_required| {
                        open.push((Target::Schema(child), is_required));
                    });
                    let mapped = mapped(schema).map(|text| schema_name(text).unwrap_or(text));
                    open.extend(mapped.map(|name| (Target::Component(name), true)));
                }
            }
        }
    }
}

enum Target<'a> {
    Schema(&'a Value),
    Component(&'a str),
}

fn component<'a>(root: &'a Value, name: &str) -> Option<&'a Value> {
    root.get("components")?.get("schemas")?.get(name)
}

/// Returns the target of a reference, or the node itself.
pub(super) fn resolve<'a>(root: &'a Value, node: &'a Value) -> &'a Value {
    let reference = node.get("$ref").and_then(Value::as_str);
    let target = reference.and_then(|reference| root.pointer(reference.strip_prefix('#')?));
    target.unwrap_or(node)
}

fn bodies(node: &Value) -> impl Iterator<Item = &Value> {
    let content = node.get("content").and_then(Value::as_object);
    let content = content.into_iter().flat_map(|content| content.values());
    content.filter_map(|media| media.get("schema"))
}

fn mapped(schema: &Value) -> impl Iterator<Item = &str> {
    let mapping = schema.get("discriminator").and_then(|it| it.get("mapping"));
    let mapping = mapping.and_then(Value::as_object).into_iter();
    mapping.flat_map(|mapping| mapping.values()).filter_map(Value::as_str)
}

/// Calls `visit` with each schema directly in this one, and whether a value must be present there.
fn children<'a>(schema: &'a Value, uses: Uses, visit: &mut dyn FnMut(&'a Value, bool)) {
    let required = schema.get("required").and_then(Value::as_array);
    let is_required = |name: &str| required.is_some_and(|all| all.iter().any(|one| one == name));
    for (name, property) in schema
        .get("properties")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
    {
        visit(property, is_required(name));
    }
    if let Some(items) = schema.get("items") {
        // The generator drops null in a list of a request.
        visit(items, uses.responses);
    }
    if let Some(values) = schema.get("additionalProperties").filter(|values| values.is_object()) {
        visit(values, true);
    }
    for many in ["allOf", "anyOf", "oneOf"] {
        for one in schema.get(many).and_then(Value::as_array).into_iter().flatten() {
            visit(one, true);
        }
    }
    if let Some(not) = schema.get("not") {
        visit(not, true);
    }
}
