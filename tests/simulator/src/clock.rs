//! The simulator's only source of time.
//!
//! Everything with a duration in it (the seven days an idempotency key is remembered, the expiry of a token, the course
//! of an analysis) asks this clock. It runs with the real one until told otherwise, so a test moves it instead of waiting.

use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use parking_lot::Mutex;

/// An adjustable clock; clones tell and set the same time.
///
/// ```
/// use std::time::Duration;
///
/// let clock = ica_simulator::Clock::new();
/// clock.freeze();
/// let before = clock.now();
/// clock.advance(Duration::from_secs(3600));
/// assert_eq!((clock.now() - before).num_seconds(), 3600);
/// ```
#[derive(Clone, Debug)]
pub struct Clock {
    face: Arc<Mutex<Face>>,
}

/// Simulated time is `simulated` plus `speed` times what has really passed since `real`.
#[derive(Debug)]
struct Face {
    real: Instant,
    simulated: DateTime<Utc>,
    speed: f64,
}

impl Face {
    fn now(&self) -> DateTime<Utc> {
        let passed = self.real.elapsed().as_secs_f64() * self.speed;
        self.simulated + TimeDelta::microseconds((passed * 1e6) as i64)
    }

    fn anchor(&mut self, simulated: DateTime<Utc>) {
        self.real = Instant::now();
        self.simulated = simulated;
    }
}

impl Clock {
    /// A clock that tells the real time and runs at the real speed.
    pub fn new() -> Self {
        let face = Face {
            real: Instant::now(),
            simulated: Utc::now(),
            speed: 1.0,
        };
        Self {
            face: Arc::new(Mutex::new(face)),
        }
    }

    /// What time it is in the simulation.
    pub fn now(&self) -> DateTime<Utc> {
        self.face.lock().now()
    }

    /// Puts the clock forward. It goes on at the speed it had.
    pub fn advance(&self, by: Duration) {
        self.shift(TimeDelta::from_std(by).unwrap_or(TimeDelta::MAX));
    }

    /// Moves the clock by a signed amount, so also back.
    pub fn shift(&self, by: TimeDelta) {
        let mut face = self.face.lock();
        let moved = face.now().checked_add_signed(by).unwrap_or(DateTime::<Utc>::MAX_UTC);
        face.anchor(moved);
    }

    /// Sets the clock to a moment. It goes on at the speed it had.
    pub fn set(&self, moment: DateTime<Utc>) {
        self.face.lock().anchor(moment);
    }

    /// Stops the clock; from now on only [`advance`](Self::advance), [`shift`](Self::shift) and [`set`](Self::set) move it.
    pub fn freeze(&self) {
        self.set_speed(0.0);
    }

    /// Sets how many simulated seconds pass in a real one: 1 at first, 0 is frozen, 60 makes an hour last a minute.
    ///
    /// # Panics
    ///
    /// If `speed` is negative or not a finite number.
    pub fn set_speed(&self, speed: f64) {
        assert!(
            speed.is_finite() && speed >= 0.0,
            "a clock's speed is zero or more, not {speed}"
        );
        let mut face = self.face.lock();
        let now = face.now();
        face.anchor(now);
        face.speed = speed;
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frozen_clock_moves_only_when_told() {
        let clock = Clock::new();
        clock.freeze();
        let start = clock.now();
        assert_eq!(clock.now(), start);
        clock.advance(Duration::from_secs(7 * 24 * 3600));
        assert_eq!(clock.now() - start, TimeDelta::days(7));
        clock.shift(TimeDelta::days(-7));
        assert_eq!(clock.now(), start);
    }

    #[test]
    fn setting_the_speed_does_not_jump() {
        let clock = Clock::new();
        let before = clock.now();
        clock.set_speed(0.0);
        assert!(clock.now() >= before);
        assert!(clock.now() - before < TimeDelta::seconds(5));
    }
}
