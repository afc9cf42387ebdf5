//! Extensions by which the passes tell the emitter what OpenAPI cannot express.
//!
//! They are part of the lowered document, so `cargo xtask lower` prints them.

use indexmap::IndexMap;
use openapiv3::{OpenAPI, Operation, Parameter, ReferenceOr};
use serde_json::{Value, json};

/// On an operation: the values of the Accept header that it may send, the preferred one first.
///
/// An array of objects with `version` (absent where the media type names none) and `accept` (the
/// header).
pub const ACCEPT: &str = "x-ica-accept";
/// On an operation: the value of the Content-Type header. Absent where the operation sends no body.
pub const CONTENT_TYPE: &str = "x-ica-content-type";
/// On an operation: the path as published, without the segments that make it an alias.
pub const PATH: &str = "x-ica-path";
/// On an operation: the `operationId` as published. All operations from one published operation
/// share it.
pub const PUBLISHED_ID: &str = "x-ica-published-id";
/// On an operation: all versions in which ICA publishes it, the oldest first.
pub const VERSIONS: &str = "x-ica-versions";
/// On a string schema with values: the schema becomes an open enum.
pub const OPEN: &str = "x-ica-open";
/// On an open enum: further spellings of its values, an object from value to an array of spellings.
pub const ALIASES: &str = "x-ica-aliases";
/// On an object schema: the object contains a secret, which `Debug` must not show.
pub const SECRET: &str = "x-ica-secret";
/// On a string schema with limits: the schema becomes a checked text.
///
/// An object with `subject` (the name in errors) and `words` (absent for an unknown pattern).
/// `words` is an object with `others`, `otherwise` and `advice`.
pub const TEXT: &str = "x-ica-text";
/// On an object schema: the schema becomes an internally tagged union.
///
/// An object with `tag` (the property) and `variants` (an object from tag value to schema name).
pub const UNION: &str = "x-ica-union";

/// One value of the Accept header that an operation may send.
///
/// ```
/// use xtask::marks::Accept;
///
/// let accept = Accept { version: Some(4), header: "application/vnd.illumina.v4+json".to_owned() };
/// assert_eq!(accept.version, Some(4));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accept {
    /// Version that the media type names.
    pub version: Option<u8>,
    /// Value of the Accept header.
    pub header: String,
}

/// One row of the table of operations.
///
/// ```
/// let spec = "
/// openapi: 3.0.1
/// info: { title: Tiny, version: '1' }
/// paths:
///   /api/things:
///     get:
///       operationId: getThings
///       responses:
///         '200':
///           description: The things.
///           content:
///             application/vnd.illumina.v4+json: { schema: { type: object } }
///             application/vnd.illumina.v3+json: { schema: { type: object } }
/// ";
/// let lowered = xtask::lower(xtask::description::parse(spec)?)?;
/// let rows = xtask::marks::operation_table(&lowered.document);
/// assert_eq!(rows[0].operation_id, "getThingsV4");
/// assert_eq!(rows[0].published_id, "getThings");
/// assert_eq!(rows[0].versions, [3, 4]);
/// # Ok::<(), xtask::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperationRow {
    /// Id of the operation in the lowered document.
    pub operation_id: String,
    /// Id of the operation as published.
    pub published_id: String,
    /// All versions in which ICA publishes the operation, the oldest first.
    pub versions: Vec<u8>,
    /// HTTP method in lower case.
    pub method: String,
    /// Path as published.
    pub path: String,
    /// Values of the Accept header that the operation may send, the preferred one first.
    pub accepts: Vec<Accept>,
    /// Value of the Content-Type header.
    pub content_type: Option<String>,
    /// Whether the operation takes an `Idempotency-Key`.
    pub has_idempotency_key: bool,
}

/// Returns a row for every operation of a lowered document, in the order of the document.
pub fn operation_table(document: &OpenAPI) -> Vec<OperationRow> {
    document
        .operations()
        .map(|(path, method, operation)| {
            let text = |mark: &str| {
                let value = operation.extensions.get(mark)?.as_str()?;
                Some(value.to_owned())
            };
            OperationRow {
                operation_id: operation.operation_id.clone().unwrap_or_default(),
                published_id: published_id(operation).to_owned(),
                versions: versions(operation),
                method: method.to_owned(),
                path: text(PATH).unwrap_or_else(|| path.to_owned()),
                accepts: accepts(&operation.extensions),
                content_type: text(CONTENT_TYPE),
                has_idempotency_key: has_idempotency_key(operation),
            }
        })
        .collect()
}

/// Returns the id of the operation as published, or its own id before the pass `versions`.
pub(crate) fn published_id(operation: &Operation) -> &str {
    let marked = operation.extensions.get(PUBLISHED_ID).and_then(Value::as_str);
    marked.or(operation.operation_id.as_deref()).unwrap_or_default()
}

/// Returns the versions in which ICA publishes the operation, the oldest first.
pub(crate) fn versions(operation: &Operation) -> Vec<u8> {
    let versions = operation.extensions.get(VERSIONS).and_then(Value::as_array);
    let numbers = versions.into_iter().flatten().filter_map(Value::as_u64);
    numbers.filter_map(|version| u8::try_from(version).ok()).collect()
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

fn has_idempotency_key(operation: &Operation) -> bool {
    let parameters = operation.parameters.iter().filter_map(ReferenceOr::as_item);
    parameters.into_iter().any(|parameter| match parameter {
        Parameter::Header { parameter_data, .. } => parameter_data.name.eq_ignore_ascii_case("idempotency-key"),
        _ => false,
    })
}
