//! The last look before progenitor: what it would get wrong in silence is an error here.
//!
//! An answer that is not plain JSON becomes a stream of bytes. That is right for a file that ICA describes as
//! `application/octet-stream`, and a surprise for anything else. A reference to a schema that is not there would be a
//! panic.

use openapiv3::{OpenAPI, ReferenceOr, Schema};

use super::walk::{self, Child};
use crate::{Error, Result};

const JSON: &str = "application/json";
const BYTES: &str = "application/octet-stream";

/// Checks that every answer is JSON, bytes by intent, or nothing, and that every schema that is referred to is there.
///
/// # Errors
/// Names the first operation or schema that is not so.
pub fn check(document: &OpenAPI) -> Result<()> {
    check_answers(document)?;
    check_references(document)
}

fn check_references(document: &OpenAPI) -> Result<()> {
    for (_, _, operation) in document.operations() {
        let id = operation.operation_id.as_deref().unwrap_or("an operation");
        for reference in walk::schemas_of(operation) {
            match reference {
                ReferenceOr::Reference { reference } => check_reference(document, id, reference)?,
                ReferenceOr::Item(schema) => check_inside(document, id, schema)?,
            }
        }
    }
    let components = document.components.iter().flat_map(|components| &components.schemas);
    for (name, schema) in components {
        match schema {
            ReferenceOr::Reference { reference } => check_reference(document, name, reference)?,
            ReferenceOr::Item(schema) => check_inside(document, name, schema)?,
        }
    }
    Ok(())
}

fn check_inside(document: &OpenAPI, place: &str, schema: &Schema) -> Result<()> {
    let mut result = Ok(());
    walk::children(schema, &mut |child| {
        if result.is_ok() {
            result = match child {
                Child::Reference(reference) => check_reference(document, place, reference),
                Child::Inline(inline) => check_inside(document, place, inline),
            };
        }
    });
    result
}

fn check_reference(document: &OpenAPI, place: &str, reference: &str) -> Result<()> {
    let components = document.components.as_ref().map(|components| &components.schemas);
    let found = walk::schema_name(reference).is_some_and(|name| components.is_some_and(|all| all.contains_key(name)));
    if found {
        return Ok(());
    }
    Err(Error::new(
        place,
        format_args!("refers to {reference}, which the description does not have; add it or correct the reference"),
    ))
}

fn check_answers(document: &OpenAPI) -> Result<()> {
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
    fn a_reference_that_leads_nowhere_is_named_with_its_place() {
        let schemas = "Thing: { type: object, properties: { all: { type: array, items: { $ref: '#/components/schemas/Nothing' } } } }";
        let error = super::check(&fixture::document("", schemas)).unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("Thing: refers to #/components/schemas/Nothing"),
            "{error}"
        );
        let error = super::check(&fixture::document(&fixture::paths("Gone", "Gone"), "")).unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("getThing: refers to #/components/schemas/Gone"),
            "{error}"
        );
    }

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
