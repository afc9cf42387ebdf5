//! Settings of a wait.

use std::time::Duration;

use super::interval::PollInterval;

const DEADLINE: Duration = Duration::from_secs(48 * 3600);
const PAGE_SIZE: u64 = 1000;

/// State of the items that a wait waits for.
///
/// ```
/// use ica_batch_sdk_ext::WaitUntil;
///
/// assert_eq!(WaitUntil::default(), WaitUntil::Finished);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum WaitUntil {
    /// The creation of every item has ended.
    Created,
    /// The creation of every item has ended, and so has every run that an item started.
    #[default]
    Finished,
}

/// Settings of a wait.
#[derive(Debug, Clone)]
pub(super) struct WaitSettings {
    pub(super) until: WaitUntil,
    pub(super) deadline: Duration,
    pub(super) interval: PollInterval,
    /// Items per page.
    pub(super) page_size: u64,
}

impl Default for WaitSettings {
    fn default() -> Self {
        Self {
            until: WaitUntil::default(),
            deadline: DEADLINE,
            interval: PollInterval::default(),
            page_size: PAGE_SIZE,
        }
    }
}
