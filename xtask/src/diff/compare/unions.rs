//! Compares unions (`oneOf`, `anyOf`, their discriminators) and `allOf`.

use std::collections::BTreeSet;

use serde_json::Value;

use super::schema::Spot;
use super::{Comparison, Field, Node, Pair};
use crate::diff::facts;
use crate::diff::node::schema_name;

impl<'a> Comparison<'a> {
    pub(super) fn union(&mut self, pair: &Pair<'a>) {
        let mut reported = BTreeSet::new();
        let discriminator = pair.field("discriminator");
        if let Some(both) = discriminator.pair("discriminator") {
            self.discriminator(&both, &mut reported);
        } else {
            self.unequal("discriminator-changed", &discriminator);
        }
        for key in ["oneOf", "anyOf"] {
            self.variants(&pair.field(key), &reported);
        }
    }

    fn discriminator(&mut self, pair: &Pair<'a>, reported: &mut BTreeSet<&'a str>) {
        for field in pair.fields() {
            match field.key {
                "propertyName" => self.unequal("discriminator-changed", &field),
                "mapping" => self.mapping(&field.fields(&pair.place), reported),
                _ => self.other(&field),
            }
        }
    }

    fn mapping(&mut self, tags: &[Field<'a>], reported: &mut BTreeSet<&'a str>) {
        let target = |node: &Option<Node<'a>>| {
            let text = node.as_ref()?.value.as_str()?;
            Some(schema_name(text).unwrap_or(text))
        };
        let mut retagged = BTreeSet::new();
        for old in tags.iter().filter(|tag| tag.after.is_none()) {
            let schema = target(&old.before);
            let same =
                |new: &&Field<'a>| new.before.is_none() && target(&new.after) == schema.map(|it| self.partner(it));
            let Some(new) = tags.iter().find(same) else {
                continue;
            };
            retagged.extend([old.key, new.key]);
            let place = old.owner.join(format!("value {}", old.key));
            let values = (Some(Value::from(old.key)), Some(Value::from(new.key)));
            let pointer = |node: &Option<Node<'a>>| node.as_ref().map(|node| node.pointer.clone());
            let pointers = (pointer(&old.before), pointer(&new.after));
            self.push("discriminator-value-changed", &place, old.key, values, pointers);
        }
        for tag in tags.iter().filter(|tag| !retagged.contains(tag.key)) {
            let place = tag.owner.join(format!("value {}", tag.key));
            match (target(&tag.before), target(&tag.after)) {
                (Some(before), Some(after)) => {
                    if let Some(pair) = tag.pair(format!("value {}", tag.key)) {
                        self.follow(before, after, &pair);
                        reported.extend([before, after]);
                    }
                }
                (before, after) => {
                    let id = match before {
                        Some(_) => "union-variant-removed",
                        None => "union-variant-added",
                    };
                    self.record_field(id, &place, tag);
                    reported.extend(before.into_iter().chain(after));
                }
            }
        }
    }

    /// Compares the variants of a union. Those of the mapping are reported already.
    fn variants(&mut self, field: &Field<'a>, reported: &BTreeSet<&'a str>) {
        let before = field.before.as_ref().map(Node::items).unwrap_or_default();
        let after = field.after.as_ref().map(Node::items).unwrap_or_default();
        let (removed, added) = self.unmatched(before, after);
        let is_reported = |node: &Node<'a>| node.schema_name().is_some_and(|name| reported.contains(name));
        let removed = removed.into_iter().filter(|node| !is_reported(node));
        let added = added.into_iter().filter(|node| !is_reported(node));
        let (rest_before, rest_after) = self.pair_in_order(removed.collect(), added.collect(), field, "variant");
        for node in rest_before {
            self.record("union-variant-removed", &field.owner, field.key, Some(&node), None);
        }
        for node in rest_after {
            self.record("union-variant-added", &field.owner, field.key, None, Some(&node));
        }
    }

    pub(super) fn all_of(&mut self, field: Field<'a>, _spot: Spot<'_>) {
        let before = field.before.as_ref().map(Node::items).unwrap_or_default();
        let after = field.after.as_ref().map(Node::items).unwrap_or_default();
        let (removed, added) = self.unmatched(before, after);
        let (removed, added) = self.pair_in_order(removed, added, &field, "part");
        for node in removed {
            self.record("part-removed", &field.owner, field.key, Some(&node), None);
        }
        for node in added {
            self.record("part-added", &field.owner, field.key, None, Some(&node));
        }
    }

    /// Follows the schemas that both lists have, and returns what one list alone has.
    fn unmatched(&mut self, before: Vec<Node<'a>>, mut after: Vec<Node<'a>>) -> (Vec<Node<'a>>, Vec<Node<'a>>) {
        let mut removed = Vec::new();
        for node in before {
            let is_same = |other: &Node<'a>| match (node.schema_name(), other.schema_name()) {
                (Some(before), Some(after)) => self.partner(before) == after,
                (None, None) => facts::schema(node.value) == facts::schema(other.value),
                _ => false,
            };
            let Some(at) = after.iter().position(is_same) else {
                removed.push(node);
                continue;
            };
            let other = after.remove(at);
            let place = super::Place::new("");
            let pair = Pair {
                before: node,
                after: other,
                place,
            };
            if let (Some(before), Some(after)) = (pair.before.schema_name(), pair.after.schema_name()) {
                self.follow(before, after, &pair);
            }
        }
        (removed, after)
    }

    /// Compares what is left in order, where both sides have the same number and kind.
    fn pair_in_order(
        &mut self,
        before: Vec<Node<'a>>,
        after: Vec<Node<'a>>,
        field: &Field<'a>,
        step: &str,
    ) -> (Vec<Node<'a>>, Vec<Node<'a>>) {
        let is_inline = |nodes: &[Node<'a>]| {
            nodes
                .iter()
                .map(|node| node.schema_name().is_none())
                .collect::<Vec<_>>()
        };
        if is_inline(&before) != is_inline(&after) {
            return (before, after);
        }
        for (at, (before, after)) in before.into_iter().zip(after).enumerate() {
            let place = field.owner.join(format!("{step} {}", at + 1));
            let pair = Pair { before, after, place };
            let is_required = true;
            self.schema(
                pair,
                Spot {
                    property: "",
                    is_required,
                },
            );
        }
        (Vec::new(), Vec::new())
    }
}
