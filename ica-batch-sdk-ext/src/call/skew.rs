//! Difference between the clock of the server and that of this machine.
//!
//! A response has the server's time in its header `Date` (RFC 9110, section 6.6.1), in whole seconds.
//! The server has written it between the start of the request and the end of the response. Only a
//! difference that this does not explain counts. So a slow response gives a smaller difference than
//! the true one, and never a greater one.

use std::time::{Duration, SystemTime};

use reqwest::header::{AGE, DATE, HeaderMap};

use crate::clock::Clock;

/// Resolution of `Date`.
const SECOND: Duration = Duration::from_secs(1);

/// Largest difference between the two clocks of this machine over one request. With a greater one,
/// the time of day was set meanwhile, or the machine slept.
const STEP: Duration = Duration::from_secs(2);

/// Difference between the clock of the server and that of this machine, at least.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ClockSkew {
    /// The clock of this machine shows a later time.
    Ahead(Duration),
    /// The clock of this machine shows an earlier time, or the same.
    Behind(Duration),
}

impl ClockSkew {
    /// Returns the amount of the difference.
    pub(crate) fn amount(self) -> Duration {
        match self {
            Self::Ahead(by) | Self::Behind(by) => by,
        }
    }
}

/// Difference that was seen last, and the time by a clock that is never set.
#[derive(Debug, Clone, Copy)]
pub(super) struct SeenSkew {
    pub(super) skew: ClockSkew,
    pub(super) at: Duration,
}

/// Time at which an attempt starts.
pub(super) struct AttemptStart {
    now: SystemTime,
    elapsed: Duration,
}

impl AttemptStart {
    pub(super) fn of(clock: &dyn Clock) -> Self {
        Self {
            now: clock.now(),
            elapsed: clock.elapsed(),
        }
    }

    /// Returns the difference that the response shows. None without a date, for a response of a
    /// cache, and if the time of day was set while the attempt ran.
    pub(super) fn skew(&self, clock: &dyn Clock, headers: &HeaderMap) -> Option<SeenSkew> {
        let (now, elapsed) = (clock.now(), clock.elapsed());
        let by_day = now.duration_since(self.now).ok()?;
        if by_day.abs_diff(elapsed.saturating_sub(self.elapsed)) > STEP || headers.contains_key(AGE) {
            return None;
        }
        let date = httpdate::parse_http_date(headers.get(DATE)?.to_str().ok()?).ok()?;
        let ahead = date
            .checked_add(SECOND)
            .and_then(|end| self.now.duration_since(end).ok());
        let skew = match ahead {
            Some(by) => ClockSkew::Ahead(by),
            None => ClockSkew::Behind(date.duration_since(now).unwrap_or_default()),
        };
        Some(SeenSkew { skew, at: elapsed })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::time::{Duration, SystemTime, UNIX_EPOCH};

    use reqwest::header::{AGE, DATE, HeaderMap, HeaderValue};

    use super::{AttemptStart, ClockSkew};
    use crate::clock::{Clock, Sleep};

    /// Clock whose two times are set apart.
    #[derive(Debug)]
    struct Times(Mutex<(SystemTime, Duration)>);

    impl Clock for Times {
        fn now(&self) -> SystemTime {
            self.0.lock().unwrap().0
        }

        fn elapsed(&self) -> Duration {
            self.0.lock().unwrap().1
        }

        fn sleep(&self, _: Duration) -> Sleep {
            unreachable!("nothing sleeps here")
        }
    }

    fn at(seconds: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(1_795_464_900 + seconds)
    }

    /// Returns the skew of a response with this date to an attempt from one time to another, and
    /// which took as long by the monotonic clock unless `elapsed` says otherwise.
    fn skew(from: f64, to: f64, elapsed: Option<f64>, date: u64) -> Option<ClockSkew> {
        let time = |seconds: f64| at(0) + Duration::from_secs_f64(seconds);
        let clock = Times(Mutex::new((time(from), Duration::from_secs(7))));
        let start = AttemptStart::of(&clock);
        let passed = Duration::from_secs_f64(elapsed.unwrap_or(to - from));
        *clock.0.lock().unwrap() = (time(to), Duration::from_secs(7) + passed);
        let date = HeaderValue::from_str(&httpdate::fmt_http_date(at(date))).unwrap();
        let seen = start.skew(&clock, &HeaderMap::from_iter([(DATE, date)]))?;
        assert_eq!(seen.at, Duration::from_secs(7) + passed);
        Some(seen.skew)
    }

    #[test]
    fn whole_seconds_and_the_time_in_flight_are_no_difference() {
        let none = Some(ClockSkew::Behind(Duration::ZERO));
        for (from, to, date) in [
            (100.0, 100.0, 100),
            (100.9, 101.0, 100),
            (100.0, 109.0, 100),
            (100.0, 109.0, 109),
            (100.0, 700.0, 400),
        ] {
            assert_eq!(skew(from, to, None, date), none, "{from} {to} {date}");
        }
    }

    #[test]
    fn the_difference_is_at_least_what_the_time_in_flight_does_not_explain() {
        let by = Duration::from_secs;
        assert_eq!(skew(1000.0, 1002.0, None, 400), Some(ClockSkew::Ahead(by(599))));
        assert_eq!(skew(100.0, 102.0, None, 702), Some(ClockSkew::Behind(by(600))));
        assert_eq!(skew(100.0, 400.0, None, 702), Some(ClockSkew::Behind(by(302))));
    }

    #[test]
    fn a_clock_that_was_set_during_the_attempt_shows_nothing() {
        assert_eq!(skew(100.0, 700.0, Some(1.0), 100), None);
        assert_eq!(skew(700.0, 100.0, Some(1.0), 100), None);
        assert_eq!(skew(100.0, 101.0, Some(600.0), 100), None);
        assert!(skew(100.0, 101.0, Some(2.5), 100).is_some());
    }

    #[test]
    fn a_response_without_a_date_or_of_a_cache_shows_nothing() {
        let clock = Times(Mutex::new((at(0), Duration::ZERO)));
        let start = AttemptStart::of(&clock);
        let date = || HeaderValue::from_str(&httpdate::fmt_http_date(at(9000))).unwrap();
        let skew = |headers| start.skew(&clock, &HeaderMap::from_iter(headers)).is_some();
        assert!(skew(vec![(DATE, date())]));
        assert!(!skew(vec![(DATE, date()), (AGE, HeaderValue::from_static("9"))]));
        assert!(!skew(vec![(DATE, HeaderValue::from_static("today"))]));
        assert!(!skew(Vec::new()));
    }
}
