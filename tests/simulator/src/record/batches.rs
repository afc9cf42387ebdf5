//! Records of the batches that exist.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::api::family::Family;
use crate::batch::creation::Creation;
use crate::batch::model::{Batch, BatchId};

/// A batch and its state at one time.
///
/// ```
/// use ica_simulator::{Family, SeedOptions, Simulator};
///
/// let simulator = Simulator::start();
/// let id = simulator.seed_batch(simulator.project_id(), 3, SeedOptions::default());
/// let batch = &simulator.batches()[0];
/// assert_eq!((batch.id, batch.family, batch.items.len()), (id, Family::Analysis, 3));
/// assert_eq!(batch.job_status, "SUCCEEDED");
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct BatchRecord {
    /// Its id.
    pub id: BatchId,
    /// Its family.
    pub family: Family,
    /// Its project.
    pub project: String,
    /// The idempotency key of its create, if it had one.
    pub idempotency_key: Option<String>,
    /// The id of the user who created it; see [`Simulator::user_id`](crate::Simulator::user_id).
    pub owner_id: Uuid,
    /// Simulated time of its creation.
    pub created: DateTime<Utc>,
    /// The value of `job.status`.
    pub job_status: &'static str,
    /// Its items, in the order of a list.
    pub items: Vec<ItemRecord>,
}

/// An item of a batch and its state at one time.
///
/// ```
/// use ica_simulator::{SeedOptions, Simulator};
///
/// let simulator = Simulator::start();
/// simulator.seed_batch(simulator.project_id(), 1, SeedOptions::default());
/// let item = &simulator.batches()[0].items[0];
/// assert_eq!((item.name.as_str(), item.processing_status), ("sample-0", "SUCCEEDED"));
/// assert!(item.created_id.is_some());
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ItemRecord {
    /// Its id.
    pub id: Uuid,
    /// Its name: the user reference of an analysis, the name of a sample.
    pub name: String,
    /// The value of `processing.status`.
    pub processing_status: &'static str,
    /// The id of the analysis or sample that it created, if it has.
    pub created_id: Option<Uuid>,
    /// The status of that analysis, in the spelling of V4, or of that sample.
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
            owner_id: batch.owner.id,
            created: batch.created,
            job_status: batch.job(creation, now).status,
            items: items.collect(),
        }
    }
}
