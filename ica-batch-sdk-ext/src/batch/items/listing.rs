//! Ways of reading the items of a batch: a version, any version, or summaries.

use std::fmt;
use std::future::{Future, ready};
use std::pin::Pin;

use ica_batch_sdk as raw;
use uuid::Uuid;

use super::super::Batch;
use super::super::family::{BatchItem, Family, ItemQuery, ItemVersion};
use crate::call::{Call, CallOverrides, RawResult};
use crate::error::{Error, ErrorKind, Result};
use crate::paging::{BoxedPage, Page};
use crate::version::{ApiVersion, Version, VersionPolicy};

/// A result that is being fetched.
pub(crate) type BoxedResult<T> = Pin<Box<dyn Future<Output = Result<T>> + Send>>;

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
pub trait Listing<F: Family>: sealed::Sealed + fmt::Debug + Clone + Send + Sync + 'static {
    /// Type of the items.
    type Row: BatchItem<Family = F> + fmt::Debug + Clone + Send + Sync + Unpin + 'static;

    /// Fetches a page.
    #[doc(hidden)]
    fn page(&self, request: ItemRequest<F>, query: ItemQuery<F>) -> BoxedPage<Self::Row>;

    /// Returns the name of the way of listing, for checkpoints.
    #[doc(hidden)]
    fn name(&self) -> String;
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
pub trait Reading<F: Family>: Listing<F> {
    /// Reads an item.
    #[doc(hidden)]
    fn item(&self, request: ItemRequest<F>, item: Uuid) -> BoxedResult<Self::Row>;
}

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
    type AnyItem: BatchItem<Family = Self> + fmt::Debug + Clone + Send + Sync + Unpin + 'static;

    /// Lists a page in this version. None for a version that the family does not have.
    #[doc(hidden)]
    fn list_any(
        request: ItemRequest<Self>,
        version: ApiVersion,
        query: ItemQuery<Self>,
    ) -> Option<BoxedPage<Self::AnyItem>>;

    /// Reads an item in this version. None for a version that the family does not have.
    #[doc(hidden)]
    fn get_any(request: ItemRequest<Self>, version: ApiVersion, item: Uuid) -> Option<BoxedResult<Self::AnyItem>>;
}

/// Family with an operation that lists summaries of its items.
pub trait ItemSummaries: Family {
    /// A summary of an item.
    type Summary: BatchItem<Family = Self> + fmt::Debug + Clone + Send + Sync + Unpin + 'static;
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

/// Fails with the error of a version that the API does not have for the items of a family.
fn unsupported<F: Family, T: Send + 'static>(version: ApiVersion) -> BoxedResult<T> {
    let what = format!("the API has no items of a {} in {version}", F::NAME);
    Box::pin(ready(Err(Error::new(ErrorKind::VersionNotSupported, what))))
}

mod sealed {
    /// Implemented by the ways of reading items of this crate only.
    pub trait Sealed {}

    impl<V: crate::version::Version> Sealed for V {}
    impl Sealed for super::AnyVersion {}
    impl Sealed for super::Summary {}
}

impl<V: Version, F: ItemVersion<V>> Listing<F> for V {
    type Row = F::Item;

    fn page(&self, request: ItemRequest<F>, query: ItemQuery<F>) -> BoxedPage<F::Item> {
        Box::pin(async move { request.list(&query).await })
    }

    fn name(&self) -> String {
        V::VERSION.to_string()
    }
}

impl<V: Version, F: ItemVersion<V>> Reading<F> for V {
    fn item(&self, request: ItemRequest<F>, item: Uuid) -> BoxedResult<F::Item> {
        Box::pin(async move { request.get(item).await })
    }
}

impl<F: AnyItemVersion> Listing<F> for AnyVersion {
    type Row = F::AnyItem;

    fn page(&self, request: ItemRequest<F>, query: ItemQuery<F>) -> BoxedPage<F::AnyItem> {
        let Self(policy) = *self;
        Box::pin(async move {
            let send = |version| {
                let page = F::list_any(request.clone(), version, query.clone());
                page.unwrap_or_else(|| unsupported::<F, _>(version))
            };
            request.batch.core.versions().send(F::NAME, policy, send).await
        })
    }

    fn name(&self) -> String {
        format!("any version ({})", self.0)
    }
}

impl<F: AnyItemVersion> Reading<F> for AnyVersion {
    fn item(&self, request: ItemRequest<F>, item: Uuid) -> BoxedResult<F::AnyItem> {
        let Self(policy) = *self;
        Box::pin(async move {
            let send = |version| {
                let item = F::get_any(request.clone(), version, item);
                item.unwrap_or_else(|| unsupported::<F, _>(version))
            };
            request.batch.core.versions().send(F::NAME, policy, send).await
        })
    }
}

impl<F: ItemSummaries> Listing<F> for Summary {
    type Row = F::Summary;

    fn page(&self, request: ItemRequest<F>, query: ItemQuery<F>) -> BoxedPage<F::Summary> {
        Box::pin(async move { request.list_summaries(&query).await })
    }

    fn name(&self) -> String {
        "summaries".to_owned()
    }
}
