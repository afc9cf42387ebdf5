//! The items of a batch: listing them, and reading one.

mod get;
mod listing;
mod offset;

use std::sync::Arc;
use std::time::Duration;

use futures_util::TryStreamExt;

use super::family::{AnyItemVersion, BatchItem, Family, ItemQuery, ItemSummaries, Listing};
use super::handle::Batch;
use super::status::Status;
use super::target::{ItemRequest, Target};
use crate::call::{CallOverrides, call_setters};
use crate::error::Result;
use crate::paging::{
    BoxedPage, Checkpoint, CursorPages, ItemStream, ListDeadline, ListIdentity, PageQuery, PageStart, PageStream,
    Pages, PagingMode, Position,
};
use crate::version::{Version, VersionPolicy};

pub use get::GetItem;
pub use listing::{AnyVersion, Summary};
pub(crate) use listing::{get, list};
pub use offset::OffsetItems;

/// Page size that every known client of ICA uses. No maximum is documented.
const PAGE_SIZE: u64 = 1000;

/// Share of the response limit up to which a page is small, so that the next one is fetched ahead.
/// Both pages together stay within 1.25 times the memory of one.
const SMALL_PAGE: u64 = 4;

impl<F: Family> Batch<F> {
    /// Lists the items of the batch, in the default version unless another is chosen.
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
    /// let mut items = project.batch(id).items().stream();
    /// while let Some(item) = items.try_next().await? {
    ///     println!("{}: {}", item.request.user_reference, item.processing.status);
    /// }
    /// # assert_eq!(project.batch(id).items().count().await?, 3);
    /// # Ok(())
    /// # }
    /// ```
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
/// A list ends, whatever the server returns. It fails with
/// [`Paging`](crate::ErrorKind::Paging) after 100 pages without items in a row, for a page token of
/// more than 8 KiB or one that was followed before, for a page that begins with the item that an
/// earlier page began with, and for a page with more items than asked for. Only a list of ever new
/// items is not detected: [`list_deadline`](Self::list_deadline) limits it.
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
    list_deadline: Option<Duration>,
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
            list_deadline: None,
            listing,
        }
    }

    pub(crate) fn listing<M: Listing<F>>(self, listing: M) -> Items<F, M> {
        Items {
            request: self.request,
            query: self.query,
            prefetch: self.prefetch,
            list_deadline: self.list_deadline,
            listing,
        }
    }

    /// Sets the options of the calls.
    #[cfg(feature = "journal")]
    pub(crate) fn overrides(mut self, overrides: CallOverrides) -> Self {
        self.request.overrides = overrides;
        self
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
    ///
    /// ```
    /// # use ica_batch_sdk_ext::{Client, Credentials};
    /// use futures_util::TryStreamExt;
    /// use ica_batch_sdk_ext::BatchItem;
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
    /// let mut names = Vec::new();
    /// let mut summaries = batch.items().summaries().stream();
    /// while let Some(summary) = summaries.try_next().await? {
    ///     names.push(summary.name().to_owned());
    /// }
    /// assert_eq!(names, ["sample-0", "sample-1", "sample-2"]);
    /// # Ok(())
    /// # }
    /// ```
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

    /// Sets the number of items per page: 1000 by default. ICA documents no maximum; a larger
    /// number than 100 000 would exceed the limit of a response.
    ///
    /// With 0, or with more than 100 000, the stream fails with
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) before anything is sent.
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

    /// Sets the time limit of the whole list, from its first page on: none by default. The time
    /// that the caller spends on the items counts, too.
    ///
    /// [`deadline`](Self::deadline) limits the call that fetches one page, and starts again with
    /// each page. This limit is checked before each page, and no page may take longer than the time
    /// left. No page is returned after it. Its error is a [`Timeout`](crate::ErrorKind::Timeout)
    /// and ends the stream. The [checkpoint](ItemStream::checkpoint) of the stream resumes the
    /// list.
    ///
    /// ```
    /// # use ica_batch_sdk_ext::clock::ManualClock;
    /// # use ica_batch_sdk_ext::{Client, Credentials};
    /// use std::time::Duration;
    ///
    /// use futures_util::TryStreamExt;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let simulator = ica_simulator::Simulator::start();
    /// # let id = simulator.seed_batch(simulator.project_id(), 3, ica_simulator::SeedOptions::default());
    /// let clock = ManualClock::new();
    /// # let credentials = Credentials::api_key_direct(simulator.api_key())?;
    /// # let client = Client::builder().base_url(simulator.base_url()).credentials(credentials).clock(clock.clone()).build()?;
    /// # let batch = client.project(simulator.project_id())?.batch(id);
    /// let mut items = batch.items().page_size(2).list_deadline(Duration::from_secs(600)).stream();
    /// items.try_next().await?;
    /// items.try_next().await?;
    /// clock.advance(Duration::from_secs(601));
    /// assert!(items.try_next().await.unwrap_err().is_timeout());
    /// assert_eq!(items.try_next().await?, None);
    ///
    /// let rest: Vec<_> = batch.items().page_size(2).resume(items.checkpoint())?.try_collect().await?;
    /// assert_eq!(rest.len(), 1);
    /// # Ok(())
    /// # }
    /// ```
    pub fn list_deadline(mut self, deadline: Duration) -> Self {
        self.list_deadline = Some(deadline);
        self
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
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) when the checkpoint belongs to another list
    /// or is not valid. The message says what differs.
    pub fn resume(self, checkpoint: Checkpoint) -> Result<ItemStream<L::Row>> {
        let mode = PagingMode::Cursor;
        let position = checkpoint.position_in(&self.identity(mode), mode)?;
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
        let deadline = self.deadline_from_now();
        let page = self.listing.page(self.request.within(deadline.as_deref()), query);
        let page = page.await.map_err(|error| match &deadline {
            Some(deadline) if deadline.has_passed() => deadline.error().with_source(error),
            _ => error,
        });
        if let Some(total) = page?.total {
            return Ok(total);
        }
        let items = self.listing(F::WaitListing::default());
        let start = Position::before(PageStart::First);
        let pages = items.stream_within(start, deadline).pages();
        let count = async |count: u64, page: Vec<_>| Ok(count.saturating_add(page.len() as u64));
        pages.try_fold(0, count).await
    }

    fn stream_from(self, position: Position) -> ItemStream<L::Row> {
        let deadline = self.deadline_from_now();
        self.stream_within(position, deadline)
    }

    fn stream_within(self, position: Position, deadline: Option<Arc<ListDeadline>>) -> ItemStream<L::Row> {
        let identity = self.identity(PagingMode::Cursor);
        let action = listing::list_action::<F>(&self.request);
        let small = self.request.response_limit() / SMALL_PAGE;
        let (start, prefetch) = (position.page.clone(), self.prefetch.then_some(small));
        let pages = CursorPages::new(start, prefetch, self.fetch(deadline.clone()));
        ItemStream::new(Pages::Cursor(pages), identity, action, position, L::Row::id).within(deadline)
    }

    /// Returns the time limit of a new list.
    fn deadline_from_now(&self) -> Option<Arc<ListDeadline>> {
        let clock = self.request.target.core.clock();
        let limit = self.list_deadline?;
        Some(Arc::new(ListDeadline::new(Arc::clone(clock), limit)))
    }

    /// Returns the function that fetches a page.
    fn fetch(self, deadline: Option<Arc<ListDeadline>>) -> impl FnMut(PageStart) -> BoxedPage<L::Row> + Send + 'static {
        move |start| {
            let query = PageQuery {
                start,
                ..self.query.clone()
            };
            self.listing.page(self.request.within(deadline.as_deref()), query)
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
