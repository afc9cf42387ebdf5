//! The items of a batch: listing them, reading one, and what they have in common whatever their version.

mod any;
mod one;
mod view;

use std::fmt;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;
use ica_batch_sdk::types::ItemStatus;
use uuid::Uuid;

use crate::client::Client;
use crate::error::{Error, Result};
use crate::options::{CallOverrides, call_setters};
use crate::pagination::{BoxedPage, Page, Pager};
use crate::version::{Version, VersionPolicy};

pub use any::{AnyItem, AnyItems, GetAnyItem};
pub use one::GetItem;
pub use view::{AnalysisStatusExt, BatchItem};

/// The page size that every client of ICA uses. No maximum is documented.
const PAGE_SIZE: u64 = 1000;

/// The items of a batch, to be listed.
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
#[must_use = "nothing is sent before the stream is polled"]
pub struct Items<V> {
    client: Client,
    query: PageQuery,
    overrides: CallOverrides,
    version: PhantomData<fn() -> V>,
}

/// What one page is asked for by.
#[derive(Debug, Clone)]
pub struct PageQuery {
    pub(crate) project: String,
    pub(crate) batch: Uuid,
    pub(crate) size: u64,
    pub(crate) token: Option<String>,
    pub(crate) status: Option<Vec<ItemStatus>>,
}

impl<V: Version> Items<V> {
    pub(crate) fn new(client: Client, project: String, batch: Uuid) -> Self {
        Self {
            client,
            query: PageQuery {
                project,
                batch,
                size: PAGE_SIZE,
                token: None,
                status: None,
            },
            overrides: CallOverrides::default(),
            version: PhantomData,
        }
    }

    /// Asks for items of this version of the API.
    pub fn version<W: Version>(self) -> Items<W> {
        Items {
            client: self.client,
            query: self.query,
            overrides: self.overrides,
            version: PhantomData,
        }
    }

    /// Asks for items in a version that is chosen while the program runs.
    pub fn any_version(self, policy: VersionPolicy) -> AnyItems {
        AnyItems::new(self.client, self.query, self.overrides, policy)
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

    /// The items as a stream, each once, page by page behind the scenes.
    ///
    /// Cursor paging: complete and without duplicates even while the batch changes. After an error the same page is
    /// asked for again when the stream is polled again; after the end it stays at its end.
    pub fn stream(self) -> ItemStream<V::Item> {
        let Self {
            client,
            query,
            overrides,
            version: _,
        } = self;
        ItemStream::new(move |token| {
            let query = PageQuery { token, ..query.clone() };
            let (client, overrides) = (client.clone(), overrides.clone());
            Box::pin(async move { page::<V>(&client, &overrides, &query).await })
        })
    }

    call_setters!();
}

/// Fetches a page.
async fn page<V: Version>(client: &Client, overrides: &CallOverrides, query: &PageQuery) -> Result<Page<V::Item>> {
    if query.size == 0 {
        return Err(Error::invalid_input(
            "the page size is 0; ask for at least one item a page",
        ));
    }
    let call = client.call(V::LIST_ITEMS, "listing the items").overrides(overrides);
    call.run(|raw| V::list_items(raw, query.clone())).await
}

impl<V> Clone for Items<V> {
    fn clone(&self) -> Self {
        Self {
            client: self.client.clone(),
            query: self.query.clone(),
            overrides: self.overrides.clone(),
            version: PhantomData,
        }
    }
}

impl<V: Version> fmt::Debug for Items<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            client: _,
            query,
            overrides,
            version: _,
        } = self;
        f.debug_struct("Items")
            .field("version", &V::VERSION)
            .field("query", query)
            .field("overrides", overrides)
            .finish_non_exhaustive()
    }
}

/// The items of a batch, as they arrive.
#[must_use = "a stream does nothing before it is polled"]
pub struct ItemStream<T>(Pager<T>);

impl<T> ItemStream<T> {
    fn new(fetch: impl FnMut(Option<String>) -> BoxedPage<T> + Send + 'static) -> Self {
        Self(Pager::new(fetch))
    }
}

impl<T> Stream for ItemStream<T> {
    type Item = Result<T>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Pin::new(&mut self.0).poll_next(context)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

impl<T> fmt::Debug for ItemStream<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ItemStream").field(&self.0).finish()
    }
}
