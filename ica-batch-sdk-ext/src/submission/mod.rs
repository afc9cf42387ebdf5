//! Submitting a manifest of analyses, each of them created exactly once whatever is interrupted.
//!
//! What is promised, and what is not, is in [`exactly_once`](crate::exactly_once).

pub(crate) mod analysis;
mod body;
mod changes;
pub(crate) mod chunker;
mod context;
pub(crate) mod expiry;
mod locate;
mod manifest;
mod plan;
mod progress;
mod report;
mod send;
mod settle;

use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use futures_core::Stream;

use crate::client::Client;
use crate::error::{Error, Result};
use crate::journal::Journal;
use crate::journal::planning::Place;
use crate::options::{CallOverrides, call_setters};
use crate::project::Project;
use chunker::Limits;
use context::Run;
use manifest::{Manifest, Sure};
use progress::Events;

pub use analysis::{Analysis, AnalysisKind};
pub use changes::{ChangedRows, DuplicateReferences, ManifestChanges};
pub use progress::{SubmissionEvent, SubmissionProgress, SubmissionStream};
pub use report::{SubmissionOutcome, SubmissionReport, SubmittedAnalysis};

const CHUNK_SIZE: usize = 100;
const CHUNK_BYTES: usize = 1_000_000;
const CONCURRENCY: usize = 4;
const REJECTION_LIMIT: u64 = 100;
const LEASE: Duration = Duration::from_secs(30);

/// What to do about a chunk that ICA rejects as invalid: with 400, 413, or a 422 that is not about the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum OnRejection {
    /// End the run with the rejection. The chunk is sent again by the next run.
    #[default]
    Stop,
    /// Halve the chunk, and what is rejected of its halves, until the rejected analyses stand alone. They are
    /// [reported](SubmissionOutcome::Rejected), and all others are created.
    Isolate,
}

/// What to do about a manifest that is not the one that was recorded under the submission's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum OnChange {
    /// Send nothing, and say [what differs](ManifestChanges).
    #[default]
    Refuse,
    /// Take in the rows that were added, and those that correct a rejected row. Rows that were removed are no obstacle once they are created or
    /// rejected. What else differs is refused.
    TakeAdditions,
}

/// Submitting a manifest under a name, from [`Project::submission`].
///
/// The manifest is cut into chunks, one create each. All of it is written to the journal, then each chunk is sent under a key that follows from
/// the submission's name, the chunk's place and its bytes. However a run ends, running the same submission again finishes the rest and repeats
/// nothing.
///
/// ```
/// use ica_batch_sdk_ext::types::{CreateNextflowAnalysis, NextflowAnalysisInput};
/// use ica_batch_sdk_ext::{Client, Credentials, Journal, OnRejection, SubmissionOutcome};
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
///         .user_reference(format!("sample-{sample}"))
///         .expect("it has no forbidden character")
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
///     .run() // survives kill -9: run it again
///     .await?;
/// for analysis in report.analyses() {
///     match &analysis.outcome {
///         SubmissionOutcome::Created { batch, analysis: id, .. } => println!("{}: {batch} {id:?}", analysis.user_reference),
///         SubmissionOutcome::Rejected { problem, .. } => println!("{}: {problem:?}", analysis.user_reference),
///         _ => {}
///     }
/// }
/// assert_eq!((report.created(), report.rejected()), (249, 1));
/// assert_eq!(simulator.executed_creates(), report.batches().len());
/// # Ok(())
/// # }
/// ```
///
/// - **The same manifest means the same batches.** Two machines with one manifest, one name and the same limits of a chunk send the same keys, and
///   ICA creates each batch once between them.
/// - **Without a manifest** a run finishes what the journal has of the name.
/// - **Each call** goes by the client's retry policy and deadline, or by what is set here for each chunk. What fails for good ends the run: chunks on
///   their way are waited for, the others are left for the next run.
#[must_use = "nothing is sent before it is run"]
pub struct Submission {
    client: Client,
    project: Project,
    journal: Journal,
    place: Place,
    manifest: Option<Manifest>,
    settings: Settings,
    overrides: CallOverrides,
}

/// What can be set.
#[derive(Debug, Clone, Copy)]
struct Settings {
    limits: Limits,
    concurrency: usize,
    on_rejection: OnRejection,
    rejection_limit: u64,
    on_change: OnChange,
    allow_duplicates: bool,
    retry_rejected: bool,
    look_up: bool,
    lease: Duration,
}

impl Submission {
    pub(crate) fn new(client: Client, project: Project, name: String, journal: Journal) -> Self {
        let place = Place {
            endpoint: client.base_url().to_owned(),
            project: project.id().to_owned(),
            name,
        };
        Self {
            client,
            project,
            journal,
            place,
            manifest: None,
            settings: Settings {
                limits: Limits {
                    analyses: CHUNK_SIZE,
                    bytes: CHUNK_BYTES,
                },
                concurrency: CONCURRENCY,
                on_rejection: OnRejection::default(),
                rejection_limit: REJECTION_LIMIT,
                on_change: OnChange::default(),
                allow_duplicates: false,
                retry_rejected: false,
                look_up: true,
                lease: LEASE,
            },
            overrides: CallOverrides::default(),
        }
    }

    /// How many analyses a chunk has at most: 100 by default. ICA documents no maximum. 0 is taken as 1.
    ///
    /// Machines that are to converge on the same batches need the same limits. What is recorded already stays as it was cut.
    pub fn chunk_size(mut self, analyses: usize) -> Self {
        self.settings.limits.analyses = analyses.max(1);
        self
    }

    /// How many bytes a chunk's request has at most: 1 000 000 by default, which common gateways let through. ICA documents no maximum.
    pub fn chunk_bytes(mut self, bytes: usize) -> Self {
        self.settings.limits.bytes = bytes;
        self
    }

    /// How many chunks are sent at a time: 4 by default. 0 is taken as 1.
    pub fn concurrency(mut self, chunks: usize) -> Self {
        self.settings.concurrency = chunks.max(1);
        self
    }

    /// What to do about a chunk that ICA rejects. [`OnRejection::Stop`] by default.
    pub fn on_rejection(mut self, what: OnRejection) -> Self {
        self.settings.on_rejection = what;
        self
    }

    /// How many analyses may turn out rejected in one run before it ends: 100 by default. So many rejections more likely have one reason,
    /// and taking chunks apart costs requests.
    pub fn rejection_limit(mut self, analyses: u64) -> Self {
        self.settings.rejection_limit = analyses;
        self
    }

    /// Sends the analyses again that ICA rejected in earlier runs, as they are, also those that the manifest no longer has. For when the reason was
    /// not theirs.
    pub fn retry_rejected(mut self) -> Self {
        self.settings.retry_rejected = true;
        self
    }

    /// What to do about a manifest that differs from the recorded one. [`OnChange::Refuse`] by default.
    pub fn on_change(mut self, what: OnChange) -> Self {
        self.settings.on_change = what;
        self
    }

    /// Lets several analyses of the submission have one user reference. By default that is an error before anything is sent.
    pub fn allow_duplicate_references(mut self) -> Self {
        self.settings.allow_duplicates = true;
        self
    }

    /// Whether a run ends by listing the items of new batches, so that the report has item and analysis ids: yes by default. Ids that ICA does not
    /// have yet are added by a later run.
    pub fn look_up_items(mut self, look_up: bool) -> Self {
        self.settings.look_up = look_up;
        self
    }

    /// For how long a process that is not heard of keeps its claim on the chunks it was sending: 30 seconds by default. A run renews its own.
    pub fn claim_lease(mut self, lease: Duration) -> Self {
        self.settings.lease = lease;
        self
    }

    /// How long a chunk waits for an earlier create with its key that still runs, in place of the client's setting.
    pub fn in_progress_patience(mut self, patience: Duration) -> Self {
        self.overrides.in_progress_patience = Some(patience);
        self
    }

    call_setters!();

    /// The analyses, of one kind or, as [`Analysis`], of several.
    pub fn analyses<I>(self, analyses: I) -> Self
    where
        I: IntoIterator<Item: Into<Analysis> + 'static, IntoIter: Send + 'static>,
    {
        let rows = analyses.into_iter().map(Ok::<_, Error>);
        self.manifest(Manifest::from_iter(rows))
    }

    /// The analyses, from an iterator that may fail, such as the rows of a file. A failure ends the run before anything is sent.
    pub fn try_analyses<I, T, E>(self, analyses: I) -> Self
    where
        I: IntoIterator<Item = std::result::Result<T, E>, IntoIter: Send + 'static>,
        T: Into<Analysis>,
        E: Into<Box<dyn StdError + Send + Sync>>,
    {
        self.manifest(Manifest::from_iter(analyses.into_iter()))
    }

    /// The analyses, from a stream.
    pub fn analysis_stream<S>(self, analyses: S) -> Self
    where
        S: Stream<Item: Into<Analysis>> + Send + 'static,
    {
        self.manifest(Manifest::from_stream(Sure(Box::pin(analyses))))
    }

    /// The analyses, from a stream that may fail. A failure ends the run before anything is sent.
    pub fn try_analysis_stream<S, T, E>(self, analyses: S) -> Self
    where
        S: Stream<Item = std::result::Result<T, E>> + Send + 'static,
        T: Into<Analysis>,
        E: Into<Box<dyn StdError + Send + Sync>>,
    {
        self.manifest(Manifest::from_stream(analyses))
    }

    fn manifest(mut self, manifest: Manifest) -> Self {
        self.manifest = Some(manifest);
        self
    }

    /// Sends what is left of the submission, and reports on all of it.
    ///
    /// Dropping the future breaks the run off, as ending the process would: run it again.
    ///
    /// # Errors
    /// Before anything is sent: [`InvalidInput`](crate::ErrorKind::InvalidInput) for what cannot be sent,
    /// [`DuplicateReferences`](crate::ErrorKind::DuplicateReferences), [`ManifestChanged`](crate::ErrorKind::ManifestChanged),
    /// [`KeyExpired`](crate::ErrorKind::KeyExpired). Later: what a create fails with, and [`Journal`](crate::ErrorKind::Journal). Nothing is lost by
    /// any of them, and running again goes on.
    pub async fn run(self) -> Result<SubmissionReport> {
        Box::pin(run(self, Events::unheard())).await
    }

    /// Runs the submission and tells how it goes on, as a stream. The last progress has the [report](SubmissionProgress::report).
    pub fn progress(self) -> SubmissionStream {
        SubmissionStream::new(|events| run(self, events))
    }

    /// Reads the manifest and writes down what will be sent, and sends nothing. A later run sends it.
    ///
    /// # Errors
    /// As [`run`](Self::run) has before anything is sent.
    pub async fn plan(mut self) -> Result<SubmissionProgress> {
        let manifest = self.manifest.take();
        let run = Run::begin(self, Events::unheard()).await?;
        let result = async {
            let id = run.plan(manifest).await?;
            run.tally(id).await
        };
        let result = result.await;
        run.end().await;
        result
    }

    /// What the journal has of the submission. Sends nothing.
    ///
    /// # Errors
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) when the journal has no submission of this name,
    /// [`Journal`](crate::ErrorKind::Journal) when it cannot be read.
    pub async fn report(&self) -> Result<SubmissionReport> {
        let id = context::find(&self.journal, &self.place).await?;
        report::read(&self.journal, &self.place.name, id).await
    }
}

async fn run(mut submission: Submission, events: Events) -> Result<SubmissionReport> {
    let manifest = submission.manifest.take();
    let run = Run::begin(submission, events).await?;
    let result = run.follow(manifest).await;
    run.end().await;
    result
}

impl fmt::Debug for Submission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            client: _,
            project,
            journal,
            place,
            manifest,
            settings,
            overrides,
        } = self;
        f.debug_struct("Submission")
            .field("project", project)
            .field("journal", journal)
            .field("name", &place.name)
            .field("has_manifest", &manifest.is_some())
            .field("settings", settings)
            .field("overrides", overrides)
            .finish_non_exhaustive()
    }
}
