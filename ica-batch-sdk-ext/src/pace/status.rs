//! State of a pace, as a program sees it.

use std::fmt;
use std::time::Duration;

use serde::Serialize;

/// State of the pace of a client at one time. See [`Client::pace`](crate::Client::pace).
///
/// ```
/// use ica_batch_sdk_ext::{Client, Credentials};
///
/// let credentials = Credentials::api_key("my-api-key")?;
/// let client = Client::builder().credentials(credentials).max_concurrency(4).build()?;
/// let pace = client.pace();
/// assert_eq!((pace.in_flight(), pace.waiting(), pace.concurrency()), (0, 0, Some(4)));
/// assert_eq!((pace.requests_per_second(), pace.pause()), (None, None));
/// assert!(!pace.is_circuit_open());
/// # Ok::<(), ica_batch_sdk_ext::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PaceStatus {
    pub(super) in_flight: usize,
    pub(super) waiting: usize,
    pub(super) concurrency: Option<usize>,
    pub(super) per_second: Option<f64>,
    pub(super) pause: Option<(Duration, PauseReason)>,
    pub(super) is_open: bool,
}

impl PaceStatus {
    /// Returns the number of requests in flight.
    pub fn in_flight(&self) -> usize {
        self.in_flight
    }

    /// Returns the number of calls that wait for their turn. A call that waits between two attempts
    /// is not one of them.
    pub fn waiting(&self) -> usize {
        self.waiting
    }

    /// Returns the number of requests that may be in flight now. None: without a limit.
    pub fn concurrency(&self) -> Option<usize> {
        self.concurrency
    }

    /// Returns the rate at which requests are sent at most, in requests per second. None: the server
    /// has not refused enough requests to tell its limit.
    pub fn requests_per_second(&self) -> Option<f64> {
        self.per_second
    }

    /// Returns the time for which nothing is sent, and why. None without a pause.
    pub fn pause(&self) -> Option<(Duration, PauseReason)> {
        self.pause
    }

    /// Returns whether the circuit is open: the server does not serve requests, and one request at a
    /// time asks whether it is back.
    ///
    /// ```
    /// # use ica_batch_sdk_ext::{Client, Credentials};
    /// use ica_batch_sdk_ext::retry::RetryPolicy;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let simulator = ica_simulator::Simulator::start();
    /// # simulator.faults().add(ica_simulator::Fault::new(ica_simulator::FaultKind::ResetBeforeExecuting).every());
    /// # let credentials = Credentials::api_key_direct(simulator.api_key())?;
    /// # let client = Client::builder().base_url(simulator.base_url()).credentials(credentials)
    /// #     .clock(ica_batch_sdk_ext::clock::ManualClock::new()).build()?;
    /// # let project = client.project(simulator.project_id())?;
    /// # let batch = project.batch(ica_batch_sdk_ext::Uuid::nil());
    /// assert!(!client.pace().is_circuit_open());
    /// for _ in 0..5 {
    ///     batch.get().retry(RetryPolicy::never()).await.unwrap_err(); // the connection is reset
    /// }
    /// assert!(client.pace().is_circuit_open());
    /// # Ok(())
    /// # }
    /// ```
    pub fn is_circuit_open(&self) -> bool {
        self.is_open
    }
}

/// Reason for which a client sends nothing for a while.
///
/// ```
/// use ica_batch_sdk_ext::pace::PauseReason;
///
/// assert_eq!(PauseReason::RateLimited.to_string(), "the server refuses more requests (HTTP 429)");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PauseReason {
    /// The server refused a request because there were too many (429).
    RateLimited,
    /// The server refused a request because it is not available (503).
    Unavailable,
    /// Requests fail one after the other, without a response in between.
    Outage,
}

impl fmt::Display for PauseReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::RateLimited => "the server refuses more requests (HTTP 429)",
            Self::Unavailable => "the server is not available (HTTP 503)",
            Self::Outage => "the server does not respond, or responds with errors only",
        })
    }
}
