//! Emits the internally tagged unions as enums over the types of their variants.

use heck::ToUpperCamelCase;
use openapiv3::OpenAPI;
use quote::format_ident;

use crate::document::union::Union;
use crate::document::walk;
use crate::error::{Error, Result};

/// Internally tagged union with its name and description.
pub(super) struct TaggedUnion {
    pub(super) name: String,
    description: Option<String>,
    union: Union,
}

/// Returns the unions of a lowered document.
pub(super) fn of(document: &OpenAPI) -> Result<Vec<TaggedUnion>> {
    let unions = walk::components(document).filter_map(|(name, schema)| {
        Some(TaggedUnion {
            name: name.clone(),
            description: schema.schema_data.description.clone(),
            union: Union::of(schema)?,
        })
    });
    unions
        .map(|one| {
            let nameless = one.union.variants.keys().find(|tag| ident(tag).is_none());
            match nameless {
                Some(tag) => Err(no_variant_name(&one.name, tag)),
                None => Ok(one),
            }
        })
        .collect()
}

fn ident(tag: &str) -> Option<syn::Ident> {
    syn::parse_str(&tag.to_upper_camel_case()).ok()
}

fn no_variant_name(union: &str, tag: &str) -> Error {
    Error::invalid(
        format_args!("schema {union}"),
        format_args!("its tag {tag:?} gives no variant name; add one in xtask/src/emit/unions.rs"),
    )
}

/// Adds the enums to the module of the types, each with a conversion from every variant.
pub(super) fn add(types: &mut Vec<syn::Item>, unions: &[TaggedUnion]) -> Result<()> {
    for TaggedUnion {
        name,
        description,
        union,
    } in unions
    {
        let ident_of = |tag: &String| ident(tag).ok_or_else(|| no_variant_name(name, tag));
        let tags = union.variants.keys();
        let idents = union.variants.keys().map(ident_of).collect::<Result<Vec<_>>>()?;
        let bodies = union
            .variants
            .values()
            .map(|body| format_ident!("{body}"))
            .collect::<Vec<_>>();
        let docs = union
            .variants
            .keys()
            .map(|tag| format!("Variant with the tag `{tag}`."));
        let tag = &union.tag;
        let doc = description.as_deref().unwrap_or_default();
        let name = format_ident!("{name}");

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
        for (ident, body) in idents.iter().zip(&bodies) {
            // Where two tags have one schema, the tag does not follow from the type of a value.
            if bodies.iter().filter(|other| *other == body).count() > 1 {
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
    Ok(())
}
