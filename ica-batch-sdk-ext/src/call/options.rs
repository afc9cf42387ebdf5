//! Options of calls: defaults of a client, and overrides of one call.

use std::time::Duration;

use crate::retry::RetryPolicy;

const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(60);
const DEADLINE: Duration = Duration::from_secs(5 * 60);
const IN_PROGRESS_TIMEOUT: Duration = Duration::from_secs(2 * 60);

/// All options of a call.
#[derive(Debug, Clone)]
pub(crate) struct CallOptions {
    pub(crate) attempt_timeout: Duration,
    pub(crate) deadline: Duration,
    pub(crate) in_progress_timeout: Duration,
    pub(crate) retry: RetryPolicy,
}

impl Default for CallOptions {
    fn default() -> Self {
        Self {
            attempt_timeout: ATTEMPT_TIMEOUT,
            deadline: DEADLINE,
            in_progress_timeout: IN_PROGRESS_TIMEOUT,
            retry: RetryPolicy::default(),
        }
    }
}

/// Options of one call that replace those of the client.
#[derive(Debug, Clone, Default)]
pub(crate) struct CallOverrides {
    pub(crate) attempt_timeout: Option<Duration>,
    pub(crate) deadline: Option<Duration>,
    pub(crate) in_progress_timeout: Option<Duration>,
    pub(crate) retry: Option<RetryPolicy>,
    /// Receiver of what the calls tell while they go on.
    #[cfg(feature = "journal")]
    pub(crate) observer: Option<super::Observer>,
}

impl CallOverrides {
    /// Returns the options of the client, replaced by these overrides where they are set.
    pub(crate) fn apply_to(&self, client: &CallOptions) -> CallOptions {
        CallOptions {
            attempt_timeout: self.attempt_timeout.unwrap_or(client.attempt_timeout),
            deadline: self.deadline.unwrap_or(client.deadline),
            in_progress_timeout: self.in_progress_timeout.unwrap_or(client.in_progress_timeout),
            retry: self.retry.clone().unwrap_or_else(|| client.retry.clone()),
        }
    }
}

impl CallOverrides {
    /// Returns the overrides with a deadline of at most this limit.
    pub(crate) fn at_most(mut self, limit: Duration, client: &CallOptions) -> Self {
        self.deadline = Some(self.deadline.unwrap_or(client.deadline).min(limit));
        self
    }
}

/// Defines the setters that every request has, for a type with a field `overrides`, or
/// with overrides at this path of fields.
macro_rules! call_setters {
    () => {
        $crate::call::call_setters!(overrides);
    };
    ($($overrides:ident).+) => {
        /// Sets the overall time limit of the call, retries and waits included, in place of the
        /// client's.
        pub fn deadline(mut self, deadline: ::std::time::Duration) -> Self {
            self.$($overrides).+.deadline = Some(deadline);
            self
        }

        /// Sets the time limit of one attempt, its response included, in place of the client's.
        pub fn attempt_timeout(mut self, timeout: ::std::time::Duration) -> Self {
            self.$($overrides).+.attempt_timeout = Some(timeout);
            self
        }

        /// Sets when the call is retried, in place of the client's policy.
        pub fn retry(mut self, policy: $crate::retry::RetryPolicy) -> Self {
            self.$($overrides).+.retry = Some(policy);
            self
        }
    };
}
pub(crate) use call_setters;
