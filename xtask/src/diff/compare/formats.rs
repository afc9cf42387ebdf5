//! Compares formats by the Rust types that the generator gives them.

use super::{Comparison, Field, Pair};

/// Formats of text that are types of their own in requests.
const TYPED_IN_REQUESTS: [&str; 6] = ["uuid", "date", "date-time", "ip", "ipv4", "ipv6"];
/// Formats of text that are types of their own in responses; the pass `leniency` drops the others.
const TYPED_IN_RESPONSES: [&str; 2] = ["uuid", "date-time"];

impl<'a> Comparison<'a> {
    pub(super) fn format(&mut self, pair: &Pair<'a>, field: &Field<'a>) {
        if field.is_equal() {
            return;
        }
        let of = pair.before.text("type").unwrap_or_default();
        let (before, after) = (pair.before.text("format"), pair.after.text("format"));
        let (old, new) = (self.rust_type(of, before), self.rust_type(of, after));
        let id = if self.scope.is_problem {
            "problem-loosely-read"
        } else if old == new && after.is_none() {
            "format-hint-lost"
        } else if old == new {
            "format-hint-gained"
        } else if is_within(new, old) {
            "format-narrowed"
        } else if is_within(old, new) {
            "format-widened"
        } else {
            "format-changed"
        };
        self.record_field(id, &field.owner, field);
    }

    /// Returns a name for the Rust type of a type and format.
    fn rust_type<'f>(&self, of: &str, format: Option<&'f str>) -> &'f str {
        let typed: &[&str] = if self.scope.uses.requests {
            &TYPED_IN_REQUESTS
        } else {
            &TYPED_IN_RESPONSES
        };
        match (of, format) {
            ("integer", None) => "int64",
            ("number", None) => "double",
            ("integer" | "number", Some(format)) => format,
            (_, Some(format)) if typed.contains(&format) => format,
            _ => "text",
        }
    }
}

/// Returns whether every value of one type is also a value of the other.
fn is_within(one: &str, other: &str) -> bool {
    matches!((one, other), (_, "text") | ("int32", "int64") | ("float", "double"))
}
