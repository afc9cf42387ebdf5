//! An item: the request, the state of its creation, and what it created.

use chrono::{DateTime, Utc};

use crate::api::version::ApiVersion;
use crate::batch::batches::{Batch, Item};
use crate::batch::creation::Creation;
use crate::json::JsonWriter;

/// About how many bytes an item takes.
pub(crate) const ITEM_BYTES: usize = 2600;

pub(crate) fn item(
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
                w.choice("status", processing.name());
                w.optional(
                    "additionalStatusInformation",
                    (facts.information)(processing),
                    JsonWriter::string,
                );
            });
        });
        w.maybe(
            facts.created_member,
            batch.created(item, creation, now),
            |w, created| {
                item.request.write_created(w, version, &created);
            },
        );
    });
}
