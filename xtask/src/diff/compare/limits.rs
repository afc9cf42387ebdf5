//! Compares limits: lengths, ranges, patterns.

use std::cmp::Ordering;

use serde_json::Value;

use super::schema::Spot;
use super::{Comparison, Field, Node, Pair};
use crate::diff::enums::values_of;

/// Limits of text, which together become one checked type in requests.
const OF_TEXT: [&str; 3] = ["minLength", "maxLength", "pattern"];

/// Keys that the generator drops from schemas that only responses use.
const LIMITS: [&str; 13] = [
    "default",
    "exclusiveMaximum",
    "exclusiveMinimum",
    "maxItems",
    "maxLength",
    "maxProperties",
    "maximum",
    "minItems",
    "minProperties",
    "minimum",
    "multipleOf",
    "pattern",
    "uniqueItems",
];

impl<'a> Comparison<'a> {
    /// Compares the limits of two texts.
    pub(super) fn text_limits(&mut self, pair: &Pair<'a>, spot: Spot<'_>) {
        let (had, has) = (is_limited(&pair.before), is_limited(&pair.after));
        let (owner, after) = (self.owner(true), self.owner(false));
        let splits = self.enums.0.splits_limits(&owner, &after, spot.property, &self.enums.1);
        let tightened = match (had, splits) {
            (false, _) => "first-limit-added",
            (true, true) => "limit-tightened-in-one-place",
            (true, false) => "limit-tightened",
        };
        let loosened = match (has, splits) {
            (false, _) => "last-limit-removed",
            (true, true) => "limit-loosened-in-one-place",
            (true, false) => "limit-loosened",
        };
        for key in OF_TEXT {
            let field = pair.field(key);
            if key != "pattern" {
                self.limit(&field, tightened, loosened);
                continue;
            }
            let is_set = values_of(pair.before.value).is_some() || values_of(pair.after.value).is_some();
            if field.is_equal() || is_set {
                continue;
            }
            let id = match (&field.before, &field.after) {
                _ if self.scope.is_problem => "problem-loosely-read",
                (None, _) => tightened,
                (_, None) => loosened,
                _ if splits => "limit-tightened-in-one-place",
                _ => "pattern-changed",
            };
            self.record_field(id, &field.owner, &field);
        }
    }

    /// Compares one limit.
    pub(super) fn limit(&mut self, field: &Field<'a>, tightened: &str, loosened: &str) {
        // Absent is false.
        let is_same_flag = field.key.starts_with("exclusive") && field.flags().0 == field.flags().1;
        if field.is_equal() || is_same_flag {
            return;
        }
        let value = |node: &Option<Node<'a>>| node.as_ref().map(|node| node.value.clone());
        let id = match tightness(field.key, &value(&field.before), &value(&field.after)) {
            _ if self.scope.is_problem => "problem-loosely-read",
            Some(Ordering::Less) => tightened,
            Some(Ordering::Greater) => loosened,
            Some(Ordering::Equal) => "empty-limit-changed",
            None => super::UNCLASSIFIED,
        };
        self.record_field(id, &field.owner, field);
    }
}

/// Returns whether the generator reads a schema otherwise than it writes it: the pass `leniency` drops
/// limits, defaults, and most formats of text.
pub(super) fn has_limits(schema: &Value) -> bool {
    let has = |key: &str| schema.get(key).is_some_and(|limit| limit != &Value::Bool(false));
    let format = schema.get("format").and_then(Value::as_str);
    let is_text = schema.get("type").is_some_and(|of| of == "string");
    let is_empty = values_of(schema).is_some() && !has("default");
    let inner = schema
        .get("properties")
        .and_then(Value::as_object)
        .into_iter()
        .flatten();
    let inner = inner.map(|(_, property)| property).chain(schema.get("items"));
    let least = schema
        .get("minLength")
        .and_then(Value::as_f64)
        .is_some_and(|least| least > 0.0);
    let own = LIMITS.iter().any(|key| has(key)) || least;
    let is_hint = is_text && format.is_some_and(|format| !["uuid", "date-time"].contains(&format));
    ((own || is_hint) && !is_empty) || inner.into_iter().any(has_limits)
}

fn is_limited(node: &Node<'_>) -> bool {
    let number = |key: &str| node.value.get(key).and_then(Value::as_f64);
    let has_pattern = node.text("pattern").is_some() && values_of(node.value).is_none();
    number("minLength").is_some_and(|least| least > 0.0) || number("maxLength").is_some() || has_pattern
}

/// Returns how the first limit compares to the second: `Less` where the second allows less.
fn tightness(key: &str, before: &Option<Value>, after: &Option<Value>) -> Option<Ordering> {
    if key.starts_with("exclusive") {
        let flag = |value: &Option<Value>| value.as_ref().map_or(Some(false), Value::as_bool);
        return Some(flag(before)?.cmp(&flag(after)?));
    }
    let number = |value: &Option<Value>, absent: f64| value.as_ref().map_or(Some(absent), Value::as_f64);
    if key == "multipleOf" {
        let (old, new) = (number(before, 0.0)?, number(after, 0.0)?);
        let is_multiple = |of: f64, one: f64| of == 0.0 || (one != 0.0 && one % of == 0.0);
        return Some(if old == new {
            Ordering::Equal
        } else if is_multiple(new, old) {
            Ordering::Greater
        } else {
            Ordering::Less
        });
    }
    if key.starts_with("max") {
        let (old, new) = (number(before, f64::INFINITY)?, number(after, f64::INFINITY)?);
        return new.partial_cmp(&old);
    }
    // No least length or number of elements is the same as 0.
    let absent = if key == "minimum" { f64::NEG_INFINITY } else { 0.0 };
    number(before, absent)?.partial_cmp(&number(after, absent)?)
}
