//! An item: its request, the status of its creation, and what it created.

use chrono::{DateTime, Utc};

use crate::api::version::ApiVersion;
use crate::batch::creation::Creation;
use crate::batch::model::{Batch, Item};
use crate::json::JsonWriter;

/// Approximate size of an item of the analysis family, the largest, in bytes.
pub(crate) const ITEM_BYTES: usize = 2600;

/// Writes an item.
pub(crate) fn write_item(
    w: &mut JsonWriter,
    version: ApiVersion,
    batch: &Batch,
    item: &Item,
    creation: &Creation,
    now: DateTime<Utc>,
) {
    let facts = batch.family.facts();
    let processing = batch.processing(item, creation, now);
    w.object(|w| {
        w.id("id", item.id);
        w.member("request", |w| w.object(|w| item.request.write(w)));
        w.member("processing", |w| {
            w.object(|w| {
                w.enum_member("status", processing.name());
                w.nullable(
                    "additionalStatusInformation",
                    (facts.information)(processing),
                    JsonWriter::string,
                );
            });
        });
        w.optional(
            facts.created_member,
            batch.created(item, creation, now),
            |w, created| {
                item.request.write_created(w, version, &created);
            },
        );
    });
}
