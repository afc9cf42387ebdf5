//! The root of the crate.

use super::support;
use crate::error::{Error, Result};

/// Parts of the raw client's root that choose its source at build time, and show that of a build.
const CHOICE: &str = r#"#[cfg(feature = "regenerate")]
mod generated {
    include!(concat!(env!("OUT_DIR"), "/generated.rs"));
}
#[cfg(not(feature = "regenerate"))]
"#;
const BUILT: &str = r#"
/// Source that the build script generated, for tests.
#[cfg(feature = "regenerate")]
#[doc(hidden)]
pub const GENERATED_SOURCE: &str = include_str!(concat!(env!("OUT_DIR"), "/generated.rs"));
"#;

/// Parts of the raw client that a source without such an item does not use.
const USES: [&str; 5] = [
    "crate::checked_text!",
    "crate::open_enum!",
    "crate::PatternWords",
    "crate::decode(",
    "encode_path(",
];

/// Parts of a complete module that a client may not use.
const ALLOWED: &str = "allow(dead_code, unused_imports, unused_macros)";

/// Returns the text of `lib.rs`: the root of the raw client with other docs.
///
/// # Errors
/// When the root of the raw client does not have the form that this function changes.
pub(super) fn text(source: &str) -> Result<String> {
    let allowed = match uses_all(source) {
        true => String::new(),
        false => format!("#![{ALLOWED}]\n"),
    };
    Ok(format!(
        "#![doc = include_str!(\"../README.md\")]\n{allowed}{}",
        items()?
    ))
}

/// Returns the items of the root without attributes of the whole crate, to be included in a root.
///
/// # Errors
/// The same as those of [`text`].
pub(super) fn included(source: &str) -> Result<String> {
    let items = items()?;
    if uses_all(source) {
        return Ok(items);
    }
    let is_item = |line: &str| line.starts_with("mod ") || line.starts_with("use ") || line.starts_with("pub");
    let lines = items.lines().map(|line| match is_item(line) {
        true => format!("#[{ALLOWED}]\n{line}\n"),
        false => format!("{line}\n"),
    });
    Ok(lines.collect())
}

fn uses_all(source: &str) -> bool {
    USES.iter().all(|part| source.contains(part))
}

fn items() -> Result<String> {
    let changed = || {
        Error::could_not(
            "write the crate",
            "ica-batch-sdk/src/lib.rs has another form; adapt xtask/src/package/root.rs",
        )
    };
    let root = support::copy("lib", support::ROOT)?;
    let (_, items) = root
        .split_once("#![cfg_attr(docsrs, feature(doc_cfg))]\n")
        .ok_or_else(changed)?;
    let (before, after) = items.split_once(CHOICE).ok_or_else(changed)?;
    let (module, after) = after.split_once(BUILT).ok_or_else(changed)?;
    Ok(format!("{before}{module}{after}"))
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_root_declares_the_modules_and_includes_nothing_of_a_build() {
        let all = super::USES.join(" ");
        let root = super::text(&all).unwrap();
        assert!(
            root.starts_with("#![doc = include_str!(\"../README.md\")]\n\nmod checked_text;\n"),
            "{root}"
        );
        assert!(
            root.contains("\n#[rustfmt::skip]\nmod generated;\n") && !root.contains("OUT_DIR"),
            "{root}"
        );
        assert!(super::text("crate::decode(").unwrap().contains("#![allow(dead_code"));
    }
}
