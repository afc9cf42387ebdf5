//! One call, from its credential to its last attempt.
//!
//! Every call of the crate goes through here, whatever its endpoint, so that what is promised of a call is kept in one
//! place: the same bytes and key on every attempt, retries within the deadline and the budget, one renewed try after a
//! 401, patience with a create that still runs, and an error that remembers what any attempt may have done.

mod attempt;
mod authorize;
mod plan;
mod telemetry;

use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use ica_batch_sdk::{self as raw, Operation, types};
use tracing::Instrument;

use crate::client::Core;
use crate::error::{Error, ErrorKind, Execution, Result, RetryStopReason};
use crate::idempotency::{IdempotencyKey, KEY_LIFETIME};
use crate::options::{CallOptions, CallOverrides};
use crate::secret::Secret;
use crate::version::ApiVersion;
use plan::{Next, Situation};

/// What a call of the raw client results in.
pub(crate) type RawResult<T> = std::result::Result<T, raw::Error<types::Problem>>;

/// A call that is to be made.
pub(crate) struct Call {
    core: Arc<Core>,
    operation: &'static str,
    action: &'static str,
    options: CallOptions,
    body: Option<Bytes>,
    key: Option<IdempotencyKey>,
    is_repeatable: bool,
    /// The version to ask for, where the operation has several.
    version: Option<ApiVersion>,
    /// Sent in place of the client's credential: the key that a token is minted with.
    api_key: Option<Secret>,
}

/// What the attempts so far have come to.
struct Effort {
    started: Duration,
    /// The same by the calendar, which goes on while the machine sleeps.
    started_at: SystemTime,
    attempts: u32,
    retries: u32,
    looks: u32,
    waited: Duration,
    executed: Execution,
    has_renewed: bool,
}

impl Call {
    /// A call of this operation of the raw client; `action` says in an error what was being done.
    pub(crate) fn new(core: Arc<Core>, operation: &'static str, action: &'static str) -> Self {
        Self {
            options: core.options().clone(),
            core,
            operation,
            action,
            body: None,
            key: None,
            is_repeatable: false,
            version: None,
            api_key: None,
        }
    }

    /// Sets for this call what its caller set.
    pub(crate) fn overrides(mut self, overrides: &CallOverrides) -> Self {
        self.options = overrides.over(self.core.options());
        self
    }

    /// Sends exactly these bytes as the body.
    pub(crate) fn body(mut self, bytes: Bytes) -> Self {
        self.body = Some(bytes);
        self
    }

    /// The key that the call carries. It makes the call repeatable, and errors carry it too.
    pub(crate) fn key(mut self, key: Option<IdempotencyKey>) -> Self {
        self.is_repeatable |= key.is_some();
        self.key = key;
        self
    }

    /// Asks for this version, of an operation that has several.
    pub(crate) fn version(mut self, version: ApiVersion) -> Self {
        self.version = Some(version);
        self
    }

    /// Makes the call, and makes it again where that is called for. `send` calls the one method of the raw client that the
    /// operation is.
    pub(crate) async fn run<T, Sent>(&self, send: impl Fn(raw::Client) -> Sent) -> Result<T>
    where
        Sent: Future<Output = RawResult<T>>,
    {
        let operation = Operation::find(self.operation)
            .ok_or_else(|| Error::invalid_input(format!("there is no operation {}", self.operation)))?;
        let span = telemetry::call_span(operation, self.key.as_ref());
        let result = self.follow(operation, &send).instrument(span.clone()).await;
        telemetry::call_ended(&span, &result);
        result
    }

    /// Attempt after attempt.
    async fn follow<T, Sent>(&self, operation: &'static Operation, send: &impl Fn(raw::Client) -> Sent) -> Result<T>
    where
        Sent: Future<Output = RawResult<T>>,
    {
        let clock = self.core.clock();
        let mut effort = Effort {
            started: clock.elapsed(),
            started_at: clock.now(),
            attempts: 0,
            retries: 0,
            looks: 0,
            waited: Duration::ZERO,
            executed: Execution::NotExecuted,
            has_renewed: false,
        };
        let mut last = None;
        loop {
            let Some(left) = self.left(&effort) else {
                return Err(self.late(last, &effort));
            };
            // In real time, as an attempt is: the wait is for a server or for another task.
            let token = match tokio::time::timeout(left, self.authorize()).await {
                Ok(Ok(token)) => token,
                Ok(Err(error)) => return Err(self.without_credential(error, &effort)),
                Err(_) => return Err(self.late(last, &effort)),
            };
            let Some(left) = self.left(&effort) else {
                return Err(self.late(last, &effort));
            };
            effort.attempts += 1;
            let error = match self.attempt(operation, send, &token, left, effort.attempts).await {
                Ok(answer) => {
                    self.core.budget().refund();
                    return Ok(answer);
                }
                Err(error) => error,
            };
            effort.executed = effort.executed.or(error.execution());
            if error.kind() == ErrorKind::Unauthorized && !effort.has_renewed && self.forget(&token) {
                effort.has_renewed = true;
                last = Some(error);
                continue;
            }
            let wait = match self.plan(operation, &error, &effort) {
                Next::Stop(reason) => return Err(self.finish(error, &effort, reason)),
                Next::Retry(wait) => {
                    effort.retries += 1;
                    wait
                }
                Next::Look(wait) => {
                    effort.looks += 1;
                    effort.waited = effort.waited.saturating_add(wait);
                    wait
                }
            };
            last = Some(error);
            clock.sleep(wait).await;
        }
    }

    fn plan(&self, operation: &Operation, error: &Error, effort: &Effort) -> Next {
        let situation = Situation {
            error,
            options: &self.options,
            budget: self.core.budget(),
            is_repeatable: self.is_repeatable || operation.method == "GET",
            retries: effort.retries,
            looks: effort.looks,
            waited: effort.waited,
            left: self.left(effort).unwrap_or_default(),
            random: self.core.random(),
        };
        situation.next()
    }

    /// What is left until the deadline; None when it has passed.
    fn left(&self, effort: &Effort) -> Option<Duration> {
        let clock = self.core.clock();
        let mut elapsed = clock.elapsed().saturating_sub(effort.started);
        let mut deadline = self.options.deadline;
        if self.key.is_some() {
            // Sent again after that, it would be a create of its own; a machine that was asleep meanwhile must not do so either.
            deadline = deadline.min(KEY_LIFETIME);
            elapsed = elapsed.max(clock.now().duration_since(effort.started_at).unwrap_or_default());
        }
        deadline.checked_sub(elapsed).filter(|left| !left.is_zero())
    }

    /// The deadline has passed: the last failure says more than that.
    fn late(&self, last: Option<Error>, effort: &Effort) -> Error {
        match last {
            Some(error) => self.finish(error, effort, Some(RetryStopReason::DeadlineExceeded)),
            None => self.finish(
                Error::new(ErrorKind::Timeout, "the deadline passed before anything was sent"),
                effort,
                None,
            ),
        }
    }

    fn finish(&self, error: Error, effort: &Effort, reason: Option<RetryStopReason>) -> Error {
        let elapsed = self.core.clock().elapsed().saturating_sub(effort.started);
        error
            .during(self.action)
            .with_execution(effort.executed)
            .with_effort(effort.attempts, elapsed)
            .with_retry_stop_reason(reason)
            .with_key(self.key.clone())
    }

    /// A failure to get a credential is reported as itself: what was being done is said by it, and the call that needed the
    /// credential adds what its own attempts may have done.
    fn without_credential(&self, error: Error, effort: &Effort) -> Error {
        let elapsed = self.core.clock().elapsed().saturating_sub(effort.started);
        error
            .with_execution(effort.executed)
            .with_effort(effort.attempts, elapsed)
            .with_key(self.key.clone())
    }
}
