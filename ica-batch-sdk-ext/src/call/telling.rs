//! Notices of a call to its caller while it goes on: retries, and pauses of the client.

use std::time::Duration;

use super::{Call, CallNotice, CallState};
use crate::error::Error;

impl Call {
    /// Tells that an attempt failed, and that the next one follows after this wait.
    pub(super) fn tell_retry(&self, failure: &Error, state: &CallState, wait: Duration) {
        if let Some(observer) = &self.observer {
            let now = self.core.clock().now();
            observer.tell(CallNotice::Retry {
                operation: self.operation,
                failure,
                attempts: state.attempts,
                until: now.checked_add(wait).unwrap_or(now),
            });
        }
    }

    /// Tells that the client pauses, if it does, because of this call or another one.
    pub(super) fn tell_pause(&self) {
        let Some(observer) = &self.observer else { return };
        let clock = self.core.clock();
        if let Some((length, reason)) = self.core.pace().status(clock.elapsed()).pause() {
            let now = clock.now();
            let until = now.checked_add(length).unwrap_or(now);
            observer.tell(CallNotice::Pause { reason, until });
        }
    }
}
