//! Gives types with a secret a `Debug` that shows the name of the type only.

use openapiv3::OpenAPI;
use quote::ToTokens;
use syn::punctuated::Punctuated;
use syn::{Item, Path, Token, parse_quote};

use crate::document::names::type_name;
use crate::document::{marks, walk};

/// Replaces the derived `Debug` of the marked types by one that hides the secret.
pub(super) fn hide(types: &mut Vec<Item>, document: &OpenAPI) {
    let marked =
        walk::components(document).filter(|(_, schema)| schema.schema_data.extensions.contains_key(marks::SECRET));
    let marked = marked.map(|(name, _)| type_name(name)).collect::<Vec<_>>();
    let mut impls = Vec::new();
    for item in types.iter_mut() {
        let Item::Struct(item) = item else {
            continue;
        };
        let (ident, text) = (item.ident.clone(), item.ident.to_string());
        if !marked.contains(&text) {
            continue;
        }
        for attribute in item
            .attrs
            .iter_mut()
            .filter(|attribute| attribute.path().is_ident("derive"))
        {
            if let Ok(derives) = attribute.parse_args_with(Punctuated::<Path, Token![,]>::parse_terminated) {
                let kept = derives
                    .into_iter()
                    .filter(|derive| derive.to_token_stream().to_string() != "Debug");
                let kept = kept.collect::<Punctuated<Path, Token![,]>>();
                *attribute = parse_quote!(#[derive(#kept)]);
            }
        }
        impls.push(parse_quote! {
            impl ::std::fmt::Debug for #ident {
                fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                    f.debug_struct(#text).finish_non_exhaustive()
                }
            }
        });
    }
    types.extend::<Vec<Item>>(impls);
}
