//! Compares the properties of two objects.

use std::collections::BTreeSet;

use serde_json::Value;

use super::schema::Spot;
use super::{Comparison, Field, Node, Pair, facts, share_a_word};

impl<'a> Comparison<'a> {
    pub(super) fn properties(&mut self, pair: &Pair<'a>) {
        let required = (required(&pair.before), required(&pair.after));
        let properties = pair.field("properties").fields(&pair.place);
        let renamed = renamed(&properties, &required);
        let has_none = properties.iter().all(|field| field.before.is_none());
        let mut known = BTreeSet::new();
        for field in properties {
            known.insert(field.key);
            let (name, owner) = (field.key, &field.owner);
            match (&field.before, &field.after) {
                (Some(before), Some(after)) => {
                    let is_required = required.0.contains(name);
                    if is_required != required.1.contains(name) {
                        self.requirement(pair, name, is_required, before, after);
                    }
                    let is_required = is_required || required.1.contains(name);
                    if let Some(inner) = field.pair(format!("property {name}")) {
                        self.schema(
                            inner,
                            Spot {
                                property: name,
                                is_required,
                            },
                        );
                    }
                }
                (None, None) => {}
                _ if renamed
                    .as_ref()
                    .is_some_and(|(old, new)| old.key == name || new.key == name) => {}
                (Some(_), None) => {
                    let id = match required.0.contains(name) {
                        true => "required-property-removed",
                        false => "optional-property-removed",
                    };
                    self.record_field(id, &owner.join(format!("property {name}")), &field);
                }
                (None, Some(_)) => {
                    let id = match (required.1.contains(name), has_none) {
                        (true, true) => "first-required-property-added",
                        (true, false) => "required-property-added",
                        (false, true) => "first-property-added",
                        (false, false) => "optional-property-added",
                    };
                    self.record_field(id, &owner.join(format!("property {name}")), &field);
                }
            }
        }
        if let Some((old, new)) = renamed {
            let place = old.owner.join(format!("property {}", old.key));
            let values = (Some(Value::from(old.key)), Some(Value::from(new.key)));
            let pointers = (
                old.before.as_ref().map(|node| node.pointer.clone()),
                new.after.as_ref().map(|node| node.pointer.clone()),
            );
            self.push("property-renamed", &place, old.key, values, pointers);
        }
        // A name in `required` without a property.
        for name in required.0.symmetric_difference(&required.1) {
            if !known.contains(name) {
                self.record_requirement(
                    pair,
                    name,
                    required.0.contains(name),
                    ["property-now-required", "property-now-optional"],
                );
            }
        }
    }

    fn requirement(&mut self, pair: &Pair<'a>, name: &'a str, was: bool, before: &Node<'a>, after: &Node<'a>) {
        let is_nullable = |is_base, node: &Node<'a>| self.target(is_base, node).flag("nullable");
        let is_list = self.target(true, before).text("type") == Some("array") && self.scope.uses.requests;
        let rules = if self.scope.is_problem {
            ["problem-loosely-read"; 2]
        } else if is_nullable(true, before) && is_nullable(false, after) {
            ["nullable-property-now-required", "nullable-property-now-optional"]
        } else if is_list {
            ["property-now-required", "list-property-now-optional"]
        } else {
            ["property-now-required", "property-now-optional"]
        };
        self.record_requirement(pair, name, was, rules);
    }

    fn record_requirement(&mut self, pair: &Pair<'a>, name: &str, was: bool, [now_required, now_optional]: [&str; 2]) {
        let place = pair.place.join(format!("property {name}"));
        let field = pair.field("required");
        let pointer = |node: Option<Node<'a>>, owner: &Node<'a>| {
            let at = node.map_or_else(|| owner.pointer.clone(), |node| node.pointer);
            Some(at)
        };
        // The property shows the place better than the list, if there is one.
        let inner = |node: &Node<'a>| node.get("properties").and_then(|properties| properties.get(name));
        let pointers = (
            pointer(inner(&pair.before).or(field.before), &pair.before),
            pointer(inner(&pair.after).or(field.after), &pair.after),
        );
        let id = if was { now_optional } else { now_required };
        let value = |is_required: bool| Some(Value::from(if is_required { "required" } else { "optional" }));
        self.push(id, &place, name, (value(was), value(!was)), pointers);
    }
}

fn required<'a>(node: &Node<'a>) -> BTreeSet<&'a str> {
    let names = node.value.get("required").and_then(Value::as_array);
    names.into_iter().flatten().filter_map(Value::as_str).collect()
}

/// Returns the one property that has another name and nothing else.
fn renamed<'a>(
    properties: &[Field<'a>],
    required: &(BTreeSet<&'a str>, BTreeSet<&'a str>),
) -> Option<(Field<'a>, Field<'a>)> {
    let mut removed = properties.iter().filter(|field| field.after.is_none());
    let mut added = properties.iter().filter(|field| field.before.is_none());
    let (Some(old), None, Some(new), None) = (removed.next(), removed.next(), added.next(), added.next()) else {
        return None;
    };
    let schema = |node: &Option<Node<'a>>| node.as_ref().map(|node| facts::schema(node.value));
    let is_same = schema(&old.before) == schema(&new.after)
        && required.0.contains(old.key) == required.1.contains(new.key)
        && share_a_word(old.key, new.key);
    is_same.then(|| (old.clone(), new.clone()))
}
