//! The items of a batch: listing them, reading one, and what they have in common whatever their version.

mod any;
mod checkpoint;
mod listing;
mod one;
mod stream;
mod view;

use std::fmt;
use std::num::NonZeroUsize;

use futures_core::Stream;
use ica_batch_sdk::types::ItemStatus;
use uuid::Uuid;

use crate::client::Client;
use crate::error::{Error, Result};
use crate::options::{CallOverrides, call_setters};
use crate::pagination::{CursorPages, OffsetPages, PageAt};
use crate::version::{Version, VersionPolicy};

pub use any::{AnyItem, GetAnyItem};
pub use checkpoint::Checkpoint;
pub use listing::{AnyVersion, Listing, Summary};
pub(crate) use listing::{PageQuery, Paging};
pub use one::GetItem;
pub use stream::{ItemStream, PageStream};
pub use view::{AnalysisStatusExt, BatchItem};

use checkpoint::{Origin, Place};
use stream::Source;

/// The page size that every client of ICA uses. No maximum is documented.
const PAGE_SIZE: u64 = 1000;

/// The items of a batch, to be listed by the cursor: complete and each once, even while the batch changes.
///
/// ```no_run
/// use futures_util::TryStreamExt;
/// use ica_batch_sdk_ext::types::ItemStatus;
///
/// # async fn example(batch: ica_batch_sdk_ext::Batch) -> Result<(), ica_batch_sdk_ext::Error> {
/// let mut failed = batch.items().status([ItemStatus::Failed]).stream();
/// while let Some(item) = failed.try_next().await? {
///     println!("{}: {:?}", item.request.user_reference, item.processing.additional_status_information);
/// }
/// # Ok(())
/// # }
/// ```
///
/// V3 and V4 items are different types and do not mix:
///
/// ```compile_fail,E0308
/// # async fn example(batch: ica_batch_sdk_ext::Batch) {
/// let mut stream = batch.items().stream();
/// stream = batch.items().version::<ica_batch_sdk_ext::V3>().stream();
/// # }
/// ```
///
/// A cursor leads from one page to the next, so several at a time are for [`offset`](Self::offset):
///
/// ```compile_fail,E0599
/// # async fn example(batch: ica_batch_sdk_ext::Batch) {
/// batch.items().concurrency(8);
/// # }
/// ```
///
/// What a list is resumed from is a [`Checkpoint`], not a token:
///
/// ```compile_fail,E0308
/// # async fn example(batch: ica_batch_sdk_ext::Batch) {
/// batch.items().resume("token");
/// # }
/// ```
#[derive(Clone)]
#[must_use = "nothing is sent before the stream is polled"]
pub struct Items<L> {
    client: Client,
    query: PageQuery,
    overrides: CallOverrides,
    prefetch: bool,
    listing: L,
}

impl<L: Listing> Items<L> {
    pub(crate) fn new(client: Client, project: String, batch: Uuid, listing: L) -> Self {
        Self {
            client,
            query: PageQuery {
                project,
                batch,
                status: None,
                size: PAGE_SIZE,
                at: PageAt::Start,
            },
            overrides: CallOverrides::default(),
            prefetch: true,
            listing,
        }
    }

    fn listing<M: Listing>(self, listing: M) -> Items<M> {
        Items {
            client: self.client,
            query: self.query,
            overrides: self.overrides,
            prefetch: self.prefetch,
            listing,
        }
    }

    /// Asks for items of this version of the API.
    pub fn version<V: Version>(self) -> Items<V> {
        self.listing(V::default())
    }

    /// Asks for items in a version that is chosen while the program runs.
    pub fn any_version(self, policy: VersionPolicy) -> Items<AnyVersion> {
        self.listing(AnyVersion(policy))
    }

    /// Asks for items without the details of their analyses, which is most of what there is to decode. Works with servers
    /// of V3 and V4.
    pub fn summaries(self) -> Items<Summary> {
        self.listing(Summary(()))
    }

    /// Only items whose creation is in one of these states. None given: all items.
    pub fn status(mut self, status: impl IntoIterator<Item = ItemStatus>) -> Self {
        let status = status.into_iter().collect::<Vec<_>>();
        self.query.status = (!status.is_empty()).then_some(status);
        self
    }

    /// How many items to ask for at a time. 1000 by default; ICA documents no maximum.
    ///
    /// With 0 the stream fails with [`InvalidInput`](crate::ErrorKind::InvalidInput) before anything is sent.
    pub fn page_size(mut self, size: u64) -> Self {
        self.query.size = size;
        self
    }

    /// Whether the next page is fetched while the caller is busy with this one. On by default; at most one page is ahead.
    pub fn prefetch(mut self, prefetch: bool) -> Self {
        self.prefetch = prefetch;
        self
    }

    /// Reads by offset from this row on, several pages at a time if wanted, in place of the cursor.
    pub fn offset(self, start: u64) -> OffsetItems<L> {
        OffsetItems {
            items: self,
            start,
            concurrency: NonZeroUsize::MIN,
        }
    }

    /// The items as a stream, each once, page by page behind the scenes.
    ///
    /// After an error the same page is asked for again when the stream is polled again; after the end it stays at its end.
    /// Dropping the stream cancels the page that is on its way.
    pub fn stream(self) -> ItemStream<L::Row> {
        self.stream_from(Place::at(PageAt::Start))
    }

    /// The items page by page.
    pub fn pages(self) -> PageStream<L::Row> {
        PageStream::new(self.stream())
    }

    /// The rest of a list, from where a stream of the same list was.
    ///
    /// # Errors
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) when the checkpoint is of another list; the message says what differs.
    pub fn resume(self, checkpoint: Checkpoint) -> Result<ItemStream<L::Row>> {
        let place = checkpoint.place_in(&self.origin(false))?;
        Ok(self.stream_from(place))
    }

    /// The first item, if there is one.
    ///
    /// # Errors
    /// As the call that lists one item.
    pub async fn first(self) -> Result<Option<L::Row>> {
        let mut stream = self.page_size(1).prefetch(false).stream();
        std::future::poll_fn(|context| std::pin::Pin::new(&mut stream).poll_next(context))
            .await
            .transpose()
    }

    /// How many items there are, by one call where the server tells.
    ///
    /// # Errors
    /// As the call that lists items.
    pub async fn count(self) -> Result<u64> {
        let query = PageQuery {
            at: PageAt::Offset(0, 1),
            ..self.query.clone()
        };
        let page = self
            .listing
            .page(self.client.clone(), self.overrides.clone(), query)
            .await?;
        if let Some(total) = page.total {
            return Ok(total);
        }
        let mut pages = self.summaries().pages();
        let mut count = 0;
        while let Some(page) = std::future::poll_fn(|context| std::pin::Pin::new(&mut pages).poll_next(context)).await {
            count += page?.len() as u64;
        }
        Ok(count)
    }

    fn stream_from(self, place: Place) -> ItemStream<L::Row> {
        let origin = self.origin(false);
        let (at, prefetch) = (place.at.clone(), self.prefetch);
        let pages = CursorPages::new(at, prefetch, self.fetch());
        ItemStream::new(Source::Cursor(pages), origin, place)
    }

    /// Fetches the page at a place.
    fn fetch(self) -> impl FnMut(PageAt) -> crate::pagination::BoxedPage<L::Row> + Send + 'static {
        let Self {
            client,
            query,
            overrides,
            prefetch: _,
            listing,
        } = self;
        move |at| {
            if query.size == 0 {
                let refused = Error::invalid_input("the page size is 0; ask for at least one item a page");
                return Box::pin(std::future::ready(Err(refused)));
            }
            let query = PageQuery { at, ..query.clone() };
            listing.page(client.clone(), overrides.clone(), query)
        }
    }

    fn origin(&self, by_offset: bool) -> Origin {
        let PageQuery {
            project,
            batch,
            status,
            size,
            at: _,
        } = self.query.clone();
        Origin {
            project,
            batch,
            listing: self.listing.name().to_owned(),
            status: status.unwrap_or_default(),
            page_size: size,
            by_offset,
        }
    }

    call_setters!();
}

impl<L: fmt::Debug> fmt::Debug for Items<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            client: _,
            query,
            overrides,
            prefetch,
            listing,
        } = self;
        f.debug_struct("Items")
            .field("listing", listing)
            .field("query", query)
            .field("overrides", overrides)
            .field("prefetch", prefetch)
            .finish_non_exhaustive()
    }
}

/// The items of a batch, to be listed by offset.
///
/// Quicker for a list that no longer changes, and limited: ICA goes 200 000 rows far, and while a batch changes, rows may
/// be repeated or missed from page to page. Repeated rows are dropped and counted
/// ([`ItemStream::duplicates`]); missed ones nobody sees.
#[derive(Debug, Clone)]
#[must_use = "nothing is sent before the stream is polled"]
pub struct OffsetItems<L> {
    items: Items<L>,
    start: u64,
    concurrency: NonZeroUsize,
}

impl<L: Listing> OffsetItems<L> {
    /// How many pages to fetch at a time, and to hold in memory at most. 1 by default; 0 is taken as 1.
    pub fn concurrency(mut self, pages: usize) -> Self {
        self.concurrency = NonZeroUsize::new(pages).unwrap_or(NonZeroUsize::MIN);
        self
    }

    /// The items as a stream, in the order of their rows.
    pub fn stream(self) -> ItemStream<L::Row> {
        let start = self.start;
        let place = Place::at(PageAt::Offset(start, self.items.query.size));
        self.stream_from(start, place)
    }

    /// The items page by page.
    pub fn pages(self) -> PageStream<L::Row> {
        PageStream::new(self.stream())
    }

    /// The rest of a list, from where a stream of the same list was.
    ///
    /// # Errors
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) when the checkpoint is of another list; the message says what differs.
    pub fn resume(self, checkpoint: Checkpoint) -> Result<ItemStream<L::Row>> {
        let place = checkpoint.place_in(&self.items.origin(true))?;
        let start = match place.at {
            PageAt::Offset(offset, _) => offset,
            PageAt::Start | PageAt::Token(_) => self.start,
        };
        Ok(self.stream_from(start, place))
    }

    fn stream_from(self, start: u64, place: Place) -> ItemStream<L::Row> {
        let origin = self.items.origin(true);
        let size = self.items.query.size;
        let pages = OffsetPages::new(start, size, self.concurrency, self.items.fetch());
        ItemStream::new(Source::Offset(pages), origin, place)
    }
}
