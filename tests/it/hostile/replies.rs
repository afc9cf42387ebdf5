//! Bodies of responses: batches, items and pages.

use ica_batch_sdk_ext::Uuid;
use serde_json::{Value, json};

use super::server::Reply;

/// Returns an item that V3, V4 and summaries can read.
pub(super) fn item(id: u128, reference: &str) -> Value {
    json!({
        "id": Uuid::from_u128(id),
        "request": {
            "pipelineId": "p",
            "userReference": reference,
            "tags": { "technicalTags": [], "userTags": [], "referenceTags": [] },
        },
        "processing": { "status": "RUNNING" },
    })
}

/// Returns a page of these items, with the token of the next page.
pub(super) fn page(items: &[Value], next: Option<&str>) -> Reply {
    Reply::json(200, json!({ "items": items, "nextPageToken": next }).to_string())
}

/// Returns a page by offset, with the number of rows that the server claims.
pub(super) fn page_of(items: &[Value], total: i64) -> Reply {
    Reply::json(200, json!({ "items": items, "totalItemCount": total }).to_string())
}

/// Returns a batch without a job.
pub(super) fn batch(id: u128) -> Reply {
    Reply::json(200, json!({ "id": Uuid::from_u128(id) }).to_string())
}
