//! Waiting for the runs of a submission, after sending it or on its own.

use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::time::Duration;

use super::builder::Submission;
use super::events::Events;
use super::follow::{self, Follow, FollowSettings};
use super::search_errors;
use super::stream::SubmissionStream;
use super::unfinished::with_wait_report;
use super::wait_report::SubmissionWaitReport;
use crate::batch::{PollInterval, WaitUntil};
use crate::error::{ErrorKind, Result};

/// Overall time limit of a wait.
const DEADLINE: Duration = Duration::from_secs(48 * 3600);

impl Submission {
    /// Waits until the run of each analysis has ended that the journal has as created. Sends
    /// nothing.
    pub fn wait(self) -> SubmissionWait {
        SubmissionWait::new(self, false)
    }

    /// Reads the status of each analysis once that the journal has as created, and returns the
    /// numbers without waiting. Costs a request per batch of up to 1000 analyses.
    ///
    /// The journal then has the ids and statuses, unless another process owns it.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use ica_batch_sdk_ext::types::{CreateNextflowAnalysis, NextflowAnalysisInput};
    /// # use ica_batch_sdk_ext::{Client, Credentials, Journal};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let lifecycle = ica_simulator::Lifecycle::instant().run(Duration::from_secs(3600));
    /// # let simulator = ica_simulator::Simulator::builder().lifecycle(lifecycle).start()?;
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
    /// project.submission("cohort-42", &journal).analyses(manifest).run().await?;
    /// let report = project.submission("cohort-42", &journal).refresh().await?;
    /// assert_eq!((report.counts().pending(), report.succeeded()), (3, 0));
    /// # let recorded = report.submission().analyses()[0].to_string();
    /// # assert!(recorded.contains(", run "), "{recorded}");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) when the journal has no such submission,
    /// [`Journal`](crate::ErrorKind::Journal) when it cannot be read, and the error of a batch that
    /// could not be read.
    pub async fn refresh(self) -> Result<SubmissionWaitReport> {
        let mut wait = SubmissionWait::new(self, false);
        wait.settings.polls_once = true;
        wait.await
    }

    /// Runs the submission as [`run`](Self::run) does, and then waits until the run of each created
    /// analysis has ended. If the run ends with an error, the wait does not begin, except after
    /// [`DuplicateAnalyses`](crate::ErrorKind::DuplicateAnalyses).
    pub fn run_to_end(self) -> SubmissionWait {
        SubmissionWait::new(self, true)
    }
}

/// Wait for all batches of a submission, from [`Submission::wait`] and
/// [`Submission::run_to_end`]. Await it for the [`SubmissionWaitReport`], or take the
/// [`progress`](Self::progress) as a stream.
///
/// ```
/// # use ica_batch_sdk_ext::types::{CreateNextflowAnalysis, NextflowAnalysisInput};
/// # use ica_batch_sdk_ext::{Client, Credentials, Journal};
/// use futures_util::TryStreamExt;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let simulator = ica_simulator::Simulator::builder()
/// #     .lifecycle(ica_simulator::Lifecycle::instant())
/// #     .fate("sample-3", ica_simulator::Fate::FailRun)
/// #     .start()?;
/// # let credentials = Credentials::api_key(simulator.api_key())?;
/// # let client = Client::builder().base_url(simulator.base_url()).credentials(credentials).build()?;
/// # let project = client.project(simulator.project_id())?;
/// # let folder = tempfile::tempdir()?;
/// # let journal = Journal::open(folder.path().join("cohort.db"))?;
/// # let manifest = (0..250).map(|sample| {
/// #     CreateNextflowAnalysis::builder()
/// #         .user_reference(format!("sample-{sample}")).expect("it is valid")
/// #         .pipeline_id("5f3c9c1e-7a40-4f1b-9d52-0e6c8a1b2d3f")
/// #         .analysis_input(NextflowAnalysisInput::builder().inputs(vec![]).build())
/// #         .build()
/// # });
/// let mut progress = project.submission("cohort-42", &journal).analyses(manifest).run_to_end().progress();
/// let mut report = None;
/// while let Some(now) = progress.try_next().await? {
///     println!("{now}");
///     report = now.wait_report().cloned();
/// }
/// let report = report.expect("the last progress has the report");
/// assert_eq!((report.succeeded(), report.failed().len()), (249, 1));
/// assert_eq!(report.reasons()["run failed, FAILED"], 1);
///
/// let again = project.submission("cohort-42", &journal).wait().await?;
/// assert_eq!(again.failed()[0].to_string(), "sample-3: run failed, FAILED");
/// # Ok(())
/// # }
/// ```
///
/// # Requests
///
/// All state is in ICA and in the journal: a wait that was interrupted is continued by waiting
/// again, also in another process. It needs no ownership of the journal.
///
/// - A poll of a batch lists its items: 1 request per 1000. The job of a batch is read only when
///   items are not created and that does not change.
/// - With more than 20 batches, one search shows the statuses of all runs: 1 request per 1000
///   analyses. It takes the place of the polls of batches whose items are all created, if the
///   submission has [marks](Submission::marks) and there are more batches than pages of the search.
///   A batch is then polled when the search shows that a run of it failed or that all have ended, and
///   now and then as a check of the search.
/// - Analyses that were found in ICA, and whose batch is not known, are searched for by the mark of
///   their chunk, or all together if another journal created them in other chunks.
/// - A finished batch is not polled again.
/// - A run whose final status the journal has counts as ended if ICA does not show its analysis any
///   more, such as after somebody deleted it.
/// - Each batch has its own [interval](PollInterval). It starts again after a change. With many
///   batches it is longer, so that all together take at most 20 polls per second on average.
/// - 8 batches are polled at the same time.
/// - After two failed searches in a row the batches are polled until a search succeeds. A batch that
///   the search does not show exactly, such as one with an analysis too many, is polled in any case.
/// - A batch that ICA does not find is polled again: ICA may show it later. If no poll succeeds for 10
///   minutes, it ends the wait.
/// - A poll that fails is made again later. After 8 failures in a row the wait pauses, up to a
///   minute. A failure that [no waiting can fix](crate::exactly_once#when-a-run-ends) ends it.
///
/// Memory is that of a few numbers per batch.
///
/// # Errors
///
/// The errors of a [run](Submission::run), of which [`run_to_end`](Submission::run_to_end) has the
/// report; [`WaitTimeout`](crate::ErrorKind::WaitTimeout) at the deadline,
/// [`Unfinished`](crate::ErrorKind::Unfinished) after a [stop](crate::StopHandle), and failures that
/// no waiting can fix. Those of the wait have the
/// [report](crate::Error::submission_wait_report) of what it has seen, unless the journal cannot be
/// read.
#[must_use = "nothing is sent before it is awaited"]
#[derive(Debug)]
pub struct SubmissionWait {
    submission: Submission,
    runs_first: bool,
    settings: FollowSettings,
}

impl SubmissionWait {
    fn new(submission: Submission, runs_first: bool) -> Self {
        Self {
            submission,
            runs_first,
            settings: FollowSettings {
                until: WaitUntil::Finished,
                deadline: DEADLINE,
                interval: PollInterval::default(),
                polls_once: false,
            },
        }
    }

    /// Sets what to wait for: [`WaitUntil::Finished`] by default.
    ///
    /// With [`WaitUntil::Created`], an analysis [succeeds](SubmissionWaitReport::succeeded) when it
    /// exists, and fails when ICA could not create it.
    ///
    /// ```
    /// # use ica_batch_sdk_ext::types::{CreateNextflowAnalysis, NextflowAnalysisInput};
    /// # use ica_batch_sdk_ext::{Client, Credentials, Journal};
    /// use ica_batch_sdk_ext::WaitUntil;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let simulator = ica_simulator::Simulator::builder()
    /// #     .lifecycle(ica_simulator::Lifecycle::instant())
    /// #     .fate("sample-1", ica_simulator::Fate::FailCreation)
    /// #     .fate("sample-2", ica_simulator::Fate::AwaitInput)
    /// #     .start()?;
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
    /// let submission = project.submission("cohort-42", &journal).analyses(manifest);
    /// let report = submission.run_to_end().until(WaitUntil::Created).await?;
    /// assert_eq!((report.succeeded(), report.failed().len()), (2, 1));
    /// # Ok(())
    /// # }
    /// ```
    pub fn until(mut self, until: WaitUntil) -> Self {
        self.settings.until = until;
        self
    }

    /// Sets the overall time limit of the wait: 48 hours by default. The run before it has a
    /// [deadline](Submission::deadline) of its own.
    ///
    /// The error at the deadline is [`WaitTimeout`](crate::ErrorKind::WaitTimeout), which has the
    /// [report](crate::Error::submission_wait_report). The batches go on in ICA, and you can wait
    /// again.
    pub fn wait_deadline(mut self, deadline: Duration) -> Self {
        self.settings.deadline = deadline;
        self
    }

    /// Sets the interval between two polls of a batch.
    pub fn poll_interval(mut self, interval: PollInterval) -> Self {
        self.settings.interval = interval;
        self
    }

    /// Returns the events of the run, if there is one, and of the wait as a stream. The last one has
    /// the [report](crate::SubmissionProgress::wait_report).
    pub fn progress(self) -> SubmissionStream {
        SubmissionStream::new(|events| self.execute(events))
    }

    async fn execute(self, events: Events) -> Result<SubmissionWaitReport> {
        let Self {
            submission,
            runs_first,
            settings,
        } = self;
        let mut overrides = submission.overrides.clone();
        overrides.observer = events.observer();
        let mut follow = Follow {
            api: submission.api.clone(),
            journal: submission.journal.clone(),
            id: submission.id.clone(),
            overrides,
            settings,
            stop: submission.stop.clone(),
            events: events.clone(),
            several: Vec::new(),
        };
        let mut duplicates = None;
        if runs_first && let Err(error) = submission.execute(events).await {
            // Each analysis is settled, so there is something to wait for.
            match error.kind() {
                ErrorKind::DuplicateAnalyses => duplicates = Some(error),
                _ => return Err(error),
            }
        }
        let row = follow::find(&follow.journal, &follow.id).await?;
        follow.journal.check(row, None).await?;
        let Some(duplicates) = duplicates else {
            return follow.run(row).await;
        };
        let report = duplicates.submission_report();
        follow.several = report.map(|report| report.duplicates().to_vec()).unwrap_or_default();
        let note = search_errors::several(&follow.id, &follow.several);
        match follow.run(row).await {
            Ok(report) => Err(with_wait_report(duplicates, report)),
            // The analyses that exist several times stay known.
            Err(error) => Err(error.with_note(note)),
        }
    }
}

impl IntoFuture for SubmissionWait {
    type Output = Result<SubmissionWaitReport>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.execute(Events::none()))
    }
}
