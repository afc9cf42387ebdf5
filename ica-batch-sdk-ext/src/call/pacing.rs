//! The pace of the client around an attempt, and what an attempt says about the server.

use std::time::Duration;

use super::{Call, CallState, telemetry};
use crate::error::{Error, ErrorKind, Result, RetryStopReason};
use crate::pace::{Delay, Outcome, Place};

impl Call {
    /// Waits until the call may send a request.
    pub(super) async fn enter(&self, state: &CallState, remaining: Duration) -> Result<Place<'_>, Delay> {
        let (pace, clock) = (self.core.pace(), &**self.core.clock());
        match self.api_key {
            // Calls that have a place wait for this token.
            Some(_) => pace.enter_nested(clock, remaining).await,
            None => pace.enter(clock, state.turn, remaining).await,
        }
    }

    /// Gives the place of an attempt back. `remaining` limited the attempt.
    pub(super) fn leave<T>(&self, place: Place<'_>, result: &Result<T>, remaining: Duration) {
        let outcome = match result {
            Ok(_) => Outcome::Served,
            // All calls wait for a mint without a token. With one they go on, and need no pause.
            Err(_) if self.api_key.is_some() => Outcome::Unknown,
            // The deadline of the caller says nothing about the server.
            Err(error) if is_timeout(error) && remaining < self.options.attempt_timeout => Outcome::Unknown,
            Err(error) => outcome(error),
        };
        let random = match outcome {
            Outcome::Served | Outcome::Unknown => 0.0,
            _ => self.core.random(),
        };
        if let Some(change) = place.finish(outcome, random) {
            telemetry::record_change(change, self.core.clock().now());
        }
    }

    /// Returns the error of a call whose turn did not come: its last failure, or else a timeout.
    pub(super) fn delayed(&self, delay: Delay, last: Option<Error>, state: &CallState) -> Error {
        match last {
            Some(error) => self.failed(error, state, Some(RetryStopReason::DeadlineExceeded)),
            None => {
                let what = format!("nothing was sent before the deadline: {delay}");
                self.failed(Error::new(ErrorKind::Timeout, what), state, None)
            }
        }
    }
}

fn is_timeout(error: &Error) -> bool {
    error.kind() == ErrorKind::Timeout && error.status().is_none_or(|status| status < 300)
}

/// Returns what a failed attempt says about the server.
fn outcome(error: &Error) -> Outcome {
    let requested = error.retry_after();
    match (error.status(), error.kind()) {
        (Some(429), _) => Outcome::RateLimited(requested),
        (Some(503), _) => Outcome::Unavailable(requested),
        (Some(500..), _) if requested.is_some() => Outcome::Unavailable(requested),
        (Some(408 | 502 | 504), _) => Outcome::TimedOut,
        // The operation does not exist.
        (Some(501), _) => Outcome::Served,
        (Some(500..), _) => Outcome::Failed,
        (Some(300..), _) => Outcome::Served,
        (_, ErrorKind::Timeout) => Outcome::TimedOut,
        (_, ErrorKind::Connect | ErrorKind::Interrupted) => Outcome::Failed,
        (Some(_), _) => Outcome::Served,
        (None, _) => Outcome::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::outcome;
    use crate::error::{Error, ErrorKind};
    use crate::pace::Outcome;

    #[test]
    fn only_failures_of_the_server_or_the_way_to_it_count() {
        let response = |kind, status| outcome(&Error::new(kind, "").with_status(Some(status)));
        assert_eq!(response(ErrorKind::RateLimited, 429), Outcome::RateLimited(None));
        assert_eq!(response(ErrorKind::Server, 503), Outcome::Unavailable(None));
        assert_eq!(response(ErrorKind::Server, 504), Outcome::TimedOut);
        assert_eq!(response(ErrorKind::Server, 500), Outcome::Failed);
        assert_eq!(response(ErrorKind::Interrupted, 200), Outcome::Failed);
        for (kind, status) in [
            (ErrorKind::Rejected, 400),
            (ErrorKind::Unauthorized, 401),
            (ErrorKind::InProgress, 409),
            (ErrorKind::Unreadable, 200),
            (ErrorKind::Server, 501),
        ] {
            assert_eq!(response(kind, status), Outcome::Served, "{status}");
        }
        let none = |kind| outcome(&Error::new(kind, ""));
        assert_eq!(none(ErrorKind::Connect), Outcome::Failed);
        assert_eq!(none(ErrorKind::Timeout), Outcome::TimedOut);
        assert_eq!(none(ErrorKind::InvalidInput), Outcome::Unknown);
    }

    #[test]
    fn a_wait_that_the_server_asks_for_is_part_of_a_refusal_and_not_of_a_conflict() {
        let asked = Some(Duration::from_secs(9));
        let response = |kind, status| outcome(&Error::new(kind, "").with_status(Some(status)).with_retry_after(asked));
        assert_eq!(response(ErrorKind::RateLimited, 429), Outcome::RateLimited(asked));
        assert_eq!(response(ErrorKind::Server, 503), Outcome::Unavailable(asked));
        assert_eq!(response(ErrorKind::Server, 500), Outcome::Unavailable(asked));
        assert_eq!(response(ErrorKind::InProgress, 409), Outcome::Served);
    }
}
