//! Whether a chunk may be sent, by when it was first sent: a pure decision.
//!
//! ICA remembers a key for 7 days from when it answered. A chunk that may have executed is sent again within that time
//! alone, for later it would be created a second time.

use std::time::Duration;

use crate::idempotency::KEY_LIFETIME;
use crate::journal::time::{Millis, whole};

/// By how much clocks may differ before one of them is taken to be wrong.
const CLOCK_TOLERANCE: Duration = Duration::from_secs(3600);

/// What the age of an unanswered chunk allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Resend {
    /// It may be sent, and sent again, for this long.
    Within(Duration),
    /// The server may have forgotten its key.
    KeyExpired,
    /// It was sent at a time that this machine's clock has not reached, so its age is not known.
    ClockBehind,
}

/// What is allowed of a chunk that may have executed since `sent_at`; None when it was never sent, or nothing of it executed.
pub(crate) fn resend(sent_at: Option<Millis>, now: Millis) -> Resend {
    let Some(sent_at) = sent_at else {
        return Resend::Within(KEY_LIFETIME);
    };
    let age = now.saturating_sub(sent_at);
    if age < -whole(CLOCK_TOLERANCE) {
        return Resend::ClockBehind;
    }
    let age = Duration::from_millis(u64::try_from(age).unwrap_or_default());
    match KEY_LIFETIME.checked_sub(age) {
        Some(left) if !left.is_zero() => Resend::Within(left),
        _ => Resend::KeyExpired,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Resend, resend};
    use crate::idempotency::KEY_LIFETIME;
    use crate::journal::time::whole;

    #[test]
    fn what_was_never_sent_has_all_the_time() {
        assert_eq!(resend(None, 0), Resend::Within(KEY_LIFETIME));
    }

    #[test]
    fn time_runs_from_the_first_sending() {
        let hour = Duration::from_secs(3600);
        assert_eq!(resend(Some(0), whole(hour)), Resend::Within(KEY_LIFETIME - hour));
        assert_eq!(
            resend(Some(0), whole(KEY_LIFETIME) - 1),
            Resend::Within(Duration::from_millis(1))
        );
        assert_eq!(resend(Some(0), whole(KEY_LIFETIME)), Resend::KeyExpired);
        assert_eq!(resend(Some(0), i64::MAX), Resend::KeyExpired);
    }

    #[test]
    fn a_clock_that_is_a_little_behind_is_right_and_one_that_is_far_behind_is_not_believed() {
        assert_eq!(resend(Some(1000), 0), Resend::Within(KEY_LIFETIME));
        assert_eq!(resend(Some(3_600_001), 0), Resend::ClockBehind);
    }
}
