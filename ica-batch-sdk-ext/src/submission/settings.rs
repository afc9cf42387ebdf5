//! Settings of a run.

use std::time::Duration;

use super::chunker::Limits;

/// Overall time limit of a run.
const DEADLINE: Duration = Duration::from_secs(24 * 3600);

/// Time after the last request of a chunk from which on a search finds what it created.
const SETTLING_TIME: Duration = Duration::from_secs(10 * 60);

/// Reaction to a chunk that ICA rejects as invalid: with HTTP 400, 413, or a 422 that is not about
/// the key.
///
/// ```
/// use ica_batch_sdk_ext::OnRejection;
///
/// assert_eq!(OnRejection::default(), OnRejection::Stop);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum OnRejection {
    /// The run ends with the rejection as its error. The next run sends the chunk again.
    #[default]
    Stop,
    /// The chunk is halved again and again until each rejected analysis is alone. The report
    /// [lists](crate::SubmissionOutcome::Rejected) these; all others are created.
    Isolate,
}

/// Reaction to a manifest that differs from the one recorded under the submission's name.
///
/// ```
/// use ica_batch_sdk_ext::OnChange;
///
/// assert_eq!(OnChange::default(), OnChange::Stop);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum OnChange {
    /// The run ends with an error that has the [changes](crate::ManifestChanges). Nothing is sent.
    #[default]
    Stop,
    /// The run accepts added rows, and corrected rows in place of rejected ones. A removed row must
    /// be created or rejected. Its analysis stays, and is not aborted. Any other change ends the run
    /// as [`Stop`](Self::Stop) does.
    AcceptAdditions,
}

/// Rows that are sent again as new attempts.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Again {
    /// Rows that ICA accepted and could not create.
    pub(super) creation_failed: bool,
    /// Rows whose runs failed or were aborted.
    pub(super) run_failed: bool,
}

/// Settings of a run.
#[derive(Debug, Clone, Copy)]
pub(super) struct Settings {
    pub(super) limits: Limits,
    pub(super) concurrency: usize,
    pub(super) on_rejection: OnRejection,
    pub(super) rejection_limit: u64,
    pub(super) on_change: OnChange,
    pub(super) allow_duplicates: bool,
    pub(super) retry_rejected: bool,
    pub(super) again: Again,
    pub(super) lookup_items: bool,
    pub(super) wait_for_owner: Duration,
    pub(super) deadline: Duration,
    pub(super) stop_on_first_error: bool,
    pub(super) marks: bool,
    pub(super) settling_time: Duration,
    pub(super) allow_other_user: bool,
    pub(super) allow_created_elsewhere: bool,
    pub(super) allow_strangers: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            limits: Limits {
                analyses: 100,
                bytes: 1_000_000,
            },
            concurrency: 4,
            on_rejection: OnRejection::default(),
            rejection_limit: 100,
            on_change: OnChange::default(),
            allow_duplicates: false,
            retry_rejected: false,
            again: Again::default(),
            lookup_items: true,
            wait_for_owner: Duration::ZERO,
            deadline: DEADLINE,
            stop_on_first_error: false,
            marks: true,
            settling_time: SETTLING_TIME,
            allow_other_user: false,
            allow_created_elsewhere: false,
            allow_strangers: false,
        }
    }
}
