//! From what ICA publishes to what progenitor can turn into the client that we want.
//!
//! The description in `openapi/` holds facts alone; every opinion is a pass here, a function over
//! [`OpenAPI`] in a file of its own that gives its reason. What a pass learns and OpenAPI has no word for is
//! written into the document as an `x-ica-…` extension ([`marks`]), so that the lowered document tells the
//! whole story: `cargo xtask lower` prints it.
//!
//! The order matters: operations first (one per version, typed errors), then schemas from the outside in.

pub mod check;
mod enum_names;
pub mod enums;
pub mod leniency;
pub mod marks;
pub mod nullability;
pub mod paging;
pub mod problems;
pub mod projections;
pub mod secrets;
pub mod split_schemas;
mod text_words;
pub mod texts;
pub mod unions;
pub mod unsupported;
pub mod versions;
mod walk;

pub(crate) use walk::Reach;

use openapiv3::OpenAPI;

pub use unsupported::Skipped;

use crate::Result;

/// A lowered description.
#[derive(Debug, Clone)]
pub struct Lowered {
    /// The document that progenitor is given.
    pub document: OpenAPI,
    /// The operations that were left out, each with its reason.
    pub skipped: Vec<Skipped>,
}

/// Runs every pass, in order.
///
/// # Errors
/// When the description holds something that no pass knows how to lower; the message names it.
pub fn lower(mut document: OpenAPI) -> Result<Lowered> {
    let skipped = unsupported::lower(&mut document);
    versions::lower(&mut document)?;
    problems::lower(&mut document)?;
    paging::lower(&mut document);
    secrets::lower(&mut document);
    projections::lower(&mut document)?;
    unions::lower(&mut document)?;
    enums::lower(&mut document)?;
    split_schemas::lower(&mut document)?;
    nullability::lower(&mut document);
    leniency::lower(&mut document);
    texts::lower(&mut document);
    check::check(&document)?;
    Ok(Lowered { document, skipped })
}

#[cfg(test)]
pub(crate) mod fixture {
    //! What the tests of the passes share: a tiny document around what the test is about.

    use openapiv3::OpenAPI;

    use crate::description;

    /// A document with these paths and schemas, both YAML.
    pub(crate) fn document(paths: &str, schemas: &str) -> OpenAPI {
        let indent = |text: &str, by: usize| {
            let pad = " ".repeat(by);
            text.trim_matches('\n')
                .lines()
                .map(|line| format!("{pad}{line}\n"))
                .collect::<String>()
        };
        let text = format!(
            "openapi: 3.0.1\ninfo: {{ title: Tiny, version: '1' }}\npaths:\n{}components:\n  schemas:\n{}",
            indent(if paths.is_empty() { "{}" } else { paths }, 2),
            indent(if schemas.is_empty() { "{}" } else { schemas }, 4),
        );
        description::parse(&text).unwrap_or_else(|error| panic!("{error}\n{text}"))
    }

    /// Paths that answer GET with one schema and take another by POST.
    pub(crate) fn paths(answer: &str, request: &str) -> String {
        format!(
            "
/things:
  get:
    operationId: getThing
    responses:
      '200': {{ description: ok, content: {{ application/json: {{ schema: {{ $ref: '#/components/schemas/{answer}' }} }} }} }}
  post:
    operationId: createThing
    requestBody: {{ content: {{ application/json: {{ schema: {{ $ref: '#/components/schemas/{request}' }} }} }} }}
    responses:
      '204': {{ description: ok }}
"
        )
    }

    /// The document as YAML without its head, for a snapshot.
    pub(crate) fn body(document: &OpenAPI) -> String {
        let text = description::print(document).expect("a parsed document prints");
        let start = text.find("paths:").expect("every document has paths");
        text[start..].to_owned()
    }
}
