//! The operations of the updated description.

use std::collections::BTreeSet;

use indexmap::IndexMap;

use super::merge::resolved;
use super::options::{Options, could_not};
use super::splice::Renames;
use crate::diff::{Address, Partners};
use crate::error::Result;
use crate::source::{METHODS, Source, Tree};

/// Published operations to have, each with its address in the base if it is there.
pub(super) type Selection<'a> = IndexMap<Address<'a>, Option<Address<'a>>>;

/// Returns the published operations to have: those of the base, and those that are asked for.
pub(super) fn select<'a>(
    base: &'a Source,
    published: &'a Source,
    partners: &Partners<'a>,
    options: &Options,
) -> Result<Selection<'a>> {
    let pairs = partners.operations.iter();
    let pairs = pairs.filter_map(|(before, after)| Some(((*after)?, Some(*before))));
    let mut selection: Selection<'a> = pairs.collect();
    if selection.is_empty() && !partners.operations.is_empty() {
        return Err(could_not(
            base,
            format_args!(
                "{} has none of its operations; check that it is the right file",
                published.name
            ),
        ));
    }
    for id in &options.operations {
        let mut all = operations(published);
        let Some((address, _)) = all.find(|(_, node)| node.get("operationId").and_then(Tree::as_str) == Some(id))
        else {
            let ids = operations(published).filter_map(|(_, node)| node.get("operationId")?.as_str());
            let reason = no_such("operation", id, ids.collect(), &published.name);
            return Err(could_not(base, format_args!("{reason}")));
        };
        selection.entry(address).or_insert(None);
    }
    for tag in &options.tags {
        let tags = |node: &'a Tree| {
            node.get("tags")
                .into_iter()
                .flat_map(Tree::items)
                .filter_map(Tree::as_str)
        };
        let found = operations(published).filter(|(_, node)| tags(node).any(|one| one == tag));
        let found = found.map(|(address, _)| address).collect::<Vec<_>>();
        if found.is_empty() {
            let all = operations(published).flat_map(|(_, node)| tags(node)).collect();
            let reason = no_such("tag", tag, all, &published.name);
            return Err(could_not(base, format_args!("{reason}")));
        }
        for address in found {
            selection.entry(address).or_insert(None);
        }
    }
    Ok(selection)
}

/// Likeness from which a name may be a misspelling of another one.
const LIKELY: f64 = 0.8;

fn no_such(what: &str, name: &str, known: BTreeSet<&str>, file: &str) -> String {
    let lower = name.to_lowercase();
    let likeness = |one: &&str| strsim::jaro_winkler(&one.to_lowercase(), &lower);
    let best = known
        .iter()
        .max_by(|one, other| likeness(one).total_cmp(&likeness(other)));
    match best {
        Some(best) if likeness(best) > LIKELY => {
            format!("{file} has no {what} `{name}`; the most similar one is `{best}`")
        }
        Some(_) => format!("{file} has no {what} `{name}`; `cargo xtask diff {file} --all` lists the operations"),
        None => format!("{file} has no {what} at all"),
    }
}

/// Returns the operations of a description.
pub(super) fn operations(source: &Source) -> impl Iterator<Item = (Address<'_>, &Tree)> {
    let paths = source.tree.get("paths").into_iter().flat_map(Tree::entries);
    paths.flat_map(|(path, item)| {
        let methods = resolved(source, item)
            .entries()
            .filter(|(key, _)| METHODS.contains(key));
        methods.map(move |(method, node)| ((path, method), node))
    })
}

/// Returns the id of an operation, or its method and path.
pub(super) fn id(source: &Source, (path, method): Address<'_>) -> String {
    let item = source.tree.at(&["paths", path]);
    let node = item.and_then(|item| resolved(source, item).get(method));
    match node.and_then(|node| node.get("operationId")?.as_str()) {
        Some(id) => id.to_owned(),
        None => format!("{} {path}", method.to_uppercase()),
    }
}

/// Returns the old key of each schema, path and method that has another one now.
pub(super) fn renames(partners: &Partners<'_>, selection: &Selection<'_>) -> Renames {
    let schemas = partners.schemas.iter().map(|(before, after)| (*after, *before));
    let moved = selection
        .iter()
        .filter_map(|(after, before)| Some((*after, (*before)?)));
    let keys = moved.map(|(after, before)| match after.0 == before.0 {
        true => (after.1, before.1),
        false => (after.0, before.0),
    });
    let renames = schemas.chain(keys).filter(|(after, before)| after != before);
    renames
        .map(|(after, before)| (after.to_owned(), before.to_owned()))
        .collect()
}
