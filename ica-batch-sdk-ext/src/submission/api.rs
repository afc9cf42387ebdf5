//! The requests to ICA that a submission needs.

use std::collections::{HashMap, HashSet};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::{Either, select};
use futures_util::stream::BoxStream;
use futures_util::{StreamExt, TryStreamExt};
use ica_batch_sdk::types::{AnalysisStatus, AnalysisV4, ItemStatus};
use uuid::Uuid;

use super::followed::{AdoptedPlace, Polled};
use super::statuses::Statuses;
use super::stop::StopHandle;
use crate::analyses::Analyses;
use crate::analysis_batch::AnalysisCreation;
use crate::batch::{Batch, BatchItem, Family, JobState, WaitUntil, send_for_id};
use crate::call::{CallOverrides, ClockSkew, Core};
use crate::clock::Clock;
use crate::credentials::Identity;
use crate::error::Result;
use crate::idempotency::IdempotencyKey;
use crate::journal::{FoundAnalysis, ListedItem, is_chunk_mark, is_row_mark};
use crate::retry::RetryPolicy;

/// Number of items in a page.
const PAGE_SIZE: u64 = 1000;

/// Returns what the journal records of an item.
pub(super) fn listed_item(item: &impl BatchItem<Family = AnalysisCreation>) -> ListedItem {
    ListedItem {
        user_reference: item.name().to_owned(),
        item: item.id(),
        analysis: item.created_id(),
        creation_status: item.creation_status().as_str().to_owned(),
        message: item.creation_message().map(str::to_owned),
        run: item.run_status().map(|status| status.as_str().to_owned()),
    }
}

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

    /// Returns whether ICA has responded to a request of the client.
    pub(super) fn has_response(&self) -> bool {
        self.core.has_response()
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
        send_for_id::<AnalysisCreation>(&self.core, &self.project, body, key, trust_key, overrides).await
    }

    /// Searches for the analyses with a mark.
    pub(super) async fn marked(&self, mark: &str, overrides: &CallOverrides) -> Result<Vec<FoundAnalysis>> {
        self.search(mark, overrides).try_collect().await
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

    /// Lists the items of a batch that has `count` of them, in at most this time. The list ends after
    /// one more, which is enough to detect a batch that has too many.
    pub(super) async fn items(
        &self,
        (batch, count): (Uuid, u64),
        deadline: Duration,
        overrides: &CallOverrides,
    ) -> Result<Vec<ListedItem>> {
        let items = self.batch(batch).items().summaries().overrides(overrides.clone());
        let limit = usize::try_from(count).unwrap_or(usize::MAX).saturating_add(1);
        let items = items.page_size(PAGE_SIZE).prefetch(false).list_deadline(deadline);
        let mut items = items.stream().take(limit);
        let mut listed = Vec::new();
        while let Some(item) = items.try_next().await? {
            listed.push(listed_item(&item));
        }
        Ok(listed)
    }

    /// Lists the items of a batch that is waited for, and reads its job where that is needed. Only
    /// items of these user references count, if some are given.
    pub(super) async fn poll(
        &self,
        (batch, only): (Uuid, Option<&HashSet<String>>),
        (until, needs_job): (WaitUntil, bool),
        deadline: Duration,
        overrides: &CallOverrides,
    ) -> Result<Polled> {
        let handle = self.batch(batch);
        let overrides = overrides.clone().at_most(deadline, self.core.options());
        let mut polled = Polled::new(until);
        if needs_job {
            let read = handle.get().deadline(self.deadline(&overrides)).await?;
            let job = AnalysisCreation::job(&read).map(AnalysisCreation::job_status);
            let has_ended = |status| matches!(AnalysisCreation::job_state(status), JobState::Ended { .. });
            polled.job_has_ended = job.map(has_ended);
            polled.requests = 1;
        }
        let items = handle.items().summaries().overrides(overrides).list_deadline(deadline);
        let mut pages = items.page_size(PAGE_SIZE).prefetch(false).pages();
        while let Some(page) = pages.try_next().await? {
            for item in &page {
                polled.items.push(listed_item(item));
                if only.is_none_or(|only| only.contains(item.name())) {
                    polled.add(item);
                }
            }
        }
        let pages = u32::try_from(pages.pages_read()).unwrap_or(u32::MAX);
        polled.requests = polled.requests.saturating_add(pages);
        Ok(polled)
    }

    /// Counts the analyses with a mark by chunk and status. Returns the number of requests. None if the
    /// handle stopped it.
    pub(super) async fn statuses(
        &self,
        mark: &str,
        statuses: &mut Statuses,
        deadline: Duration,
        (overrides, stop): (&CallOverrides, &StopHandle),
    ) -> Result<Option<u32>> {
        let analyses = Analyses::new(self.core.clone(), Arc::clone(&self.project));
        let search = analyses.search().technical_tags([mark]).overrides(overrides.clone());
        let mut pages = search.page_size(PAGE_SIZE).list_deadline(deadline).pages();
        loop {
            let page = match select(pin!(pages.try_next()), pin!(stop.stopped())).await {
                Either::Left((page, _)) => page?,
                Either::Right(_) => return Ok(None),
            };
            let Some(page) = page else { break };
            for analysis in page {
                statuses.add(analysis.id, &analysis.tags.technical_tags, &analysis.status);
            }
            if stop.is_stopped() {
                return Ok(None);
            }
        }
        Ok(Some(u32::try_from(pages.pages_read()).unwrap_or(u32::MAX)))
    }

    /// Aborts an analysis.
    pub(super) async fn abort(&self, analysis: Uuid, overrides: &CallOverrides) -> Result<()> {
        let analyses = Analyses::new(self.core.clone(), Arc::clone(&self.project));
        analyses.abort(analysis).deadline(self.deadline(overrides)).await
    }

    /// Reads the status of analyses that carry a mark.
    pub(super) async fn poll_marked(
        &self,
        (mark, wanted): (&str, &HashMap<Uuid, AdoptedPlace>),
        until: WaitUntil,
        deadline: Duration,
        overrides: &CallOverrides,
    ) -> Result<Polled> {
        let overrides = overrides.clone().at_most(deadline, self.core.options());
        let analyses = Analyses::new(self.core.clone(), Arc::clone(&self.project));
        let search = analyses
            .search()
            .technical_tags([mark])
            .deadline(self.deadline(&overrides));
        let search = search.page_size(PAGE_SIZE).prefetch(false).list_deadline(deadline);
        let mut pages = search.pages();
        let mut polled = Polled::new(until);
        while let Some(page) = pages.try_next().await? {
            for analysis in page.into_iter().filter(|analysis| wanted.contains_key(&analysis.id)) {
                let adopted = Adopted(analysis);
                polled.items.push(listed_item(&adopted));
                polled.add(&adopted);
            }
        }
        polled.requests = u32::try_from(pages.pages_read()).unwrap_or(u32::MAX);
        Ok(polled)
    }
}

/// Analysis without an item. It was created, so its id is in place of the item's.
struct Adopted(AnalysisV4);

impl BatchItem for Adopted {
    type Family = AnalysisCreation;

    fn id(&self) -> Uuid {
        self.0.id
    }

    fn name(&self) -> &str {
        self.0.user_reference.as_str()
    }

    fn creation_status(&self) -> &ItemStatus {
        &ItemStatus::Succeeded
    }

    fn creation_message(&self) -> Option<&str> {
        None
    }

    fn created_id(&self) -> Option<Uuid> {
        Some(self.0.id)
    }

    fn run_status(&self) -> Option<AnalysisStatus> {
        Some(self.0.status.clone())
    }
}

fn found_analysis(analysis: &AnalysisV4) -> FoundAnalysis {
    let mark = |is_mark: fn(&str) -> bool| {
        // The marks come after the row's own tags.
        let mut tags = analysis.tags.technical_tags.iter();
        tags.rfind(|tag| is_mark(tag)).cloned()
    };
    FoundAnalysis {
        id: analysis.id,
        user_reference: analysis.user_reference.clone(),
        chunk_mark: mark(is_chunk_mark).unwrap_or_default(),
        row_mark: mark(is_row_mark),
        run: analysis.status.as_str().to_owned(),
    }
}
