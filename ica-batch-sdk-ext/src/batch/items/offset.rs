//! Listing the items of a batch by offset.

use std::num::NonZeroUsize;
use std::time::Duration;

use super::super::family::{BatchItem, Family, Listing};
use super::{Items, listing};
use crate::error::Result;
use crate::paging::{
    Checkpoint, ItemStream, OffsetPages, OffsetRange, PageStart, PageStream, Pages, PagingMode, Position,
};

/// Number of rows that ICA pages through by offset (from the API's description).
const OFFSET_ROW_LIMIT: u64 = 200_000;

impl<F: Family, L: Listing<F>> Items<F, L> {
    /// Lists by offset from this row on, in place of the cursor. Several pages can be fetched at a
    /// time.
    ///
    /// ```
    /// # use ica_batch_sdk_ext::{Client, Credentials};
    /// use futures_util::TryStreamExt;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let simulator = ica_simulator::Simulator::start();
    /// # let id = simulator.seed_batch(simulator.project_id(), 3, ica_simulator::SeedOptions::default());
    /// # let credentials = Credentials::api_key(simulator.api_key())?;
    /// # let client = Client::builder().base_url(simulator.base_url()).credentials(credentials).build()?;
    /// # let project = client.project(simulator.project_id())?;
    /// # let batch = project.batch(id);
    ///
    /// let rest: Vec<_> = batch.items().offset(1).stream().try_collect().await?;
    /// assert_eq!(rest.len(), 2);
    /// # Ok(())
    /// # }
    /// ```
    pub fn offset(self, start: u64) -> OffsetItems<F, L> {
        OffsetItems {
            items: self,
            start,
            concurrency: NonZeroUsize::MIN,
        }
    }
}

/// Request that lists the items of a batch by offset.
///
/// Faster for a batch that does not change any more, and limited: ICA pages through at most 200 000
/// rows. While a batch changes, rows may repeat or be missing. Repeated rows are dropped and
/// [counted](ItemStream::duplicates). Missing rows cannot be detected.
///
/// ```
/// # use ica_batch_sdk_ext::{Client, Credentials};
/// use futures_util::TryStreamExt;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let simulator = ica_simulator::Simulator::start();
/// # let id = simulator.seed_batch(simulator.project_id(), 30, ica_simulator::SeedOptions::default());
/// # let credentials = Credentials::api_key(simulator.api_key())?;
/// # let client = Client::builder().base_url(simulator.base_url()).credentials(credentials).build()?;
/// # let batch = client.project(simulator.project_id())?.batch(id);
/// let items = batch.items().page_size(5).offset(10).concurrency(2).stream();
/// assert_eq!(items.try_collect::<Vec<_>>().await?.len(), 20);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
#[must_use = "nothing is sent before the stream is polled"]
pub struct OffsetItems<F: Family, L> {
    items: Items<F, L>,
    start: u64,
    concurrency: NonZeroUsize,
}

impl<F: Family, L: Listing<F>> OffsetItems<F, L> {
    /// Sets the number of pages to fetch at a time, which is also the number of pages in memory: 1
    /// by default. 0 means 1.
    pub fn concurrency(mut self, pages: usize) -> Self {
        self.concurrency = NonZeroUsize::new(pages).unwrap_or(NonZeroUsize::MIN);
        self
    }

    /// Sets the time limit of the whole list, as [`Items::list_deadline`] does.
    pub fn list_deadline(mut self, deadline: Duration) -> Self {
        self.items.list_deadline = Some(deadline);
        self
    }

    /// Returns the items as a stream, in the order of their rows.
    pub fn stream(self) -> ItemStream<L::Row> {
        let position = Position::before(PageStart::Offset(self.start, self.items.query.size));
        self.stream_from(position)
    }

    /// Returns the items page by page.
    pub fn pages(self) -> PageStream<L::Row> {
        self.stream().pages()
    }

    /// Returns the rest of the list after a checkpoint of the same list.
    ///
    /// # Errors
    /// As [`Items::resume`].
    pub fn resume(self, checkpoint: Checkpoint) -> Result<ItemStream<L::Row>> {
        let mode = PagingMode::Offset;
        let position = checkpoint.position_in(&self.items.identity(mode), mode)?;
        Ok(self.stream_from(position))
    }

    /// Returns the rest of the list after a checkpoint, or the list from its start without one.
    ///
    /// # Errors
    /// As [`resume`](Self::resume).
    pub fn resume_or_start(self, checkpoint: Option<Checkpoint>) -> Result<ItemStream<L::Row>> {
        match checkpoint {
            Some(checkpoint) => self.resume(checkpoint),
            None => Ok(self.stream()),
        }
    }

    fn stream_from(self, position: Position) -> ItemStream<L::Row> {
        let identity = self.items.identity(PagingMode::Offset);
        let action = listing::list_action::<F>(&self.items.request);
        let start = match position.page {
            PageStart::Offset(start, _) => start,
            PageStart::First | PageStart::Token(_) | PageStart::End => self.start,
        };
        let range = OffsetRange {
            start,
            page_size: self.items.query.size,
            row_limit: OFFSET_ROW_LIMIT,
        };
        let is_end = position.page == PageStart::End;
        let deadline = self.items.deadline_from_now();
        let mut pages = OffsetPages::new(range, self.concurrency, self.items.fetch(deadline.clone()));
        if is_end {
            pages.end();
        }
        ItemStream::new(Pages::Offset(pages), identity, action, position, L::Row::id).within(deadline)
    }
}
