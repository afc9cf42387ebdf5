//! Compares sets of values, which are enums or patterns `A|B|C`.

use serde_json::Value;

use super::schema::Spot;
use super::{Comparison, Node, Pair, UNCLASSIFIED};
use crate::diff::enums::values_of;

impl<'a> Comparison<'a> {
    pub(super) fn values(&mut self, pair: &Pair<'a>, spot: Spot<'_>) {
        let holder = |node: &Node<'a>| node.get("enum").or_else(|| node.get("pattern"));
        let nodes = (holder(&pair.before), holder(&pair.after));
        let (before, after) = match (values_of(pair.before.value), values_of(pair.after.value)) {
            (None, None) => return,
            (Some(before), Some(after)) => (before, after),
            (None, Some(_)) => {
                return self.record(
                    "values-limited",
                    &pair.place,
                    "enum",
                    nodes.0.as_ref(),
                    nodes.1.as_ref(),
                );
            }
            (Some(_), None) => {
                return self.record("values-freed", &pair.place, "enum", nodes.0.as_ref(), nodes.1.as_ref());
            }
        };
        for value in after.difference(&before) {
            let id = self.rule_of_added(spot.property);
            self.record_value(id, pair, spot, (None, Some(value)), &nodes);
        }
        for value in before.difference(&after) {
            let is_kept = self.enums.1.is_listed(&self.owner(true), spot.property)
                && self.enums.1.is_elsewhere(&self.owner(false), spot.property, value);
            let id = if is_kept {
                "value-removed-in-one-place"
            } else {
                "value-removed"
            };
            self.record_value(id, pair, spot, (Some(value), None), &nodes);
        }
        let (old, new) = (pair.before.get("enum"), pair.after.get("enum"));
        if old.is_some() != new.is_some() {
            let (old, new) = (nodes.0.as_ref(), nodes.1.as_ref());
            self.record("values-written-otherwise", &pair.place, "enum", old, new);
        } else if before == after {
            self.other_values(pair, old.as_ref(), new.as_ref());
        }
        // A pattern beside an enum is an ordinary limit.
        if old.is_some() && new.is_some() {
            let pattern = pair.field("pattern");
            self.unequal("pattern-changed", &pattern);
        }
    }

    /// Reports values that are not text.
    fn other_values(&mut self, pair: &Pair<'a>, old: Option<&Node<'a>>, new: Option<&Node<'a>>) {
        let others = |node: Option<&Node<'a>>| {
            let all = node.and_then(|node| node.value.as_array()).into_iter().flatten();
            let mut others: Vec<String> = all.filter(|one| !one.is_string()).map(Value::to_string).collect();
            others.sort();
            others.dedup();
            others
        };
        if others(old) != others(new) {
            self.record(UNCLASSIFIED, &pair.place, "enum", old, new);
        }
    }

    /// Returns the name of the owner of the current place in the base or the published description.
    pub(super) fn owner(&self, is_base: bool) -> String {
        let owner = &self.scope.owner;
        if is_base {
            return owner.clone();
        }
        self.partner(owner).to_owned()
    }

    fn rule_of_added(&self, property: &str) -> &'static str {
        let owner = self.owner(true);
        let base = &self.enums.0;
        if !base.is_open(&owner, property) {
            "closed-value-added"
        } else if !base.is_listed(&owner, property) && base.splits(&owner, &self.owner(false), property, &self.enums.1)
        {
            "value-added-in-one-place"
        } else {
            "open-value-added"
        }
    }

    fn record_value(
        &mut self,
        id: &str,
        pair: &Pair<'a>,
        spot: Spot<'_>,
        (before, after): (Option<&&str>, Option<&&str>),
        (old, new): &(Option<Node<'a>>, Option<Node<'a>>),
    ) {
        let pointer = |holder: &Option<Node<'a>>, value: Option<&&str>| {
            let holder = holder.as_ref()?;
            let items = holder.items();
            let found = value.and_then(|value| items.iter().find(|item| item.value.as_str() == Some(*value)));
            Some(found.map_or_else(|| holder.pointer.clone(), |item| item.pointer.clone()))
        };
        let pointers = (pointer(old, before), pointer(new, after));
        let value = |value: Option<&&str>| value.map(|value| Value::from(*value));
        self.push(id, &pair.place, spot.property, (value(before), value(after)), pointers);
    }
}
