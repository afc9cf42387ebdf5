//! The last look before progenitor: what it would get wrong in silence is an error here.
//!
//! An answer that is not plain JSON becomes a stream of bytes. That is right for a file that ICA describes as
//! `application/octet-stream`, and a surprise for anything else.

use openapiv3::{OpenAPI, ReferenceOr};

use crate::{Error, Result};

const JSON: &str = "application/json";
const BYTES: &str = "application/octet-stream";

/// Checks that every answer is JSON, bytes by intent, or nothing.
///
/// # Errors
/// Names the first operation whose answer progenitor would hand out as raw bytes.
pub fn check(document: &OpenAPI) -> Result<()> {
    for (_, _, operation) in document.operations() {
        let id = operation.operation_id.as_deref().unwrap_or("an operation");
        for (status, response) in &operation.responses.responses {
            let ReferenceOr::Item(response) = response else {
                return Err(Error::new(
                    id,
                    format_args!("answers {status} by reference; write it in place"),
                ));
            };
            let media = response
                .content
                .keys()
                .find(|media| !matches!(media.as_str(), JSON | BYTES));
            if let Some(media) = media {
                return Err(Error::new(
                    id,
                    format_args!(
                        "answers {status} with {media}, which would become an untyped stream of bytes; \
                         teach the pass `versions` this media type"
                    ),
                ));
            }
            let untyped = response
                .content
                .iter()
                .find(|(media, body)| *media == JSON && body.schema.is_none());
            if untyped.is_some() {
                return Err(Error::new(
                    id,
                    format_args!("answers {status} without a schema; give it one"),
                ));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::fixture;

    #[test]
    fn an_answer_that_would_become_bytes_by_accident_is_named() {
        let document = fixture::document(
            "
/things:
  get:
    operationId: getThing
    responses: { '200': { description: ok, content: { text/csv: { schema: { type: string } } } } }
",
            "",
        );
        insta::assert_snapshot!(super::check(&document).unwrap_err());
    }
}
