//! Limit of the requests in each second.
//!
//! Many servers count the requests of a second and refuse the next one. Unlike a token bucket, such a
//! server does not serve more after a pause. So the rate of an [epoch](super::epoch), in which the
//! pause counts, is too low. But the server has served its limit in the second before each refusal.

/// Least requests in a second from which a limit follows.
const EVIDENCE: f64 = 4.0;

/// Ratio of the requests of two seconds that may show the same limit. A second of the server may begin
/// within one of the client.
const SIMILAR: f64 = 2.1;

/// Ratio of the requests of two seconds that show the same limit. They may always differ by one. Requests
/// do not arrive as evenly as they are sent.
const SAME: f64 = 1.25;

/// Ratio of the mean rates of two epochs that are the same one, as those of a token bucket.
const SAME_MEAN: f64 = 1.1;

/// Decrease of the share of the limit after a refusal below it, and the least share.
const STEP: f64 = 0.04;
const LEAST_SHARE: f64 = 0.85;

/// Refusals that speak against a limit, and do not end it.
const MOST_DOUBTS: u32 = 1;

/// What the refusals say about a limit of the requests in each second.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) enum SecondLimit {
    #[default]
    Unknown,
    /// Requests in the second before a refusal.
    Seen(f64),
    /// Limit that at least two refusals show.
    Found(Limit),
    /// Requests below the limit were refused: there is no such limit.
    Contradicted,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Limit {
    requests: f64,
    /// Share of the limit that is met, although requests do not arrive evenly.
    share: f64,
    /// Mean rate of the epoch in which the limit was found.
    mean: f64,
    /// Refusals below the limit that speak against it.
    doubts: u32,
}

impl SecondLimit {
    /// Returns the limit, if one is known.
    pub(super) fn requests(self) -> Option<f64> {
        match self {
            Self::Found(limit) => Some(limit.requests),
            _ => None,
        }
    }

    /// Returns the rate of sending that meets the limit, in requests per second.
    pub(super) fn rate(self) -> Option<f64> {
        match self {
            Self::Found(limit) => Some(limit.requests * limit.share),
            _ => None,
        }
    }

    /// Learns from a refusal after this number of requests in a second, in an epoch of this mean rate.
    pub(super) fn refused(self, requests: f64, mean: f64) -> Self {
        match self {
            Self::Contradicted => self,
            _ if requests < EVIDENCE => self,
            Self::Seen(before) if ratio(before, requests) <= SIMILAR => Self::Found(Limit {
                requests: before.min(requests),
                share: 1.0,
                mean,
                doubts: 0,
            }),
            Self::Found(limit) if is_same(limit.requests, requests) => Self::Found(Limit {
                requests: limit.requests.max(requests),
                doubts: 0,
                ..limit
            }),
            _ => Self::Seen(requests),
        }
    }

    /// Learns from a refusal of a request that was sent at a lower rate than the limit.
    pub(super) fn refused_below(self, requests: f64, mean: f64) -> Self {
        let Self::Found(limit) = self else {
            return self.refused(requests, mean);
        };
        let is_lower = !is_same(limit.requests, requests);
        let is_bucket = ratio(limit.mean, mean) <= SAME_MEAN;
        let doubts = limit.doubts.saturating_add(u32::from(is_lower || is_bucket));
        let (requests, share) = match is_lower {
            true => (requests, 1.0),
            false => (limit.requests, limit.share - STEP),
        };
        if doubts > MOST_DOUBTS || share < LEAST_SHARE || requests < EVIDENCE {
            return Self::Contradicted;
        }
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
