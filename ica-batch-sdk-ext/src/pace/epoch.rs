//! Time between two refusals, and the rate of the server that follows from it.
//!
//! A server that limits the rate is a token bucket: it serves a burst of requests at once, and the
//! bucket fills up again at the rate of the server. In a window of W seconds it serves at most
//! burst + rate × W requests. So each window that ends with a refusal gives a rate, if the burst is
//! known, and the highest one is the rate of the server. It does not matter where the bucket was full.

use std::collections::VecDeque;
use std::time::Duration;

/// Number of requests whose times are kept.
const KEPT: usize = 1024;

/// Requests beyond the burst without which a window gives no rate.
const EVIDENCE: f64 = 4.0;

/// Requests that a server served, from a full bucket to an empty one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Burst {
    pub(super) requests: f64,
    /// Time in seconds in which it served them. The bucket filled up meanwhile.
    pub(super) time: f64,
}

/// Estimate of the rate of a server, in requests per second.
#[derive(Debug, Clone, Copy)]
pub(super) struct Estimate {
    pub(super) rate: f64,
    /// Number of requests from which it follows. None: it is a lower bound only.
    pub(super) requests: Option<f64>,
}

/// Time since the last refusal.
#[derive(Debug, Clone, Default)]
pub(super) struct Epoch {
    /// Requests that were not refused because of the rate. They may have failed otherwise.
    pub(super) served: f64,
    /// Seconds in which requests were in flight, waiting or paused.
    pub(super) busy: f64,
    /// Seconds of the pause after the refusal at the beginning, which says that the bucket was empty.
    /// None: the epoch did not begin with a refusal.
    pub(super) pause: Option<f64>,
    /// Times in seconds at which the last requests were sent that were served.
    sent: VecDeque<f64>,
}

impl Epoch {
    /// Returns an epoch that begins with a refusal.
    pub(super) fn after(pause: Duration) -> Self {
        Self {
            pause: Some(pause.as_secs_f64()),
            ..Self::default()
        }
    }

    /// Counts a request that was not refused because of the rate.
    pub(super) fn serve(&mut self, sent: Duration) {
        self.served += 1.0;
        if self.sent.len() == KEPT {
            self.sent.pop_front();
        }
        self.sent.push_back(sent.as_secs_f64());
    }

    /// Returns the rate of an epoch that ends with a refusal and a pause. It is too low if the bucket
    /// was full for a while.
    pub(super) fn mean(&self, pause: Duration) -> f64 {
        match self.pause {
            Some(_) => self.served / self.busy,
            // The bucket may have been full, and fills up in the pause.
            None => self.served / (self.busy + pause.as_secs_f64()),
        }
    }

    /// Returns the requests of the burst, if the server has this rate and the epoch ends now.
    pub(super) fn burst(&self, rate: f64) -> f64 {
        self.served - rate * (self.busy - self.pause.unwrap_or_default())
    }

    /// Returns the rate of the server, from the [mean](Self::mean) and the windows of this epoch. The
    /// refused request was sent at this time.
    pub(super) fn estimate(&self, mean: f64, burst: Option<Burst>, refused: Duration) -> Estimate {
        let beyond = burst.and_then(|burst| self.beyond(burst, refused.as_secs_f64()));
        match beyond.filter(|(rate, _)| *rate >= mean) {
            Some((rate, requests)) => Estimate {
                rate,
                requests: Some(requests),
            },
            None => Estimate {
                rate: mean,
                requests: burst
                    .is_some_and(|burst| self.fills(burst, mean))
                    .then_some(self.served),
            },
        }
    }

    /// Returns the highest rate of a window beyond the burst, and its requests beyond the burst.
    fn beyond(&self, burst: Burst, end: f64) -> Option<(f64, f64)> {
        let windows = self
            .sent
            .iter()
            .rev()
            .zip(1_u32..)
            .map(|(begin, requests)| (f64::from(requests) - burst.requests, end - begin - burst.time));
        // A window that is not much longer than the burst says little.
        let long = windows.filter(|(requests, time)| *requests >= EVIDENCE && *time > burst.time.max(0.001));
        let rates = long.map(|(requests, time)| (requests / time, requests));
        rates.max_by(|(one, _), (other, _)| one.total_cmp(other))
    }

    /// Returns whether the bucket was not yet full at the end of the pause, so that no time was lost.
    fn fills(&self, burst: Burst, rate: f64) -> bool {
        let filled = self.pause.map(|pause| rate * pause);
        self.served >= EVIDENCE && filled.is_some_and(|filled| burst.requests - rate * burst.time >= filled)
    }
}
