//! A manifest that was checked, and its analyses.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::iter::FusedIterator;
use std::sync::Arc;

use serde::Serialize;
use uuid::Uuid;

use super::analysis::analysis;
use super::defaults::DefaultValue;
use super::digest::RowsDigest;
use super::file::ManifestFile;
use super::found_ids::{FoundIds, FoundIdsReader};
use super::names::{Names, PreflightPipeline};
use super::rows::ManifestRows;
use super::usage::PreflightCode;
use crate::error::{Error, NAME, Result, SENTENCE, counted, shown};
use crate::submission::Analysis;

/// Number of storage sizes, pipelines, inputs and parameters that a text names.
const NAMED: usize = 20;

/// Manifest without problems, and what its names and paths mean in ICA. It is cheap to clone.
///
/// ```
/// # use ica_batch_sdk_ext::{Client, Credentials};
/// use ica_batch_sdk_ext::{ManifestFile, ManifestFormat};
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
/// let text = "user_reference,pipeline,input.reads\nsample-1,Germline 4-3-6,/run1/a.bam\n";
/// let manifest = ManifestFile::from_reader("cohort.csv", ManifestFormat::Csv, text.as_bytes())?;
/// let checked = project.preflight(manifest).await?;
/// for analysis in checked.analyses() {
///     assert_eq!(analysis?.user_reference(), "sample-1");
/// }
/// assert_eq!(checked.digest().len(), 64);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct CheckedManifest {
    manifest: ManifestFile,
    names: Arc<Names>,
    ids: FoundIds,
    report: Arc<PreflightReport>,
}

impl CheckedManifest {
    pub(super) fn new(manifest: ManifestFile, names: Names, ids: FoundIds, report: PreflightReport) -> Self {
        Self {
            manifest,
            names: Arc::new(names),
            ids,
            report: Arc::new(report),
        }
    }

    /// Returns the counts of the check, and what the manifest uses.
    pub fn report(&self) -> &PreflightReport {
        &self.report
    }

    /// Returns the SHA-256 of the rows with their defaults, and of the project, as 64 hexadecimal
    /// digits.
    ///
    /// It does not depend on the format of the file, its line ends, or the order of its columns. It
    /// has names and paths as they are written, and not the ids that they mean.
    pub fn digest(&self) -> &str {
        &self.report.digest
    }

    /// Reads the manifest again and returns its analyses, with the ids that the check found. Sends
    /// nothing.
    ///
    /// Give them to [`Submission::try_analyses`](crate::Submission::try_analyses). If the manifest is
    /// not the one that was checked any more, or a temporary file of the check cannot be read, the last
    /// item is an error, so nothing of it is sent.
    pub fn analyses(&self) -> ManifestAnalyses {
        ManifestAnalyses {
            state: Some(State {
                rows: self.manifest.rows(),
                digest: RowsDigest::new(&self.report.project),
                ids: self.ids.read(),
            }),
            names: Arc::clone(&self.names),
            report: Arc::clone(&self.report),
        }
    }
}

/// Iterator over the analyses of a checked manifest, from [`CheckedManifest::analyses`].
///
/// [`CheckedManifest`] has an example.
#[must_use = "analyses are read when the iterator is advanced"]
pub struct ManifestAnalyses {
    /// None at the end.
    state: Option<State>,
    names: Arc<Names>,
    report: Arc<PreflightReport>,
}

struct State {
    rows: ManifestRows,
    digest: RowsDigest,
    ids: FoundIdsReader,
}

impl ManifestAnalyses {
    /// Ends with the error that the manifest changed, or that the ids cannot be read.
    fn failed(&mut self) -> Option<Result<Analysis>> {
        let state = self.state.take();
        if let Some(error) = state.and_then(|mut state| state.ids.take_error()) {
            return Some(Err(temporary_file(&error, &self.report.file)));
        }
        let error = Error::invalid_input("it was changed after it was checked, and nothing was sent");
        let action = format!("read manifest {:?} again", shown(&self.report.file, SENTENCE));
        Some(Err(error.could_not(action).with_advice(
            "check it again, and do not change it until its analyses are planned",
        )))
    }
}

/// Returns the error that a temporary file of the check cannot be written or read.
pub(super) fn temporary_file(error: &io::Error, file: &str) -> Error {
    Error::invalid_input(error.to_string())
        .could_not(format!(
            "use a temporary file for the check of manifest {:?}",
            shown(file, SENTENCE)
        ))
        .with_advice("check the folder of temporary files (TMPDIR) and its space, and check the manifest again")
}

impl Iterator for ManifestAnalyses {
    type Item = Result<Analysis>;

    fn next(&mut self) -> Option<Self::Item> {
        let state = self.state.as_mut()?;
        let row = match state.rows.next() {
            Some(Ok(row)) => row,
            Some(Err(_)) => return self.failed(),
            None => {
                let digest = self.state.take()?.digest.finish();
                return (digest != self.report.digest).then(|| self.failed()).flatten();
            }
        };
        state.digest.add(&row);
        match analysis(row, &self.names, &mut state.ids) {
            Some(analysis) => Some(Ok(analysis)),
            None => self.failed(),
        }
    }
}

impl FusedIterator for ManifestAnalyses {}

impl fmt::Debug for ManifestAnalyses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ManifestAnalyses")
            .field("file", &self.report.file)
            .finish_non_exhaustive()
    }
}

/// Counts of the check of a manifest, and what it uses. [`Display`](fmt::Display) writes some lines
/// for people.
///
/// ```
/// # use ica_batch_sdk_ext::{Client, Credentials};
/// use ica_batch_sdk_ext::{ManifestDefaults, ManifestFile, ManifestFormat};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let simulator = ica_simulator::Simulator::start();
/// # let pipeline = ica_simulator::SeedPipeline::new("Germline 4-3-6");
/// # simulator.seed_pipeline(simulator.project_id(), pipeline);
/// # let credentials = Credentials::api_key(simulator.api_key())?;
/// # let client = Client::builder().base_url(simulator.base_url()).credentials(credentials).build()?;
/// # let project = client.project(simulator.project_id())?;
/// let manifest = ManifestFile::from_reader("cohort.csv", ManifestFormat::Csv, &b"user_reference\na\nb\n"[..])?
///     .defaults(ManifestDefaults::new().pipeline("Germline 4-3-6"));
/// let checked = project.preflight(manifest).await?;
/// let report = checked.report();
/// assert_eq!((report.rows, report.pipelines[0].analyses), (2, 2));
/// assert!(report.to_string().starts_with("cohort.csv: 2 analyses for project "));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct PreflightReport {
    /// Name of the manifest.
    pub file: String,
    /// Id of the project.
    pub project: String,
    /// Number of analyses. The rows of a sample in a sample sheet are one.
    pub rows: u64,
    /// Inputs of the analyses, in alphabetical order: the first 1000.
    pub inputs: Vec<PreflightCode>,
    /// Parameters of the analyses, in alphabetical order: the first 1000.
    pub params: Vec<PreflightCode>,
    /// Number of different paths and ids of input data.
    pub data: u64,
    /// Number of different output folders.
    pub output_folders: u64,
    /// Pipelines, in the order of the manifest.
    pub pipelines: Vec<PreflightPipeline>,
    /// Ids of the storage sizes, by the text that names them.
    pub storages: BTreeMap<String, Uuid>,
    /// Number of requests that the check sent. Each of them only reads.
    pub requests: u64,
    /// Digest of the manifest: see [`CheckedManifest::digest`].
    pub digest: String,
    /// Defaults that no row uses, because each has a value of its own.
    pub unused_defaults: Vec<DefaultValue>,
    /// Names of [columns to ignore](ManifestFile::ignore_columns) that the manifest does not have.
    pub unused_ignored_columns: Vec<String>,
}

impl fmt::Display for PreflightReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let analyses = |number| {
            if number == 1 {
                "1 analysis".to_owned()
            } else {
                format!("{number} analyses")
            }
        };
        writeln!(
            f,
            "{}: {} for project {}",
            shown(&self.file, SENTENCE),
            analyses(self.rows),
            self.project
        )?;
        for pipeline in self.pipelines.iter().take(NAMED) {
            let PreflightPipeline {
                id,
                code,
                kind,
                analyses: number,
            } = pipeline;
            writeln!(
                f,
                "  pipeline {} ({kind}, {id}): {}",
                shown(code, NAME),
                analyses(*number)
            )?;
        }
        if self.pipelines.len() > NAMED {
            writeln!(
                f,
                "  … and {} more pipelines",
                self.pipelines.len().saturating_sub(NAMED)
            )?;
        }
        for (name, id) in self.storages.iter().take(NAMED) {
            writeln!(f, "  storage size {} ({id})", shown(name, NAME))?;
        }
        for (what, codes) in [("input", &self.inputs), ("parameter", &self.params)] {
            for code in codes.iter().take(NAMED) {
                let number = match code.analyses {
                    number if number == self.rows => "all analyses".to_owned(),
                    number => format!("{number} of {}", analyses(self.rows)),
                };
                writeln!(f, "  {what} {code}: {number}")?;
            }
            if let Some(more) = codes.len().checked_sub(NAMED).filter(|more| *more > 0) {
                writeln!(f, "  … and {}", counted(more as u64, &format!("more {what}")))?;
            }
        }
        writeln!(
            f,
            "  input data: {}; {}",
            match self.data {
                1 => "1 file or folder".to_owned(),
                number => format!("{number} files and folders"),
            },
            counted(self.output_folders, "output folder")
        )?;
        write!(
            f,
            "  checked with {} that only read; digest {}",
            counted(self.requests, "request"),
            self.digest
        )
    }
}
