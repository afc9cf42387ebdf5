//! The requests to ICA that a submission needs.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream::BoxStream;
use futures_util::{StreamExt, TryStreamExt};
use ica_batch_sdk::types::AnalysisV4;
use uuid::Uuid;

use crate::analyses::Analyses;
use crate::analysis_batch::AnalysisCreation;
use crate::batch::{Batch, BatchItem, send_bytes, send_bytes_once};
use crate::call::{CallOverrides, Core};
use crate::clock::Clock;
use crate::credentials::Identity;
use crate::error::Result;
use crate::idempotency::IdempotencyKey;
use crate::journal::{FoundAnalysis, ListedItem, is_chunk_mark};

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

    /// Returns a random number from 0 to 1.
    pub(super) fn random(&self) -> f64 {
        self.core.random()
    }

    /// Returns the deadline of a call with these overrides.
    pub(super) fn deadline(&self, overrides: &CallOverrides) -> Duration {
        overrides.apply_to(self.core.options()).deadline
    }

    /// Returns the identity of the credential's user, with fingerprints that depend on this salt.
    pub(super) async fn identity(&self, salt: &str) -> Result<Option<Identity>> {
        self.core.identity(salt).await
    }

    /// Creates a batch from the bytes of a request. Returns the batch's id. Without trust in the key,
    /// no retry follows an attempt that may have been executed.
    pub(super) async fn create(
        &self,
        body: Bytes,
        key: &IdempotencyKey,
        trust_key: bool,
        overrides: &CallOverrides,
    ) -> Result<Uuid> {
        let (core, project) = (&self.core, &*self.project);
        let batch = match trust_key {
            true => send_bytes::<AnalysisCreation>(core, project, body, Some(key), overrides).await?,
            false => send_bytes_once::<AnalysisCreation>(core, project, body, Some(key), overrides).await?,
        };
        Ok(batch.id)
    }

    /// Searches for the analyses with a mark, at most so many.
    pub(super) async fn marked(
        &self,
        mark: &str,
        limit: usize,
        overrides: &CallOverrides,
    ) -> Result<Vec<FoundAnalysis>> {
        self.search(mark, overrides).take(limit).try_collect().await
    }

    /// Returns the analyses with a mark as a stream.
    pub(super) fn search(&self, mark: &str, overrides: &CallOverrides) -> BoxStream<'static, Result<FoundAnalysis>> {
        let analyses = Analyses::new(self.core.clone(), Arc::clone(&self.project));
        let search = analyses.search().technical_tags([mark]).overrides(overrides.clone());
        let found = search.page_size(PAGE_SIZE).prefetch(false).stream();
        found.map_ok(|analysis| found_analysis(&analysis)).boxed()
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

fn found_analysis(analysis: &AnalysisV4) -> FoundAnalysis {
    let mut tags = analysis.tags.technical_tags.iter();
    FoundAnalysis {
        id: analysis.id,
        user_reference: analysis.user_reference.clone(),
        chunk_mark: tags.find(|tag| is_chunk_mark(tag)).cloned().unwrap_or_default(),
        run: analysis.status.as_str().to_owned(),
    }
}
