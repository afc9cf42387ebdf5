//! How a run goes on, as a stream.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};
use uuid::Uuid;

use super::report::SubmissionReport;
use crate::error::Result;
use crate::idempotency::IdempotencyKey;
use crate::journal::records::Counts;

/// How far a submission is, and what has just happened.
#[derive(Debug, Clone)]
pub struct SubmissionProgress {
    pub(super) event: SubmissionEvent,
    pub(super) counts: Counts,
    pub(super) in_flight: usize,
}

/// What has happened in a run.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum SubmissionEvent {
    /// All of the submission is in the journal, and sending begins.
    Planned,
    /// The batch of a chunk exists, and the journal has it.
    Created {
        /// The chunk.
        chunk: String,
        /// Its key.
        key: IdempotencyKey,
        /// Its batch.
        batch: Uuid,
    },
    /// ICA rejected a chunk, which goes on as its halves.
    Split {
        /// The chunk.
        chunk: String,
    },
    /// ICA rejected an analysis.
    Rejected {
        /// Its chunk.
        chunk: String,
    },
    /// The run has ended.
    Finished(SubmissionReport),
}

impl SubmissionProgress {
    /// What has just happened.
    pub fn event(&self) -> &SubmissionEvent {
        &self.event
    }

    /// The report, when the run has ended.
    pub fn report(&self) -> Option<&SubmissionReport> {
        match &self.event {
            SubmissionEvent::Finished(report) => Some(report),
            _ => None,
        }
    }

    /// How many chunks there are, a split one not counted.
    pub fn chunks(&self) -> u64 {
        self.counts.chunks
    }

    /// How many analyses the submission has.
    pub fn analyses(&self) -> u64 {
        self.counts.analyses
    }

    /// How many of them are in a batch.
    pub fn created(&self) -> u64 {
        self.counts.created
    }

    /// How many of them ICA rejected.
    pub fn rejected(&self) -> u64 {
        self.counts.rejected
    }

    /// How many of them are neither yet. What another process does at the same time shows when it is over.
    pub fn pending(&self) -> u64 {
        self.counts.pending()
    }

    /// How many chunks are on their way.
    pub fn in_flight(&self) -> usize {
        self.in_flight
    }
}

/// Whom a run tells how it goes on.
#[derive(Debug, Clone)]
pub(super) struct Events(Option<UnboundedSender<SubmissionProgress>>);

impl Events {
    pub(super) fn unheard() -> Self {
        Self(None)
    }

    pub(super) fn tell(&self, progress: &SubmissionProgress) {
        if let Some(listener) = &self.0 {
            // Who no longer listens need not hear.
            let _ = listener.send(progress.clone());
        }
    }
}

/// A run of a submission, as a stream of its progress; made by [`Submission::progress`](super::Submission::progress).
///
/// The run goes on while the stream is polled. It ends after the progress that has the report, or after an error. Dropping it breaks the run
/// off, and running again goes on.
#[must_use = "a stream does nothing before it is polled"]
pub struct SubmissionStream {
    run: Option<Pin<Box<dyn Future<Output = Result<SubmissionReport>> + Send>>>,
    events: UnboundedReceiver<SubmissionProgress>,
    failure: Option<crate::error::Error>,
}

impl SubmissionStream {
    pub(super) fn new<Running>(run: impl FnOnce(Events) -> Running) -> Self
    where
        Running: Future<Output = Result<SubmissionReport>> + Send + 'static,
    {
        let (listener, events) = mpsc::unbounded_channel();
        Self {
            run: Some(Box::pin(run(Events(Some(listener))))),
            events,
            failure: None,
        }
    }
}

impl Stream for SubmissionStream {
    type Item = Result<SubmissionProgress>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if let Some(run) = &mut self.run
            && let Poll::Ready(result) = run.as_mut().poll(context)
        {
            self.run = None;
            self.failure = result.err();
        }
        match self.events.poll_recv(context) {
            Poll::Ready(Some(progress)) => Poll::Ready(Some(Ok(progress))),
            Poll::Ready(None) => Poll::Ready(self.failure.take().map(Err)),
            Poll::Pending => Poll::Pending,
        }
    }
}

impl fmt::Debug for SubmissionStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SubmissionStream")
            .field("is_running", &self.run.is_some())
            .finish_non_exhaustive()
    }
}
