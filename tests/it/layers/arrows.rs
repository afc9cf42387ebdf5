//! Arrows between the files of a crate: which file uses what another file defines.

use std::collections::BTreeSet;

use proc_macro2::TokenStream;
use quote::ToTokens;

use crate::source::{Crate, Module, Target, idents_in, paths_in};

/// One use of another file of the same crate.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Arrow {
    /// File with the use, below `src`.
    pub(super) from: String,
    pub(super) line: usize,
    /// File that defines what is used: re-exports are followed.
    pub(super) to: String,
}

/// One use of something from another crate.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Foreign {
    pub(super) file: String,
    pub(super) line: usize,
    /// Full path, such as `rusqlite::Connection`.
    pub(super) path: String,
}

/// Returns the arrows of a crate, sorted. The root of the library has none, because it re-exports,
/// and none leads from a program to it.
///
/// A module that re-exports what its own submodules define does not use it, unless the name occurs
/// in its code, too.
pub(super) fn arrows(sources: &Crate) -> Vec<Arrow> {
    let mut found = BTreeSet::new();
    for (index, line, target) in uses(sources) {
        let Target::Here { module: target, .. } = target else {
            continue;
        };
        // A program uses its library.
        if target == 0 && sources.root_of(index) != 0 {
            continue;
        }
        let (from, to) = (&sources.modules[index].file, &sources.modules[target].file);
        if from != to && from != "lib.rs" {
            found.insert(Arrow {
                from: from.clone(),
                line,
                to: to.clone(),
            });
        }
    }
    found.into_iter().collect()
}

/// Returns the uses of other crates, sorted.
pub(super) fn foreign(sources: &Crate) -> Vec<Foreign> {
    let mut found = BTreeSet::new();
    for (index, line, target) in uses(sources) {
        if let Target::Foreign(path) = target {
            found.insert(Foreign {
                file: sources.modules[index].file.clone(),
                line,
                path: path.join("::"),
            });
        }
    }
    found.into_iter().collect()
}

/// Returns each import and each path in code, with the module that contains it, its line and its
/// target.
fn uses(sources: &Crate) -> Vec<(usize, usize, Target)> {
    let mut found = Vec::new();
    for (index, module) in sources.modules.iter().enumerate() {
        let tokens = module
            .items
            .iter()
            .map(ToTokens::to_token_stream)
            .collect::<TokenStream>();
        let idents = idents_in(tokens.clone());
        for import in &module.uses {
            let target = sources.resolve(index, &import.path);
            let is_used = import.name.as_ref().is_some_and(|name| idents.contains(name));
            if is_used || !(import.is_re_export && is_below(sources, module, &target)) {
                found.push((index, import.line, target));
            }
        }
        for path in paths_in(tokens) {
            found.push((index, path.line, sources.resolve(index, &path.path)));
        }
    }
    found
}

fn is_below(sources: &Crate, module: &Module, target: &Target) -> bool {
    match target {
        Target::Here { module: target, .. } => sources.modules[*target].path.starts_with(&module.path),
        Target::Foreign(_) | Target::Unknown => false,
    }
}
