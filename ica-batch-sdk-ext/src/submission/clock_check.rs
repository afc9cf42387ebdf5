//! Comparison of this machine's clock with ICA's, before anything is sent.
//!
//! A run measures the age of a key by the clock of the machine. A clock that is wrong by days when a
//! chunk is sent, and set right later, would make an old key look young.

use std::time::Duration;

use super::errors;
use super::run::Run;
use crate::error::Result;

/// Largest difference between the clocks of this machine and of ICA with which a run sends: 5
/// minutes. Machines whose clocks are set by the network differ by less than a second.
pub(super) const LARGEST_SKEW: Duration = Duration::from_secs(5 * 60);

impl Run {
    /// Fails if this machine's clock differs from ICA's by more than [`LARGEST_SKEW`].
    ///
    /// Every response to the client shows the difference. If there was none lately, one small
    /// request is sent. If that shows nothing either, the clock is not checked.
    pub(super) async fn check_clock(&self) -> Result<()> {
        match self.api.clock_skew().await {
            Some(skew) if skew.amount() > LARGEST_SKEW => Err(errors::clock_skew(&self.id, skew, self.clock.now())),
            _ => Ok(()),
        }
    }
}
