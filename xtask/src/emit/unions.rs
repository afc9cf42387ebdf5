//! Emits the internally tagged unions as enums over the types of their variants.

use std::collections::BTreeSet;

use openapiv3::OpenAPI;
use syn::Ident;

use crate::document::names::{type_ident, upper_camel_ident};
use crate::document::union::Union;
use crate::document::walk;
use crate::error::{Error, Result};

/// Internally tagged union with its name and description.
pub(super) struct TaggedUnion {
    pub(super) name: Ident,
    description: Option<String>,
    tag: String,
    variants: Vec<Variant>,
}

struct Variant {
    tag: String,
    ident: Ident,
    /// Type of the variant.
    body: Ident,
}

/// Returns the unions of a lowered document.
pub(super) fn of(document: &OpenAPI) -> Result<Vec<TaggedUnion>> {
    let unions = walk::components(document).filter_map(|(name, schema)| Some((name, schema, Union::of(schema)?)));
    unions
        .map(|(name, schema, union)| {
            Ok(TaggedUnion {
                name: ident_of(name, name, type_ident(name))?,
                description: schema.schema_data.description.clone(),
                tag: union.tag.clone(),
                variants: variants(name, &union)?,
            })
        })
        .collect()
}

fn variants(name: &str, union: &Union) -> Result<Vec<Variant>> {
    let mut taken = BTreeSet::new();
    let variants = union.variants.iter().map(|(tag, body)| {
        let ident = upper_camel_ident(tag).filter(|ident| taken.insert(ident.to_string()));
        Ok(Variant {
            tag: tag.clone(),
            ident: ident_of(name, tag, ident)?,
            body: ident_of(name, body, type_ident(body))?,
        })
    });
    variants.collect()
}

fn ident_of(union: &str, text: &str, ident: Option<Ident>) -> Result<Ident> {
    ident.ok_or_else(|| {
        Error::invalid(
            format_args!("schema {union}"),
            format_args!(
                "{text:?} gives no Rust name, or that of another variant; add one in xtask/src/emit/unions.rs"
            ),
        )
    })
}

/// Adds the enums to the module of the types, each with a conversion from every variant.
pub(super) fn add(types: &mut Vec<syn::Item>, unions: &[TaggedUnion]) {
    for TaggedUnion {
        name,
        description,
        tag,
        variants,
    } in unions
    {
        let tags = variants.iter().map(|variant| &variant.tag);
        let idents = variants.iter().map(|variant| &variant.ident);
        let bodies = variants.iter().map(|variant| &variant.body);
        let docs = variants
            .iter()
            .map(|variant| format!("Variant with the tag `{}`.", variant.tag));
        let doc = description.as_deref().unwrap_or_default();

        types.push(syn::parse_quote! {
            #[doc = #doc]
            #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
            #[serde(tag = #tag)]
            pub enum #name {
                #(
                    #[doc = #docs]
                    #[serde(rename = #tags)]
                    #idents(#bodies),
                )*
            }
        });
        for Variant { ident, body, .. } in variants {
            // Where two tags have one schema, the tag does not follow from the type of a value.
            if variants.iter().filter(|other| other.body == *body).count() > 1 {
                continue;
            }
            types.push(syn::parse_quote! {
                impl ::std::convert::From<#body> for #name {
                    fn from(value: #body) -> Self {
                        Self::#ident(value)
                    }
                }
            });
        }
    }
}
