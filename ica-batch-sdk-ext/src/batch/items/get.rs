//! Reading one item.

use std::future::{Future, IntoFuture};
use std::marker::PhantomData;
use std::pin::Pin;

use uuid::Uuid;

use super::super::family::{AnyItemVersion, Family, Reading};
use super::super::handle::Batch;
use super::super::target::{ItemRequest, Target};
use super::listing::AnyVersion;
use crate::call::{CallOverrides, call_setters};
use crate::error::Result;
use crate::version::{Version, VersionPolicy};

impl<F: Family> Batch<F> {
    /// Reads one item by its id, in the default version unless another is chosen.
    ///
    /// ```
    /// # use ica_batch_sdk_ext::{Client, Credentials};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let simulator = ica_simulator::Simulator::start();
    /// # let id = simulator.seed_batch(simulator.project_id(), 3, ica_simulator::SeedOptions::default());
    /// # let credentials = Credentials::api_key(simulator.api_key())?;
    /// # let client = Client::builder().base_url(simulator.base_url()).credentials(credentials).build()?;
    /// # let project = client.project(simulator.project_id())?;
    /// # let batch = project.batch(id);
    ///
    /// let first = batch.items().first().await?.expect("the batch has items");
    /// let item = batch.item(first.id).await?;
    /// assert_eq!(item.request.user_reference, "sample-0");
    /// # Ok(())
    /// # }
    /// ```
    pub fn item(&self, id: Uuid) -> GetItem<F, F::DefaultVersion> {
        GetItem::new(self.target.clone(), id, F::DefaultVersion::default())
    }
}

/// Request that reads one item. Await it.
///
/// `join_all` and `tokio::spawn` need a future: call
/// [`into_future`](std::future::IntoFuture::into_future) for them.
///
/// ```
/// # use ica_batch_sdk_ext::{Client, Credentials};
/// use ica_batch_sdk_ext::{BatchItem, V3, VersionPolicy};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let simulator = ica_simulator::Simulator::start();
/// # let id = simulator.seed_batch(simulator.project_id(), 3, ica_simulator::SeedOptions::default());
/// # let credentials = Credentials::api_key(simulator.api_key())?;
/// # let client = Client::builder().base_url(simulator.base_url()).credentials(credentials).build()?;
/// # let batch = client.project(simulator.project_id())?.batch(id);
/// let first = batch.items().first().await?.expect("the batch has items");
/// let as_v3 = batch.item(first.id).version::<V3>().await?;
/// let newest = batch.item(first.id).any_version(VersionPolicy::newest_first()).await?;
/// assert_eq!(as_v3.name(), newest.name());
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
#[must_use = "nothing is sent before it is awaited"]
pub struct GetItem<F, L> {
    request: ItemRequest,
    id: Uuid,
    reading: L,
    family: PhantomData<F>,
}

impl<F: Family, L: Reading<F>> GetItem<F, L> {
    pub(crate) fn new(target: Target, id: Uuid, reading: L) -> Self {
        Self {
            request: ItemRequest {
                target,
                overrides: CallOverrides::default(),
            },
            id,
            reading,
            family: PhantomData,
        }
    }

    fn reading<M: Reading<F>>(self, reading: M) -> GetItem<F, M> {
        GetItem {
            request: self.request,
            id: self.id,
            reading,
            family: PhantomData,
        }
    }

    /// Reads the item in this version of the API.
    pub fn version<V: Version + Reading<F>>(self) -> GetItem<F, V> {
        self.reading(V::default())
    }

    /// Reads the item in a version that is chosen while the program runs.
    pub fn any_version(self, policy: VersionPolicy) -> GetItem<F, AnyVersion>
    where
        F: AnyItemVersion,
    {
        self.reading(AnyVersion::new(policy))
    }

    call_setters!(request.overrides);
}

impl<F: Family, L: Reading<F>> IntoFuture for GetItem<F, L> {
    type Output = Result<L::Row>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        self.reading.item(self.request, self.id)
    }
}
