//! Generates the raw client of ICA from its OpenAPI description.
//!
//! [`generate`] takes the text of a description and returns Rust source. It works in three steps:
//!
//! 1. [`description::parse`] reads the text as an OpenAPI document.
//! 2. [`lower()`] changes the document until progenitor can generate the client that this project
//!    wants. Each decision is one pass. The passes write what OpenAPI cannot express as extensions
//!    ([`marks`]).
//! 3. The emitter runs progenitor on the lowered document and adds the rest.
//!
//! To follow a published description:
//!
//! - [`diff::diff`] compares two descriptions, and says what each change means for clients.
//! - [`update::update`] takes the facts of one into the other, which keeps its prose, and
//!   [`update::Work`] lists the work that follows.
//! - [`outline()`] lists what a client offers, for a snapshot test.
//!
//! The page [`own_project`] is a project that keeps a description of its own with these functions.
//!
//! The program `xtask` is the command line around this library. The build script of `ica-batch-sdk`
//! calls the library directly.
//!
//! ```
//! let spec = r#"
//! openapi: 3.0.1
//! info: { title: Tiny, version: '1' }
//! paths:
//!   /api/things/{thingId}:
//!     get:
//!       operationId: getThing
//!       parameters:
//!         - { name: thingId, in: path, required: true, schema: { type: string } }
//!       responses:
//!         '200':
//!           description: The thing.
//!           content: { application/vnd.illumina.v3+json: { schema: { $ref: '#/components/schemas/Thing' } } }
//! components:
//!   schemas:
//!     Thing: { type: object, required: [id], properties: { id: { type: string } } }
//! "#;
//! let generated = xtask::generate(spec)?;
//! assert!(generated.source.contains("pub async fn get_thing<'a>"));
//! assert!(generated.skipped.is_empty());
//! # Ok::<(), xtask::Error>(())
//! ```

#![deny(missing_docs)]

pub mod description;
pub mod diff;
mod document;
mod emit;
mod error;
mod guard;
mod lower;
mod outline;
mod package;
mod source;
pub mod update;

pub use document::marks;
pub use emit::GENERATE_COMMAND;
pub use error::{Error, Result};
pub use lower::{Lowered, Remark, Skipped, lower};
pub use outline::outline;
pub use source::Source;

use std::collections::BTreeMap;

#[doc = include_str!("own_project.md")]
pub mod own_project {}

/// Output of [`generate`].
///
/// ```
/// let generated = xtask::generate("openapi: 3.0.1\ninfo: {title: Tiny, version: '1'}\npaths: {}\n")?;
/// assert!(generated.source.starts_with("// Written by `cargo xtask generate`"));
/// # Ok::<(), xtask::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Generated {
    /// Formatted Rust source of the raw client, with its banner.
    pub source: String,
    /// Operations that are not in the client, each with the reason.
    pub skipped: Vec<Skipped>,
    /// Decisions that the description asks for, and keys that have no effect. The client compiles
    /// without the decision.
    pub remarks: Vec<Remark>,
}

impl Generated {
    /// Returns the files of a whole crate with this client: `Cargo.toml`, `README.md`, `src/lib.rs`,
    /// `src/generated.rs` with exactly [`source`](Self::source), and the hand-written modules that
    /// the client needs. The keys are paths with `/` below the folder of the crate.
    ///
    /// The README lists what is left out and what is to decide. The crate depends on published
    /// crates only. The same client and name always give the same files.
    ///
    /// ```
    /// let text = "openapi: 3.0.1\ninfo: {title: Tiny, version: '1'}\npaths: {}\n";
    /// let generated = xtask::generate(text)?;
    /// let files = generated.package("my-ica-client")?;
    /// assert!(files["Cargo.toml"].contains("name = \"my-ica-client\""));
    /// assert_eq!(files["src/generated.rs"], generated.source);
    /// assert!(files.contains_key("src/hooks.rs"));
    /// # Ok::<(), xtask::Error>(())
    /// ```
    ///
    /// # Errors
    /// When the name is not that of a crate.
    pub fn package(&self, name: &str) -> Result<BTreeMap<String, String>> {
        let content = package::Content {
            source: &self.source,
            skipped: &self.skipped,
            remarks: &self.remarks,
        };
        package::files(name, &content)
    }

    /// Returns the files that a build script writes to its `OUT_DIR`: `client.rs`, `generated.rs` and
    /// the hand-written modules.
    ///
    /// The root of the crate has `include!(concat!(env!("OUT_DIR"), "/client.rs"));`. The page
    /// [`own_project`] is a complete project, with the dependencies that the client needs.
    ///
    /// ```
    /// let text = "openapi: 3.0.1\ninfo: {title: Tiny, version: '1'}\npaths: {}\n";
    /// let generated = xtask::generate(text)?;
    /// let files = generated.modules()?;
    /// assert_eq!(files["generated.rs"], generated.source);
    /// assert!(files["client.rs"].contains("\nmod hooks;\n"));
    /// # Ok::<(), xtask::Error>(())
    /// ```
    ///
    /// # Errors
    /// When this crate was built from a checkout without its symbolic links.
    pub fn modules(&self) -> Result<BTreeMap<String, String>> {
        package::modules(&self.source)
    }
}

/// Generates the raw client from the text of an OpenAPI 3.0 description (YAML or JSON).
///
/// The function reads no file and no environment variable. The same text always gives the same
/// source.
///
/// ```
/// let text = "openapi: 3.0.1\ninfo: {title: Tiny, version: '1'}\npaths: {}\n";
/// assert_eq!(xtask::generate(text)?.source, xtask::generate(text)?.source);
///
/// let misspelt = format!("{text}tag: []\n");
/// assert_eq!(
///     xtask::generate(&misspelt)?.remarks[0].to_string(),
///     "description: its key \"tag\" is not a keyword of OpenAPI 3.0 and has no effect; write \"tags\", or remove it",
/// );
/// # Ok::<(), xtask::Error>(())
/// ```
///
/// # Errors
/// When the text is not an OpenAPI 3.0 document, or when an operation can be neither generated nor
/// skipped. The message names the operation or schema and what to do.
pub fn generate(spec: &str) -> Result<Generated> {
    let (description, unknown) = description::read(spec)?;
    let lowered = lower::lower(description)?;
    let source = emit::emit(&lowered.document)?;
    let unknown = unknown.iter().map(remark);
    Ok(Generated {
        source,
        skipped: lowered.skipped,
        remarks: unknown.chain(lowered.remarks).collect(),
    })
}

fn remark(unknown: &description::UnknownKeyword) -> Remark {
    let description::UnknownKeyword { node, key, similar } = unknown;
    let advice = match similar {
        Some(similar) => format!("write {similar:?}, or remove it"),
        None => "remove it, or begin its name with \"x-\"".to_owned(),
    };
    let node = if node.is_empty() { "description" } else { node };
    Remark {
        place: error::readable(node),
        text: error::readable(&format!(
            "its key {key:?} is not a keyword of OpenAPI 3.0 and has no effect; {advice}"
        )),
    }
}
