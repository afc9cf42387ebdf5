//! Reading a batch.

use std::future::{Future, IntoFuture};
use std::marker::PhantomData;
use std::pin::Pin;

use super::family::Family;
use super::foreign::ForeignTexts;
use super::handle::Batch;
use super::identity::{check_id, check_project};
use super::target::Target;
use crate::call::{CallOverrides, call_setters};
use crate::error::Result;

impl<F: Family> Batch<F> {
    /// Reads the batch: mainly the status of its job.
    ///
    /// A job that succeeded has created the items. The items say whether their runs have ended.
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
    /// let batch = project.batch(id).get().await?;
    /// println!("{:?}", batch.job.map(|job| job.status));
    /// # assert_eq!(batch.id, id);
    /// # Ok(())
    /// # }
    /// ```
    pub fn get(&self) -> GetBatch<F> {
        GetBatch::new(self.target.clone())
    }
}

/// Request that reads a batch. Await it.
///
/// `join_all` and `tokio::spawn` need a future: call
/// [`into_future`](std::future::IntoFuture::into_future) for them.
///
/// ```
/// # use ica_batch_sdk_ext::{Client, Credentials};
/// use std::future::IntoFuture;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let simulator = ica_simulator::Simulator::start();
/// # let ids = [(); 2].map(|()| simulator.seed_batch(simulator.project_id(), 3, ica_simulator::SeedOptions::default()));
/// # let credentials = Credentials::api_key(simulator.api_key())?;
/// # let client = Client::builder().base_url(simulator.base_url()).credentials(credentials).build()?;
/// # let project = client.project(simulator.project_id())?;
/// let requests = ids.map(|id| project.batch(id).get().into_future());
/// let batches = futures_util::future::try_join_all(requests).await?;
/// assert_eq!(batches.len(), 2);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
#[must_use = "nothing is sent before it is awaited"]
pub struct GetBatch<F> {
    target: Target,
    overrides: CallOverrides,
    family: PhantomData<F>,
}

impl<F: Family> GetBatch<F> {
    pub(super) fn new(target: Target) -> Self {
        Self {
            target,
            overrides: CallOverrides::default(),
            family: PhantomData,
        }
    }

    call_setters!();
}

impl<F: Family> IntoFuture for GetBatch<F> {
    type Output = Result<F::Batch>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        let Self { target, overrides, .. } = self;
        Box::pin(async move {
            let call = target.core.call(F::GET, format!("read {} {}", F::NAME, target.id));
            let call = call.overrides(&overrides);
            let mut batch = call
                .run_checked(
                    |raw| F::get(raw, &target.project, target.id),
                    |batch| {
                        check_id(F::NAME, target.id, F::batch_id(batch))?;
                        check_project(&target.project, F::batch_project(batch))
                    },
                )
                .await?;
            F::scrub_batch(&mut batch, &mut ForeignTexts::new(&target.core));
            Ok(batch)
        })
    }
}
