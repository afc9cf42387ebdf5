//! One hostile description, and what is expected of it.

use std::collections::BTreeSet;

use serde_json::Value;
use syn::{Fields, ImplItem, Item};

use super::description::base;

pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) text: String,
    pub(crate) expected: Expected,
}

pub(crate) enum Expected {
    /// The source parses and has no duplicate item.
    Accepted,
    /// The error contains each part: the place, and the remedy.
    Refused(&'static [&'static str]),
}

/// Returns the case of a change of the base description that is refused.
pub(crate) fn refused(
    name: impl Into<String>,
    parts: &'static [&'static str],
    change: impl FnOnce(&mut Value),
) -> Case {
    case(name, Expected::Refused(parts), change)
}

/// Returns the case of a change of the base description that is accepted.
pub(crate) fn accepted(name: impl Into<String>, change: impl FnOnce(&mut Value)) -> Case {
    case(name, Expected::Accepted, change)
}

fn case(name: impl Into<String>, expected: Expected, change: impl FnOnce(&mut Value)) -> Case {
    let mut description = base();
    change(&mut description);
    Case {
        name: name.into(),
        text: description.to_string(),
        expected,
    }
}

/// Returns the first duplicate item of a source, without the help of the generator.
pub(crate) fn duplicates(source: &str) -> Option<String> {
    let file = match syn::parse_file(source) {
        Ok(file) => file,
        Err(error) => return Some(format!("the source does not parse: {error}")),
    };
    let mut types = BTreeSet::new();
    of_items(&file.items, &mut BTreeSet::new(), &mut types)
}

fn of_items(items: &[Item], names: &mut BTreeSet<String>, types: &mut BTreeSet<String>) -> Option<String> {
    for item in items {
        let (name, members) = match item {
            Item::Struct(item) => (item.ident.to_string(), field_names(&item.fields)),
            Item::Enum(item) => {
                let variants = item.variants.iter().map(|variant| variant.ident.to_string());
                (item.ident.to_string(), variants.collect())
            }
            Item::Impl(item) if item.trait_.is_none() => {
                let methods = item.items.iter().filter_map(|item| match item {
                    ImplItem::Fn(method) => Some(method.sig.ident.to_string()),
                    _ => None,
                });
                if let Some(twice) = twice(methods) {
                    return Some(format!("two methods {twice}"));
                }
                continue;
            }
            Item::Fn(item) => (item.sig.ident.to_string(), Vec::new()),
            Item::Mod(module) => {
                let inner = module.content.as_ref().map_or(&[][..], |(_, items)| items);
                let is_of_types = ["types", "open_enums", "checked_texts"]
                    .iter()
                    .any(|name| module.ident == name);
                let mut own = BTreeSet::new();
                let found = if is_of_types {
                    let mut all = std::mem::take(types);
                    let found = of_items(inner, &mut all, &mut BTreeSet::new());
                    *types = all;
                    found
                } else {
                    of_items(inner, &mut own, types)
                };
                if found.is_some() {
                    return found;
                }
                continue;
            }
            _ => continue,
        };
        if name.contains("evil") || !names.insert(name.clone()) {
            return Some(format!("an item {name} too many"));
        }
        if let Some(twice) = twice(members.into_iter()) {
            return Some(format!("{name} has two members {twice}"));
        }
    }
    None
}

fn field_names(fields: &Fields) -> Vec<String> {
    fields
        .iter()
        .filter_map(|field| Some(field.ident.as_ref()?.to_string()))
        .collect()
}

fn twice(names: impl Iterator<Item = String>) -> Option<String> {
    let mut seen = BTreeSet::new();
    names.into_iter().find(|name| !seen.insert(name.clone()))
}
