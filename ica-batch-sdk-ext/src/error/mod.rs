//! The error type of the crate.

mod created;
mod foreign;
mod kind;
mod problem;
mod raw;
mod secrets;
mod text;
mod values;

use std::any::Any;
use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

pub(crate) use created::Created;
pub(crate) use foreign::{DETAIL, NAME, SENTENCE, Scrubber, shown};
pub use kind::{ErrorKind, Execution, RetryStopReason};
pub use problem::Problem;
pub(crate) use raw::Failure;
pub(crate) use text::counted;

use uuid::Uuid;

use crate::idempotency::{IdempotencyKey, InvalidIdempotencyKey};

/// Result of this crate.
///
/// ```
/// use ica_batch_sdk_ext::{Client, Credentials, Project, Result};
///
/// fn open_project(api_key: &str, id: &str) -> Result<Project> {
///     let client = Client::builder().credentials(Credentials::api_key(api_key)?).build()?;
///     client.project(id)
/// }
///
/// assert_eq!(open_project("my-api-key", "my-project")?.id(), "my-project");
/// assert!(open_project("my-api-key", "a/b").is_err());
/// # Ok::<(), ica_batch_sdk_ext::Error>(())
/// ```
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Error of this crate.
///
/// The type is opaque: match on [`kind`](Self::kind), which may gain kinds.
/// [`Display`](fmt::Display) writes one sentence: the action that failed, the reason, and what to
/// do next. The sentence does not repeat the [`source`](StdError::source), and it contains no
/// secret.
///
/// A part that comes from a server or a library is cut, contains no control characters, and "…" is
/// in place of the client's secrets. The same holds for the [`problem`](Self::problem) and for the
/// sources: a source of a library is kept as its text.
///
/// After a failed create, [`execution`](Self::execution) says whether it may have been executed.
/// With its [`idempotency_key`](Self::idempotency_key) it can be sent again.
/// [`CreateBatch`](crate::CreateBatch#how-far-the-key-goes) says when that creates nothing twice.
///
/// ```
/// # use ica_batch_sdk_ext::{Client, Credentials};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let simulator = ica_simulator::Simulator::start();
/// # let credentials = Credentials::api_key(simulator.api_key())?;
/// # let client = Client::builder().base_url(simulator.base_url()).credentials(credentials).build()?;
/// # let project = client.project(simulator.project_id())?;
/// # let id = ica_batch_sdk_ext::Uuid::from_u128(1);
/// let error = project.batch(id).get().await.unwrap_err();
/// assert!(error.is_not_found());
/// assert_eq!(error.status(), Some(404));
/// assert!(error.to_string().starts_with(
///     "could not read analysis batch 00000000-0000-0000-0000-000000000001: not found (HTTP 404"
/// ));
/// # Ok(())
/// # }
/// ```
pub struct Error(Box<Inner>);

#[derive(Clone)]
struct Inner {
    kind: ErrorKind,
    action: Option<Arc<str>>,
    what: Arc<str>,
    /// Advice in place of that of the kind.
    advice: Option<&'static str>,
    /// Whether the response is probably that of a proxy.
    is_of_proxy: bool,
    execution: Execution,
    /// Whether a failure may pass whose kind does not say so.
    may_pass: bool,
    status: Option<u16>,
    problem: Option<Arc<Problem>>,
    attempts: u32,
    elapsed: Duration,
    retry_after: Option<Duration>,
    /// The reason, and the number of attempts.
    retry_stop_reason: Option<(RetryStopReason, u32)>,
    idempotency_key: Option<IdempotencyKey>,
    created: Option<Created>,
    /// What else is wrong, as the last part of the sentence.
    note: Option<Arc<str>>,
    /// Report of what the error ended. A higher layer knows its type.
    report: Option<Arc<dyn Any + Send + Sync>>,
    source: Option<Arc<dyn StdError + Send + Sync>>,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, what: impl Into<Arc<str>>) -> Self {
        Self(Box::new(Inner {
            kind,
            action: None,
            what: what.into(),
            advice: None,
            is_of_proxy: false,
            execution: Execution::NotExecuted,
            may_pass: false,
            status: None,
            problem: None,
            attempts: 0,
            elapsed: Duration::ZERO,
            retry_after: None,
            retry_stop_reason: None,
            idempotency_key: None,
            created: None,
            note: None,
            report: None,
            source: None,
        }))
    }

    /// Returns an error of input that is not valid. Nothing was sent.
    pub(crate) fn invalid_input(what: impl Into<Arc<str>>) -> Self {
        Self::new(ErrorKind::InvalidInput, what)
    }

    /// Returns the kind of the failure.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Returns whether the server executed the call.
    ///
    /// After [`Execution::Unknown`], a create without an idempotency key may exist: check before
    /// you send it again. With a key, sending the same request with the same key is safe for 7
    /// days.
    pub fn execution(&self) -> Execution {
        self.0.execution
    }

    /// Returns the HTTP status of the response, if there was one.
    pub fn status(&self) -> Option<u16> {
        self.0.status
    }

    /// Returns the problem that ICA reported, if it could be read.
    pub fn problem(&self) -> Option<&Problem> {
        self.0.problem.as_deref()
    }

    /// Returns ICA's error code, such as `ICA_API_004`.
    pub fn code(&self) -> Option<&str> {
        self.problem()?.code()
    }

    /// Returns the number of requests sent. 0 when the call failed before the first one.
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// Returns the duration of the call.
    pub fn elapsed(&self) -> Duration {
        self.0.elapsed
    }

    /// Returns the wait that the server asked for, if it did.
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// Returns why the call was not retried, where the failure is transient.
    pub fn retry_stop_reason(&self) -> Option<RetryStopReason> {
        self.0.retry_stop_reason.map(|(reason, _)| reason)
    }

    /// Returns the key of the create. [`CreateBatch`](crate::CreateBatch#how-far-the-key-goes) says when
    /// the same request with it creates nothing twice.
    pub fn idempotency_key(&self) -> Option<&IdempotencyKey> {
        self.0.idempotency_key.as_ref()
    }

    /// Returns what happened, without the action that failed and without advice.
    #[cfg(feature = "journal")]
    pub(crate) fn what(&self) -> &str {
        &self.0.what
    }

    /// Returns the id of the batch, if a create succeeded and only the id of its response could be
    /// used. The batch exists: read it with [`Project::batch`](crate::Project::batch).
    ///
    /// ```
    /// # use ica_batch_sdk_ext::types::{CreateAnalysisCreationBatch, CreateNextflowAnalysis, NextflowAnalysisInput};
    /// # use ica_batch_sdk_ext::{Client, Credentials};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let simulator = ica_simulator::Simulator::start();
    /// # simulator.faults().add(ica_simulator::FaultKind::OddJob);
    /// # let credentials = Credentials::api_key_direct(simulator.api_key())?;
    /// # let client = Client::builder().base_url(simulator.base_url()).credentials(credentials).build()?;
    /// # let project = client.project(simulator.project_id())?;
    /// # let analysis = CreateNextflowAnalysis::builder().user_reference("sample-1")?
    /// #     .pipeline_id("5f3c9c1e-7a40-4f1b-9d52-0e6c8a1b2d3f")
    /// #     .analysis_input(NextflowAnalysisInput::builder().inputs(vec![]).build()).build();
    /// # let request = CreateAnalysisCreationBatch::builder().nextflow_items(vec![analysis]).build();
    /// // The response has text where a job belongs:
    /// let error = project.create_batch(request).await.unwrap_err();
    /// let id = error.created_batch().expect("the response names the batch");
    /// assert_eq!(project.batch(id).get().await?.id, id);
    /// # Ok(())
    /// # }
    /// ```
    pub fn created_batch(&self) -> Option<Uuid> {
        Some(self.0.created?.batch)
    }

    /// Returns whether input was rejected before anything was sent.
    pub fn is_invalid_input(&self) -> bool {
        self.kind() == ErrorKind::InvalidInput
    }

    /// Returns whether the credential was missing, wrong or expired.
    pub fn is_unauthorized(&self) -> bool {
        self.kind() == ErrorKind::Unauthorized
    }

    /// Returns whether the project, batch or item does not exist, or is not visible to the user.
    pub fn is_not_found(&self) -> bool {
        self.kind() == ErrorKind::NotFound
    }

    /// Returns whether the server asked for fewer requests.
    pub fn is_rate_limited(&self) -> bool {
        self.kind() == ErrorKind::RateLimited
    }

    /// Returns whether the failure may pass, so that the same call may succeed later: the network
    /// failed, the server failed or is busy, or a journal is locked by another program or on a full
    /// disk. A journal whose file was replaced needs to be opened again before. Other failures stay
    /// until something is corrected.
    ///
    /// ```
    /// # use ica_batch_sdk_ext::{Client, Credentials};
    /// # use ica_batch_sdk_ext::retry::RetryPolicy;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let simulator = ica_simulator::Simulator::start();
    /// # let credentials = Credentials::api_key(simulator.api_key())?;
    /// # let client = Client::builder().base_url(simulator.base_url()).credentials(credentials)
    /// #     .retry(RetryPolicy::never()).build()?;
    /// let batch = client.project("my-project")?.batch(ica_batch_sdk_ext::Uuid::nil());
    /// # let batch = client.project(simulator.project_id())?.batch(ica_batch_sdk_ext::Uuid::nil());
    /// assert!(!batch.get().await.unwrap_err().may_pass()); // not found
    /// # simulator.faults().add(ica_simulator::FaultKind::refuse(503));
    /// assert!(batch.get().await.unwrap_err().may_pass()); // the server responds with 503
    /// # Ok(())
    /// # }
    /// ```
    pub fn may_pass(&self) -> bool {
        let passes = matches!(
            self.kind(),
            ErrorKind::Connect
                | ErrorKind::Interrupted
                | ErrorKind::Timeout
                | ErrorKind::InProgress
                | ErrorKind::RateLimited
                | ErrorKind::Server
        );
        passes || self.0.may_pass
    }

    /// Returns whether the call took longer than allowed.
    pub fn is_timeout(&self) -> bool {
        self.kind() == ErrorKind::Timeout
    }
}

impl From<InvalidIdempotencyKey> for Error {
    fn from(error: InvalidIdempotencyKey) -> Self {
        Self::invalid_input(error.to_string())
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner {
            kind,
            action,
            what,
            advice,
            is_of_proxy,
            retry_stop_reason,
            status,
            execution,
            idempotency_key,
            note,
            ..
        } = &*self.0;
        if let Some(action) = action {
            write!(f, "could not {action}: ")?;
        }
        f.write_str(what)?;
        if let Some((reason, attempts)) = retry_stop_reason {
            write!(f, ", and {}", reason.text(*attempts))?;
        }
        // An expired token that was not sent says itself what to do.
        let by_kind = kind
            .advice(*execution, idempotency_key.is_some(), *is_of_proxy)
            .filter(|_| *kind != ErrorKind::Unauthorized || status.is_some());
        let note = note.as_deref();
        [advice.or(by_kind), note]
            .into_iter()
            .flatten()
            .try_for_each(|text| write!(f, "; {text}"))
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner {
            kind,
            action,
            what,
            advice,
            is_of_proxy,
            execution,
            may_pass,
            status,
            problem,
            attempts,
            elapsed,
            retry_after,
            retry_stop_reason,
            idempotency_key,
            created,
            note,
            report,
            source,
        } = &*self.0;
        f.debug_struct("Error")
            .field("kind", kind)
            .field("action", action)
            .field("what", what)
            .field("advice", advice)
            .field("is_of_proxy", is_of_proxy)
            .field("execution", execution)
            .field("may_pass", may_pass)
            .field("status", status)
            .field("problem", problem)
            .field("attempts", attempts)
            .field("elapsed", elapsed)
            .field("retry_after", retry_after)
            .field("retry_stop_reason", retry_stop_reason)
            .field("idempotency_key", idempotency_key)
            .field("created", created)
            .field("note", note)
            .field("has_report", &report.is_some())
            .field("source", source)
            .finish()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        let source = self.0.source.as_deref()?;
        Some(source)
    }
}

#[cfg(test)]
mod tests;
