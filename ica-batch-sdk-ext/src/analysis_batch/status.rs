//! Meaning of the statuses of the items of analysis batches.

use ica_batch_sdk::types::ItemStatus;

use crate::batch::CreationState;

pub(super) fn creation_state(status: &ItemStatus) -> CreationState {
    match status {
        ItemStatus::WaitingResources | ItemStatus::Running => CreationState::Pending,
        ItemStatus::Succeeded => CreationState::Created,
        ItemStatus::Failed => CreationState::NotCreated,
        _ => CreationState::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use ica_batch_sdk::types::ItemStatus;

    use super::creation_state;
    use crate::batch::CreationState;

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
    }
}
