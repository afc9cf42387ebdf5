//! What exists in a simulator, as a test counts it.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::batch::{Batch, BatchId};
use crate::lifecycle::{AnalysisStatus, Lifecycle};

/// A batch, as it is at one time.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct BatchRecord {
    /// Its id.
    pub id: BatchId,
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
    /// The user reference that the request gave it.
    pub user_reference: String,
    /// `processing.status`.
    pub processing_status: &'static str,
    /// Its analysis, once there is one.
    pub analysis_id: Option<Uuid>,
    /// The status of its run, once there is one.
    pub analysis_status: Option<AnalysisStatus>,
}

impl BatchRecord {
    pub(crate) fn of(batch: &Batch, lifecycle: &Lifecycle, now: DateTime<Utc>) -> Self {
        let items = batch.items.iter().map(|item| {
            let analysis = batch.analysis(item, lifecycle, now);
            ItemRecord {
                id: item.id,
                user_reference: item.requested.user_reference.to_string(),
                processing_status: batch.processing(item, lifecycle, now).name(),
                analysis_id: analysis.map(|_| item.analysis_id),
                analysis_status: analysis.map(|analysis| analysis.status),
            }
        });
        Self {
            id: batch.id,
            project: batch.project.clone(),
            idempotency_key: batch.key.clone(),
            created: batch.created,
            job_status: batch.job(lifecycle, now).status,
            items: items.collect(),
        }
    }
}
