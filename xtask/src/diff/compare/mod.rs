//! The comparison: pairs of nodes in, changes out.
//!
//! Every function here takes a pair of objects of one kind and goes through all keys that one of
//! them has. A key that the function does not know is reported as unclassified, so no difference is
//! passed over. [`net`] checks the same from the outside.

mod bodies;
mod description;
mod formats;
mod limits;
mod net;
mod nullability;
mod object;
mod operation;
mod parameters;
mod references;
mod schema;
mod security;
mod unions;
mod values;
mod versions;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde_json::Value;

use super::change::Change;
use super::enums::EnumPlaces;
use super::facts;
use super::node::{Field, Node, Pair, Place};
use super::options::Options;
use super::rules::{UNCLASSIFIED, rule};
use super::uses::{Usage, Uses};
use super::verdict::Verdict;
use crate::source::{PROSE, Source, is_extension};

/// Operations and component schemas that belong together.
#[derive(Debug, Default)]
pub(crate) struct Partners<'a> {
    /// Path and method of each operation of the base, and those of its published partner.
    pub(crate) operations: Vec<(Address<'a>, Option<Address<'a>>)>,
    /// Published name of each component schema of the base that operations of both descriptions
    /// use.
    pub(crate) schemas: BTreeMap<&'a str, &'a str>,
}

/// Path and method of an operation.
pub(crate) type Address<'a> = (&'a str, &'a str);

/// Returns every change between the two descriptions, and what belongs together.
pub(super) fn compare<'a>(base: &'a Source, published: &'a Source, options: Options) -> (Vec<Change>, Partners<'a>) {
    let mut comparison = Comparison {
        base,
        published,
        options,
        usage: (Usage::default(), Usage::default()),
        enums: (EnumPlaces::default(), EnumPlaces::default()),
        changes: Vec::new(),
        seen: BTreeSet::new(),
        open: VecDeque::new(),
        partners: BTreeMap::new(),
        taken: BTreeSet::new(),
        scope: Scope::default(),
    };
    let operations = comparison.run();
    let schemas = comparison.partners;
    (comparison.changes, Partners { operations, schemas })
}

struct Comparison<'a> {
    base: &'a Source,
    published: &'a Source,
    options: Options,
    usage: (Usage, Usage),
    enums: (EnumPlaces, EnumPlaces),
    changes: Vec<Change>,
    /// Rule and pointers of each change. A shared parameter is compared for each operation.
    seen: BTreeSet<(String, Option<String>, Option<String>, String)>,
    /// Pairs of component schemas to compare.
    open: VecDeque<(&'a str, &'a str)>,
    /// Published name of each component schema of the base that was reached.
    partners: BTreeMap<&'a str, &'a str>,
    /// Published names that have a partner.
    taken: BTreeSet<&'a str>,
    scope: Scope,
}

/// Subject of the comparison: an operation, a component schema, or the description.
#[derive(Debug, Clone, Default)]
struct Scope {
    uses: Uses,
    operation: Option<String>,
    operations: BTreeSet<String>,
    /// Operation or component schema, as the owner of sets of values.
    owner: String,
    /// Whether this is the schema of problems, on whose limits the client does not rely.
    is_problem: bool,
    /// Whether this schema, which requests and responses use, becomes two Rust types or one.
    splits: bool,
}

impl<'a> Comparison<'a> {
    fn with_uses(&mut self, uses: Uses, compare: impl FnOnce(&mut Self)) {
        let before = std::mem::replace(&mut self.scope.uses, uses);
        compare(self);
        self.scope.uses = before;
    }

    fn record(&mut self, id: &str, place: &Place, key: &str, before: Option<&Node<'_>>, after: Option<&Node<'_>>) {
        let values = (before.map(|node| node.value), after.map(|node| node.value));
        let pointers = (
            before.map(|node| node.pointer.clone()),
            after.map(|node| node.pointer.clone()),
        );
        self.push(id, place, key, (values.0.cloned(), values.1.cloned()), pointers);
    }

    fn record_field(&mut self, id: &str, place: &Place, field: &Field<'_>) {
        self.record(id, place, field.key, field.before.as_ref(), field.after.as_ref());
    }

    fn push(
        &mut self,
        id: &str,
        place: &Place,
        key: &str,
        (before, after): (Option<Value>, Option<Value>),
        (base_pointer, pointer): (Option<String>, Option<String>),
    ) {
        let rule = rule(id);
        if rule.prose && !self.options.prose {
            return;
        }
        let identity = (
            rule.id.clone(),
            base_pointer.clone(),
            pointer.clone(),
            format!("{before:?}{after:?}"),
        );
        if !self.seen.insert(identity) {
            return;
        }
        let wire = rule.wire.of(self.scope.uses);
        let rust = match rule.splits && self.scope.splits {
            true => Verdict::Breaking,
            false => rule.rust.of(self.scope.uses),
        };
        // A removed node has the line of the node that lost it.
        let line = pointer.as_deref().or(base_pointer.as_deref());
        let line = line.and_then(|pointer| self.published.line(pointer));
        self.changes.push(Change {
            rule: rule.id.clone(),
            place: place.to_string(),
            operation: self.scope.operation.clone(),
            operations: self.scope.operations.iter().cloned().collect(),
            text: super::text::text(rule, place, key, before.as_ref(), after.as_ref(), wire, rust),
            before,
            after,
            wire,
            rust,
            base_pointer,
            pointer,
            file: Some(self.published.name.clone()),
            line,
        });
    }

    /// Reports a text that changed, or a key that no rule knows.
    fn other(&mut self, field: &Field<'a>) {
        if field.is_equal() {
            return;
        }
        let place = field.owner.join(field.key);
        if PROSE.contains(&field.key) {
            self.record_field("prose-changed", &place, field);
        } else if is_extension(field.key) {
            self.record_field("extension-changed", &place, field);
        } else {
            self.record_field(UNCLASSIFIED, &place, field);
        }
    }

    /// Reports a flag, such as `deprecated`, that changed. Absent is false.
    fn flag(&mut self, field: &Field<'a>, gained: &str, lost: &str) {
        match field.flags() {
            (false, true) => self.record_field(gained, &field.owner, field),
            (true, false) => self.record_field(lost, &field.owner, field),
            _ => {}
        }
    }

    /// Returns a node, or the node that it refers to outside the schemas.
    fn resolved(&self, is_base: bool, node: Node<'a>) -> Node<'a> {
        let source = if is_base { self.base } else { self.published };
        let pointer = node
            .text("$ref")
            .and_then(|reference| reference.strip_prefix('#'))
            .filter(|pointer| !pointer.starts_with("/components/schemas/"));
        match pointer.and_then(|pointer| Some((pointer, source.root.pointer(pointer)?))) {
            Some((pointer, value)) => Node::new(value, pointer),
            None => node,
        }
    }

    fn resolved_field(&self, mut field: Field<'a>) -> Field<'a> {
        field.before = field.before.map(|node| self.resolved(true, node));
        field.after = field.after.map(|node| self.resolved(false, node));
        field
    }

    /// Makes two component schemas partners, to be compared.
    fn join(&mut self, before: &'a str, after: &'a str) {
        self.partners.insert(before, after);
        self.taken.insert(after);
        self.open.push_back((before, after));
    }

    /// Returns the published name of a component schema of the base.
    fn partner<'n>(&self, name: &'n str) -> &'n str
    where
        'a: 'n,
    {
        self.partners.get(name).copied().unwrap_or(name)
    }
}

/// Returns whether two names have a word in common, such as `timeCreated` and `createdAt`.
fn share_a_word(one: &str, other: &str) -> bool {
    use heck::ToSnakeCase;
    let words = |name: &str| -> BTreeSet<String> {
        let name = name.to_snake_case();
        let words = name.split('_').filter(|word| word.len() > 2);
        words.map(str::to_owned).collect()
    };
    !words(one).is_disjoint(&words(other))
}
