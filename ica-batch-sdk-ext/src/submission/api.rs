//! The requests to ICA that a submission needs.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt};
use uuid::Uuid;

use crate::analysis_batch::AnalysisCreation;
use crate::batch::{Batch, BatchItem, send_for_id};
use crate::call::{CallOverrides, ClockSkew, Core};
use crate::clock::Clock;
use crate::error::Result;
use crate::idempotency::IdempotencyKey;
use crate::journal::ListedItem;
use crate::retry::RetryPolicy;

/// Number of items in a page.
const PAGE_SIZE: u64 = 1000;

/// Project of ICA. Cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct Api {
    core: Core,
    project: Arc<str>,
}

impl Api {
    pub(super) fn new(core: Core, project: Arc<str>) -> Self {
        Self { core, project }
    }

    pub(super) fn base_url(&self) -> &str {
        self.core.base_url()
    }

    pub(super) fn project_id(&self) -> &str {
        &self.project
    }

    pub(super) fn clock(&self) -> Arc<dyn Clock> {
        Arc::clone(self.core.clock())
    }

    /// Returns the deadline of a call with these overrides.
    pub(super) fn deadline(&self, overrides: &CallOverrides) -> Duration {
        overrides.apply_to(self.core.options()).deadline
    }

    /// Returns the difference between this machine's clock and ICA's. If no response showed it
    /// lately, the batch with the nil id is read, which does not exist.
    pub(super) async fn clock_skew(&self) -> Option<ClockSkew> {
        let known = self.core.clock_skew();
        if known.is_some() {
            return known;
        }
        // Its error does not matter: it shows the time, too. A failing server is for the run to meet.
        let _ = self.batch(Uuid::nil()).get().retry(RetryPolicy::never()).await;
        self.core.clock_skew()
    }

    /// Creates a batch from the bytes of a request. Returns the batch's id.
    pub(super) async fn create(&self, body: Bytes, key: &IdempotencyKey, overrides: &CallOverrides) -> Result<Uuid> {
        send_for_id::<AnalysisCreation>(&self.core, &self.project, body, key, overrides).await
    }

    fn batch(&self, id: Uuid) -> Batch<AnalysisCreation> {
        Batch::new(self.core.clone(), Arc::clone(&self.project), id)
    }

    /// Lists the items of a batch that has `count` of them. The list ends after one more, which is
    /// enough to detect a batch that has too many.
    pub(super) async fn items(&self, batch: Uuid, count: u64, overrides: &CallOverrides) -> Result<Vec<ListedItem>> {
        let items = self.batch(batch).items().summaries().overrides(overrides.clone());
        let limit = usize::try_from(count).unwrap_or(usize::MAX).saturating_add(1);
        let items = items.page_size(PAGE_SIZE).prefetch(false).stream().take(limit);
        let listed = items.map_ok(|item| ListedItem {
            user_reference: item.name().to_owned(),
            item: item.id(),
            analysis: item.created_id(),
            creation_status: item.creation_status().as_str().to_owned(),
        });
        listed.try_collect().await
    }
}
