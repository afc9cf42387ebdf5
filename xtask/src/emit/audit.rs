//! Reads the generated source before anybody gets it.
//!
//! The source must parse, and consist of the kinds of items that the generator writes. No module has
//! two items of one name, no type two members of one name, and no method two arguments of one name.

use std::collections::BTreeMap;
use std::fmt::Display;

use syn::parse::{Parse, ParseStream};
use syn::{Attribute, Fields, FnArg, Ident, ImplItem, Item, ItemImpl, Pat, Token, UseTree};

use crate::error::{Error, Result};

/// Modules of the client.
const MODULES: [&str; 6] = ["checked_texts", DEFAULTS, "error", "open_enums", "prelude", "types"];
/// The only module with functions: typify's default values.
const DEFAULTS: &str = "defaults";

/// Checks the source.
///
/// # Errors
/// When the source is not what the generator means to write. The error names the item.
pub(super) fn check(source: &str) -> Result<()> {
    let file =
        syn::parse_file(source).map_err(|error| problem(format_args!("the source is not valid Rust ({error})")))?;
    let mut types = Names::new("types");
    check_items(&file.items, &mut Names::new("client"), &mut types)
}

fn problem(reason: impl Display) -> Error {
    Error::could_not(
        "generate the client",
        format_args!("{reason}; rename what gives this name"),
    )
}

/// Names of one scope.
struct Names {
    scope: String,
    taken: BTreeMap<String, ()>,
}

impl Names {
    fn new(scope: impl Into<String>) -> Self {
        Self {
            scope: scope.into(),
            taken: BTreeMap::new(),
        }
    }

    fn add(&mut self, name: impl Display) -> Result<()> {
        match self.taken.insert(name.to_string(), ()) {
            None => Ok(()),
            Some(()) => Err(problem(format_args!(
                "{} has two items with the name {name}",
                self.scope
            ))),
        }
    }
}

/// Checks the items of a module. The types of the modules `types`, `open_enums` and `checked_texts`
/// share their names.
fn check_items(items: &[Item], names: &mut Names, types: &mut Names) -> Result<()> {
    let mut methods = BTreeMap::<String, Names>::new();
    for item in items {
        match item {
            Item::Use(import) => check_use(&import.tree)?,
            Item::Const(item) if item.ident == "_" => {}
            Item::Const(item) => names.add(&item.ident)?,
            Item::Struct(item) => {
                names.add(&item.ident)?;
                let mut fields = Names::new(format!("struct {}", item.ident));
                if let Fields::Named(named) = &item.fields {
                    named
                        .named
                        .iter()
                        .filter_map(|field| field.ident.as_ref())
                        .try_for_each(|ident| fields.add(ident))?;
                }
            }
            Item::Enum(item) => {
                names.add(&item.ident)?;
                let mut variants = Names::new(format!("enum {}", item.ident));
                item.variants
                    .iter()
                    .try_for_each(|variant| variants.add(&variant.ident))?;
            }
            Item::Type(item) => names.add(&item.ident)?,
            Item::Fn(item) if names.scope == DEFAULTS => names.add(&item.sig.ident)?,
            Item::Impl(item) => check_impl(item, &mut methods)?,
            Item::Mod(module) => check_module(module, types)?,
            Item::Macro(item) => {
                let named: Named = item
                    .mac
                    .parse_body()
                    .map_err(|error| problem(format_args!("a macro is not valid ({error})")))?;
                names.add(&named.0)?;
            }
            _ => {
                return Err(problem(
                    "the source has an item of a kind that the generator does not write",
                ));
            }
        }
    }
    Ok(())
}

fn check_module(module: &syn::ItemMod, types: &mut Names) -> Result<()> {
    let name = module.ident.to_string();
    if !MODULES.contains(&name.as_str()) {
        return Err(problem(format_args!("the source has a module {name}")));
    }
    let items = module.content.as_ref().map_or(&[][..], |(_, items)| items);
    match name.as_str() {
        "checked_texts" | "open_enums" | "types" => {
            let mut inner = std::mem::replace(types, Names::new("types"));
            let result = check_items(items, &mut inner, types);
            *types = inner;
            result
        }
        _ => check_items(items, &mut Names::new(name), types),
    }
}

fn check_use(tree: &UseTree) -> Result<()> {
    match tree {
        UseTree::Path(path) if path.ident == "progenitor_client" || path.ident == "super" || path.ident == "crate" => {
            Ok(())
        }
        _ => Err(problem("the source imports from another crate")),
    }
}

fn check_impl(item: &ItemImpl, methods: &mut BTreeMap<String, Names>) -> Result<()> {
    if item.trait_.is_some() {
        return Ok(());
    }
    let owner = quote::ToTokens::to_token_stream(&item.self_ty).to_string();
    let names = methods
        .entry(owner.clone())
        .or_insert_with(|| Names::new(format!("impl {owner}")));
    for one in &item.items {
        let ImplItem::Fn(method) = one else {
            continue;
        };
        names.add(&method.sig.ident)?;
        let mut arguments = Names::new(format!("method {}", method.sig.ident));
        for input in &method.sig.inputs {
            if let FnArg::Typed(input) = input
                && let Pat::Ident(argument) = input.pat.as_ref()
            {
                arguments.add(&argument.ident)?;
            }
        }
    }
    Ok(())
}

/// Name of the type that a macro defines.
struct Named(Ident);

impl Parse for Named {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        Attribute::parse_outer(input)?;
        input.parse::<Token![pub]>()?;
        if input.parse::<Option<Token![struct]>>()?.is_none() {
            input.parse::<Token![enum]>()?;
        }
        let name = input.parse()?;
        let _body;
        syn::braced!(_body in input);
        _body.parse::<proc_macro2::TokenStream>()?;
        Ok(Self(name))
    }
}

#[cfg(test)]
mod tests {
    use super::check;

    fn refused(source: &str) -> String {
        check(source).unwrap_err().to_string()
    }

    #[test]
    fn two_items_of_one_name_are_refused() {
        assert!(refused("pub mod types { struct A; enum A {} }").contains("types has two items with the name A"));
        assert!(
            refused("mod types { struct A; } mod open_enums { crate::open_enum! { pub enum A { B = \"b\" } } }")
                .contains("name A")
        );
        assert!(refused("struct A { b: u8, b: u8 }").contains("struct A has two items with the name b"));
        assert!(refused("impl C { fn a() {} fn a() {} }").contains("impl C has two items with the name a"));
        assert!(refused("impl C { fn a(b: u8, b: u8) {} }").contains("method a has two items with the name b"));
        check("mod types { struct A; } struct B { a: u8 } impl B { fn a() {} }").unwrap();
    }

    #[test]
    fn code_that_the_generator_does_not_write_is_refused() {
        for source in [
            "fn evil() {}",
            "mod evil {}",
            "use std::process::Command;",
            "static A: u8 = 1;",
            "}",
        ] {
            assert!(check(source).is_err(), "{source}");
        }
    }
}
