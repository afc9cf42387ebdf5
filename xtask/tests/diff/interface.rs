//! The part of generated source that its users rely on.

use std::collections::{BTreeMap, BTreeSet};

use quote::ToTokens;
use syn::{Fields, ImplItem, Item, Visibility};

/// Interface of a generated client.
#[derive(Debug, Default)]
pub(crate) struct Interface {
    /// Signatures by the names that users write. Further ones are harmless.
    signatures: BTreeMap<String, String>,
    /// Variants and needed setters of builders. A further one breaks a `match` or a builder.
    needed: BTreeSet<String>,
}

impl Interface {
    pub(crate) fn of(source: &str) -> Self {
        let file = syn::parse_file(source).expect("generated source is Rust");
        let mut interface = Self::default();
        interface.items(&file.items);
        interface
    }

    /// Returns what users of this interface cannot use in the other one, and what they lack.
    pub(crate) fn breaks(&self, after: &Self) -> Vec<String> {
        let lost = self
            .signatures
            .iter()
            .filter(|(name, signature)| after.signatures.get(*name) != Some(signature));
        let lost = lost.map(|(name, signature)| format!("{name}: {signature} → {:?}", after.signatures.get(name)));
        let needed = after.needed.difference(&self.needed);
        // The variants and fields of a new type do not matter.
        let owner = |name: &String| name.split("::").next().unwrap_or_default().to_owned();
        let needed = needed.filter(|name| self.signatures.contains_key(&owner(name)));
        lost.chain(needed.map(|name| format!("{name}: needed"))).collect()
    }

    fn items(&mut self, items: &[Item]) {
        for item in items {
            match item {
                Item::Mod(module) if matches!(module.vis, Visibility::Public(_)) && module.ident != "error" => {
                    self.items(module.content.as_ref().map_or(&[][..], |(_, items)| items));
                }
                Item::Struct(one) => self.structure(one),
                Item::Enum(one) => {
                    self.add(&one.ident.to_string(), "enum");
                    for variant in &one.variants {
                        self.needed.insert(format!("{}::{}", one.ident, variant.ident));
                        self.add(&format!("{}::{}", one.ident, variant.ident), &text(&variant.fields));
                    }
                }
                Item::Impl(one) if one.trait_.is_none() && text(&one.self_ty) == "Client" => {
                    for method in &one.items {
                        if let ImplItem::Fn(method) = method {
                            let inputs = method.sig.inputs.iter().map(|input| match input {
                                syn::FnArg::Typed(input) => text(&input.ty),
                                syn::FnArg::Receiver(_) => "self".to_owned(),
                            });
                            let inputs = inputs.collect::<Vec<_>>().join(", ");
                            self.add(
                                &method.sig.ident.to_string(),
                                &format!("({inputs}) {}", text(&method.sig.output)),
                            );
                        }
                    }
                }
                Item::Macro(call) => self.invocation(&call.mac.tokens.to_string()),
                _ => {}
            }
        }
    }

    fn structure(&mut self, item: &syn::ItemStruct) {
        let name = item.ident.to_string();
        let attributes: String = item.attrs.iter().map(text).collect();
        let has_builder = attributes.contains("Builder");
        let kind = if has_builder { "struct with builder" } else { "struct" };
        self.add(&name, kind);
        match &item.fields {
            Fields::Named(fields) => {
                for field in &fields.named {
                    let ident = field.ident.to_token_stream().to_string();
                    let attributes: Vec<_> = field.attrs.iter().map(text).collect();
                    // A default of another name has another value.
                    let default = attributes.iter().find(|attribute| attribute.contains("defaults::"));
                    let ty = text(&field.ty);
                    self.add(
                        &format!("{name}::{ident}"),
                        &format!("{ty} {}", default.cloned().unwrap_or_default()),
                    );
                    let may_be_left_out = ty.contains("Option")
                        || attributes
                            .iter()
                            .any(|attribute| attribute.contains("builder (default)"));
                    if has_builder && !may_be_left_out {
                        self.needed.insert(format!("{name}::{ident}"));
                    }
                }
            }
            fields => self.add(&format!("{name}::0"), &text(fields)),
        }
    }

    /// Adds an `open_enum!` or a `checked_text!`. Their limits may change; their names may not.
    fn invocation(&mut self, tokens: &str) {
        let Some((_, rest)) = tokens
            .split_once("pub enum")
            .or_else(|| tokens.split_once("pub struct"))
        else {
            return;
        };
        let (name, body) = rest.split_once('{').unwrap_or((rest, ""));
        let name = name.trim();
        self.add(name, "declared");
        if tokens.contains("pub enum") {
            for variant in body
                .split(',')
                .filter_map(|variant| Some(variant.split_once('=')?.0.trim().to_owned()))
            {
                self.add(&format!("{name}::{variant}"), "variant");
            }
        }
    }

    fn add(&mut self, name: &str, signature: &str) {
        self.signatures.insert(name.to_owned(), signature.to_owned());
    }
}

fn text(tokens: &impl ToTokens) -> String {
    tokens.to_token_stream().to_string()
}
