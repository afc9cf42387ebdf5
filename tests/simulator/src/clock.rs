//! The simulator's only source of time.
//!
//! The memory of an idempotency key (seven days), the expiry of a token and the progress of an
//! analysis read this clock. It starts at the real time and runs at the real speed. A test moves it
//! instead of waiting.

use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use parking_lot::Mutex;

/// An adjustable clock. Clones share the same time.
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
    setting: Arc<Mutex<Setting>>,
    watchers: Arc<Mutex<Vec<Weak<Watcher>>>>,
}

/// Function that is called after each change of a clock.
pub(crate) type Watcher = dyn Fn() + Send + Sync;

/// State of a clock. The simulated time is `simulated` plus `speed` times the real time since
/// `real`.
#[derive(Debug)]
struct Setting {
    real: Instant,
    simulated: DateTime<Utc>,
    speed: f64,
}

impl Setting {
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
    /// Creates a clock that starts at the real time and runs at the real speed.
    ///
    /// ```
    /// let (clock, real) = (ica_simulator::Clock::new(), chrono::Utc::now());
    /// assert!((clock.now() - real).abs().num_seconds() < 60);
    /// ```
    pub fn new() -> Self {
        let setting = Setting {
            real: Instant::now(),
            simulated: Utc::now(),
            speed: 1.0,
        };
        Self {
            setting: Arc::new(Mutex::new(setting)),
            watchers: Arc::default(),
        }
    }

    /// Returns the simulated time.
    pub fn now(&self) -> DateTime<Utc> {
        self.setting.lock().now()
    }

    /// Moves the clock forward. Its speed stays the same.
    pub fn advance(&self, by: Duration) {
        self.shift(TimeDelta::from_std(by).unwrap_or(TimeDelta::MAX));
    }

    /// Moves the clock forward or, by a negative amount, back. Its speed stays the same.
    pub fn shift(&self, by: TimeDelta) {
        let mut setting = self.setting.lock();
        let moved = setting.now().checked_add_signed(by).unwrap_or(DateTime::<Utc>::MAX_UTC);
        setting.anchor(moved);
        drop(setting);
        self.notify();
    }

    /// Sets the clock to a time. Its speed stays the same.
    pub fn set(&self, time: DateTime<Utc>) {
        self.setting.lock().anchor(time);
        self.notify();
    }

    /// Stops the clock. After that only [`advance`](Self::advance), [`shift`](Self::shift) and
    /// [`set`](Self::set) move it.
    pub fn freeze(&self) {
        self.set_speed(0.0);
    }

    /// Sets how many simulated seconds pass in one real second. The default is 1; 0 stops the
    /// clock; at 60 an hour takes a minute.
    ///
    /// # Panics
    ///
    /// If `speed` is negative or not a finite number.
    pub fn set_speed(&self, speed: f64) {
        assert!(
            speed.is_finite() && speed >= 0.0,
            "clock speed {speed} is not valid: it is negative or not finite; use a number from 0 up"
        );
        let mut setting = self.setting.lock();
        let now = setting.now();
        setting.anchor(now);
        setting.speed = speed;
        drop(setting);
        self.notify();
    }

    pub(crate) fn is_frozen(&self) -> bool {
        self.setting.lock().speed == 0.0
    }

    /// Returns whether the clock departs from real time by itself.
    pub(crate) fn runs_fast_or_slowly(&self) -> bool {
        !matches!(self.setting.lock().speed, 0.0 | 1.0)
    }

    /// Calls the watcher after each change of the clock, until it is dropped.
    pub(crate) fn watch(&self, watcher: &Arc<Watcher>) {
        self.watchers.lock().push(Arc::downgrade(watcher));
    }

    /// Calls the watchers.
    pub(crate) fn notify(&self) {
        let watchers: Vec<_> = {
            let mut watchers = self.watchers.lock();
            watchers.retain(|watcher| watcher.strong_count() > 0);
            watchers.iter().filter_map(Weak::upgrade).collect()
        };
        watchers.iter().for_each(|watcher| watcher());
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
    fn a_frozen_clock_moves_only_on_request() {
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
