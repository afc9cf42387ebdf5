//! The extensions by which the passes speak to the emitter and to whoever reads the lowered document.

use indexmap::IndexMap;
use openapiv3::{OpenAPI, Operation, Parameter, ReferenceOr};
use serde_json::{Value, json};

/// On an operation: the media types that it may ask for, the preferred first. An array of objects with
/// `version` (absent where the type names none) and `accept`, the whole value of the Accept header.
pub const ACCEPT: &str = "x-ica-accept";
/// On an operation: the value of the Content-Type header. Absent where no body is sent.
pub const CONTENT_TYPE: &str = "x-ica-content-type";
/// On an operation: the path as published, without the marks that keep the twins of one path apart.
pub const PATH: &str = "x-ica-path";
/// On an operation: the `operationId` as published. The operations that one published operation became share it.
pub const PUBLISHED_ID: &str = "x-ica-published-id";
/// On an operation: all versions in which ICA publishes it, the oldest first.
pub const VERSIONS: &str = "x-ica-versions";
/// On a string schema with values: becomes an open enum.
pub const OPEN: &str = "x-ica-open";
/// On an open enum: other spellings of a value, an object from value to an array of spellings.
pub const ALIASES: &str = "x-ica-aliases";
/// On an object schema: holds a secret, which `Debug` must not show.
pub const SECRET: &str = "x-ica-secret";
/// On an object schema: an internally tagged union, an object with `tag` and `variants` (tag value to schema).
pub const UNION: &str = "x-ica-union";

/// On a string schema with limits: becomes a checked text. An object with `subject` (what errors call the text) and
/// `words` (absent for a pattern that is not known): `others`, `otherwise` and `advice`.
pub const TEXT: &str = "x-ica-text";

/// One way to ask for an operation's answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accept {
    /// The version that the media type names.
    pub version: Option<u8>,
    /// The value of the Accept header.
    pub header: String,
}

/// What the emitter needs to know of an operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Media {
    /// The operation's id in the lowered document.
    pub operation_id: String,
    /// The operation's id as published.
    pub published_id: String,
    /// All versions in which ICA publishes the operation, the oldest first.
    pub versions: Vec<u8>,
    /// The method, in lower case.
    pub method: String,
    /// The path as published.
    pub path: String,
    /// What may be asked for, the preferred first.
    pub accepts: Vec<Accept>,
    /// The media type of the body.
    pub content_type: Option<String>,
    /// Whether the operation takes an `Idempotency-Key`.
    pub has_idempotency_key: bool,
}

/// The operation's id as published; its own id where no pass has marked it.
pub(crate) fn published_id(operation: &Operation) -> &str {
    let marked = operation.extensions.get(PUBLISHED_ID).and_then(Value::as_str);
    marked.or(operation.operation_id.as_deref()).unwrap_or_default()
}

fn versions(operation: &Operation) -> Vec<u8> {
    let versions = operation.extensions.get(VERSIONS).and_then(Value::as_array);
    let numbers = versions.into_iter().flatten().filter_map(Value::as_u64);
    numbers.filter_map(|version| u8::try_from(version).ok()).collect()
}

fn has_idempotency_key(operation: &Operation) -> bool {
    let parameters = operation.parameters.iter().filter_map(ReferenceOr::as_item);
    parameters.into_iter().any(|parameter| match parameter {
        Parameter::Header { parameter_data, .. } => parameter_data.name.eq_ignore_ascii_case("idempotency-key"),
        _ => false,
    })
}

pub(crate) fn set_accepts(operation: &mut Operation, accepts: &[Accept]) {
    let value = accepts
        .iter()
        .map(|accept| match accept.version {
            Some(version) => json!({ "version": version, "accept": accept.header }),
            None => json!({ "accept": accept.header }),
        })
        .collect::<Vec<_>>();
    operation.extensions.insert(ACCEPT.to_owned(), Value::Array(value));
}

pub(crate) fn accepts(extensions: &IndexMap<String, Value>) -> Vec<Accept> {
    let entries = extensions.get(ACCEPT).and_then(Value::as_array);
    entries
        .into_iter()
        .flatten()
        .filter_map(|entry| {
            Some(Accept {
                version: entry
                    .get("version")
                    .and_then(Value::as_u64)
                    .and_then(|version| u8::try_from(version).ok()),
                header: entry.get("accept")?.as_str()?.to_owned(),
            })
        })
        .collect()
}

/// Every operation of a lowered document with its media types, in the document's order.
pub fn media(document: &OpenAPI) -> Vec<Media> {
    document
        .operations()
        .map(|(path, method, operation)| {
            let text = |mark: &str| {
                let value = operation.extensions.get(mark)?.as_str()?;
                Some(value.to_owned())
            };
            Media {
                operation_id: operation.operation_id.clone().unwrap_or_default(),
                method: method.to_owned(),
                path: text(PATH).unwrap_or_else(|| path.to_owned()),
                accepts: accepts(&operation.extensions),
                content_type: text(CONTENT_TYPE),
                published_id: published_id(operation).to_owned(),
                versions: versions(operation),
                has_idempotency_key: has_idempotency_key(operation),
            }
        })
        .collect()
}
