//! Clock for tests, on its own or linked to the clock of a simulated server.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use super::{Clock, Sleep};

/// A clock that advances only on `sleep` and `advance`. For tests.
///
/// A sleep ends at once, and is recorded. Clones are the same clock.
///
/// ```
/// # use ica_batch_sdk_ext::{Client, Credentials};
/// use std::time::Duration;
///
/// use ica_batch_sdk_ext::clock::{Clock, ManualClock};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let simulator = ica_simulator::Simulator::start();
/// # let id = simulator.seed_batch(simulator.project_id(), 1, ica_simulator::SeedOptions::default());
/// # simulator.faults().add(ica_simulator::FaultKind::refuse_for(503, 3600));
/// let clock = ManualClock::new();
/// let client = Client::builder()
///     .clock(clock.clone())
///     .deadline(Duration::from_secs(7200))
/// #   .base_url(simulator.base_url())
/// #   .credentials(Credentials::api_key_direct(simulator.api_key())?)
///     // …
///     .build()?;
/// # let batch = client.project(simulator.project_id())?.batch(id);
/// batch.get().await?; // the first response is 503 with `Retry-After: 3600`
/// assert_eq!(clock.sleeps(), [Duration::from_secs(3600)]);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct ManualClock(Arc<Manual>);

struct Manual {
    now: Box<dyn Fn() -> SystemTime + Send + Sync>,
    advance: Box<dyn Fn(Duration) + Send + Sync>,
    state: Mutex<State>,
}

/// State of a manual clock. Its lock is held while the functions of the linked clock run, so that
/// an advance is one step.
struct State {
    /// Time of the linked clock when it was last read.
    seen: SystemTime,
    elapsed: Duration,
    sleeps: Vec<Duration>,
}

impl ManualClock {
    /// Returns a clock that is set to the current time of the machine.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use ica_batch_sdk_ext::clock::{Clock, ManualClock};
    ///
    /// let clock = ManualClock::new();
    /// let start = clock.now();
    /// clock.advance(Duration::from_secs(60));
    /// assert_eq!(clock.now(), start + Duration::from_secs(60));
    /// ```
    pub fn new() -> Self {
        Self::starting_at(SystemTime::now())
    }

    /// Returns a clock that is set to this time.
    ///
    /// ```
    /// use std::time::{Duration, SystemTime};
    ///
    /// use ica_batch_sdk_ext::clock::{Clock, ManualClock};
    ///
    /// let start = SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_464_900);
    /// assert_eq!(ManualClock::starting_at(start).now(), start);
    /// ```
    pub fn starting_at(start: SystemTime) -> Self {
        Self::linked(
            Mutex::new(start),
            |time| *lock(time),
            |time, by| {
                let mut time = lock(time);
                *time = time.checked_add(by).unwrap_or(*time);
            },
        )
    }

    /// Returns a clock that reads and advances another one, such as the clock of a simulated
    /// server.
    ///
    /// `now` returns the time of the other clock, and `advance` advances it. The two clocks then
    /// show the same time always: a sleep or an [`advance`](Self::advance) advances both. Freeze
    /// the other clock, so that nothing else advances it. If it is advanced directly, this clock
    /// follows. If it is set back, [`now`](Clock::now) follows, and [`elapsed`](Clock::elapsed)
    /// does not decrease.
    ///
    /// `now` and `advance` must not use the clock that is returned.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use ica_batch_sdk_ext::clock::ManualClock;
    /// use ica_batch_sdk_ext::{Client, Credentials, Uuid};
    /// use ica_simulator::Simulator;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// const MINUTE: Duration = Duration::from_secs(60);
    ///
    /// let simulator = Simulator::builder().token_lifetime(60 * MINUTE).start()?;
    /// simulator.clock().freeze();
    /// let clock = ManualClock::linked(
    ///     simulator.clock(),
    ///     |simulated| simulated.now().into(),
    ///     |simulated, by| simulated.advance(by),
    /// );
    /// let client = Client::builder()
    ///     .base_url(simulator.base_url())
    ///     .credentials(Credentials::api_key(simulator.api_key())?)
    ///     .clock(clock.clone())
    ///     .build()?;
    /// let batch = client.project(simulator.project_id())?.batch(Uuid::nil());
    ///
    /// assert!(batch.get().await.unwrap_err().is_not_found());
    /// clock.advance(50 * MINUTE);
    /// assert!(batch.get().await.unwrap_err().is_not_found());
    /// assert_eq!(simulator.minted_tokens(), 1, "the token is valid for an hour");
    ///
    /// clock.advance(20 * MINUTE);
    /// assert!(batch.get().await.unwrap_err().is_not_found());
    /// assert_eq!(simulator.minted_tokens(), 2, "the first token has expired for both");
    /// # Ok(())
    /// # }
    /// ```
    pub fn linked<C>(
        clock: C,
        now: impl Fn(&C) -> SystemTime + Send + Sync + 'static,
        advance: impl Fn(&C, Duration) + Send + Sync + 'static,
    ) -> Self
    where
        C: Send + Sync + 'static,
    {
        let clock = Arc::new(clock);
        let seen = now(&clock);
        let advanced = Arc::clone(&clock);
        Self(Arc::new(Manual {
            now: Box::new(move || now(&clock)),
            advance: Box::new(move |by| advance(&advanced, by)),
            state: Mutex::new(State {
                seen,
                elapsed: Duration::ZERO,
                sleeps: Vec::new(),
            }),
        }))
    }

    /// Advances the clock.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use ica_batch_sdk_ext::clock::{Clock, ManualClock};
    ///
    /// let clock = ManualClock::new();
    /// clock.advance(Duration::from_secs(3600));
    /// assert_eq!(clock.elapsed(), Duration::from_secs(3600));
    /// assert!(clock.sleeps().is_empty()); // nothing has slept
    /// ```
    pub fn advance(&self, by: Duration) {
        self.0.advance(&mut self.0.state(), by);
    }

    /// Returns the sleeps so far, in the order in which they began.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use ica_batch_sdk_ext::clock::{Clock, ManualClock};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let clock = ManualClock::new();
    /// clock.sleep(Duration::from_secs(3600)).await;
    /// clock.advance(Duration::from_secs(60));
    /// assert_eq!(clock.sleeps(), [Duration::from_secs(3600)], "an advance is not a sleep");
    /// # }
    /// ```
    pub fn sleeps(&self) -> Vec<Duration> {
        self.0.state().sleeps.clone()
    }
}

impl Manual {
    /// Locks the state, and adds the time by which the linked clock was advanced directly.
    fn state(&self) -> MutexGuard<'_, State> {
        let mut state = lock(&self.state);
        let now = (self.now)();
        let advanced = now.duration_since(state.seen).unwrap_or_default();
        state.elapsed = state.elapsed.saturating_add(advanced);
        state.seen = now;
        state
    }

    fn advance(&self, state: &mut State, by: Duration) {
        (self.advance)(by);
        state.elapsed = state.elapsed.saturating_add(by);
        state.seen = (self.now)();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Default for ManualClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for ManualClock {
    fn now(&self) -> SystemTime {
        self.0.state().seen
    }

    fn elapsed(&self) -> Duration {
        self.0.state().elapsed
    }

    fn sleep(&self, duration: Duration) -> Sleep {
        let clock = self.clone();
        Box::pin(async move {
            {
                let mut state = clock.0.state();
                state.sleeps.push(duration);
                clock.0.advance(&mut state, duration);
            }
            // Other tasks run now, as in a real sleep.
            tokio::task::yield_now().await;
        })
    }
}

impl fmt::Debug for ManualClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.0.state();
        f.debug_struct("ManualClock")
            .field("now", &state.seen)
            .field("elapsed", &state.elapsed)
            .field("sleeps", &state.sleeps)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};
    use std::time::{Duration, SystemTime};

    use super::{ManualClock, lock};
    use crate::clock::Clock;

    const HOUR: Duration = Duration::from_secs(3600);

    /// Returns another clock, and a clock that is linked to it.
    fn linked() -> (Arc<Mutex<SystemTime>>, ManualClock) {
        let other = Arc::new(Mutex::new(SystemTime::UNIX_EPOCH + 100 * HOUR));
        let clock = ManualClock::linked(Arc::clone(&other), |other| *lock(other), |other, by| *lock(other) += by);
        (other, clock)
    }

    #[tokio::test]
    async fn clones_are_the_same_clock() {
        let clock = ManualClock::new();
        let (clone, start) = (clock.clone(), clock.now());
        clone.advance(HOUR);
        clone.sleep(2 * HOUR).await;
        assert_eq!((clock.now(), clock.elapsed()), (start + 3 * HOUR, 3 * HOUR));
        assert_eq!(clock.sleeps(), [2 * HOUR]);
    }

    #[tokio::test]
    async fn sleeps_and_advances_also_advance_the_linked_clock() {
        let (other, clock) = linked();
        clock.sleep(HOUR).await;
        clock.advance(HOUR);
        assert_eq!(*lock(&other), SystemTime::UNIX_EPOCH + 102 * HOUR);
        assert_eq!(clock.now(), *lock(&other));
        assert_eq!((clock.elapsed(), clock.sleeps()), (2 * HOUR, vec![HOUR]));
    }

    #[test]
    fn an_advance_of_the_linked_clock_counts() {
        let (other, clock) = linked();
        *lock(&other) += HOUR;
        assert_eq!((clock.now(), clock.elapsed()), (*lock(&other), HOUR));
    }

    #[test]
    fn setting_the_linked_clock_back_does_not_decrease_the_elapsed_time() {
        let (other, clock) = linked();
        clock.advance(HOUR);
        *lock(&other) -= 3 * HOUR;
        assert_eq!((clock.now(), clock.elapsed()), (*lock(&other), HOUR));
        clock.advance(HOUR);
        assert_eq!((clock.now(), clock.elapsed()), (*lock(&other), 2 * HOUR));
    }

    #[test]
    fn the_longest_advance_does_not_panic() {
        let clock = ManualClock::new();
        clock.advance(Duration::MAX);
        clock.advance(Duration::MAX);
        assert_eq!(clock.elapsed(), Duration::MAX);
        clock.now();
    }
}
