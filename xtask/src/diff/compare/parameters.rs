//! Compares the parameters of two operations.

use std::collections::BTreeSet;

use super::schema::Spot;
use super::{Comparison, Field, Node, Pair, Place, facts, share_a_word};
use crate::diff::uses::Uses;

/// Query parameters that ask for a page of a list.
const PAGING: [&str; 4] = ["pageOffset", "pageSize", "pageToken", "sort"];

impl<'a> Comparison<'a> {
    /// Compares the parameters of two operations, with those of their path items. `renamed` has the
    /// names in the templates of the paths, by position.
    pub(super) fn parameters(
        &mut self,
        (before, after): (Vec<Node<'a>>, Vec<Node<'a>>),
        place: &Place,
        renamed: &[(&'a str, &'a str)],
    ) {
        let before: Vec<_> = before.into_iter().map(|node| self.resolved(true, node)).collect();
        let mut after: Vec<_> = after.into_iter().map(|node| self.resolved(false, node)).collect();
        let mut removed = Vec::new();
        for old in before {
            let name = old.text("name").unwrap_or_default();
            let in_path = renamed
                .iter()
                .find(|(before, _)| *before == name && old.text("in") == Some("path"));
            let wanted = in_path.map_or(name, |(_, after)| *after);
            let is_same = |new: &Node<'a>| is_named(new, wanted) && new.text("in") == old.text("in");
            match after.iter().position(is_same) {
                Some(at) => {
                    let new = after.remove(at);
                    if name != wanted {
                        let place = place.join(words(&old));
                        self.record_names("path-parameter-renamed", &place, &old, &new);
                    }
                    self.parameter(pair(old, new, place));
                }
                None => removed.push(old),
            }
        }
        for old in removed {
            let name = old.text("name").unwrap_or_default();
            if let Some(at) = after.iter().position(|new| is_named(new, name)) {
                let new = after.remove(at);
                let place = place.join(words(&old));
                self.record("parameter-moved", &place, "in", Some(&old), Some(&new));
                continue;
            }
            let is_alike = |new: &Node<'a>| {
                new.text("in") == old.text("in")
                    && share_a_word(name, new.text("name").unwrap_or_default())
                    && facts::parameter(new.value, false) == facts::parameter(old.value, false)
            };
            if let Some(at) = after.iter().position(is_alike) {
                let new = after.remove(at);
                self.record_names("parameter-renamed", &place.join(words(&old)), &old, &new);
                continue;
            }
            let id = if is_key(&old) {
                "idempotency-key-lost"
            } else if is_paging(&old) {
                "paging-parameter-removed"
            } else {
                "parameter-removed"
            };
            self.record(id, &place.join(words(&old)), name, Some(&old), None);
        }
        for new in after {
            let id = if is_key(&new) {
                "idempotency-key-gained"
            } else if new.flag("required") {
                "required-parameter-added"
            } else if is_paging(&new) {
                "paging-parameter-added"
            } else {
                "optional-parameter-added"
            };
            let name = new.text("name").unwrap_or_default();
            self.record(id, &place.join(words(&new)), name, None, Some(&new));
        }
    }

    fn record_names(&mut self, id: &str, place: &Place, old: &Node<'a>, new: &Node<'a>) {
        self.record(id, place, "name", old.get("name").as_ref(), new.get("name").as_ref());
    }

    fn parameter(&mut self, pair: Pair<'a>) {
        let name = pair.before.text("name").unwrap_or_default();
        let is_required = pair.before.flag("required") || pair.after.flag("required");
        for field in pair.fields() {
            match field.key {
                "name" | "in" => {}
                "required" => self.flag(&field, "parameter-now-required", "parameter-now-optional"),
                "deprecated" => self.flag(&field, "deprecated", "undeprecated"),
                "style" | "explode" | "allowReserved" | "allowEmptyValue" => self.style(&pair, &field),
                "schema" => match schema_pair(&field) {
                    Some(inner) => self.with_uses(Uses::REQUESTS, |here| {
                        let property = name;
                        here.schema(inner, Spot { property, is_required });
                    }),
                    None => self.other(&field),
                },
                _ => self.other(&field),
            }
        }
    }

    /// Compares how a value is written. An absent key has OpenAPI's default.
    fn style(&mut self, pair: &Pair<'a>, field: &Field<'a>) {
        let in_path = matches!(pair.before.text("in"), Some("path" | "header"));
        let is_form = |node: &Node<'a>| node.text("style").map_or(!in_path, |style| style == "form");
        let written = |node: &Node<'a>| match field.key {
            "style" => node
                .text("style")
                .unwrap_or(if in_path { "simple" } else { "form" })
                .to_owned(),
            "explode" => {
                let explode = node.value.get("explode").and_then(serde_json::Value::as_bool);
                explode.unwrap_or_else(|| is_form(node)).to_string()
            }
            key => node.flag(key).to_string(),
        };
        if written(&pair.before) != written(&pair.after) {
            self.record_field("parameter-style-changed", &field.owner, field);
        }
    }
}

fn schema_pair<'a>(field: &Field<'a>) -> Option<Pair<'a>> {
    Some(Pair {
        before: field.before.clone()?,
        after: field.after.clone()?,
        place: field.owner.clone(),
    })
}

fn pair<'a>(before: Node<'a>, after: Node<'a>, place: &Place) -> Pair<'a> {
    let place = place.join(words(&before));
    Pair { before, after, place }
}

/// Returns a parameter in words, for example "query parameter pageSize".
fn words(parameter: &Node<'_>) -> String {
    let text = |key| parameter.text(key).unwrap_or_default();
    format!("{} parameter {}", text("in"), text("name"))
}

/// Header names are the same in any case.
fn is_named(parameter: &Node<'_>, name: &str) -> bool {
    let own = parameter.text("name").unwrap_or_default();
    match parameter.text("in") {
        Some("header") => own.eq_ignore_ascii_case(name),
        _ => own == name,
    }
}

fn is_key(parameter: &Node<'_>) -> bool {
    parameter.text("in") == Some("header") && is_named(parameter, "Idempotency-Key")
}

fn is_paging(parameter: &Node<'_>) -> bool {
    parameter.text("in") == Some("query") && PAGING.iter().any(|name| is_named(parameter, name))
}

/// Returns the parameters of an operation. One of the path item counts where the operation does not
/// have its own.
pub(super) fn parameters_of<'a>(item: &Node<'a>, operation: &Node<'a>) -> Vec<Node<'a>> {
    let list = |node: &Node<'a>| node.get("parameters").map(|list| list.items()).unwrap_or_default();
    let own = list(operation);
    let key = |node: &Node<'a>| (node.text("in"), node.text("name"), node.text("$ref"));
    let known: BTreeSet<_> = own.iter().map(key).collect();
    let shared = list(item).into_iter().filter(|node| !known.contains(&key(node)));
    shared.chain(own.iter().cloned()).collect()
}
