//! Sending the chunks of a submission, several at a time.

use std::sync::Arc;

use tokio::task::JoinSet;
use tracing::Instrument;

use super::chunk_sender::{ChunkOutcome, ChunkSender};
use super::errors;
use super::progress::{SubmissionEvent, SubmissionProgress};
use super::run::Run;
use crate::error::Result;
use crate::journal::{NextChunk, finished};

impl Run {
    /// Sends every chunk that has no response. After a failure, the chunks in flight are waited
    /// for, and no other is sent.
    pub(super) async fn send(&self, submission: i64, progress: &mut SubmissionProgress) -> Result<()> {
        self.check_expiry(submission).await?;
        if self.settings.retry_rejected {
            self.session.plan_rejected_again(submission).await?;
            *progress = self.progress(submission).await?;
        }
        if progress.counts.pending() > 0 {
            self.check_clock().await?;
        }
        let sender = Arc::new(ChunkSender {
            api: self.api.clone(),
            session: self.session.clone(),
            clock: Arc::clone(&self.clock),
            id: self.id.clone(),
            overrides: self.overrides.clone(),
            on_rejection: self.settings.on_rejection,
        });
        let mut tasks = JoinSet::new();
        let (mut failure, mut rejected) = (None, 0);
        // The parts of a split chunk have greater row ids than any chunk before.
        let mut taken = i64::MIN;
        loop {
            while failure.is_none() && tasks.len() < self.settings.concurrency {
                match self.session.take_next(submission, taken, self.clock.now()).await {
                    Ok(NextChunk::Send(chunk)) => {
                        taken = chunk.row;
                        let sender = Arc::clone(&sender);
                        tasks.spawn(async move { sender.send(chunk).await }.in_current_span());
                        continue;
                    }
                    Ok(NextChunk::Expired(chunk)) => failure = Some(errors::expired(&self.id, chunk)),
                    Ok(NextChunk::Done) => {}
                    Err(error) => failure = Some(error),
                }
                break;
            }
            if tasks.is_empty() {
                if let Some(failure) = failure {
                    return Err(failure);
                }
                break;
            }
            let Some(sent) = tasks.join_next().await.and_then(finished) else {
                continue;
            };
            progress.in_flight = tasks.len();
            let counts = &mut progress.counts;
            let (chunk, key) = (sent.label, sent.key);
            progress.event = match sent.result {
                Ok(ChunkOutcome::Created(batch)) => {
                    counts.created = counts.created.saturating_add(sent.count);
                    SubmissionEvent::Created { chunk, key, batch }
                }
                Ok(ChunkOutcome::Split) => {
                    counts.chunks += 1;
                    SubmissionEvent::Split { chunk }
                }
                Ok(ChunkOutcome::Rejected(error)) => {
                    counts.rejected += 1;
                    rejected += 1;
                    if rejected >= self.settings.rejection_limit {
                        failure.get_or_insert_with(|| errors::too_many_rejections(&self.id, rejected, error));
                    }
                    SubmissionEvent::Rejected { chunk }
                }
                Err(error) => {
                    failure.get_or_insert(error);
                    continue;
                }
            };
            self.events.emit(progress);
        }
        progress.counts = self.session.counts(submission).await?;
        progress.in_flight = 0;
        Ok(())
    }
}
