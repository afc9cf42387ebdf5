//! The builder of a submission.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::api::Api;
use super::manifest::Source;
use super::recorded_id::recorded_id;
use super::settings::{OnChange, OnRejection, Settings};
use super::stop::StopHandle;
use crate::call::{CallOverrides, Core};
use crate::journal::{Journal, SubmissionId};
use crate::retry::RetryPolicy;

/// Submission of a manifest under a name, from [`Project::submission`](crate::Project::submission).
///
/// The manifest is cut into chunks, and one request creates the analyses of a chunk. All chunks are
/// recorded in the journal. Then each is sent with a key that follows from the submission's name,
/// the chunk's label and its bytes. If a run ends early for any reason, run the same submission
/// again: it sends the rest and creates nothing twice.
///
/// ```
/// use ica_batch_sdk_ext::types::{CreateNextflowAnalysis, NextflowAnalysisInput};
/// use ica_batch_sdk_ext::{Client, Credentials, Journal, OnRejection};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let simulator = ica_simulator::Simulator::builder()
/// #     .lifecycle(ica_simulator::Lifecycle::instant())
/// #     .fate("sample-3", ica_simulator::Fate::RejectRequest)
/// #     .start()?;
/// # let credentials = Credentials::api_key(simulator.api_key())?;
/// # let client = Client::builder().base_url(simulator.base_url()).credentials(credentials).build()?;
/// # let project = client.project(simulator.project_id())?;
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("cohort.db");
/// let manifest = (0..250).map(|sample| {
///     CreateNextflowAnalysis::builder()
///         .user_reference(format!("sample-{sample}")).expect("it has no forbidden character")
///         .pipeline_id("5f3c9c1e-7a40-4f1b-9d52-0e6c8a1b2d3f")
///         .analysis_input(NextflowAnalysisInput::builder().inputs(vec![]).build())
///         .build()
/// });
/// let journal = Journal::open(&path)?;
/// let report = project
///     .submission("cohort-42", &journal)
///     .chunk_size(100)
///     .concurrency(4)
///     .on_rejection(OnRejection::Isolate)
///     .analyses(manifest)
///     .run() // after kill -9, run it again
///     .await?;
/// for analysis in report.analyses() {
///     println!("{analysis}");
/// }
/// assert_eq!((report.created(), report.rejected()), (249, 1));
/// assert_eq!(simulator.executed_creates(), report.batches().len());
/// # Ok(())
/// # }
/// ```
///
/// - **The same manifest means the same batches.** Two machines with the same manifest, name and
///   chunk limits send the same keys, so ICA creates each batch once.
/// - **Without a manifest** a run sends the chunks that the journal has under the name.
/// - **A run goes on** until each analysis is settled: created or rejected. A chunk that fails is
///   sent again after a growing pause, while others go on. After its [deadline](Self::deadline), or
///   after a failure that no waiting can fix, the run [ends](crate::exactly_once#when-a-run-ends).
/// - **Each call** uses the client's retry policy and deadline, or those set here.
#[must_use = "a submission does nothing before it is run"]
pub struct Submission {
    pub(super) api: Api,
    pub(super) journal: Journal,
    pub(super) id: SubmissionId,
    pub(super) source: Source,
    pub(super) settings: Settings,
    pub(super) stop: StopHandle,
    pub(super) overrides: CallOverrides,
}

impl Submission {
    /// `given_project` is the project's id as the caller wrote it.
    pub(crate) fn new(core: Core, project: Arc<str>, given_project: &str, name: String, journal: Journal) -> Self {
        let api = Api::new(core, project);
        let id = recorded_id(api.base_url(), api.project_id(), given_project, name, &journal);
        Self {
            api,
            journal,
            id,
            source: Source::default(),
            settings: Settings::default(),
            stop: StopHandle::new(),
            overrides: CallOverrides::default(),
        }
    }

    /// Sets the maximum number of analyses in a chunk: 100 by default. ICA documents no maximum. 0
    /// means 1.
    ///
    /// Machines that send the same manifest need the same limits. Recorded chunks keep their size.
    pub fn chunk_size(mut self, analyses: usize) -> Self {
        self.settings.limits.analyses = analyses.max(1);
        self
    }

    /// Sets the maximum length of a request in bytes: 1 000 000 by default, which common gateways
    /// accept. ICA documents no maximum.
    pub fn chunk_bytes(mut self, bytes: usize) -> Self {
        self.settings.limits.bytes = bytes;
        self
    }

    /// Sets the number of chunks that are sent at the same time: 4 by default. 0 means 1.
    pub fn concurrency(mut self, chunks: usize) -> Self {
        self.settings.concurrency = chunks.max(1);
        self
    }

    /// Sets the reaction to a chunk that ICA rejects: [`OnRejection::Stop`] by default.
    pub fn on_rejection(mut self, reaction: OnRejection) -> Self {
        self.settings.on_rejection = reaction;
        self
    }

    /// Sets the number of rejected analyses that ends a run: 100 by default. So many rejections
    /// probably have one common cause, and isolating each costs requests.
    pub fn rejection_limit(mut self, analyses: u64) -> Self {
        self.settings.rejection_limit = analyses;
        self
    }

    /// Sends the analyses again that ICA rejected in earlier runs, unchanged. This includes those
    /// that the manifest no longer has. Use it if the cause was outside the analyses.
    pub fn retry_rejected(mut self) -> Self {
        self.settings.retry_rejected = true;
        self
    }

    /// Sends the analyses again that ICA accepted in earlier runs and could not create, unchanged.
    /// Use it if the cause was outside the analyses.
    ///
    /// Each becomes a new attempt, in a chunk and under a key of its own, which replaces the earlier
    /// one in reports. [`attempt`](crate::SubmittedAnalysis::attempt) counts them.
    pub fn retry_failed_creation(mut self) -> Self {
        self.settings.again.creation_failed = true;
        self
    }

    /// Runs the analyses again whose runs failed or were aborted, unchanged, as the journal knows
    /// from the last [wait](Self::wait).
    ///
    /// Each becomes a new attempt, in a chunk and under a key of its own, which replaces the earlier
    /// one in reports. [`attempt`](crate::SubmittedAnalysis::attempt) counts them. The analysis of
    /// the earlier attempt stays in ICA.
    ///
    /// ```
    /// # use ica_batch_sdk_ext::types::{CreateNextflowAnalysis, NextflowAnalysisInput};
    /// # use ica_batch_sdk_ext::{Client, Credentials, Journal};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let simulator = ica_simulator::Simulator::builder()
    /// #     .lifecycle(ica_simulator::Lifecycle::instant())
    /// #     .fate("sample-1", ica_simulator::Fate::FailRun)
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
    /// let report = project.submission("cohort-42", &journal).analyses(manifest).run_to_end().await?;
    /// assert_eq!((report.succeeded(), report.counts().failed), (2, 1));
    /// # simulator.set_fate("sample-1", ica_simulator::Fate::Succeed);
    /// // After the cause is fixed:
    /// let report = project.submission("cohort-42", &journal).rerun_failed().run_to_end().await?;
    /// assert_eq!((report.succeeded(), report.counts().failed), (3, 0));
    /// let again = report.submission().analyses().iter().find(|analysis| analysis.attempt == 1);
    /// assert_eq!(again.map(|analysis| analysis.user_reference.as_str()), Some("sample-1"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn rerun_failed(mut self) -> Self {
        self.settings.again.run_failed = true;
        self
    }

    /// Sets the reaction to a manifest that differs from the recorded one: [`OnChange::Stop`] by
    /// default.
    pub fn on_change(mut self, reaction: OnChange) -> Self {
        self.settings.on_change = reaction;
        self
    }

    /// Sets whether each analysis gets three technical tags, its [marks](crate::exactly_once#marks):
    /// yes by default. They hold for a new submission, and a recorded one keeps what it has.
    ///
    /// Without marks, ICA cannot be searched for what a request created, and exactly once depends on
    /// ICA's memory of keys alone.
    pub fn marks(mut self, marks: bool) -> Self {
        self.settings.marks = marks;
        self
    }

    /// Sets the time after which a search finds every analysis that a request created: 10 minutes by
    /// default. ICA documents none. It is counted from the last request of a chunk.
    ///
    /// A chunk of which ICA shows nothing is sent again after this time. If ICA shows its analyses
    /// even later, they exist twice.
    pub fn settling_time(mut self, time: Duration) -> Self {
        self.settings.settling_time = time;
        self
    }

    /// Allows to go on with the credential of another user than the one who sent chunks that have no
    /// response. By default it is an error, because ICA remembers the keys of each user separately.
    ///
    /// ICA is searched for the analyses of these chunks by their marks. A submission without marks
    /// cannot be continued by another user.
    pub fn allow_other_user(mut self) -> Self {
        self.settings.allow_other_user = true;
        self
    }

    /// Allows analyses in ICA that have the [mark](Self::marks) of the submission and that no row asks
    /// for. By default they are an error before anything is sent, if the journal has sent nothing of
    /// the submission: another manifest was probably submitted under the same name, with another
    /// journal.
    ///
    /// [`audit`](Self::audit) lists them.
    pub fn allow_strangers(mut self) -> Self {
        self.settings.allow_strangers = true;
        self
    }

    /// Allows several analyses with the same user reference. By default they are an error before
    /// anything is sent.
    pub fn allow_duplicate_references(mut self) -> Self {
        self.settings.allow_duplicates = true;
        self
    }

    /// Allows rows that another submission of the same project has created, or may have created. By
    /// default they are an error before anything is sent.
    ///
    /// The rows of this journal are compared, by all of their content. Without this, a manifest that
    /// is submitted under another name by mistake would be paid for twice.
    ///
    /// ```
    /// # use ica_batch_sdk_ext::types::{CreateNextflowAnalysis, NextflowAnalysisInput};
    /// # use ica_batch_sdk_ext::{Client, Credentials, ErrorKind, Journal};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let simulator = ica_simulator::Simulator::builder().lifecycle(ica_simulator::Lifecycle::instant()).start()?;
    /// # let credentials = Credentials::api_key(simulator.api_key())?;
    /// # let client = Client::builder().base_url(simulator.base_url()).credentials(credentials).build()?;
    /// # let project = client.project(simulator.project_id())?;
    /// # let folder = tempfile::tempdir()?;
    /// # let journal = Journal::open(folder.path().join("cohort.db"))?;
    /// # let manifest = vec![CreateNextflowAnalysis::builder()
    /// #     .user_reference("sample-7").expect("it is valid")
    /// #     .pipeline_id("5f3c9c1e-7a40-4f1b-9d52-0e6c8a1b2d3f")
    /// #     .analysis_input(NextflowAnalysisInput::builder().inputs(vec![]).build())
    /// #     .build()];
    /// project.submission("cohort-42", &journal).analyses(manifest.clone()).run().await?;
    ///
    /// let again = || project.submission("cohort-43", &journal).analyses(manifest.clone());
    /// let error = again().run().await.unwrap_err();
    /// assert_eq!(error.kind(), ErrorKind::CreatedElsewhere);
    /// let rows = error.created_elsewhere().expect("the error has them").rows();
    /// assert_eq!(rows[0].to_string(), "sample-7 in \"cohort-42\"");
    ///
    /// again().allow_created_elsewhere().run().await?; // a second analysis of sample-7
    /// # Ok(())
    /// # }
    /// ```
    pub fn allow_created_elsewhere(mut self) -> Self {
        self.settings.allow_created_elsewhere = true;
        self
    }

    /// Sets whether a run lists the items of new batches at its end: yes by default. The report
    /// then has the ids of items and analyses. A later run adds ids that ICA has not assigned yet.
    pub fn lookup_items(mut self, lookup: bool) -> Self {
        self.settings.lookup_items = lookup;
        self
    }

    /// Sets how long a run waits while another process owns the journal, or another run of this
    /// program has the submission: not at all by default. The run asks once per second, until its
    /// [deadline](Submission::deadline) at most. Then it fails with
    /// [`JournalInUse`](crate::ErrorKind::JournalInUse), which names the owner.
    pub fn wait_for_owner(mut self, time: Duration) -> Self {
        self.settings.wait_for_owner = time;
        self
    }

    /// Sets how long a chunk waits while an earlier request with the same key is still in progress
    /// (HTTP 409), in place of the client's setting.
    pub fn in_progress_timeout(mut self, timeout: Duration) -> Self {
        self.overrides.in_progress_timeout = Some(timeout);
        self
    }

    /// Sets the overall time limit of a run, with planning and all waits: 24 hours by default.
    ///
    /// Until then, a chunk that fails is sent again after a growing pause, while others go on. The
    /// run then ends when the chunks in flight have a response, with the error
    /// [`Unfinished`](crate::ErrorKind::Unfinished), which has the
    /// [report](crate::Error::submission_report). It ends sooner if no chunk can be sent again
    /// before. Lists of items are dropped at the deadline. The next run continues.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.settings.deadline = deadline;
        self
    }

    /// Ends a run at the first chunk that fails, with its error. The chunks in flight are waited
    /// for, and the next run sends the others. By default the run
    /// [goes on](crate::exactly_once#when-a-run-ends).
    pub fn stop_on_first_error(mut self) -> Self {
        self.settings.stop_on_first_error = true;
        self
    }

    /// Returns a handle that ends a run of this submission without loss. [`StopHandle`] has an
    /// example.
    pub fn stop_handle(&self) -> StopHandle {
        self.stop.clone()
    }

    /// Sets the overall time limit of each call, retries and waits included, in place of the
    /// client's.
    pub fn call_deadline(mut self, deadline: Duration) -> Self {
        self.overrides.deadline = Some(deadline);
        self
    }

    /// Sets the time limit of one attempt of a call, its response included, in place of the
    /// client's.
    pub fn attempt_timeout(mut self, timeout: Duration) -> Self {
        self.overrides.attempt_timeout = Some(timeout);
        self
    }

    /// Sets when a call is retried, in place of the client's policy. After its retries, the chunk
    /// is set aside and sent again later, until the [deadline](Self::deadline) of the run.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.overrides.retry = Some(policy);
        self
    }
}

impl fmt::Debug for Submission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            api: _,
            journal,
            id,
            source,
            settings,
            stop: _,
            overrides,
        } = self;
        f.debug_struct("Submission")
            .field("id", id)
            .field("journal", journal)
            .field("source", source)
            .field("settings", settings)
            .field("overrides", overrides)
            .finish_non_exhaustive()
    }
}
