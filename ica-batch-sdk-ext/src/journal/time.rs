//! Moments as the journal keeps them: milliseconds since 1970 UTC.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

pub(crate) type Millis = i64;

pub(crate) fn millis(moment: SystemTime) -> Millis {
    match moment.duration_since(UNIX_EPOCH) {
        Ok(since) => whole(since),
        Err(before) => -whole(before.duration()),
    }
}

pub(crate) fn moment(millis: Millis) -> SystemTime {
    let length = Duration::from_millis(millis.unsigned_abs());
    let moment = match millis {
        0.. => UNIX_EPOCH.checked_add(length),
        _ => UNIX_EPOCH.checked_sub(length),
    };
    moment.unwrap_or(UNIX_EPOCH)
}

pub(crate) fn whole(duration: Duration) -> Millis {
    Millis::try_from(duration.as_millis()).unwrap_or(Millis::MAX)
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::{millis, moment};

    #[test]
    fn a_moment_comes_back() {
        for millis_since in [0, 1, 1_764_000_000_123, -5] {
            assert_eq!(millis(moment(millis_since)), millis_since);
        }
        assert_eq!(millis(UNIX_EPOCH + Duration::from_micros(1999)), 1);
    }
}
