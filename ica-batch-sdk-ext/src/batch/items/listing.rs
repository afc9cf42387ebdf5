//! Ways of reading the items of a batch: a version, any version, or summaries.

use std::fmt;
use std::future::Future;
use std::pin::Pin;

use ica_batch_sdk as raw;
use uuid::Uuid;

use super::super::family::{BatchItem, Family, ItemQuery, ItemVersion};
use super::super::Batch;
use crate::call::{Call, CallOverrides, RawResult};
use crate::error::Result;
use crate::paging::{BoxedPage, Page};
use crate::version::{ApiVersion, Version, VersionPolicy};

/// A result that is being fetched.
pub type BoxedResult<T> = Pin<Box<dyn Future<Output = Result<T>> + Send>>;

/// Way of listing the items of family `F`: a version such as [`V4`](crate::V4), [`AnyVersion`] or
/// [`Summary`].
///
/// Sealed: only this crate implements it.
///
/// ```
/// use ica_batch_sdk_ext::{AnalysisCreation, Listing, V3, V4};
///
/// fn lists_analyses<L: Listing<AnalysisCreation>>() {}
/// lists_analyses::<V3>();
/// lists_analyses::<V4>();
/// ```
pub trait Listing<F: Family>: sealed::ListPages<F> + fmt::Debug + Clone + Send + Sync + 'static {
    /// Type of the items.
    type Row: BatchItem<Family = F>;
}

/// Way of reading one item of family `F`: a version such as [`V4`](crate::V4), or [`AnyVersion`].
///
/// Sealed: only this crate implements it.
///
/// ```
/// use ica_batch_sdk_ext::{AnalysisCreation, Reading, V4};
///
/// fn reads_analyses<L: Reading<AnalysisCreation>>() {}
/// reads_analyses::<V4>();
/// ```
pub trait Reading<F: Family>: Listing<F> + sealed::ReadItem<F> {}

/// Complete items, in a version that a [`VersionPolicy`] names: newest first by default.
///
/// ```
/// use ica_batch_sdk_ext::{AnyVersion, ApiVersion, VersionPolicy};
///
/// let listing = AnyVersion::new(VersionPolicy::exact(ApiVersion::V3));
/// assert_ne!(listing, AnyVersion::default());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct AnyVersion(VersionPolicy);

impl AnyVersion {
    /// Reads items in the versions of this policy.
    pub fn new(policy: VersionPolicy) -> Self {
        Self(policy)
    }
}

/// Items without the details of their analyses. The same type for every version of the server.
///
/// ```
/// use ica_batch_sdk_ext::{AnalysisCreation, Listing, Summary};
///
/// fn lists_analyses<L: Listing<AnalysisCreation>>() {}
/// lists_analyses::<Summary>();
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Summary;

/// Family whose items can be read in a version that is chosen while the program runs.
pub trait AnyItemVersion: Family {
    /// An item in any of the versions.
    type AnyItem: BatchItem<Family = Self>;

    /// Lists a page in this version.
    fn list_any(request: ItemRequest<Self>, version: ApiVersion, query: ItemQuery<Self>) -> BoxedPage<Self::AnyItem>;

    /// Reads an item in this version.
    fn get_any(request: ItemRequest<Self>, version: ApiVersion, item: Uuid) -> BoxedResult<Self::AnyItem>;
}

/// Family with an operation that lists summaries of its items.
pub trait ItemSummaries: Family {
    /// A summary of an item.
    type Summary: BatchItem<Family = Self>;
    /// Raw operation that lists summaries, in any version.
    const LIST_SUMMARIES: &'static str;

    /// Lists a page of summaries.
    fn list_summaries(
        client: raw::Client,
        project: &str,
        batch: Uuid,
        query: &ItemQuery<Self>,
    ) -> impl Future<Output = RawResult<Page<Self::Summary>>> + Send;
}

/// Requests about the items of one batch, with the options of their calls.
#[derive(Debug, Clone)]
pub struct ItemRequest<F> {
    pub(crate) batch: Batch<F>,
    pub(crate) overrides: CallOverrides,
}

impl<F: Family> ItemRequest<F> {
    fn list_call(&self, operation: &'static str) -> Call {
        let action = format!("list the items of {} {}", F::NAME, self.batch.id);
        self.batch.core.call(operation, action).overrides(&self.overrides)
    }

    /// Lists a page of items in version `V`.
    pub(crate) async fn list<V: Version>(&self, query: &ItemQuery<F>) -> Result<Page<F::Item>>
    where
        F: ItemVersion<V>,
    {
        query.check()?;
        let Batch { project, id, .. } = &self.batch;
        let call = self.list_call(F::LIST);
        call.run(|raw| F::list(raw, project, *id, query)).await
    }

    /// Reads an item in version `V`.
    pub(crate) async fn get<V: Version>(&self, item: Uuid) -> Result<F::Item>
    where
        F: ItemVersion<V>,
    {
        let Batch { core, project, id, .. } = &self.batch;
        let call = core.call(F::GET_ITEM, format!("read item {item} of {} {id}", F::NAME));
        let call = call.overrides(&self.overrides);
        call.run(|raw| F::get_item(raw, project, *id, item)).await
    }

    async fn list_summaries(&self, query: &ItemQuery<F>) -> Result<Page<F::Summary>>
    where
        F: ItemSummaries,
    {
        query.check()?;
        let Batch { core, project, id, .. } = &self.batch;
        let send = async |version| {
            let call = self.list_call(F::LIST_SUMMARIES).version(version);
            call.run(|raw| F::list_summaries(raw, project, *id, query)).await
        };
        core.versions().send(F::NAME, VersionPolicy::newest_first(), send).await
    }
}

pub(crate) mod sealed {
    //! Requests that each way of reading items makes.

    use uuid::Uuid;

    use super::super::super::family::{Family, ItemQuery};
    use super::{BoxedPage, BoxedResult, ItemRequest, Listing};

    /// Implemented by the ways of listing of this crate only.
    pub trait ListPages<F: Family> {
        /// Fetches a page.
        fn page(&self, request: ItemRequest<F>, query: ItemQuery<F>) -> BoxedPage<<Self as Listing<F>>::Row>
        where
            Self: Listing<F>;

        /// Returns the name of the way of listing, for checkpoints.
        fn name(&self) -> String;
    }

    /// Implemented by the ways of reading of this crate only.
    pub trait ReadItem<F: Family> {
        /// Reads an item.
        fn item(&self, request: ItemRequest<F>, item: Uuid) -> BoxedResult<<Self as Listing<F>>::Row>
        where
            Self: Listing<F>;
    }
}

impl<V: Version, F: ItemVersion<V>> Listing<F> for V {
    type Row = F::Item;
}

impl<V: Version, F: ItemVersion<V>> sealed::ListPages<F> for V {
    fn page(&self, request: ItemRequest<F>, query: ItemQuery<F>) -> BoxedPage<F::Item> {
        Box::pin(async move { request.list(&query).await })
    }

    fn name(&self) -> String {
        V::VERSION.to_string()
    }
}

impl<V: Version, F: ItemVersion<V>> Reading<F> for V {}

impl<V: Version, F: ItemVersion<V>> sealed::ReadItem<F> for V {
    fn item(&self, request: ItemRequest<F>, item: Uuid) -> BoxedResult<F::Item> {
        Box::pin(async move { request.get(item).await })
    }
}

impl<F: AnyItemVersion> Listing<F> for AnyVersion {
    type Row = F::AnyItem;
}

impl<F: AnyItemVersion> sealed::ListPages<F> for AnyVersion {
    fn page(&self, request: ItemRequest<F>, query: ItemQuery<F>) -> BoxedPage<F::AnyItem> {
        let Self(policy) = *self;
        Box::pin(async move {
            let send = |version| F::list_any(request.clone(), version, query.clone());
            request.batch.core.versions().send(F::NAME, policy, send).await
        })
    }

    fn name(&self) -> String {
        format!("any version ({})", self.0)
    }
}

impl<F: AnyItemVersion> Reading<F> for AnyVersion {}

impl<F: AnyItemVersion> sealed::ReadItem<F> for AnyVersion {
    fn item(&self, request: ItemRequest<F>, item: Uuid) -> BoxedResult<F::AnyItem> {
        let Self(policy) = *self;
        Box::pin(async move {
            let send = |version| F::get_any(request.clone(), version, item);
            request.batch.core.versions().send(F::NAME, policy, send).await
        })
    }
}

impl<F: ItemSummaries> Listing<F> for Summary {
    type Row = F::Summary;
}

impl<F: ItemSummaries> sealed::ListPages<F> for Summary {
    fn page(&self, request: ItemRequest<F>, query: ItemQuery<F>) -> BoxedPage<F::Summary> {
        Box::pin(async move { request.list_summaries(&query).await })
    }

    fn name(&self) -> String {
        "summaries".to_owned()
    }
}
