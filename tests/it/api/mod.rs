//! Outline of the public API of the extension crate, for review: a change of the API shows in a few
//! lines.
//!
//! The outline is read from the sources. Macros of the crate are expanded (`call_setters!`,
//! `api_versions!`, `any_item_version!` and others), so the items that they define are listed like
//! those written by hand. Auto traits such as `Send` do not show.

mod foreign;
mod outline;
mod tests;
mod text;

use crate::setup::workspace;
use crate::source::{Crate, expand, exports, read_files};
use outline::Outline;

/// Types and traits of other crates that public signatures may name, each with its reason.
const FOREIGN: [(&str, &str); 11] = [
    ("chrono::DateTime", "times in filters, as in the types of responses"),
    ("chrono::Utc", "times in filters, as in the types of responses"),
    ("futures_core::Stream", "the trait of streams: small and stable"),
    (
        "ica_batch_sdk::Client",
        "in methods of sealed traits, for this crate only",
    ),
    (
        "ica_batch_sdk::Error",
        "in methods of sealed traits, for this crate only",
    ),
    ("ica_batch_sdk::InvalidText", "re-exported: error of text with limits"),
    ("ica_batch_sdk::OpenEnum", "trait of the generated open enums"),
    (
        "ica_batch_sdk::UnknownValue",
        "re-exported: error of strict parsing of open enums",
    ),
    ("serde::Deserialize", "users store values such as checkpoints"),
    ("serde::Serialize", "users store values such as checkpoints and reports"),
    ("uuid::Uuid", "re-exported: ids of ICA are UUIDs"),
];

fn outline() -> Outline {
    let mut sources = Crate::parse(
        "ica_batch_sdk_ext",
        &read_files(&workspace().join("ica-batch-sdk-ext/src")),
    );
    expand(&mut sources);
    Outline::of(&sources, &exports(&sources))
}

#[test]
fn the_outline_of_the_extension_crate() {
    insta::assert_snapshot!(outline().to_string());
}

#[test]
fn foreign_types_in_public_signatures_have_a_reason() {
    let found = outline().foreign;
    for (path, places) in &found {
        assert!(
            FOREIGN.iter().any(|(allowed, _)| allowed == path),
            "{path} is new in public signatures ({}). A breaking release of its crate would be one of ours: return a \
             type of this crate in its place, or add it with a reason to FOREIGN in tests/it/api/mod.rs",
            places.iter().cloned().collect::<Vec<_>>().join("; ")
        );
    }
    for (path, reason) in FOREIGN {
        assert!(!reason.is_empty());
        assert!(
            found.contains_key(path),
            "{path} is in no public signature any more: remove it from FOREIGN"
        );
    }
}
