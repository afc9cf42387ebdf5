//! Number of requests that may be in flight: additive increase, multiplicative decrease.

/// Requests in flight at the start, before any response.
const START: f64 = 8.0;

/// Growth of a window below its threshold, with each response. A server that limits the rate refuses
/// the requests in flight when its limit is reached, so this also bounds the first refusals.
const FAST_GROWTH: f64 = 0.25;

/// Concurrency that adapts to the server.
///
/// Below the threshold it grows with each response: by one up to the size of the start, then by a
/// quarter. So it doubles, or grows by a quarter, in the time of a request. Above the threshold it
/// grows by one in the time of a request. A sign of overload halves it.
#[derive(Debug, Clone)]
pub(super) struct Window {
    size: f64,
    threshold: f64,
    max: f64,
}

impl Window {
    pub(super) fn new(max: usize) -> Self {
        let max = (max as f64).max(1.0);
        Self {
            size: START.min(max),
            threshold: max,
            max,
        }
    }

    /// Returns the number of requests that may be in flight, at least 1.
    pub(super) fn size(&self) -> usize {
        self.size as usize
    }

    /// Grows after a response, if the window is in use. Responses that arrive at the same time leave
    /// it partly empty for a moment.
    pub(super) fn grow(&mut self, in_flight: usize) {
        if in_flight.saturating_mul(2) < self.size() {
            return;
        }
        let step = if self.size >= self.threshold {
            self.size.recip()
        } else if self.size < START {
            1.0
        } else {
            FAST_GROWTH
        };
        self.size = (self.size + step).min(self.max);
    }

    /// Doubles, because the requests in flight do not go on and the server is well.
    pub(super) fn double(&mut self) {
        self.size = (self.size * 2.0).min(self.max);
    }

    pub(super) fn halve(&mut self) {
        self.threshold = (self.size / 2.0).max(1.0);
        self.size = self.threshold;
    }

    /// Allows one request in flight. Growth doubles from there, up to half of the size before.
    pub(super) fn close(&mut self) {
        self.threshold = (self.size / 2.0).max(1.0);
        self.size = 1.0;
    }
}
