//! Shapes of JSON, and the check of a value against one.

use std::collections::{BTreeMap, HashMap};

use regex_lite::Regex;
use serde_json::{Map, Value};
use uuid::Uuid;

/// How many violations are named before the rest is left out.
const MOST_VIOLATIONS: usize = 100;

/// What a value has to be.
#[derive(Debug)]
pub(crate) enum Shape {
    Text,
    /// Text of so many characters that fits a pattern, if there is one.
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

/// A member of an object. Plain literals, so that the tables can be nested in statics.
macro_rules! field {
    ($name:literal, $shape:expr, $required:literal, $nullable:literal) => {
        $crate::batch::schema::shape::Field {
            name: $name,
            shape: $shape,
            required: $required,
            nullable: $nullable,
        }
    };
}

macro_rules! required {
    ($name:literal, $shape:expr $(,)?) => {
        $crate::batch::schema::shape::field!($name, $shape, true, false)
    };
}

macro_rules! optional {
    ($name:literal, $shape:expr $(,)?) => {
        $crate::batch::schema::shape::field!($name, $shape, false, false)
    };
}

macro_rules! nullable {
    ($name:literal, $shape:expr $(,)?) => {
        $crate::batch::schema::shape::field!($name, $shape, false, true)
    };
}

pub(crate) use {field, nullable, optional, required};

/// The member that tells which of several shapes an object has.
const TAG: &str = "objectType";

/// Collects what is wrong, by place.
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

    pub(crate) fn check(&mut self, value: &Value, shape: &'static Shape, place: &str) {
        match (shape, value) {
            (Shape::Text, Value::String(_)) | (Shape::Boolean, Value::Bool(_)) => {}
            (Shape::Limited { least, most, pattern }, Value::String(text)) => {
                self.check_text(text, *least, *most, *pattern, place);
            }
            (Shape::Uuid, Value::String(text)) if Uuid::parse_str(text).is_ok() => {}
            (Shape::OneOf(values), Value::String(text)) if values.contains(&text.as_str()) => {}
            (Shape::List(entry), Value::Array(values)) => self.check_list(values, entry, false, place),
            (Shape::ListOfNullable(entry), Value::Array(values)) => self.check_list(values, entry, true, place),
            (Shape::Object(fields), Value::Object(members)) => self.check_object(members, &[], fields, place),
            (Shape::Tagged(variants), Value::Object(members)) => self.check_tagged(members, variants, place),
            _ => self.add(place, &format!("it has to be {}", expected(shape))),
        }
    }

    fn check_text(&mut self, text: &str, least: usize, most: usize, pattern: Option<&'static str>, place: &str) {
        let length = text.chars().count();
        if length < least || length > most {
            return self.add(
                place,
                &format!("it has {length} characters instead of {least} to {most}"),
            );
        }
        let Some(pattern) = pattern else { return };
        let regex = self
            .patterns
            .entry(pattern)
            .or_insert_with(|| Regex::new(pattern).expect("the pattern is a constant"));
        if !regex.is_match(text) {
            self.add(place, &format!("it does not match {pattern}"));
        }
    }

    fn check_list(&mut self, values: &[Value], entry: &'static Shape, nullable: bool, place: &str) {
        for (index, value) in values.iter().enumerate() {
            if !(nullable && value.is_null()) {
                self.check(value, entry, &format!("{place}[{index}]"));
            }
        }
    }

    fn check_object(&mut self, members: &Map<String, Value>, more: &[&str], fields: &'static [Field], place: &str) {
        for field in fields {
            let inner = join(place, field.name);
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
                .insert(join(place, name), "there is no such member".to_owned());
        }
    }

    fn check_tagged(
        &mut self,
        members: &Map<String, Value>,
        variants: &'static [(&'static str, &'static [Field])],
        place: &str,
    ) {
        let tag = members.get(TAG).and_then(Value::as_str);
        match variants.iter().find(|(name, _)| tag == Some(name)) {
            Some((_, fields)) => self.check_object(members, &[TAG], fields, place),
            None => {
                let names: Vec<_> = variants.iter().map(|(name, _)| *name).collect();
                self.add(&join(place, TAG), &format!("it has to be one of {}", names.join(", ")));
            }
        }
    }

    fn add(&mut self, place: &str, reason: &str) {
        if self.found.len() < MOST_VIOLATIONS {
            let place = if place.is_empty() { "body" } else { place };
            self.found.insert(place.to_owned(), reason.to_owned());
        }
    }
}

fn join(place: &str, name: &str) -> String {
    if place.is_empty() {
        name.to_owned()
    } else {
        format!("{place}.{name}")
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
