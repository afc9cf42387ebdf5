//! Reads a description as plain values that keep everything, with the lines of its nodes.

use serde_json::Value;

use super::checked::Checked;
use super::lines::{Lines, escape};
use crate::error::{Error, Result};

/// Description as plain values, with the name and the lines of its file.
///
/// ```
/// use xtask::diff::Source;
///
/// let error = Source::parse("ica.yaml", "openapi: 3.0.1\ninfo: {title: T, version: '1'}\npaths:\n  /a: 7\n").unwrap_err();
/// assert_eq!(error.to_string(), "ica.yaml:4: paths, /a is not valid: it is a number, not an object; correct the file");
/// ```
#[derive(Debug, Clone)]
pub struct Source {
    pub(super) name: String,
    pub(super) root: Value,
    lines: Lines,
}

/// Types that a schema may have.
const TYPES: [&str; 6] = ["array", "boolean", "integer", "number", "object", "string"];

pub(super) const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

impl Source {
    /// Parses an OpenAPI 3.0 description, YAML or JSON. `name` is the name of the file in errors.
    ///
    /// ```
    /// # use xtask::diff::{Options, Source, diff};
    /// let yaml = Source::parse("a.yaml", "openapi: 3.0.1\ninfo: {title: T, version: '1'}\npaths: {}\n")?;
    /// let json = Source::parse("a.json", r#"{"paths": {}, "openapi": "3.0.1", "info": {"title": "T", "version": "1"}}"#)?;
    /// assert!(diff(&yaml, &json, Options::default()).changes.is_empty());
    /// # Ok::<(), xtask::Error>(())
    /// ```
    ///
    /// # Errors
    /// When the text is not YAML or JSON, has a key twice, is not OpenAPI 3.0, has a node of the wrong
    /// kind, or a reference that leads to nothing. The message names the line and the node.
    pub fn parse(name: &str, text: &str) -> Result<Self> {
        let could_not = |reason: &str, remedy: &str| {
            Error::could_not(format_args!("read {name}"), format_args!("{reason}; {remedy}"))
        };
        let lines = Lines::of(text).map_err(|line| {
            let reason = format!("the objects and lists at line {line} are nested too deep");
            could_not(&reason, "refer to component schemas in place of nested ones")
        })?;
        let json = || serde_json::from_str::<Checked>(text).map_err(|error| error.to_string());
        let yaml = || yaml_serde::from_str::<Checked>(text).map_err(|error| error.to_string());
        // YAML forbids tabs that JSON allows.
        let parsed = if text.trim_start().starts_with('{') {
            json().or_else(|error| yaml().map_err(|_| error))
        } else {
            yaml()
        };
        let root = parsed.map_err(|error| could_not(&error, "correct the file at that position"))?;
        let source = Self {
            name: name.to_owned(),
            root: root.0,
            lines,
        };
        source.check()?;
        Ok(source)
    }

    /// Returns the line of the node, or that of the next enclosing node.
    pub(super) fn line(&self, pointer: &str) -> Option<usize> {
        self.lines.line(pointer)
    }

    /// Returns the component of this section and name.
    pub(super) fn component(&self, section: &str, name: &str) -> Option<&Value> {
        self.root.get("components")?.get(section)?.get(name)
    }

    fn invalid(&self, pointer: &str, reason: &str) -> Error {
        let place = pointer.split('/').skip(1);
        let place = place.map(|part| part.replace("~1", "/").replace("~0", "~"));
        let place = place.collect::<Vec<_>>().join(", ");
        let place = if place.is_empty() {
            "the description".to_owned()
        } else {
            place
        };
        let line = self.line(pointer).unwrap_or(1);
        Error::invalid(
            format_args!("{}:{line}: {place}", self.name),
            format_args!("{reason}; correct the file"),
        )
    }

    fn check(&self) -> Result<()> {
        let version = self.root.get("openapi").and_then(Value::as_str).unwrap_or_default();
        if !self.root.is_object() {
            return Err(self.invalid("", &format!("it is {}, not an object", kind(&self.root))));
        }
        if !version.starts_with("3.0.") {
            let reason = match self.root.get("openapi") {
                Some(other) => format!("it is {other}, and only OpenAPI 3.0 can be compared"),
                None => "it is missing, so this is not an OpenAPI 3.0 description".to_owned(),
            };
            return Err(self.invalid("/openapi", &reason));
        }
        if self.root.get("paths").is_none() {
            return Err(self.invalid("/paths", "it is missing"));
        }
        self.check_node(&self.root, "", Kind::Document)
    }

    fn check_node(&self, value: &Value, pointer: &str, kind: Kind) -> Result<()> {
        match kind {
            Kind::Any => return Ok(()),
            Kind::ListOf(inner) => {
                let Value::Array(items) = value else {
                    return Err(self.invalid(pointer, &format!("it is {}, not a list", self::kind(value))));
                };
                for (at, item) in items.iter().enumerate() {
                    self.check_node(item, &format!("{pointer}/{at}"), *inner)?;
                }
                return Ok(());
            }
            Kind::Name => {
                return match value {
                    Value::String(_) => Ok(()),
                    other => Err(self.invalid(pointer, &format!("it is {}, not text", self::kind(other)))),
                };
            }
            _ => {}
        }
        let Value::Object(object) = value else {
            if matches!(kind, Kind::SchemaOrBool) && value.is_boolean() {
                return Ok(());
            }
            return Err(self.invalid(pointer, &format!("it is {}, not an object", self::kind(value))));
        };
        if !matches!(kind, Kind::MapOf(_))
            && let Some(reference) = object.get("$ref")
        {
            return self.check_reference(reference, &format!("{pointer}/$ref"));
        }
        if matches!(kind, Kind::Schema | Kind::SchemaOrBool)
            && let Some(of) = object.get("type")
            && !of.as_str().is_some_and(|of| TYPES.contains(&of))
        {
            let reason = format!("it is {of}, not one of {}", TYPES.join(", "));
            return Err(self.invalid(&format!("{pointer}/type"), &reason));
        }
        if matches!(kind, Kind::Operation) && !object.contains_key("responses") {
            return Err(self.invalid(pointer, "it has no `responses`"));
        }
        if matches!(kind, Kind::Parameter) && !(object.contains_key("name") && object.contains_key("in")) {
            return Err(self.invalid(pointer, "it has no `name` or no `in`"));
        }
        for (key, inner) in object {
            self.check_node(inner, &format!("{pointer}/{}", escape(key)), kind.child(key))?;
        }
        Ok(())
    }

    fn check_reference(&self, reference: &Value, pointer: &str) -> Result<()> {
        let Some(text) = reference.as_str() else {
            return Err(self.invalid(pointer, &format!("it is {}, not text", kind(reference))));
        };
        let target = text.strip_prefix('#').and_then(|inner| self.root.pointer(inner));
        match target {
            Some(target) if target.get("$ref").is_none() || text.contains("/schemas/") => Ok(()),
            Some(_) => Err(self.invalid(pointer, &format!("{text} is a reference itself"))),
            None => Err(self.invalid(
                pointer,
                &format!("it refers to {text}, which does not exist in this file"),
            )),
        }
    }
}

/// Kind of a node, as far as the comparison needs it.
#[derive(Debug, Clone, Copy)]
enum Kind {
    Any,
    Name,
    ListOf(&'static Kind),
    MapOf(&'static Kind),
    Document,
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
}

impl Kind {
    fn child(self, key: &str) -> Kind {
        const PARAMETERS: Kind = Kind::ListOf(&Kind::Parameter);
        const CONTENT: Kind = Kind::MapOf(&Kind::Media);
        const SCHEMAS: Kind = Kind::ListOf(&Kind::Schema);
        match (self, key) {
            (_, key) if key.starts_with("x-") && !matches!(self, Kind::MapOf(_)) => Kind::Any,
            (Kind::MapOf(inner), _) => *inner,
            (Kind::Document, "paths") => Kind::MapOf(&Kind::PathItem),
            (Kind::Document, "components") => Kind::Components,
            (Kind::Document | Kind::Operation, "security") => Kind::ListOf(&Kind::MapOf(&Kind::Any)),
            (Kind::Components, "schemas") => Kind::MapOf(&Kind::Schema),
            (Kind::Components, "parameters") => Kind::MapOf(&Kind::Parameter),
            (Kind::Components, "responses") => Kind::MapOf(&Kind::Response),
            (Kind::Components, "requestBodies") => Kind::MapOf(&Kind::Body),
            (Kind::Components, "headers") => Kind::MapOf(&Kind::Header),
            (Kind::Components, "securitySchemes") => Kind::MapOf(&Kind::MapOf(&Kind::Any)),
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
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "empty",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}
