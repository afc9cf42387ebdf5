//! Reads a description as plain values that keep everything, with the lines of its nodes.

mod kind;
mod lines;
mod tree;

use serde_json::Value;

pub(crate) use self::kind::{Kind, METHODS, PROSE, is_extension, says_nothing};
use self::lines::Lines;
pub(crate) use self::lines::{MAX_OPEN_BRACKETS, too_many_brackets};
pub(crate) use self::tree::{Tree, escape};
use crate::error::{Error, Result};

/// Description as plain values, with the name and the lines of its file.
///
/// ```
/// use xtask::Source;
///
/// let error = Source::parse("ica.yaml", "openapi: 3.0.1\ninfo: {title: T, version: '1'}\npaths:\n  /a: 7\n").unwrap_err();
/// assert_eq!(error.to_string(), "ica.yaml:4: paths, /a is not valid: it is a number, not an object; correct the file");
/// ```
#[derive(Debug, Clone)]
pub struct Source {
    pub(crate) name: String,
    pub(crate) text: String,
    pub(crate) tree: Tree,
    pub(crate) root: Value,
    lines: Lines,
}

/// Types that a schema may have.
const TYPES: [&str; 6] = ["array", "boolean", "integer", "number", "object", "string"];

impl Source {
    /// Parses an OpenAPI 3.0 description, YAML or JSON. `name` is the name of the file in errors.
    ///
    /// ```
    /// # use xtask::Source;
    /// # use xtask::diff::{Options, diff};
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
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let could_not = |reason: &str, remedy: &str| {
            Error::could_not(format_args!("read {name}"), format_args!("{reason}; {remedy}"))
        };
        let lines = Lines::of(text).map_err(|line| {
            let reason = format!("the objects and lists at line {line} are nested too deep");
            could_not(&reason, "refer to component schemas in place of nested ones")
        })?;
        let json = || serde_json::from_str::<Tree>(text).map_err(|error| error.to_string());
        let yaml = || yaml_serde::from_str::<Tree>(text).map_err(|error| error.to_string());
        // YAML forbids tabs that JSON allows.
        let parsed = if text.trim_start().starts_with('{') {
            json().or_else(|error| yaml().map_err(|_| error))
        } else {
            yaml()
        };
        let tree = parsed.map_err(|error| could_not(&error, "correct the file at that position"))?;
        let source = Self {
            name: name.to_owned(),
            text: text.to_owned(),
            root: tree.to_value(),
            tree,
            lines,
        };
        source.check()?;
        Ok(source)
    }

    /// Returns the text as it was read.
    ///
    /// ```
    /// let text = "openapi: 3.0.1\ninfo: {title: T, version: '1'}\npaths: {}\n";
    /// assert_eq!(xtask::Source::parse("a.yaml", text)?.text(), text);
    /// # Ok::<(), xtask::Error>(())
    /// ```
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns the line of the node, or that of the next enclosing node.
    pub(crate) fn line(&self, pointer: &str) -> Option<usize> {
        self.lines.line(pointer)
    }

    /// Returns the component of this section and name.
    pub(crate) fn component(&self, section: &str, name: &str) -> Option<&Value> {
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
            return self.check_reference(reference, kind, &format!("{pointer}/$ref"));
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

    fn check_reference(&self, reference: &Value, kind: Kind, pointer: &str) -> Result<()> {
        let Some(text) = reference.as_str() else {
            return Err(self.invalid(pointer, &format!("it is {}, not text", self::kind(reference))));
        };
        let Some(section) = kind.section() else {
            return Err(self.invalid(pointer, "a reference is not possible here"));
        };
        let name = text.strip_prefix(section).and_then(|rest| rest.strip_prefix('/'));
        if name.is_none_or(|name| name.contains('/')) {
            let reason = format!("it refers to {text}, and not to {section}/…");
            return Err(self.invalid(pointer, &reason));
        }
        let target = text.strip_prefix('#').and_then(|inner| self.root.pointer(inner));
        match target {
            Some(target) if target.get("$ref").is_none() || kind.is_schema() => Ok(()),
            Some(_) => Err(self.invalid(pointer, &format!("{text} is a reference itself"))),
            None => Err(self.invalid(
                pointer,
                &format!("it refers to {text}, which does not exist in this file"),
            )),
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
