//! Compares who may call: alternatives of credentials, and their schemes.

use serde_json::Value;

use super::{Comparison, Field, Node, Pair};

impl<'a> Comparison<'a> {
    /// Compares the alternatives of an operation, or those of the whole description.
    ///
    /// `defaults` has the alternatives of the whole description, which count where an operation has
    /// none of its own.
    pub(super) fn security(&mut self, field: &Field<'a>, defaults: (Option<Node<'a>>, Option<Node<'a>>)) {
        if field.before.is_none() && field.after.is_none() {
            return;
        }
        let items = |own: &Option<Node<'a>>, default: &Option<Node<'a>>| {
            own.as_ref().or(default.as_ref()).map(Node::items).unwrap_or_default()
        };
        let before = items(&field.before, &defaults.0);
        let after = items(&field.after, &defaults.1);
        let has = |list: &[Node<'a>], one: &Node<'a>| list.iter().any(|other| normal(other) == normal(one));
        let removed: Vec<_> = before.iter().filter(|one| !has(&after, one)).collect();
        let added: Vec<_> = after.iter().filter(|one| !has(&before, one)).collect();
        let place = field.owner.join("security");
        // No alternative means that everybody may call.
        if before.is_empty() != after.is_empty() || (!removed.is_empty() && !added.is_empty()) {
            let id = if after.is_empty() {
                "security-dropped"
            } else {
                "security-changed"
            };
            self.record_field(id, &place, field);
            return;
        }
        for one in added {
            self.record("security-alternative-added", &place, "security", None, Some(one));
        }
        for one in removed {
            self.record("security-alternative-removed", &place, "security", Some(one), None);
        }
        if has_same(&before, &after) && field.before.is_some() != field.after.is_some() {
            self.record_field("security-written-otherwise", &place, field);
        }
    }

    /// Compares the schemes that the base has.
    pub(super) fn schemes(&mut self, field: &Field<'a>) {
        for scheme in field.fields(&field.owner) {
            let place = scheme.owner.join(format!("security scheme {}", scheme.key));
            let step = format!("security scheme {}", scheme.key);
            match scheme.pair(step) {
                Some(pair) => self.scheme(&pair),
                None if scheme.before.is_some() => self.record_field("security-scheme-removed", &place, &scheme),
                None if self.options.all => self.record_field("security-scheme-added", &place, &scheme),
                None => {}
            }
        }
    }

    fn scheme(&mut self, pair: &Pair<'a>) {
        for field in pair.fields() {
            match field.key {
                // It explains the form of a token to people.
                "bearerFormat" => self.unequal("bearer-format-changed", &field),
                "type" | "name" | "in" | "scheme" | "flows" | "openIdConnectUrl" => {
                    self.unequal("security-scheme-changed", &field);
                }
                _ => self.other(&field),
            }
        }
    }
}

fn has_same(before: &[Node<'_>], after: &[Node<'_>]) -> bool {
    let set = |list: &[Node<'_>]| {
        let mut all: Vec<String> = list.iter().map(normal).collect();
        all.sort();
        all.dedup();
        all
    };
    set(before) == set(after)
}

/// Returns an alternative with its scopes in order.
fn normal(alternative: &Node<'_>) -> String {
    let mut schemes: Vec<String> = Vec::new();
    for (scheme, scopes) in alternative.entries() {
        let mut scopes: Vec<&str> = scopes
            .value
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        scopes.sort_unstable();
        schemes.push(format!("{scheme}{scopes:?}"));
    }
    schemes.sort();
    schemes.join(" ")
}
