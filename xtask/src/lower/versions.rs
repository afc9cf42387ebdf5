//! Splits every operation into one per version of the API, each with exactly one response type.
//!
//! ICA versions an operation by media type: one path returns `application/vnd.illumina.v3+json` and
//! `…v4+json` with different schemas. progenitor allows one response type per operation. It rejects
//! a vendor media type for a request body, and it turns a response with vendor media types alone
//! into a stream of bytes.
//!
//! So an operation with several versions becomes one operation per version (`…V3`, `…V4`), and
//! every vendor media type becomes `application/json`. The marks keep the headers to send
//! ([`marks::ACCEPT`], [`marks::CONTENT_TYPE`]), the published id and all versions.

use indexmap::{IndexMap, IndexSet};
use openapiv3::{MediaType, OpenAPI, Operation, Paths, ReferenceOr, RequestBody, Response, StatusCode};
use serde_json::Value;

use crate::document::marks::{self, Accept};
use crate::document::paths::add_operation;
use crate::error::{Error, Result};

const JSON: &str = "application/json";
const PROBLEM: &str = "application/problem+json";

/// Splits the operations of every path by version and makes their bodies plain JSON.
///
/// # Errors
/// When an operation has no id, a path is a reference, or no media type of a request belongs to the
/// version of the response.
pub(super) fn lower(document: &mut OpenAPI) -> Result<()> {
    let published = std::mem::take(&mut document.paths);
    let mut lowered = Paths {
        extensions: published.extensions,
        ..Paths::default()
    };
    for (path, item) in published.paths {
        let ReferenceOr::Item(item) = item else {
            return Err(Error::invalid(
                format_args!("path {path}"),
                "it is a reference; write the path item itself",
            ));
        };
        for (method, operation) in item.clone() {
            for version in split(&path, operation)? {
                add_operation(&mut lowered, &path, method, &item, version);
            }
        }
    }
    document.paths = lowered;
    Ok(())
}

/// Returns the operation once per version, the newest first.
fn split(path: &str, mut operation: Operation) -> Result<Vec<Operation>> {
    let Some(id) = operation.operation_id.clone() else {
        return Err(Error::invalid(
            format_args!("path {path}"),
            "one of its operations has no operationId; add one",
        ));
    };
    let versions = versions(&operation);
    mark_published(&mut operation, &id, &versions);
    if versions.is_empty() {
        return Ok(vec![of_version(operation, None, path)?]);
    }
    let several = versions.len() > 1;
    versions
        .into_iter()
        .map(|version| {
            let mut one = of_version(operation.clone(), Some(version), path)?;
            if several {
                one.operation_id = Some(format!("{id}V{version}"));
            }
            Ok(one)
        })
        .collect()
}

/// Marks the operation with its published id and all its versions, before the split changes its id.
fn mark_published(operation: &mut Operation, id: &str, versions: &IndexSet<u8>) {
    let oldest_first = versions.iter().rev().copied().map(Value::from).collect();
    let marks = [
        (marks::PUBLISHED_ID, Value::String(id.to_owned())),
        (marks::VERSIONS, Value::Array(oldest_first)),
    ];
    let marks = marks.map(|(mark, value)| (mark.to_owned(), value));
    operation.extensions.extend(marks);
}

/// Returns the versions of the responses, or of the request where no response has one; the newest
/// first.
fn versions(operation: &Operation) -> IndexSet<u8> {
    let collect = |contents: &mut dyn Iterator<Item = &String>| {
        let mut found = contents.filter_map(|media| version_of(media)).collect::<Vec<_>>();
        found.sort_unstable_by(|a, b| b.cmp(a));
        IndexSet::from_iter(found)
    };
    let responses = operation
        .responses
        .responses
        .values()
        .chain(&operation.responses.default);
    let in_responses = collect(
        &mut responses
            .filter_map(ReferenceOr::as_item)
            .flat_map(|response| response.content.keys()),
    );
    if !in_responses.is_empty() {
        return in_responses;
    }
    let body = operation.request_body.as_ref().and_then(ReferenceOr::as_item);
    collect(&mut body.into_iter().flat_map(|body| body.content.keys()))
}

/// Returns the version that a vendor media type names.
fn version_of(media: &str) -> Option<u8> {
    let rest = media.strip_prefix("application/vnd.illumina.v")?;
    rest.strip_suffix("+json")?.parse().ok()
}

/// Returns the operation in this version, with plain JSON bodies.
fn of_version(mut operation: Operation, version: Option<u8>, path: &str) -> Result<Operation> {
    let id = operation.operation_id.clone().unwrap_or_default();
    name_lone_default(&mut operation);

    let mut success = IndexSet::new();
    let mut failure = IndexSet::new();
    for (status, response) in &mut operation.responses.responses {
        if let ReferenceOr::Item(response) = response {
            let asked_for = if is_success(status) { &mut success } else { &mut failure };
            asked_for.extend(plain_response(response, version, status));
        }
    }
    if let Some(ReferenceOr::Item(response)) = &mut operation.responses.default {
        failure.extend(plain_response(response, version, &StatusCode::Range(4)));
    }

    let mut content_type = None;
    if let Some(ReferenceOr::Item(body)) = &mut operation.request_body {
        content_type = plain_request(&id, body, version)?;
    }

    // A response without a body names no version, so the request's version is asked for.
    if success.is_empty() {
        success.extend(content_type.clone());
    }
    let header = if success.is_empty() {
        "*/*".to_owned()
    } else {
        success.extend(failure);
        success.into_iter().collect::<Vec<_>>().join(", ")
    };
    marks::set_accepts(&mut operation, &[Accept { version, header }]);
    if let Some(content_type) = content_type {
        operation
            .extensions
            .insert(marks::CONTENT_TYPE.to_owned(), Value::String(content_type));
    }
    operation
        .extensions
        .insert(marks::PATH.to_owned(), Value::String(path.to_owned()));
    Ok(operation)
}

/// Makes a versioned `default` the success of an operation that has no success of its own.
fn name_lone_default(operation: &mut Operation) {
    let responses = &mut operation.responses;
    let versioned = |response: &ReferenceOr<Response>| {
        let response = response.as_item();
        response.is_some_and(|response| response.content.keys().any(|media| version_of(media).is_some()))
    };
    if !responses.responses.keys().any(is_success)
        && let Some(default) = responses.default.take_if(|default| versioned(default))
    {
        responses.responses.insert(StatusCode::Range(2), default);
    }
}

fn is_success(status: &StatusCode) -> bool {
    matches!(status, StatusCode::Code(200..=299) | StatusCode::Range(2))
}

/// Reduces a response to one plain JSON body, and returns the media types to ask for.
fn plain_response(response: &mut Response, version: Option<u8>, status: &StatusCode) -> Vec<String> {
    let asked_for = wanted(&response.content, version);
    // HTTP 204 never has a body, also where the description gives it one.
    if *status == StatusCode::Code(204) {
        response.content.clear();
        return asked_for;
    }
    if let Some(first) = asked_for.first().filter(|media| is_json(media))
        && let Some(body) = response.content.shift_remove(first)
    {
        response.content = IndexMap::from([(JSON.to_owned(), body)]);
    }
    asked_for
}

/// Returns the media types of this version, or those without a version where it has none.
fn wanted(content: &IndexMap<String, MediaType>, version: Option<u8>) -> Vec<String> {
    let of_version = |media: &&String| version_of(media).is_some() && version_of(media) == version;
    let exact = content.keys().filter(of_version).cloned().collect::<Vec<_>>();
    if exact.is_empty() {
        content
            .keys()
            .filter(|media| version_of(media).is_none())
            .cloned()
            .collect()
    } else {
        exact
    }
}

/// Reduces a request to one body, and returns the media type to send.
fn plain_request(id: &str, body: &mut RequestBody, version: Option<u8>) -> Result<Option<String>> {
    let Some(media) = choose_request(id, &body.content, version)? else {
        return Ok(None);
    };
    let Some(content) = body.content.shift_remove(&media) else {
        return Ok(None);
    };
    let plain = if is_json(&media) {
        JSON.to_owned()
    } else {
        media.clone()
    };
    body.content = IndexMap::from([(plain, content)]);
    Ok(Some(media))
}

fn choose_request(id: &str, content: &IndexMap<String, MediaType>, version: Option<u8>) -> Result<Option<String>> {
    if content.is_empty() {
        return Ok(None);
    }
    let same = content
        .keys()
        .find(|media| version_of(media) == version && version.is_some());
    let versioned = || {
        let mut all = content.keys().filter(|media| version_of(media).is_some());
        all.next().filter(|_| all.next().is_none())
    };
    let plain = || content.keys().find(|media| media.as_str() == JSON);
    let only = || content.keys().next().filter(|_| content.len() == 1);
    let chosen = same.or_else(versioned).or_else(plain).or_else(only);
    match chosen {
        Some(media) => Ok(Some(media.clone())),
        None => Err(Error::invalid(
            format_args!("operation {id}"),
            format_args!(
                "it takes {}, and none of them is of the response's version; add the request of that version",
                content.keys().cloned().collect::<Vec<_>>().join(", ")
            ),
        )),
    }
}

fn is_json(media: &str) -> bool {
    media == JSON || media == PROBLEM || version_of(media).is_some()
}

#[cfg(test)]
mod tests {
    use crate::document::fixture;

    #[test]
    fn an_operation_with_two_versions_becomes_two_operations_with_one_type_each() {
        let mut document = fixture::document(
            "
/things:
  get:
    operationId: getThings
    responses:
      '200':
        description: ok
        content:
          application/vnd.illumina.v4+json: { schema: { $ref: '#/components/schemas/ThingsV4' } }
          application/vnd.illumina.v3+json: { schema: { $ref: '#/components/schemas/ThingsV3' } }
      default:
        description: failed
        content: { application/problem+json: { schema: { $ref: '#/components/schemas/Problem' } } }
  post:
    operationId: createThing
    requestBody:
      content:
        application/json: { schema: { type: object } }
        application/vnd.illumina.v3+json: { schema: { type: object } }
    responses:
      '201':
        description: ok
        content: { application/vnd.illumina.v3+json: { schema: { $ref: '#/components/schemas/ThingsV3' } } }
",
            "ThingsV3: { type: object }\nThingsV4: { type: object }\nProblem: { type: object }",
        );
        super::lower(&mut document).unwrap();
        insta::assert_snapshot!(fixture::body(&document));
    }

    #[test]
    fn a_request_without_the_version_of_the_response_is_an_error_that_names_the_operation() {
        let mut document = fixture::document(
            "
/things:
  post:
    operationId: createThing
    requestBody:
      content:
        application/vnd.illumina.v3+json: { schema: { type: object } }
        application/vnd.illumina.v4+json: { schema: { type: object } }
    responses:
      '200':
        description: ok
        content: { application/vnd.illumina.v5+json: { schema: { type: object } } }
",
            "",
        );
        let error = super::lower(&mut document).unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("operation createThing is not valid: it takes "),
            "{error}"
        );
    }
}
