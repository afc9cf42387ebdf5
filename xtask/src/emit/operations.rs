//! The table of what each operation sends, which the raw crate's hooks go by.

use heck::ToSnakeCase;
use openapiv3::OpenAPI;
use quote::quote;

use crate::lower::marks;

/// The table as an item.
pub(super) fn table(document: &OpenAPI) -> syn::Item {
    let rows = marks::media(document).into_iter().map(|media| {
        let id = media.operation_id.to_snake_case();
        let method = media.method.to_uppercase();
        let path = media.path;
        let accepts = media.accepts.into_iter().map(|accept| {
            let version = option(accept.version);
            let header = accept.header;
            quote!(crate::Accept { version: #version, header: #header })
        });
        let content_type = option(media.content_type);
        let published_id = media.published_id;
        let versions = media.versions;
        let has_idempotency_key = media.has_idempotency_key;
        quote! {
            crate::Operation {
                id: #id,
                method: #method,
                path: #path,
                accepts: &[#(#accepts),*],
                content_type: #content_type,
                published_id: #published_id,
                versions: &[#(#versions),*],
                has_idempotency_key: #has_idempotency_key,
            }
        }
    });
    syn::parse_quote! {
        /// Every operation of the client, with what it sends over the wire.
        pub const OPERATIONS: &[crate::Operation] = &[#(#rows),*];
    }
}

fn option(value: Option<impl quote::ToTokens>) -> proc_macro2::TokenStream {
    match value {
        Some(value) => quote!(Some(#value)),
        None => quote!(None),
    }
}
