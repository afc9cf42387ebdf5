//! A person who reacts to the errors of runs.

use chrono::TimeDelta;
use ica_batch_sdk_ext::{Error, ErrorKind, Execution};

use super::schedule::{HOUR, MOST_RUNS, Schedule};

impl Schedule<'_> {
    /// Reacts to the error as a user would.
    pub(super) async fn handle(&mut self, error: &Error, run: usize) {
        let may_pass = matches!(
            error.kind(),
            ErrorKind::Interrupted
                | ErrorKind::Server
                | ErrorKind::RateLimited
                | ErrorKind::Timeout
                | ErrorKind::InProgress
                | ErrorKind::Unreadable
                | ErrorKind::Unauthorized
                | ErrorKind::Forbidden
                | ErrorKind::NotFound
                | ErrorKind::Journal
                | ErrorKind::Unfinished
        );
        match error.kind() {
            // The response to a list. Only a create can be in progress.
            ErrorKind::Rejected if error.status() == Some(409) => {}
            ErrorKind::Rejected => {
                let is_clear = error.execution() == Execution::NotExecuted && error.problem().is_some();
                assert!(
                    !(self.isolate && is_clear),
                    "schedule {}, run {run}: {error:?}",
                    self.seed
                );
                self.isolate = true;
            }
            ErrorKind::KeyExpired if !self.is_marked => self.record_finding(error).await,
            ErrorKind::ClockSkew if self.is_skewed => {
                assert_eq!(error.execution(), Execution::NotExecuted, "{error:?}");
                // The clock is set. Older responses show the difference for an hour.
                self.lane.fixture.simulator.faults().date_skew(TimeDelta::zero());
                self.lane.fixture.clock.advance(HOUR);
            }
            _ => assert!(may_pass, "schedule {}, run {run}: {error:?}", self.seed),
        }
    }

    /// Searches for a chunk whose key has expired, and records the finding.
    async fn record_finding(&self, error: &Error) {
        let key = error.idempotency_key().unwrap();
        let fixture = &self.lane.fixture;
        let entries = fixture.journal.submissions().unwrap();
        let entry = entries.iter().find(|entry| entry.name() == self.name()).unwrap();
        let chunks = fixture.journal.chunks(entry).unwrap();
        let chunk = chunks.iter().find(|chunk| chunk.key == *key).unwrap();
        let batches = fixture.simulator.batches();
        let found = batches
            .iter()
            .find(|batch| batch.idempotency_key.as_deref() == Some(key.as_str()));
        let submission = fixture.project.submission(entry.name(), &fixture.journal);
        let mut attempts = 0;
        loop {
            let recorded = match found {
                Some(batch) => submission.record_created(&chunk.label, batch.id).await,
                None => submission.record_not_created(&chunk.label).await,
            };
            let Err(error) = recorded else { return };
            attempts += 1;
            assert!(attempts < MOST_RUNS && !error.is_invalid_input(), "{error:?}");
        }
    }
}
