//! The updated description: the selected operations, and all that they reach.

use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexMap;

use super::entries::Entries;
use super::merge::{Merge, references, resolved, schemes};
use super::select::Selection;
use crate::diff::Partners;
use crate::source::{Kind, METHODS, Source, Tree};

/// Builds the updated description.
pub(super) fn build<'a>(
    base: &'a Source,
    published: &'a Source,
    partners: &Partners<'a>,
    selection: &Selection<'a>,
) -> Tree {
    let extracted = BTreeMap::new();
    let mut build = Build {
        merge: Merge {
            base,
            published,
            extracted,
        },
        partners,
        selection,
    };
    build.document()
}

struct Build<'a, 's> {
    merge: Merge<'a>,
    partners: &'s Partners<'a>,
    selection: &'s Selection<'a>,
}

impl<'a> Build<'a, '_> {
    fn document(&mut self) -> Tree {
        let (base, published) = (&self.merge.base.tree, &self.merge.published.tree);
        let paths = self.paths();
        let mut result = IndexMap::new();
        for (key, before) in base.entries() {
            let value = match (key, published.get(key)) {
                ("paths", _) => paths.clone(),
                ("components", _) => continue,
                (key, _) if Kind::Document.is_prose(key) => before.clone(),
                (key, Some(after)) => self.merge.node(Kind::Document.child(key), Some(before), after),
                (_, None) => continue,
            };
            result.insert(key.to_owned(), value);
        }
        let mut entries = Entries::new(result);
        for (key, after) in published.entries() {
            let is_built = key == "paths" || key == "components";
            let is_new = !is_built && !entries.contains(key) && !Kind::Document.is_prose(key);
            let value = is_new.then(|| self.merge.node(Kind::Document.child(key), None, after));
            entries.pass(key, value);
        }
        let mut result = entries.done();
        let components = self.components(&result);
        if components.as_object().is_some_and(|all| !all.is_empty()) {
            let at = base.as_object().and_then(|all| all.get_index_of("components"));
            let at = at.unwrap_or(result.len()).min(result.len());
            result.shift_insert(at, "components".to_owned(), components);
        }
        Tree::Object(result)
    }

    fn paths(&mut self) -> Tree {
        let (base, published) = (self.merge.base, self.merge.published);
        let items = |source: &'a Source| source.tree.get("paths").and_then(Tree::as_object);
        let (Some(old), Some(new)) = (items(base), items(published)) else {
            return Tree::Object(IndexMap::new());
        };
        let wanted: BTreeSet<&str> = self.selection.keys().map(|(path, _)| *path).collect();
        let mut result = IndexMap::new();
        let stays = old.keys().filter(|path| wanted.contains(path.as_str()));
        for path in stays {
            let item = self.path(path, &new[path.as_str()]);
            result.insert(path.clone(), item);
        }
        let mut entries = Entries::sorted(result);
        for (path, item) in new {
            let is_new = wanted.contains(path.as_str()) && !entries.contains(path);
            let item = is_new.then(|| self.path(path, item));
            entries.pass(path, item);
        }
        Tree::Object(entries.done())
    }

    /// Returns the item of a published path with the operations that are selected.
    fn path(&mut self, path: &'a str, item: &'a Tree) -> Tree {
        let item = resolved(self.merge.published, item);
        let at = |path: &str| self.merge.base.tree.at(&["paths", path]);
        // A path that moved has the item of its first operation.
        let mut methods = item
            .entries()
            .filter_map(|(method, _)| *self.selection.get(&(path, method))?);
        let base = at(path).or_else(|| at(methods.next()?.0));
        let shared = base
            .and_then(|item| item.get("parameters"))
            .map(Tree::items)
            .unwrap_or_default();
        let mut of_operations = Vec::new();
        let mut result = IndexMap::new();
        for (key, value) in item.entries() {
            if !METHODS.contains(&key) {
                continue;
            }
            let Some(address) = self.selection.get(&(path, key)) else {
                continue;
            };
            let operation = address.and_then(|(path, method)| self.merge.base.tree.at(&["paths", path, method]));
            let own = operation.and_then(|node| node.get("parameters")).map(Tree::items);
            let known: Vec<&Tree> = own.unwrap_or_default().iter().chain(shared).collect();
            of_operations.extend(known.iter().copied());
            let mut merged = self.merge.node(Kind::Operation, operation, value);
            if let (Some(list), Tree::Object(entries)) = (value.get("parameters"), &mut merged) {
                entries.insert("parameters".to_owned(), self.merge.parameters(known, list.items()));
            }
            result.insert(key.to_owned(), merged);
        }
        // The rest of the item, in the order of the base.
        let mut ordered = IndexMap::new();
        for (key, before) in base.into_iter().flat_map(Tree::entries) {
            if let Some(operation) = result.shift_remove(key) {
                ordered.insert(key.to_owned(), operation);
            } else if Kind::PathItem.is_prose(key) {
                ordered.insert(key.to_owned(), before.clone());
            } else if let (false, Some(after)) = (METHODS.contains(&key), item.get(key)) {
                ordered.insert(key.to_owned(), self.shared(key, Some(before), after, &of_operations));
            }
        }
        let mut entries = Entries::new(ordered);
        for (key, after) in item.entries() {
            let is_other = METHODS.contains(&key) || Kind::PathItem.is_prose(key) || entries.contains(key);
            let value = match result.shift_remove(key) {
                Some(operation) => Some(operation),
                None if is_other => None,
                None => Some(self.shared(key, None, after, &of_operations)),
            };
            entries.pass(key, value);
        }
        Tree::Object(entries.done())
    }

    fn shared(&mut self, key: &str, base: Option<&'a Tree>, published: &'a Tree, known: &[&'a Tree]) -> Tree {
        match key {
            "parameters" => self.merge.parameters(known.to_vec(), published.items()),
            _ => self.merge.node(Kind::PathItem.child(key), base, published),
        }
    }

    /// Returns the components that the operations reach, and the security schemes that they use.
    fn components(&mut self, document: &IndexMap<String, Tree>) -> Tree {
        let (base, published) = (self.merge.base, self.merge.published);
        let mut open = Vec::new();
        for value in document.values() {
            references(value, &mut open);
        }
        let mut securities = schemes(document.get("security")).collect::<Vec<_>>();
        for (_, item) in document.get("paths").into_iter().flat_map(Tree::entries) {
            for (_, node) in item.entries() {
                securities.extend(schemes(node.get("security")));
            }
        }
        let known = base.tree.at(&["components", "securitySchemes"]);
        securities.extend(
            known
                .into_iter()
                .flat_map(Tree::entries)
                .map(|(name, _)| name.to_owned()),
        );
        open.extend(
            securities
                .iter()
                .map(|name| format!("#/components/securitySchemes/{name}")),
        );

        let mut found = BTreeMap::<(&str, &str), Tree>::new();
        while let Some(reference) = open.pop() {
            let Some((section, name, node)) = component(published, &reference) else {
                continue;
            };
            if found.contains_key(&(section, name)) {
                continue;
            }
            let before = self.partner(section, name);
            let kind = Kind::Components.child(section).child(name);
            let merged = self.merge.node(kind, before, node);
            references(&merged, &mut open);
            found.insert((section, name), merged);
        }
        self.ordered(found)
    }

    /// Returns the node of the base that has the prose of a component.
    fn partner(&self, section: &str, name: &str) -> Option<&'a Tree> {
        let base = self.merge.base;
        let same = || base.tree.at(&["components", section, name]);
        if section != "schemas" {
            return same();
        }
        let mut pairs = self.partners.schemas.iter();
        match pairs.find(|(_, after)| **after == name) {
            Some((before, _)) => base.tree.at(&["components", section, before]),
            None if self.partners.schemas.contains_key(name) => None,
            None => same().or_else(|| {
                self.merge
                    .extracted
                    .get(&format!("#/components/schemas/{name}"))
                    .copied()
            }),
        }
    }

    /// Puts components in the order of the base.
    fn ordered(&self, mut found: BTreeMap<(&'a str, &'a str), Tree>) -> Tree {
        let sections = |source: &'a Source| {
            let all = source.tree.get("components").into_iter().flat_map(Tree::entries);
            all.collect::<Vec<_>>()
        };
        let (old, new) = (sections(self.merge.base), sections(self.merge.published));
        let mut names: Vec<&str> = old.iter().map(|(section, _)| *section).collect();
        names.extend(
            new.iter()
                .map(|(section, _)| *section)
                .filter(|name| !names.contains(name))
                .collect::<Vec<_>>(),
        );
        let mut result = IndexMap::new();
        for section in names {
            let mut entries = IndexMap::new();
            let renamed = |name: &'a str| match section {
                "schemas" => self.partners.schemas.get(name).copied().unwrap_or(name),
                _ => name,
            };
            let known = old
                .iter()
                .filter(|(name, _)| *name == section)
                .flat_map(|(_, all)| all.entries());
            for (name, _) in known {
                // A renamed schema moves to its place in the alphabet.
                if let (true, Some(node)) = (renamed(name) == name, found.remove(&(section, name))) {
                    entries.insert(name.to_owned(), node);
                }
            }
            let order = new
                .iter()
                .find(|(name, _)| *name == section)
                .and_then(|(_, all)| all.as_object());
            let mut all = Entries::sorted(entries);
            for name in order.into_iter().flat_map(IndexMap::keys) {
                all.pass(name, found.remove(&(section, name.as_str())));
            }
            let entries = all.done();
            if !entries.is_empty() {
                result.insert(section.to_owned(), Tree::Object(entries));
            }
        }
        Tree::Object(result)
    }
}

/// Returns section, name and node of the component that a reference leads to.
fn component<'a>(source: &'a Source, reference: &str) -> Option<(&'a str, &'a str, &'a Tree)> {
    let (section, name) = reference.strip_prefix("#/components/")?.split_once('/')?;
    let name = name.replace("~1", "/").replace("~0", "~");
    let (section, all) = source.tree.get("components")?.as_object()?.get_key_value(section)?;
    let (name, node) = all.as_object()?.get_key_value(&name)?;
    Some((section, name, node))
}

/// Returns whether the base has a component that the updated description lacks.
pub(super) fn drops(base: &Tree, new: &Tree) -> bool {
    let sections = base.get("components").into_iter().flat_map(Tree::entries);
    let mut names = sections.flat_map(|(section, all)| all.entries().map(move |(name, _)| (section, name)));
    names.any(|(section, name)| new.at(&["components", section, name]).is_none())
}
