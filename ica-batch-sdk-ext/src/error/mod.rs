//! One error for everything that can go wrong, and what it says of a call.

mod kind;
mod problem;
mod raw;

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

pub use kind::{ErrorKind, Execution, RetryStopReason};
pub use problem::Problem;
pub(crate) use raw::Failure;

use crate::idempotency::IdempotencyKey;

/// Result of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a call failed.
///
/// One opaque type: match on [`kind`](Self::kind), which may gain kinds. [`Display`](fmt::Display) is one sentence that
/// says what failed, why, and what to do; it does not repeat the [`source`](StdError::source). No secret is in it.
///
/// What matters most after a failed create is [`execution`](Self::execution), and the
/// [`idempotency_key`](Self::idempotency_key) with which it can be sent again without creating anything twice.
pub struct Error(Box<Inner>);

#[derive(Clone)]
struct Inner {
    kind: ErrorKind,
    action: Option<Cow<'static, str>>,
    what: String,
    /// What to do, where the kind does not know it best.
    advice: Option<&'static str>,
    executed: Execution,
    status: Option<u16>,
    problem: Option<Problem>,
    attempts: u32,
    elapsed: Duration,
    retry_after: Option<Duration>,
    /// Why, and after how many attempts.
    retry_stop_reason: Option<(RetryStopReason, u32)>,
    idempotency_key: Option<IdempotencyKey>,
    source: Option<Arc<dyn StdError + Send + Sync>>,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, what: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind,
            action: None,
            what: what.into(),
            advice: None,
            executed: Execution::NotExecuted,
            status: None,
            problem: None,
            attempts: 0,
            elapsed: Duration::ZERO,
            retry_after: None,
            retry_stop_reason: None,
            idempotency_key: None,
            source: None,
        }))
    }

    /// What the caller gave cannot be right; nothing was sent.
    pub(crate) fn invalid_input(what: impl Into<String>) -> Self {
        Self::new(ErrorKind::InvalidInput, what)
    }

    /// Which kind of failure this is.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Whether the server may have done what the call asked for.
    ///
    /// For a create without an idempotency key, [`Execution::Unknown`] means: look whether the batch exists before
    /// sending again. With a key, sending again with the same key and the same request is safe for 7 days.
    pub fn execution(&self) -> Execution {
        self.0.executed
    }

    /// The HTTP status of the answer, if there was one.
    pub fn status(&self) -> Option<u16> {
        self.0.status
    }

    /// What ICA says of the failure, as far as it could be read.
    pub fn problem(&self) -> Option<&Problem> {
        self.0.problem.as_ref()
    }

    /// ICA's error code, such as `ICA_API_004`.
    pub fn code(&self) -> Option<&str> {
        self.problem()?.code()
    }

    /// How many requests were sent. 0 when the call failed before the first.
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// How long the call took.
    pub fn elapsed(&self) -> Duration {
        self.0.elapsed
    }

    /// How long the server asked to wait before the next call, if it did.
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// Why the call was not made again, where the failure is one that may pass.
    pub fn retry_stop_reason(&self) -> Option<RetryStopReason> {
        self.0.retry_stop_reason.map(|(reason, _)| reason)
    }

    /// The key that the create was sent with. Sending the same request with it again creates nothing twice.
    pub fn idempotency_key(&self) -> Option<&IdempotencyKey> {
        self.0.idempotency_key.as_ref()
    }

    /// Whether what the caller gave was refused before anything was sent.
    pub fn is_invalid_input(&self) -> bool {
        self.kind() == ErrorKind::InvalidInput
    }

    /// Whether the credential was missing, wrong or expired.
    pub fn is_unauthorized(&self) -> bool {
        self.kind() == ErrorKind::Unauthorized
    }

    /// Whether what was asked for does not exist, or not for this credential.
    pub fn is_not_found(&self) -> bool {
        self.kind() == ErrorKind::NotFound
    }

    /// Whether the server asked for fewer calls.
    pub fn is_rate_limited(&self) -> bool {
        self.kind() == ErrorKind::RateLimited
    }

    /// Whether the call took longer than it was allowed to.
    pub fn is_timeout(&self) -> bool {
        self.kind() == ErrorKind::Timeout
    }

    pub(crate) fn with_execution(mut self, executed: Execution) -> Self {
        self.0.executed = executed;
        self
    }

    pub(crate) fn with_status(mut self, status: Option<u16>) -> Self {
        self.0.status = status;
        self
    }

    pub(crate) fn with_problem(mut self, problem: Option<Problem>) -> Self {
        self.0.problem = problem;
        self
    }

    pub(crate) fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.0.source = Some(source.into().into());
        self
    }

    /// The same error for another caller that waited for the same thing.
    pub(crate) fn share(&self) -> Self {
        Self(self.0.clone())
    }

    pub(crate) fn during(mut self, action: impl Into<Cow<'static, str>>) -> Self {
        self.0.action = Some(action.into());
        self
    }

    /// Says this of what to do, in place of what the kind says.
    #[cfg(feature = "journal")]
    pub(crate) fn with_advice(mut self, advice: &'static str) -> Self {
        self.0.advice = Some(advice);
        self
    }

    pub(crate) fn with_effort(mut self, attempts: u32, elapsed: Duration) -> Self {
        self.0.attempts = attempts;
        self.0.elapsed = elapsed;
        self
    }

    pub(crate) fn with_retry_after(mut self, asked: Option<Duration>) -> Self {
        self.0.retry_after = asked;
        self
    }

    pub(crate) fn with_retry_stop_reason(mut self, reason: Option<RetryStopReason>) -> Self {
        self.0.retry_stop_reason = reason.map(|reason| (reason, self.0.attempts));
        self
    }

    pub(crate) fn with_key(mut self, key: Option<IdempotencyKey>) -> Self {
        self.0.idempotency_key = key;
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner {
            kind,
            action,
            what,
            advice,
            retry_stop_reason,
            status,
            executed,
            idempotency_key,
            ..
        } = &*self.0;
        if let Some(action) = action {
            write!(f, "{action} failed: ")?;
        }
        f.write_str(what)?;
        if let Some((reason, attempts)) = retry_stop_reason {
            write!(f, ", and {}", reason.after(*attempts))?;
        }
        // What was not asked of a server says itself what to do.
        let by_kind = kind
            .advice(*executed, idempotency_key.is_some())
            .filter(|_| *kind != ErrorKind::Unauthorized || status.is_some());
        match advice.or(by_kind) {
            Some(advice) => write!(f, "; {advice}"),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner {
            kind,
            action,
            what,
            advice,
            executed,
            status,
            problem,
            attempts,
            elapsed,
            retry_after,
            retry_stop_reason,
            idempotency_key,
            source,
        } = &*self.0;
        f.debug_struct("Error")
            .field("kind", kind)
            .field("action", action)
            .field("what", what)
            .field("advice", advice)
            .field("execution", executed)
            .field("status", status)
            .field("problem", problem)
            .field("attempts", attempts)
            .field("elapsed", elapsed)
            .field("retry_after", retry_after)
            .field("retry_stop_reason", retry_stop_reason)
            .field("idempotency_key", idempotency_key)
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
mod tests {
    use super::{Error, ErrorKind, Execution};

    #[test]
    fn it_goes_where_errors_go() {
        fn assert_error<T: std::error::Error + Send + Sync + 'static>() {}
        assert_error::<Error>();
        assert_eq!(size_of::<Error>(), size_of::<usize>());
    }

    #[test]
    fn it_works_with_the_question_mark_of_others() {
        fn fails() -> Result<(), anyhow::Error> {
            Err(Error::new(ErrorKind::Server, "ICA answered 500"))?
        }
        async fn fails_later() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
            Err(Error::new(ErrorKind::Server, "ICA answered 500"))?
        }
        assert!(fails().unwrap_err().downcast_ref::<Error>().is_some());
        fn assert_send<T: Send>(_: T) {}
        assert_send(fails_later());
    }

    #[test]
    fn a_create_without_a_key_that_may_have_executed_is_not_to_be_sent_again_blindly() {
        let lost = |key: Option<&str>| {
            let error = Error::new(ErrorKind::Server, "ICA answered 500").with_execution(Execution::Unknown);
            error.with_key(key.map(|key| key.parse().unwrap())).to_string()
        };
        assert!(lost(None).ends_with(
            "look in the project whether the batch exists before you send again, for it had no idempotency key"
        ));
        assert!(lost(Some("k")).ends_with("with the same idempotency key again, which creates nothing twice"));
    }

    #[test]
    fn display_is_one_sentence_that_ends_with_what_to_do() {
        let error = Error::new(ErrorKind::NotFound, "ICA answered 404").during("reading the batch");
        assert_eq!(
            error.to_string(),
            "reading the batch failed: ICA answered 404; check the ids of project, batch and item, and that the credential may see them"
        );
    }
}
