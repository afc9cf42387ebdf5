//! Emits the table of operations, which the hooks of the raw crate use.

use heck::ToSnakeCase;
use openapiv3::OpenAPI;
use quote::quote;

use crate::document::marks;

/// Returns the table as a Rust item.
pub(super) fn table(document: &OpenAPI) -> syn::Item {
    let rows = marks::operation_table(document).into_iter().map(|row| {
        let id = row.operation_id.to_snake_case();
        let method = row.method.to_uppercase();
        let path = row.path;
        let accepts = row.accepts.into_iter().map(|accept| {
            let version = option(accept.version);
            let header = accept.header;
            quote!(crate::Accept { version: #version, header: #header })
        });
        let content_type = option(row.content_type);
        let published_id = row.published_id;
        let versions = row.versions;
        let has_idempotency_key = row.has_idempotency_key;
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
        /// Every operation of the client, with the method, path and headers of its requests.
        pub const OPERATIONS: &[crate::Operation] = &[#(#rows),*];
    }
}

fn option(value: Option<impl quote::ToTokens>) -> proc_macro2::TokenStream {
    match value {
        Some(value) => quote!(Some(#value)),
        None => quote!(None),
    }
}
