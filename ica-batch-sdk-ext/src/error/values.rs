//! Setting the values of an error.

use std::error::Error as StdError;
use std::sync::Arc;
use std::time::Duration;

use super::{Created, Error, Execution, Problem, RetryStopReason, Scrubber};
use crate::idempotency::IdempotencyKey;

impl Error {
    pub(crate) fn with_execution(mut self, execution: Execution) -> Self {
        self.0.execution = execution;
        self
    }

    /// States that the failure may pass, where the kind does not say so.
    #[cfg(feature = "journal")]
    pub(crate) fn passing(mut self) -> Self {
        self.0.may_pass = true;
        self
    }

    pub(crate) fn with_status(mut self, status: Option<u16>) -> Self {
        self.0.status = status;
        self
    }

    pub(crate) fn with_problem(mut self, problem: Option<Problem>) -> Self {
        self.0.problem = problem.map(Arc::new);
        self
    }

    /// Adds what else is wrong. The text ends the sentence.
    #[cfg(feature = "journal")]
    pub(crate) fn with_note(mut self, note: impl Into<Arc<str>>) -> Self {
        self.0.note = Some(note.into());
        self
    }

    /// Adds the report of what the error ended, in place of an earlier one.
    #[cfg(feature = "journal")]
    pub(crate) fn with_report(mut self, report: impl std::any::Any + Send + Sync) -> Self {
        self.0.report = Some(Arc::new(report));
        self
    }

    /// Returns the report of this type.
    #[cfg(feature = "journal")]
    pub(crate) fn report<T: std::any::Any>(&self) -> Option<&T> {
        self.0.report.as_deref()?.downcast_ref()
    }

    pub(crate) fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.0.source = Some(source.into().into());
        self
    }

    /// Sets the texts of a foreign error and of its sources as the sources.
    pub(crate) fn with_foreign_source(self, source: &(dyn StdError + 'static), scrubber: &Scrubber) -> Self {
        self.with_source(scrubber.error(source))
    }

    /// Returns the same error for another caller that waited for the same thing. The texts are
    /// shared, not copied: thousands of callers may wait.
    pub(crate) fn share(&self) -> Self {
        Self(self.0.clone())
    }

    /// Sets what could not be done: the text completes "could not …".
    pub(crate) fn could_not(mut self, action: impl Into<Arc<str>>) -> Self {
        self.0.action = Some(action.into());
        self
    }

    /// Sets what could not be done, unless the error has it already.
    pub(crate) fn or_could_not(mut self, action: impl FnOnce() -> String) -> Self {
        self.0.action.get_or_insert_with(|| action().into());
        self
    }

    /// Sets what to do, in place of the advice of the kind.
    pub(crate) fn with_advice(mut self, advice: &'static str) -> Self {
        self.0.advice = Some(advice);
        self
    }

    /// Sets whether the response is probably that of a proxy. Then the advice of a refusal is about it.
    pub(super) fn of_proxy(mut self, is_of_proxy: bool) -> Self {
        self.0.is_of_proxy = is_of_proxy;
        self
    }

    pub(crate) fn with_attempts(mut self, attempts: u32, elapsed: Duration) -> Self {
        self.0.attempts = attempts;
        self.0.elapsed = elapsed;
        self
    }

    pub(crate) fn with_retry_after(mut self, requested: Option<Duration>) -> Self {
        self.0.retry_after = requested;
        self
    }

    pub(crate) fn with_retry_stop_reason(mut self, reason: Option<RetryStopReason>) -> Self {
        self.0.retry_stop_reason = reason.map(|reason| (reason, self.0.attempts));
        self
    }

    /// Returns the batch that the response names.
    pub(crate) fn created(&self) -> Option<Created> {
        self.0.created
    }

    pub(crate) fn with_created(mut self, created: Option<Created>) -> Self {
        self.0.created = created;
        self
    }

    pub(crate) fn with_key(mut self, key: Option<IdempotencyKey>) -> Self {
        self.0.idempotency_key = key;
        self
    }
}
