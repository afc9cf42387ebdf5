//! Result of a search for paths: the data of each path, or the reason why it has none.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use ica_batch_sdk::types::{DataStatus, DataType};
use uuid::Uuid;

use super::super::path::quoted;
use crate::error::{Error, ErrorKind, NAME, Result, Scrubber, counted, shown};

/// Number of failures that an error names.
const NAMED: usize = 5;

/// Data at a path.
///
/// [`ResolvedPaths`] has an example.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ResolvedData {
    /// Id of the file or folder, as requests take it.
    pub id: String,
    /// Whole path in the project that owns it. That of a folder ends with `/`. Empty if the data was
    /// asked for by its id, and ICA does not say its path.
    pub path: String,
    /// Whether it is a file or a folder.
    pub data_type: DataType,
    /// Id of the project that owns it.
    pub owning_project: Uuid,
}

/// A path without data, and the reason.
///
/// [`ResolvedPaths`] has an example.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PathFailure {
    /// Position of the path in the list of paths, counted from 0. It is the first one of a path that
    /// occurs more than once.
    pub index: usize,
    /// The path as it was asked for.
    pub path: String,
    /// Reason why the path has no data.
    pub reason: PathFailureReason,
}

/// Reason why a path has no data that an analysis could use.
///
/// ```
/// use ica_batch_sdk_ext::PathFailureReason;
///
/// let reason = PathFailureReason::Missing { similar: Some("/Run1/A.bam".to_owned()) };
/// let text = "the project has no such data, but \"/Run1/A.bam\"; check upper and lower case";
/// assert_eq!(reason.to_string(), text);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum PathFailureReason {
    /// The text is not a path.
    Invalid(String),
    /// The project has no data at this path.
    Missing {
        /// A path that differs in upper and lower case only.
        similar: Option<String>,
    },
    /// The data at this path belongs to other projects than the one that the path names.
    OtherOwner {
        /// Ids of the projects that own the data.
        owners: Vec<Uuid>,
    },
    /// Several files or folders have this path.
    Ambiguous {
        /// Their ids.
        ids: Vec<String>,
        /// Ids of the projects that own them.
        owners: Vec<Uuid>,
    },
    /// It is a folder, and a file was asked for.
    IsFolder,
    /// It is a file, and a folder was asked for.
    IsFile,
    /// The data cannot be the input of an analysis.
    NotAvailable {
        /// Id of the data.
        id: String,
        /// Its status.
        status: DataStatus,
    },
}

impl PathFailureReason {
    /// Returns the reason without secrets in the texts of the server: ids. A status was scrubbed, and
    /// a similar path is the caller's, but for upper and lower case.
    pub(super) fn scrubbed(mut self, scrubber: &Scrubber) -> Self {
        match &mut self {
            Self::Ambiguous { ids, .. } => ids.iter_mut().for_each(|id| *id = scrubber.text(id, NAME)),
            Self::NotAvailable { id, .. } => *id = scrubber.text(id, NAME),
            _ => {}
        }
        self
    }
}

impl fmt::Display for PathFailureReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invalid(reason) => write!(f, "the path is not valid: {reason}"),
            Self::Missing { similar: None } => f.write_str(
                "the project has no such data; check the path or id, or upload the data or link it to the project",
            ),
            Self::Missing { similar: Some(similar) } => write!(
                f,
                "the project has no such data, but {}; check upper and lower case",
                quoted(similar)
            ),
            Self::OtherOwner { owners } => write!(
                f,
                "the data at this path belongs to project {}; name that project in the path",
                join(owners)
            ),
            Self::Ambiguous { ids, owners } if owners.len() > 1 => write!(
                f,
                "{} files or folders have this path, of the projects {}; write icav2://PROJECT/path with one of them",
                ids.len(),
                join(owners)
            ),
            Self::Ambiguous { ids, .. } => {
                write!(f, "several files or folders have this path: {}; use an id", join(ids))
            }
            Self::IsFolder => {
                f.write_str("it is a folder, and a file was asked for; write '/' at the end of a folder's path")
            }
            Self::IsFile => f.write_str("it is a file, and a folder was asked for"),
            Self::NotAvailable { status, .. } => write!(
                f,
                "its status is {}, and only AVAILABLE data can be an input; wait, or restore it",
                shown(status.as_str(), NAME)
            ),
        }
    }
}

/// Returns the first values with commas between them.
fn join(values: &[impl fmt::Display]) -> String {
    let named = values.iter().take(NAMED).map(|value| shown(&value.to_string(), NAME));
    let mut text = named.collect::<Vec<_>>().join(", ");
    if values.len() > NAMED {
        text.push_str(", …");
    }
    text
}

impl fmt::Display for PathFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", quoted(&self.path), self.reason)
    }
}

/// Data at the paths that were asked for, and the paths without data.
///
/// ```
/// # use ica_batch_sdk_ext::{Client, Credentials};
/// use ica_batch_sdk_ext::PathFailureReason;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let simulator = ica_simulator::Simulator::start();
/// # let files = ["/run1/a.bam", "/run1/b.bam"].map(ica_simulator::SeedData::file);
/// # simulator.seed_data(simulator.project_id(), files);
/// # let credentials = Credentials::api_key(simulator.api_key())?;
/// # let client = Client::builder().base_url(simulator.base_url()).credentials(credentials).build()?;
/// # let project = client.project(simulator.project_id())?;
/// let resolved = project.data().resolve(["/run1/a.bam", "/run1/none.bam", "/run1"]).await?;
/// assert!(resolved.id("/run1/a.bam").unwrap().starts_with("fil."));
/// let failures = resolved.failures();
/// assert_eq!((failures[0].index, &failures[0].path[..]), (1, "/run1/none.bam"));
/// assert_eq!(failures[1].reason, PathFailureReason::IsFolder);
/// assert!(resolved.into_result().unwrap_err().is_invalid_input());
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct ResolvedPaths {
    pub(super) project: Arc<str>,
    /// Number of different paths.
    pub(super) asked: u64,
    pub(super) data: HashMap<String, ResolvedData>,
    pub(super) failures: Vec<PathFailure>,
    pub(super) failed: u64,
    pub(super) requests: u64,
}

impl ResolvedPaths {
    /// Returns the data at a path, written as it was asked for.
    pub fn get(&self, path: &str) -> Option<&ResolvedData> {
        self.data.get(path)
    }

    /// Returns the id of the data at a path, written as it was asked for.
    pub fn id(&self, path: &str) -> Option<&str> {
        self.get(path).map(|data| data.id.as_str())
    }

    /// Returns the number of different paths that have data.
    pub fn len(&self) -> usize {
        self.data.len()
    }

    /// Returns whether no path has data.
    pub fn is_empty(&self) -> bool {
        self.data.is_empty()
    }

    /// Returns the paths without data, in the order in which they were asked for: the first
    /// [`failure_limit`](crate::ResolvePaths::failure_limit) ones.
    pub fn failures(&self) -> &[PathFailure] {
        &self.failures
    }

    /// Returns the number of different paths without data, also those beyond the limit.
    pub fn failure_count(&self) -> u64 {
        self.failed
    }

    /// Returns the number of pages that were read.
    pub fn requests(&self) -> u64 {
        self.requests
    }

    /// Returns the data if every path has some.
    ///
    /// # Errors
    /// [`NotFound`](ErrorKind::NotFound) if the project lacks the data at all of the paths without
    /// data, and [`InvalidInput`](ErrorKind::InvalidInput) if one of them fails for another reason.
    /// The message has the first five.
    pub fn into_result(self) -> Result<Self> {
        if self.failed == 0 {
            return Ok(self);
        }
        let missing = |failure: &PathFailure| matches!(failure.reason, PathFailureReason::Missing { .. });
        let kind = match self.failures.iter().all(missing) {
            true => ErrorKind::NotFound,
            false => ErrorKind::InvalidInput,
        };
        let named = self.failures.iter().take(NAMED).map(PathFailure::to_string);
        let mut texts = named.collect::<Vec<_>>();
        let more = self.failed.saturating_sub(texts.len() as u64);
        if more > 0 {
            texts.push(format!("and {more} more"));
        }
        let action = format!(
            "find {} of {} in project {}",
            self.failed,
            counted(self.asked, "path"),
            self.project
        );
        let error = Error::new(kind, texts.join("; ")).could_not(action);
        Err(error.with_advice("correct the paths, or upload or link the data"))
    }
}
