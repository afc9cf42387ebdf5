//! Writes JSON straight to bytes, in one of several styles.
//!
//! A listing of 20 000 analyses is tens of megabytes, so no tree is built. The styles are how the simulator shows what
//! real answers do without being asked: members that are absent or null, members that nobody described, and values that are new.

use std::io::Write as _;

use chrono::{DateTime, SecondsFormat, Utc};
use uuid::Uuid;

/// What to do with members that the description does not require.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) enum Optionals {
    /// Those that have a value are written, the others left out: what ICA does today.
    #[default]
    Absent,
    /// Those without a value are written as null, where the description calls them nullable.
    ExplicitNull,
    /// None is written, value or not.
    NeverWritten,
    /// Every one of them is null, value or not, nullable or not.
    AlwaysNull,
}

/// How an answer is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Style {
    pub(crate) optionals: Optionals,
    /// Every enum value is replaced by one that no description lists.
    pub(crate) new_values: bool,
    /// Every object gets members that no description lists.
    pub(crate) new_members: bool,
}

/// What stands before each enum value in the style that replaces them.
pub(crate) const NEW_VALUE_PREFIX: &str = "NEW_";

/// A JSON document being written.
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

    /// An object of the API, which the style may give unknown members.
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

    /// An object whose member names are data.
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

    /// A member that the description does not require but calls nullable.
    pub(crate) fn optional<T>(&mut self, name: &str, value: Option<T>, write: impl FnOnce(&mut Self, T)) {
        match (self.style.optionals, value) {
            (Optionals::AlwaysNull, _) | (Optionals::ExplicitNull, None) => self.member(name, Self::null),
            (Optionals::NeverWritten, _) | (Optionals::Absent, None) => {}
            (Optionals::Absent | Optionals::ExplicitNull, Some(value)) => self.member(name, |w| write(w, value)),
        }
    }

    /// A member that the description neither requires nor calls nullable: absent when there is no value.
    pub(crate) fn maybe<T>(&mut self, name: &str, value: Option<T>, write: impl FnOnce(&mut Self, T)) {
        if value.is_some() || self.style.optionals == Optionals::AlwaysNull {
            self.optional(name, value, write);
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

    /// A member whose values the description lists.
    pub(crate) fn choice(&mut self, name: &str, value: &str) {
        self.member(name, |w| w.choice_value(value));
    }

    pub(crate) fn choice_value(&mut self, value: &str) {
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

    /// A time, with milliseconds or (as ICA also sends it) without any fraction.
    pub(crate) fn moment(&mut self, value: DateTime<Utc>, fraction: bool) {
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

    /// JSON that was written before, in the same style.
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
            w.choice("status", "RUNNING");
            w.optional("set", Some(1), JsonWriter::number);
            w.optional("unset", None, JsonWriter::number);
            w.maybe("notNullable", None, JsonWriter::number);
        });
        serde_json::from_slice(&w.finish()).unwrap()
    }

    #[test]
    fn each_style_changes_what_it_says() {
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
