//! The progress of a run, as a stream.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_util::Stream;
use futures_util::future::BoxFuture;
use serde::Serialize;
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};
use uuid::Uuid;

use super::report::SubmissionReport;
use crate::error::{Error, Result};
use crate::idempotency::IdempotencyKey;
use crate::journal::SubmissionCounts;

/// Progress of a submission: an event of the run, and the numbers after it.
///
/// ```
/// use ica_batch_sdk_ext::{SubmissionCounts, SubmissionEvent, SubmissionProgress};
///
/// let mut counts = SubmissionCounts::default();
/// (counts.chunks, counts.analyses, counts.created) = (3, 250, 100);
/// let progress = SubmissionProgress::new(SubmissionEvent::Planned, counts, 2);
/// assert_eq!((progress.counts().pending(), progress.in_flight()), (150, 2));
/// assert!(progress.report().is_none());
/// assert_eq!(progress.to_string(), "planned; 100 of 250 analyses created, 0 rejected, 2 chunks in flight");
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SubmissionProgress {
    #[serde(flatten)]
    pub(super) event: SubmissionEvent,
    pub(super) counts: SubmissionCounts,
    pub(super) in_flight: usize,
}

impl SubmissionProgress {
    /// Creates the value, for tests of a program that handles it.
    pub fn new(event: SubmissionEvent, counts: SubmissionCounts, in_flight: usize) -> Self {
        Self {
            event,
            counts,
            in_flight,
        }
    }

    /// Returns the event.
    pub fn event(&self) -> &SubmissionEvent {
        &self.event
    }

    /// Returns the report, if the event is [`Finished`](SubmissionEvent::Finished).
    pub fn report(&self) -> Option<&SubmissionReport> {
        match &self.event {
            SubmissionEvent::Finished(report) => Some(report),
            _ => None,
        }
    }

    /// Returns the numbers of chunks and analyses, by state. Those that another process sends at
    /// the same time are counted at the end.
    pub fn counts(&self) -> SubmissionCounts {
        self.counts
    }

    /// Returns the number of chunks in flight.
    pub fn in_flight(&self) -> usize {
        self.in_flight
    }
}

impl fmt::Display for SubmissionProgress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            event,
            counts,
            in_flight,
        } = self;
        match event {
            SubmissionEvent::Finished(_) => return write!(f, "{event}"),
            _ => write!(f, "{event}; {counts}")?,
        }
        match in_flight {
            1 => f.write_str(", 1 chunk in flight"),
            _ => write!(f, ", {in_flight} chunks in flight"),
        }
    }
}

/// Event of a run.
///
/// ```
/// use ica_batch_sdk_ext::SubmissionEvent;
///
/// let event = SubmissionEvent::Split { chunk: "7".to_owned() };
/// assert_eq!(event.to_string(), "chunk 7 was rejected and split");
/// assert_eq!(serde_json::to_string(&event)?, r#"{"event":"split","chunk":"7"}"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
#[non_exhaustive]
pub enum SubmissionEvent {
    /// The whole submission is in the journal, and sending begins.
    Planned,
    /// The batch of a chunk exists and is recorded.
    Created {
        /// Label of the chunk.
        chunk: String,
        /// Idempotency key of the chunk.
        key: IdempotencyKey,
        /// Id of the batch.
        batch: Uuid,
    },
    /// ICA rejected a chunk, and its parts replace it.
    Split {
        /// Label of the chunk.
        chunk: String,
    },
    /// ICA rejected an analysis.
    Rejected {
        /// Label of the analysis's chunk.
        chunk: String,
    },
    /// The run has ended.
    Finished(SubmissionReport),
}

impl fmt::Display for SubmissionEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Planned => f.write_str("planned"),
            Self::Created { chunk, batch, .. } => write!(f, "chunk {chunk} was created as batch {batch}"),
            Self::Split { chunk } => write!(f, "chunk {chunk} was rejected and split"),
            Self::Rejected { chunk } => write!(f, "chunk {chunk}, a single analysis, was rejected"),
            Self::Finished(report) => write!(f, "finished {report}"),
        }
    }
}

/// Receiver of the events of a run, if there is one.
#[derive(Debug, Clone)]
pub(super) struct Events(Option<UnboundedSender<SubmissionProgress>>);

impl Events {
    /// Creates events that nothing receives.
    pub(super) fn none() -> Self {
        Self(None)
    }

    pub(super) fn emit(&self, progress: &SubmissionProgress) {
        if let Some(receiver) = &self.0 {
            // A receiver that was dropped needs no events.
            let _ = receiver.send(progress.clone());
        }
    }
}

/// Run of a submission as a stream of its progress, from
/// [`Submission::progress`](super::Submission::progress).
///
/// The run continues while the stream is polled. The stream ends after the progress that has the
/// report, or after an error. Dropping it stops the run, and the next run continues it.
///
/// ```
/// use futures_util::TryStreamExt;
/// # use ica_batch_sdk_ext::types::{CreateNextflowAnalysis, NextflowAnalysisInput};
/// # use ica_batch_sdk_ext::{Client, Credentials, Journal};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let simulator = ica_simulator::Simulator::builder().lifecycle(ica_simulator::Lifecycle::instant()).start()?;
/// # let credentials = Credentials::api_key(simulator.api_key())?;
/// # let client = Client::builder().base_url(simulator.base_url()).credentials(credentials).build()?;
/// # let project = client.project(simulator.project_id())?;
/// # let folder = tempfile::tempdir()?;
/// # let journal = Journal::open(folder.path().join("cohort.db"))?;
/// # let manifest = (0..3).map(|sample| {
/// #     CreateNextflowAnalysis::builder()
/// #         .user_reference(format!("sample-{sample}")).expect("it is valid")
/// #         .pipeline_id("5f3c9c1e-7a40-4f1b-9d52-0e6c8a1b2d3f")
/// #         .analysis_input(NextflowAnalysisInput::builder().inputs(vec![]).build())
/// #         .build()
/// # });
/// let mut run = project.submission("cohort-42", &journal).analyses(manifest).progress();
/// let mut report = None;
/// while let Some(progress) = run.try_next().await? {
///     println!("{progress}");
///     report = progress.report().cloned();
/// }
/// assert_eq!(report.map(|report| report.created()), Some(3));
/// # Ok(())
/// # }
/// ```
#[must_use = "a stream does nothing unless it is polled"]
pub struct SubmissionStream {
    run: Option<BoxFuture<'static, Result<SubmissionReport>>>,
    events: UnboundedReceiver<SubmissionProgress>,
    failure: Option<Error>,
}

impl SubmissionStream {
    pub(super) fn new<Running>(run: impl FnOnce(Events) -> Running) -> Self
    where
        Running: Future<Output = Result<SubmissionReport>> + Send + 'static,
    {
        let (sender, events) = mpsc::unbounded_channel();
        Self {
            run: Some(Box::pin(run(Events(Some(sender))))),
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
