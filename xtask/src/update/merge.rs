//! Facts of the published description with the prose of the base.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use serde_json::Value;

use super::entries::Entries;
use crate::source::{Kind, Source, Tree, says_nothing};

/// Makes nodes from both descriptions.
pub(super) struct Merge<'a> {
    pub(super) base: &'a Source,
    pub(super) published: &'a Source,
    /// Nodes of the base that became component schemas of the published description.
    pub(super) extracted: BTreeMap<String, &'a Tree>,
}

impl<'a> Merge<'a> {
    /// Returns a node with the facts of the published one, and the prose and the order of the base.
    pub(super) fn node(&mut self, kind: Kind, base: Option<&'a Tree>, published: &'a Tree) -> Tree {
        match (kind, published) {
            (Kind::ListOf(inner), Tree::List(items)) => {
                let base = base.map(|list| list.items().iter().collect());
                self.list(*inner, base.unwrap_or_default(), items, true)
            }
            (Kind::Any | Kind::Name, Tree::List(items)) => {
                let base = base.map(|list| list.items().iter().collect());
                self.list(Kind::Any, base.unwrap_or_default(), items, false)
            }
            (Kind::Any | Kind::Name, _) | (_, Tree::Leaf(_) | Tree::List(_)) => match base {
                Some(base) if base.to_value() == published.to_value() => base.clone(),
                _ => published.clone(),
            },
            (_, Tree::Object(entries)) => self.object(kind, base, entries),
        }
    }

    fn object(&mut self, kind: Kind, base: Option<&'a Tree>, published: &'a IndexMap<String, Tree>) -> Tree {
        let is_map = matches!(kind, Kind::MapOf(_));
        if let (false, Some(reference)) = (is_map, published.get("$ref").and_then(Tree::as_str)) {
            return self.reference(kind, base, reference);
        }
        let base = match base {
            Some(node) if !is_map && node.get("$ref").is_some() => self.replaced_reference(kind, node, published),
            other => other,
        };
        let moved = match kind {
            Kind::MapOf(Kind::Response) => base.and_then(|base| moved_success(base, published)),
            _ => None,
        };
        let mut result = IndexMap::new();
        for (key, before) in base.into_iter().flat_map(Tree::entries) {
            let is_kept = kind.is_prose(key) || says_nothing(key, &before.to_value());
            let value = match published.get(key) {
                _ if kind.is_prose(key) => before.clone(),
                Some(after) => self.entry(kind, key, Some(before), after),
                None if is_kept => before.clone(),
                None => continue,
            };
            result.insert(key.to_owned(), value);
        }
        let mut entries = Entries::new(result);
        for (key, after) in published {
            let is_new = !entries.contains(key) && !kind.is_prose(key) && !says_nothing(key, &after.to_value());
            let value = is_new.then(|| {
                let before = moved.filter(|(status, _)| status == key);
                self.entry(kind, key, before.map(|(_, node)| node), after)
            });
            entries.pass(key, value);
        }
        let mut result = entries.done();
        if kind == Kind::Response && !result.contains_key("description") {
            // OpenAPI demands one.
            result.shift_insert(0, "description".to_owned(), Tree::text(""));
        }
        Tree::Object(result)
    }

    fn entry(&mut self, kind: Kind, key: &str, base: Option<&'a Tree>, published: &'a Tree) -> Tree {
        match (kind.child(key), published) {
            // Lists whose order means nothing.
            (inner, Tree::List(items)) if ["required", "enum", "tags", "security", "oneOf", "anyOf"].contains(&key) => {
                let base = base.map(|list| list.items().iter().collect()).unwrap_or_default();
                let inner = match inner {
                    Kind::ListOf(inner) => *inner,
                    _ => Kind::Any,
                };
                self.list(inner, base, items, false)
            }
            (child, _) => self.node(child, base, published),
        }
    }

    /// Returns a list of parameters. `base` has those of the operation and of its path.
    pub(super) fn parameters(&mut self, base: Vec<&'a Tree>, published: &'a [Tree]) -> Tree {
        self.list(Kind::Parameter, base, published, false)
    }

    /// Returns a list. Where the order means nothing, it is that of the base, and new items follow
    /// those that they follow in the published description.
    fn list(&mut self, kind: Kind, base: Vec<&'a Tree>, published: &'a [Tree], is_ordered: bool) -> Tree {
        let identities = published.iter().map(|item| self.identity(kind, item, false));
        let identities = identities.collect::<Vec<_>>();
        let mut partners = vec![None; published.len()];
        for (at, item) in base.iter().enumerate() {
            let identity = self.identity(kind, item, true);
            let free = |after: &usize| partners[*after].is_none() && identities[*after] == identity;
            if let Some(after) = (0..published.len()).find(free) {
                partners[after] = Some(at);
            }
        }
        if kind == Kind::Parameter {
            self.pair_parts_of_the_path(&base, published, &mut partners);
        }
        let mut order: Vec<usize> = (0..published.len()).collect();
        if !is_ordered {
            order.retain(|after| partners[*after].is_some());
            order.sort_by_key(|after| partners[*after]);
            for after in (0..published.len()).filter(|after| partners[*after].is_none()) {
                let before = after
                    .checked_sub(1)
                    .and_then(|before| order.iter().position(|at| *at == before));
                order.insert(
                    before.map_or(if after == 0 { 0 } else { order.len() }, |at| at + 1),
                    after,
                );
            }
        }
        let items = order.into_iter();
        let items = items.map(|after| self.node(kind, partners[after].map(|at| base[at]), &published[after]));
        Tree::List(items.collect())
    }

    /// Parts of a path have no name in messages, so they belong together by their order.
    fn pair_parts_of_the_path(&self, base: &[&'a Tree], published: &'a [Tree], partners: &mut [Option<usize>]) {
        let is_part =
            |item: &Tree, is_base| self.resolved(item, is_base).get("in").and_then(Tree::as_str) == Some("path");
        for after in 0..published.len() {
            if partners[after].is_none() && is_part(&published[after], false) {
                let free = |at: &usize| !partners.contains(&Some(*at)) && is_part(base[*at], true);
                partners[after] = (0..base.len()).find(free);
            }
        }
    }

    /// Returns what makes an item of a list the same item in both descriptions.
    fn identity(&self, kind: Kind, item: &Tree, is_base: bool) -> String {
        match kind {
            Kind::Parameter => {
                let item = self.resolved(item, is_base);
                let text = |key| item.get(key).and_then(Tree::as_str).unwrap_or_default();
                match text("in") {
                    "header" => format!("header {}", text("name").to_ascii_lowercase()),
                    place => format!("{place} {}", text("name")),
                }
            }
            // Schemas without a name belong together by their order.
            Kind::Schema => item
                .get("$ref")
                .map(|reference| reference.to_value().to_string())
                .unwrap_or_default(),
            Kind::Server => item
                .get("url")
                .map(|url| url.to_value().to_string())
                .unwrap_or_default(),
            _ => item.to_value().to_string(),
        }
    }

    fn reference(&mut self, kind: Kind, base: Option<&'a Tree>, reference: &str) -> Tree {
        let plain = || Tree::Object(IndexMap::from([("$ref".to_owned(), Tree::text(reference))]));
        let Some(base) = base else {
            return plain();
        };
        if base.get("$ref").and_then(Tree::as_str) == Some(reference) {
            return base.clone();
        }
        let target = target(self.published, reference);
        if base.get("$ref").is_none() && kind.is_schema() && base.get("allOf").is_none() {
            self.extracted.insert(reference.to_owned(), base);
        }
        match target {
            // The base has it in place.
            Some(target) if !kind.is_schema() && base.get("$ref").is_none() => self.node(kind, Some(base), target),
            _ => plain(),
        }
    }

    /// Returns the node of the base for a published node that stands in place of a reference.
    fn replaced_reference(&self, kind: Kind, base: &'a Tree, published: &IndexMap<String, Tree>) -> Option<&'a Tree> {
        // An `allOf` around the reference: its prose is that of the place, and the component keeps its own.
        let target = target(self.base, base.get("$ref")?.as_str()?)?;
        (!kind.is_schema() || !published.contains_key("allOf") || target.get("allOf").is_some()).then_some(target)
    }

    fn resolved<'n>(&'n self, node: &'n Tree, is_base: bool) -> &'n Tree {
        resolved(if is_base { self.base } else { self.published }, node)
    }
}

/// Returns the new status of a call's only success, and its response in the base.
fn moved_success<'a, 'p>(base: &'a Tree, published: &'p IndexMap<String, Tree>) -> Option<(&'p str, &'a Tree)> {
    let mut old = base.entries().filter(|(status, _)| status.starts_with('2'));
    let mut new = published.keys().filter(|status| status.starts_with('2'));
    match (old.next(), old.next(), new.next(), new.next()) {
        (Some((before, response)), None, Some(after), None) if before != after => Some((after, response)),
        _ => None,
    }
}

/// Returns the node that this one refers to, or the node itself.
pub(super) fn resolved<'n>(source: &'n Source, node: &'n Tree) -> &'n Tree {
    let reference = node.get("$ref").and_then(Tree::as_str);
    reference
        .and_then(|reference| target(source, reference))
        .unwrap_or(node)
}

/// Returns the node that a reference leads to.
pub(super) fn target<'a>(source: &'a Source, reference: &str) -> Option<&'a Tree> {
    let keys = reference.strip_prefix("#/")?.split('/');
    let keys = keys.map(|key| key.replace("~1", "/").replace("~0", "~"));
    let keys = keys.collect::<Vec<_>>();
    source.tree.at(&keys.iter().map(String::as_str).collect::<Vec<_>>())
}

/// Returns every name that the security of a description or an operation uses.
pub(super) fn schemes(security: Option<&Tree>) -> impl Iterator<Item = String> {
    let alternatives = security.into_iter().flat_map(Tree::items);
    alternatives.flat_map(|one| one.entries().map(|(key, _)| key.to_owned()).collect::<Vec<_>>())
}

/// Returns every reference in a node, and every target of a discriminator's mapping.
pub(super) fn references(node: &Tree, found: &mut Vec<String>) {
    match node {
        Tree::Leaf(_) => {}
        Tree::List(items) => items.iter().for_each(|item| references(item, found)),
        Tree::Object(entries) => {
            for (key, value) in entries {
                match (key.as_str(), value) {
                    ("$ref", Tree::Leaf(Value::String(reference))) => found.push(reference.clone()),
                    ("mapping", Tree::Object(targets)) => {
                        let texts = targets.values().filter_map(Tree::as_str);
                        found.extend(texts.map(|text| match text.contains('/') {
                            true => text.to_owned(),
                            false => format!("#/components/schemas/{text}"),
                        }));
                        references(value, found);
                    }
                    _ => references(value, found),
                }
            }
        }
    }
}
