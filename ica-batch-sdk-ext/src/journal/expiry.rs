//! The decision whether a chunk may be sent, by the time when it was first sent.
//!
//! ICA remembers a key for 7 days from its response. A chunk that may have been executed is sent
//! again within that time only: later, ICA would create its analyses a second time.

use std::time::Duration;

use super::time::{Millis, length};
use crate::idempotency::KEY_LIFETIME;

/// Difference between two clocks above which one of them is considered wrong.
const CLOCK_TOLERANCE: Duration = Duration::from_secs(3600);

/// Decision whether a chunk may be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Resend {
    /// The chunk may be sent, also several times, for this long.
    Within(Duration),
    /// ICA may have forgotten the chunk's key.
    KeyExpired,
    /// The recorded time is in the future of this machine's clock, so the chunk's age is unknown.
    ClockBehind,
}

/// Decides on a chunk that may have been executed since `sent_at`. None means that nothing of it
/// was executed.
pub(super) fn resend(sent_at: Option<Millis>, now: Millis) -> Resend {
    let Some(sent_at) = sent_at else {
        return Resend::Within(KEY_LIFETIME);
    };
    let age = now.saturating_sub(sent_at);
    if age < -length(CLOCK_TOLERANCE) {
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
    use crate::journal::time::length;

    #[test]
    fn a_chunk_that_was_never_sent_has_the_whole_lifetime_of_its_key() {
        assert_eq!(resend(None, 0), Resend::Within(KEY_LIFETIME));
    }

    #[test]
    fn the_lifetime_runs_from_the_first_request() {
        let hour = Duration::from_secs(3600);
        assert_eq!(resend(Some(0), length(hour)), Resend::Within(KEY_LIFETIME - hour));
        assert_eq!(
            resend(Some(0), length(KEY_LIFETIME) - 1),
            Resend::Within(Duration::from_millis(1))
        );
        assert_eq!(resend(Some(0), length(KEY_LIFETIME)), Resend::KeyExpired);
        assert_eq!(resend(Some(0), i64::MAX), Resend::KeyExpired);
    }

    #[test]
    fn a_clock_may_be_an_hour_behind_and_not_more() {
        assert_eq!(resend(Some(1000), 0), Resend::Within(KEY_LIFETIME));
        assert_eq!(resend(Some(3_600_000), 0), Resend::Within(KEY_LIFETIME));
        assert_eq!(resend(Some(3_600_001), 0), Resend::ClockBehind);
    }
}
