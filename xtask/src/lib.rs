//! Turns ICA's OpenAPI description into the source of the raw client.
//!
//! One pure function does the work: [`generate`] takes the text of a description and returns Rust source.
//! It parses ([`description`]), lowers ([`lower`], one file a pass) and emits ([`emit`], progenitor and what
//! it cannot say). The command line around it lives in the `xtask` program; the build script of
//! `ica-batch-sdk` calls this library directly.
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
pub mod emit;
mod error;
pub mod lower;

pub use error::{Error, Result};
pub use lower::Skipped;

/// The command that writes the checked-in client, named wherever a reader needs it.
pub const GENERATE_COMMAND: &str = "cargo xtask generate";

/// What [`generate`] made of a description.
#[derive(Debug, Clone)]
pub struct Generated {
    /// The Rust source of the raw client, formatted, with its banner.
    pub source: String,
    /// The operations that have no place in the client, each with its reason.
    pub skipped: Vec<Skipped>,
}

/// Generates the raw client from the text of an OpenAPI 3.0 description (YAML or JSON).
///
/// Pure: reads no file and no environment, and the same text always gives the same source.
///
/// # Errors
/// When the text is not an OpenAPI 3.0 document, or holds something that can be neither generated nor
/// skipped; the message names the operation or schema and what to do.
pub fn generate(spec: &str) -> Result<Generated> {
    let description = description::parse(spec)?;
    let lowered = lower::lower(description)?;
    let source = emit::emit(&lowered.document)?;
    Ok(Generated {
        source,
        skipped: lowered.skipped,
    })
}
