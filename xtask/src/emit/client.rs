//! Runs progenitor.

use openapiv3::OpenAPI;
use progenitor::{GenerationSettings, Generator, HooksMode, InterfaceStyle, TypeImpl};
use quote::quote;

use super::checked_texts::{self, CheckedText};
use super::open_enums::{self, OpenEnum};
use super::unions::{self, TaggedUnion};
use crate::error::{Error, Result};

/// Types that the emitter writes in place of progenitor.
pub(super) struct Parts {
    pub(super) enums: Vec<OpenEnum>,
    pub(super) unions: Vec<TaggedUnion>,
    pub(super) texts: Vec<CheckedText>,
}

impl Parts {
    pub(super) fn of(document: &OpenAPI) -> Result<Self> {
        Ok(Self {
            enums: open_enums::of(document)?,
            unions: unions::of(document)?,
            texts: checked_texts::of(document)?,
        })
    }
}

/// Returns the client that progenitor generates.
pub(super) fn client(document: &OpenAPI, parts: &Parts) -> Result<syn::File> {
    let mut settings = GenerationSettings::new();
    settings
        .with_interface(InterfaceStyle::Positional)
        .with_hooks(HooksMode::Expected)
        .with_inner_type(quote!(crate::CallContext))
        .with_map_type("::std::collections::BTreeMap")
        .with_derive("PartialEq");
    let texts = parts.enums.iter().map(|one| &one.name);
    for name in texts.chain(parts.texts.iter().map(|one| &one.name)) {
        let parsed = [TypeImpl::Display, TypeImpl::FromStr];
        settings.with_replacement(name, format!("crate::types::{name}"), parsed.into_iter());
    }
    for name in parts.unions.iter().map(|one| &one.name) {
        settings.with_replacement(name, format!("crate::types::{name}"), std::iter::empty());
    }
    let tokens = Generator::new(&settings).generate_tokens(document).map_err(|error| {
        Error::could_not(
            "generate the client",
            format_args!("progenitor reports: {error}; add a pass that changes what it names"),
        )
    })?;
    syn::parse2(tokens).map_err(|error| {
        Error::could_not(
            "generate the client",
            format_args!("the output of progenitor is not valid Rust ({error}); report it"),
        )
    })
}
