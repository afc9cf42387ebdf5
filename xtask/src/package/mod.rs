//! A whole crate around generated source: manifest, README, root, and the hand-written modules.
//!
//! The generated source needs the hooks, open enums, checked text and decoding of `ica-batch-sdk`.
//! The crate has copies of these modules, so that it depends on published crates only, and so that
//! they always fit the source that was generated with them.

mod content;
mod manifest;
mod name;
mod readme;
mod root;
mod support;

use std::collections::BTreeMap;

use crate::error::Result;

pub(crate) use content::Content;

/// Returns the files of the crate: the path with `/`, and the text.
///
/// # Errors
/// When the name is not that of a crate.
pub(crate) fn files(name: &str, content: &Content<'_>) -> Result<BTreeMap<String, String>> {
    name::check(name)?;
    let mut files = BTreeMap::from([
        ("Cargo.toml".to_owned(), manifest::text(name)),
        ("README.md".to_owned(), readme::text(name, content)),
        ("src/lib.rs".to_owned(), root::text(content.source)?),
        ("src/generated.rs".to_owned(), content.source.to_owned()),
    ]);
    for (module, text) in support::MODULES {
        files.insert(format!("src/{module}.rs"), support::copy(module, text)?);
    }
    Ok(files)
}
