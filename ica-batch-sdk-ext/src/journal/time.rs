//! Times as the journal stores them: milliseconds since 1970 UTC.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use chrono::{DateTime, SecondsFormat, Utc};

pub(super) type Millis = i64;

/// Returns the time in milliseconds; the fraction is cut off.
pub(super) fn to_millis(time: SystemTime) -> Millis {
    match time.duration_since(UNIX_EPOCH) {
        Ok(since) => length(since),
        Err(before) => -length(before.duration()),
    }
}

/// Returns the time of these milliseconds. One that the system cannot represent becomes 1970.
pub(super) fn from_millis(millis: Millis) -> SystemTime {
    let length = Duration::from_millis(millis.unsigned_abs());
    let time = match millis {
        0.. => UNIX_EPOCH.checked_add(length),
        _ => UNIX_EPOCH.checked_sub(length),
    };
    time.unwrap_or(UNIX_EPOCH)
}

/// Returns the time in RFC 3339, in UTC. A file may contain a time that no calendar has.
pub(crate) fn rfc3339(time: SystemTime, format: SecondsFormat) -> String {
    DateTime::<Utc>::from_timestamp_millis(to_millis(time)).map_or_else(
        || "a time out of range".to_owned(),
        |time| time.to_rfc3339_opts(format, true),
    )
}

/// Returns the length of a duration in milliseconds.
pub(super) fn length(duration: Duration) -> Millis {
    Millis::try_from(duration.as_millis()).unwrap_or(Millis::MAX)
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use chrono::SecondsFormat;

    use super::{from_millis, rfc3339, to_millis};

    #[test]
    fn times_survive_the_round_trip() {
        for millis in [0, 1, 1_764_000_000_123, -5] {
            assert_eq!(to_millis(from_millis(millis)), millis);
        }
        assert_eq!(to_millis(UNIX_EPOCH + Duration::from_micros(1999)), 1);
    }

    #[test]
    fn any_time_has_a_text() {
        let text = |millis| rfc3339(from_millis(millis), SecondsFormat::Millis);
        assert_eq!(text(1_764_000_000_123), "2025-11-24T16:00:00.123Z");
        for millis in [i64::MAX, i64::MIN, -i64::MAX] {
            assert!(["a time out of range", "1970-01-01T00:00:00.000Z"].contains(&text(millis).as_str()));
        }
    }
}
