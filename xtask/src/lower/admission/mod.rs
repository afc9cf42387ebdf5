//! Refuses descriptions that the generator cannot turn into a client that compiles.
//!
//! progenitor panics on some documents, and generates code that does not compile from others. Each
//! check here refuses one kind of them before any pass runs, with an error that names the place and
//! the remedy. [`names`] runs after the passes, because they give names, too.

mod chains;
mod cycles;
mod data;
pub(super) mod names;
mod nodes;
mod operations;
mod parameters;
mod schemas;
mod sizes;

use openapiv3::OpenAPI;

use crate::error::{Error, Result};

/// Checks the description, after [`references`](super::references) and before all other passes.
///
/// # Errors
/// When an operation or a schema cannot work. The error names the first one.
pub(super) fn check(document: &OpenAPI) -> Result<()> {
    check_info(document)?;
    operations::check(document)?;
    schemas::check(document)?;
    cycles::check(document)?;
    sizes::check(document)?;
    chains::check(document)
}

/// The client sends the version of the description in a header.
fn check_info(document: &OpenAPI) -> Result<()> {
    let version = &document.info.version;
    if version.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
        return Ok(());
    }
    Err(Error::invalid(
        "info.version",
        format_args!("{version:?} contains characters that no header may have; write it in ASCII"),
    ))
}
