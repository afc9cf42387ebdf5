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
mod client;
mod culprit;
mod derives;
mod docs;
mod open_enums;
mod operations;
mod secrets;
mod unions;

use openapiv3::OpenAPI;

use self::client::{Parts, client};
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
