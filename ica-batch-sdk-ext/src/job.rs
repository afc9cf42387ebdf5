//! Meaning of the status of a job. All families of batches have the same jobs.

use ica_batch_sdk::types::JobStatus;

use crate::batch::JobState;

pub(crate) fn job_state(status: &JobStatus) -> JobState {
    match status {
        JobStatus::Initialized => JobState::NotStarted,
        JobStatus::WaitingForResources => JobState::Waiting,
        JobStatus::Running => JobState::Running,
        JobStatus::Succeeded | JobStatus::PartiallySucceeded => JobState::Ended { is_failure: false },
        JobStatus::Failed | JobStatus::Stopped => JobState::Ended { is_failure: true },
        _ => JobState::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use ica_batch_sdk::types::JobStatus;

    use super::job_state;
    use crate::batch::JobState;

    /// A value that ICA adds must be given a meaning: as `Unknown`, it would never end a wait.
    #[test]
    fn every_known_status_has_a_meaning() {
        for status in JobStatus::KNOWN {
            assert_ne!(
                job_state(status),
                JobState::Unknown,
                "{status}: decide in job_state whether its job runs or has ended, and whether that is a failure"
            );
        }
    }
}
