//! The requests of one poll.

use std::time::Duration;

use futures_util::{StreamExt, TryStreamExt, stream};
use uuid::Uuid;

use super::super::family::Family;
use super::super::handle::Batch;
use super::super::items::GetItem;
use super::query::{Query, Step};
use super::state::{BatchState, Job};
use crate::error::Result;
use crate::paging::check_item_count;

/// Number of items that are read at a time, where they are read one by one.
const CONCURRENT_READS: usize = 8;

/// Cost of the polls so far.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Cost {
    pub(super) requests: u64,
    pub(super) items: u64,
}

/// One poll of a batch. It records each response in the state at once, even where a later request
/// fails.
pub(super) struct Poller<'a, F: Family, Remaining> {
    pub(super) batch: &'a Batch<F>,
    pub(super) state: &'a mut BatchState<F>,
    pub(super) cost: &'a mut Cost,
    /// Returns the time left of the wait, which limits each request. An error when none is left.
    pub(super) remaining: Remaining,
}

impl<F: Family, Remaining: Fn() -> Result<Duration> + Sync> Poller<'_, F, Remaining> {
    /// Reads the job, then the items that can have changed.
    pub(super) async fn poll(&mut self) -> Result<()> {
        self.state.begin_poll();
        if !matches!(self.state.job, Job::Ended(_)) {
            self.cost.requests = self.cost.requests.saturating_add(1);
            let batch = self.batch.get().deadline((self.remaining)()?).await?;
            self.state
                .record_job(F::job(&batch).map(|job| F::job_status(job).clone()));
        }
        for step in Step::ALL {
            match self.state.query(step) {
                Query::Nothing => {}
                Query::All => {
                    self.list(Vec::new()).await?;
                    self.state.record_complete_list();
                }
                Query::WithStatus(status) => self.list(status).await?,
                Query::Items(ids) => self.read(ids).await?,
            }
        }
        self.state.end_poll();
        self.state.scrub_names(&self.batch.target.core);
        Ok(())
    }

    async fn list(&mut self, status: Vec<F::ItemStatus>) -> Result<()> {
        let items = self.batch.items().listing(F::WaitListing::default());
        let remaining = (self.remaining)()?;
        // The list ends at the deadline even if no page has an item that this loop would see.
        let items = items
            .creation_status(status)
            .deadline(remaining)
            .list_deadline(remaining);
        let mut pages = items.page_size(self.state.page_size).pages();
        let before = self.cost.requests;
        loop {
            let page = pages.next().await;
            // A page without items, or one that could not be read, took a request, too.
            let failed = u64::from(matches!(page, Some(Err(_))));
            self.cost.requests = before.saturating_add(pages.pages_read()).saturating_add(failed);
            let Some(page) = page.transpose()? else {
                return Ok(());
            };
            self.cost.items = self.cost.items.saturating_add(page.len() as u64);
            for item in &page {
                self.state.record_item(item);
            }
            // Each poll may have other items.
            check_item_count(self.state.items.len())?;
            (self.remaining)()?;
        }
    }

    async fn read(&mut self, ids: Vec<Uuid>) -> Result<()> {
        let Self {
            batch,
            state,
            cost,
            remaining,
        } = self;
        let remaining = &*remaining;
        let reads = ids.into_iter().map(|id| {
            let item = GetItem::new(batch.target.clone(), id, F::WaitReading::default());
            async move { item.deadline(remaining()?).await }
        });
        let mut items = stream::iter(reads).buffer_unordered(CONCURRENT_READS);
        while let Some(item) = items.try_next().await? {
            cost.requests = cost.requests.saturating_add(1);
            cost.items = cost.items.saturating_add(1);
            state.record_item(&item);
        }
        Ok(())
    }
}
