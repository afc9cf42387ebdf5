//! The trait that describes a family of batches.
//!
//! ICA has several families of creation batches with the same shape: a create, a job, and items.
//! All of this folder is generic over [`Family`]. A family is one folder of its own that implements
//! the traits below; nothing in this folder changes when one is added.

use std::fmt;
use std::future::Future;
use std::hash::Hash;

use ica_batch_sdk as raw;
use ica_batch_sdk::OpenEnum;
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::foreign::ForeignTexts;
use super::key::CreateKey;
use super::status::{CreationState, JobState, RunState, Status};
use super::target::{BoxedResult, ItemRequest};
use crate::call::RawResult;
use crate::paging::{BoxedPage, Page, PageQuery};
use crate::version::{ApiVersion, Version};

/// Family of creation batches: its operations, its types, and the meaning of its statuses.
///
/// [`AnalysisCreation`](crate::AnalysisCreation) and [`SampleCreation`](crate::SampleCreation) are
/// the families of this crate. Handles and requests, such as [`Batch`](crate::Batch), have the
/// family as their type parameter.
///
/// ```
/// use ica_batch_sdk_ext::types::SampleItemStatus;
/// use ica_batch_sdk_ext::{CreationState, Family, SampleCreation};
///
/// let state = SampleCreation::creation_state(&SampleItemStatus::PartiallySucceeded);
/// assert_eq!(state, CreationState::PartiallyCreated);
/// ```
pub trait Family:
    Operations + Copy + Clone + Default + fmt::Debug + PartialEq + Eq + Hash + Send + Sync + 'static
{
    /// Request body of a create.
    type Request: Serialize + Clone + fmt::Debug + Send + Sync + 'static;
    /// Batch in responses.
    type Batch: DeserializeOwned + Clone + fmt::Debug + PartialEq + Send + Sync + 'static;
    /// Job in a batch.
    type Job: Clone + fmt::Debug + PartialEq + Send + Sync + 'static;
    /// Status of the job of a batch.
    type JobStatus: Status;
    /// Status of the creation of an item.
    type ItemStatus: Status + OpenEnum;
    /// Status of a run that an item started, or [`NoRun`](crate::NoRun).
    type RunStatus: Status;
    /// Idempotency key of a create: [`IdempotencyKey`](crate::IdempotencyKey), or
    /// [`NoKey`](crate::NoKey) for a family whose create takes none.
    type Key: CreateKey;
    /// Version of items that is used unless another is chosen.
    type DefaultVersion: Version + Listing<Self> + Reading<Self>;
    /// List of items that waiting polls: the smallest one.
    type WaitListing: Listing<Self> + Default;
    /// Way of reading one item that waiting uses.
    type WaitReading: Reading<Self> + Default;

    /// Name of a batch of the family in errors, such as "analysis batch".
    const NAME: &'static str;
    /// Whether an item starts a run, which goes on after the item was created.
    const HAS_RUNS: bool;

    /// Returns the id of a batch.
    fn batch_id(batch: &Self::Batch) -> Uuid;

    /// Returns the job of a batch, where the response contains it.
    fn job(batch: &Self::Batch) -> Option<&Self::Job>;

    /// Returns the id of the project of a batch, where the response contains it.
    fn batch_project(batch: &Self::Batch) -> Option<Uuid>;

    /// Returns the status of a job.
    fn job_status(job: &Self::Job) -> &Self::JobStatus;

    /// Scrubs what the server wrote into a batch.
    #[doc(hidden)]
    fn scrub_batch(batch: &mut Self::Batch, texts: &mut ForeignTexts<'_>);

    /// Returns the number of items in a request.
    fn request_items(request: &Self::Request) -> usize;

    /// Returns the meaning of a status of the job.
    fn job_state(status: &Self::JobStatus) -> JobState;

    /// Returns the meaning of a status of an item.
    fn creation_state(status: &Self::ItemStatus) -> CreationState;

    /// Returns the meaning of a status of a run.
    fn run_state(status: &Self::RunStatus) -> RunState;
}

/// Operations of a family in the raw client.
pub trait Operations: Sized {
    /// Raw operation that creates a batch.
    const CREATE: &'static str;
    /// Raw operation that reads a batch.
    const GET: &'static str;

    /// Creates a batch. The call context sends the bytes of the request.
    fn create(
        client: raw::Client,
        project: &str,
        key: Option<&raw::types::IdempotencyKeyHeader>,
    ) -> impl Future<Output = RawResult<<Self as Family>::Batch>> + Send
    where
        Self: Family;

    /// Reads a batch.
    fn get(
        client: raw::Client,
        project: &str,
        batch: Uuid,
    ) -> impl Future<Output = RawResult<<Self as Family>::Batch>> + Send
    where
        Self: Family;
}

/// Items of a family in version `V` of the API.
///
/// A function that is generic over the version of the items:
///
/// ```
/// # use ica_batch_sdk_ext::{Client, Credentials};
/// use futures_util::TryStreamExt;
/// use ica_batch_sdk_ext::{AnalysisCreation, Batch, BatchItem, ItemVersion, V3, V4, Version};
///
/// async fn names<V: Version>(batch: &Batch<AnalysisCreation>) -> ica_batch_sdk_ext::Result<Vec<String>>
/// where
///     AnalysisCreation: ItemVersion<V>,
/// {
///     let items = batch.items().version::<V>().stream();
///     items.map_ok(|item| item.name().to_owned()).try_collect().await
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let simulator = ica_simulator::Simulator::start();
/// # let id = simulator.seed_batch(simulator.project_id(), 3, ica_simulator::SeedOptions::default());
/// # let credentials = Credentials::api_key(simulator.api_key())?;
/// # let client = Client::builder().base_url(simulator.base_url()).credentials(credentials).build()?;
/// # let batch = client.project(simulator.project_id())?.batch(id);
/// assert_eq!(names::<V3>(&batch).await?, names::<V4>(&batch).await?);
/// # Ok(())
/// # }
/// ```
pub trait ItemVersion<V: Version>: Family {
    /// An item in this version.
    type Item: BatchItem<Family = Self> + DeserializeOwned + fmt::Debug + Clone + Send + Sync + Unpin + 'static;
    /// Raw operation that lists items.
    const LIST: &'static str;
    /// Raw operation that reads an item.
    const GET_ITEM: &'static str;

    /// Lists a page of items.
    #[doc(hidden)]
    fn list(
        client: raw::Client,
        project: &str,
        batch: Uuid,
        query: &ItemQuery<Self>,
    ) -> impl Future<Output = RawResult<Page<Self::Item>>> + Send;

    /// Reads an item.
    #[doc(hidden)]
    fn get_item(
        client: raw::Client,
        project: &str,
        batch: Uuid,
        item: Uuid,
    ) -> impl Future<Output = RawResult<Self::Item>> + Send;

    /// Scrubs what the server wrote into an item.
    #[doc(hidden)]
    fn scrub(item: &mut Self::Item, texts: &mut ForeignTexts<'_>);
}

/// Query for a page of items: the filter is a list of item statuses, or none.
pub(crate) type ItemQuery<F> = PageQuery<Option<Vec<<F as Family>::ItemStatus>>>;

/// Item of a batch, whatever its family and version.
///
/// Three statuses are distinct. The status of the job says whether the batch is still being
/// processed. The [creation status](Self::creation_status) says whether the item was created. The
/// [run status](Self::run_status) says how the run of a created analysis is doing, which may take
/// hours.
///
/// ```
/// # use ica_batch_sdk_ext::{Client, Credentials};
/// use ica_batch_sdk_ext::BatchItem;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let simulator = ica_simulator::Simulator::start();
/// # let id = simulator.seed_batch(simulator.project_id(), 1, ica_simulator::SeedOptions::default());
/// # let credentials = Credentials::api_key(simulator.api_key())?;
/// # let client = Client::builder().base_url(simulator.base_url()).credentials(credentials).build()?;
/// # let batch = client.project(simulator.project_id())?.batch(id);
/// let item = batch.items().first().await?.expect("the batch has items");
/// println!("{} is {}", item.name(), item.creation_status());
/// assert_eq!(item.is_terminal(), item.run_status().is_some_and(|status| status.as_str() == "SUCCEEDED"));
/// # Ok(())
/// # }
/// ```
pub trait BatchItem {
    /// Family of the item.
    type Family: Family;

    /// Returns the id of the item.
    fn id(&self) -> Uuid;

    /// Returns the name that the request gave: the user reference of an analysis, the name of a
    /// sample.
    fn name(&self) -> &str;

    /// Returns the status of the creation.
    fn creation_status(&self) -> &<Self::Family as Family>::ItemStatus;

    /// Returns ICA's message about the creation, mainly the reason of a failure. In an item from a
    /// list or a get it is on one line and at most 2000 characters long, and "…" is in place of
    /// secrets of the client.
    fn creation_message(&self) -> Option<&str>;

    /// Returns the id of the analysis or sample, once it was created.
    fn created_id(&self) -> Option<Uuid>;

    /// Returns the status of the run, once it exists.
    fn run_status(&self) -> Option<<Self::Family as Family>::RunStatus>;

    /// Returns whether the item does not change any more. A status that this crate does not know is
    /// not terminal.
    fn is_terminal(&self) -> bool {
        let creation = Self::Family::creation_state(self.creation_status());
        match self.run_status() {
            Some(status) => Self::Family::run_state(&status).is_terminal(),
            None if Self::Family::HAS_RUNS => creation == CreationState::NotCreated,
            None => creation.is_terminal(),
        }
    }

    /// Returns whether the item was created completely, and its run, if it starts one, succeeded.
    fn is_success(&self) -> bool {
        match self.run_status() {
            Some(status) => Self::Family::run_state(&status) == RunState::Succeeded,
            None if Self::Family::HAS_RUNS => false,
            None => Self::Family::creation_state(self.creation_status()) == CreationState::Created,
        }
    }
}

/// Way of listing the items of family `F`: a version such as [`V4`](crate::V4),
/// [`AnyVersion`](crate::AnyVersion) or [`Summary`](crate::Summary).
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
    fn page(&self, request: ItemRequest, query: ItemQuery<F>) -> BoxedPage<Self::Row>;

    /// Returns the name of the way of listing, for checkpoints.
    #[doc(hidden)]
    fn name(&self) -> String;
}

/// Way of reading one item of family `F`: a version such as [`V4`](crate::V4), or
/// [`AnyVersion`](crate::AnyVersion).
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
    fn item(&self, request: ItemRequest, item: Uuid) -> BoxedResult<Self::Row>;
}

pub(super) mod sealed {
    /// Trait that seals [`Listing`](super::Listing): only this crate implements it.
    pub trait Sealed {}
}

/// Family whose items can be read in a version that is chosen while the program runs.
///
/// A function for batches of each such family:
///
/// ```
/// # use ica_batch_sdk_ext::{Client, Credentials};
/// use futures_util::TryStreamExt;
/// use ica_batch_sdk_ext::{AnyItemVersion, Batch, BatchItem, VersionPolicy};
///
/// async fn created<F: AnyItemVersion>(batch: &Batch<F>) -> ica_batch_sdk_ext::Result<usize> {
///     let items = batch.items().any_version(VersionPolicy::newest_first()).stream();
///     let items = items.try_collect::<Vec<_>>().await?;
///     Ok(items.iter().filter(|item| item.created_id().is_some()).count())
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let simulator = ica_simulator::Simulator::start();
/// # let id = simulator.seed_batch(simulator.project_id(), 3, ica_simulator::SeedOptions::default());
/// # let credentials = Credentials::api_key(simulator.api_key())?;
/// # let client = Client::builder().base_url(simulator.base_url()).credentials(credentials).build()?;
/// # let batch = client.project(simulator.project_id())?.batch(id);
/// assert_eq!(created(&batch).await?, 3);
/// # Ok(())
/// # }
/// ```
pub trait AnyItemVersion: Family {
    /// An item in any of the versions.
    type AnyItem: BatchItem<Family = Self> + fmt::Debug + Clone + Send + Sync + Unpin + 'static;

    /// Lists a page in this version. None for a version that the family does not have.
    #[doc(hidden)]
    fn list_any(request: ItemRequest, version: ApiVersion, query: ItemQuery<Self>) -> Option<BoxedPage<Self::AnyItem>>;

    /// Reads an item in this version. None for a version that the family does not have.
    #[doc(hidden)]
    fn get_any(request: ItemRequest, version: ApiVersion, item: Uuid) -> Option<BoxedResult<Self::AnyItem>>;
}

/// Family with an operation that lists summaries of its items.
///
/// A function for batches of each such family:
///
/// ```
/// # use ica_batch_sdk_ext::{Client, Credentials};
/// use futures_util::TryStreamExt;
/// use ica_batch_sdk_ext::{Batch, BatchItem, ItemSummaries};
///
/// async fn names<F: ItemSummaries>(batch: &Batch<F>) -> ica_batch_sdk_ext::Result<Vec<String>> {
///     let summaries = batch.items().summaries().stream();
///     summaries.map_ok(|item| item.name().to_owned()).try_collect().await
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let simulator = ica_simulator::Simulator::start();
/// # let id = simulator.seed_batch(simulator.project_id(), 3, ica_simulator::SeedOptions::default());
/// # let credentials = Credentials::api_key(simulator.api_key())?;
/// # let client = Client::builder().base_url(simulator.base_url()).credentials(credentials).build()?;
/// # let batch = client.project(simulator.project_id())?.batch(id);
/// assert_eq!(names(&batch).await?.len(), 3);
/// # Ok(())
/// # }
/// ```
pub trait ItemSummaries: Family {
    /// A summary of an item.
    type Summary: BatchItem<Family = Self> + fmt::Debug + Clone + Send + Sync + Unpin + 'static;
    /// Raw operation that lists summaries, in any version.
    const LIST_SUMMARIES: &'static str;

    /// Lists a page of summaries.
    #[doc(hidden)]
    fn list_summaries(
        client: raw::Client,
        project: &str,
        batch: Uuid,
        query: &ItemQuery<Self>,
    ) -> impl Future<Output = RawResult<Page<Self::Summary>>> + Send;

    /// Scrubs what the server wrote into a summary.
    #[doc(hidden)]
    fn scrub_summary(summary: &mut Self::Summary, texts: &mut ForeignTexts<'_>);
}
