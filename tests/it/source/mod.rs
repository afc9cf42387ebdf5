//! Sources of a crate as trees of modules, in which paths can be resolved.
//!
//! Test code is left out: items under `#[cfg(test)]`, and files that only such items reach.

mod expand;
mod exports;
mod parse;
mod tokens;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use syn::Item;

pub(crate) use expand::expand;
pub(crate) use exports::{Export, exports};
pub(crate) use parse::{attribute_values, attributes, feature_of, name_of};
pub(crate) use tokens::{idents_in, paths_in};

/// Limit on re-exports followed for one path: more is a circle of re-exports.
const MAX_RE_EXPORTS: usize = 32;

/// Texts of the files of a crate, by their paths below its `src` folder.
pub(crate) type Files = BTreeMap<String, String>;

/// Reads the sources of a crate.
pub(crate) fn read_files(src: &Path) -> Files {
    let mut files = Files::new();
    let mut folders = vec![src.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("could not read {folder:?}: {error}")) {
            let path = entry.expect("the folder can be listed").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = std::fs::read_to_string(&path).expect("the file is text");
                let below = path.strip_prefix(src).expect("the file lies below the folder");
                files.insert(below.to_str().expect("paths are text").to_owned(), text);
            }
        }
    }
    files
}

/// Sources of one crate.
pub(crate) struct Crate {
    /// Name of the library in paths.
    pub(crate) name: String,
    /// Modules that are not test code. The first is the root of the library.
    pub(crate) modules: Vec<Module>,
    /// Files that only test code reaches.
    pub(crate) test_files: BTreeSet<String>,
}

/// One module: a file, or a `mod name { … }` in a file.
pub(crate) struct Module {
    /// Path below the root: empty for the root itself.
    pub(crate) path: Vec<String>,
    pub(crate) file: String,
    /// Index of the parent. The root of a program or library is its own parent.
    pub(crate) parent: usize,
    pub(crate) children: BTreeMap<String, usize>,
    /// Whether the module is declared `pub`.
    pub(crate) is_public: bool,
    /// Feature that the module is compiled with only.
    pub(crate) feature: Option<String>,
    /// Leaves of the `use` declarations.
    pub(crate) uses: Vec<Use>,
    /// Items other than modules and `use` declarations.
    pub(crate) items: Vec<Item>,
}

/// One imported name.
pub(crate) struct Use {
    /// Name in the module, or none for a glob.
    pub(crate) name: Option<String>,
    /// Path as written.
    pub(crate) path: Vec<String>,
    pub(crate) line: usize,
    /// Whether the declaration has a visibility, which makes it a re-export.
    pub(crate) is_re_export: bool,
    /// Whether the declaration is `pub`.
    pub(crate) is_public: bool,
    pub(crate) feature: Option<String>,
}

/// Thing that a path leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Target {
    /// A module of the crate, or an item that is defined in it.
    Here { module: usize, item: Option<String> },
    /// Something of another crate, by its full path.
    Foreign(Vec<String>),
    /// A name that no import and no item explains: a type parameter, or a name of the prelude.
    Unknown,
}

impl Crate {
    /// Parses the files of a crate.
    pub(crate) fn parse(name: &str, files: &Files) -> Self {
        parse::parse(name, files)
    }

    /// Resolves a path that is written in a module, through all re-exports.
    pub(crate) fn resolve(&self, from: usize, path: &[String]) -> Target {
        self.resolve_at(from, path, 0)
    }

    fn resolve_at(&self, from: usize, path: &[String], depth: usize) -> Target {
        assert!(depth < MAX_RE_EXPORTS, "{path:?} leads through a circle of re-exports");
        let Some((first, rest)) = path.split_first() else {
            return Target::Here {
                module: from,
                item: None,
            };
        };
        let module = &self.modules[from];
        match first.as_str() {
            "crate" => self.descend(self.root_of(from), rest, depth),
            "self" => self.descend(from, rest, depth),
            "super" => {
                let parent = module.parent;
                let is_further = rest.first().is_some_and(|next| next == "super");
                match is_further {
                    true => self.resolve_at(parent, rest, depth + 1),
                    false => self.descend(parent, rest, depth),
                }
            }
            first if first == self.name => self.descend(0, rest, depth),
            first => {
                let is_here = module.children.contains_key(first) || module.defines(first);
                if is_here || module.import(first).is_some() {
                    return self.descend(from, path, depth);
                }
                let is_crate = first.starts_with(char::is_lowercase);
                match is_crate && !rest.is_empty() || is_known_crate(first) {
                    true => Target::Foreign(path.to_vec()),
                    false => self.glob(from, path, depth).unwrap_or(Target::Unknown),
                }
            }
        }
    }

    /// Follows a path from a module downwards.
    fn descend(&self, module: usize, path: &[String], depth: usize) -> Target {
        let Some((first, rest)) = path.split_first() else {
            return Target::Here { module, item: None };
        };
        let here = &self.modules[module];
        if let Some(child) = here.children.get(first) {
            return self.descend(*child, rest, depth);
        }
        if !here.defines(first) {
            if let Some(import) = here.import(first) {
                let path = import.path.iter().chain(rest).cloned().collect::<Vec<_>>();
                // `use quote::quote;` imports from the crate, not from itself.
                return match import.path[0] == *first {
                    true => Target::Foreign(path),
                    false => self.resolve_at(module, &path, depth + 1),
                };
            }
            if let Some(target) = self.glob(module, path, depth) {
                return target;
            }
        }
        Target::Here {
            module,
            item: Some(first.clone()),
        }
    }

    /// Resolves a name through the globs of a module.
    fn glob(&self, module: usize, path: &[String], depth: usize) -> Option<Target> {
        let globs = self.modules[module].uses.iter().filter(|import| import.name.is_none());
        globs.into_iter().find_map(|glob| {
            let Target::Here {
                module: from,
                item: None,
            } = self.resolve_at(module, &glob.path, depth + 1)
            else {
                return None;
            };
            let source = &self.modules[from];
            let is_there =
                source.children.contains_key(&path[0]) || source.defines(&path[0]) || source.import(&path[0]).is_some();
            (is_there && from != module).then(|| self.descend(from, path, depth + 1))
        })
    }

    /// Returns the root of the library or program that a module belongs to.
    pub(crate) fn root_of(&self, mut module: usize) -> usize {
        while self.modules[module].parent != module {
            module = self.modules[module].parent;
        }
        module
    }
}

impl Module {
    /// Returns whether an item of this name is defined here. Items that macros define are not seen.
    pub(crate) fn defines(&self, name: &str) -> bool {
        self.items
            .iter()
            .any(|item| parse::name_of(item).is_some_and(|ident| ident == name))
    }

    fn import(&self, name: &str) -> Option<&Use> {
        // `pub(crate) use some_macro;` beside the macro itself imports nothing.
        self.uses
            .iter()
            .find(|import| import.name.as_deref() == Some(name) && !(import.path.len() == 1 && self.defines(name)))
    }
}

/// Crates that are used by their bare names.
fn is_known_crate(name: &str) -> bool {
    matches!(name, "std" | "core" | "alloc")
}
