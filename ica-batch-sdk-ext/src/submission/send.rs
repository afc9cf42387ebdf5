//! Sending chunks: claim, send, write down what came of it.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::task::JoinSet;
use tracing::Instrument;
use uuid::Uuid;

use super::context::Run;
use super::progress::{SubmissionEvent, SubmissionProgress};
use super::{OnRejection, chunker, settle};
use crate::analysis_batch::AnalysisCreation;
use crate::batch::send_bytes;
use crate::call::CallOverrides;
use crate::call::Core;
use crate::clock::Clock;
use crate::error::{Error, ErrorKind, Execution, Result};
use crate::idempotency::IdempotencyKey;
use crate::journal::claims::{self, Claim, Claimed, Refusal};
use crate::journal::items::kinds;
use crate::journal::time::{Millis, millis};
use crate::journal::{Journal, Stored};

/// How often a chunk that is refused is sent until two of the refusals are clear.
const REJECTION_LOOKS: u32 = 6;

const RUN_AGAIN: &str = "run the submission again, which sends what is left and repeats nothing";

/// What came of a chunk.
enum Outcome {
    Created(Uuid),
    Split,
    Rejected(Error),
    /// Another process has claimed it meanwhile, and goes on with it.
    Lapsed,
}

/// A chunk that was sent, as its task gives it back.
struct Sent {
    label: String,
    key: IdempotencyKey,
    count: u64,
    result: Result<Outcome>,
}

impl Run {
    /// Sends every open chunk, several at a time. After a failure, those on their way are waited for and no other is begun.
    pub(super) async fn send(&self, submission: i64, progress: &mut SubmissionProgress) -> Result<()> {
        self.check_expiry(submission).await?;
        if self.settings.retry_rejected {
            self.store(move |connection, _, _| claims::plan_rejected_again(connection, submission))
                .await?;
            *progress = self.tally(submission).await?;
        }
        let courier = Arc::new(Courier {
            core: self.core.clone(),
            project: self.project.to_string(),
            journal: self.journal.clone(),
            clock: Arc::clone(&self.clock),
            submission,
            name: self.place.name.clone(),
            overrides: self.overrides.clone(),
            on_rejection: self.settings.on_rejection,
        });
        let mut tasks = JoinSet::new();
        let (mut failure, mut rejected) = (None, 0);
        loop {
            let mut pause = None;
            while failure.is_none() && tasks.len() < self.settings.concurrency {
                let claim = self
                    .store(move |connection, sender, now| claims::claim(connection, submission, sender, now))
                    .await;
                match claim {
                    Ok(Claim::Chunk(chunk)) => {
                        let courier = Arc::clone(&courier);
                        tasks.spawn(async move { courier.carry(chunk).await }.in_current_span());
                        continue;
                    }
                    Ok(Claim::Wait(wait)) => pause = Some(wait),
                    Ok(Claim::Refused(refused)) => failure = Some(settle::refusal(&self.place.name, refused)),
                    Ok(Claim::Done) => {}
                    Err(error) => failure = Some(error),
                }
                break;
            }
            if tasks.is_empty() {
                if let Some(failure) = failure {
                    return Err(failure);
                }
                let Some(pause) = pause else { break };
                self.clock.sleep(pause).await;
                continue;
            }
            let Some(sent) = self.next_sent(&mut tasks).await else {
                continue;
            };
            progress.in_flight = tasks.len();
            let counts = &mut progress.counts;
            let event = match sent.result {
                Ok(Outcome::Created(batch)) => {
                    counts.created += sent.count;
                    SubmissionEvent::Created {
                        chunk: sent.label,
                        key: sent.key,
                        batch,
                    }
                }
                Ok(Outcome::Split) => {
                    counts.chunks += 1;
                    SubmissionEvent::Split { chunk: sent.label }
                }
                Ok(Outcome::Rejected(error)) => {
                    counts.rejected += 1;
                    rejected += 1;
                    if rejected >= self.settings.rejection_limit {
                        failure.get_or_insert(self.too_many(rejected, error));
                    }
                    SubmissionEvent::Rejected { chunk: sent.label }
                }
                Ok(Outcome::Lapsed) => continue,
                Err(error) => {
                    failure.get_or_insert(error);
                    continue;
                }
            };
            progress.event = event;
            self.events.tell(progress);
        }
        // With what other processes have done.
        *progress = SubmissionProgress {
            event: progress.event.clone(),
            ..self.tally(submission).await?
        };
        Ok(())
    }

    /// The next chunk that is through. None when it is time to stay alive.
    async fn next_sent(&self, tasks: &mut JoinSet<Sent>) -> Option<Sent> {
        // In real time, as the sending is.
        match tokio::time::timeout(self.settings.lease / 3, tasks.join_next()).await {
            Ok(Some(Ok(sent))) => Some(sent),
            Ok(Some(Err(ended))) => {
                // A task that did not panic was ended with its runtime, and nothing polls this any more.
                if let Ok(panic) = ended.try_into_panic() {
                    std::panic::resume_unwind(panic);
                }
                None
            }
            Ok(None) => None,
            Err(_) => {
                // Without it the claims lapse, and others send the same chunks under the same keys.
                let _ = self.stay_alive().await;
                None
            }
        }
    }

    fn too_many(&self, rejected: u64, last: Error) -> Error {
        let what = format!(
            "{rejected} analyses of submission {:?} were rejected in this run, which is as many as Submission::rejection_limit allows; the last: {last}",
            self.place.name
        );
        Error::new(ErrorKind::Rejected, what)
            .with_status(last.status())
            .with_problem(last.problem().cloned())
            .with_advice("see Submission::report for all of them; correct what they have in common, or raise the limit")
    }
}

/// What carries a chunk to ICA, and its answer to the journal.
struct Courier {
    core: Core,
    project: String,
    journal: Journal,
    clock: Arc<dyn Clock>,
    submission: i64,
    name: String,
    overrides: CallOverrides,
    on_rejection: OnRejection,
}

impl Courier {
    async fn carry(&self, mut chunk: Claimed) -> Sent {
        let body = Bytes::from(std::mem::take(&mut chunk.body));
        let (label, count) = (chunk.label.clone(), chunk.count);
        let (key, result) = match chunk.key.parse::<IdempotencyKey>() {
            Ok(key) => {
                let result = self.deliver(chunk, body, &key).await;
                (key, result.map_err(|error| self.explained(error, &label)))
            }
            Err(error) => (IdempotencyKey::random(), Err(self.damaged(&label).with_source(error))),
        };
        Sent {
            label,
            key,
            count,
            result,
        }
    }

    async fn deliver(&self, chunk: Claimed, body: Bytes, key: &IdempotencyKey) -> Result<Outcome> {
        if super::body::body_digest(&body) != chunk.digest {
            let damaged = self.damaged(&chunk.label);
            return Err(self.failed(chunk, Execution::NotExecuted, damaged).await);
        }
        let deadline = self.overrides.apply_to(self.core.options()).deadline.min(chunk.window);
        let until = self.clock.elapsed().saturating_add(deadline);
        let (mut executed, mut is_rejected) = (Execution::NotExecuted, false);
        let mut looks = 0;
        loop {
            looks += 1;
            match self.create(body.clone(), key, until).await {
                Ok(batch) => return self.created(&chunk, key, batch).await,
                Err(error) => {
                    executed = executed.or(error.execution());
                    if !is_refusal(&error) {
                        return Err(self.failed(chunk, executed, error).await);
                    }
                    // Had it executed, the same key would get its answer. So the second rejection is believed, be the first
                    // one of a proxy in front of an answer that was lost.
                    let is_clear = is_clear(&error, executed.may_have_executed() || chunk.sent_before.is_some());
                    if is_rejected && is_clear {
                        return self.rejected(chunk, body, error).await;
                    }
                    is_rejected |= is_clear;
                    if looks == REJECTION_LOOKS {
                        return Err(self.failed(chunk, executed, error).await.with_advice(RUN_AGAIN));
                    }
                }
            }
        }
    }

    async fn create(&self, body: Bytes, key: &IdempotencyKey, until: Duration) -> Result<Uuid> {
        let mut overrides = self.overrides.clone();
        overrides.deadline = Some(until.saturating_sub(self.clock.elapsed()));
        let batch = send_bytes::<AnalysisCreation>(&self.core, &self.project, body, Some(key), &overrides).await?;
        Ok(batch.id)
    }

    async fn created(&self, chunk: &Claimed, key: &IdempotencyKey, batch: Uuid) -> Result<Outcome> {
        let id = chunk.id;
        self.store(move |connection, now| claims::record_created(connection, id, batch, now))
            .await
            .map_err(|error| error.with_execution(Execution::Executed).with_key(Some(key.clone())))?;
        Ok(Outcome::Created(batch))
    }

    /// Gives the chunk back. The failure itself says more than one to write it down, after which the claim lapses.
    async fn failed(&self, chunk: Claimed, executed: Execution, error: Error) -> Error {
        let _ = self
            .store(move |connection, _| claims::record_failure(connection, &chunk, executed))
            .await;
        error.with_execution(executed)
    }

    async fn rejected(&self, chunk: Claimed, body: Bytes, error: Error) -> Result<Outcome> {
        if self.on_rejection == OnRejection::Stop {
            self.store(move |connection, _| claims::record_not_executed(connection, &chunk))
                .await?;
            return Err(error.with_advice(
                "run again with OnRejection::Isolate, which creates all others and lets the corrected ones be taken in by OnChange::TakeAdditions",
            ));
        }
        let refusal = Refusal {
            status: error.status(),
            problem: error.problem().cloned(),
        };
        let (submission, name, damaged) = (self.submission, self.name.clone(), self.damaged(&chunk.label));
        let is_one = chunk.count == 1;
        let is_recorded = self.store(move |connection, now| {
            let parts = if is_one {
                Vec::new()
            } else {
                let kinds = kinds(connection, chunk.id)?;
                chunker::parts(&name, &chunk.label, chunk.first, &body, &kinds).ok_or(damaged)?
            };
            claims::record_rejected(connection, submission, &chunk, &refusal, &parts, now)
        });
        Ok(match (is_recorded.await?, is_one) {
            (false, _) => Outcome::Lapsed,
            (true, true) => Outcome::Rejected(error),
            (true, false) => Outcome::Split,
        })
    }

    /// Works on the journal, at this moment.
    async fn store<T: Send + 'static>(
        &self,
        act: impl FnOnce(&mut rusqlite::Connection, Millis) -> Stored<T> + Send + 'static,
    ) -> Result<T> {
        let clock = Arc::clone(&self.clock);
        self.journal
            .run(move |connection| act(connection, millis(clock.now())))
            .await
    }

    fn damaged(&self, label: &str) -> Error {
        self.journal.error(&format!(
            "does not hold what was planned for chunk {label}; it was changed or is damaged, and the chunk was not sent: restore a copy"
        ))
    }

    /// Says which chunk it is about, and what to do.
    fn explained(&self, error: Error, label: &str) -> Error {
        if error.kind() == ErrorKind::Journal {
            return error;
        }
        let error = error.could_not(format!("sending chunk {label} of submission {:?}", self.name));
        let passes = matches!(
            error.kind(),
            ErrorKind::Connect
                | ErrorKind::Interrupted
                | ErrorKind::Timeout
                | ErrorKind::InProgress
                | ErrorKind::RateLimited
                | ErrorKind::Server
                | ErrorKind::Unreadable
                | ErrorKind::TooLarge
        );
        if passes { error.with_advice(RUN_AGAIN) } else { error }
    }
}

/// Whether the request was refused for what it asks for.
fn is_refusal(error: &Error) -> bool {
    error.kind() == ErrorKind::Rejected && matches!(error.status(), Some(400 | 413 | 422))
}

/// Whether it was ICA itself that refused it, by a problem with one of its codes: ICA would have answered with what it created before. A gateway
/// refuses a request that is too large without asking ICA, which tells something only of what was never sent before.
fn is_clear(error: &Error, execution: bool) -> bool {
    let is_of_ica = error.code().is_some_and(|code| code.starts_with("ICA_"));
    let is_too_large = error.status() == Some(413) && !execution;
    (is_of_ica || is_too_large) && error.execution() == Execution::NotExecuted
}

#[cfg(test)]
mod tests {
    use super::{is_clear, is_refusal};
    use crate::error::{Error, ErrorKind, Execution, Problem};

    #[test]
    fn a_rejection_is_of_ica_and_of_the_request() {
        let said = Some(r#"{"title":"ICA_API_001"}"#);
        let is_rejection = |kind, status, problem: Option<&str>, executed, before| {
            let problem = problem.and_then(|problem| Problem::from_bytes(problem.as_bytes()));
            let error = Error::new(kind, "").with_status(Some(status)).with_problem(problem);
            let error = error.with_execution(executed);
            is_refusal(&error) && is_clear(&error, before)
        };
        let at_first = |kind, status, problem| is_rejection(kind, status, problem, Execution::NotExecuted, false);
        for status in [400, 413, 422] {
            assert!(at_first(ErrorKind::Rejected, status, said), "{status}");
            assert!(
                is_rejection(ErrorKind::Rejected, status, said, Execution::NotExecuted, true),
                "{status}"
            );
        }
        assert!(
            at_first(ErrorKind::Rejected, 413, None),
            "a gateway knows what it takes"
        );
        assert!(
            !is_rejection(ErrorKind::Rejected, 413, None, Execution::NotExecuted, true),
            "and not what exists"
        );
        assert!(!at_first(ErrorKind::Rejected, 400, None), "a page of a proxy");
        assert!(
            !at_first(ErrorKind::Rejected, 400, Some(r#"{"code":"BAD","message":"no"}"#)),
            "a gateway"
        );
        assert!(
            !is_rejection(ErrorKind::Rejected, 400, said, Execution::Unknown, false),
            "after an answer that was lost"
        );
        assert!(!at_first(ErrorKind::Rejected, 405, said));
        assert!(!at_first(ErrorKind::KeyMismatch, 422, said));
        assert!(!at_first(ErrorKind::VersionNotSupported, 400, said));
    }
}
