//! A writer of JSON, in one of several styles.
//!
//! A list of 20 000 analyses has tens of megabytes, so the writer builds no tree of values. The
//! styles show variations that real responses have: members that are absent or null, members that
//! no description lists, and unknown enum values.

use std::io::Write as _;

use chrono::{DateTime, SecondsFormat, Utc};
use uuid::Uuid;

/// Form of members that the description does not require.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) enum Optionals {
    /// Members with a value are written, the others are left out. ICA does this today.
    #[default]
    Absent,
    /// Members without a value are written as null if the description calls them nullable.
    ExplicitNull,
    /// All of them are left out, with or without a value.
    NeverWritten,
    /// All of them are null, with or without a value, nullable or not.
    AlwaysNull,
}

/// Style of a response body.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Style {
    pub(crate) optionals: Optionals,
    /// Replaces every enum value by one that no description lists.
    pub(crate) new_values: bool,
    /// Adds members to every object that no description lists.
    pub(crate) new_members: bool,
}

/// Prefix of each enum value in the style that replaces them.
pub(crate) const NEW_VALUE_PREFIX: &str = "NEW_";

/// A writer of one JSON document.
#[derive(Debug)]
pub(crate) struct JsonWriter {
    out: Vec<u8>,
    comma: bool,
    style: Style,
}

impl JsonWriter {
    pub(crate) fn new(style: Style) -> Self {
        Self::with_capacity(style, 1024)
    }

    pub(crate) fn with_capacity(style: Style, bytes: usize) -> Self {
        Self {
            out: Vec::with_capacity(bytes),
            comma: false,
            style,
        }
    }

    pub(crate) fn style(&self) -> Style {
        self.style
    }

    pub(crate) fn finish(self) -> Vec<u8> {
        self.out
    }

    /// Writes an object of the API. The style may add unknown members.
    pub(crate) fn object(&mut self, members: impl FnOnce(&mut Self)) {
        self.map(|w| {
            members(w);
            if w.style.new_members {
                w.text("newText", "not in any description");
                w.member("newObject", |w| w.map(|w| w.member("depth", |w| w.number(2))));
                w.member("newList", |w| w.array([1, 2, 3], |w, n| w.number(n)));
            }
        });
    }

    /// Writes an object whose member names are data.
    pub(crate) fn map(&mut self, members: impl FnOnce(&mut Self)) {
        self.out.push(b'{');
        self.comma = false;
        members(self);
        self.out.push(b'}');
        self.comma = true;
    }

    pub(crate) fn array<T>(&mut self, items: impl IntoIterator<Item = T>, mut write: impl FnMut(&mut Self, T)) {
        self.out.push(b'[');
        for (index, item) in items.into_iter().enumerate() {
            if index > 0 {
                self.out.push(b',');
            }
            write(self, item);
        }
        self.out.push(b']');
        self.comma = true;
    }

    pub(crate) fn member(&mut self, name: &str, value: impl FnOnce(&mut Self)) {
        if self.comma {
            self.out.push(b',');
        }
        self.string(name);
        self.out.push(b':');
        value(self);
        self.comma = true;
    }

    /// Writes a member that the description does not require and calls nullable.
    pub(crate) fn nullable<T>(&mut self, name: &str, value: Option<T>, write: impl FnOnce(&mut Self, T)) {
        match (self.style.optionals, value) {
            (Optionals::AlwaysNull, _) | (Optionals::ExplicitNull, None) => self.member(name, Self::null),
            (Optionals::NeverWritten, _) | (Optionals::Absent, None) => {}
            (Optionals::Absent | Optionals::ExplicitNull, Some(value)) => self.member(name, |w| write(w, value)),
        }
    }

    /// Writes a member that the description neither requires nor calls nullable. Without a value it
    /// is left out.
    pub(crate) fn optional<T>(&mut self, name: &str, value: Option<T>, write: impl FnOnce(&mut Self, T)) {
        if value.is_some() || self.style.optionals == Optionals::AlwaysNull {
            self.nullable(name, value, write);
        }
    }

    pub(crate) fn text(&mut self, name: &str, value: &str) {
        self.member(name, |w| w.string(value));
    }

    pub(crate) fn flag(&mut self, name: &str, value: bool) {
        self.member(name, |w| {
            w.out.extend_from_slice(if value { b"true" } else { b"false" })
        });
    }

    pub(crate) fn id(&mut self, name: &str, value: Uuid) {
        self.member(name, |w| w.uuid(value));
    }

    /// Writes a member whose values the description lists.
    pub(crate) fn enum_member(&mut self, name: &str, value: &str) {
        self.member(name, |w| w.enum_value(value));
    }

    pub(crate) fn enum_value(&mut self, value: &str) {
        if self.style.new_values {
            self.string(&format!("{NEW_VALUE_PREFIX}{value}"));
        } else {
            self.string(value);
        }
    }

    pub(crate) fn string(&mut self, value: &str) {
        serde_json::to_writer(&mut self.out, value).expect("a Vec takes every byte");
    }

    pub(crate) fn number(&mut self, value: i64) {
        write!(self.out, "{value}").expect("a Vec takes every byte");
    }

    pub(crate) fn null(&mut self) {
        self.out.extend_from_slice(b"null");
    }

    pub(crate) fn boolean(&mut self, value: bool) {
        self.out.extend_from_slice(if value { b"true" } else { b"false" });
    }

    pub(crate) fn uuid(&mut self, value: Uuid) {
        let mut buffer = Uuid::encode_buffer();
        self.out.push(b'"');
        self.out
            .extend_from_slice(value.hyphenated().encode_lower(&mut buffer).as_bytes());
        self.out.push(b'"');
    }

    /// Writes a time, with milliseconds or without a fraction. ICA sends both forms.
    pub(crate) fn time(&mut self, value: DateTime<Utc>, fraction: bool) {
        let precision = if fraction {
            SecondsFormat::Millis
        } else {
            SecondsFormat::Secs
        };
        self.out.push(b'"');
        self.out
            .extend_from_slice(value.to_rfc3339_opts(precision, true).as_bytes());
        self.out.push(b'"');
    }

    /// Copies JSON that was written before in the same style.
    pub(crate) fn raw(&mut self, json: &[u8]) {
        self.out.extend_from_slice(json);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(style: Style) -> serde_json::Value {
        let mut w = JsonWriter::new(style);
        w.object(|w| {
            w.text("name", "a \"quoted\"\nname");
            w.enum_member("status", "RUNNING");
            w.nullable("set", Some(1), JsonWriter::number);
            w.nullable("unset", None, JsonWriter::number);
            w.optional("notNullable", None, JsonWriter::number);
        });
        serde_json::from_slice(&w.finish()).unwrap()
    }

    #[test]
    fn each_style_changes_the_members_that_it_names() {
        let members = |optionals| {
            written(Style {
                optionals,
                ..Style::default()
            })
        };
        assert_eq!(
            members(Optionals::Absent).to_string(),
            r#"{"name":"a \"quoted\"\nname","set":1,"status":"RUNNING"}"#
        );
        assert!(members(Optionals::ExplicitNull)["unset"].is_null());
        assert!(members(Optionals::ExplicitNull).get("notNullable").is_none());
        assert!(members(Optionals::NeverWritten).get("set").is_none());
        assert!(members(Optionals::AlwaysNull).get("set").unwrap().is_null());
        assert!(members(Optionals::AlwaysNull).get("notNullable").unwrap().is_null());
        assert_eq!(
            written(Style {
                new_values: true,
                ..Style::default()
            })["status"],
            "NEW_RUNNING"
        );
        assert_eq!(
            written(Style {
                new_members: true,
                ..Style::default()
            })["newObject"]["depth"],
            2
        );
    }
}
