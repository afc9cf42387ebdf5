//! Meaning of the status of an analysis.

use ica_batch_sdk::types::AnalysisStatus;

use crate::batch::RunState;

/// Returns the meaning of a status. A test makes it complete.
pub(crate) fn run_state(status: &AnalysisStatus) -> RunState {
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
/// assert!(AnalysisStatus::Aborted.is_terminal() && AnalysisStatus::Aborted.is_failure());
/// assert!(!AnalysisStatus::Aborting.is_terminal());
/// assert!(!AnalysisStatus::from("NEW").is_terminal());
/// ```
pub trait AnalysisStatusExt {
    /// Returns the meaning of the status: the run goes on, succeeded or failed.
    fn run_state(&self) -> RunState;

    /// Returns whether the run has ended. A status that this crate does not know is not terminal.
    fn is_terminal(&self) -> bool {
        self.run_state().is_terminal()
    }

    /// Returns whether the run succeeded.
    fn is_success(&self) -> bool {
        self.run_state() == RunState::Succeeded
    }

    /// Returns whether the run has ended without success: it failed or was aborted.
    fn is_failure(&self) -> bool {
        self.run_state() == RunState::Failed
    }
}

impl AnalysisStatusExt for AnalysisStatus {
    fn run_state(&self) -> RunState {
        run_state(self)
    }
}

#[cfg(test)]
mod tests {
    use ica_batch_sdk::types::{AnalysisStatus, AnalysisStatusV3};

    use super::{AnalysisStatusExt, run_state};
    use crate::batch::RunState;

    /// A value that ICA adds must be given a meaning: as `Unknown`, it would never end a wait.
    #[test]
    fn every_known_status_has_a_meaning() {
        for status in AnalysisStatus::KNOWN {
            assert_ne!(
                run_state(status),
                RunState::Unknown,
                "{status}: decide in run_state whether its run goes on, succeeded or failed; as Unknown it never ends a wait"
            );
            assert_eq!(status.is_terminal(), status.is_success() || status.is_failure());
        }
        for status in AnalysisStatusV3::KNOWN {
            let status = AnalysisStatus::from(status.as_str());
            assert_ne!(run_state(&status), RunState::Unknown, "{status}");
        }
    }
}
