//! Texts of times and durations in errors about tokens.
//!
//! Logs come from machines in several time zones, so a time is in UTC and names its zone (RFC
//! 3339). Both functions accept any value: the issuer of a token may write any expiry into it.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use chrono::{DateTime, SecondsFormat};

use crate::error::counted;

/// Returns a time in UTC, in whole seconds, such as `2026-11-23T20:15:00Z`.
pub(crate) fn utc(time: SystemTime) -> String {
    let since_1970 = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since_1970.as_secs())
        .ok()
        .and_then(|seconds| DateTime::from_timestamp(seconds, 0))
        .map_or_else(
            || "a time out of range".to_owned(),
            |time| time.to_rfc3339_opts(SecondsFormat::Secs, true),
        )
}

/// Returns a duration in its largest unit, rounded down, such as `3 hours`.
pub(super) fn in_largest_unit(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let (count, unit) = match seconds {
        0..60 => (seconds, "second"),
        60..3600 => (seconds / 60, "minute"),
        3600..86_400 => (seconds / 3600, "hour"),
        _ => (seconds / 86_400, "day"),
    };
    counted(count, unit)
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime, UNIX_EPOCH};

    use super::{in_largest_unit, utc};

    #[test]
    fn a_time_is_written_in_utc() {
        assert_eq!(
            utc(UNIX_EPOCH + Duration::from_millis(1_795_464_900_250)),
            "2026-11-23T20:15:00Z"
        );
    }

    #[test]
    fn a_time_out_of_range_does_not_panic() {
        let far = Duration::from_secs(i64::MAX as u64 / 2);
        assert_eq!(utc(SystemTime::UNIX_EPOCH + far), "a time out of range");
        assert_eq!(utc(UNIX_EPOCH - Duration::from_secs(1)), "1970-01-01T00:00:00Z");
    }

    #[test]
    fn a_duration_is_written_in_its_largest_unit() {
        let texts = [0, 1, 59, 60, 7199, 86_400, 200_000].map(|seconds| in_largest_unit(Duration::from_secs(seconds)));
        assert_eq!(
            texts,
            [
                "0 seconds",
                "1 second",
                "59 seconds",
                "1 minute",
                "1 hour",
                "1 day",
                "2 days"
            ]
        );
    }
}
