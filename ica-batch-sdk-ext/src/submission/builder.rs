//! The builder of a submission, and the order of its steps.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{Stream, StreamExt, stream};
use tracing::{Instrument, info_span};

use super::analysis::Analysis;
use super::api::Api;
use super::errors;
use super::manifest::Manifest;
use super::outcomes::OutcomeStream;
use super::plan::Planned;
use super::progress::{Events, SubmissionEvent, SubmissionProgress, SubmissionStream};
use super::recorded_id::recorded_id;
use super::report::{self, SubmissionReport};
use super::run::{self, Run};
use super::settings::{OnChange, OnRejection, Settings};
use crate::call::{CallOverrides, Core, call_setters};
use crate::error::{Error, Result};
use crate::journal::{Journal, SubmissionId};

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
/// - **Each request** uses the client's retry policy and deadline, or those set here. A request
///   that fails for good ends the run. The chunks in flight are waited for; the next run sends the
///   others.
#[must_use = "a submission does nothing before it is run"]
pub struct Submission {
    pub(super) api: Api,
    pub(super) journal: Journal,
    pub(super) id: SubmissionId,
    manifest: Option<Manifest>,
    settings: Settings,
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
            manifest: None,
            settings: Settings::default(),
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

    /// Sets the reaction to a manifest that differs from the recorded one: [`OnChange::Stop`] by
    /// default.
    pub fn on_change(mut self, reaction: OnChange) -> Self {
        self.settings.on_change = reaction;
        self
    }

    /// Allows several analyses with the same user reference. By default they are an error before
    /// anything is sent.
    pub fn allow_duplicate_references(mut self) -> Self {
        self.settings.allow_duplicates = true;
        self
    }

    /// Sets whether a run lists the items of new batches at its end: yes by default. The report
    /// then has the ids of items and analyses. A later run adds ids that ICA has not assigned yet.
    pub fn lookup_items(mut self, lookup: bool) -> Self {
        self.settings.lookup_items = lookup;
        self
    }

    /// Sets how long a run waits while another process owns the journal, or another run of this
    /// program has the submission: not at all by default. The run asks once per second. Then it
    /// fails with [`JournalInUse`](crate::ErrorKind::JournalInUse), which names the owner.
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

    call_setters!();

    /// Sets the manifest to these analyses. For analyses of several kinds, use [`Analysis`] as the
    /// item.
    ///
    /// ```
    /// # use ica_batch_sdk_ext::{Client, Credentials, Journal};
    /// use ica_batch_sdk_ext::Analysis;
    /// use ica_batch_sdk_ext::types::{CreateNextflowAnalysis, NextflowAnalysisInput};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let client = Client::builder().credentials(Credentials::api_key_direct("my-api-key")?).build()?;
    /// # let project = client.project("my-project")?;
    /// # let folder = tempfile::tempdir()?;
    /// # let journal = Journal::open(folder.path().join("cohort.db"))?;
    /// let nextflow = CreateNextflowAnalysis::builder()
    ///     .user_reference("sample-7").expect("it has no forbidden character")
    ///     .pipeline_id("5f3c9c1e-7a40-4f1b-9d52-0e6c8a1b2d3f")
    ///     .analysis_input(NextflowAnalysisInput::builder().inputs(vec![]).build())
    ///     .build();
    /// let manifest = vec![Analysis::from(nextflow)];
    /// let planned = project.submission("cohort-42", &journal).analyses(manifest).plan().await?;
    /// assert_eq!(planned.counts().analyses, 1);
    /// # Ok(())
    /// # }
    /// ```
    pub fn analyses<I>(self, analyses: I) -> Self
    where
        I: IntoIterator<Item: Into<Analysis> + 'static, IntoIter: Send + 'static>,
    {
        self.try_analyses(analyses.into_iter().map(Ok::<_, Error>))
    }

    /// Sets the manifest to the analyses of an iterator that may fail, such as the rows of a file.
    /// A failure ends the run before anything is sent. The rest of the manifest is read all the same,
    /// so that the error has all [bad rows](crate::Error::bad_rows), up to 100.
    ///
    /// ```
    /// # use ica_batch_sdk_ext::{Client, Credentials, Journal};
    /// use ica_batch_sdk_ext::InvalidText;
    /// use ica_batch_sdk_ext::types::{CreateNextflowAnalysis, NextflowAnalysisInput};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let client = Client::builder().credentials(Credentials::api_key_direct("my-api-key")?).build()?;
    /// # let project = client.project("my-project")?;
    /// # let folder = tempfile::tempdir()?;
    /// # let journal = Journal::open(folder.path().join("cohort.db"))?;
    /// let rows = ["sample-1", "sample?2"].map(|name| {
    ///     let builder = CreateNextflowAnalysis::builder().user_reference(name)?;
    ///     let input = NextflowAnalysisInput::builder().inputs(vec![]).build();
    ///     let builder = builder.pipeline_id("5f3c9c1e-7a40-4f1b-9d52-0e6c8a1b2d3f");
    ///     Ok::<_, InvalidText>(builder.analysis_input(input).build())
    /// });
    /// let error = project.submission("cohort-42", &journal).try_analyses(rows).run().await.unwrap_err();
    /// assert!(error.to_string().starts_with("could not read row 2 of the manifest of submission \"cohort-42\""));
    /// # Ok(())
    /// # }
    /// ```
    pub fn try_analyses<I, T, E>(self, analyses: I) -> Self
    where
        I: IntoIterator<Item = std::result::Result<T, E>, IntoIter: Send + 'static>,
        T: Into<Analysis>,
        E: Into<Box<dyn StdError + Send + Sync>>,
    {
        self.try_analysis_stream(stream::iter(analyses))
    }

    /// Sets the manifest to the analyses of a stream.
    ///
    /// ```
    /// # use ica_batch_sdk_ext::types::{CreateNextflowAnalysis, NextflowAnalysisInput};
    /// # use ica_batch_sdk_ext::{Client, Credentials, Journal};
    /// use futures_util::{StreamExt, stream};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let client = Client::builder().credentials(Credentials::api_key_direct("my-api-key")?).build()?;
    /// # let project = client.project("my-project")?;
    /// # let folder = tempfile::tempdir()?;
    /// # let journal = Journal::open(folder.path().join("cohort.db"))?;
    /// # let analysis = |sample: u32| {
    /// #     CreateNextflowAnalysis::builder()
    /// #         .user_reference(format!("sample-{sample}")).expect("it is valid")
    /// #         .pipeline_id("5f3c9c1e-7a40-4f1b-9d52-0e6c8a1b2d3f")
    /// #         .analysis_input(NextflowAnalysisInput::builder().inputs(vec![]).build())
    /// #         .build()
    /// # };
    /// let samples = stream::iter(0..3).map(analysis);
    /// let planned = project.submission("cohort-42", &journal).analysis_stream(samples).plan().await?;
    /// assert_eq!(planned.counts().analyses, 3);
    /// # Ok(())
    /// # }
    /// ```
    pub fn analysis_stream<S>(self, analyses: S) -> Self
    where
        S: Stream<Item: Into<Analysis>> + Send + 'static,
    {
        self.try_analysis_stream(analyses.map(Ok::<_, Error>))
    }

    /// Sets the manifest to the analyses of a stream that may fail. A failure ends the run before
    /// anything is sent.
    pub fn try_analysis_stream<S, T, E>(mut self, analyses: S) -> Self
    where
        S: Stream<Item = std::result::Result<T, E>> + Send + 'static,
        T: Into<Analysis>,
        E: Into<Box<dyn StdError + Send + Sync>>,
    {
        self.manifest = Some(Manifest::new(analyses));
        self
    }

    /// Sends the chunks that have no response, and returns the outcomes of all analyses.
    ///
    /// Dropping the future stops the run like the end of the process. The next run continues it.
    ///
    /// # Errors
    /// Before anything is sent: [`InvalidInput`](crate::ErrorKind::InvalidInput),
    /// [`DuplicateReferences`](crate::ErrorKind::DuplicateReferences),
    /// [`ManifestChanged`](crate::ErrorKind::ManifestChanged),
    /// [`JournalInUse`](crate::ErrorKind::JournalInUse) and
    /// [`KeyExpired`](crate::ErrorKind::KeyExpired). Later: the errors of a create and of a list of
    /// items, and [`Journal`](crate::ErrorKind::Journal). None of them loses anything, and the next
    /// run continues. [Responses are compared](crate::exactly_once#promises) with what was sent.
    pub async fn run(self) -> Result<SubmissionReport> {
        Box::pin(self.execute(Events::none())).await
    }

    /// Runs the submission as a stream of its progress. The last progress has the
    /// [report](SubmissionProgress::report).
    pub fn progress(self) -> SubmissionStream {
        SubmissionStream::new(|events| self.execute(events))
    }

    /// Reads the manifest and records its chunks without sending them. A later run sends them.
    ///
    /// # Errors
    /// Those of [`run`](Self::run) before anything is sent.
    pub async fn plan(self) -> Result<SubmissionProgress> {
        let (run, manifest) = self.start(Events::none()).await?;
        let planned = run.plan(manifest).await?;
        run.progress(planned.submission).await
    }

    /// Returns the outcomes that the journal has, without sending anything.
    ///
    /// ```
    /// # use ica_batch_sdk_ext::types::{CreateNextflowAnalysis, NextflowAnalysisInput};
    /// # use ica_batch_sdk_ext::{Client, Credentials, Journal};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let client = Client::builder().credentials(Credentials::api_key_direct("my-api-key")?).build()?;
    /// # let project = client.project("my-project")?;
    /// # let folder = tempfile::tempdir()?;
    /// # let journal = Journal::open(folder.path().join("cohort.db"))?;
    /// # let analysis = CreateNextflowAnalysis::builder()
    /// #     .user_reference("sample-7").expect("it is valid")
    /// #     .pipeline_id("5f3c9c1e-7a40-4f1b-9d52-0e6c8a1b2d3f")
    /// #     .analysis_input(NextflowAnalysisInput::builder().inputs(vec![]).build())
    /// #     .build();
    /// project.submission("cohort-42", &journal).analyses([analysis]).plan().await?;
    /// let report = project.submission("cohort-42", &journal).report().await?;
    /// assert_eq!(report.analyses()[0].to_string(), "sample-7: pending");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) when the journal has no such submission,
    /// [`Journal`](crate::ErrorKind::Journal) when it cannot be read.
    pub async fn report(&self) -> Result<SubmissionReport> {
        let submission = run::find(&self.journal, &self.id).await?;
        self.journal.check(submission, None).await?;
        report::read(&self.journal, &self.id.name, submission).await
    }

    /// Returns the outcomes that the journal has as a stream, in order of position, without sending
    /// anything. Memory does not grow with their number. [`OutcomeStream`] has an example.
    ///
    /// Outcomes that are recorded while the stream is read may be old or new.
    pub fn outcomes(&self) -> OutcomeStream {
        OutcomeStream::new(self.journal.clone(), self.id.clone())
    }

    /// Starts a run, and returns it with its manifest.
    async fn start(self, events: Events) -> Result<(Run, Option<Manifest>)> {
        let Self {
            api,
            journal,
            id,
            manifest,
            settings,
            overrides,
        } = self;
        errors::check_name(&id.name)?;
        let run = Run::start(api, journal, id, settings, overrides, events).await?;
        Ok((run, manifest))
    }

    /// Runs the submission from its manifest to its report.
    async fn execute(self, events: Events) -> Result<SubmissionReport> {
        let (run, manifest) = self.start(events).await?;
        let span = info_span!("ica.submission", ica.submission.name = run.id.name);
        let steps = async {
            let Planned { submission, checked } = run.plan(manifest).await?;
            let checked = run.session.journal().check(submission, checked).await?;
            let mut progress = run.progress(submission).await?;
            run.events.emit(&progress);
            run.send(submission, &mut progress).await?;
            if run.settings.lookup_items {
                run.lookup_items(submission).await?;
            }
            // The report shows only rows that this crate recorded.
            run.session.journal().check(submission, Some(checked)).await?;
            let report = report::read(run.session.journal(), &run.id.name, submission).await?;
            progress.event = SubmissionEvent::Finished(report.clone());
            run.events.emit(&progress);
            Ok(report)
        };
        steps.instrument(span).await
    }
}

impl fmt::Debug for Submission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            api: _,
            journal,
            id,
            manifest,
            settings,
            overrides,
        } = self;
        f.debug_struct("Submission")
            .field("id", id)
            .field("journal", journal)
            .field("has_manifest", &manifest.is_some())
            .field("settings", settings)
            .field("overrides", overrides)
            .finish_non_exhaustive()
    }
}
