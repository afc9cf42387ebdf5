//! Pace of a client: how many requests it sends, and when.
//!
//! All calls of a client and its clones share one pace: creates, reads, lists, waits, submissions
//! and the requests for tokens. It adapts to what the server says, and needs no setting.
//!
//! - **Concurrency.** A client begins with 8 requests in flight. It allows more while the server
//!   responds, up to 256, and half as many after a 503, a timeout, or a 502 or 504 of a gateway.
//! - **Rate.** After refusals with 429, the client sends at the rate at which the server served
//!   requests, evenly spaced. The rate then grows slowly, to find a limit that was raised.
//! - **Pause.** After a 429 or 503 no call of the client sends anything for the time in
//!   `Retry-After`, or for up to half a second without one. A longer `Retry-After` than 15 minutes
//!   pauses the other calls for 15 minutes; then one request asks again.
//! - **Circuit.** Five failures in a row without a response, or a second refusal after a pause, open
//!   the circuit. One request at a time then asks whether the server is back. The time between two
//!   of them grows to 15 seconds, or is what `Retry-After` says. The first response closes the
//!   circuit, and the concurrency grows from one.
//!
//! Calls are sent in the order in which they began. A retry keeps the place of its call. A call that
//! waits ends at its own deadline, and fails at once if a pause is longer than the time left. The
//! error then says that nothing was sent. Dropping a call gives its place back.
//!
//! [`ClientBuilder::max_concurrency`](crate::ClientBuilder::max_concurrency) bounds the concurrency,
//! and [`ClientBuilder::without_pace`](crate::ClientBuilder::without_pace) turns the rest off.
//! [`Client::pace`](crate::Client::pace) returns the current state. Changes are `tracing` events.
//!
//! # Limits
//!
//! - A rate is found by two refusals, mostly within a few seconds: the first one, and another one while
//!   the rate grows. Until then, and after the server lowers its limit, more requests are refused, and
//!   each pause costs what the server would have served meanwhile.
//! - A network or a server that stalls for a moment gets the waiting requests at once. A server with a
//!   small burst refuses some of them, and the rate falls although its limit did not.
//! - A server that allows no burst at all, and more requests than some dozens per second, refuses
//!   requests that are sent a millisecond too early. Timers are not more exact.
//! - A server that counts the requests of each second, in place of a bucket that fills up, refuses some
//!   of them if they arrive less evenly than they are sent. The client then stays up to a fifth below
//!   the limit. A limit below 4 requests a second, or of a longer time than a second, is met as if the
//!   server had a bucket.
//! - The rate holds for all operations together, even if the server limits only one of them.
//! - A refused request for a token pauses no other call. Calls without a valid token wait for it.
//! - Two clients, or two processes, share no pace. Each adapts to its share of the limit.
//! - A future that is not polled keeps its place. If none of the requests in flight ends for some
//!   time, another one is sent beyond the concurrency. It is not sent beyond `max_concurrency`.
//!
//! ```
//! # use ica_batch_sdk_ext::clock::ManualClock;
//! # use ica_batch_sdk_ext::{Client, Credentials};
//! use std::time::Duration;
//!
//! use ica_batch_sdk_ext::pace::PauseReason;
//! use ica_batch_sdk_ext::retry::RetryPolicy;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let simulator = ica_simulator::Simulator::start();
//! # let id = simulator.seed_batch(simulator.project_id(), 1, ica_simulator::SeedOptions::default());
//! # simulator.faults().add(ica_simulator::FaultKind::refuse_for(429, 17));
//! # let clock = ManualClock::new();
//! # let client = Client::builder().base_url(simulator.base_url()).clock(clock.clone())
//! #     .credentials(Credentials::api_key_direct(simulator.api_key())?).build()?;
//! # let batch = client.project(simulator.project_id())?.batch(id);
//! // The response is 429 with `Retry-After: 17`.
//! assert!(batch.get().retry(RetryPolicy::never()).await.unwrap_err().is_rate_limited());
//!
//! let pause = client.pace().pause().expect("no call sends anything now");
//! assert_eq!(pause, (Duration::from_secs(17), PauseReason::RateLimited));
//! batch.get().await?; // waits 17 seconds first
//! assert_eq!(clock.sleeps(), [Duration::from_secs(17)]);
//! # Ok(())
//! # }
//! ```

// Numbers and times come from a server, a file or a caller here.
#![cfg_attr(not(test), warn(clippy::arithmetic_side_effects, clippy::indexing_slicing))]

mod bounds;
mod controller;
mod epoch;
mod rate;
mod recent;
mod second_limit;
mod shared;
mod status;
#[cfg(test)]
mod tests;
mod turn;
mod window;

pub(crate) use controller::{Change, Outcome};
pub(crate) use shared::{Pace, PaceSettings, Place, Turn};
pub use status::{PaceStatus, PauseReason};
pub(crate) use turn::Delay;
