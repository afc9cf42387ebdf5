//! Chunks that a run sends again later, and failures that end a run at once.

use std::time::Duration;

use crate::error::{Error, ErrorKind, Execution, Problem};

/// Chunk that has no outcome yet, and that the run sends again later.
#[derive(Debug)]
pub(super) struct SetAside {
    /// Earliest time of the next request, by [`Clock::elapsed`](crate::clock::Clock::elapsed). None
    /// where the pause grows with the failures of the chunk.
    pub(super) until: Option<Duration>,
    /// Whether a create failed just now, so that it counts towards an outage.
    pub(super) is_failure: bool,
    /// Why the chunk has no outcome.
    pub(super) reason: Error,
}

impl SetAside {
    /// Sets a chunk aside after a failure.
    pub(super) fn after(failure: Error) -> Self {
        Self {
            until: None,
            is_failure: true,
            reason: failure,
        }
    }
}

/// Returns whether no waiting can fix this failure to send a chunk or to list items, so that the run
/// ends.
///
/// A refusal counts only with a code of ICA. Without one, a proxy may have sent it, which also
/// fails for a while. A rejection counts only if nothing was executed: otherwise the next request
/// may get the batch.
pub(super) fn ends_run(error: &Error) -> bool {
    let is_of_ica = error.problem().is_some_and(Problem::is_of_ica);
    match error.kind() {
        ErrorKind::KeyMismatch
        | ErrorKind::KeyExpired
        | ErrorKind::Journal
        | ErrorKind::JournalInUse
        | ErrorKind::ManifestChanged
        | ErrorKind::Paging
        | ErrorKind::InvalidInput => true,
        // A token that has expired was not sent, so the error lacks a status.
        ErrorKind::Unauthorized => is_of_ica || error.status().is_none(),
        ErrorKind::Forbidden | ErrorKind::NotFound | ErrorKind::VersionNotSupported => is_of_ica,
        ErrorKind::Rejected => is_of_ica && error.execution() == Execution::NotExecuted,
        _ => false,
    }
}

/// Returns whether no waiting can fix this failure to read one of many batches. ICA may show a new batch
/// late, and the others go on without one that it does not show at all.
pub(super) fn ends_reading(error: &Error, may_be_late: bool) -> bool {
    ends_run(error) && !(may_be_late && error.kind() == ErrorKind::NotFound)
}

/// Returns whether this failure ends a run whose client has no response of ICA yet: its source of
/// tokens or its base URL is probably wrong. After a response they were right, and the failure passes.
pub(super) fn ends_first_step(error: &Error, has_response: bool) -> bool {
    !has_response && matches!(error.kind(), ErrorKind::Credentials | ErrorKind::Redirected)
}

#[cfg(test)]
mod tests {
    use super::{ends_first_step, ends_reading, ends_run};
    use crate::error::{Error, ErrorKind, Execution, Problem, Scrubber};

    fn error(kind: ErrorKind, status: Option<u16>, problem: Option<&str>) -> Error {
        let problem = problem.map(|problem| Problem::from_bytes(problem.as_bytes(), &Scrubber::without_secrets()));
        Error::new(kind, "").with_status(status).with_problem(problem.flatten())
    }

    #[test]
    fn a_refusal_ends_a_run_only_if_it_is_of_ica() {
        let ica = Some(r#"{"title":"ICA_SEC_002"}"#);
        let gateway = Some(r#"{"code":"DENIED","message":"no"}"#);
        let refusals = [
            (ErrorKind::Unauthorized, 401),
            (ErrorKind::Forbidden, 403),
            (ErrorKind::NotFound, 404),
            (ErrorKind::VersionNotSupported, 406),
            (ErrorKind::Rejected, 400),
        ];
        for (kind, status) in refusals {
            assert!(ends_run(&error(kind, Some(status), ica)), "{status}");
            assert!(!ends_run(&error(kind, Some(status), gateway)), "{status}");
            assert!(!ends_run(&error(kind, Some(status), None)), "{status}");
        }
        assert!(
            ends_run(&error(ErrorKind::Unauthorized, None, None)),
            "an expired token"
        );
        let uncertain = error(ErrorKind::Rejected, Some(400), ica).with_execution(Execution::Unknown);
        assert!(!ends_run(&uncertain), "an earlier request may have been executed");
    }

    #[test]
    fn a_batch_that_is_not_found_may_appear_later() {
        let ica = Some(r#"{"title":"ICA_API_004"}"#);
        let not_found = error(ErrorKind::NotFound, Some(404), ica);
        assert!(ends_reading(&not_found, false) && !ends_reading(&not_found, true));
        let forbidden = error(ErrorKind::Forbidden, Some(403), ica);
        assert!(ends_reading(&forbidden, true));
    }

    #[test]
    fn failures_of_the_network_and_of_the_server_never_end_a_run() {
        let passing = [
            ErrorKind::Connect,
            ErrorKind::Interrupted,
            ErrorKind::Timeout,
            ErrorKind::InProgress,
            ErrorKind::RateLimited,
            ErrorKind::Server,
            ErrorKind::Unreadable,
            ErrorKind::TooLarge,
        ];
        for kind in passing {
            let error = error(kind, Some(500), Some(r#"{"title":"ICA_API_500"}"#));
            assert!(!ends_run(&error) && !ends_first_step(&error, false), "{kind:?}");
        }
        for kind in [ErrorKind::Credentials, ErrorKind::Redirected] {
            let error = error(kind, None, None);
            assert!(!ends_run(&error) && ends_first_step(&error, false), "{kind:?}");
            assert!(!ends_first_step(&error, true), "{kind:?}");
        }
    }
}
