//! The handle that ends a run early, without loss.

use std::fmt;
use std::sync::Arc;

use tokio::sync::watch;

/// Handle that ends a run, from [`Submission::stop_handle`](crate::Submission::stop_handle). Clones
/// are the same handle.
///
/// After [`stop`](Self::stop) the run sends no further chunk. It waits for the chunks in flight and
/// records their responses. Lists of items are dropped at once, because they only read. Then it ends
/// with the error [`Unfinished`](crate::ErrorKind::Unfinished), whose
/// [report](crate::Error::submission_report) lists the analyses that are left, or with the report if
/// none is. The next run continues.
///
/// ```
/// # use ica_batch_sdk_ext::types::{CreateNextflowAnalysis, NextflowAnalysisInput};
/// # use ica_batch_sdk_ext::{Client, Credentials, Journal};
/// use futures_util::TryStreamExt;
/// use ica_batch_sdk_ext::{ErrorKind, SubmissionEvent};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let simulator = ica_simulator::Simulator::builder().lifecycle(ica_simulator::Lifecycle::instant()).start()?;
/// # let credentials = Credentials::api_key(simulator.api_key())?;
/// # let client = Client::builder().base_url(simulator.base_url()).credentials(credentials).build()?;
/// # let project = client.project(simulator.project_id())?;
/// # let folder = tempfile::tempdir()?;
/// # let journal = Journal::open(folder.path().join("cohort.db"))?;
/// # let manifest = (0..20).map(|sample| {
/// #     CreateNextflowAnalysis::builder()
/// #         .user_reference(format!("sample-{sample}")).expect("it is valid")
/// #         .pipeline_id("5f3c9c1e-7a40-4f1b-9d52-0e6c8a1b2d3f")
/// #         .analysis_input(NextflowAnalysisInput::builder().inputs(vec![]).build())
/// #         .build()
/// # });
/// let submission = project.submission("cohort-42", &journal).chunk_size(1).concurrency(2).analyses(manifest);
/// let handle = submission.stop_handle();
/// let mut run = submission.progress();
/// let error = loop {
///     match run.try_next().await {
///         Ok(Some(progress)) => {
///             if let SubmissionEvent::Created { .. } = progress.event() {
///                 handle.stop(); // for example after Ctrl-C
///             }
///         }
///         Ok(None) => unreachable!("most chunks were not sent"),
///         Err(error) => break error,
///     }
/// };
/// assert_eq!(error.kind(), ErrorKind::Unfinished);
/// let report = error.submission_report().expect("an unfinished run has a report");
/// assert!((1..=3).contains(&report.created()));
/// assert_eq!(project.submission("cohort-42", &journal).run().await?.created(), 20);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct StopHandle(Arc<watch::Sender<bool>>);

impl StopHandle {
    pub(super) fn new() -> Self {
        Self(Arc::new(watch::Sender::new(false)))
    }

    /// Ends the run. A run that starts later ends before it sends anything.
    pub fn stop(&self) {
        self.0.send_replace(true);
    }

    /// Returns whether [`stop`](Self::stop) was called.
    pub fn is_stopped(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits until [`stop`](Self::stop) is called.
    pub(super) async fn stopped(&self) {
        // The sender lives as long as this handle.
        let _ = self.0.subscribe().wait_for(|is_stopped| *is_stopped).await;
    }
}

impl fmt::Debug for StopHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StopHandle")
            .field("is_stopped", &self.is_stopped())
            .finish()
    }
}
