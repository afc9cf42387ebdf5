//! What comes after a failed attempt: a pure decision.

use std::time::Duration;

use crate::error::{Error, ErrorKind, RetryStopReason};
use crate::options::CallOptions;
use crate::retry::{Backoff, RetryBudget};

/// Between two looks at whether the first call with a key has ended.
const IN_PROGRESS_BACKOFF: Backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(15));

/// What is known when an attempt has failed.
pub(super) struct Situation<'a> {
    pub(super) error: &'a Error,
    pub(super) options: &'a CallOptions,
    pub(super) budget: &'a RetryBudget,
    /// Whether sending again has no second effect.
    pub(super) is_repeatable: bool,
    /// Retries after failures so far.
    pub(super) retries: u32,
    /// Looks at a call in progress so far, and how long they were waited for.
    pub(super) looks: u32,
    pub(super) waited: Duration,
    /// What is left until the deadline.
    pub(super) left: Duration,
    /// From 0 to 1.
    pub(super) random: f64,
}

/// What to do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// Try again after this wait, because the failure may pass.
    Retry(Duration),
    /// Look again after this wait, because the first call with the key still runs.
    Look(Duration),
    /// Report the failure.
    Stop(Option<RetryStopReason>),
}

impl Situation<'_> {
    pub(super) fn next(&self) -> Next {
        match self.error.kind() {
            ErrorKind::InProgress => return self.next_look(),
            // The key is taken, whatever a classifier thinks of it.
            ErrorKind::KeyMismatch => return Next::Stop(None),
            _ => {}
        }
        if !self.options.retry.retries(self.error) {
            return Next::Stop(None);
        }
        if !self.is_repeatable {
            return Next::Stop(Some(RetryStopReason::NotIdempotent));
        }
        if self.retries + 1 >= self.options.retry.attempts() {
            return Next::Stop(Some(RetryStopReason::AttemptsExhausted));
        }
        let backoff = self.options.retry.wait(self.retries, self.random);
        let wait = match self.error.retry_after() {
            Some(asked) if asked >= self.left => {
                return Next::Stop(Some(RetryStopReason::RetryAfterTooLong {
                    requested: asked,
                    remaining: self.left,
                }));
            }
            Some(asked) => asked.max(backoff),
            None => backoff,
        };
        if wait >= self.left {
            return Next::Stop(Some(RetryStopReason::DeadlineExceeded));
        }
        if !self.budget.take() {
            return Next::Stop(Some(RetryStopReason::BudgetExhausted));
        }
        Next::Retry(wait)
    }

    /// The wait never falls below half its ceiling: the call that is waited for takes its time.
    fn next_look(&self) -> Next {
        let backoff = IN_PROGRESS_BACKOFF.wait(self.looks, 0.5 + self.random / 2.0);
        let asked = self.error.retry_after().unwrap_or_default();
        if asked >= self.left {
            return Next::Stop(Some(RetryStopReason::RetryAfterTooLong {
                requested: asked,
                remaining: self.left,
            }));
        }
        let wait = asked.max(backoff);
        if self.waited.saturating_add(wait) > self.options.in_progress_timeout {
            return Next::Stop(Some(RetryStopReason::InProgressTimeout { waited: self.waited }));
        }
        if wait >= self.left {
            return Next::Stop(Some(RetryStopReason::DeadlineExceeded));
        }
        Next::Look(wait)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Next, Situation};
    use crate::error::{Error, ErrorKind, RetryStopReason};
    use crate::options::CallOptions;
    use crate::retry::RetryBudget;

    const SECOND: Duration = Duration::from_secs(1);

    /// The situation after the first failure, which the tests change in one respect each.
    fn next(error: Error, change: impl FnOnce(&mut Situation<'_>)) -> Next {
        next_with(error, &RetryBudget::new(5), change)
    }

    fn next_with(error: Error, budget: &RetryBudget, change: impl FnOnce(&mut Situation<'_>)) -> Next {
        let options = CallOptions::default();
        let mut situation = Situation {
            error: &error,
            options: &options,
            budget,
            is_repeatable: true,
            retries: 0,
            looks: 0,
            waited: Duration::ZERO,
            left: 60 * SECOND,
            random: 1.0,
        };
        change(&mut situation);
        situation.next()
    }

    fn unavailable() -> Error {
        Error::new(ErrorKind::Server, "ICA answered 503").with_status(Some(503))
    }

    fn in_progress() -> Error {
        Error::new(ErrorKind::InProgress, "ICA answered 409").with_status(Some(409))
    }

    #[test]
    fn the_wait_doubles_up_to_the_last_attempt() {
        assert_eq!(next(unavailable(), |_| {}), Next::Retry(SECOND / 2));
        assert_eq!(next(unavailable(), |it| it.retries = 2), Next::Retry(2 * SECOND));
        assert_eq!(
            next(unavailable(), |it| it.retries = 4),
            Next::Stop(Some(RetryStopReason::AttemptsExhausted))
        );
    }

    #[test]
    fn what_is_not_safe_to_repeat_is_not_repeated() {
        let said = next(unavailable(), |it| it.is_repeatable = false);
        assert_eq!(said, Next::Stop(Some(RetryStopReason::NotIdempotent)));
    }

    #[test]
    fn the_server_has_the_last_word_within_the_deadline() {
        let asked = |wait| unavailable().with_retry_after(Some(wait));
        assert_eq!(next(asked(7 * SECOND), |_| {}), Next::Retry(7 * SECOND));
        assert_eq!(
            next(asked(Duration::ZERO), |_| {}),
            Next::Retry(SECOND / 2),
            "no less than the backoff"
        );
        let left = 60 * SECOND;
        let said = next(asked(61 * SECOND), |_| {});
        assert_eq!(
            said,
            Next::Stop(Some(RetryStopReason::RetryAfterTooLong {
                requested: 61 * SECOND,
                remaining: left
            }))
        );
    }

    #[test]
    fn it_does_not_sleep_past_the_deadline() {
        assert_eq!(
            next(unavailable(), |it| it.left = SECOND / 2),
            Next::Stop(Some(RetryStopReason::DeadlineExceeded))
        );
    }

    #[test]
    fn an_empty_budget_stops_at_once_and_only_a_retry_is_paid_for() {
        assert_eq!(
            next_with(unavailable(), &RetryBudget::new(4), |_| {}),
            Next::Stop(Some(RetryStopReason::BudgetExhausted))
        );
        let full = RetryBudget::new(5);
        let late = next_with(unavailable(), &full, |it| it.left = Duration::ZERO);
        assert_eq!(late, Next::Stop(Some(RetryStopReason::DeadlineExceeded)));
        assert_eq!(full.available(), 5);
    }

    #[test]
    fn a_call_in_progress_has_its_own_patience() {
        assert_eq!(next(in_progress(), |_| {}), Next::Look(SECOND));
        assert_eq!(
            next(in_progress(), |it| (it.looks, it.retries) = (3, 9)),
            Next::Look(8 * SECOND)
        );
        let waited = 119 * SECOND;
        let said = next(in_progress(), |it| (it.looks, it.waited) = (9, waited));
        assert_eq!(said, Next::Stop(Some(RetryStopReason::InProgressTimeout { waited })));
    }

    #[test]
    fn no_wait_that_a_server_asks_for_is_too_long_to_reckon_with() {
        let asked = || in_progress().with_retry_after(Some(Duration::MAX));
        let left = 60 * SECOND;
        let said = next(asked(), |it| it.waited = SECOND);
        assert_eq!(
            said,
            Next::Stop(Some(RetryStopReason::RetryAfterTooLong {
                requested: Duration::MAX,
                remaining: left
            }))
        );
        let said = next(asked(), |it| (it.waited, it.left) = (SECOND, Duration::MAX));
        assert!(matches!(said, Next::Stop(Some(_))), "{said:?}");
        let said = next(unavailable().with_retry_after(Some(Duration::MAX)), |_| {});
        assert_eq!(
            said,
            Next::Stop(Some(RetryStopReason::RetryAfterTooLong {
                requested: Duration::MAX,
                remaining: left
            }))
        );
    }

    #[test]
    fn a_key_that_is_taken_is_not_tried_again_whatever_a_classifier_says() {
        let eager = CallOptions {
            retry: crate::retry::RetryPolicy::default().classifier(|_| crate::retry::Retry::Yes),
            ..CallOptions::default()
        };
        let error = Error::new(ErrorKind::KeyMismatch, "ICA answered 422").with_status(Some(422));
        let budget = RetryBudget::default();
        let situation = Situation {
            error: &error,
            options: &eager,
            budget: &budget,
            is_repeatable: true,
            retries: 0,
            looks: 0,
            waited: Duration::ZERO,
            left: 60 * SECOND,
            random: 1.0,
        };
        assert_eq!(situation.next(), Next::Stop(None));
    }

    #[test]
    fn a_failure_that_does_not_pass_is_reported_as_it_is() {
        let error = Error::new(ErrorKind::Rejected, "ICA answered 400").with_status(Some(400));
        assert_eq!(next(error, |_| {}), Next::Stop(None));
    }
}
