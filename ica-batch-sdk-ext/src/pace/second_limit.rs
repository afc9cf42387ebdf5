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

/// Ratio of the requests of two seconds that show the same limit. They may always differ by one.
const SAME: f64 = 1.1;

/// What the refusals say about a limit of the requests in each second.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) enum SecondLimit {
    #[default]
    Unknown,
    /// Requests in the second before a refusal.
    Seen(f64),
    /// Limit that two refusals show. Requests are sent at that rate.
    Tried(f64),
    /// Limit that also a refusal at that rate shows.
    Found(f64),
    /// Requests below the limit were refused: there is no such limit.
    Contradicted,
}

impl SecondLimit {
    /// Returns the limit, if one is known.
    pub(super) fn get(self) -> Option<f64> {
        match self {
            Self::Tried(limit) | Self::Found(limit) => Some(limit),
            _ => None,
        }
    }

    /// Learns from a refusal after this number of requests in a second.
    pub(super) fn refused(self, requests: f64) -> Self {
        match self {
            Self::Contradicted => self,
            _ if requests < EVIDENCE => self,
            Self::Seen(before) if ratio(before, requests) <= SIMILAR => Self::Tried(before.min(requests)),
            Self::Tried(limit) | Self::Found(limit) if is_same(limit, requests) => Self::Found(limit.max(requests)),
            _ => Self::Seen(requests),
        }
    }

    /// Learns from a refusal of a request that was sent at a lower rate than the server allows. `is_repeated`
    /// says whether the refusal before was one, too.
    pub(super) fn refused_below(self, requests: f64, is_repeated: bool) -> Self {
        match self {
            Self::Tried(limit) if requests < limit => Self::Contradicted,
            Self::Found(limit) if requests < limit && is_repeated => Self::Contradicted,
            Self::Tried(_) | Self::Found(_) => self,
            _ => self.refused(requests),
        }
    }
}

fn is_same(one: f64, other: f64) -> bool {
    (one - other).abs() <= 1.0 || ratio(one, other) <= SAME
}

fn ratio(one: f64, other: f64) -> f64 {
    one.max(other) / one.min(other)
}
