//! Shapes of JSON values, and the validation of a value against a shape.

use std::collections::{BTreeMap, HashMap};

use regex_lite::Regex;
use serde_json::{Map, Value};
use uuid::Uuid;

/// Largest number of violations in a problem.
const MOST_VIOLATIONS: usize = 100;

/// The shape of a valid value.
#[derive(Debug)]
pub(crate) enum Shape {
    Text,
    /// Text of `least` to `most` characters that matches the pattern, if there is one.
    Limited {
        least: usize,
        most: usize,
        pattern: Option<&'static str>,
    },
    Boolean,
    Uuid,
    OneOf(&'static [&'static str]),
    List(&'static Shape),
    /// A list whose entries may be null.
    ListOfNullable(&'static Shape),
    Object(&'static [Field]),
    /// An object whose members depend on its `objectType`.
    Tagged(&'static [(&'static str, &'static [Field])]),
}

/// A member of an object.
#[derive(Debug)]
pub(crate) struct Field {
    pub(crate) name: &'static str,
    pub(crate) shape: &'static Shape,
    pub(crate) required: bool,
    pub(crate) nullable: bool,
}

/// Makes a [`Field`]. It takes literals, so that tables can be nested in statics.
macro_rules! field {
    ($name:literal, $shape:expr, $required:literal, $nullable:literal) => {
        $crate::batch::shape::Field {
            name: $name,
            shape: $shape,
            required: $required,
            nullable: $nullable,
        }
    };
}

macro_rules! required {
    ($name:literal, $shape:expr $(,)?) => {
        $crate::batch::shape::field!($name, $shape, true, false)
    };
}

macro_rules! optional {
    ($name:literal, $shape:expr $(,)?) => {
        $crate::batch::shape::field!($name, $shape, false, false)
    };
}

macro_rules! nullable {
    ($name:literal, $shape:expr $(,)?) => {
        $crate::batch::shape::field!($name, $shape, false, true)
    };
}

pub(crate) use {field, nullable, optional, required};

/// The member that names the variant of a tagged object.
const TAG: &str = "objectType";

/// The violations found so far, by the path of the member.
#[derive(Debug)]
pub(crate) struct Violations {
    refuse_unknown: bool,
    found: BTreeMap<String, String>,
    patterns: HashMap<&'static str, Regex>,
}

impl Violations {
    pub(crate) fn new(refuse_unknown: bool) -> Self {
        Self {
            refuse_unknown,
            found: BTreeMap::new(),
            patterns: HashMap::new(),
        }
    }

    pub(crate) fn found(self) -> BTreeMap<String, String> {
        self.found
    }

    pub(crate) fn check(&mut self, value: &Value, shape: &'static Shape, path: &str) {
        match (shape, value) {
            (Shape::Text, Value::String(_)) | (Shape::Boolean, Value::Bool(_)) => {}
            (Shape::Limited { least, most, pattern }, Value::String(text)) => {
                self.check_text(text, *least, *most, *pattern, path);
            }
            (Shape::Uuid, Value::String(text)) if Uuid::parse_str(text).is_ok() => {}
            (Shape::OneOf(values), Value::String(text)) if values.contains(&text.as_str()) => {}
            (Shape::List(entry), Value::Array(values)) => self.check_list(values, entry, false, path),
            (Shape::ListOfNullable(entry), Value::Array(values)) => self.check_list(values, entry, true, path),
            (Shape::Object(fields), Value::Object(members)) => self.check_object(members, &[], fields, path),
            (Shape::Tagged(variants), Value::Object(members)) => self.check_tagged(members, variants, path),
            _ => self.add(path, &format!("it is not {}", expected(shape))),
        }
    }

    fn check_text(&mut self, text: &str, least: usize, most: usize, pattern: Option<&'static str>, path: &str) {
        let length = text.chars().count();
        if length < least || length > most {
            return self.add(path, &format!("it has {length} characters; use {least} to {most}"));
        }
        let Some(pattern) = pattern else { return };
        let regex = self
            .patterns
            .entry(pattern)
            .or_insert_with(|| Regex::new(pattern).expect("the pattern is a constant"));
        if !regex.is_match(text) {
            self.add(path, &format!("it does not match {pattern}"));
        }
    }

    fn check_list(&mut self, values: &[Value], entry: &'static Shape, nullable: bool, path: &str) {
        for (index, value) in values.iter().enumerate() {
            if !(nullable && value.is_null()) {
                self.check(value, entry, &format!("{path}[{index}]"));
            }
        }
    }

    fn check_object(&mut self, members: &Map<String, Value>, more: &[&str], fields: &'static [Field], path: &str) {
        for field in fields {
            let inner = join(path, field.name);
            match members.get(field.name) {
                None if field.required => self.add(&inner, "it is required"),
                None => {}
                Some(Value::Null) if field.nullable => {}
                Some(value) => self.check(value, field.shape, &inner),
            }
        }
        let known = |name: &str| more.contains(&name) || fields.iter().any(|field| field.name == name);
        for name in members.keys().filter(|name| self.refuse_unknown && !known(name)) {
            self.found
                .insert(join(path, name), "the API description has no such member".to_owned());
        }
    }

    fn check_tagged(
        &mut self,
        members: &Map<String, Value>,
        variants: &'static [(&'static str, &'static [Field])],
        path: &str,
    ) {
        let tag = members.get(TAG).and_then(Value::as_str);
        match variants.iter().find(|(name, _)| tag == Some(name)) {
            Some((_, fields)) => self.check_object(members, &[TAG], fields, path),
            None => {
                let names: Vec<_> = variants.iter().map(|(name, _)| *name).collect();
                self.add(&join(path, TAG), &format!("it is not one of {}", names.join(", ")));
            }
        }
    }

    fn add(&mut self, path: &str, reason: &str) {
        if self.found.len() < MOST_VIOLATIONS {
            let path = if path.is_empty() { "body" } else { path };
            self.found.insert(path.to_owned(), reason.to_owned());
        }
    }
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() {
        name.to_owned()
    } else {
        format!("{path}.{name}")
    }
}

fn expected(shape: &Shape) -> String {
    match shape {
        Shape::Text | Shape::Limited { .. } => "text".to_owned(),
        Shape::Boolean => "true or false".to_owned(),
        Shape::Uuid => "a UUID".to_owned(),
        Shape::OneOf(values) => format!("one of {}", values.join(", ")),
        Shape::List(_) | Shape::ListOfNullable(_) => "a list".to_owned(),
        Shape::Object(_) | Shape::Tagged(_) => "an object".to_owned(),
    }
}
