//! Time, so that a test can hold it.
//!
//! Waiting between attempts, deadlines, the expiry of tokens and dates in `Retry-After` all go by a [`Clock`]. The default is
//! the machine's. [`ManualClock`] is one for tests: a sleep of an hour passes at once and is remembered.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

/// A wait that is under way.
pub type Sleep = Pin<Box<dyn Future<Output = ()> + Send>>;

/// A source of time.
pub trait Clock: fmt::Debug + Send + Sync + 'static {
    /// What time it is, for moments that the server names: the expiry of a token, a date to come back at.
    fn now(&self) -> SystemTime;

    /// The time since some fixed moment, which never runs backwards. Deadlines are measured by it.
    fn elapsed(&self) -> Duration;

    /// Waits this long. Ends early when it is dropped.
    fn sleep(&self, duration: Duration) -> Sleep;
}

impl<C: Clock + ?Sized> Clock for Arc<C> {
    fn now(&self) -> SystemTime {
        C::now(self)
    }

    fn elapsed(&self) -> Duration {
        C::elapsed(self)
    }

    fn sleep(&self, duration: Duration) -> Sleep {
        C::sleep(self, duration)
    }
}

/// The machine's clock. Its sleeps need a tokio runtime with time enabled.
#[derive(Debug, Clone, Copy)]
pub struct SystemClock {
    start: Instant,
}

impl SystemClock {
    /// The machine's clock.
    pub fn new() -> Self {
        Self { start: Instant::now() }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SystemClock {
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }

    fn elapsed(&self) -> Duration {
        self.start.elapsed()
    }

    fn sleep(&self, duration: Duration) -> Sleep {
        Box::pin(tokio::time::sleep(duration))
    }
}

/// A clock for tests: it stands still but for sleeps, which pass at once, and what it is told.
///
/// Clones are the same clock.
///
/// ```
/// use std::time::Duration;
/// use ica_batch_sdk_ext::clock::{Clock, ManualClock};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let clock = ManualClock::new();
/// let before = clock.now();
/// clock.sleep(Duration::from_secs(3600)).await;
/// assert_eq!(clock.now().duration_since(before).unwrap(), Duration::from_secs(3600));
/// assert_eq!(clock.sleeps(), [Duration::from_secs(3600)]);
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct ManualClock {
    start: SystemTime,
    state: Arc<Mutex<Manual>>,
}

#[derive(Debug, Default)]
struct Manual {
    elapsed: Duration,
    sleeps: Vec<Duration>,
}

impl ManualClock {
    /// A clock that stands at the machine's present time.
    pub fn new() -> Self {
        Self::starting_at(SystemTime::now())
    }

    /// A clock that stands at this moment.
    pub fn starting_at(start: SystemTime) -> Self {
        Self {
            start,
            state: Arc::default(),
        }
    }

    /// Puts the clock forward.
    pub fn advance(&self, by: Duration) {
        self.with(|state| state.elapsed = state.elapsed.saturating_add(by));
    }

    /// The sleeps so far, in the order in which they were begun.
    pub fn sleeps(&self) -> Vec<Duration> {
        self.with(|state| state.sleeps.clone())
    }

    fn with<T>(&self, act: impl FnOnce(&mut Manual) -> T) -> T {
        act(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Default for ManualClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for ManualClock {
    fn now(&self) -> SystemTime {
        self.start + self.elapsed()
    }

    fn elapsed(&self) -> Duration {
        self.with(|state| state.elapsed)
    }

    fn sleep(&self, duration: Duration) -> Sleep {
        let clock = self.clone();
        Box::pin(async move {
            clock.with(|state| {
                state.elapsed = state.elapsed.saturating_add(duration);
                state.sleeps.push(duration);
            });
            // Other tasks get their turn, as they would in a real sleep.
            tokio::task::yield_now().await;
        })
    }
}
