//! Ways of reading the items of a batch: a version, any version, or summaries.

use std::future::ready;

use uuid::Uuid;

use super::super::family::{
    AnyItemVersion, BatchItem, Family, ItemQuery, ItemSummaries, ItemVersion, Listing, Reading, sealed,
};
use super::super::foreign::ForeignTexts;
use super::super::identity::check_id;
use super::super::target::{BoxedResult, ItemRequest, Target};
use crate::call::Call;
use crate::error::{Error, ErrorKind, Result};
use crate::paging::{BoxedPage, Page};
use crate::version::{ApiVersion, Version, VersionPolicy};

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
    /// Returns the order of versions.
    pub(crate) fn policy(self) -> VersionPolicy {
        self.0
    }

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

/// Lists a page of items in version `V`.
pub(crate) async fn list<F: ItemVersion<V>, V: Version>(
    request: &ItemRequest,
    query: &ItemQuery<F>,
) -> Result<Page<F::Item>> {
    query.check()?;
    let Target { project, id, .. } = &request.target;
    let call = list_call::<F>(request, F::LIST);
    let mut page = call
        .run_checked(|raw| F::list(raw, project, *id, query), |page| query.check_page(page))
        .await?;
    let mut texts = ForeignTexts::new(&request.target.core);
    page.items.iter_mut().for_each(|item| F::scrub(item, &mut texts));
    Ok(page)
}

/// Reads an item in version `V`.
pub(crate) async fn get<F: ItemVersion<V>, V: Version>(request: &ItemRequest, item: Uuid) -> Result<F::Item> {
    let Target { project, id, .. } = &request.target;
    let call = request.call(F::GET_ITEM, format!("read item {item} of {} {id}", F::NAME));
    let mut item = call
        .run_checked(
            |raw| F::get_item(raw, project, *id, item),
            |found| check_id("item", item, found.id()),
        )
        .await?;
    F::scrub(&mut item, &mut ForeignTexts::new(&request.target.core));
    Ok(item)
}

async fn list_summaries<F: ItemSummaries>(request: &ItemRequest, query: &ItemQuery<F>) -> Result<Page<F::Summary>> {
    query.check()?;
    let Target { core, project, id } = &request.target;
    let send = async |version| {
        let call = list_call::<F>(request, F::LIST_SUMMARIES).version(version);
        call.run_checked(
            |raw| F::list_summaries(raw, project, *id, query),
            |page| query.check_page(page),
        )
        .await
    };
    let mut page = core
        .versions()
        .send(F::NAME, VersionPolicy::newest_first(), send)
        .await?;
    let mut texts = ForeignTexts::new(core);
    page.items
        .iter_mut()
        .for_each(|summary| F::scrub_summary(summary, &mut texts));
    Ok(page)
}

fn list_call<F: Family>(request: &ItemRequest, operation: &'static str) -> Call {
    request.call(operation, list_action::<F>(request))
}

/// Returns the action that completes "could not …" in errors of a list.
pub(super) fn list_action<F: Family>(request: &ItemRequest) -> String {
    format!("list the items of {} {}", F::NAME, request.target.id)
}

/// Returns the error for a version that the API does not have for the items of a family.
fn unsupported<F: Family, T: Send + 'static>(request: &ItemRequest, version: ApiVersion) -> BoxedResult<T> {
    let error = Error::new(
        ErrorKind::VersionNotSupported,
        format!("the API does not have these items in {version}"),
    );
    let action = format!("read items of {} {}", F::NAME, request.target.id);
    Box::pin(ready(Err(error.could_not(action))))
}

impl<V: Version> sealed::Sealed for V {}
impl sealed::Sealed for AnyVersion {}
impl sealed::Sealed for Summary {}

impl<V: Version, F: ItemVersion<V>> Listing<F> for V {
    type Row = F::Item;

    fn page(&self, request: ItemRequest, query: ItemQuery<F>) -> BoxedPage<F::Item> {
        Box::pin(async move { list::<F, V>(&request, &query).await })
    }

    fn name(&self) -> String {
        V::VERSION.to_string()
    }
}

impl<V: Version, F: ItemVersion<V>> Reading<F> for V {
    fn item(&self, request: ItemRequest, item: Uuid) -> BoxedResult<F::Item> {
        Box::pin(async move { get::<F, V>(&request, item).await })
    }
}

impl<F: AnyItemVersion> Listing<F> for AnyVersion {
    type Row = F::AnyItem;

    fn page(&self, request: ItemRequest, query: ItemQuery<F>) -> BoxedPage<F::AnyItem> {
        let Self(policy) = *self;
        Box::pin(async move {
            let send = |version| {
                let page = F::list_any(request.clone(), version, query.clone());
                page.unwrap_or_else(|| unsupported::<F, _>(&request, version))
            };
            request.target.core.versions().send(F::NAME, policy, send).await
        })
    }

    fn name(&self) -> String {
        format!("any version ({})", self.0)
    }
}

impl<F: AnyItemVersion> Reading<F> for AnyVersion {
    fn item(&self, request: ItemRequest, item: Uuid) -> BoxedResult<F::AnyItem> {
        let Self(policy) = *self;
        Box::pin(async move {
            let send = |version| {
                let item = F::get_any(request.clone(), version, item);
                item.unwrap_or_else(|| unsupported::<F, _>(&request, version))
            };
            request.target.core.versions().send(F::NAME, policy, send).await
        })
    }
}

impl<F: ItemSummaries> Listing<F> for Summary {
    type Row = F::Summary;

    fn page(&self, request: ItemRequest, query: ItemQuery<F>) -> BoxedPage<F::Summary> {
        Box::pin(async move { list_summaries::<F>(&request, &query).await })
    }

    fn name(&self) -> String {
        "summaries".to_owned()
    }
}
