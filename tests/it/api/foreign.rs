//! Types in public signatures: those of other crates, and those of this crate that have no public
//! path.

use std::collections::{BTreeMap, BTreeSet};

use syn::Path;
use syn::visit::Visit;

use crate::source::{Crate, Export, Target};

/// Paths of types, with the public items whose signatures name them.
pub(super) type Places = BTreeMap<String, BTreeSet<String>>;

/// Names by which other crates re-export types that are listed under their own names.
const ALIASES: [(&str, &str); 2] = [
    ("futures_util::Stream", "futures_core::Stream"),
    ("serde::de::DeserializeOwned", "serde::Deserialize"),
];

/// Collector of the types that public signatures name.
pub(super) struct Types<'a> {
    sources: &'a Crate,
    public: BTreeSet<(usize, String)>,
    pub(super) foreign: Places,
    pub(super) private: Places,
    /// Module of the signature that is being read, and the name of its public item.
    module: usize,
    place: String,
}

impl<'a> Types<'a> {
    pub(super) fn new(sources: &'a Crate, exports: &[Export]) -> Self {
        let public = exports.iter().filter_map(|export| match &export.target {
            Target::Here {
                module,
                item: Some(item),
            } => Some((*module, item.clone())),
            _ => None,
        });
        Self {
            sources,
            public: public.collect(),
            foreign: Places::new(),
            private: Places::new(),
            module: 0,
            place: String::new(),
        }
    }

    /// Sets the module and the public item of the signatures that are read next.
    pub(super) fn at(&mut self, module: usize, place: &str) -> &mut Self {
        self.module = module;
        self.place = place.to_owned();
        self
    }

    /// Returns where a path in a module leads to.
    pub(super) fn target(&self, module: usize, path: &Path) -> Target {
        let segments = path.segments.iter().map(|segment| segment.ident.to_string());
        let segments = segments.collect::<Vec<_>>();
        match path.leading_colon {
            Some(_) => Target::Foreign(segments),
            None => self.sources.resolve(module, &segments),
        }
    }

    /// Returns whether an argument of a trait is a type of the crate that users cannot name.
    pub(super) fn has_private_argument(&self, module: usize, of: &Path) -> bool {
        let arguments = of.segments.iter().filter_map(|segment| match &segment.arguments {
            syn::PathArguments::AngleBracketed(arguments) => Some(&arguments.args),
            _ => None,
        });
        let mut types = arguments.flatten().filter_map(|argument| match argument {
            syn::GenericArgument::Type(syn::Type::Path(ty)) => Some(self.target(module, &ty.path)),
            _ => None,
        });
        types
            .any(|target| matches!(target, Target::Here { module, item: Some(item) } if !self.is_public(module, &item)))
    }

    pub(super) fn is_public(&self, module: usize, item: &str) -> bool {
        self.public.contains(&(module, item.to_owned()))
    }

    /// Reads the type that a private alias names, because users cannot name the alias.
    fn follow_alias(&mut self, module: usize, name: &str) {
        let sources = self.sources;
        for item in &sources.modules[module].items {
            if let syn::Item::Type(alias) = item
                && alias.ident == name
            {
                let before = std::mem::replace(&mut self.module, module);
                self.visit_type(&alias.ty);
                self.module = before;
            }
        }
    }

    /// Notes what a path leads to.
    pub(super) fn note(&mut self, target: &Target) {
        let place = self.place.clone();
        match target {
            Target::Foreign(path) => {
                let is_ours = matches!(path[0].as_str(), "std" | "core" | "alloc")
                    || path.starts_with(&["ica_batch_sdk".to_owned(), "types".to_owned()]);
                if !is_ours {
                    let path = path.join("::");
                    let alias = ALIASES.iter().find(|(alias, _)| *alias == path);
                    let path = alias.map_or(path, |(_, name)| (*name).to_owned());
                    self.foreign.entry(path).or_default().insert(place);
                }
            }
            Target::Here {
                module,
                item: Some(item),
            } if !self.is_public(*module, item) => {
                self.private.entry(item.clone()).or_default().insert(place);
                self.follow_alias(*module, item);
            }
            Target::Here { .. } | Target::Unknown => {}
        }
    }
}

impl<'ast> Visit<'ast> for Types<'_> {
    fn visit_path(&mut self, path: &'ast Path) {
        let target = self.target(self.module, path);
        self.note(&target);
        syn::visit::visit_path(self, path);
    }

    // Values such as defaults and bodies are not part of a signature.
    fn visit_block(&mut self, _: &'ast syn::Block) {}
    fn visit_expr(&mut self, _: &'ast syn::Expr) {}
    fn visit_attribute(&mut self, _: &'ast syn::Attribute) {}
}
