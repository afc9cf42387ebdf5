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
    for (file, text) in support_files()? {
        files.insert(format!("src/{file}"), text);
    }
    Ok(files)
}

/// Returns the files that a build script writes: `client.rs` for the root of its crate, and the
/// modules beside it.
///
/// # Errors
/// When the root of the raw client does not have the form that this function changes.
pub(crate) fn modules(source: &str) -> Result<BTreeMap<String, String>> {
    let mut files: BTreeMap<_, _> = support_files()?.collect();
    files.insert("client.rs".to_owned(), root::included(source)?);
    files.insert("generated.rs".to_owned(), source.to_owned());
    Ok(files)
}

fn support_files() -> Result<impl Iterator<Item = (String, String)>> {
    let files = support::MODULES.iter();
    let files = files.map(|(module, text)| Ok((format!("{module}.rs"), support::copy(module, text)?)));
    Ok(files.collect::<Result<Vec<_>>>()?.into_iter())
}
