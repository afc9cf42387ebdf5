//! Batches and their items, and their state at a given time.
//!
//! Each state is a pure function of the time of creation, the settings, the item's seeded number
//! and the clock. So a test may move the clock a week ahead, and two simulators with the same seed
//! agree.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::creation::{Creation, JobStage, Processing};
use super::family::{BatchFamily, Created, ItemRequest};
use super::fate::Fate;
use crate::api::auth::User;

/// The id of a batch.
///
/// ```
/// let batch: ica_simulator::BatchId = "0e2b1a5e-7f43-4b53-9f05-6f4a3a3c1f2d".parse()?;
/// assert!(!batch.is_nil());
/// # Ok::<_, uuid::Error>(())
/// ```
pub type BatchId = Uuid;

/// One item of a batch.
#[derive(Debug)]
pub(crate) struct Item {
    pub(crate) id: Uuid,
    /// The id of the analysis or sample that the item creates.
    pub(crate) created_id: Uuid,
    pub(crate) request: Box<dyn ItemRequest>,
    /// Number of the item from which its seeded numbers are drawn.
    pub(crate) salt: u64,
    pub(crate) fate: Fate,
    /// Whether what it created was deleted.
    pub(crate) is_deleted: bool,
}

/// One batch.
#[derive(Debug)]
pub(crate) struct Batch {
    pub(crate) id: BatchId,
    pub(crate) family: Arc<dyn BatchFamily>,
    pub(crate) job_id: Uuid,
    pub(crate) project: String,
    pub(crate) key: Option<String>,
    pub(crate) owner: User,
    pub(crate) created: DateTime<Utc>,
    pub(crate) items: Vec<Item>,
    /// Time from `created` until the last item is created.
    pub(crate) job_ends: TimeDelta,
    pub(crate) stopped_at: Option<DateTime<Utc>>,
}

/// The state of the job that creates a batch's items.
#[derive(Clone, Copy, Debug)]
pub(crate) struct JobState {
    pub(crate) status: &'static str,
    pub(crate) started: Option<DateTime<Utc>>,
    pub(crate) finished: Option<DateTime<Utc>>,
}

impl Batch {
    pub(crate) fn processing(&self, item: &Item, creation: &Creation, now: DateTime<Utc>) -> Processing {
        let ends = self.created + creation.ends(item.salt);
        let status = if self.stopped_at.is_some_and(|at| at < ends && at <= now) {
            Processing::Stopped
        } else if now >= ends {
            Processing::end_of(item.fate)
        } else {
            match creation.stage(now - self.created) {
                JobStage::Initialized => Processing::Initialized,
                JobStage::Waiting => Processing::WaitingResources,
                JobStage::Running => Processing::Running,
            }
        };
        status.within(self.family.facts().statuses)
    }

    /// Returns whether the item can be read.
    pub(crate) fn is_listed(&self, item: &Item, creation: &Creation, now: DateTime<Utc>) -> bool {
        now >= self.created + creation.listed(item.salt)
    }

    /// Returns the analysis or sample that the item has created, if it has, unless it was deleted.
    pub(crate) fn created<'a>(
        &'a self,
        item: &'a Item,
        creation: &Creation,
        now: DateTime<Utc>,
    ) -> Option<Created<'a>> {
        let processing = self.processing(item, creation, now);
        let exists = processing.is_created() && !item.is_deleted;
        exists.then(|| Created {
            id: item.created_id,
            time: self.created + creation.ends(item.salt),
            owner: &self.owner,
            processing,
            fate: item.fate,
            salt: item.salt,
            now,
        })
    }

    pub(crate) fn job(&self, creation: &Creation, now: DateTime<Utc>) -> JobState {
        let since = now - self.created;
        let started = (since >= creation.job_start).then(|| self.created + creation.job_start);
        if let Some(at) = self.stopped_at.filter(|at| *at <= now) {
            return JobState {
                status: "STOPPED",
                started,
                finished: Some(at),
            };
        }
        if since >= self.job_ends {
            return JobState {
                status: self.job_result(),
                started,
                finished: Some(self.created + self.job_ends),
            };
        }
        let status = match creation.stage(since) {
            JobStage::Initialized => "INITIALIZED",
            JobStage::Waiting => "WAITING_FOR_RESOURCES",
            JobStage::Running => "RUNNING",
        };
        JobState {
            status,
            started,
            finished: None,
        }
    }

    fn job_result(&self) -> &'static str {
        let known = self.family.facts().statuses;
        let ended = |status| {
            let ends = self
                .items
                .iter()
                .map(|item| Processing::end_of(item.fate).within(known));
            ends.filter(|end| *end == status).count()
        };
        let (succeeded, partly) = (ended(Processing::Succeeded), ended(Processing::PartiallySucceeded));
        if succeeded == self.items.len() {
            "SUCCEEDED"
        } else if succeeded + partly == 0 {
            "FAILED"
        } else {
            "PARTIALLY_SUCCEEDED"
        }
    }
}
