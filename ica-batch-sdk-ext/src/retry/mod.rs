//! When a call is made again, and when it is not.
//!
//! Four parts, each usable and testable by itself: a [`RetryPolicy`] says how often and which failures; [`Backoff`] how long to
//! wait; a [`RetryBudget`] that clones of a client share keeps many failing calls from becoming a storm; and `Retry-After`
//! has the last word on the wait, within the deadline.
//!
//! Only what is safe to repeat is repeated: calls that read, calls that mint a token, and a create under an idempotency
//! key. Each attempt sends the same bytes and the same key.

mod backoff;
mod budget;
mod retry_after;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

pub use backoff::Backoff;
pub use budget::RetryBudget;
pub(crate) use retry_after::retry_after;

use crate::error::{Error, ErrorKind};

const MAX_ATTEMPTS: u32 = 5;

/// Which failures are followed by another attempt, how many, and how soon.
///
/// The default: up to 5 attempts, [`Backoff::default`], and [`RetryPolicy::is_transient`].
///
/// ```
/// use std::time::Duration;
/// use ica_batch_sdk_ext::retry::{Backoff, Retry, RetryPolicy};
///
/// let patient = RetryPolicy::default()
///     .max_attempts(10)
///     .backoff(Backoff::new(Duration::from_secs(1), Duration::from_secs(60)))
///     // A gateway of ours answers 404 while it starts.
///     .classifier(|error| if error.status() == Some(404) { Retry::Yes } else { Retry::AsByDefault });
/// ```
#[derive(Clone)]
pub struct RetryPolicy {
    max_attempts: u32,
    backoff: Backoff,
    classifier: Option<Arc<Classifier>>,
}

type Classifier = dyn Fn(&Error) -> Retry + Send + Sync;

/// What a classifier says of a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retry {
    /// Another attempt may succeed.
    Yes,
    /// Another attempt will fail alike.
    No,
    /// As [`RetryPolicy::is_transient`] has it.
    AsByDefault,
}

impl RetryPolicy {
    /// One attempt and no more.
    pub fn never() -> Self {
        Self::default().max_attempts(1)
    }

    /// How many attempts a call has, the first included. 0 is taken as 1.
    #[must_use]
    pub fn max_attempts(mut self, attempts: u32) -> Self {
        self.max_attempts = attempts.max(1);
        self
    }

    /// How long to wait between attempts.
    #[must_use]
    pub fn backoff(mut self, backoff: Backoff) -> Self {
        self.backoff = backoff;
        self
    }

    /// Asks `classify` about each failure. What is not safe to repeat is not repeated, whatever it says.
    #[must_use]
    pub fn classifier(mut self, classify: impl Fn(&Error) -> Retry + Send + Sync + 'static) -> Self {
        self.classifier = Some(Arc::new(classify));
        self
    }

    /// Whether a failure is one that passes: no connection, a broken one, no answer in time, and the statuses 408, 425, 429,
    /// 500, 502, 503 and 504.
    pub fn is_transient(error: &Error) -> bool {
        match error.status() {
            Some(status) if status >= 400 => matches!(status, 408 | 425 | 429 | 500 | 502 | 503 | 504),
            _ => matches!(
                error.kind(),
                ErrorKind::Connect | ErrorKind::Interrupted | ErrorKind::Timeout
            ),
        }
    }

    pub(crate) fn retries(&self, error: &Error) -> bool {
        let said = self
            .classifier
            .as_ref()
            .map_or(Retry::AsByDefault, |classify| classify(error));
        match said {
            Retry::Yes => true,
            Retry::No => false,
            Retry::AsByDefault => Self::is_transient(error),
        }
    }

    pub(crate) fn attempts(&self) -> u32 {
        self.max_attempts
    }

    /// The wait before retry `retry` (counted from 0), for a random number from 0 to 1.
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
    use crate::error::{Error, ErrorKind};

    fn answered(status: u16, kind: ErrorKind) -> Error {
        Error::new(kind, "ICA answered").with_status(Some(status))
    }

    #[test]
    fn what_passes_is_retried_and_what_does_not_is_not() {
        for status in [408, 425, 429, 500, 502, 503, 504] {
            assert!(
                RetryPolicy::is_transient(&answered(status, ErrorKind::Server)),
                "{status}"
            );
        }
        for status in [400, 401, 403, 404, 406, 409, 413, 422, 501] {
            assert!(
                !RetryPolicy::is_transient(&answered(status, ErrorKind::Rejected)),
                "{status}"
            );
        }
        for kind in [ErrorKind::Connect, ErrorKind::Interrupted, ErrorKind::Timeout] {
            assert!(RetryPolicy::is_transient(&Error::new(kind, "")), "{kind:?}");
        }
        assert!(!RetryPolicy::is_transient(&answered(200, ErrorKind::Unreadable)));
        assert!(
            RetryPolicy::is_transient(&answered(200, ErrorKind::Interrupted)),
            "an answer that broke off"
        );
    }

    #[test]
    fn a_classifier_of_ones_own_goes_first() {
        let policy = RetryPolicy::default().classifier(|error| match error.status() {
            Some(404) => Retry::Yes,
            Some(503) => Retry::No,
            _ => Retry::AsByDefault,
        });
        assert!(policy.retries(&answered(404, ErrorKind::NotFound)));
        assert!(!policy.retries(&answered(503, ErrorKind::Server)));
        assert!(policy.retries(&answered(502, ErrorKind::Server)));
    }

    #[test]
    fn there_is_always_one_attempt() {
        assert_eq!(RetryPolicy::default().max_attempts(0).attempts(), 1);
        assert_eq!(RetryPolicy::never().attempts(), 1);
    }
}
