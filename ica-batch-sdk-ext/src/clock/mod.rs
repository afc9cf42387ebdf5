//! Clocks: the machine's, and one for tests.
//!
//! Waits between attempts and polls, deadlines, the expiry of tokens and dates in `Retry-After` use
//! a [`Clock`]. The default is [`SystemClock`]. Tests can use [`ManualClock`]: a sleep of an hour
//! ends at once and is recorded. [`ClientBuilder::clock`](crate::ClientBuilder::clock) sets the
//! clock of a client. The time limit of one attempt uses real time with any clock, because it
//! limits a real connection.
//!
//! # Test with a simulated server
//!
//! The server of a test has a clock, too. With two separate clocks, a long sleep of the client ends
//! at once, and the server notices no time at all. The client then rejects new tokens as expired,
//! and the server finishes no analysis. Freeze the clock of the server, and
//! [link](ManualClock::linked) the clock of the client to it.
//!
//! # Do not pause the time of tokio
//!
//! `#[tokio::test(start_paused = true)]` does not work with a real connection, even to this
//! machine. While all tasks wait for sockets, tokio takes the runtime for idle and advances its
//! time to the next timer. That timer is the time limit of the attempt, which then ends before the
//! response arrives. Calls use up all their attempts within milliseconds and fail as
//! [`Timeout`](crate::ErrorKind::Timeout). A few succeed by chance. A [`ManualClock`] does not
//! help, because the time limit of an attempt uses the time of tokio with any clock.
//!
//! The [`SystemClock`] has a second problem: its sleeps use the time of tokio and end at once, but
//! its [`elapsed`](Clock::elapsed) uses the time of the machine. So a poll loop runs without a
//! pause until its deadline has passed in real time.
//!
//! Use a plain `#[tokio::test]` and a [`ManualClock`], linked to the clock of the server.

// Numbers and times come from a server, a file or a caller here.
#![cfg_attr(not(test), warn(clippy::arithmetic_side_effects, clippy::indexing_slicing))]

mod manual;

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

pub use manual::ManualClock;

/// Future of [`Clock::sleep`].
///
/// ```
/// use std::time::Duration;
///
/// use ica_batch_sdk_ext::clock::{Clock, ManualClock, Sleep};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let clock = ManualClock::new();
/// let sleep: Sleep = clock.sleep(Duration::from_secs(3600));
/// sleep.await;
/// assert_eq!(clock.elapsed(), Duration::from_secs(3600));
/// # }
/// ```
pub type Sleep = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Source of time.
///
/// ```
/// use std::time::{Duration, SystemTime};
///
/// use ica_batch_sdk_ext::clock::{Clock, Sleep, SystemClock};
///
/// /// The machine's clock, set to another time.
/// #[derive(Debug)]
/// struct Ahead(SystemClock, Duration);
///
/// impl Clock for Ahead {
///     fn now(&self) -> SystemTime {
///         self.0.now() + self.1
///     }
///
///     fn elapsed(&self) -> Duration {
///         self.0.elapsed()
///     }
///
///     fn sleep(&self, duration: Duration) -> Sleep {
///         self.0.sleep(duration)
///     }
/// }
///
/// let clock = Ahead(SystemClock::new(), Duration::from_secs(3600));
/// assert!(clock.now() > SystemTime::now() + Duration::from_secs(3000));
/// ```
pub trait Clock: fmt::Debug + Send + Sync + 'static {
    /// Returns the current time. It is compared with times of the server, such as the expiry of a
    /// token.
    fn now(&self) -> SystemTime;

    /// Returns the time since a fixed point. It never decreases. Deadlines use it.
    fn elapsed(&self) -> Duration;

    /// Waits for this duration.
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

/// Clock of the machine. A sleep needs a tokio runtime with time enabled.
///
/// ```
/// use std::time::Duration;
///
/// use ica_batch_sdk_ext::clock::{Clock, SystemClock};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let clock = SystemClock::new();
/// clock.sleep(Duration::from_millis(1)).await;
/// assert!(clock.elapsed() >= Duration::from_millis(1));
/// # }
/// ```
#[derive(Debug, Clone, Copy)]
pub struct SystemClock {
    start: Instant,
}

impl SystemClock {
    /// Returns the clock of the machine. Its [`elapsed`](Clock::elapsed) starts now.
    ///
    /// ```
    /// use ica_batch_sdk_ext::clock::SystemClock;
    /// use ica_batch_sdk_ext::{Client, Credentials};
    ///
    /// let credentials = Credentials::api_key("my-api-key")?;
    /// // This clock is the default.
    /// let client = Client::builder().credentials(credentials).clock(SystemClock::new()).build()?;
    /// # Ok::<(), ica_batch_sdk_ext::Error>(())
    /// ```
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
