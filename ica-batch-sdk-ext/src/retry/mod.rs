//! Retries: which calls are retried, how often, and after which wait.
//!
//! - [`RetryPolicy`] decides which failures are retried, and how often.
//! - [`Backoff`] computes the wait before a retry.
//! - [`RetryBudget`] is shared by the clones of a client, and limits the retries of all their
//!   calls.
//! - The header `Retry-After` of a response can lengthen the wait, within the deadline of the call.
//!
//! Only calls that are safe to repeat are retried. Each attempt sends the same bytes and the same
//! key.
//!
//! | call | repeated | retried |
//! |---|---|---|
//! | read a batch, an item, an analysis, its steps or outputs; list items | changes nothing | yes |
//! | search analyses: a `POST` that only reads | changes nothing | yes |
//! | create a batch with an idempotency key | ICA sends the response that it keeps for the key¹ | yes |
//! | the same, [at most once](crate::CreateBatch::at_most_once) | not where it may have been executed | only if it was not executed |
//! | create a batch without a key | creates everything again | no |
//! | abort an analysis | no further effect: the run ends once | yes |
//! | mint a token | a further token | yes |
//!
//! ¹ ICA keeps no response of 400 or more. If it executes a create and then responds with a 5xx, it
//! has forgotten the key, and a retry creates the batch a second time. A create that must not be
//! executed twice is sent [at most once](crate::CreateBatch::at_most_once), or as a part of a
//! [submission](crate::Project::submission): a run searches ICA before it sends anything again.
//!
//! The error of a call that only reads always says [`NotExecuted`](crate::Execution::NotExecuted).
//! After an abort that was retried, the error may be a rejection although ICA has received the
//! first attempt; see [`AbortAnalysis`](crate::AbortAnalysis).
//!
//! ```
//! # use ica_batch_sdk_ext::clock::ManualClock;
//! # use ica_batch_sdk_ext::{Client, Credentials, Uuid};
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let simulator = ica_simulator::Simulator::start();
//! # let id = simulator.seed_batch(simulator.project_id(), 1, ica_simulator::SeedOptions::default());
//! # simulator.faults().add(ica_simulator::FaultKind::refuse_for(429, 17));
//! let clock = ManualClock::new();
//! # let client = Client::builder().base_url(simulator.base_url()).clock(clock.clone())
//! #     .credentials(Credentials::api_key_direct(simulator.api_key())?).build()?;
//! # let batch = client.project(simulator.project_id())?.batch(id);
//! batch.get().await?; // the first response is 429 with `Retry-After: 17`
//! assert_eq!(clock.sleeps(), [std::time::Duration::from_secs(17)]);
//! # Ok(())
//! # }
//! ```

// Numbers and times come from a server, a file or a caller here.
#![cfg_attr(not(test), warn(clippy::arithmetic_side_effects, clippy::indexing_slicing))]

mod backoff;
mod budget;
mod retry_after;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

pub use backoff::Backoff;
pub use budget::RetryBudget;
pub(crate) use retry_after::retry_after;

use crate::error::{Error, ErrorKind, Problem};

const MAX_ATTEMPTS: u32 = 5;

/// Policy of retries: which failures are retried, how often, and after which wait.
///
/// The default allows 5 attempts, waits by [`Backoff::default`], and retries failures that are
/// [transient](Self::is_transient).
///
/// ```
/// use std::time::Duration;
///
/// use ica_batch_sdk_ext::retry::{Backoff, Retry, RetryPolicy};
/// use ica_batch_sdk_ext::{Client, Credentials};
///
/// let policy = RetryPolicy::default()
///     .max_attempts(10)
///     .backoff(Backoff::new(Duration::from_secs(1), Duration::from_secs(60)))
///     // A gateway of ours responds with 404 while it starts.
///     .classifier(|error| if error.status() == Some(404) { Retry::Yes } else { Retry::Default });
/// assert!(format!("{policy:?}").starts_with("RetryPolicy { max_attempts: 10, "));
/// let client = Client::builder()
///     .credentials(Credentials::api_key("my-api-key")?)
///     .retry(policy)
///     .build()?;
/// # Ok::<(), ica_batch_sdk_ext::Error>(())
/// ```
#[derive(Clone)]
pub struct RetryPolicy {
    max_attempts: u32,
    backoff: Backoff,
    classifier: Option<Arc<Classifier>>,
}

type Classifier = dyn Fn(&Error) -> Retry + Send + Sync;

/// Decision of a [classifier](RetryPolicy::classifier) about a failure.
///
/// ```
/// # use ica_batch_sdk_ext::clock::ManualClock;
/// # use ica_batch_sdk_ext::{Client, Credentials, Uuid};
/// use ica_batch_sdk_ext::retry::{Retry, RetryPolicy};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let simulator = ica_simulator::Simulator::start();
/// let policy = RetryPolicy::default().classifier(|error| match error.is_not_found() {
///     true => Retry::Yes,
///     false => Retry::Default,
/// });
/// # let client = Client::builder().base_url(simulator.base_url()).clock(ManualClock::new())
/// #     .credentials(Credentials::api_key_direct(simulator.api_key())?).retry(policy).build()?;
/// # let batch = client.project(simulator.project_id())?.batch(Uuid::nil());
/// // A call of a client with this policy, for a batch that does not exist:
/// let error = batch.get().await.unwrap_err();
/// assert_eq!(error.attempts(), 5);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retry {
    /// Retry: another attempt may succeed.
    Yes,
    /// Do not retry: another attempt would fail, too.
    No,
    /// Retry if [`RetryPolicy::is_transient`] says so.
    Default,
}

impl RetryPolicy {
    /// Returns a policy of one attempt.
    ///
    /// ```
    /// # use ica_batch_sdk_ext::{Client, Credentials, Uuid};
    /// use ica_batch_sdk_ext::retry::RetryPolicy;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let simulator = ica_simulator::Simulator::start();
    /// # simulator.faults().add(ica_simulator::FaultKind::refuse(503));
    /// # let client = Client::builder().base_url(simulator.base_url())
    /// #     .credentials(Credentials::api_key_direct(simulator.api_key())?).build()?;
    /// # let batch = client.project(simulator.project_id())?.batch(Uuid::nil());
    /// let error = batch.get().retry(RetryPolicy::never()).await.unwrap_err(); // HTTP 503
    /// assert_eq!(error.attempts(), 1);
    /// # Ok(())
    /// # }
    /// ```
    pub fn never() -> Self {
        Self::default().max_attempts(1)
    }

    /// Sets the maximum number of attempts of a call, with the first one. 0 counts as 1.
    ///
    /// ```
    /// use ica_batch_sdk_ext::retry::RetryPolicy;
    ///
    /// let policy = RetryPolicy::default().max_attempts(3); // the first attempt and two retries
    /// # assert!(format!("{policy:?}").contains("max_attempts: 3"));
    /// ```
    #[must_use]
    pub fn max_attempts(mut self, attempts: u32) -> Self {
        self.max_attempts = attempts.max(1);
        self
    }

    /// Sets the wait between attempts.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use ica_batch_sdk_ext::retry::{Backoff, RetryPolicy};
    ///
    /// let policy = RetryPolicy::default().backoff(Backoff::new(Duration::from_secs(2), Duration::from_secs(120)));
    /// # assert!(format!("{policy:?}").contains("120"));
    /// ```
    #[must_use]
    pub fn backoff(mut self, backoff: Backoff) -> Self {
        self.backoff = backoff;
        self
    }

    /// Sets a function that decides about each failure.
    ///
    /// Calls that are not safe to repeat are not retried, whatever the function returns.
    #[must_use]
    pub fn classifier(mut self, classify: impl Fn(&Error) -> Retry + Send + Sync + 'static) -> Self {
        self.classifier = Some(Arc::new(classify));
        self
    }

    /// Returns whether a failure is transient: no connection, an interrupted connection, no
    /// response in time, and the statuses 408, 425, 429, 500, 502, 503 and 504.
    ///
    /// The refusals 401, 403, 404, 405, 406, 410 and 451 are transient if the response has none of
    /// ICA's codes (`ICA_…`). Then a proxy or a gateway has probably sent it, which also refuses
    /// requests for a while, such as during a deployment.
    ///
    /// ```
    /// use ica_batch_sdk_ext::Credentials;
    /// use ica_batch_sdk_ext::retry::RetryPolicy;
    ///
    /// let error = Credentials::api_key("").unwrap_err();
    /// assert!(!RetryPolicy::is_transient(&error));
    /// ```
    pub fn is_transient(error: &Error) -> bool {
        match error.status() {
            Some(401 | 403 | 404 | 405 | 406 | 410 | 451) => !error.problem().is_some_and(Problem::is_of_ica),
            Some(status) if status >= 400 => matches!(status, 408 | 425 | 429 | 500 | 502 | 503 | 504),
            _ => matches!(
                error.kind(),
                ErrorKind::Connect | ErrorKind::Interrupted | ErrorKind::Timeout
            ),
        }
    }

    /// Returns whether this failure is retried, if the call is safe to repeat.
    pub(crate) fn retries(&self, error: &Error) -> bool {
        let decision = self
            .classifier
            .as_ref()
            .map_or(Retry::Default, |classify| classify(error));
        match decision {
            Retry::Yes => true,
            Retry::No => false,
            Retry::Default => Self::is_transient(error),
        }
    }

    pub(crate) fn attempts(&self) -> u32 {
        self.max_attempts
    }

    /// Returns the wait before retry number `retry`, counted from 0, for a random number from 0 to
    /// 1.
    pub(crate) fn wait(&self, retry: u32, random: f64) -> Duration {
        self.backoff.wait(retry, random)
    }
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            max_attempts: MAX_ATTEMPTS,
            backoff: Backoff::default(),
            classifier: None,
        }
    }
}

impl fmt::Debug for RetryPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            max_attempts,
            backoff,
            classifier,
        } = self;
        f.debug_struct("RetryPolicy")
            .field("max_attempts", max_attempts)
            .field("backoff", backoff)
            .field("has_classifier", &classifier.is_some())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::{Retry, RetryPolicy};
    use crate::error::{Error, ErrorKind, Problem, Scrubber};

    fn response(status: u16, kind: ErrorKind) -> Error {
        Error::new(kind, "server error").with_status(Some(status))
    }

    fn refusal(status: u16, problem: &str) -> Error {
        let problem = Problem::from_bytes(problem.as_bytes(), &Scrubber::without_secrets());
        response(status, ErrorKind::Rejected).with_problem(problem)
    }

    #[test]
    fn only_transient_failures_are_retried() {
        for status in [408, 425, 429, 500, 502, 503, 504] {
            assert!(
                RetryPolicy::is_transient(&response(status, ErrorKind::Server)),
                "{status}"
            );
        }
        for status in [400, 409, 413, 422, 501] {
            assert!(
                !RetryPolicy::is_transient(&response(status, ErrorKind::Rejected)),
                "{status}"
            );
        }
        for kind in [ErrorKind::Connect, ErrorKind::Interrupted, ErrorKind::Timeout] {
            assert!(RetryPolicy::is_transient(&Error::new(kind, "")), "{kind:?}");
        }
        assert!(!RetryPolicy::is_transient(&response(200, ErrorKind::Unreadable)));
        assert!(
            RetryPolicy::is_transient(&response(200, ErrorKind::Interrupted)),
            "a response that was interrupted"
        );
    }

    #[test]
    fn a_refusal_is_transient_unless_it_has_a_code_of_ica() {
        for status in [401, 403, 404, 405, 406, 410, 451] {
            let is_transient = |problem| RetryPolicy::is_transient(&refusal(status, problem));
            assert!(!is_transient(r#"{"title":"ICA_SEC_002"}"#), "{status}");
            assert!(is_transient(r#"{"code":"DENIED"}"#), "{status} of a gateway");
            assert!(is_transient("<html>"), "{status} of a proxy");
        }
        assert!(!RetryPolicy::is_transient(&refusal(400, "<html>")));
    }

    #[test]
    fn the_classifier_decides_before_the_default() {
        let policy = RetryPolicy::default().classifier(|error| match error.status() {
            Some(404) => Retry::Yes,
            Some(503) => Retry::No,
            _ => Retry::Default,
        });
        assert!(policy.retries(&response(404, ErrorKind::NotFound)));
        assert!(!policy.retries(&response(503, ErrorKind::Server)));
        assert!(policy.retries(&response(502, ErrorKind::Server)));
    }

    #[test]
    fn every_call_has_at_least_one_attempt() {
        assert_eq!(RetryPolicy::default().max_attempts(0).attempts(), 1);
        assert_eq!(RetryPolicy::never().attempts(), 1);
    }
}
