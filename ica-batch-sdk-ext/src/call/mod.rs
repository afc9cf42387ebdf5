//! One call, from its credential to its last attempt.
//!
//! Every request of the crate is sent by this module, whatever its endpoint. It keeps these
//! promises:
//!
//! - Every attempt sends the same bytes and the same key.
//! - Retries stay within the deadline and the budget.
//! - Attempts are sent at the pace of the client.
//! - A 401 leads to one new attempt with another token, unless the call may have been executed and
//!   a second one would have another effect.
//! - A create waits for an earlier request with its key that is still in progress, unless it is sent once.
//! - An error says whether any attempt may have been executed.

mod attempt;
mod authorize;
mod caller;
#[cfg(feature = "journal")]
mod identity;
mod next_step;
#[cfg(feature = "journal")]
mod observer;
mod options;
mod pacing;
mod shared;
#[cfg(feature = "journal")]
mod skew;
mod telemetry;
#[cfg(feature = "journal")]
mod telling;

use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use ica_batch_sdk::{self as raw, Operation, types};
use tracing::Instrument;

use crate::clock::Clock;
use crate::error::{Error, ErrorKind, Execution, Result, RetryStopReason};
use crate::idempotency::{IdempotencyKey, KEY_LIFETIME};
use crate::pace::Turn;
use crate::secret::Secret;
use crate::version::ApiVersion;

use next_step::{FailedAttempt, NextStep};
#[cfg(feature = "journal")]
pub(crate) use observer::{CallNotice, Observer};
pub(crate) use options::{CallOptions, CallOverrides, call_setters};
pub(crate) use shared::{Core, CoreSettings};
#[cfg(feature = "journal")]
pub(crate) use skew::ClockSkew;

/// Wait for a turn after which the credential is read again, because it may have expired.
const LONG_WAIT: Duration = Duration::from_secs(1);

/// Result of a call of the raw client.
pub(crate) type RawResult<T> = std::result::Result<T, raw::Error<types::Problem>>;

/// Call of an operation, with its options.
pub(crate) struct Call {
    core: Core,
    operation: &'static str,
    action: String,
    options: CallOptions,
    body: Option<Bytes>,
    key: Option<IdempotencyKey>,
    /// Whether the call creates a batch.
    is_create: bool,
    /// Whether the key follows from the body, so that no other request has it.
    has_key_of_content: bool,
    /// Whether sending the call again has no second effect.
    is_idempotent: bool,
    /// Whether the call only reads, although its method is not GET.
    only_reads: bool,
    /// Whether no retry follows an attempt that may have been executed.
    once: bool,
    /// The version to ask for, for a raw operation that several versions share.
    version: Option<ApiVersion>,
    /// API key to send in place of the client's credential: a token is minted with it.
    api_key: Option<Secret>,
    #[cfg(feature = "journal")]
    observer: Option<Observer>,
}

/// State kept across attempts.
struct CallState {
    turn: Turn,
    started: Duration,
    /// Start as a time of day, which includes the time for which the machine sleeps.
    started_at: SystemTime,
    attempts: u32,
    retries: u32,
    /// Number of waits for an earlier request with the same key, and their total length.
    in_progress_polls: u32,
    in_progress_waited: Duration,
    execution: Execution,
    has_renewed_token: bool,
}

impl CallState {
    fn begin(clock: &dyn Clock, turn: Turn) -> Self {
        Self {
            turn,
            started: clock.elapsed(),
            started_at: clock.now(),
            attempts: 0,
            retries: 0,
            in_progress_polls: 0,
            in_progress_waited: Duration::ZERO,
            execution: Execution::NotExecuted,
            has_renewed_token: false,
        }
    }
}

impl Call {
    fn new(core: Core, operation: &'static str, action: String) -> Self {
        Self {
            options: core.options().clone(),
            core,
            operation,
            action,
            body: None,
            key: None,
            is_create: false,
            has_key_of_content: false,
            is_idempotent: false,
            only_reads: false,
            once: false,
            version: None,
            api_key: None,
            #[cfg(feature = "journal")]
            observer: None,
        }
    }

    /// Sets the options of this call.
    pub(crate) fn overrides(mut self, overrides: &CallOverrides) -> Self {
        self.options = overrides.apply_to(self.core.options());
        #[cfg(feature = "journal")]
        self.observer.clone_from(&overrides.observer);
        self
    }

    /// Sends exactly these bytes as the body.
    pub(crate) fn body(mut self, bytes: Bytes) -> Self {
        self.body = Some(bytes);
        self
    }

    /// Sets the idempotency key of the call. It makes the call idempotent, and errors contain it.
    pub(crate) fn key(mut self, key: Option<IdempotencyKey>) -> Self {
        self.is_idempotent |= key.is_some();
        self.key = key;
        self
    }

    /// States that the call creates a batch. An error then has the id of a batch that an unusable
    /// response names.
    pub(crate) fn creates(mut self) -> Self {
        self.is_create = true;
        self
    }

    /// States that the key follows from the body. A rejection is then not about the key, unless it
    /// says so.
    #[cfg(feature = "journal")]
    pub(crate) fn key_of_content(mut self) -> Self {
        self.has_key_of_content = true;
        self
    }

    /// States that sending the call again has no second effect.
    pub(crate) fn idempotent(mut self) -> Self {
        self.is_idempotent = true;
        self
    }

    /// Sets whether no retry follows an attempt that may have been executed, although the call has a
    /// key. ICA forgets the key of a create that it executed if its response was an error.
    pub(crate) fn once(mut self, once: bool) -> Self {
        self.once = once;
        self
    }

    /// States that the call only reads, although its method is not GET.
    pub(crate) fn only_reads(mut self) -> Self {
        self.only_reads = true;
        self
    }

    /// Returns whether the call changes something.
    fn has_effect(&self, operation: &Operation) -> bool {
        operation.method != "GET" && !self.only_reads
    }

    /// Returns whether sending the call again has no second effect.
    fn is_repeatable(&self, operation: &Operation) -> bool {
        self.is_idempotent || !self.has_effect(operation)
    }

    /// Asks for this version, for a raw operation that several versions share.
    pub(crate) fn version(mut self, version: ApiVersion) -> Self {
        self.version = Some(version);
        self
    }

    /// Makes the call, and retries it where that is safe and may help. `send` calls the method of
    /// the raw client for the operation.
    pub(crate) async fn run<T, Sent>(&self, send: impl Fn(raw::Client) -> Sent) -> Result<T>
    where
        Sent: Future<Output = RawResult<T>>,
    {
        self.run_checked(send, |_| Ok(())).await
    }

    /// Makes the call as [`run`](Self::run) does, and fails if `check` refuses the response. Such a
    /// failure is not transient. A call with an effect was executed then.
    pub(crate) async fn run_checked<T, Sent>(
        &self,
        send: impl Fn(raw::Client) -> Sent,
        check: impl Fn(&T) -> Result<()>,
    ) -> Result<T>
    where
        Sent: Future<Output = RawResult<T>>,
    {
        let operation = Operation::find(self.operation).ok_or_else(|| {
            Error::invalid_input(format!(
                "operation {} is not valid: the raw client does not have it; report it",
                self.operation
            ))
        })?;
        let span = telemetry::call_span(operation, self.key.as_ref());
        let result = self.attempts(operation, &send, &check).instrument(span.clone()).await;
        telemetry::record_call(&span, &result);
        result
    }

    /// Makes attempts until one succeeds or no further one is allowed.
    async fn attempts<T, Sent>(
        &self,
        operation: &'static Operation,
        send: &impl Fn(raw::Client) -> Sent,
        check: &impl Fn(&T) -> Result<()>,
    ) -> Result<T>
    where
        Sent: Future<Output = RawResult<T>>,
    {
        let clock = Arc::clone(self.core.clock());
        let mut state = CallState::begin(&*clock, self.core.pace().turn());
        let mut last = None;
        loop {
            // Before the turn, so that all waiting calls share one mint and its failure.
            let mut token = self.credential(&mut last, &state).await?;
            let Some(remaining) = self.remaining(&state) else {
                return Err(self.deadline_exceeded(last, &state));
            };
            #[cfg(feature = "journal")]
            self.tell_pause();
            let authorized = clock.elapsed();
            let place = match self.enter(&state, remaining).await {
                Ok(place) => place,
                Err(delay) => return Err(self.delayed(delay, last, &state)),
            };
            if clock.elapsed().saturating_sub(authorized) >= LONG_WAIT {
                token = self.credential(&mut last, &state).await?;
            }
            let Some(remaining) = self.remaining(&state) else {
                return Err(self.deadline_exceeded(last, &state));
            };
            state.attempts = state.attempts.saturating_add(1);
            let number = state.attempts;
            let result = self.attempt(operation, send, check, &token, remaining, number).await;
            self.leave(place, &result, remaining);
            let error = match result {
                Ok(response) => {
                    self.core.budget().refund();
                    return Ok(response);
                }
                Err(error) => error,
            };
            state.execution = state.execution.or(error.execution());
            if error.kind() == ErrorKind::Unauthorized && !state.has_renewed_token && self.discard(&token) {
                state.has_renewed_token = true;
                if state.execution.may_have_executed() && (self.once || !self.is_repeatable(operation)) {
                    // The 401 may be that of a proxy, after ICA has executed the call.
                    let reason = match self.once {
                        true => RetryStopReason::MayHaveExecuted,
                        false => RetryStopReason::NotIdempotent,
                    };
                    return Err(self.failed(error, &state, Some(reason)));
                }
                last = Some(error);
                continue;
            }
            let wait = match self.next_step(operation, &error, &state) {
                NextStep::Stop(reason) => return Err(self.failed(error, &state, reason)),
                NextStep::Retry(wait) => {
                    state.retries = state.retries.saturating_add(1);
                    wait
                }
                NextStep::PollInProgress(wait) => {
                    state.in_progress_polls = state.in_progress_polls.saturating_add(1);
                    state.in_progress_waited = state.in_progress_waited.saturating_add(wait);
                    wait
                }
            };
            // One wait in place of two: a call that waits here does not take part in the queue.
            let wait = wait.max(self.core.pace().pause_left(clock.elapsed()));
            if self.remaining(&state).is_none_or(|remaining| wait >= remaining) {
                return Err(self.deadline_exceeded(Some(error), &state));
            }
            #[cfg(feature = "journal")]
            self.tell_retry(&error, &state, wait);
            last = Some(error);
            clock.sleep(wait).await;
        }
    }

    fn next_step(&self, operation: &Operation, error: &Error, state: &CallState) -> NextStep {
        // An earlier request in progress may also end with an error after its execution.
        if self.once && error.execution().may_have_executed() {
            let is_retried = error.kind() == ErrorKind::InProgress || self.options.retry.retries(error);
            return NextStep::Stop(is_retried.then_some(RetryStopReason::MayHaveExecuted));
        }
        let failed = FailedAttempt {
            error,
            options: &self.options,
            budget: self.core.budget(),
            is_idempotent: self.is_repeatable(operation),
            retries: state.retries,
            in_progress_polls: state.in_progress_polls,
            in_progress_waited: state.in_progress_waited,
            remaining: self.remaining(state).unwrap_or_default(),
            random: self.core.random(),
        };
        failed.next_step()
    }

    /// Returns the time left until the deadline, or None when the deadline has passed.
    fn remaining(&self, state: &CallState) -> Option<Duration> {
        let clock = self.core.clock();
        let mut elapsed = clock.elapsed().saturating_sub(state.started);
        let mut deadline = self.options.deadline;
        if self.key.is_some() {
            // After the lifetime of the key, sending it again would create a second time. That
            // holds for a machine that slept meanwhile, too.
            deadline = deadline.min(KEY_LIFETIME);
            elapsed = elapsed.max(clock.now().duration_since(state.started_at).unwrap_or_default());
        }
        deadline.checked_sub(elapsed).filter(|remaining| !remaining.is_zero())
    }

    /// Returns the error of a deadline that has passed: the last failure, or else a timeout.
    fn deadline_exceeded(&self, last: Option<Error>, state: &CallState) -> Error {
        match last {
            Some(error) => self.failed(error, state, Some(RetryStopReason::DeadlineExceeded)),
            None => self.failed(
                Error::new(ErrorKind::Timeout, "the deadline passed before anything was sent"),
                state,
                None,
            ),
        }
    }

    fn failed(&self, error: Error, state: &CallState, reason: Option<RetryStopReason>) -> Error {
        let elapsed = self.core.clock().elapsed().saturating_sub(state.started);
        error
            .could_not(self.action.clone())
            .with_execution(state.execution)
            .with_attempts(state.attempts, elapsed)
            .with_retry_stop_reason(reason)
            .with_key(self.key.clone())
    }

    /// Adds the execution of this call to an error of getting a credential.
    fn without_credential(&self, error: Error, state: &CallState) -> Error {
        let elapsed = self.core.clock().elapsed().saturating_sub(state.started);
        error
            .with_execution(state.execution)
            .with_attempts(state.attempts, elapsed)
            .with_key(self.key.clone())
    }
}
