//! What an operation sends over the wire; the table is generated.

use crate::OPERATIONS;

/// One operation of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Operation {
    /// The name of the method of [`Client`](crate::Client).
    pub id: &'static str,
    /// The HTTP method.
    pub method: &'static str,
    /// The path below the base URL, with its parameters in braces.
    pub path: &'static str,
    /// The answers that may be asked for, the preferred first. Never empty.
    pub accepts: &'static [Accept],
    /// The media type of the body, for an operation that has one.
    pub content_type: Option<&'static str>,
    /// The `operationId` as ICA publishes it. The operations of one published operation share it.
    pub published_id: &'static str,
    /// All versions in which ICA publishes the operation, the oldest first. Empty where no media type names a version.
    pub versions: &'static [u8],
    /// Whether the operation takes an `Idempotency-Key`.
    pub has_idempotency_key: bool,
}

/// One way to ask for an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Accept {
    /// The version of the API that the answer is in.
    pub version: Option<u8>,
    /// The value of the Accept header.
    pub header: &'static str,
}

impl Operation {
    /// The operation with this id, if there is one.
    ///
    /// ```
    /// let operation = ica_batch_sdk::Operation::find("get_analysis_creation_batch_items_v4").unwrap();
    /// assert_eq!(operation.accepts[0].header, "application/vnd.illumina.v4+json, application/problem+json");
    /// ```
    pub fn find(id: &str) -> Option<&'static Operation> {
        OPERATIONS.iter().find(|operation| operation.id == id)
    }

    /// How to ask for the answer in this version, or in the preferred one.
    pub fn accept(&self, version: Option<u8>) -> Option<&'static Accept> {
        match version {
            Some(_) => self.accepts.iter().find(|accept| accept.version == version),
            None => self.accepts.first(),
        }
    }
}
