//! Operations of the API; the table of them is generated.

use crate::OPERATIONS;

/// One operation of the client: its requests, and its versions in ICA.
///
/// ```
/// use ica_batch_sdk::{OPERATIONS, Operation};
///
/// let with_key: Vec<&str> = OPERATIONS.iter().filter(|one| one.has_idempotency_key).map(|one| one.id).collect();
/// assert_eq!(with_key, ["create_analysis_creation_batch", "create_sample_creation_batch"]);
///
/// let items = Operation::find("get_analysis_creation_batch_items_v4").unwrap();
/// assert_eq!((items.published_id, items.versions), ("getAnalysisCreationBatchItems", &[3, 4][..]));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Operation {
    /// Name of the method of [`Client`](crate::Client).
    pub id: &'static str,
    /// HTTP method.
    pub method: &'static str,
    /// Path below the base URL, with the parameters in braces.
    pub path: &'static str,
    /// Values of the Accept header that the operation may send, the preferred one first. Never
    /// empty.
    pub accepts: &'static [Accept],
    /// Value of the Content-Type header. `None` for an operation without a body.
    pub content_type: Option<&'static str>,
    /// The `operationId` as ICA publishes it. All versions of an operation share it.
    pub published_id: &'static str,
    /// All versions in which ICA publishes the operation, the oldest first. Empty where no media
    /// type names a version.
    pub versions: &'static [u8],
    /// Whether the operation takes an `Idempotency-Key`.
    pub has_idempotency_key: bool,
}

/// One value of the Accept header, with the version that it asks for.
///
/// ```
/// let operation = ica_batch_sdk::Operation::find("get_analysis_creation_batch").unwrap();
/// assert_eq!(operation.accepts[0].version, Some(3));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Accept {
    /// Version of the response.
    pub version: Option<u8>,
    /// Value of the Accept header.
    pub header: &'static str,
}

impl Operation {
    /// Returns the operation with this id.
    ///
    /// ```
    /// let operation = ica_batch_sdk::Operation::find("get_analysis_creation_batch_items_v4").unwrap();
    /// assert_eq!(operation.accepts[0].header, "application/vnd.illumina.v4+json, application/problem+json");
    /// ```
    pub fn find(id: &str) -> Option<&'static Operation> {
        OPERATIONS.iter().find(|operation| operation.id == id)
    }

    /// Returns the Accept header for this version, or the preferred one for `None`.
    ///
    /// ```
    /// let operation = ica_batch_sdk::Operation::find("get_analysis_creation_batch_items_summary").unwrap();
    /// assert_eq!(operation.accept(None).unwrap().version, Some(4));
    /// assert_eq!(operation.accept(Some(3)).unwrap().version, Some(3));
    /// assert!(operation.accept(Some(2)).is_none());
    /// ```
    pub fn accept(&self, version: Option<u8>) -> Option<&'static Accept> {
        match version {
            Some(_) => self.accepts.iter().find(|accept| accept.version == version),
            None => self.accepts.first(),
        }
    }
}
