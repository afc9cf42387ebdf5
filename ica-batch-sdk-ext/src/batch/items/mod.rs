//! The items of a batch: listing them, and reading one.

mod get;
mod listing;

use std::num::NonZeroUsize;

use futures_util::TryStreamExt;

use super::family::{AnyItemVersion, BatchItem, Family, ItemQuery, ItemSummaries, Listing};
use super::handle::Batch;
use super::status::Status;
use super::target::{ItemRequest, Target};
use crate::call::{CallOverrides, call_setters};
use crate::error::Result;
use crate::paging::{
    BoxedPage, Checkpoint, CursorPages, ItemStream, ListIdentity, OffsetPages, OffsetRange, PageQuery, PageStart,
    PageStream, Pages, Position,
};
use crate::version::{Version, VersionPolicy};

pub use get::GetItem;
pub use listing::{AnyVersion, Summary};
pub(crate) use listing::{get, list};

/// Page size that every known client of ICA uses. No maximum is documented.
const PAGE_SIZE: u64 = 1000;

/// Share of the response limit up to which a page is small, so that the next one is fetched ahead.
/// Both pages together stay within 1.25 times the memory of one.
const SMALL_PAGE: u64 = 4;

/// Number of rows that ICA pages through by offset (from the API's description).
const OFFSET_ROW_LIMIT: u64 = 200_000;

impl<F: Family> Batch<F> {
    /// Lists the items of the batch, in the default version unless another is chosen.
    pub fn items(&self) -> Items<F, F::DefaultVersion> {
        Items::new(self.target.clone(), F::DefaultVersion::default())
    }
}

/// Request that lists the items of a batch by cursor. The list has every item exactly once, even
/// while the batch changes.
///
/// ```
/// # use ica_batch_sdk_ext::{Client, Credentials};
/// use futures_util::TryStreamExt;
/// use ica_batch_sdk_ext::types::ItemStatus;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let simulator = ica_simulator::Simulator::start();
/// # let id = simulator.seed_batch(simulator.project_id(), 3, ica_simulator::SeedOptions::default());
/// # let credentials = Credentials::api_key(simulator.api_key())?;
/// # let client = Client::builder().base_url(simulator.base_url()).credentials(credentials).build()?;
/// # let batch = client.project(simulator.project_id())?.batch(id);
/// let mut failed = batch.items().creation_status([ItemStatus::Failed]).stream();
/// while let Some(item) = failed.try_next().await? {
///     println!("{}: {:?}", item.request.user_reference, item.processing.additional_status_information);
/// }
/// assert_eq!(batch.items().count().await?, 3);
/// # Ok(())
/// # }
/// ```
///
/// V3 and V4 items are different types, and one stream has one type:
///
/// ```compile_fail,E0308
/// # async fn example(batch: ica_batch_sdk_ext::Batch<ica_batch_sdk_ext::AnalysisCreation>) {
/// let mut stream = batch.items().stream();
/// stream = batch.items().version::<ica_batch_sdk_ext::V3>().stream();
/// # }
/// ```
///
/// A cursor leads from one page to the next, so only [`offset`](Self::offset) reads several pages
/// at a time:
///
/// ```compile_fail,E0599
/// # async fn example(batch: ica_batch_sdk_ext::Batch<ica_batch_sdk_ext::AnalysisCreation>) {
/// batch.items().concurrency(8);
/// # }
/// ```
///
/// A list is resumed from a [`Checkpoint`], not from a page token:
///
/// ```compile_fail,E0308
/// # async fn example(batch: ica_batch_sdk_ext::Batch<ica_batch_sdk_ext::AnalysisCreation>) {
/// batch.items().resume("token");
/// # }
/// ```
#[derive(Debug, Clone)]
#[must_use = "nothing is sent before the stream is polled"]
pub struct Items<F: Family, L> {
    request: ItemRequest,
    query: ItemQuery<F>,
    prefetch: bool,
    listing: L,
}

impl<F: Family, L: Listing<F>> Items<F, L> {
    pub(crate) fn new(target: Target, listing: L) -> Self {
        Self {
            request: ItemRequest {
                target,
                overrides: CallOverrides::default(),
            },
            query: PageQuery {
                filter: None,
                size: PAGE_SIZE,
                start: PageStart::First,
            },
            prefetch: true,
            listing,
        }
    }

    pub(crate) fn listing<M: Listing<F>>(self, listing: M) -> Items<F, M> {
        Items {
            request: self.request,
            query: self.query,
            prefetch: self.prefetch,
            listing,
        }
    }

    /// Lists the items in this version of the API.
    pub fn version<V: Version + Listing<F>>(self) -> Items<F, V> {
        self.listing(V::default())
    }

    /// Lists the items in a version that is chosen while the program runs.
    pub fn any_version(self, policy: VersionPolicy) -> Items<F, AnyVersion>
    where
        F: AnyItemVersion,
    {
        self.listing(AnyVersion::new(policy))
    }

    /// Lists summaries: items without the details of what they created, which are most of the
    /// bytes. Works with servers of every version.
    pub fn summaries(self) -> Items<F, Summary>
    where
        F: ItemSummaries,
    {
        self.listing(Summary)
    }

    /// Filters by the status of the creation: items in one of these statuses only. An empty list
    /// means all items.
    ///
    /// ICA cannot filter by the status of a run.
    pub fn creation_status(mut self, status: impl IntoIterator<Item = F::ItemStatus>) -> Self {
        let status = status.into_iter().collect::<Vec<_>>();
        self.query.filter = (!status.is_empty()).then_some(status);
        self
    }

    /// Sets the number of items per page: 1000 by default. ICA documents no maximum.
    ///
    /// With 0 the stream fails with [`InvalidInput`](crate::ErrorKind::InvalidInput) before
    /// anything is sent.
    pub fn page_size(mut self, size: u64) -> Self {
        self.query.size = size;
        self
    }

    /// Sets whether the next page is fetched while the caller works on this one. On by default, for
    /// one page. A page of more than a quarter of the
    /// [response limit](crate::ClientBuilder::response_limit) is alone in memory.
    pub fn prefetch(mut self, prefetch: bool) -> Self {
        self.prefetch = prefetch;
        self
    }

    /// Lists by offset from this row on, in place of the cursor. Several pages can be fetched at a
    /// time.
    pub fn offset(self, start: u64) -> OffsetItems<F, L> {
        OffsetItems {
            items: self,
            start,
            concurrency: NonZeroUsize::MIN,
        }
    }

    /// Returns the items as a stream, each once.
    pub fn stream(self) -> ItemStream<L::Row> {
        self.stream_from(Position::before(PageStart::First))
    }

    /// Returns the items page by page.
    pub fn pages(self) -> PageStream<L::Row> {
        self.stream().pages()
    }

    /// Returns the rest of the list after a checkpoint of the same list.
    ///
    /// For pages in place of items, call [`pages`](ItemStream::pages) on the result.
    ///
    /// # Errors
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) when the checkpoint belongs to another
    /// list. The message says what differs.
    pub fn resume(self, checkpoint: Checkpoint) -> Result<ItemStream<L::Row>> {
        let position = checkpoint.position_in(&self.identity(PagingMode::Cursor))?;
        Ok(self.stream_from(position))
    }

    /// Returns the rest of the list after a checkpoint, or the whole list without one.
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
    /// # let batch = client.project(simulator.project_id())?.batch(id);
    /// let mut saved = None; // read it from a file
    /// let mut items = batch.items().resume_or_start(saved.take())?;
    /// while let Some(item) = items.try_next().await? {
    ///     saved = Some(items.checkpoint()); // write it to a file
    /// }
    /// # assert_eq!(batch.items().resume_or_start(saved)?.try_next().await?, None);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`resume`](Self::resume).
    pub fn resume_or_start(self, checkpoint: Option<Checkpoint>) -> Result<ItemStream<L::Row>> {
        match checkpoint {
            Some(checkpoint) => self.resume(checkpoint),
            None => Ok(self.stream()),
        }
    }

    /// Returns the first item, if there is one.
    ///
    /// # Errors
    /// The errors of a request that lists one item.
    pub async fn first(self) -> Result<Option<L::Row>> {
        self.page_size(1).prefetch(false).stream().try_next().await
    }

    /// Returns the number of items: by one request where the response contains it, else by listing
    /// them.
    ///
    /// # Errors
    /// The errors of requests that list items.
    pub async fn count(self) -> Result<u64> {
        let query = PageQuery {
            start: PageStart::Offset(0, 1),
            ..self.query.clone()
        };
        let page = self.listing.page(self.request.clone(), query).await?;
        if let Some(total) = page.total {
            return Ok(total);
        }
        let items = self.listing(F::WaitListing::default());
        let count = async |count, page: Vec<_>| Ok(count + page.len() as u64);
        items.pages().try_fold(0, count).await
    }

    fn stream_from(self, position: Position) -> ItemStream<L::Row> {
        let identity = self.identity(PagingMode::Cursor);
        let action = listing::list_action::<F>(&self.request);
        let small = self.request.response_limit() / SMALL_PAGE;
        let pages = CursorPages::new(position.page.clone(), self.prefetch.then_some(small), self.fetch());
        ItemStream::new(Pages::Cursor(pages), identity, action, position, L::Row::id)
    }

    /// Returns the function that fetches a page.
    fn fetch(self) -> impl FnMut(PageStart) -> BoxedPage<L::Row> + Send + 'static {
        move |start| {
            let query = PageQuery {
                start,
                ..self.query.clone()
            };
            self.listing.page(self.request.clone(), query)
        }
    }

    fn identity(&self, mode: PagingMode) -> ListIdentity {
        let filter = self.query.filter.iter().flatten().map(Status::as_str);
        let filter = filter.collect::<Vec<_>>();
        ListIdentity::new([
            ("project", self.request.target.project.to_string()),
            (F::NAME, self.request.target.id.to_string()),
            ("item type", self.listing.name()),
            ("status filter", format!("[{}]", filter.join(", "))),
            ("page size", self.query.size.to_string()),
            ("paging by", mode.name().to_owned()),
        ])
    }

    call_setters!(request.overrides);
}

/// Way of paging, as a part of the identity of a list.
#[derive(Debug, Clone, Copy)]
enum PagingMode {
    Cursor,
    Offset,
}

impl PagingMode {
    fn name(self) -> &'static str {
        match self {
            Self::Cursor => "cursor",
            Self::Offset => "offset",
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
        let position = checkpoint.position_in(&self.items.identity(PagingMode::Offset))?;
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
        let mut pages = OffsetPages::new(range, self.concurrency, self.items.fetch());
        if is_end {
            pages = pages.ended();
        }
        ItemStream::new(Pages::Offset(pages), identity, action, position, L::Row::id)
    }
}
