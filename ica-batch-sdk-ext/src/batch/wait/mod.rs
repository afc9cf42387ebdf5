//! Waiting until a batch is finished, with few requests.
//!
//! A wait polls the batch. All state is in ICA: a wait needs only the id of the batch. A wait that
//! was interrupted is continued by waiting again, in this process or another.
//!
//! # Requests of a poll
//!
//! ICA filters items by the status of their *creation*, not by that of their run. With N items, P
//! items per page, and R runs that have not ended:
//!
//! | state | requests | items decoded |
//! |---|---|---|
//! | the job has not started, or still waits | 1: the job | 0 |
//! | the job is active; no item is created yet | 1 + items being created / P | items being created |
//! | the job is active | 1 + N / P | N, without those that were not created |
//! | first poll after the end of the job | 1 + N / P | N |
//! | runs have not ended | created / P | created |
//! | few runs have not ended: R · 101 ≤ created / P · 100 + created | R, eight at a time | R |
//!
//! So a request counts as much as 100 items, and at most 250 items are read one by one. Lists of
//! analyses use summaries. An item that was not created is listed when the wait detects this, and
//! once more after the end of the job. A job that has ended is not read again. A filter cannot name
//! an unknown status, so all items are listed while an item has one.
//!
//! [`PollInterval`] says how often a wait polls. It depends on the number of requests of a poll.
//!
//! Measured in `tests/it/wait`, with all defaults: 10 000 analyses that are created within 75
//! seconds and run for 30 to 37 minutes take 30 polls: 365 requests and 280 000 summaries. Listing
//! all items every 5 seconds would take 4 600 requests and 4.6 million items.

mod interval;
mod outcome;
mod poll;
mod query;
mod report;
mod settings;
mod state;
mod stream;

#[cfg(test)]
mod tests;

use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::time::Duration;

use super::family::Family;
use super::handle::Batch;
use crate::error::Result;

pub use interval::PollInterval;
pub use outcome::{FinishedItem, ItemOutcome};
pub use report::{Progress, WaitReport};
use settings::WaitSettings;
pub use settings::WaitUntil;
pub use stream::ProgressStream;

impl<F: Family> Batch<F> {
    /// Waits until the items of the batch are finished, or have been created.
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
    /// let report = project.batch(id).wait().await?;
    /// assert!(report.is_success());
    /// # Ok(())
    /// # }
    /// ```
    pub fn wait(&self) -> Wait<F> {
        Wait::new(self.clone())
    }
}

/// Request that waits for a batch, from [`Batch::wait`]. Await it for the [`WaitReport`], or take
/// the [`progress`](Self::progress) as a stream.
///
/// ```
/// use std::time::Duration;
/// use futures_util::TryStreamExt;
/// use ica_batch_sdk_ext::{Client, Credentials, PollInterval, WaitUntil};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let simulator = ica_simulator::Simulator::builder()
/// #     .lifecycle(ica_simulator::Lifecycle::instant())
/// #     .fate("sample-1", ica_simulator::Fate::FailRun)
/// #     .start()?;
/// # let id = simulator.seed_batch(simulator.project_id(), 3, ica_simulator::SeedOptions::default());
/// # let credentials = Credentials::api_key(simulator.api_key())?;
/// # let client = Client::builder().base_url(simulator.base_url()).credentials(credentials).build()?;
/// # let project = client.project(simulator.project_id())?;
/// let batch = project.batch(id);
/// let report = batch.wait().deadline(Duration::from_secs(12 * 3600)).await?;
/// for item in report.failed() {
///     println!("{item}"); // sample-1: run failed, FAILED
/// }
/// # assert_eq!(report.failed()[0].to_string(), "sample-1: run failed, FAILED");
/// assert_eq!((report.succeeded(), report.failed().len()), (2, 1));
///
/// let interval = PollInterval::new(Duration::from_secs(10), Duration::from_secs(300));
/// let mut progress = batch.wait().until(WaitUntil::Created).poll_interval(interval).progress();
/// while let Some(now) = progress.try_next().await? {
///     println!("{} of {} items are created", now.succeeded(), now.items());
/// }
/// # Ok(())
/// # }
/// ```
///
/// - **A status that this crate does not know is not a terminal state.** It is
///   [reported](Progress::unknown_statuses), and the wait goes on.
/// - **Every request uses the client's settings**: its retry policy, its credentials and their
///   renewal. Its deadline is the time left of the wait. A request that fails ends the wait with
///   its error.
/// - **The response may contain no job.** Then the items decide: the creation has ended when items
///   exist and none of them is being created.
/// - **An orphaned item**, which is still pending although the job has ended, is polled once more.
///   Then its outcome is [`Orphaned`](ItemOutcome::Orphaned).
///
/// `join_all` and `tokio::spawn` need a future: call
/// [`into_future`](std::future::IntoFuture::into_future) for them.
#[derive(Debug, Clone)]
#[must_use = "nothing is sent before it is awaited"]
pub struct Wait<F> {
    batch: Batch<F>,
    settings: WaitSettings,
}

impl<F: Family> Wait<F> {
    pub(super) fn new(batch: Batch<F>) -> Self {
        Self {
            batch,
            settings: WaitSettings::default(),
        }
    }

    /// Sets what to wait for: [`WaitUntil::Finished`] by default.
    ///
    /// ```
    /// # use ica_batch_sdk_ext::{Client, Credentials};
    /// use ica_batch_sdk_ext::WaitUntil;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let simulator = ica_simulator::Simulator::start();
    /// # let minute = std::time::Duration::from_secs(60);
    /// # let id = simulator.seed_batch(simulator.project_id(), 3, ica_simulator::SeedOptions::default().age(minute));
    /// # let credentials = Credentials::api_key(simulator.api_key())?;
    /// # let client = Client::builder().base_url(simulator.base_url()).credentials(credentials).build()?;
    /// # let project = client.project(simulator.project_id())?;
    /// // The analyses run for ten minutes, and all were created after some seconds.
    /// let report = project.batch(id).wait().until(WaitUntil::Created).await?;
    /// assert_eq!(report.succeeded(), 3);
    /// # Ok(())
    /// # }
    /// ```
    pub fn until(mut self, until: WaitUntil) -> Self {
        self.settings.until = until;
        self
    }

    /// Sets the overall time limit of the wait: 48 hours by default, so that a status that never
    /// becomes terminal does not block a program for ever.
    ///
    /// The wait does not sleep past the deadline, and no request may take longer than the time
    /// left. A list of items is not continued after the deadline, whatever its pages contain. The
    /// error is [`WaitTimeout`](crate::ErrorKind::WaitTimeout) and counts the pending
    /// items. The batch goes on in ICA, and you can wait for it again.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.settings.deadline = deadline;
        self
    }

    /// Sets the interval between polls.
    pub fn poll_interval(mut self, interval: PollInterval) -> Self {
        self.settings.interval = interval;
        self
    }

    /// Sets the number of items per page: 1000 by default, and 100 000 at most. With 0, or with
    /// more, the wait fails with [`InvalidInput`](crate::ErrorKind::InvalidInput) before anything
    /// is sent.
    pub fn page_size(mut self, size: u64) -> Self {
        self.settings.page_size = size;
        self
    }

    /// Returns the result of each poll as a stream.
    pub fn progress(self) -> ProgressStream<F> {
        ProgressStream::new(self.batch, self.settings)
    }
}

impl<F: Family> IntoFuture for Wait<F> {
    type Output = Result<WaitReport<F>>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.progress().report())
    }
}
