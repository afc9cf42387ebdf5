//! Statuses of jobs, items and runs, and their meanings.

use std::fmt;
use std::hash::Hash;

use ica_batch_sdk::OpenEnum;
use serde::Serialize;

/// Status of a job, an item or a run: text of ICA that may be newer than this crate.
///
/// ```
/// use ica_batch_sdk_ext::Status;
/// use ica_batch_sdk_ext::types::ItemStatus;
///
/// let status = ItemStatus::from("NEWER_THAN_THIS_CRATE");
/// assert_eq!(Status::as_str(&status), "NEWER_THAN_THIS_CRATE");
/// assert!(!Status::is_recognized(&status));
/// ```
pub trait Status: Clone + Ord + Hash + fmt::Debug + fmt::Display + Serialize + Send + Sync + 'static {
    /// Returns the status as ICA writes it.
    fn as_str(&self) -> &str;

    /// Returns whether this crate knows the status.
    fn is_recognized(&self) -> bool;
}

impl<T: OpenEnum> Status for T {
    fn as_str(&self) -> &str {
        OpenEnum::as_str(self)
    }

    fn is_recognized(&self) -> bool {
        OpenEnum::is_recognized(self)
    }
}

/// Run status of a family whose items start no run. It has no value.
///
/// ```
/// use ica_batch_sdk_ext::{Family, NoRun, SampleCreation};
///
/// let none: Option<<SampleCreation as Family>::RunStatus> = None::<NoRun>;
/// assert!(none.is_none());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub enum NoRun {}

impl fmt::Display for NoRun {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {}
    }
}

impl Status for NoRun {
    fn as_str(&self) -> &str {
        match *self {}
    }

    fn is_recognized(&self) -> bool {
        match *self {}
    }
}

/// Meaning of the status of a job.
///
/// ```
/// use ica_batch_sdk_ext::types::JobStatus;
/// use ica_batch_sdk_ext::{AnalysisCreation, Family, JobState};
///
/// let state = AnalysisCreation::job_state(&JobStatus::Failed);
/// assert_eq!(state, JobState::Ended { is_failure: true });
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum JobState {
    /// The job has not started: no item is being created yet.
    NotStarted,
    /// The job waits for resources.
    Waiting,
    /// The job creates items.
    Running,
    /// The job has ended.
    Ended {
        /// Whether the job failed or was stopped.
        is_failure: bool,
    },
    /// The status is unknown to this crate.
    Unknown,
}

/// Meaning of the status of an item's creation.
///
/// ```
/// use ica_batch_sdk_ext::CreationState;
///
/// assert!(CreationState::NotCreated.is_terminal());
/// assert!(!CreationState::Unknown.is_terminal());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CreationState {
    /// The creation has not ended.
    Pending,
    /// The item was created.
    Created,
    /// The item was created, but parts of the request failed.
    PartiallyCreated,
    /// The item was not created.
    NotCreated,
    /// The status is unknown to this crate.
    Unknown,
}

impl CreationState {
    /// Returns whether the creation has ended.
    pub fn is_terminal(self) -> bool {
        match self {
            Self::Pending | Self::Unknown => false,
            Self::Created | Self::PartiallyCreated | Self::NotCreated => true,
        }
    }
}

/// Meaning of the status of a run.
///
/// ```
/// use ica_batch_sdk_ext::RunState;
///
/// assert!(RunState::Failed.is_terminal());
/// assert!(!RunState::Running.is_terminal());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RunState {
    /// The run has not ended.
    Running,
    /// The run succeeded.
    Succeeded,
    /// The run failed or was aborted.
    Failed,
    /// The status is unknown to this crate.
    Unknown,
}

impl RunState {
    /// Returns whether the run has ended.
    pub fn is_terminal(self) -> bool {
        match self {
            Self::Running | Self::Unknown => false,
            Self::Succeeded | Self::Failed => true,
        }
    }
}
