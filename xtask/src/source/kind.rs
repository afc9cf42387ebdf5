//! Kinds of the nodes of a description, and which of their keys are prose.

use serde_json::{Map, Value};

/// Keys of the operations of a path.
pub(crate) const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/// Kind of a node, as far as the comparison and the update need it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Any,
    Name,
    ListOf(&'static Kind),
    MapOf(&'static Kind),
    Document,
    Info,
    Server,
    Components,
    PathItem,
    Operation,
    Parameter,
    Body,
    Response,
    Media,
    Header,
    Schema,
    SchemaOrBool,
    Discriminator,
    SecurityScheme,
}

impl Kind {
    pub(crate) fn child(self, key: &str) -> Kind {
        const PARAMETERS: Kind = Kind::ListOf(&Kind::Parameter);
        const CONTENT: Kind = Kind::MapOf(&Kind::Media);
        const SCHEMAS: Kind = Kind::ListOf(&Kind::Schema);
        match (self, key) {
            (_, key) if key.starts_with("x-") && !matches!(self, Kind::MapOf(_)) => Kind::Any,
            (Kind::MapOf(inner), _) => *inner,
            (Kind::Document, "paths") => Kind::MapOf(&Kind::PathItem),
            (Kind::Document, "info") => Kind::Info,
            (Kind::Document | Kind::PathItem | Kind::Operation, "servers") => Kind::ListOf(&Kind::Server),
            (Kind::Document, "components") => Kind::Components,
            (Kind::Document | Kind::Operation, "security") => Kind::ListOf(&Kind::MapOf(&Kind::Any)),
            (Kind::Components, "schemas") => Kind::MapOf(&Kind::Schema),
            (Kind::Components, "parameters") => Kind::MapOf(&Kind::Parameter),
            (Kind::Components, "responses") => Kind::MapOf(&Kind::Response),
            (Kind::Components, "requestBodies") => Kind::MapOf(&Kind::Body),
            (Kind::Components, "headers") => Kind::MapOf(&Kind::Header),
            (Kind::Components, "securitySchemes") => Kind::MapOf(&Kind::SecurityScheme),
            (Kind::PathItem | Kind::Operation, "parameters") => PARAMETERS,
            (Kind::PathItem, method) if METHODS.contains(&method) => Kind::Operation,
            (Kind::Operation, "operationId") | (Kind::Parameter, "name" | "in") => Kind::Name,
            (Kind::Operation, "requestBody") => Kind::Body,
            (Kind::Operation, "responses") => Kind::MapOf(&Kind::Response),
            (Kind::Body | Kind::Response, "content") => CONTENT,
            (Kind::Response, "headers") => Kind::MapOf(&Kind::Header),
            (Kind::Parameter | Kind::Header, "content") => CONTENT,
            (Kind::Parameter | Kind::Header | Kind::Media, "schema") => Kind::Schema,
            (Kind::Schema | Kind::SchemaOrBool, key) => match key {
                "properties" => Kind::MapOf(&Kind::Schema),
                "items" | "not" => Kind::Schema,
                "additionalProperties" => Kind::SchemaOrBool,
                "allOf" | "anyOf" | "oneOf" => SCHEMAS,
                "required" => Kind::ListOf(&Kind::Name),
                "enum" => Kind::ListOf(&Kind::Any),
                "pattern" | "format" => Kind::Name,
                "discriminator" => Kind::Discriminator,
                _ => Kind::Any,
            },
            (Kind::Discriminator, "propertyName") => Kind::Name,
            (Kind::Discriminator, "mapping") => Kind::MapOf(&Kind::Name),
            _ => Kind::Any,
        }
    }

    pub(crate) fn is_schema(self) -> bool {
        matches!(self, Kind::Schema | Kind::SchemaOrBool)
    }

    /// Returns where the targets of references in place of such a node are.
    pub(crate) fn section(self) -> Option<&'static str> {
        match self {
            Kind::Schema | Kind::SchemaOrBool => Some("#/components/schemas"),
            Kind::Parameter => Some("#/components/parameters"),
            Kind::Response => Some("#/components/responses"),
            Kind::Body => Some("#/components/requestBodies"),
            Kind::Header => Some("#/components/headers"),
            Kind::SecurityScheme => Some("#/components/securitySchemes"),
            Kind::PathItem => Some("#/paths"),
            _ => None,
        }
    }

    /// Returns whether a key of such a node explains it and is not a fact.
    pub(crate) fn is_prose(self, key: &str) -> bool {
        match self {
            Kind::Any | Kind::Name | Kind::ListOf(_) | Kind::MapOf(_) | Kind::Components | Kind::Discriminator => false,
            Kind::Info if ["contact", "license", "termsOfService"].contains(&key) => true,
            Kind::Document if key == "tags" => true,
            _ => PROSE.contains(&key) || is_extension(key),
        }
    }
}

/// Keys that explain, and change neither messages nor code.
pub(crate) const PROSE: [&str; 6] = ["description", "summary", "title", "example", "examples", "externalDocs"];

/// Returns whether the key is a vendor extension. The generator reads those that begin with
/// `x-ica-`, so they are facts.
pub(crate) fn is_extension(key: &str) -> bool {
    key.starts_with("x-") && !key.starts_with("x-ica-")
}

/// Returns whether a key with this value means the same as its absence.
pub(crate) fn says_nothing(key: &str, value: &Value) -> bool {
    match key {
        "required" => value == &Value::Bool(false) || value.as_array().is_some_and(Vec::is_empty),
        "properties" => value.as_object().is_some_and(Map::is_empty),
        key => FLAGS.contains(&key) && value == &Value::Bool(false),
    }
}

/// Flags for which absent is false.
const FLAGS: [&str; 9] = [
    "nullable",
    "deprecated",
    "readOnly",
    "writeOnly",
    "uniqueItems",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "allowReserved",
    "allowEmptyValue",
];
