//! What the generated types derive beyond what progenitor gives them.
//!
//! Every type can describe itself as a JSON schema (feature `schemars` of the raw crate). Types that requests are
//! made of have a typed builder, so that a missing field does not compile; a list that may be left out may be
//! left out of the builder too.

use std::collections::BTreeSet;

use heck::ToUpperCamelCase;
use openapiv3::OpenAPI;
use syn::{Attribute, Fields, Item, Type, parse_quote};

use crate::lower::Reach;

/// Adds the derives to the types of a lowered document.
pub(super) fn add(types: &mut [Item], document: &OpenAPI) {
    let written: BTreeSet<String> = Reach::of(document)
        .requests
        .iter()
        .map(|name| name.to_upper_camel_case())
        .collect();
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
                        if !is(&field.ty, "Option") && has_default(&field.attrs) {
                            field.attrs.push(parse_quote!(#[builder(default)]));
                        }
                    }
                }
            }
            Item::Enum(item) => describe(&mut item.attrs),
            _ => {}
        }
    }
}

fn describe(attrs: &mut Vec<Attribute>) {
    attrs.push(parse_quote!(#[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]));
}

/// Whether serde fills the field in when it is absent.
fn has_default(attrs: &[Attribute]) -> bool {
    let mut found = false;
    for attr in attrs.iter().filter(|attr| attr.path().is_ident("serde")) {
        // What is no plain list of names and values is not one of ours to read.
        let _ = attr.parse_nested_meta(|meta| {
            found |= meta.path.is_ident("default");
            if meta.input.peek(syn::Token![=]) {
                meta.value()?.parse::<syn::Expr>()?;
            }
            Ok(())
        });
    }
    found
}

fn is(ty: &Type, name: &str) -> bool {
    let Type::Path(path) = ty else {
        return false;
    };
    path.path.segments.last().is_some_and(|segment| segment.ident == name)
}
