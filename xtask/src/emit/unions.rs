//! The internally tagged unions, as enums over the types of their variants.

use heck::ToUpperCamelCase;
use openapiv3::OpenAPI;
use quote::format_ident;

use crate::lower::unions::Union;
use crate::{Error, Result};

/// A union that the emitter writes.
pub(super) struct TaggedUnion {
    pub(super) name: String,
    description: Option<String>,
    union: Union,
}

/// The unions of a lowered document.
pub(super) fn of(document: &OpenAPI) -> Result<Vec<TaggedUnion>> {
    let unions = super::components(document).filter_map(|(name, schema)| {
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
                Some(tag) => Err(Error::new(
                    &one.name,
                    format_args!(
                        "has the tag {tag:?}, which gives no variant name; teach xtask/src/emit/unions.rs one"
                    ),
                )),
                None => Ok(one),
            }
        })
        .collect()
}

fn ident(tag: &str) -> Option<syn::Ident> {
    syn::parse_str(&tag.to_upper_camel_case()).ok()
}

/// Adds the enums and a conversion from each variant to the module of the types.
pub(super) fn add(types: &mut Vec<syn::Item>, unions: &[TaggedUnion]) -> Result<()> {
    for TaggedUnion {
        name,
        description,
        union,
    } in unions
    {
        let ident_of =
            |tag: &String| ident(tag).ok_or_else(|| Error::new(name, format_args!("has no name for {tag:?}")));
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
            .map(|tag| format!("The form with the tag `{tag}`."));
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
            // Two tags of one schema leave open which of them a bare value is.
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
