//! Waiting for a batch to come to its end, cheaply.
//!
//! A batch is followed by looking at it again and again. The state is in ICA alone: a wait needs the batch's id and nothing
//! else, so one that was broken off is taken up by waiting again, in this process or another.
//!
//! # What a look costs
//!
//! ICA filters items by the state of their *creation*, not by that of their run. With N items, P a page, and R runs that go on:
//!
//! | when | requests | items decoded |
//! |---|---|---|
//! | the job has not begun, or still waits | 1: the job | 0 |
//! | the job creates; none is created yet | 1 + those being created / P | those being created |
//! | the job creates | 1 + N / P | N, less those that were not created |
//! | the first look after the job ended | 1 + N / P | N |
//! | the runs go on | created / P | created |
//! | few runs go on: R · 101 ≤ created / P · 100 + created | R, eight at a time | R |
//!
//! So a request is taken to cost as much as 100 items, and never are more than 250 items read one by one. Summaries are listed, never
//! whole items. An item that was not created is listed when that is found out and once more when the job has ended, then never again.
//! A job that has ended is not read again. An item in a state that this crate does not know cannot be asked for by a filter:
//! then all are listed, until it is known again.
//!
//! How often it looks is bounded by what a look costs: see [`PollInterval`].
//!
//! Measured in `tests/it/wait.rs`, with all defaults: 10 000 analyses, created within 75 seconds and run for 30 to 37 minutes, are
//! followed to their end by 30 looks: 365 requests and 280 000 summaries. Listing all every 5 seconds would take 4 600 requests
//! and 4.6 million items.

mod ended;
mod interval;
mod look;
mod plan;
mod progress;
mod stream;
mod together;
mod watch;

#[cfg(test)]
mod tests;

use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::time::Duration;

use crate::batch::Batch;
use crate::client::Client;
use crate::error::Result;

pub use ended::{FinishedItem, ItemOutcome};
pub use interval::PollInterval;
pub use progress::{Progress, WaitReport};
pub use stream::ProgressStream;

const DEADLINE: Duration = Duration::from_secs(48 * 3600);
const PAGE_SIZE: u64 = 1000;

/// What to wait for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum WaitUntil {
    /// For every item it is decided whether its analysis was created.
    Created,
    /// And every analysis that was created has ended.
    #[default]
    Finished,
}

/// Waiting for a batch, from [`Batch::wait`]. Await it for the [`WaitReport`], or take [`progress`](Self::progress) as a stream.
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
/// let end = batch.wait().deadline(Duration::from_secs(12 * 3600)).await?;
/// for item in end.failed() {
///     println!("{item}"); // sample-1: the run did not succeed, it is FAILED
/// }
/// # assert_eq!(end.failed()[0].to_string(), "sample-1: the run did not succeed, it is FAILED");
/// assert_eq!((end.succeeded(), end.failed().len()), (2, 1));
///
/// let poll = PollInterval::new(Duration::from_secs(10), Duration::from_secs(300));
/// let mut progress = batch.wait().until(WaitUntil::Created).poll_interval(poll).progress();
/// while let Some(now) = progress.try_next().await? {
///     println!("{} of {} items are created", now.succeeded(), now.items());
/// }
/// # Ok(())
/// # }
/// ```
///
/// - **A state that this crate does not know is no end.** It is [reported](Progress::unknown_statuses), and the wait goes on.
/// - **Every call is one of the client's**: its retry policy, its credentials and their renewal. Its deadline is what is left of the
///   wait. A call that fails for good ends the wait with its error.
/// - **A batch may show no job.** Then its items decide: creation has ended when there are items and none of them is being
///   created.
/// - **An item that the job left behind**, neither created nor failed though the job has ended, is looked at once more and then reported as
///   [not created](ItemOutcome::Orphaned).
#[derive(Debug, Clone)]
#[must_use = "nothing is sent before it is awaited"]
pub struct Wait {
    batch: Batch,
    client: Client,
    until: WaitUntil,
    deadline: Duration,
    poll: PollInterval,
    page_size: u64,
}

impl Wait {
    pub(crate) fn new(batch: Batch, client: Client) -> Self {
        Self {
            batch,
            client,
            until: WaitUntil::default(),
            deadline: DEADLINE,
            poll: PollInterval::default(),
            page_size: PAGE_SIZE,
        }
    }

    /// What to wait for: the end of the analyses by default.
    pub fn until(mut self, settled: WaitUntil) -> Self {
        self.until = settled;
        self
    }

    /// How long the wait may take in all. 48 hours by default, so that a state that never ends does not hold a program for ever.
    ///
    /// No sleep is begun that would pass it, and no call may take longer than what is left of it. The error is
    /// [`WaitTimeout`](crate::ErrorKind::WaitTimeout) and says what is open; the batch goes on in ICA, and can be waited for again.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// How long to wait from one look to the next.
    pub fn poll_interval(mut self, interval: PollInterval) -> Self {
        self.poll = interval;
        self
    }

    /// How many items to list at a time. 1000 by default.
    pub fn page_size(mut self, size: u64) -> Self {
        self.page_size = size;
        self
    }

    /// What each look finds, as a stream.
    pub fn progress(self) -> ProgressStream {
        ProgressStream::new(self)
    }
}

impl IntoFuture for Wait {
    type Output = Result<WaitReport>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.progress().settle())
    }
}
