//! The requests to ICA that a submission needs.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::TryStreamExt;
use uuid::Uuid;

use crate::client::Client;
use crate::clock::Clock;
use crate::create::send_bytes;
use crate::error::Result;
use crate::idempotency::IdempotencyKey;
use crate::items::BatchItem;
use crate::journal::ListedItem;
use crate::options::CallOverrides;
use crate::project::Project;

/// Number of items in a page.
const PAGE_SIZE: u64 = 1000;

/// Project of ICA. Cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct Api {
    client: Client,
    project: Project,
}

impl Api {
    pub(super) fn new(client: Client, project: Project) -> Self {
        Self { client, project }
    }

    pub(super) fn base_url(&self) -> &str {
        self.client.base_url()
    }

    pub(super) fn project_id(&self) -> &str {
        self.project.id()
    }

    pub(super) fn clock(&self) -> Arc<dyn Clock> {
        self.client.clock()
    }

    /// Returns the deadline of a call with these overrides.
    pub(super) fn deadline(&self, overrides: &CallOverrides) -> Duration {
        overrides.over(self.client.options()).deadline
    }

    /// Creates a batch from the bytes of a request. Returns the batch's id.
    pub(super) async fn create(&self, body: Bytes, key: &IdempotencyKey, overrides: &CallOverrides) -> Result<Uuid> {
        let batch = send_bytes(&self.client, self.project.id(), body, Some(key), overrides).await?;
        Ok(batch.id)
    }

    /// Lists all items of a batch.
    pub(super) async fn items(&self, batch: Uuid) -> Result<Vec<ListedItem>> {
        let items = self.project.batch(batch).items().summaries();
        let items = items.page_size(PAGE_SIZE).prefetch(false).stream();
        let listed = items.map_ok(|item| ListedItem {
            user_reference: item.user_reference().to_owned(),
            item: item.id(),
            analysis: item.analysis_id(),
            creation_status: item.creation_status().as_str().to_owned(),
        });
        listed.try_collect().await
    }
}
