//! A run as a stream of its progress.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_util::Stream;
use futures_util::future::BoxFuture;

use super::events::{Events, Receiver};
use super::progress::SubmissionProgress;
use crate::error::{Error, Result};

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
    run: Option<BoxFuture<'static, Result<()>>>,
    events: Receiver,
    failure: Option<Error>,
}

impl SubmissionStream {
    pub(super) fn new<Running, Report>(run: impl FnOnce(Events) -> Running) -> Self
    where
        Running: Future<Output = Result<Report>> + Send + 'static,
    {
        let (sender, events) = Events::channel();
        let run = run(sender);
        Self {
            run: Some(Box::pin(async { run.await.map(|_| ()) })),
            events,
            failure: None,
        }
    }
}

impl Stream for SubmissionStream {
    type Item = Result<SubmissionProgress>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        // The run goes on when its events are read, so that they cannot pile up.
        if let Poll::Ready(Some(progress)) = self.events.poll(context) {
            return Poll::Ready(Some(Ok(progress)));
        }
        if let Some(run) = &mut self.run
            && let Poll::Ready(result) = run.as_mut().poll(context)
        {
            self.run = None;
            self.failure = result.err();
        }
        match self.events.poll(context) {
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
