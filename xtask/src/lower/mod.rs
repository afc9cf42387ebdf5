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
mod prose;
mod references;
mod remark;
mod secrets;
mod split_schemas;
mod texts;
mod unions;
mod unsupported;
mod versions;

use openapiv3::OpenAPI;

use crate::error::{Error, Result, readable};
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
    // A build script prints them: a line break would begin another instruction to cargo.
    let skipped = skipped.into_iter().map(|skipped| Skipped {
        operation_id: readable(&skipped.operation_id),
        reason: readable(&skipped.reason),
    });
    let remarks = remarks.into_iter().map(|remark| Remark {
        place: readable(&remark.place),
        text: readable(&remark.text),
    });
    Ok(Lowered {
        document,
        skipped: skipped.collect(),
        remarks: remarks.collect(),
    })
}

#[cfg(test)]
mod tests {
    use crate::document::fixture;

    #[test]
    fn what_a_build_script_prints_has_no_line_break() {
        let document = fixture::document(
            "
/files:
  put:
    operationId: \"a\\ncargo::rustc-link-arg=evil\\e\"
    requestBody: { content: { \"multipart/a\\ncargo::warning=b\": { schema: { type: object } } } }
    responses: { '204': { description: ok } }
",
            "",
        );
        let skipped = super::lower(document).unwrap().skipped.remove(0);
        assert_eq!(skipped.operation_id, "a cargo::rustc-link-arg=evil\\u{1b}");
        assert!(
            skipped
                .reason
                .starts_with("its request is multipart/a cargo::warning=b, "),
            "{}",
            skipped.reason
        );
    }
}
