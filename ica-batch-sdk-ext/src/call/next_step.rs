//! Decision after a failed attempt, without side effects except on the retry budget.

use std::time::Duration;

use super::options::CallOptions;
use crate::error::{Error, ErrorKind, RetryStopReason};
use crate::retry::{Backoff, RetryBudget};

/// Wait between two polls of a request with the same key that is still in progress.
const IN_PROGRESS_BACKOFF: Backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(15));

/// A failed attempt, and the state of its call.
pub(super) struct FailedAttempt<'a> {
    pub(super) error: &'a Error,
    pub(super) options: &'a CallOptions,
    pub(super) budget: &'a RetryBudget,
    /// Whether sending again has no second effect.
    pub(super) is_idempotent: bool,
    /// Number of retries so far.
    pub(super) retries: u32,
    /// Number of waits for an earlier request with the same key, and their total length.
    pub(super) in_progress_polls: u32,
    pub(super) in_progress_waited: Duration,
    /// Time left until the deadline.
    pub(super) remaining: Duration,
    /// Random number from 0 to 1.
    pub(super) random: f64,
}

/// Step after a failed attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NextStep {
    /// A retry after this wait: the failure is transient.
    Retry(Duration),
    /// A poll after this wait: an earlier request with the same key is still in progress.
    PollInProgress(Duration),
    /// No further attempt: the failure is reported.
    Stop(Option<RetryStopReason>),
}

impl FailedAttempt<'_> {
    pub(super) fn next_step(&self) -> NextStep {
        match self.error.kind() {
            ErrorKind::InProgress => return self.poll_in_progress(),
            // Another request has the key. A classifier cannot change that.
            ErrorKind::KeyMismatch => return NextStep::Stop(None),
            _ => {}
        }
        if !self.options.retry.retries(self.error) {
            return NextStep::Stop(None);
        }
        if !self.is_idempotent {
            return NextStep::Stop(Some(RetryStopReason::NotIdempotent));
        }
        if self.retries.saturating_add(1) >= self.options.retry.attempts() {
            return NextStep::Stop(Some(RetryStopReason::AttemptsExhausted));
        }
        let backoff = self.options.retry.wait(self.retries, self.random);
        let wait = match self.error.retry_after() {
            Some(requested) if requested >= self.remaining => {
                return NextStep::Stop(Some(RetryStopReason::RetryAfterTooLong {
                    requested,
                    remaining: self.remaining,
                }));
            }
            Some(requested) => requested.max(backoff),
            None => backoff,
        };
        if wait >= self.remaining {
            return NextStep::Stop(Some(RetryStopReason::DeadlineExceeded));
        }
        if !self.budget.take() {
            return NextStep::Stop(Some(RetryStopReason::BudgetExhausted));
        }
        NextStep::Retry(wait)
    }

    /// Returns the step for an earlier request in progress. The wait is at least half of its
    /// maximum, because that request needs time.
    fn poll_in_progress(&self) -> NextStep {
        let backoff = IN_PROGRESS_BACKOFF.wait(self.in_progress_polls, 0.5 + self.random / 2.0);
        let requested = self.error.retry_after().unwrap_or_default();
        if requested >= self.remaining {
            return NextStep::Stop(Some(RetryStopReason::RetryAfterTooLong {
                requested,
                remaining: self.remaining,
            }));
        }
        let wait = requested.max(backoff);
        if self.in_progress_waited.saturating_add(wait) > self.options.in_progress_timeout {
            return NextStep::Stop(Some(RetryStopReason::InProgressTimeout {
                waited: self.in_progress_waited,
            }));
        }
        if wait >= self.remaining {
            return NextStep::Stop(Some(RetryStopReason::DeadlineExceeded));
        }
        NextStep::PollInProgress(wait)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::options::CallOptions;
    use super::{FailedAttempt, NextStep};
    use crate::error::{Error, ErrorKind, RetryStopReason};
    use crate::retry::RetryBudget;

    const SECOND: Duration = Duration::from_secs(1);

    /// Decides about a first failure, which each test changes in one respect.
    fn next(error: Error, change: impl FnOnce(&mut FailedAttempt<'_>)) -> NextStep {
        next_with(error, &RetryBudget::new(5), change)
    }

    fn next_with(error: Error, budget: &RetryBudget, change: impl FnOnce(&mut FailedAttempt<'_>)) -> NextStep {
        let options = CallOptions::default();
        let mut failed = FailedAttempt {
            error: &error,
            options: &options,
            budget,
            is_idempotent: true,
            retries: 0,
            in_progress_polls: 0,
            in_progress_waited: Duration::ZERO,
            remaining: 60 * SECOND,
            random: 1.0,
        };
        change(&mut failed);
        failed.next_step()
    }

    fn unavailable() -> Error {
        Error::new(ErrorKind::Server, "server error (HTTP 503)").with_status(Some(503))
    }

    fn in_progress() -> Error {
        Error::new(ErrorKind::InProgress, "in progress (HTTP 409)").with_status(Some(409))
    }

    #[test]
    fn the_wait_doubles_up_to_the_last_attempt() {
        assert_eq!(next(unavailable(), |_| {}), NextStep::Retry(SECOND / 2));
        assert_eq!(next(unavailable(), |it| it.retries = 2), NextStep::Retry(2 * SECOND));
        assert_eq!(
            next(unavailable(), |it| it.retries = 4),
            NextStep::Stop(Some(RetryStopReason::AttemptsExhausted))
        );
    }

    #[test]
    fn a_call_that_is_not_idempotent_is_not_retried() {
        let next_step = next(unavailable(), |it| it.is_idempotent = false);
        assert_eq!(next_step, NextStep::Stop(Some(RetryStopReason::NotIdempotent)));
    }

    #[test]
    fn the_server_can_lengthen_the_wait_within_the_deadline() {
        let asked = |wait| unavailable().with_retry_after(Some(wait));
        assert_eq!(next(asked(7 * SECOND), |_| {}), NextStep::Retry(7 * SECOND));
        assert_eq!(
            next(asked(Duration::ZERO), |_| {}),
            NextStep::Retry(SECOND / 2),
            "no less than the backoff"
        );
        let left = 60 * SECOND;
        let next_step = next(asked(61 * SECOND), |_| {});
        assert_eq!(
            next_step,
            NextStep::Stop(Some(RetryStopReason::RetryAfterTooLong {
                requested: 61 * SECOND,
                remaining: left
            }))
        );
    }

    #[test]
    fn no_wait_passes_the_deadline() {
        assert_eq!(
            next(unavailable(), |it| it.remaining = SECOND / 2),
            NextStep::Stop(Some(RetryStopReason::DeadlineExceeded))
        );
    }

    #[test]
    fn an_empty_budget_stops_retries_and_only_retries_use_it() {
        assert_eq!(
            next_with(unavailable(), &RetryBudget::new(4), |_| {}),
            NextStep::Stop(Some(RetryStopReason::BudgetExhausted))
        );
        let full = RetryBudget::new(5);
        let late = next_with(unavailable(), &full, |it| it.remaining = Duration::ZERO);
        assert_eq!(late, NextStep::Stop(Some(RetryStopReason::DeadlineExceeded)));
        assert_eq!(full.available(), 5);
    }

    #[test]
    fn a_request_in_progress_has_its_own_timeout() {
        assert_eq!(next(in_progress(), |_| {}), NextStep::PollInProgress(SECOND));
        let with = |random| next(in_progress(), |it| it.random = random);
        assert_eq!(with(0.5), NextStep::PollInProgress(3 * SECOND / 4));
        assert_eq!(with(0.0), NextStep::PollInProgress(SECOND / 2), "half at least");
        assert_eq!(
            next(in_progress(), |it| (it.in_progress_polls, it.retries) = (3, 9)),
            NextStep::PollInProgress(8 * SECOND)
        );
        let waited = 119 * SECOND;
        let next_step = next(in_progress(), |it| {
            (it.in_progress_polls, it.in_progress_waited) = (9, waited)
        });
        assert_eq!(
            next_step,
            NextStep::Stop(Some(RetryStopReason::InProgressTimeout { waited }))
        );
    }

    #[test]
    fn the_longest_wait_that_a_server_can_ask_for_does_not_overflow() {
        let asked = || in_progress().with_retry_after(Some(Duration::MAX));
        let left = 60 * SECOND;
        let next_step = next(asked(), |it| it.in_progress_waited = SECOND);
        assert_eq!(
            next_step,
            NextStep::Stop(Some(RetryStopReason::RetryAfterTooLong {
                requested: Duration::MAX,
                remaining: left
            }))
        );
        let next_step = next(asked(), |it| {
            (it.in_progress_waited, it.remaining) = (SECOND, Duration::MAX)
        });
        assert!(matches!(next_step, NextStep::Stop(Some(_))), "{next_step:?}");
        let next_step = next(unavailable().with_retry_after(Some(Duration::MAX)), |_| {});
        assert_eq!(
            next_step,
            NextStep::Stop(Some(RetryStopReason::RetryAfterTooLong {
                requested: Duration::MAX,
                remaining: left
            }))
        );
    }

    #[test]
    fn a_key_mismatch_is_not_retried_whatever_a_classifier_says() {
        let eager = CallOptions {
            retry: crate::retry::RetryPolicy::default().classifier(|_| crate::retry::Retry::Yes),
            ..CallOptions::default()
        };
        let error = Error::new(ErrorKind::KeyMismatch, "key mismatch (HTTP 422)").with_status(Some(422));
        let budget = RetryBudget::default();
        let failed = FailedAttempt {
            error: &error,
            options: &eager,
            budget: &budget,
            is_idempotent: true,
            retries: 0,
            in_progress_polls: 0,
            in_progress_waited: Duration::ZERO,
            remaining: 60 * SECOND,
            random: 1.0,
        };
        assert_eq!(failed.next_step(), NextStep::Stop(None));
    }

    #[test]
    fn a_permanent_failure_is_reported() {
        let error = Error::new(ErrorKind::Rejected, "rejected (HTTP 400)").with_status(Some(400));
        assert_eq!(next(error, |_| {}), NextStep::Stop(None));
    }
}
