//! The emitter: from the lowered document to Rust source.
//!
//! progenitor generates the client and the types. The modules here add what progenitor has no
//! setting for, to its syntax tree (`calls`, `derives`, `docs`, `secrets`, `unions`) or after it
//! (`open_enums`, `checked_texts`, `operations`). prettyplease formats the result. The source
//! compiles in the root of `ica-batch-sdk` only: it uses `crate::CallContext`, `crate::open_enum!`,
//! `crate::checked_text!`, `crate::decode`, `crate::encode_path`, `crate::Operation` and
//! `crate::types`. `audit` reads the result before anybody gets it.

mod audit;
mod calls;
mod checked_texts;
mod culprit;
mod derives;
mod docs;
mod open_enums;
mod operations;
mod secrets;
mod unions;

use openapiv3::OpenAPI;
use progenitor::{GenerationSettings, Generator, HooksMode, InterfaceStyle, TypeImpl};
use quote::quote;

use self::checked_texts::CheckedText;
use self::open_enums::OpenEnum;
use self::unions::TaggedUnion;
use crate::error::{Error, Result};
use crate::guard;

/// Command that writes the generated client of the repository.
///
/// ```
/// assert_eq!(xtask::GENERATE_COMMAND, "cargo xtask generate");
/// ```
pub const GENERATE_COMMAND: &str = "cargo xtask generate";

/// Generates the source of the client from a lowered document.
///
/// # Errors
/// When progenitor rejects the document, or when a value cannot be a Rust name.
pub(crate) fn emit(document: &OpenAPI) -> Result<String> {
    // progenitor, syn and prettyplease recurse; progenitor and typify panic.
    guard::run(|| source(document)).unwrap_or_else(|panic| Err(culprit::error(document, &panic)))
}

fn source(document: &OpenAPI) -> Result<String> {
    let parts = Parts::of(document)?;
    let mut file = client(document, &parts)?;
    let types = types_of(&mut file)?;
    unions::add(types, &parts.unions);
    derives::add(types, document, &parts.texts);
    secrets::hide(types, document);
    types.push(syn::parse_quote!(
        #[allow(unused_imports)]
        pub use super::open_enums::*;
    ));
    types.push(syn::parse_quote!(
        #[allow(unused_imports)]
        pub use super::checked_texts::*;
    ));
    calls::change(&mut file, document)?;
    file.items.push(operations::table(document));
    docs::tidy(&mut file);

    let source = format!(
        "{}{}\n{}\n{}",
        banner(),
        prettyplease::unparse(&file),
        open_enums::module(&parts.enums),
        checked_texts::module(&parts.texts)
    );
    audit::check(&source)?;
    Ok(source)
}

/// Types that this module writes in place of progenitor.
struct Parts {
    enums: Vec<OpenEnum>,
    unions: Vec<TaggedUnion>,
    texts: Vec<CheckedText>,
}

impl Parts {
    fn of(document: &OpenAPI) -> Result<Self> {
        Ok(Self {
            enums: open_enums::of(document)?,
            unions: unions::of(document)?,
            texts: checked_texts::of(document)?,
        })
    }
}

/// Returns the client that progenitor generates.
fn client(document: &OpenAPI, parts: &Parts) -> Result<syn::File> {
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

fn banner() -> String {
    format!(
        "// Written by `{GENERATE_COMMAND}` from openapi/ica-batch.yaml. Do not edit it:\n\
         // change the description or a pass in xtask/src/lower, and run the command again.\n\n"
    )
}

/// Returns the items of progenitor's module `types`.
fn types_of(file: &mut syn::File) -> Result<&mut Vec<syn::Item>> {
    let module = file.items.iter_mut().find_map(|item| match item {
        syn::Item::Mod(module) if module.ident == "types" => module.content.as_mut(),
        _ => None,
    });
    match module {
        Some((_, items)) => Ok(items),
        None => Err(Error::could_not(
            "generate the client",
            "the output of progenitor has no module `types`; adapt xtask/src/emit to its release",
        )),
    }
}
