//! Results of spawned tasks.

use tokio::task::JoinError;

/// Returns the value of a task, or continues its panic. None if the runtime ended the task, which
/// happens only while the runtime shuts down.
pub(crate) fn finished<T>(result: Result<T, JoinError>) -> Option<T> {
    match result {
        Ok(value) => Some(value),
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(_) => None,
        },
    }
}
