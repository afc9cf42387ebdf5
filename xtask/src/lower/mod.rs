//! The passes: from the description that ICA publishes to the document that progenitor is given.
//!
//! The description in `openapi/` contains facts only. Each decision about the client is one pass
//! here, a function over [`OpenAPI`] in a file of its own that gives the reason. A pass writes what
//! OpenAPI cannot express as an `x-ica-…` extension ([`marks`](crate::document::marks)), so `cargo
//! xtask lower` prints everything that the emitter knows.

mod admission;
mod check;
mod enums;
mod leniency;
mod nullability;
mod paging;
mod plain;
mod problems;
mod projections;
mod references;
mod remark;
mod secrets;
mod split_schemas;
mod texts;
mod unions;
mod unsupported;
mod versions;

use openapiv3::OpenAPI;

use crate::error::{Error, Result};
use crate::guard;

pub(crate) use enums::shared_enum;
pub use remark::Remark;
pub use unsupported::Skipped;

/// Lowered description.
///
/// ```
/// let document = xtask::description::parse("openapi: 3.0.1\ninfo: {title: Tiny, version: '1'}\npaths: {}\n")?;
/// let lowered = xtask::lower(document)?;
/// assert_eq!((lowered.document.operations().count(), lowered.skipped.len()), (0, 0));
/// # Ok::<(), xtask::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Lowered {
    /// Document that progenitor is given.
    pub document: OpenAPI,
    /// Operations that are not in the client, each with the reason.
    pub skipped: Vec<Skipped>,
    /// Decisions that the description asks for. The client compiles without the decision.
    pub remarks: Vec<Remark>,
}

/// Runs every pass in order: first those that change operations, then those that change schemas.
///
/// # Errors
/// When no pass can lower a part of the description. The message names the part.
pub fn lower(document: OpenAPI) -> Result<Lowered> {
    // The passes follow references, and a chain of them may be long.
    let lowered = guard::run(|| run(document));
    lowered.unwrap_or_else(|panic| {
        Err(Error::could_not(
            "lower the description",
            format_args!("{panic}; report it"),
        ))
    })
}

fn run(mut document: OpenAPI) -> Result<Lowered> {
    references::lower(&mut document)?;
    let skipped = unsupported::lower(&mut document);
    plain::lower(&mut document);
    admission::check(&document)?;
    versions::lower(&mut document)?;
    problems::lower(&mut document)?;
    paging::lower(&mut document);
    secrets::lower(&mut document);
    projections::lower(&mut document)?;
    unions::lower(&mut document)?;
    let remarks = enums::lower(&mut document);
    split_schemas::lower(&mut document)?;
    nullability::lower(&mut document);
    leniency::lower(&mut document);
    texts::lower(&mut document);
    check::check(&document)?;
    admission::names::check(&document)?;
    Ok(Lowered {
        document,
        skipped,
        remarks,
    })
}
