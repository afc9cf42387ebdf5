//! Limit of the requests in each second.
//!
//! Many servers count the requests of a second and refuse the next one. Unlike a token bucket, such a
//! server does not serve more after a pause. So the rate of an [epoch](super::epoch), in which the
//! pause counts, is too low. But the server has served its limit in the second before each refusal.

/// Least requests in a second from which a limit follows.
const EVIDENCE: f64 = 4.0;

/// Ratio of the requests of two seconds that may belong to the same limit. A second of the server may
/// begin within one of the client.
const SIMILAR: f64 = 2.3;

/// Ratio of the requests of two seconds that show the same limit. They may always differ by one. Requests
/// do not arrive as evenly as they are sent.
const SAME: f64 = 1.25;

/// Ratio of the mean rates of two epochs that are the same one, as those of a token bucket.
const SAME_MEAN: f64 = 1.06;

/// Largest ratio of a limit to the mean rate of an epoch, with a pause of about a second.
const MOST: f64 = 3.0;

/// Change of the share of the limit that is used, with a refusal, and the least share.
const STEP: f64 = 0.04;
const LEAST_SHARE: f64 = 0.85;

/// Refusals that speak against a limit, and do not end it.
const MOST_DOUBTS: u32 = 1;

/// Refusals after which a limit is looked for again.
const FORGOTTEN: u32 = 20;

/// What the refusals say about a limit of the requests in each second.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) enum SecondLimit {
    #[default]
    Unknown,
    /// Requests in the second before a refusal.
    Seen(f64),
    /// Limit that at least two refusals show.
    Found(Limit),
    /// There is no such limit. The number of refusals since then.
    Contradicted(u32),
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Limit {
    requests: f64,
    /// Share of the limit that is used, because requests do not arrive evenly.
    share: f64,
    /// Mean rate of the epoch in which the limit was found.
    mean: f64,
    /// Refusals in a row that speak against the limit.
    doubts: u32,
}

impl SecondLimit {
    /// Returns the rate of sending that meets the limit, in requests per second.
    pub(super) fn rate(self) -> Option<f64> {
        match self {
            Self::Found(limit) => Some(limit.requests * limit.share),
            _ => None,
        }
    }

    /// Corrects the requests of the second before the last refusal, when it is known which of those in
    /// flight were refused.
    pub(super) fn corrected(self, requests: f64) -> Self {
        match self {
            Self::Seen(_) if requests >= EVIDENCE => Self::Seen(requests),
            other => other,
        }
    }

    /// Learns from a refusal after this number of requests in a second, in an epoch of this mean rate.
    pub(super) fn refused(self, requests: f64, mean: f64) -> Self {
        match self {
            Self::Contradicted(FORGOTTEN..) => Self::Unknown,
            Self::Contradicted(refusals) => Self::Contradicted(refusals.saturating_add(1)),
            _ if requests < EVIDENCE => self,
            Self::Seen(before) if ratio(before, requests) <= SIMILAR && before.min(requests) <= MOST * mean => {
                Self::Found(Limit {
                    requests: before.min(requests),
                    share: 1.0,
                    mean,
                    doubts: 0,
                })
            }
            Self::Found(limit) if is_same(limit.requests, requests) => Self::Found(Limit {
                requests: limit.requests.max(requests),
                share: (limit.share + STEP).min(1.0),
                doubts: 0,
                ..limit
            }),
            _ => Self::Seen(requests),
        }
    }

    /// Learns from a refusal that does not follow from another estimate. The limit is not higher then.
    pub(super) fn refused_unexpectedly(self, requests: f64, mean: f64) -> Self {
        match self {
            Self::Found(limit) if is_same(limit.requests, requests) && requests >= EVIDENCE => Self::Found(Limit {
                requests: limit.requests.min(requests),
                ..limit
            }),
            other => other.refused(requests, mean),
        }
    }

    /// Learns from a refusal of a request that was sent at a lower rate than the one that meets the limit.
    pub(super) fn refused_below(self, requests: f64, mean: f64) -> Self {
        let Self::Found(limit) = self else {
            return self.refused(requests, mean);
        };
        if requests < EVIDENCE {
            return self;
        }
        let is_other = !is_same(limit.requests, requests);
        let is_bucket = ratio(limit.mean, mean) <= SAME_MEAN;
        let doubts = limit.doubts.saturating_add(u32::from(is_other || is_bucket));
        if doubts > MOST_DOUBTS {
            return Self::Contradicted(0);
        }
        let lower = limit.share - STEP;
        let (requests, share) = match is_other || lower < LEAST_SHARE {
            true => (requests, 1.0),
            false => (limit.requests, lower),
        };
        Self::Found(Limit {
            requests,
            share,
            doubts,
            ..limit
        })
    }
}

fn is_same(one: f64, other: f64) -> bool {
    (one - other).abs() <= 1.0 || ratio(one, other) <= SAME
}

fn ratio(one: f64, other: f64) -> f64 {
    one.max(other) / one.min(other)
}

#[cfg(test)]
mod tests {
    use super::{FORGOTTEN, SecondLimit};

    fn found() -> SecondLimit {
        SecondLimit::default().refused(50.0, f64::INFINITY).refused(52.0, 20.0)
    }

    #[test]
    fn two_similar_seconds_show_a_limit() {
        let seen = SecondLimit::default().refused(50.0, f64::INFINITY);
        assert_eq!(seen.rate(), None);
        assert_eq!(found().rate(), Some(50.0));
        // Too few requests say nothing, and other ones begin anew.
        assert_eq!(seen.refused(3.0, 1.0), seen);
        assert_eq!(seen.corrected(47.0), SecondLimit::Seen(47.0));
        assert_eq!(seen.corrected(0.0), seen);
        assert_eq!(found().corrected(47.0), found());
        assert_eq!(seen.refused(10.0, 9.0), SecondLimit::Seen(10.0));
        assert_eq!(seen.refused(52.0, 10.0), SecondLimit::Seen(52.0));
        assert_eq!(found().refused(3.0, 1.0), found());
        assert_eq!(found().refused(53.0, 1.0).rate(), Some(53.0));
        assert_eq!(found().refused(90.0, 1.0), SecondLimit::Seen(90.0));
    }

    #[test]
    fn a_refusal_below_the_limit_lowers_the_share_that_is_used() {
        let lower = found().refused_below(48.0, 40.0);
        assert_eq!(lower.rate(), Some(48.0));
        assert_eq!(lower.refused(49.0, 40.0).rate(), Some(50.0));
        assert_eq!(lower.refused_below(3.0, 40.0), lower);
        let least = lower.refused_below(47.0, 41.0).refused_below(45.0, 42.0);
        assert!(least.rate().is_some_and(|rate| (43.9..44.1).contains(&rate)));
        let lowest = least.refused_below(43.0, 43.0);
        assert_eq!(lowest.rate(), Some(43.0));
    }

    #[test]
    fn an_unexpected_refusal_does_not_raise_the_limit() {
        assert_eq!(found().refused_unexpectedly(58.0, 1.0).rate(), Some(50.0));
        assert_eq!(found().refused_unexpectedly(48.0, 1.0).rate(), Some(48.0));
        let seen = SecondLimit::default().refused_unexpectedly(50.0, 1.0);
        assert_eq!(seen, SecondLimit::Seen(50.0));
    }

    #[test]
    fn a_bucket_is_told_from_a_limit_by_its_rate() {
        let doubted = found().refused_below(48.0, 20.5);
        assert_eq!(doubted.rate(), Some(48.0));
        assert_eq!(doubted.refused_below(46.0, 20.0), SecondLimit::Contradicted(0));
    }

    #[test]
    fn a_limit_that_was_too_high_is_lowered_once() {
        let lowered = found().refused_below(30.0, 12.0);
        assert_eq!(lowered.rate(), Some(30.0));
        assert_eq!(lowered.refused_below(20.0, 9.0), SecondLimit::Contradicted(0));
    }

    #[test]
    fn a_limit_is_looked_for_again_after_many_refusals() {
        let mut limit = SecondLimit::Contradicted(0);
        for _ in 0..FORGOTTEN {
            limit = limit.refused(50.0, 40.0);
            assert_eq!(limit.rate(), None);
        }
        assert_eq!(limit.refused(50.0, 40.0), SecondLimit::Unknown);
    }
}
