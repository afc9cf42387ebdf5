//! Code that uses everything of a generated client that the verdicts on Rust are about.
//!
//! It reads each field of responses, writes each request with its builder, calls each method, uses
//! the name of each type and each value of an enum. It matches open enums with a wildcard, and
//! closed enums and unions without one. Every use is a function of its own, so that one error hides
//! no other.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use quote::ToTokens;
use syn::{Attribute, Field, Fields, FnArg, GenericArgument, ImplItem, Item, PathArguments, Type, Visibility};

/// Items of a generated source.
#[derive(Default)]
struct Surface {
    types: BTreeMap<String, Item>,
    /// Macro invocations that define a type: its name, and the variants of an open enum.
    defined: BTreeMap<String, Option<Vec<String>>>,
    methods: Vec<syn::ImplItemFn>,
}

/// Returns the code. Its module must import the client and its types with `*`.
pub(crate) fn of(source: &str) -> String {
    let mut surface = Surface::default();
    surface.add(&syn::parse_file(source).expect("generated source is Rust").items);
    let read = surface.read();
    let mut code = String::new();
    for (name, item) in &surface.types {
        let _ = writeln!(code, "fn name_{name}(_: &{name}) {{}}");
        match item {
            Item::Struct(item) => structure(&mut code, name, item, read.contains(name)),
            Item::Enum(item) => closed_enum(&mut code, name, item),
            _ => {}
        }
    }
    for (name, variants) in &surface.defined {
        match variants {
            Some(variants) => open_enum(&mut code, name, variants),
            None => checked_text(&mut code, name),
        }
    }
    for method in &surface.methods {
        call(&mut code, method);
    }
    code.replace("crate :: types :: ", "types :: ")
}

impl Surface {
    fn add(&mut self, items: &[Item]) {
        for item in items {
            match item {
                Item::Mod(module) if is_public(&module.vis) && module.ident != "error" => {
                    self.add(module.content.as_ref().map_or(&[][..], |(_, items)| items));
                }
                Item::Struct(one) if is_public(&one.vis) && one.ident != "Client" => {
                    self.types.insert(one.ident.to_string(), item.clone());
                }
                Item::Enum(one) if is_public(&one.vis) => {
                    self.types.insert(one.ident.to_string(), item.clone());
                }
                Item::Type(one) if is_public(&one.vis) => {
                    self.types.insert(one.ident.to_string(), item.clone());
                }
                Item::Impl(one) if one.trait_.is_none() && text(&one.self_ty) == "Client" => {
                    let methods = one.items.iter().filter_map(|item| match item {
                        ImplItem::Fn(method) if method.sig.asyncness.is_some() => Some(method.clone()),
                        _ => None,
                    });
                    self.methods.extend(methods);
                }
                Item::Macro(call) => self.defined.extend(definition(&call.mac.tokens.to_string())),
                _ => {}
            }
        }
    }

    /// Returns the names of the types that responses contain.
    fn read(&self) -> BTreeSet<String> {
        let mut read = BTreeSet::new();
        let mut open: Vec<String> = self.methods.iter().flat_map(|one| idents(&one.sig.output)).collect();
        while let Some(name) = open.pop() {
            if let Some(item) = self.types.get(&name)
                && read.insert(name)
            {
                open.extend(idents(item));
            }
        }
        read
    }
}

fn structure(code: &mut String, name: &str, item: &syn::ItemStruct, is_read: bool) {
    let has_builder = item
        .attrs
        .iter()
        .any(|attribute| text(attribute).contains("bon :: Builder"));
    match &item.fields {
        Fields::Named(fields) => {
            for field in fields.named.iter().filter(|_| is_read) {
                let (field, ty) = (text(&field.ident), text(&field.ty));
                let _ = writeln!(
                    code,
                    "fn read_{name}_{}(value: &{name}) -> &{ty} {{ &value.{field} }}",
                    plain(&field)
                );
            }
            if has_builder {
                build(code, name, "all", fields.named.iter().collect());
                let needed = fields.named.iter().filter(|field| !may_be_left_out(field));
                build(code, name, "needed", needed.collect());
                let others = fields.named.iter().filter(|field| may_be_left_out(field));
                others.for_each(|field| build_maybe(code, name, field));
            }
        }
        Fields::Unnamed(fields) => {
            for field in fields.unnamed.iter().filter(|field| is_public(&field.vis)) {
                let ty = text(&field.ty);
                if is_read {
                    let _ = writeln!(code, "fn read_{name}(value: &{name}) -> &{ty} {{ &value.0 }}");
                }
                let _ = writeln!(code, "fn write_{name}(inner: {ty}) -> {name} {{ {name}(inner) }}");
            }
        }
        Fields::Unit => {}
    }
}

/// Writes a function that builds a request with these fields.
fn build(code: &mut String, name: &str, which: &str, fields: Vec<&Field>) {
    let mut arguments = String::new();
    let mut setters = String::new();
    for field in fields {
        let setter = text(&field.ident);
        let argument = plain(&setter);
        let inner = inside_option(&field.ty);
        let is_checked = has(&field.attrs, "builder (with =");
        let ty = match is_checked || text(inner) == ":: std :: string :: String" {
            true => "&'static str".to_owned(),
            false => text(inner),
        };
        let failing = if is_checked { "?" } else { "" };
        let _ = write!(arguments, "field_{argument}: {ty}, ");
        let _ = write!(setters, ".{setter}(field_{argument}){failing}");
    }
    let _ = writeln!(
        code,
        "fn build_{which}_{name}({arguments}) -> ::std::result::Result<{name}, ::std::boxed::Box<dyn ::std::error::Error>> \
         {{ ::std::result::Result::Ok({name}::builder(){setters}.build()) }}"
    );
}

/// Writes a function that gives a builder a value that may be absent.
fn build_maybe(code: &mut String, name: &str, field: &Field) {
    let setter = text(&field.ident);
    let setter = plain(&setter);
    let inner = match (has(&field.attrs, "builder (with ="), text(inside_option(&field.ty))) {
        (true, _) => "&'static str".to_owned(),
        (false, inner) => inner,
    };
    let _ = writeln!(
        code,
        "fn maybe_{setter}_{name}(value: ::std::option::Option<{inner}>) {{ {name}::builder().maybe_{setter}(value); }}"
    );
}

/// Writes each variant, and a `match` of all.
fn closed_enum(code: &mut String, name: &str, item: &syn::ItemEnum) {
    let mut arms = String::new();
    for variant in &item.variants {
        let variant_name = variant.ident.to_string();
        if let Fields::Unnamed(fields) = &variant.fields {
            let _ = write!(arms, "{name}::{variant_name}(_) => {{}} ");
            let inner = text(&fields.unnamed[0].ty);
            let _ = writeln!(
                code,
                "fn variant_{name}_{variant_name}(inner: {inner}) -> {name} {{ {name}::{variant_name}(inner) }}"
            );
        } else {
            let _ = write!(arms, "{name}::{variant_name} => {{}} ");
            let _ = writeln!(
                code,
                "fn variant_{name}_{variant_name}() -> {name} {{ {name}::{variant_name} }}"
            );
        }
    }
    let _ = writeln!(code, "fn match_{name}(value: {name}) {{ match value {{ {arms} }} }}");
}

fn open_enum(code: &mut String, name: &str, variants: &[String]) {
    let mut arms = String::new();
    for variant in variants {
        let _ = write!(arms, "{name}::{variant} => {{}} ");
    }
    let _ = writeln!(
        code,
        "fn match_{name}(value: {name}) {{ match value {{ {arms} _ => {{}} }} }}"
    );
    let _ = writeln!(
        code,
        "fn use_{name}(value: &{name}) -> (&str, &[{name}], bool) {{ (value.as_str(), {name}::KNOWN, value.is_recognized()) }}"
    );
}

fn checked_text(code: &mut String, name: &str) {
    let _ = writeln!(
        code,
        "fn use_{name}(value: &{name}) -> (::std::result::Result<{name}, crate::InvalidText>, &str) \
         {{ (\"text\".parse(), value.as_str()) }}"
    );
}

/// Writes a call with the types of the arguments and of the result.
fn call(code: &mut String, method: &syn::ImplItemFn) {
    let name = text(&method.sig.ident);
    let generics = text(&method.sig.generics);
    let (mut arguments, mut values) = (String::new(), String::new());
    for (number, input) in method.sig.inputs.iter().enumerate() {
        if let FnArg::Typed(input) = input {
            let _ = write!(arguments, ", argument_{number}: {}", text(&input.ty));
            let _ = write!(values, "argument_{number}, ");
        }
    }
    let output = text(&method.sig.output);
    let _ = writeln!(
        code,
        "async fn call_{}{generics}(client: &Client{arguments}) {output} {{ client.{name}({values}).await }}",
        plain(&name)
    );
}

/// Returns the name that a macro invocation defines, with the variants of an open enum.
fn definition(tokens: &str) -> Option<(String, Option<Vec<String>>)> {
    let is_enum = tokens.contains("pub enum");
    let (_, rest) = tokens
        .split_once("pub enum")
        .or_else(|| tokens.split_once("pub struct"))?;
    let (name, body) = rest.split_once('{')?;
    let variants = body
        .split(',')
        .filter_map(|variant| Some(variant.split_once('=')?.0.trim().to_owned()));
    Some((name.trim().to_owned(), is_enum.then(|| variants.collect())))
}

fn may_be_left_out(field: &Field) -> bool {
    is_option(&field.ty) || has(&field.attrs, "builder (default")
}

fn has(attributes: &[Attribute], part: &str) -> bool {
    attributes.iter().any(|attribute| text(attribute).contains(part))
}

fn is_option(ty: &Type) -> bool {
    matches!(ty, Type::Path(path) if path.path.segments.last().is_some_and(|last| last.ident == "Option"))
}

fn inside_option(ty: &Type) -> &Type {
    if let Type::Path(path) = ty
        && is_option(ty)
        && let Some(PathArguments::AngleBracketed(arguments)) = path.path.segments.last().map(|last| &last.arguments)
        && let Some(GenericArgument::Type(inner)) = arguments.args.first()
    {
        return inner;
    }
    ty
}

fn idents(tokens: &impl ToTokens) -> Vec<String> {
    let text = text(tokens);
    let words = text.split(|c: char| !(c.is_alphanumeric() || c == '_'));
    words.map(str::to_owned).collect()
}

fn is_public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}

fn plain(ident: &str) -> &str {
    ident.strip_prefix("r#").unwrap_or(ident)
}

fn text(tokens: &impl ToTokens) -> String {
    tokens.to_token_stream().to_string()
}
