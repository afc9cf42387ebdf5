//! The items of a batch: listing them, and reading one.

use std::fmt;
use std::future::{Future, IntoFuture};
use std::marker::PhantomData;
use std::num::NonZeroU64;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;
use ica_batch_sdk::types::ItemStatus;
use uuid::Uuid;

use crate::client::Client;
use crate::error::{Error, Result};
use crate::pagination::{BoxedPage, Pager};
use crate::version::Version;

/// The page size that every client of ICA uses. No maximum is documented.
const PAGE_SIZE: NonZeroU64 = NonZeroU64::new(1000).unwrap();

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
/// ```compile_fail
/// # async fn example(batch: ica_batch_sdk_ext::Batch) {
/// let mut stream = batch.items().stream();
/// stream = batch.items().version::<ica_batch_sdk_ext::V3>().stream();
/// # }
/// ```
#[must_use = "nothing is sent before the stream is polled"]
pub struct Items<V> {
    client: Client,
    query: PageQuery,
    version: PhantomData<fn() -> V>,
}

/// What one page is asked for by.
#[derive(Debug, Clone)]
pub struct PageQuery {
    pub(crate) project: String,
    pub(crate) batch: Uuid,
    pub(crate) size: Option<NonZeroU64>,
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
                size: Some(PAGE_SIZE),
                token: None,
                status: None,
            },
            version: PhantomData,
        }
    }

    /// Asks for items of this version of the API.
    pub fn version<W: Version>(self) -> Items<W> {
        Items {
            client: self.client,
            query: self.query,
            version: PhantomData,
        }
    }

    /// Only items whose creation is in one of these states. None given: all items.
    pub fn status(mut self, status: impl IntoIterator<Item = ItemStatus>) -> Self {
        let status = status.into_iter().collect::<Vec<_>>();
        self.query.status = (!status.is_empty()).then_some(status);
        self
    }

    /// How many items to ask for at a time. 1000 by default; ICA documents no maximum.
    ///
    /// # Errors
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) when it is 0.
    pub fn page_size(mut self, size: u64) -> Result<Self> {
        let size = NonZeroU64::new(size)
            .ok_or_else(|| Error::invalid_input("the page size is 0; ask for at least one item"))?;
        self.query.size = Some(size);
        Ok(self)
    }

    /// The items as a stream, each once, page by page behind the scenes.
    ///
    /// Cursor paging: complete and without duplicates even while the batch changes. After an error the same page is
    /// asked for again when the stream is polled again; after the end it stays at its end.
    pub fn stream(self) -> ItemStream<V::Item> {
        let Self { client, query, .. } = self;
        ItemStream(Pager::new(move |token| {
            let client = client.clone();
            let query = PageQuery { token, ..query.clone() };
            let page: BoxedPage<V::Item> = Box::pin(async move {
                let call = client.call(V::LIST_ITEMS, "listing the items");
                call.run(|raw| V::list_items(raw, query)).await
            });
            page
        }))
    }
}

impl<V> Clone for Items<V> {
    fn clone(&self) -> Self {
        Self {
            client: self.client.clone(),
            query: self.query.clone(),
            version: PhantomData,
        }
    }
}

impl<V: Version> fmt::Debug for Items<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            client: _,
            query,
            version: _,
        } = self;
        f.debug_struct("Items")
            .field("version", &V::VERSION)
            .field("query", query)
            .finish_non_exhaustive()
    }
}

/// The items of a batch, as they arrive.
#[must_use = "a stream does nothing before it is polled"]
pub struct ItemStream<T>(Pager<T>);

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

/// Reading one item. Await it.
#[must_use = "nothing is sent before it is awaited"]
pub struct GetItem<V> {
    client: Client,
    project: String,
    batch: Uuid,
    id: Uuid,
    version: PhantomData<fn() -> V>,
}

impl<V: Version> GetItem<V> {
    pub(crate) fn new(client: Client, project: String, batch: Uuid, id: Uuid) -> Self {
        Self {
            client,
            project,
            batch,
            id,
            version: PhantomData,
        }
    }

    /// Asks for the item in this version of the API.
    pub fn version<W: Version>(self) -> GetItem<W> {
        GetItem::new(self.client, self.project, self.batch, self.id)
    }
}

impl<V: Version> IntoFuture for GetItem<V> {
    type Output = Result<V::Item>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        let Self {
            client,
            project,
            batch,
            id,
            ..
        } = self;
        Box::pin(async move {
            let call = client.call(V::GET_ITEM, "reading the item");
            call.run(|raw| V::get_item(raw, project, batch, id)).await
        })
    }
}

impl<V: Version> fmt::Debug for GetItem<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            client: _,
            project,
            batch,
            id,
            version: _,
        } = self;
        f.debug_struct("GetItem")
            .field("version", &V::VERSION)
            .field("project", project)
            .field("batch", batch)
            .field("id", id)
            .finish_non_exhaustive()
    }
}
