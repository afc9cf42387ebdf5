//! The outline: one line per fact, in a stable order.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use syn::visit::Visit;
use syn::{Attribute, Fields, ImplItem, Item, ItemImpl, ItemTrait, Meta, TraitItem, Visibility};

use super::foreign::{Places, Types};
use super::text;
use crate::source::{Crate, Export, Target, attributes, feature_of, name_of};

/// Outline of the public API of a crate.
pub(super) struct Outline {
    items: Vec<Entry>,
    /// Foreign types in public signatures.
    pub(super) foreign: Places,
    /// Types of the crate in public signatures that no public path leads to.
    private: Places,
}

/// One public item: its line, and the facts about it.
#[derive(Default)]
struct Entry {
    head: String,
    /// Fields, variants, or items of a trait, in the order of the source.
    parts: Vec<String>,
    /// Methods and constants, by the head of their `impl`.
    blocks: BTreeMap<String, BTreeSet<String>>,
    /// Traits, each with its types.
    traits: BTreeMap<String, Vec<String>>,
}

impl Outline {
    /// Describes what the crate exports.
    pub(super) fn of(sources: &Crate, exports: &[Export]) -> Self {
        let mut reader = Reader {
            sources,
            types: Types::new(sources, exports),
        };
        let items = exports.iter().map(|export| reader.entry(export)).collect();
        let Types { foreign, private, .. } = reader.types;
        Self {
            items,
            foreign,
            private,
        }
    }
}

struct Reader<'a> {
    sources: &'a Crate,
    types: Types<'a>,
}

impl Reader<'_> {
    fn entry(&mut self, export: &Export) -> Entry {
        let feature = mark_of_feature(export.feature.as_deref());
        let (module, name) = match &export.target {
            Target::Here {
                module,
                item: Some(item),
            } => (*module, item),
            Target::Here { item: None, .. } => return Entry::of(format!("mod {}{feature}", export.path)),
            Target::Foreign(path) => {
                self.types.at(0, &export.path).note(&export.target);
                return Entry::of(format!("use {}{feature}", path.join("::")));
            }
            Target::Unknown => panic!("{} leads nowhere", export.path),
        };
        let sources = self.sources;
        let items = &sources.modules[module].items;
        let item = items
            .iter()
            .find(|item| name_of(item).is_some_and(|ident| ident == name));
        let item = item.unwrap_or_else(|| panic!("{name} is defined in {}", sources.modules[module].file));
        let mut entry = self.item(&export.path, module, item);
        entry.head.push_str(&feature);
        entry.head.push_str(&marks(attributes(item)));
        self.impls(&mut entry, export, module, name);
        entry
    }

    fn item(&mut self, path: &str, module: usize, item: &Item) -> Entry {
        let types = self.types.at(module, path);
        match item {
            Item::Struct(item) => {
                types.visit_generics(&item.generics);
                let (parameters, condition) = text::generics(&item.generics);
                let mut entry = Entry::of(format!("struct {path}{parameters}{}", spaced(&condition)));
                entry.parts = fields(types, &item.fields, true);
                entry.derives(&item.attrs);
                entry
            }
            Item::Enum(item) => {
                types.visit_generics(&item.generics);
                let mut entry = Entry::of(format!("enum {path}{}", text::generics(&item.generics).0));
                for variant in &item.variants {
                    entry.parts.push(format!("{}{}", variant.ident, marks(&variant.attrs)));
                    let fields = fields(types, &variant.fields, false);
                    entry.parts.extend(fields.into_iter().map(|field| format!("  {field}")));
                }
                entry.derives(&item.attrs);
                entry
            }
            Item::Trait(item) => self.trait_(path, module, item),
            Item::Type(item) => {
                types.visit_generics(&item.generics);
                types.visit_type(&item.ty);
                let generics = text::generics(&item.generics).0;
                Entry::of(format!("type {path}{generics} = {}", text::ty(&item.ty)))
            }
            Item::Fn(item) => {
                types.visit_signature(&item.sig);
                Entry::of(format!("{} (in {path})", text::signature(&item.sig)))
            }
            Item::Const(item) => {
                types.visit_type(&item.ty);
                Entry::of(format!("const {path}: {}", text::ty(&item.ty)))
            }
            _ => panic!("{path} is of a kind that the outline does not know"),
        }
    }

    fn trait_(&mut self, path: &str, module: usize, item: &ItemTrait) -> Entry {
        let types = self.types.at(module, path);
        types.visit_generics(&item.generics);
        item.supertraits
            .iter()
            .for_each(|bound| types.visit_type_param_bound(bound));
        let supertraits = match item.supertraits.is_empty() {
            true => String::new(),
            false => format!(": {}", text::bounds(item.supertraits.iter())),
        };
        let mut entry = Entry::of(format!("trait {path}{}{supertraits}", text::generics(&item.generics).0));
        for part in &item.items {
            entry.parts.push(match part {
                TraitItem::Fn(item) => {
                    types.visit_signature(&item.sig);
                    let provided = if item.default.is_some() { " (provided)" } else { "" };
                    format!("{}{provided}{}", text::signature(&item.sig), marks(&item.attrs))
                }
                TraitItem::Type(item) => {
                    item.bounds.iter().for_each(|bound| types.visit_type_param_bound(bound));
                    let bounds = text::bounds(item.bounds.iter());
                    format!("type {}: {bounds}{}", item.ident, marks(&item.attrs))
                }
                TraitItem::Const(item) => {
                    types.visit_type(&item.ty);
                    format!("const {}: {}{}", item.ident, text::ty(&item.ty), marks(&item.attrs))
                }
                _ => panic!("{path} has an item that the outline does not know"),
            });
        }
        entry
    }

    /// Adds the methods and traits of an item, from the `impl` blocks of the crate.
    fn impls(&mut self, entry: &mut Entry, export: &Export, module: usize, name: &str) {
        let path = export.path.as_str();
        let here = Target::Here {
            module,
            item: Some(name.to_owned()),
        };
        let sources = self.sources;
        for (index, module) in sources.modules.iter().enumerate() {
            for item in &module.items {
                let Item::Impl(block) = item else { continue };
                let is_of = self.self_target(index, block).as_ref() == Some(&here);
                let feature = feature_of(&block.attrs).or_else(|| module.feature.clone());
                let feature = mark_of_feature(feature.filter(|own| export.feature.as_ref() != Some(own)).as_deref());
                match &block.trait_ {
                    None if is_of => {
                        self.types.at(index, path).visit_generics(&block.generics);
                        self.methods(entry, index, path, block, &feature);
                    }
                    Some((of, _)) => {
                        let target = self.types.target(index, of);
                        // A trait lists those who implement it where they have no entry.
                        let is_by_other = target == here && !self.is_listed(index, block);
                        let is_private = matches!(&target, Target::Here { module, item: Some(item) } if !self.types.is_public(*module, item));
                        let is_private = is_private || self.types.has_private_argument(index, of);
                        if (is_of && !is_private) || is_by_other {
                            let types = self.types.at(index, path);
                            types.visit_generics(&block.generics);
                            types.visit_path(of);
                            let types = associated_types(types, block);
                            entry.traits.insert(format!("{}{feature}", text::head(block)), types);
                        }
                    }
                    None => {}
                }
            }
        }
    }

    fn methods(&mut self, entry: &mut Entry, module: usize, path: &str, block: &ItemImpl, feature: &str) {
        let head = format!("{}{feature}", text::head(block));
        let types = self.types.at(module, path);
        for item in &block.items {
            let line = match item {
                ImplItem::Fn(item) if matches!(item.vis, Visibility::Public(_)) => {
                    types.visit_signature(&item.sig);
                    let feature = mark_of_feature(feature_of(&item.attrs).as_deref());
                    format!("{}{feature}{}", text::signature(&item.sig), marks(&item.attrs))
                }
                ImplItem::Const(item) if matches!(item.vis, Visibility::Public(_)) => {
                    types.visit_type(&item.ty);
                    format!("const {}: {}{}", item.ident, text::ty(&item.ty), marks(&item.attrs))
                }
                ImplItem::Macro(item) => {
                    format!("{}!", item.mac.path.segments.last().expect("a macro has a name").ident)
                }
                _ => continue,
            };
            entry.blocks.entry(head.clone()).or_default().insert(line);
        }
    }

    fn self_target(&self, module: usize, block: &ItemImpl) -> Option<Target> {
        match block.self_ty.as_ref() {
            syn::Type::Path(ty) if ty.qself.is_none() => Some(self.types.target(module, &ty.path)),
            _ => None,
        }
    }

    /// Returns whether the type of an `impl` has an entry of its own.
    fn is_listed(&self, module: usize, block: &ItemImpl) -> bool {
        match self.self_target(module, block) {
            Some(Target::Here {
                module,
                item: Some(item),
            }) => self.types.is_public(module, &item),
            _ => false,
        }
    }
}

/// Returns the types that an `impl` of a trait sets.
fn associated_types(types: &mut Types<'_>, block: &ItemImpl) -> Vec<String> {
    let mut lines = Vec::new();
    for item in &block.items {
        if let ImplItem::Type(item) = item {
            types.visit_type(&item.ty);
            lines.push(format!("{} = {}", item.ident, text::ty(&item.ty)));
        }
    }
    lines
}

fn fields(types: &mut Types<'_>, fields: &Fields, needs_pub: bool) -> Vec<String> {
    let mut lines = Vec::new();
    let mut hides = false;
    for (position, field) in fields.iter().enumerate() {
        if needs_pub && !matches!(field.vis, Visibility::Public(_)) {
            hides = true;
            continue;
        }
        types.visit_type(&field.ty);
        let name = field
            .ident
            .as_ref()
            .map_or_else(|| position.to_string(), ToString::to_string);
        lines.push(format!("{name}: {}{}", text::ty(&field.ty), marks(&field.attrs)));
    }
    if hides {
        lines.push("(private fields)".to_owned());
    }
    lines
}

/// Returns the attributes that matter to users of the item.
fn marks(attributes: &[Attribute]) -> String {
    let mut text = String::new();
    for attribute in attributes {
        let path = attribute.path();
        if ["non_exhaustive", "must_use", "deprecated"]
            .iter()
            .any(|mark| path.is_ident(mark))
        {
            text.push_str(&format!(" #[{}]", path.segments[0].ident));
        }
        let is_hidden = matches!(&attribute.meta, Meta::List(list) if list.tokens.to_string() == "hidden");
        if path.is_ident("doc") && is_hidden {
            text.push_str(" #[doc(hidden)]");
        }
    }
    text
}

fn mark_of_feature(feature: Option<&str>) -> String {
    feature.map_or_else(String::new, |feature| format!(" [feature {feature}]"))
}

fn spaced(text: &str) -> String {
    if text.is_empty() {
        String::new()
    } else {
        format!(" {text}")
    }
}

impl Entry {
    fn of(head: String) -> Self {
        Self {
            head,
            ..Self::default()
        }
    }

    fn derives(&mut self, attributes: &[Attribute]) {
        for attribute in attributes
            .iter()
            .filter(|attribute| attribute.path().is_ident("derive"))
        {
            let Meta::List(list) = &attribute.meta else { continue };
            let names = list.tokens.to_string();
            for name in names.split(',') {
                self.traits
                    .insert(format!("derive {}", name.replace(' ', "")), Vec::new());
            }
        }
    }
}

impl fmt::Display for Outline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "PUBLIC ITEMS")?;
        for entry in &self.items {
            writeln!(f, "\n{}", entry.head)?;
            for part in &entry.parts {
                writeln!(f, "  {part}")?;
            }
            for (head, lines) in &entry.blocks {
                writeln!(f, "  {head}")?;
                for line in lines {
                    writeln!(f, "    {line}")?;
                }
            }
            for (head, lines) in &entry.traits {
                writeln!(f, "  {head}")?;
                for line in lines {
                    writeln!(f, "    {line}")?;
                }
            }
        }
        writeln!(f, "\nFOREIGN TYPES\n")?;
        for path in self.foreign.keys() {
            writeln!(f, "{path}")?;
        }
        writeln!(f, "\nTYPES OF THIS CRATE WITHOUT A PUBLIC PATH\n")?;
        for (path, places) in &self.private {
            let places = places.iter().cloned().collect::<Vec<_>>();
            writeln!(f, "{path} in {}", places.join(", "))?;
        }
        Ok(())
    }
}
