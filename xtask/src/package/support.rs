//! The hand-written modules.
//!
//! `xtask/support` links to the files of `ica-batch-sdk/src`. cargo follows the links when it
//! packages this crate.

use crate::error::{Error, Result};

/// Root of the raw client.
pub(super) const ROOT: &str = include_str!("../../support/lib.rs");

macro_rules! modules {
    ($($name:literal)+) => {
        [$(($name, include_str!(concat!("../../support/", $name, ".rs")))),+]
    };
}

/// Hand-written modules of the raw client.
pub(super) const MODULES: [(&str, &str); 12] = modules![
    "checked_text" "context" "decode" "encode" "gzip" "hooks" "json_error" "limit" "metered" "open_enum" "operation"
    "visible"
];

/// Beginning of the tests, which are at the end of a file. They use types of the project's client.
const TESTS: &str = "\n#[cfg(test)]\nmod tests {";

/// Returns the text of a module without its tests and its examples, because they use operations of
/// the project's client.
///
/// # Errors
/// When the text is not that of a module.
pub(super) fn copy(module: &str, text: &str) -> Result<String> {
    // Git on Windows may write the path of a link in place of its file.
    if !text.starts_with("//! ") {
        return Err(Error::could_not(
            "write the crate",
            format_args!(
                "xtask/support/{module}.rs is not the file that it links to; \
                 check the repository out with `git config core.symlinks true`, and build again"
            ),
        ));
    }
    let code = text.split_once(TESTS).map_or(text, |(code, _)| code);
    Ok(format!(
        "// Module of ica-batch-sdk {}, without its tests and examples.\n\n{}",
        env!("CARGO_PKG_VERSION"),
        without_examples(code)
    ))
}

/// Removes the code blocks of doc comments, and the blank line before each.
fn without_examples(code: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    let mut is_example = false;
    for line in code.lines() {
        let doc = ["///", "//!"]
            .iter()
            .find_map(|mark| line.trim_start().strip_prefix(mark));
        if doc.is_some_and(|doc| doc.trim_start().starts_with("```")) {
            is_example = !is_example;
            if is_example {
                kept.pop_if(|before| matches!(before.trim_start(), "///" | "//!"));
            }
        } else if !is_example {
            kept.push(line);
        }
    }
    kept.join("\n").trim_end().to_owned() + "\n"
}

#[cfg(test)]
mod tests {
    use super::{MODULES, ROOT, copy};

    #[test]
    fn the_modules_are_those_of_the_root() {
        let declared = ROOT
            .lines()
            .filter_map(|line| line.strip_prefix("mod ")?.strip_suffix(';'));
        let declared = declared.filter(|name| *name != "generated");
        assert!(declared.eq(MODULES.iter().map(|(name, _)| *name)));
    }

    #[test]
    fn a_copy_has_no_tests_and_no_examples() {
        let text = "//! A module.\n\n/// A function.\n///\n/// ```\n/// f();\n/// ```\n///\n/// # Errors\n/// None.\n\
                    fn f() {}\n\n#[cfg(test)]\nmod tests {\n}\n";
        let copied = copy("m", text).unwrap();
        let (_, copied) = copied.split_once("\n\n").unwrap();
        assert_eq!(
            copied,
            "//! A module.\n\n/// A function.\n///\n/// # Errors\n/// None.\nfn f() {}\n"
        );
        for (name, text) in MODULES {
            let copied = copy(name, text).unwrap();
            for absent in ["cfg(test)", "```", "ica_simulator", "ica_batch_sdk::"] {
                assert!(!copied.contains(absent), "{name} contains {absent}");
            }
            syn::parse_file(&copied).unwrap();
        }
    }

    #[test]
    fn a_link_that_was_not_followed_is_an_error() {
        let error = copy("gzip", "../../ica-batch-sdk/src/gzip.rs").unwrap_err().to_string();
        assert!(error.contains("core.symlinks"), "{error}");
    }
}
