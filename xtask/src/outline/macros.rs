//! The macro calls in a client: checked texts and open enums.

use quote::ToTokens;
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, Token};

/// Name and limits in a `checked_text!`, without the words for errors.
pub(super) struct CheckedText {
    pub(super) name: syn::Ident,
    pub(super) limits: Vec<(String, String)>,
}

impl Parse for CheckedText {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        Attribute::parse_outer(input)?;
        input.parse::<Token![pub]>()?;
        input.parse::<Token![struct]>()?;
        let name = input.parse()?;
        let body;
        syn::braced!(body in input);
        let mut limits = Vec::new();
        while !body.is_empty() {
            let limit = body.parse::<syn::Ident>()?.to_string();
            body.parse::<Token![:]>()?;
            let value = body.parse::<syn::Expr>()?.to_token_stream().to_string();
            body.parse::<Token![,]>()?;
            if matches!(limit.as_str(), "min" | "max" | "pattern") {
                limits.push((limit, value));
            }
        }
        Ok(Self { name, limits })
    }
}

/// Name and values in an `open_enum!`.
pub(super) struct OpenEnum {
    pub(super) name: syn::Ident,
    pub(super) values: Vec<String>,
}

impl Parse for OpenEnum {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        Attribute::parse_outer(input)?;
        input.parse::<Token![pub]>()?;
        input.parse::<Token![enum]>()?;
        let name = input.parse()?;
        let body;
        syn::braced!(body in input);
        let mut values = Vec::new();
        while !body.is_empty() {
            body.parse::<syn::Ident>()?;
            body.parse::<Token![=]>()?;
            let mut value = body.parse::<syn::LitStr>()?.value();
            while body.parse::<Option<Token![|]>>()?.is_some() {
                value = format!("{value}, also {}", body.parse::<syn::LitStr>()?.value());
            }
            body.parse::<Token![,]>()?;
            values.push(value);
        }
        Ok(Self { name, values })
    }
}
