//! Nodes without prose.

use crate::error::in_text;
use crate::source::{Kind, METHODS, Source, Tree, escape};

/// Place that needs prose, because it becomes public documentation.
///
/// ```
/// use xtask::Source;
/// use xtask::update::missing_prose;
///
/// let text = r#"
/// openapi: 3.0.1
/// info: { title: Tiny, version: '1', description: Things. }
/// paths: {}
/// components:
///   schemas:
///     Thing:
///       description: A thing.
///       type: object
///       properties:
///         id: { type: string }
/// "#;
/// let missing = missing_prose(&Source::parse("tiny.yaml", text)?);
/// assert_eq!(missing[0].to_string(), "tiny.yaml:11: schema Thing: property id has no description");
/// assert_eq!(missing[0].pointer, "/components/schemas/Thing/properties/id");
/// # Ok::<(), xtask::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissingProse {
    /// Place in words: the operation or the schema, down to the node.
    pub place: String,
    /// Text that is missing: `description`, or `summary` for an operation.
    pub key: &'static str,
    /// JSON pointer of the node.
    pub pointer: String,
    /// Name of the file.
    pub file: String,
    /// Line of the node, from 1.
    pub line: usize,
}

impl std::fmt::Display for MissingProse {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            place, key, file, line, ..
        } = self;
        write!(f, "{file}:{line}: {place} has no {key}")
    }
}

/// Returns the nodes without the prose that becomes documentation, in the order of the file.
///
/// These need a description: the whole, each parameter, request body, response, header, security
/// scheme and component schema, and each property that is not a plain reference. An operation needs a
/// summary as well.
///
/// ```
/// let text = "openapi: 3.0.1\ninfo: {title: Tiny, version: '1', description: Nothing.}\npaths: {}\n";
/// let source = xtask::Source::parse("tiny.yaml", text)?;
/// assert!(xtask::update::missing_prose(&source).is_empty());
/// # Ok::<(), xtask::Error>(())
/// ```
pub fn missing_prose(source: &Source) -> Vec<MissingProse> {
    let mut search = Search {
        source,
        found: Vec::new(),
    };
    search.node(Kind::Document, &source.tree, "", "description");
    search.found.sort_by_key(|missing| missing.line);
    search.found
}

struct Search<'a> {
    source: &'a Source,
    found: Vec<MissingProse>,
}

impl Search<'_> {
    fn node(&mut self, kind: Kind, node: &Tree, pointer: &str, place: &str) {
        if node.get("$ref").is_some() && !matches!(kind, Kind::MapOf(_)) {
            return;
        }
        match kind {
            Kind::Operation => {
                self.demand(node, "summary", pointer, place);
                self.demand(node, "description", pointer, place);
            }
            Kind::Info | Kind::Parameter | Kind::Body | Kind::Response | Kind::Header | Kind::SecurityScheme => {
                self.demand(node, "description", pointer, place);
            }
            _ => {}
        }
        for (key, inner) in node.entries() {
            let child = kind.child(key);
            let pointer = format!("{pointer}/{}", escape(key));
            let place = place_of(kind, key, inner, place);
            let is_component = pointer.starts_with("/components/schemas/") && pointer.matches('/').count() == 3;
            let is_property = key != "properties" && is_in_properties(&pointer);
            if child == Kind::Schema && (is_component || is_property) && inner.get("$ref").is_none() {
                self.demand(inner, "description", &pointer, &place);
            }
            self.node(child, inner, &pointer, &place);
        }
        if let (Kind::ListOf(child), items) = (kind, node.items()) {
            for (at, item) in items.iter().enumerate() {
                let place = match (child, item.get("name").and_then(Tree::as_str)) {
                    (Kind::Parameter, Some(name)) => join(place, &format!("parameter {}", in_text(name))),
                    _ => place.to_owned(),
                };
                self.node(*child, item, &format!("{pointer}/{at}"), &place);
            }
        }
    }

    fn demand(&mut self, node: &Tree, key: &'static str, pointer: &str, place: &str) {
        let text = node.get(key).and_then(Tree::as_str).unwrap_or_default();
        if text.trim().is_empty() {
            self.found.push(MissingProse {
                place: place.to_owned(),
                key,
                pointer: pointer.to_owned(),
                file: self.source.name.clone(),
                line: self.source.line(pointer).unwrap_or(1),
            });
        }
    }
}

/// Returns whether the last key but one is the map of properties of a schema.
fn is_in_properties(pointer: &str) -> bool {
    let mut parts = pointer.rsplit('/').skip(1);
    parts.next() == Some("properties")
}

fn place_of(kind: Kind, key: &str, node: &Tree, place: &str) -> String {
    let name = in_text(key);
    match kind {
        Kind::PathItem if METHODS.contains(&key) => {
            let id = node.get("operationId").and_then(Tree::as_str).unwrap_or(key);
            format!("operation {}", in_text(id))
        }
        Kind::MapOf(Kind::PathItem) => format!("path {name}"),
        Kind::MapOf(Kind::Response) => join(place, &format!("response {name}")),
        Kind::MapOf(Kind::Header) => join(place, &format!("header {name}")),
        Kind::MapOf(Kind::SecurityScheme) => format!("security scheme {name}"),
        Kind::MapOf(Kind::Parameter) => format!("parameter {name}"),
        Kind::MapOf(Kind::Schema) if place == "component" => format!("schema {name}"),
        Kind::MapOf(Kind::Schema) => join(place, &format!("property {name}")),
        Kind::Document if key == "components" => "component".to_owned(),
        Kind::Document => "the API".to_owned(),
        Kind::Operation if key == "requestBody" => join(place, "request body"),
        Kind::Schema if key == "items" => join(place, "items"),
        _ => place.to_owned(),
    }
}

fn join(place: &str, step: &str) -> String {
    match place.contains(": ") {
        true => format!("{place}, {step}"),
        false => format!("{place}: {step}"),
    }
}
