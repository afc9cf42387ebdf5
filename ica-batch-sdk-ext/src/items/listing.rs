//! What a list of items is read as: whole items of one version, of either, or summaries.

use std::fmt;
use std::num::NonZeroU64;

use ica_batch_sdk::types::{AnalysisCreationBatchItemSummary, ItemStatus};
use uuid::Uuid;

use super::{AnyItem, BatchItem};
use crate::client::Client;
use crate::options::CallOverrides;
use crate::pagination::{BoxedPage, Page, PageAt};
use crate::version::{ApiVersion, V3, V4, Version, VersionPolicy};

/// What a list of items is read as: [`V3`], [`V4`], [`AnyVersion`] or [`Summary`].
///
/// Sealed; a further one is added by this crate.
pub trait Listing: sealed::Fetch + fmt::Debug + Clone + Send + Sync + 'static {
    /// What the list is a list of.
    type Row: BatchItem + fmt::Debug + Clone + Send + Sync + Unpin + 'static;
}

/// Whole items, in the version that a [`VersionPolicy`] leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AnyVersion(pub(super) VersionPolicy);

/// Items without the details of their analyses. The same from a server of V3 or V4.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Summary(pub(super) ());

impl Listing for V3 {
    type Row = <V3 as Version>::Item;
}

impl Listing for V4 {
    type Row = <V4 as Version>::Item;
}

impl Listing for AnyVersion {
    type Row = AnyItem;
}

impl Listing for Summary {
    type Row = AnalysisCreationBatchItemSummary;
}

/// What one page is asked for by.
#[derive(Debug, Clone)]
pub struct PageQuery {
    pub(crate) project: String,
    pub(crate) batch: Uuid,
    pub(crate) status: Option<Vec<ItemStatus>>,
    pub(crate) size: u64,
    pub(crate) at: PageAt,
}

/// The paging parameters of a call.
pub(crate) struct Paging<'a> {
    pub(crate) offset: Option<u64>,
    pub(crate) size: Option<NonZeroU64>,
    pub(crate) token: Option<&'a str>,
}

impl PageQuery {
    pub(crate) fn paging(&self) -> Paging<'_> {
        let (offset, size, token) = match &self.at {
            PageAt::Start => (None, self.size, None),
            PageAt::Token(token) => (None, self.size, Some(token.as_str())),
            PageAt::Offset(offset, size) => (Some(*offset), *size, None),
        };
        Paging {
            offset,
            size: NonZeroU64::new(size),
            token,
        }
    }
}

pub(crate) mod sealed {
    //! How each kind of list fetches its pages.

    use super::{BoxedPage, CallOverrides, Client, Listing, PageQuery};

    /// Implemented by the lists of this crate alone.
    pub trait Fetch {
        /// Fetches a page.
        fn page(&self, client: Client, overrides: CallOverrides, query: PageQuery) -> BoxedPage<<Self as Listing>::Row>
        where
            Self: Listing;

        /// Tells the kinds of list apart in a checkpoint.
        fn name(&self) -> &'static str;
    }
}

/// Fetches a page of whole items of one version.
async fn page<V: Version>(
    client: &Client,
    overrides: &CallOverrides,
    query: &PageQuery,
) -> crate::error::Result<Page<V::Item>> {
    let call = client.call(V::LIST_ITEMS, "listing the items").overrides(overrides);
    call.run(|raw| V::list_items(raw, query.clone())).await
}

macro_rules! whole {
    ($version:ty, $name:literal) => {
        impl sealed::Fetch for $version {
            fn page(
                &self,
                client: Client,
                overrides: CallOverrides,
                query: PageQuery,
            ) -> BoxedPage<<Self as Listing>::Row> {
                Box::pin(async move { page::<$version>(&client, &overrides, &query).await })
            }

            fn name(&self) -> &'static str {
                $name
            }
        }
    };
}

whole!(V3, "V3");
whole!(V4, "V4");

impl sealed::Fetch for AnyVersion {
    fn page(&self, client: Client, overrides: CallOverrides, query: PageQuery) -> BoxedPage<AnyItem> {
        let Self(policy) = *self;
        Box::pin(async move {
            let ask = async |version| match version {
                ApiVersion::V3 => Ok(wrap(page::<V3>(&client, &overrides, &query).await?, AnyItem::V3)),
                ApiVersion::V4 => Ok(wrap(page::<V4>(&client, &overrides, &query).await?, AnyItem::V4)),
            };
            client.versions().ask(policy, ask).await
        })
    }

    fn name(&self) -> &'static str {
        match self.0 {
            VersionPolicy::Exact(ApiVersion::V3) => "exactly V3",
            VersionPolicy::Exact(ApiVersion::V4) => "exactly V4",
            VersionPolicy::Prefer(ApiVersion::V3) => "preferably V3",
            VersionPolicy::Prefer(ApiVersion::V4) => "preferably V4",
        }
    }
}

fn wrap<T>(page: Page<T>, wrap: fn(T) -> AnyItem) -> Page<AnyItem> {
    Page {
        items: page.items.into_iter().map(wrap).collect(),
        next: page.next,
        total: page.total,
    }
}

impl sealed::Fetch for Summary {
    fn page(
        &self,
        client: Client,
        overrides: CallOverrides,
        query: PageQuery,
    ) -> BoxedPage<AnalysisCreationBatchItemSummary> {
        Box::pin(async move {
            let ask = async |version: ApiVersion| {
                let call = client.call("get_analysis_creation_batch_items_summary", "listing the items");
                let call = call.overrides(&overrides).version(version);
                let list = call.run(async |raw| {
                    let Paging { offset, size, token } = query.paging();
                    let status = query.status.as_ref();
                    let list = raw
                        .get_analysis_creation_batch_items_summary(
                            &query.project,
                            &query.batch,
                            offset,
                            size,
                            token,
                            status,
                        )
                        .await?;
                    Ok(list.into_inner())
                });
                let list = list.await?;
                Ok(Page {
                    items: list.items,
                    next: list.next_page_token,
                    total: list.total_item_count.and_then(|total| u64::try_from(total).ok()),
                })
            };
            client.versions().ask(VersionPolicy::Prefer(ApiVersion::V4), ask).await
        })
    }

    fn name(&self) -> &'static str {
        "summary"
    }
}
