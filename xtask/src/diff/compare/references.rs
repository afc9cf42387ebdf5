//! Follows references, and finds renamed component schemas.

use std::collections::BTreeSet;

use serde_json::Value;

use super::limits::has_limits;
use super::schema::Spot;
use super::{Comparison, Node, Pair, facts};

impl<'a> Comparison<'a> {
    /// Handles a reference on either side. Returns the pair to compare here, if there is one.
    pub(super) fn reference(&mut self, pair: Pair<'a>, spot: Spot<'_>) -> Option<Pair<'a>> {
        let names = (self.schema_name(&pair.before), self.schema_name(&pair.after));
        let inner = match names {
            (Some(before), Some(after)) => {
                let is_plain = (is_reference(&pair.before), is_reference(&pair.after));
                if is_plain.0 != is_plain.1 {
                    self.record(
                        "reference-wrapped",
                        &pair.place,
                        "$ref",
                        Some(&pair.before),
                        Some(&pair.after),
                    );
                }
                self.beside_reference(&pair, spot);
                self.follow(before, after, &pair);
                return None;
            }
            (None, None) => return Some(pair),
            (Some(name), None) => {
                self.record(
                    "schema-inlined",
                    &pair.place,
                    "$ref",
                    Some(&pair.before),
                    Some(&pair.after),
                );
                (self.component(true, name), Some(pair.after))
            }
            (None, Some(name)) => {
                self.record(
                    "schema-extracted",
                    &pair.place,
                    "$ref",
                    Some(&pair.before),
                    Some(&pair.after),
                );
                (Some(pair.before), self.component(false, name))
            }
        };
        Some(Pair {
            before: inner.0?,
            after: inner.1?,
            place: pair.place,
        })
    }

    /// Compares the keys beside a reference. OpenAPI ignores those beside a plain one.
    fn beside_reference(&mut self, pair: &Pair<'a>, spot: Spot<'_>) {
        for field in pair.fields() {
            match field.key {
                "$ref" | "allOf" => {}
                "nullable" if !is_reference(&pair.before) || !is_reference(&pair.after) => {
                    self.nullable(pair, &field, spot);
                }
                _ => self.other(&field),
            }
        }
    }

    /// Returns the component schema that a node stands for: a reference, or an `allOf` around one.
    pub(super) fn schema_name(&self, node: &Node<'a>) -> Option<&'a str> {
        if is_reference(node) {
            return node.schema_name();
        }
        let inner = node.value.get("allOf")?.as_array()?;
        let is_alone = node.value.as_object()?.keys().all(|key| {
            key == "allOf" || key == "nullable" || super::PROSE.contains(&key.as_str()) || super::is_extension(key)
        });
        match &inner[..] {
            [one] if is_alone => super::super::node::schema_name(one.get("$ref")?.as_str()?),
            _ => None,
        }
    }

    pub(super) fn component(&self, is_base: bool, name: &str) -> Option<Node<'a>> {
        let source = if is_base { self.base } else { self.published };
        let value = source.component("schemas", name)?;
        let name = crate::source::escape(name);
        Some(Node::new(value, format!("/components/schemas/{name}")))
    }

    /// Returns the schema that a node refers to, or the node itself.
    pub(super) fn target(&self, is_base: bool, node: &Node<'a>) -> Node<'a> {
        let found = self.schema_name(node).and_then(|name| self.component(is_base, name));
        found.unwrap_or_else(|| node.clone())
    }

    /// Pairs two component schemas, or reports that they do not belong together.
    pub(super) fn follow(&mut self, before: &'a str, after: &'a str, pair: &Pair<'a>) {
        if self.partners.get(before) == Some(&after) {
            return;
        }
        let is_free = !self.partners.contains_key(before) && !self.taken.contains(after);
        let is_same = before == after && !self.partners.contains_key(before);
        if is_same || (is_free && self.is_renamed(before, after)) {
            self.join(before, after);
        } else {
            let schema = |is_base, name| self.component(is_base, name).map(|node| facts::schema(node.value));
            let id = match schema(true, before) == schema(false, after) {
                true => "reference-to-equal-schema",
                false => "reference-changed",
            };
            let values = (Some(Value::from(before)), Some(Value::from(after)));
            let pointers = (Some(pair.before.pointer.clone()), Some(pair.after.pointer.clone()));
            self.push(id, &pair.place, "$ref", values, pointers);
        }
    }

    /// Returns whether a schema has another name now: only one description has each name, and the two
    /// have the same type and at least half of the properties in common.
    fn is_renamed(&self, before: &str, after: &str) -> bool {
        if self.published.component("schemas", before).is_some() || self.base.component("schemas", after).is_some() {
            return false;
        }
        let (Some(old), Some(new)) = (self.component(true, before), self.component(false, after)) else {
            return false;
        };
        let keys = |node: &Node<'a>| -> BTreeSet<&'a str> {
            let properties = node.get("properties");
            let entries = properties.map(|node| node.entries()).unwrap_or_default();
            entries.into_iter().map(|(key, _)| key).collect()
        };
        let (old_keys, new_keys) = (keys(&old), keys(&new));
        let common = old_keys.intersection(&new_keys).count();
        old.text("type") == new.text("type") && 2 * common >= old_keys.len().max(new_keys.len())
    }

    /// Compares the pairs of component schemas that were found, and those that they lead to.
    pub(super) fn components(&mut self) {
        while let Some((before, after)) = self.open.pop_front() {
            let (Some(old), Some(new)) = (self.component(true, before), self.component(false, after)) else {
                continue;
            };
            let used = self.usage.0.get(before).or_else(|| self.usage.1.get(after));
            let used = used.cloned().unwrap_or_default();
            let is_shared = used.uses.requests && used.uses.responses;
            self.scope = super::Scope {
                uses: used.uses,
                operation: None,
                operations: used.operations,
                owner: before.to_owned(),
                is_problem: before == "Problem",
                splits: is_shared && has_limits(old.value) != has_limits(new.value),
            };
            let pair = Pair {
                before: old,
                after: new,
                place: super::Place::new(format!("schema {before}")),
            };
            if before != after {
                let values = (Some(Value::from(before)), Some(Value::from(after)));
                let pointers = (Some(pair.before.pointer.clone()), Some(pair.after.pointer.clone()));
                self.push("schema-renamed", &pair.place, before, values, pointers);
            }
            let first = self.changes.len();
            let spot = Spot {
                property: "",
                is_required: used.is_required,
            };
            self.schema(pair.clone(), spot);
            self.check_schema(first, &pair);
        }
    }
}

fn is_reference(node: &Node<'_>) -> bool {
    node.value.get("$ref").is_some()
}
