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
mod source;
pub mod update;

pub use document::marks;
pub use emit::GENERATE_COMMAND;
pub use error::{Error, Result};
pub use lower::{Lowered, Remark, Skipped, lower};
pub use outline::outline;
pub use source::Source;

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
    /// Decisions that the description asks for. The client compiles without the decision.
    pub remarks: Vec<Remark>,
}

/// Generates the raw client from the text of an OpenAPI 3.0 description (YAML or JSON).
///
/// The function reads no file and no environment variable. The same text always gives the same
/// source.
///
/// ```
/// let text = "openapi: 3.0.1\ninfo: {title: Tiny, version: '1'}\npaths: {}\n";
/// assert_eq!(xtask::generate(text)?.source, xtask::generate(text)?.source);
/// # Ok::<(), xtask::Error>(())
/// ```
///
/// # Errors
/// When the text is not an OpenAPI 3.0 document, or when an operation can be neither generated nor
/// skipped. The message names the operation or schema and what to do.
pub fn generate(spec: &str) -> Result<Generated> {
    let description = description::parse(spec)?;
    let lowered = lower::lower(description)?;
    let source = emit::emit(&lowered.document)?;
    Ok(Generated {
        source,
        skipped: lowered.skipped,
        remarks: lowered.remarks,
    })
}
