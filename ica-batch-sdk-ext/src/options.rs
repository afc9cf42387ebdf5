//! What may be set for a client and, over that, for one call.

use std::time::Duration;

use crate::retry::RetryPolicy;

const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(60);
const DEADLINE: Duration = Duration::from_secs(5 * 60);
const IN_PROGRESS_TIMEOUT: Duration = Duration::from_secs(2 * 60);

/// The settings of a call, complete.
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

/// What one call sets over the client's settings.
#[derive(Debug, Clone, Default)]
pub struct CallOverrides {
    pub(crate) attempt_timeout: Option<Duration>,
    pub(crate) deadline: Option<Duration>,
    pub(crate) in_progress_timeout: Option<Duration>,
    pub(crate) retry: Option<RetryPolicy>,
}

impl CallOverrides {
    pub(crate) fn over(&self, client: &CallOptions) -> CallOptions {
        CallOptions {
            attempt_timeout: self.attempt_timeout.unwrap_or(client.attempt_timeout),
            deadline: self.deadline.unwrap_or(client.deadline),
            in_progress_timeout: self.in_progress_timeout.unwrap_or(client.in_progress_timeout),
            retry: self.retry.clone().unwrap_or_else(|| client.retry.clone()),
        }
    }
}

/// Gives a request with a field `overrides` the setters that every call has.
macro_rules! call_setters {
    () => {
        /// How long the call may take in all, waits and further attempts included, in place of the client's setting.
        pub fn deadline(mut self, deadline: ::std::time::Duration) -> Self {
            self.overrides.deadline = Some(deadline);
            self
        }

        /// How long one attempt may take, its answer included, in place of the client's setting.
        pub fn attempt_timeout(mut self, timeout: ::std::time::Duration) -> Self {
            self.overrides.attempt_timeout = Some(timeout);
            self
        }

        /// When the call is made again, in place of the client's setting.
        pub fn retry(mut self, policy: $crate::retry::RetryPolicy) -> Self {
            self.overrides.retry = Some(policy);
            self
        }
    };
}
pub(crate) use call_setters;
