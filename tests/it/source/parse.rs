//! Files to modules.

use quote::ToTokens;
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Attribute, ImplItem, Item, Meta, Token, TraitItem, UseTree, Visibility};

use super::{Crate, Files, Module, Use};

/// Parses all files that a library and a program reach.
pub(super) fn parse(name: &str, files: &Files) -> Crate {
    let mut reader = Reader {
        files,
        found: Crate {
            name: name.to_owned(),
            modules: Vec::new(),
            test_files: Default::default(),
        },
    };
    let has_root = ["lib.rs", "main.rs"].iter().any(|root| files.contains_key(*root));
    assert!(has_root, "the crate {name} has a library or a program");
    for root in ["lib.rs", "main.rs"] {
        if files.contains_key(root) {
            let parent = reader.found.modules.len();
            reader.file(root, Vec::new(), parent, true, None);
        }
    }
    reader.found
}

struct Reader<'a> {
    files: &'a Files,
    found: Crate,
}

impl Reader<'_> {
    fn file(
        &mut self,
        file: &str,
        path: Vec<String>,
        parent: usize,
        is_public: bool,
        feature: Option<String>,
    ) -> usize {
        let parsed = syn::parse_file(&self.files[file]).unwrap_or_else(|error| panic!("{file}: {error}"));
        self.module(file, path, parent, is_public, feature, parsed.items)
    }

    fn module(
        &mut self,
        file: &str,
        path: Vec<String>,
        parent: usize,
        is_public: bool,
        feature: Option<String>,
        items: Vec<Item>,
    ) -> usize {
        let index = self.found.modules.len();
        self.found.modules.push(Module {
            path: path.clone(),
            file: file.to_owned(),
            parent,
            children: Default::default(),
            is_public,
            feature: feature.clone(),
            uses: Vec::new(),
            items: Vec::new(),
        });
        for item in items {
            let is_test = is_test_only(attributes(&item));
            match item {
                Item::Mod(item) => {
                    let is_path = item.attrs.iter().any(|attribute| attribute.path().is_ident("path"));
                    assert!(!is_path, "{file}: the checks of layers read no #[path]");
                    let name = item.ident.to_string();
                    let child_path = path.iter().cloned().chain([name.clone()]).collect::<Vec<_>>();
                    let is_public = matches!(item.vis, Visibility::Public(_));
                    let feature = feature_of(&item.attrs).or_else(|| feature.clone());
                    let child = match item.content {
                        _ if is_test => {
                            if item.content.is_none() {
                                self.skip_tests(&child_path);
                            }
                            continue;
                        }
                        Some((_, items)) => self.module(file, child_path, index, is_public, feature, items),
                        None => {
                            let file = self.file_of(&child_path);
                            self.file(&file, child_path, index, is_public, feature)
                        }
                    };
                    self.found.modules[index].children.insert(name, child);
                }
                _ if is_test => {}
                Item::Use(item) => {
                    let declaration = Declaration {
                        is_re_export: !matches!(item.vis, Visibility::Inherited),
                        is_public: matches!(item.vis, Visibility::Public(_)),
                        feature: feature_of(&item.attrs),
                    };
                    leaves(
                        &item.tree,
                        &mut Vec::new(),
                        &declaration,
                        &mut self.found.modules[index].uses,
                    );
                }
                item => self.found.modules[index].items.push(without_tests(item)),
            }
        }
        index
    }

    fn file_of(&self, path: &[String]) -> String {
        let base = path.join("/");
        let candidates = [format!("{base}.rs"), format!("{base}/mod.rs")];
        let found = candidates.iter().find(|file| self.files.contains_key(*file));
        found
            .unwrap_or_else(|| panic!("the module {base} of {} has a file", self.found.name))
            .clone()
    }

    /// Notes the files of a test module.
    fn skip_tests(&mut self, path: &[String]) {
        let base = path.join("/");
        let is_below = |file: &String| *file == format!("{base}.rs") || file.starts_with(&format!("{base}/"));
        let files = self.files.keys().filter(|file| is_below(file)).cloned();
        self.found.test_files.extend(files);
    }
}

/// Properties that the leaves of one `use` declaration share.
struct Declaration {
    is_re_export: bool,
    is_public: bool,
    feature: Option<String>,
}

fn leaves(tree: &UseTree, prefix: &mut Vec<String>, declaration: &Declaration, uses: &mut Vec<Use>) {
    let mut add = |name: Option<String>, path: Vec<String>| {
        uses.push(Use {
            name,
            path,
            line: tree.span().start().line,
            is_re_export: declaration.is_re_export,
            is_public: declaration.is_public,
            feature: declaration.feature.clone(),
        });
    };
    let join = |ident: &syn::Ident| prefix.iter().cloned().chain([ident.to_string()]).collect::<Vec<_>>();
    match tree {
        UseTree::Path(path) => {
            prefix.push(path.ident.to_string());
            leaves(&path.tree, prefix, declaration, uses);
            prefix.pop();
        }
        // `a::b::{self}` imports `b`.
        UseTree::Name(name) if name.ident == "self" => add(prefix.last().cloned(), prefix.clone()),
        UseTree::Name(name) => add(Some(name.ident.to_string()), join(&name.ident)),
        UseTree::Rename(rename) if rename.ident == "self" => add(Some(rename.rename.to_string()), prefix.clone()),
        UseTree::Rename(rename) => add(Some(rename.rename.to_string()), join(&rename.ident)),
        UseTree::Glob(_) => add(None, prefix.clone()),
        UseTree::Group(group) => {
            for tree in &group.items {
                leaves(tree, prefix, declaration, uses);
            }
        }
    }
}

/// Returns the item without the test code in it.
fn without_tests(mut item: Item) -> Item {
    match &mut item {
        Item::Impl(block) => block.items.retain(|item| {
            !is_test_only(match item {
                ImplItem::Fn(item) => &item.attrs,
                ImplItem::Const(item) => &item.attrs,
                ImplItem::Type(item) => &item.attrs,
                _ => &[],
            })
        }),
        Item::Trait(item) => item.items.retain(|item| {
            !is_test_only(match item {
                TraitItem::Fn(item) => &item.attrs,
                _ => &[],
            })
        }),
        _ => {}
    }
    item
}

/// Returns whether something with these attributes is compiled for tests only.
pub(crate) fn is_test_only(attributes: &[Attribute]) -> bool {
    let mut conditions = attributes
        .iter()
        .filter(|attribute| attribute.path().is_ident("cfg"))
        .filter_map(|attribute| attribute.parse_args::<Meta>().ok());
    conditions.any(|condition| needs_test(&condition))
}

fn needs_test(condition: &Meta) -> bool {
    match condition {
        Meta::Path(path) => path.is_ident("test"),
        Meta::List(list) => {
            let parts = list.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated);
            let parts = parts
                .map(|parts| parts.into_iter().collect::<Vec<_>>())
                .unwrap_or_default();
            match list.path.get_ident().map(ToString::to_string).as_deref() {
                Some("all") => parts.iter().any(needs_test),
                Some("any") => parts.iter().all(needs_test),
                _ => false,
            }
        }
        Meta::NameValue(_) => false,
    }
}

/// Returns the condition of `#[cfg(…)]`: `journal` for `feature = "journal"`, and others as
/// written.
pub(crate) fn feature_of(attributes: &[Attribute]) -> Option<String> {
    let attribute = attributes.iter().find(|attribute| attribute.path().is_ident("cfg"))?;
    let condition = attribute.parse_args::<Meta>().ok()?;
    Some(match &condition {
        Meta::NameValue(pair) if pair.path.is_ident("feature") => {
            pair.value.to_token_stream().to_string().trim_matches('"').to_owned()
        }
        other => other.to_token_stream().to_string(),
    })
}

/// Returns the texts of attributes such as `#[doc = "…"]`. A value that is not a literal gives its
/// tokens.
pub(crate) fn attribute_values(attributes: &[Attribute], name: &str) -> Vec<String> {
    let pairs = attributes.iter().filter_map(|attribute| match &attribute.meta {
        Meta::NameValue(pair) if pair.path.is_ident(name) => Some(&pair.value),
        _ => None,
    });
    pairs
        .map(|value| match value {
            syn::Expr::Lit(syn::ExprLit {
                lit: syn::Lit::Str(text),
                ..
            }) => text.value(),
            other => other.to_token_stream().to_string(),
        })
        .collect()
}

pub(crate) fn name_of(item: &Item) -> Option<&syn::Ident> {
    match item {
        Item::Const(item) => Some(&item.ident),
        Item::Enum(item) => Some(&item.ident),
        Item::Fn(item) => Some(&item.sig.ident),
        Item::Macro(item) => item.ident.as_ref(),
        Item::Static(item) => Some(&item.ident),
        Item::Struct(item) => Some(&item.ident),
        Item::Trait(item) => Some(&item.ident),
        Item::Type(item) => Some(&item.ident),
        Item::Union(item) => Some(&item.ident),
        _ => None,
    }
}

pub(crate) fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}
