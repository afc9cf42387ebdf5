//! Names of crates.

use super::manifest;
use crate::error::{Error, Result};

/// Longest name that crates.io accepts.
const MAX_CHARACTERS: usize = 64;

/// Names that cargo refuses, besides the keywords of Rust.
const RESERVED: [&str; 9] = [
    "alloc",
    "build",
    "core",
    "deps",
    "examples",
    "incremental",
    "proc_macro",
    "std",
    "test",
];

/// Checks the name of a crate.
pub(super) fn check(name: &str) -> Result<()> {
    let reason = if name.len() > MAX_CHARACTERS {
        "it has more than 64 characters"
    } else if !name.starts_with(|first: char| first.is_ascii_lowercase()) {
        "it does not begin with a small letter"
    } else if name.contains(|c: char| !(c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_'))) {
        "it has other characters than small letters, digits, '-' and '_'"
    } else if syn::parse_str::<syn::Ident>(&name.replace('-', "_")).is_err() || RESERVED.contains(&name) {
        "Rust or cargo reserves it"
    } else if manifest::dependencies().any(|dependency| dependency == name) {
        "it is the name of a dependency of the crate"
    } else {
        return Ok(());
    };
    Err(Error::invalid(
        format_args!("crate name {name:?}"),
        format_args!("{reason}; use a name such as my-ica-client"),
    ))
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_name_must_be_that_of_a_crate() {
        for name in ["a", "ica-client", "ica_client_2"] {
            super::check(name).unwrap();
        }
        let long = "a".repeat(65);
        for (name, reason) in [
            ("", "begin with a small letter"),
            ("1a", "begin with a small letter"),
            ("Client", "begin with a small letter"),
            ("a\"\n[lib]", "other characters"),
            ("a/b", "other characters"),
            ("fn", "reserves it"),
            ("test", "reserves it"),
            ("serde", "name of a dependency"),
            (&long, "more than 64 characters"),
        ] {
            let error = super::check(name).unwrap_err().to_string();
            assert!(error.contains(reason), "{error}");
        }
    }
}
