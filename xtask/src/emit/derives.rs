//! Adds derives to the generated types.
//!
//! Every type can describe itself as a JSON schema (feature `schemars` of the raw crate). Types of
//! requests have a typed builder, so a missing required field does not compile. A list that may be
//! absent may be left out of the builder. A setter of text with limits takes any text and returns
//! an error in words.

use std::collections::BTreeSet;

use openapiv3::OpenAPI;
use syn::{Attribute, ExprPath, Fields, GenericArgument, Item, PathArguments, Type, parse_quote};

use super::checked_texts::CheckedText;
use crate::document::names::type_name;
use crate::document::reach::Reach;

/// Adds the derives to the types of a lowered document.
pub(super) fn add(types: &mut [Item], document: &OpenAPI, texts: &[CheckedText]) {
    let written: BTreeSet<String> = Reach::of(document)
        .requests
        .iter()
        .map(|name| type_name(name))
        .collect();
    let texts: BTreeSet<String> = texts.iter().map(|text| text.name.to_string()).collect();
    for item in types {
        match item {
            Item::Struct(item) => {
                describe(&mut item.attrs);
                if written.contains(&item.ident.to_string())
                    && let Fields::Named(fields) = &mut item.fields
                {
                    item.attrs.push(parse_quote!(#[derive(::bon::Builder)]));
                    item.attrs
                        .push(parse_quote!(#[builder(on(::std::string::String, into))]));
                    for field in &mut fields.named {
                        let default = default_of(&field.attrs).filter(|_| !is(&field.ty, "Option"));
                        match default {
                            Some(Some(function)) => field.attrs.push(parse_quote!(#[builder(default = #function())])),
                            Some(None) => field.attrs.push(parse_quote!(#[builder(default)])),
                            None => {}
                        }
                        let is_checked = |ty: &&Type| last_name(ty).is_some_and(|name| texts.contains(&name));
                        if let Some(text) = Some(inside_option(&field.ty)).filter(is_checked) {
                            field.attrs.push(setter_from_text(text));
                        }
                    }
                }
            }
            Item::Enum(item) => describe(&mut item.attrs),
            _ => {}
        }
    }
}

/// Returns the attribute for a setter that takes any text and checks it.
fn setter_from_text(ty: &Type) -> Attribute {
    parse_quote!(#[builder(with = |text: impl ::std::convert::AsRef<str>| -> ::std::result::Result<_, crate::InvalidText> {
        <#ty as ::std::str::FromStr>::from_str(text.as_ref())
    })])
}

/// Returns the type of a field without its `Option`.
fn inside_option(ty: &Type) -> &Type {
    let Type::Path(path) = ty else {
        return ty;
    };
    let last = path.path.segments.last().filter(|segment| segment.ident == "Option");
    match last.map(|segment| &segment.arguments) {
        Some(PathArguments::AngleBracketed(arguments)) => match arguments.args.first() {
            Some(GenericArgument::Type(inner)) => inner,
            _ => ty,
        },
        _ => ty,
    }
}

fn describe(attrs: &mut Vec<Attribute>) {
    attrs.push(parse_quote!(#[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]));
}

/// Returns the default that serde uses when the field is absent: a function, or that of the type.
fn default_of(attrs: &[Attribute]) -> Option<Option<ExprPath>> {
    let mut found = None;
    for attr in attrs.iter().filter(|attr| attr.path().is_ident("serde")) {
        // An attribute that is not a list of names and values has no default.
        let _ = attr.parse_nested_meta(|meta| {
            let is_default = meta.path.is_ident("default");
            if meta.input.peek(syn::Token![=]) {
                let value = meta.value()?.parse::<syn::Expr>()?;
                if is_default
                    && let syn::Expr::Lit(syn::ExprLit {
                        lit: syn::Lit::Str(path),
                        ..
                    }) = value
                {
                    found = Some(Some(path.parse()?));
                }
            } else if is_default {
                found = Some(None);
            }
            Ok(())
        });
    }
    found
}

fn is(ty: &Type, name: &str) -> bool {
    last_name(ty).is_some_and(|last| last == name)
}

fn last_name(ty: &Type) -> Option<String> {
    let Type::Path(path) = ty else {
        return None;
    };
    path.path.segments.last().map(|segment| segment.ident.to_string())
}
