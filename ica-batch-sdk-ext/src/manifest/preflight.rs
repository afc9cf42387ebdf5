//! The check of a manifest against ICA, before anything is created.

use std::collections::HashMap;
use std::fmt;
use std::future::{Future, IntoFuture};
use std::io;
use std::panic::resume_unwind;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::checked::{CheckedManifest, PreflightReport, temporary_file};
use super::default_problems::DefaultProblems;
use super::defaults::DefaultValue;
use super::file::ManifestFile;
use super::format::ManifestFormat;
use super::found::Found;
use super::names::{Lists, Names};
use super::problem::ManifestProblems;
use super::repeated::add_repeated;
use super::window::{Window, Windows};
use crate::call::Core;
use crate::data::{DataHandle, ResolvePaths};
use crate::error::{Error, Result};
use crate::pipelines::{Pipelines, Storages};

const PROBLEM_LIMIT: usize = 100;
const CONCURRENCY: usize = 8;

/// Check of all rows of a manifest, from [`Project::preflight`](crate::Project::preflight). Await it.
///
/// It reads the manifest and ICA, and creates nothing. These must hold for each row:
///
/// - The user reference is [valid](crate::types::UserReference), and no other row has it.
/// - The pipeline exists in the project, and is a Nextflow pipeline or a CWL pipeline with an XML input
///   form.
/// - The storage size exists.
/// - The data of the inputs and the output folder exist in the project, or are linked to it, and are
///   `AVAILABLE`. [`ResolvePaths`](crate::ResolvePaths) has the meaning of paths.
///
/// - A row of CSV or TSV with columns of inputs has data in one of them at least, and each of these
///   columns has data in one row at least.
/// - A row of a sample sheet has the FASTQ files of read 1 and read 2 in their columns.
///
/// A [default](crate::ManifestDefaults) that is not valid is one problem, however many rows use it.
///
/// ICA does not publish the codes of a pipeline's inputs and parameters, so a wrong code is found by
/// ICA only. The [report](crate::PreflightReport) lists the codes, to compare them.
///
/// ```
/// # use ica_batch_sdk_ext::{Client, Credentials};
/// use ica_batch_sdk_ext::{ManifestDefaults, ManifestFile, ManifestFormat};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let simulator = ica_simulator::Simulator::start();
/// # simulator.seed_data(simulator.project_id(), [ica_simulator::SeedData::file("/run1/a.bam")]);
/// # let pipeline = ica_simulator::SeedPipeline::new("Germline 4-3-6");
/// # simulator.seed_pipeline(simulator.project_id(), pipeline);
/// # let credentials = Credentials::api_key(simulator.api_key())?;
/// # let client = Client::builder().base_url(simulator.base_url()).credentials(credentials).build()?;
/// # let project = client.project(simulator.project_id())?;
/// let text = "user_reference,input.reads\nsample-1,/run1/a.bam\nsample.2,/run1/A.bam\n";
/// let manifest = ManifestFile::from_reader("cohort.csv", ManifestFormat::Csv, text.as_bytes())?
///     .defaults(ManifestDefaults::new().pipeline("Germline 4-3-6"));
/// let error = project.preflight(manifest).await.unwrap_err();
/// let problems = error.manifest_problems().expect("the second row is wrong");
/// let places = problems.problems().iter().map(|problem| (problem.line, problem.column.as_deref()));
/// assert_eq!(
///     places.collect::<Vec<_>>(),
///     [(Some(3), Some("user_reference")), (Some(3), Some("input.reads"))]
/// );
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// [`InvalidInput`](crate::ErrorKind::InvalidInput) with all
/// [problems](crate::Error::manifest_problems) of the manifest, or without problems if a temporary file
/// cannot be written. An error of a request, such as a timeout, is the error of that request.
///
/// # Memory and requests
///
/// Rows are read in windows of up to 10 000 rows and some 8 MiB, so the memory does not depend on the
/// size of the manifest. What is kept of large ones is in temporary files: 12 bytes for each row, and
/// some 55 for each path of a row.
///
/// Pipelines and storage sizes cost one request each. Paths cost as much as
/// [`ResolvePaths`](crate::ResolvePaths) says, for each window. A path that occurs again costs nothing
/// while it is among some 50 000 paths that are remembered.
#[derive(Debug, Clone)]
#[must_use = "nothing is read before it is awaited"]
pub struct Preflight {
    core: Core,
    project: Arc<str>,
    manifest: ManifestFile,
    problem_limit: usize,
    allows_duplicates: bool,
    concurrency: usize,
    observer: Option<Observer>,
}

/// Progress of a check, for [`Preflight::on_progress`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct PreflightProgress {
    /// Number of rows that were checked.
    pub rows: u64,
    /// Number of bytes of the manifest that were read.
    pub bytes: u64,
    /// Size of the manifest in bytes.
    pub total_bytes: u64,
}

/// Function that a check calls.
#[derive(Clone)]
struct Observer(Arc<dyn Fn(PreflightProgress) + Send + Sync>);

impl fmt::Debug for Observer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Observer")
    }
}

impl Preflight {
    pub(crate) fn new(core: Core, project: Arc<str>, manifest: ManifestFile) -> Self {
        Self {
            core,
            project,
            manifest,
            problem_limit: PROBLEM_LIMIT,
            allows_duplicates: false,
            concurrency: CONCURRENCY,
            observer: None,
        }
    }

    /// Sets the maximum number of problems that the error has: 100 by default. All are counted.
    pub fn problem_limit(mut self, problems: usize) -> Self {
        self.problem_limit = problems;
        self
    }

    /// Allows several rows with the same user reference. The submission must
    /// [allow it](crate::Submission::allow_duplicate_references), too.
    pub fn allow_duplicate_references(mut self) -> Self {
        self.allows_duplicates = true;
        self
    }

    /// Sets the number of requests in flight: 8 by default.
    pub fn concurrency(mut self, requests: usize) -> Self {
        self.concurrency = requests;
        self
    }

    /// Sets a function that is called after each window of up to 10 000 rows.
    ///
    /// ```
    /// # use ica_batch_sdk_ext::{Client, Credentials};
    /// use std::sync::Arc;
    /// use std::sync::atomic::{AtomicU64, Ordering};
    ///
    /// use ica_batch_sdk_ext::{ManifestFile, ManifestFormat};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let simulator = ica_simulator::Simulator::start();
    /// # simulator.seed_pipeline(simulator.project_id(), ica_simulator::SeedPipeline::new("Germline"));
    /// # let credentials = Credentials::api_key(simulator.api_key())?;
    /// # let client = Client::builder().base_url(simulator.base_url()).credentials(credentials).build()?;
    /// # let project = client.project(simulator.project_id())?;
    /// let text = "user_reference,pipeline\na,Germline\nb,Germline\n";
    /// let manifest = ManifestFile::from_reader("cohort.csv", ManifestFormat::Csv, text.as_bytes())?;
    /// let rows = Arc::new(AtomicU64::new(0));
    /// let seen = Arc::clone(&rows);
    /// let preflight = project.preflight(manifest);
    /// preflight.on_progress(move |progress| seen.store(progress.rows, Ordering::Relaxed)).await?;
    /// assert_eq!(rows.load(Ordering::Relaxed), 2);
    /// # Ok(())
    /// # }
    /// ```
    pub fn on_progress(mut self, observer: impl Fn(PreflightProgress) + Send + Sync + 'static) -> Self {
        self.observer = Some(Observer(Arc::new(observer)));
        self
    }

    async fn run(self) -> Result<CheckedManifest> {
        let (core, project) = (&self.core, &self.project);
        let file = self.manifest.name().to_owned();
        let temporary = |error: io::Error| temporary_file(&error, &file);
        let mut check = Check {
            lists: Lists::new(
                Pipelines::new(core.clone(), Arc::clone(project)),
                Storages::new(core.clone(), Arc::clone(project)),
            ),
            data: DataHandle::new(core.clone(), Arc::clone(project)),
            concurrency: self.concurrency,
            places: DefaultProblems::new(
                self.manifest.default_values().clone(),
                match self.manifest.format() {
                    ManifestFormat::JsonLines => "inputs.",
                    ManifestFormat::Csv | ManifestFormat::Tsv => "input.",
                },
            ),
            names: Names::default(),
            found: Found::default(),
            requests: 0,
        };
        let mut problems = ManifestProblems::new(self.manifest.name(), self.problem_limit);
        let (manifest, allows_duplicates) = (self.manifest.clone(), self.allows_duplicates);
        let bytes = Arc::new(AtomicU64::new(0));
        let total_bytes = self.manifest.size();
        let mut windows = blocking({
            let project = Arc::clone(project);
            let bytes = Arc::clone(&bytes);
            move || Windows::new(manifest.counted_rows(bytes), &project, allows_duplicates)
        })
        .await;
        loop {
            let window;
            (windows, window) = blocking(move || {
                let window = windows.read();
                (windows, window)
            })
            .await;
            let mut window = window.map_err(temporary)?;
            if window.rows.is_empty() && window.problems.is_empty() {
                break;
            }
            check.window(&mut window).await?;
            window.problems.sort_by_key(|problem| problem.line);
            window.problems.drain(..).for_each(|problem| problems.add(problem));
            if problems.is_empty() {
                let mut found = std::mem::take(&mut check.found);
                let recorded = blocking(move || found.record(&window).map(|()| found));
                check.found = recorded.await.map_err(temporary)?;
            }
            if let Some(Observer(observer)) = &self.observer {
                observer(PreflightProgress {
                    rows: windows.count,
                    bytes: bytes.load(Ordering::Relaxed),
                    total_bytes,
                });
            }
        }
        let (references, limit) = (windows.take_references(), problems.limit());
        let repeated = blocking(move || references.repeated(limit)).await.map_err(temporary)?;
        if repeated.count > 0 {
            let rows = self.manifest.rows();
            problems = blocking(move || {
                add_repeated(rows, repeated, &mut problems);
                problems
            })
            .await;
        }
        if !problems.is_empty() {
            return Err(problems.into_error());
        }
        let found = blocking(|| check.found.finish()).await.map_err(temporary)?;
        let rows = windows.count;
        let (digest, usage, unused) = windows.finish();
        let report = PreflightReport {
            file: self.manifest.name().to_owned(),
            project: project.to_string(),
            rows,
            inputs: usage.inputs.into_report(),
            params: usage.params.into_report(),
            data: found.data,
            output_folders: found.folders,
            pipelines: check.lists.used,
            storages: check.names.storages.clone(),
            requests: check.requests.saturating_add(check.lists.requests),
            digest,
            unused_defaults: unused.defaults.into_iter().collect(),
            unused_ignored_columns: unused.columns.into_iter().collect(),
        };
        Ok(CheckedManifest::new(self.manifest, check.names, found.ids, report))
    }
}

/// State of a check.
struct Check {
    lists: Lists,
    data: DataHandle,
    concurrency: usize,
    places: DefaultProblems,
    names: Names,
    found: Found,
    /// Number of requests for data.
    requests: u64,
}

/// Ids by path, and the reason of each path without one.
type Resolved = (Vec<(Box<str>, Box<str>)>, HashMap<String, String>);

impl Check {
    /// Adds the problems of a window that ICA knows.
    async fn window(&mut self, window: &mut Window) -> Result<()> {
        self.found.forget();
        for row in &window.rows {
            if let Some(text) = &row.pipeline
                && let Err(reason) = self.lists.pipeline(text, &mut self.names).await?
            {
                let problem = self.places.of_value(row, DefaultValue::Pipeline, text, &reason);
                window.problems.extend(problem);
            }
            if let Some(text) = &row.storage
                && let Err(reason) = self.lists.storage(text, &mut self.names).await?
            {
                let problem = self.places.of_value(row, DefaultValue::Storage, text, &reason);
                window.problems.extend(problem);
            }
        }
        let texts = window.data(|text| self.found.data.contains_key(text));
        let (found, reasons) = self.resolve(texts, |request| request).await?;
        self.found.data.extend(found);
        window.add_data(&mut self.places, |text| reasons.get(text).map(String::as_str));
        let texts = window.folders(|text| self.found.folders.contains_key(text));
        let (found, reasons) = self.resolve(texts, ResolvePaths::folders).await?;
        self.found.folders.extend(found);
        window.add_folders(&mut self.places, |text| reasons.get(text).map(String::as_str));
        Ok(())
    }

    async fn resolve(
        &mut self,
        texts: Vec<String>,
        settings: impl FnOnce(ResolvePaths) -> ResolvePaths,
    ) -> Result<Resolved> {
        let request = self.data.resolve(texts.iter().map(String::as_str));
        let request = settings(request)
            .concurrency(self.concurrency)
            .failure_limit(usize::MAX);
        let resolved = request.await?;
        self.requests = self.requests.saturating_add(resolved.requests());
        let failures = resolved.failures().iter();
        let reasons = failures
            .map(|failure| (failure.path.clone(), failure.to_string()))
            .collect();
        let found = texts.into_iter().filter_map(|text| {
            let id = resolved.id(&text)?.into();
            Some((text.into_boxed_str(), id))
        });
        Ok((found.collect(), reasons))
    }
}

/// Runs work that waits for the disk, without blocking the runtime.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => resume_unwind(panic),
            // The runtime shuts down, and this future is dropped.
            Err(_) => std::future::pending().await,
        },
    }
}

impl IntoFuture for Preflight {
    type Output = Result<CheckedManifest, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}
