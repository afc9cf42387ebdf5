//! Sending one chunk, and recording its outcome.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use uuid::Uuid;

use super::api::Api;
use super::chunker;
use super::errors::{self, RUN_AGAIN};
use super::search_errors;
use super::set_aside::{SetAside, ends_run};
use super::settings::OnRejection;
use super::uncertain::{Belief, FIRST_PAUSE};
use crate::call::CallOverrides;
use crate::clock::Clock;
use crate::error::{Error, ErrorKind, Execution, Problem, Result};
use crate::idempotency::IdempotencyKey;
use crate::journal::{Naming, Rejection, Sending, Session, TakenChunk, body_digest};

/// Maximum number of creates of a chunk while its rejections are not conclusive.
const MAX_CREATES: u32 = 6;

/// Outcome of a chunk that was sent.
pub(super) enum ChunkOutcome {
    Created(Uuid),
    /// Its analyses were found in ICA: all of them, or some, so that parts replace it.
    Adopted {
        found: u64,
        parts: u64,
        /// User references that exist several times.
        several: Vec<String>,
    },
    /// So many chunks replace it.
    Split(u64),
    Rejected(Error),
    SetAside(SetAside),
    /// A search shows that nothing of it exists, so it is sent again.
    Absent,
}

/// Chunk that was sent, and its outcome.
pub(super) struct SentChunk {
    /// Row id.
    pub(super) row: i64,
    pub(super) label: String,
    /// Position of its first row.
    pub(super) first: u64,
    pub(super) key: IdempotencyKey,
    pub(super) count: u64,
    /// Whether ICA is to be searched before anything else is done with the chunk.
    pub(super) is_uncertain: bool,
    pub(super) result: Result<ChunkOutcome>,
}

/// Sender of the chunks of one submission.
pub(super) struct ChunkSender {
    pub(super) api: Api,
    pub(super) session: Session,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) naming: Naming,
    pub(super) overrides: CallOverrides,
    pub(super) on_rejection: OnRejection,
    pub(super) settling_time: Duration,
    /// Whether a request of unknown outcome is a failure that ends the run.
    pub(super) stop_on_first_error: bool,
    /// Whether so many chunks are uncertain that a common search settles them.
    pub(super) many_uncertain: AtomicBool,
    /// Whether another journal has sent rows of the submission in chunks of its own. A search by the mark
    /// of a chunk does not find them.
    pub(super) has_foreign: AtomicBool,
    /// User of the credential, if it is known.
    pub(super) identity: Option<String>,
}

impl ChunkSender {
    /// Returns the request of a chunk that is sent from now on.
    pub(super) fn sending(&self) -> Sending {
        let now = self.clock.now();
        Sending {
            now,
            until: now.checked_add(self.api.deadline(&self.overrides)).unwrap_or(now),
            identity: self.identity.clone(),
        }
    }

    /// Sends a chunk. `is_absent` says that a search has shown that nothing of it exists.
    pub(super) async fn send(&self, mut taken: TakenChunk, is_absent: bool) -> SentChunk {
        let body = Bytes::from(std::mem::take(&mut taken.chunk.body));
        let result = match taken.marked {
            true => self.send_marked(&mut taken, body, is_absent).await,
            false => self.send_body(&taken, body).await,
        };
        self.sent(taken, result)
    }

    /// Returns a chunk with its outcome, or its failure.
    pub(super) fn sent(&self, taken: TakenChunk, result: Result<ChunkOutcome>) -> SentChunk {
        let result = result.map_err(|error| self.explain(error, &taken.chunk.label));
        SentChunk {
            result: match result {
                Err(error) if !ends_run(&error) => Ok(ChunkOutcome::SetAside(SetAside::after(error))),
                result => result,
            },
            is_uncertain: taken.marked && taken.may_exist(),
            row: taken.row,
            label: taken.chunk.label,
            first: taken.chunk.first,
            key: taken.chunk.key,
            count: taken.chunk.count,
        }
    }

    /// Sends a marked chunk. If the outcome of a request is not known, now or before, ICA is searched
    /// for what it created.
    async fn send_marked(&self, taken: &mut TakenChunk, body: Bytes, is_absent: bool) -> Result<ChunkOutcome> {
        if taken.may_exist() {
            let belief = match is_absent {
                true => Belief::Absent,
                false => self.search(taken, &body).await?,
            };
            match belief {
                Belief::Settled(outcome) => return Ok(outcome),
                Belief::Unknown { until, found } => return Ok(self.unknown(taken, until, found)),
                Belief::Absent => {
                    self.session.record_resent(taken, self.sending()).await?;
                    taken.forget_requests();
                }
            }
        }
        let error = match self.send_body(taken, body.clone()).await {
            Err(error) if error.execution().may_have_executed() && error.kind() != ErrorKind::Journal => error,
            result => return result,
        };
        taken.sent_until_now(self.clock.now());
        if self.many_uncertain.load(Ordering::Relaxed) && !self.stop_on_first_error {
            // The next common search includes it.
            let now = self.clock.now();
            return Ok(self.failed_until(now.checked_add(FIRST_PAUSE).unwrap_or(now), error, taken));
        }
        match self.search(taken, &body).await {
            Ok(Belief::Settled(outcome)) => Ok(outcome),
            Ok(Belief::Unknown { until, .. }) if !self.stop_on_first_error => {
                Ok(self.failed_until(until, error, taken))
            }
            // The first failure says more than that of the search.
            _ => Err(error),
        }
    }

    /// Sets a chunk aside until ICA is searched again.
    pub(super) fn unknown(&self, taken: &TakenChunk, until: SystemTime, found: usize) -> ChunkOutcome {
        ChunkOutcome::SetAside(SetAside {
            until: Some(self.elapsed_at(until)),
            is_failure: false,
            reason: search_errors::not_settled(&self.naming.id, &taken.chunk, found),
        })
    }

    /// Sets a chunk aside whose create failed, until ICA is searched.
    fn failed_until(&self, until: SystemTime, failure: Error, taken: &TakenChunk) -> ChunkOutcome {
        ChunkOutcome::SetAside(SetAside {
            until: Some(self.elapsed_at(until)),
            is_failure: true,
            reason: self.explain(failure, &taken.chunk.label),
        })
    }

    /// Returns the value of [`Clock::elapsed`] at this time.
    fn elapsed_at(&self, time: SystemTime) -> Duration {
        let left = time.duration_since(self.clock.now()).unwrap_or_default();
        self.clock.elapsed().saturating_add(left)
    }

    async fn send_body(&self, taken: &TakenChunk, body: Bytes) -> Result<ChunkOutcome> {
        if body_digest(&body) != taken.chunk.digest {
            let error = errors::damaged_chunk(&self.naming.id, self.session.journal(), &taken.chunk.label);
            return Err(self.failed(taken, Execution::NotExecuted, error).await);
        }
        let deadline = self.api.deadline(&self.overrides).min(taken.window);
        let until = self.clock.elapsed().saturating_add(deadline);
        let (mut execution, mut was_rejected) = (Execution::NotExecuted, false);
        // Whether a gateway refused each request of the chunk so far because of its size.
        let mut is_too_large = !taken.may_exist();
        let mut creates = 0;
        loop {
            creates += 1;
            let error = match self.create(body.clone(), taken, until).await {
                Ok(batch) => return self.created(taken, batch).await,
                Err(error) => error,
            };
            execution = execution.or(error.execution());
            // After an unknown outcome only a search may be followed by another create.
            let is_uncertain = taken.marked && execution.may_have_executed();
            if is_uncertain || !is_rejection(&error) {
                return Err(self.failed(taken, execution, error).await);
            }
            // If an earlier request had been executed, ICA would respond to its key with that
            // batch. A second conclusive rejection therefore holds. The first may be the response
            // of a proxy that replaced a lost response of ICA.
            is_too_large &= error.status() == Some(413) && error.attempts() == 1;
            let is_conclusive = is_too_large || proves_rejection(&error);
            if was_rejected && is_conclusive {
                return self.rejected(taken, &body, error).await;
            }
            was_rejected |= is_conclusive;
            if creates == MAX_CREATES {
                return Err(self.failed(taken, execution, error).await.with_advice(RUN_AGAIN));
            }
        }
    }

    async fn create(&self, body: Bytes, taken: &TakenChunk, until: Duration) -> Result<Uuid> {
        let mut overrides = self.overrides.clone();
        overrides.deadline = Some(until.saturating_sub(self.clock.elapsed()));
        let trust_key = !taken.marked;
        self.api.create(body, &taken.chunk.key, trust_key, &overrides).await
    }

    async fn created(&self, taken: &TakenChunk, batch: Uuid) -> Result<ChunkOutcome> {
        let recorded = self.session.record_created(taken, batch, self.clock.now()).await;
        let chunk = &taken.chunk;
        recorded
            .and_then(|result| errors::require_one_batch(&self.naming.id, &chunk.label, batch, result))
            .map_err(|error| {
                error
                    .with_execution(Execution::Executed)
                    .with_key(Some(chunk.key.clone()))
            })?;
        Ok(ChunkOutcome::Created(batch))
    }

    /// Records the failure, and returns the error. If it cannot be recorded, the chunk stays sent.
    /// That second error is dropped, because the first one is more useful.
    async fn failed(&self, taken: &TakenChunk, execution: Execution, error: Error) -> Error {
        let _ = self
            .session
            .record_failure(taken.clone(), execution, self.clock.now())
            .await;
        error.with_execution(execution)
    }

    async fn rejected(&self, taken: &TakenChunk, body: &[u8], error: Error) -> Result<ChunkOutcome> {
        if self.on_rejection == OnRejection::Stop {
            self.session.record_not_executed(taken.clone()).await?;
            return Err(error.with_advice(
                "run again with OnRejection::Isolate, which creates all other analyses; then OnChange::AcceptAdditions accepts the corrected rows",
            ));
        }
        let (label, is_single) = (taken.chunk.label.clone(), taken.chunk.count == 1);
        let parts = if is_single {
            Vec::new()
        } else {
            let rows = self.session.chunk_rows(taken.row).await?;
            let own = rows.iter().filter(|row| row.is_own);
            let kinds = own.map(|row| row.kind).collect::<Vec<_>>();
            let counts = chunker::counts(error.problem(), &kinds);
            chunker::parts(&self.naming, &taken.chunk, body, &kinds, &counts)
                .ok_or_else(|| errors::damaged_chunk(&self.naming.id, self.session.journal(), &label))?
        };
        let rejection = Rejection {
            status: error.status(),
            problem: error.problem().cloned(),
        };
        let count = parts.len() as u64;
        let now = self.clock.now();
        self.session
            .record_rejected(taken.clone(), rejection, parts, now)
            .await?;
        Ok(match is_single {
            true => ChunkOutcome::Rejected(self.explain(error, &label)),
            false => ChunkOutcome::Split(count),
        })
    }

    /// Adds the chunk to the error, and the advice to run again if the failure is temporary.
    fn explain(&self, error: Error, label: &str) -> Error {
        if error.kind() == ErrorKind::Journal {
            return error;
        }
        let error = error.could_not(format!("send chunk {label} of {}", self.naming.id));
        let may_pass = error.may_pass() || matches!(error.kind(), ErrorKind::Unreadable | ErrorKind::TooLarge);
        if may_pass { error.with_advice(RUN_AGAIN) } else { error }
    }
}

/// Returns whether the request was rejected because of its content.
fn is_rejection(error: &Error) -> bool {
    error.kind() == ErrorKind::Rejected && matches!(error.status(), Some(400 | 413 | 422))
}

/// Returns whether a rejection proves that nothing of the chunk exists: it is of ICA, which would
/// respond with an existing batch, and no attempt of the call before it may have been executed.
///
/// A 413 may come from a gateway, which does not ask ICA. It counts only while the chunk has had no
/// other response.
fn proves_rejection(error: &Error) -> bool {
    error.problem().is_some_and(Problem::is_of_ica) && error.execution() == Execution::NotExecuted
}

#[cfg(test)]
mod tests {
    use super::{is_rejection, proves_rejection};
    use crate::error::{Error, ErrorKind, Execution, Problem, Scrubber};

    const ICA: &str = r#"{"title":"ICA_API_001"}"#;

    fn error(kind: ErrorKind, status: u16, problem: &str) -> Error {
        let problem = Problem::from_bytes(problem.as_bytes(), &Scrubber::without_secrets());
        Error::new(kind, "").with_status(Some(status)).with_problem(problem)
    }

    #[test]
    fn a_rejection_is_about_the_content_of_the_request() {
        for status in [400, 413, 422] {
            assert!(is_rejection(&error(ErrorKind::Rejected, status, ICA)), "{status}");
            assert!(is_rejection(&error(ErrorKind::Rejected, status, "")), "{status}");
        }
        assert!(!is_rejection(&error(ErrorKind::Rejected, 405, ICA)));
        assert!(!is_rejection(&error(ErrorKind::VersionNotSupported, 400, ICA)));
        assert!(!is_rejection(&error(ErrorKind::KeyMismatch, 422, ICA)));
    }

    #[test]
    fn only_ica_proves_that_a_chunk_does_not_exist() {
        let proves = |status, problem, execution| {
            proves_rejection(&error(ErrorKind::Rejected, status, problem).with_execution(execution))
        };
        for status in [400, 413, 422] {
            assert!(proves(status, ICA, Execution::NotExecuted), "{status}");
            assert!(
                !proves(status, ICA, Execution::Unknown),
                "{status} after a lost response"
            );
            assert!(!proves(status, "", Execution::NotExecuted), "{status} of a proxy");
        }
        let gateway = r#"{"code":"BAD","message":"no"}"#;
        assert!(!proves(400, gateway, Execution::NotExecuted));
    }
}
