//! Meaning of the statuses of analysis batches.

use ica_batch_sdk::types::{AnalysisStatus, ItemStatus};

use crate::batch::{CreationState, RunState};

pub(super) fn creation_state(status: &ItemStatus) -> CreationState {
    match status {
        ItemStatus::WaitingResources | ItemStatus::Running => CreationState::Pending,
        ItemStatus::Succeeded => CreationState::Created,
        ItemStatus::Failed => CreationState::NotCreated,
        _ => CreationState::Unknown,
    }
}

pub(super) fn run_state(status: &AnalysisStatus) -> RunState {
    match status {
        AnalysisStatus::Succeeded => RunState::Succeeded,
        AnalysisStatus::Failed | AnalysisStatus::FailedFinal | AnalysisStatus::Aborted => RunState::Failed,
        AnalysisStatus::Requested
        | AnalysisStatus::Queued
        | AnalysisStatus::Initializing
        | AnalysisStatus::PreparingInputs
        | AnalysisStatus::InProgress
        | AnalysisStatus::GeneratingOutputs
        | AnalysisStatus::AwaitingInput
        | AnalysisStatus::Aborting => RunState::Running,
        _ => RunState::Unknown,
    }
}

/// Meaning of the status of an analysis.
///
/// ```
/// use ica_batch_sdk_ext::AnalysisStatusExt;
/// use ica_batch_sdk_ext::types::AnalysisStatus;
///
/// assert!(AnalysisStatus::Aborted.is_terminal());
/// assert!(!AnalysisStatus::Aborted.is_success());
/// assert!(!AnalysisStatus::from("NEW").is_terminal());
/// ```
pub trait AnalysisStatusExt {
    /// Returns whether the run has ended. A status that this crate does not know is not terminal.
    fn is_terminal(&self) -> bool;

    /// Returns whether the run succeeded.
    fn is_success(&self) -> bool;
}

impl AnalysisStatusExt for AnalysisStatus {
    fn is_terminal(&self) -> bool {
        run_state(self).is_terminal()
    }

    fn is_success(&self) -> bool {
        run_state(self) == RunState::Succeeded
    }
}

#[cfg(test)]
mod tests {
    use ica_batch_sdk::types::{AnalysisStatus, ItemStatus};

    use super::{creation_state, run_state};
    use crate::batch::{CreationState, RunState};

    /// A value that ICA adds must be given a meaning: as `Unknown`, it would never end a wait.
    #[test]
    fn every_known_status_has_a_meaning() {
        for status in ItemStatus::KNOWN {
            assert_ne!(
                creation_state(status),
                CreationState::Unknown,
                "{status}: decide in creation_state whether its item is pending, created or not created; as Unknown it never ends a wait"
            );
        }
        for status in AnalysisStatus::KNOWN {
            assert_ne!(
                run_state(status),
                RunState::Unknown,
                "{status}: decide in run_state whether its run goes on, succeeded or failed; as Unknown it never ends a wait"
            );
        }
    }
}
