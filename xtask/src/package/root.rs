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

/// Returns the text of `lib.rs`: the root of the raw client with other docs.
///
/// # Errors
/// When the root of the raw client does not have the form that this function changes.
pub(super) fn text(source: &str) -> Result<String> {
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
    let allowed = match USES.iter().all(|part| source.contains(part)) {
        true => "",
        // A hand-written module is complete also where the description does not need all of it.
        false => "#![allow(dead_code, unused_imports, unused_macros)]\n",
    };
    Ok(format!(
        "#![doc = include_str!(\"../README.md\")]\n{allowed}{before}{module}{after}"
    ))
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
