//! The calls of one poll.

use std::future::poll_fn;
use std::pin::Pin;
use std::time::Duration;

use futures_core::Stream;
use ica_batch_sdk::types::ItemStatus;
use uuid::Uuid;

use super::plan::{Look, Step};
use super::together::together;
use super::watch::{Job, Watch};
use crate::batch::Batch;
use crate::error::Result;
use crate::version::{ApiVersion, VersionPolicy};

/// How many items are read at a time, where they are read one by one.
const AT_A_TIME: usize = 8;

/// What the looks have cost.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Cost {
    pub(super) requests: u64,
    pub(super) items: u64,
}

/// Looks at a batch; what is seen goes into the watch, even if a later call fails.
pub(super) struct Looker<'a, Left> {
    pub(super) batch: &'a Batch,
    pub(super) watch: &'a mut Watch,
    pub(super) cost: &'a mut Cost,
    /// What is left of the wait: no call may take longer. An error when nothing is.
    pub(super) left: Left,
}

impl<Left: Fn() -> Result<Duration> + Sync> Looker<'_, Left> {
    /// The job first, then what can have changed.
    pub(super) async fn poll(&mut self) -> Result<()> {
        self.watch.begin();
        if !matches!(self.watch.job, Job::Ended(_)) {
            self.cost.requests += 1;
            let batch = self.batch.get().deadline((self.left)()?).await?;
            self.watch.see_job(batch.job.map(|job| job.status));
        }
        for step in Step::ALL {
            match self.watch.look(step) {
                Look::Nothing => {}
                Look::All => {
                    self.list(Vec::new()).await?;
                    self.watch.saw_all();
                }
                Look::List(status) => self.list(status).await?,
                Look::Singles(ids) => self.read(ids).await?,
            }
        }
        self.watch.finish();
        Ok(())
    }

    async fn list(&mut self, status: Vec<ItemStatus>) -> Result<()> {
        let left = (self.left)()?;
        let items = self.batch.items().summaries().status(status).deadline(left);
        let mut pages = items.page_size(self.watch.page_size).pages();
        let mut is_first = true;
        loop {
            let page = poll_fn(|context| Pin::new(&mut pages).poll_next(context)).await;
            // A list without items takes a request too.
            self.cost.requests += u64::from(is_first || matches!(page, Some(Ok(_))));
            is_first = false;
            let Some(page) = page.transpose()? else {
                return Ok(());
            };
            self.cost.items += page.len() as u64;
            for item in &page {
                self.watch.see(item);
            }
            (self.left)()?;
        }
    }

    async fn read(&mut self, ids: Vec<Uuid>) -> Result<()> {
        let Self {
            batch,
            watch,
            cost,
            left,
        } = self;
        let left = &*left;
        let calls = ids.into_iter().map(|id| {
            let item = batch.item(id);
            async move {
                let item = item.deadline(left()?);
                item.any_version(VersionPolicy::Prefer(ApiVersion::V4)).await
            }
        });
        together(calls, AT_A_TIME, |item| {
            cost.requests += 1;
            cost.items += 1;
            watch.see(&item);
        })
        .await
    }
}
