//! What exists in a simulator, as a test counts it.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::api::family::Family;
use crate::batch::batches::{Batch, BatchId};
use crate::batch::creation::Creation;

/// A batch, as it is at one time.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct BatchRecord {
    /// Its id.
    pub id: BatchId,
    /// Its family.
    pub family: Family,
    /// The project it is in.
    pub project: String,
    /// The idempotency key that its create carried.
    pub idempotency_key: Option<String>,
    /// When it was created, by the simulator's clock.
    pub created: DateTime<Utc>,
    /// `job.status`.
    pub job_status: &'static str,
    /// Its items, in the order of a listing.
    pub items: Vec<ItemRecord>,
}

/// An item of a batch, as it is at one time.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ItemRecord {
    /// Its id.
    pub id: Uuid,
    /// Its name: the user reference of an analysis, the name of a sample.
    pub name: String,
    /// `processing.status`.
    pub processing_status: &'static str,
    /// The id of the analysis or sample that it created, once it has.
    pub created_id: Option<Uuid>,
    /// The status of that analysis (in the spelling of V4) or sample.
    pub created_status: Option<&'static str>,
}

impl BatchRecord {
    pub(crate) fn of(batch: &Batch, creation: &Creation, now: DateTime<Utc>) -> Self {
        let items = batch.items.iter().map(|item| {
            let created = batch.created(item, creation, now);
            ItemRecord {
                id: item.id,
                name: item.request.name().to_owned(),
                processing_status: batch.processing(item, creation, now).name(),
                created_id: created.map(|created| created.id),
                created_status: created.map(|created| item.request.created_status(&created)),
            }
        });
        Self {
            id: batch.id,
            family: batch.family.facts().family,
            project: batch.project.clone(),
            idempotency_key: batch.key.clone(),
            created: batch.created,
            job_status: batch.job(creation, now).status,
            items: items.collect(),
        }
    }
}
