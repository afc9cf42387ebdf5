//! Checks the lowered document for content that progenitor would accept and generate wrongly.
//!
//! progenitor turns a response that is not plain JSON into a stream of bytes. That is right only
//! for a file that ICA describes as `application/octet-stream`. A reference to a missing schema
//! makes it panic.

use openapiv3::{OpenAPI, Operation, ReferenceOr, Schema, StatusCode};

use crate::document::walk::{self, Child};
use crate::error::{Error, Result};

const JSON: &str = "application/json";
const BYTES: &str = "application/octet-stream";
/// Media types of requests that progenitor sends.
const REQUESTS: [&str; 5] = [
    JSON,
    BYTES,
    "application/x-www-form-urlencoded",
    "text/plain",
    "text/x-markdown",
];

/// Checks that every response is JSON, a file or empty, and that every reference leads to a schema.
///
/// # Errors
/// When one is not. The error names the first such operation or schema.
pub(super) fn check(document: &OpenAPI) -> Result<()> {
    check_responses(document)?;
    for (_, _, operation) in document.operations() {
        check_one_type(operation)?;
        check_request(operation)?;
    }
    check_references(document)
}

/// progenitor gives the successes of an operation one type, and its failures one.
fn check_one_type(operation: &Operation) -> Result<()> {
    let is_success = |status: &StatusCode| matches!(status, StatusCode::Code(200..=299) | StatusCode::Range(2));
    let is_failure = |status: &StatusCode| matches!(status, StatusCode::Code(400..=599) | StatusCode::Range(4..=5));
    check_equal(operation, "successes", is_success)?;
    check_equal(operation, "failures", is_failure)
}

fn check_equal(operation: &Operation, kind: &str, is_of_kind: fn(&StatusCode) -> bool) -> Result<()> {
    let responses = operation
        .responses
        .responses
        .iter()
        .filter(|(status, _)| is_of_kind(status));
    let mut first = None;
    for (status, response) in responses {
        let bodies = response.as_item().map(|response| &response.content);
        match first {
            None => first = Some((status, bodies)),
            Some((_, equal)) if equal == bodies => {}
            Some((other, _)) => {
                return Err(Error::invalid(
                    thing(operation),
                    format_args!("its {kind} {other} and {status} have different bodies; give them one schema"),
                ));
            }
        }
    }
    Ok(())
}

fn check_request(operation: &Operation) -> Result<()> {
    let body = operation.request_body.as_ref().and_then(ReferenceOr::as_item);
    let Some((media, content)) = body.and_then(|body| body.content.first()) else {
        return Ok(());
    };
    let name = media.split(';').next().unwrap_or(media);
    let reason = if !REQUESTS.contains(&name) {
        format!("its request is {media}, which progenitor cannot send; describe it as JSON")
    } else if content.schema.is_none() {
        "its request has no schema; add one".to_owned()
    } else if !content.encoding.is_empty() {
        "its request has an `encoding`, which progenitor cannot send; remove it".to_owned()
    } else {
        return Ok(());
    };
    Err(Error::invalid(thing(operation), reason))
}

fn check_references(document: &OpenAPI) -> Result<()> {
    for (_, _, operation) in document.operations() {
        let id = thing(operation);
        for reference in walk::schemas_of(operation) {
            match reference {
                ReferenceOr::Reference { reference } => check_reference(document, &id, reference)?,
                ReferenceOr::Item(schema) => check_inside(document, &id, schema)?,
            }
        }
    }
    let components = document.components.iter().flat_map(|components| &components.schemas);
    for (name, schema) in components {
        let name = format!("schema {name}");
        match schema {
            ReferenceOr::Reference { reference } => check_reference(document, &name, reference)?,
            ReferenceOr::Item(schema) => check_inside(document, &name, schema)?,
        }
    }
    Ok(())
}

fn check_inside(document: &OpenAPI, owner: &str, schema: &Schema) -> Result<()> {
    let mut result = Ok(());
    walk::children(schema, &mut |child| {
        if result.is_ok() {
            result = match child {
                Child::Reference(reference) => check_reference(document, owner, reference),
                Child::Inline(inline) => check_inside(document, owner, inline),
            };
        }
    });
    result
}

fn check_reference(document: &OpenAPI, owner: &str, reference: &str) -> Result<()> {
    let components = document.components.as_ref().map(|components| &components.schemas);
    let found = walk::schema_name(reference).is_some_and(|name| components.is_some_and(|all| all.contains_key(name)));
    if found {
        return Ok(());
    }
    Err(Error::invalid(
        owner,
        format_args!("it refers to {reference}, which does not exist; add the schema or correct the reference"),
    ))
}

fn check_responses(document: &OpenAPI) -> Result<()> {
    for (_, _, operation) in document.operations() {
        let id = thing(operation);
        for (status, response) in &operation.responses.responses {
            let ReferenceOr::Item(response) = response else {
                return Err(Error::invalid(
                    id,
                    format_args!("its response {status} is a reference; write the response itself"),
                ));
            };
            let media = response
                .content
                .keys()
                .find(|media| !matches!(media.as_str(), JSON | BYTES));
            if let Some(media) = media {
                return Err(Error::invalid(
                    id,
                    format_args!(
                        "its response {status} is {media}, which would become a stream of bytes; \
                         add this media type to the pass `versions`"
                    ),
                ));
            }
            let untyped = response
                .content
                .iter()
                .find(|(media, body)| *media == JSON && body.schema.is_none());
            if untyped.is_some() {
                return Err(Error::invalid(
                    id,
                    format_args!("its response {status} has no schema; add one"),
                ));
            }
        }
    }
    Ok(())
}

fn thing(operation: &Operation) -> String {
    format!(
        "operation {}",
        operation.operation_id.as_deref().unwrap_or("without an id")
    )
}

#[cfg(test)]
mod tests {
    use crate::document::fixture;

    #[test]
    fn a_reference_to_a_missing_schema_is_an_error_that_names_its_owner() {
        let schemas = "Thing: { type: object, properties: { all: { type: array, items: { $ref: '#/components/schemas/Nothing' } } } }";
        let error = super::check(&fixture::document("", schemas)).unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("schema Thing is not valid: it refers to #/components/schemas/Nothing"),
            "{error}"
        );
        let error = super::check(&fixture::document(&fixture::paths("Gone", "Gone"), "")).unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("operation getThing is not valid: it refers to #/components/schemas/Gone"),
            "{error}"
        );
    }

    #[test]
    fn a_response_that_would_become_bytes_is_an_error() {
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
