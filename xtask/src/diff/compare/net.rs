//! Checks from the outside that no difference is passed over.
//!
//! After the comparison of two schemas or operations, their facts are compared as plain JSON. Each
//! node that differs must have a change at it, below it or above it.

use serde_json::Value;

use super::operation::Operation;
use super::{Comparison, Pair, UNCLASSIFIED, facts};
use crate::diff::node::schema_name;
use crate::diff::rules::rule;
use crate::source::escape;

impl<'a> Comparison<'a> {
    /// Reports the nodes of two schemas that differ without a change. `first` is the number of
    /// changes before the comparison of the two.
    pub(super) fn check_schema(&mut self, first: usize, pair: &Pair<'a>) {
        let mut before = facts::schema(pair.before.value);
        self.rename_references(&mut before);
        let after = facts::schema(pair.after.value);
        let mut nodes = Vec::new();
        differing(&before, &after, "", "", &mut nodes);
        for (node, key) in nodes {
            let (old, new) = (
                format!("{}{node}", pair.before.pointer),
                format!("{}{node}", pair.after.pointer),
            );
            let is_covered = self.changes[first..]
                .iter()
                .filter(|change| !rule(&change.rule).prose)
                .any(|change| {
                    let covers = |own: &Option<String>, node: &str| {
                        own.as_deref()
                            .is_some_and(|own| is_inside(own, node) || is_inside(node, own))
                    };
                    covers(&change.base_pointer, &old) || covers(&change.pointer, &new)
                });
            if !is_covered {
                let values = (before.pointer(&node).cloned(), after.pointer(&node).cloned());
                let place = pair.place.join(node.trim_start_matches('/').replace('/', ", "));
                self.push(UNCLASSIFIED, &place, &key, values, (Some(old), Some(new)));
            }
        }
    }

    /// Reports two operations that differ without any change.
    pub(super) fn check_operation(
        &mut self,
        first: usize,
        before: &Operation<'a>,
        after: &Operation<'a>,
        pair: &Pair<'a>,
    ) {
        let mut old = facts::operation(before.node.value);
        self.rename_references(&mut old);
        let has_change = self.changes[first..].iter().any(|change| !rule(&change.rule).prose);
        if !has_change && old != facts::operation(after.node.value) {
            let resolves = before.node.value.to_string().contains("\"#/components/responses/")
                || after.node.value.to_string().contains("\"#/components/re");
            if !resolves {
                self.record(UNCLASSIFIED, &pair.place, "", Some(&pair.before), Some(&pair.after));
            }
        }
    }

    /// Writes the references of the base with the published names.
    fn rename_references(&self, value: &mut Value) {
        match value {
            Value::Object(entries) => {
                for (key, inner) in entries.iter_mut() {
                    if let (true, Value::String(text)) = (key != "default", &mut *inner)
                        && let Some(name) = schema_name(text)
                        && let Some(partner) = self.partners.get(name)
                    {
                        *text = format!("#/components/schemas/{partner}");
                    } else {
                        self.rename_references(inner);
                    }
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.rename_references(item)),
            _ => {}
        }
    }
}

/// Collects the nodes of which a key differs, as pointers, with the key. Lists differ as a whole.
fn differing(before: &Value, after: &Value, node: &str, key: &str, found: &mut Vec<(String, String)>) {
    let (Value::Object(old), Value::Object(new)) = (before, after) else {
        if before != after {
            found.push((node.to_owned(), key.to_owned()));
        }
        return;
    };
    let keys = old.keys().chain(new.keys().filter(|key| !old.contains_key(*key)));
    for key in keys {
        match (old.get(key), new.get(key)) {
            (Some(before @ Value::Object(_)), Some(after @ Value::Object(_))) => {
                differing(before, after, &format!("{node}/{}", escape(key)), key, found);
            }
            (before, after) if before != after => found.push((node.to_owned(), key.clone())),
            _ => {}
        }
    }
}

/// Returns whether a pointer leads to the node or to something below it.
fn is_inside(pointer: &str, node: &str) -> bool {
    pointer
        .strip_prefix(node)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
