//! Compares whole descriptions: finds the operations that belong together, and goes through them.

use std::collections::BTreeSet;

use super::operation::{Operation, anonymous};
use super::{Address, Comparison, Node, Pair, Place, Scope};
use crate::diff::uses::{Uses, resolve};
use crate::source::METHODS;

impl<'a> Comparison<'a> {
    pub(super) fn root(&self, is_base: bool) -> Node<'a> {
        let source = if is_base { self.base } else { self.published };
        Node::new(&source.root, "")
    }

    /// Compares everything. Returns the operations that belong together.
    pub(super) fn run(&mut self) -> Vec<(Address<'a>, Option<Address<'a>>)> {
        let base = self.operations(true);
        let mut published = self.operations(false);
        let pairs = pair_up(base, &mut published);
        self.find_uses(&pairs, &published);
        self.top_level();
        for (before, after) in &pairs {
            self.scope = Scope {
                operation: Some(before.id()),
                operations: BTreeSet::from([before.id()]),
                owner: before.id(),
                ..Scope::default()
            };
            match after {
                Some(after) => self.operation(before, after),
                None => {
                    let place = Place::new(format!("operation {}", before.id()));
                    self.record("operation-removed", &place, before.path, Some(&before.node), None);
                }
            }
        }
        if self.options.all {
            self.added_operations(&published);
        }
        self.components();
        if self.options.all {
            self.unused_components();
        }
        let address = |operation: &Operation<'a>| (operation.path, operation.method);
        let pairs = pairs.iter();
        pairs
            .map(|(before, after)| (address(before), after.as_ref().map(address)))
            .collect()
    }

    fn operations(&self, is_base: bool) -> Vec<Operation<'a>> {
        let mut found = Vec::new();
        let paths = self.root(is_base).get("paths");
        for (path, item) in paths.map(|paths| paths.entries()).unwrap_or_default() {
            let item = self.resolved(is_base, item);
            for (method, node) in item.entries() {
                if METHODS.contains(&method) {
                    let item = item.clone();
                    found.push(Operation {
                        path,
                        method,
                        item,
                        node,
                    });
                }
            }
        }
        found
    }

    fn find_uses(&mut self, pairs: &[(Operation<'a>, Option<Operation<'a>>)], rest: &[Operation<'a>]) {
        let (base, published) = (self.base, self.published);
        let add = |here: &mut Self, is_base: bool, operation: &Operation<'a>, id: &str| {
            let source = if is_base { base } else { published };
            let usage = if is_base { &mut here.usage.0 } else { &mut here.usage.1 };
            usage.add(
                &source.root,
                id,
                operation.node.value,
                operation.item.value.get("parameters"),
            );
            let enums = if is_base { &mut here.enums.0 } else { &mut here.enums.1 };
            for parameter in super::parameters::parameters_of(&operation.item, &operation.node) {
                let parameter = resolve(&source.root, parameter.value);
                if let (Some(name), Some(schema)) = (parameter.get("name"), parameter.get("schema")) {
                    enums.add(id, name.as_str().unwrap_or_default(), schema, Uses::REQUESTS);
                }
            }
        };
        for (before, after) in pairs {
            add(self, true, before, &before.id());
            if let Some(after) = after {
                add(self, false, after, &before.id());
            }
        }
        if self.options.all {
            for operation in rest {
                add(self, false, operation, &operation.id());
            }
        }
        let schema = |source: &super::Source, name: &str| source.component("schemas", name).cloned();
        self.enums.0.add_components(&self.usage.0, |name| schema(base, name));
        self.enums
            .1
            .add_components(&self.usage.1, |name| schema(published, name));
    }

    fn top_level(&mut self) {
        let pair = Pair {
            before: self.root(true),
            after: self.root(false),
            place: Place::new("description"),
        };
        for field in pair.fields() {
            match field.key {
                "paths" => {}
                // The list explains the tags; operations name them.
                "tags" => {
                    if !field.is_equal() {
                        self.record_field("prose-changed", &field.owner.join("tags"), &field);
                    }
                }
                "openapi" => self.unequal("openapi-version-changed", &field),
                "info" => self.info(&field.pair("info")),
                "servers" => self.servers(&field),
                "security" => self.security(&field, (None, None)),
                "components" => {
                    for section in field.fields(&field.owner) {
                        match section.key {
                            "securitySchemes" => self.schemes(&section),
                            // Compared where they are used.
                            "schemas" | "parameters" | "responses" | "requestBodies" | "headers" | "examples" => {}
                            _ => self.other(&section),
                        }
                    }
                }
                _ => self.other(&field),
            }
        }
    }

    fn info(&mut self, pair: &Option<Pair<'a>>) {
        for field in pair.iter().flat_map(Pair::fields) {
            match field.key {
                "version" => self.unequal("description-version-changed", &field),
                "contact" | "license" | "termsOfService" => self.unequal("prose-changed", &field),
                _ => self.other(&field),
            }
        }
    }

    fn added_operations(&mut self, added: &[Operation<'a>]) {
        for operation in added {
            let id = operation.id();
            let place = Place::new(format!("operation {id}"));
            self.scope = Scope {
                operations: BTreeSet::from([id.clone()]),
                operation: Some(id),
                ..Scope::default()
            };
            self.record("operation-added", &place, operation.path, None, Some(&operation.node));
        }
    }

    /// Compares the component schemas that no operation of both descriptions uses.
    fn unused_components(&mut self) {
        self.scope = Scope::default();
        let schemas = |is_base| self.root(is_base).get("components").and_then(|all| all.get("schemas"));
        let (before, after) = (schemas(true), schemas(false));
        let names = |node: &Option<Node<'a>>| node.as_ref().map(Node::entries).unwrap_or_default();
        let mut removed = Vec::new();
        for (name, node) in names(&before) {
            if self.partners.contains_key(name) {
                continue;
            }
            match after.as_ref().and_then(|all| all.get(name)) {
                Some(_) if !self.taken.contains(name) => {
                    self.join(name, name);
                }
                _ => removed.push((name, node)),
            }
        }
        self.components();
        self.scope = Scope::default();
        for (name, node) in removed {
            let place = Place::new(format!("schema {name}"));
            self.record("schema-removed", &place, name, Some(&node), None);
        }
        for (name, node) in names(&after) {
            let is_used = self.usage.1.get(name).is_some() || self.taken.contains(name);
            if !is_used {
                let place = Place::new(format!("schema {name}"));
                self.record("schema-added", &place, name, None, Some(&node));
            }
        }
    }
}

/// Way in which two operations can be the same.
type Way<'a> = dyn Fn(&Operation<'a>, &Operation<'a>) -> bool;

/// Finds the published operation of each operation of the base, and takes it out of the list: the one
/// with the same method and path, or else the one with the same id.
fn pair_up<'a>(
    base: Vec<Operation<'a>>,
    published: &mut Vec<Operation<'a>>,
) -> Vec<(Operation<'a>, Option<Operation<'a>>)> {
    let mut pairs: Vec<_> = base.into_iter().map(|operation| (operation, None)).collect();
    let path = |one: &Operation<'a>, other: &Operation<'a>| one.method == other.method && one.path == other.path;
    let form = |one: &Operation<'a>, other: &Operation<'a>| {
        one.method == other.method && anonymous(one.path) == anonymous(other.path)
    };
    let id = |one: &Operation<'a>, other: &Operation<'a>| one.id() == other.id();
    let ways: [&Way<'a>; 3] = [&path, &form, &id];
    for is_same in ways {
        for (operation, partner) in pairs.iter_mut().filter(|(_, partner)| partner.is_none()) {
            let at = published.iter().position(|other| is_same(operation, other));
            *partner = at.map(|at| published.remove(at));
        }
    }
    pairs
}
