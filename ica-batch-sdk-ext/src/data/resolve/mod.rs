//! Finding the ids of many paths with few requests.
//!
//! From the bottom up:
//!
//! - `plan` decides which folders are listed and which paths are looked up; `found` chooses the data
//!   that a path means. Both are pure.
//! - `outcome` has the result, and `cache` the memory of earlier ones.
//! - `search` sends the requests.

// Paths come from a manifest here, and numbers from a server.
#![cfg_attr(not(test), warn(clippy::arithmetic_side_effects, clippy::indexing_slicing))]

mod cache;
mod found;
mod outcome;
mod plan;
mod search;

use std::collections::{BTreeSet, HashMap, HashSet};
use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use ica_batch_sdk::types::DataType;

use self::found::{Asked, choose};
use self::search::{Requests, Search, lower};
use super::DataHandle;
use super::path::DataPath;
use crate::call::{CallOverrides, call_setters};
use crate::error::{Error, Result};

pub use cache::PathCache;
pub use outcome::{PathFailure, PathFailureReason, ResolvedData, ResolvedPaths};

const CONCURRENCY: usize = 8;
const PATHS_PER_REQUEST: usize = 100;
const FAILURE_LIMIT: usize = 1000;

/// Beginnings of ids of files and folders.
const ID_STARTS: [&str; 2] = ["fil.", "fol."];

impl DataHandle {
    /// Finds the data at paths: `/path/in/project` or `icav2://PROJECT/path`. Ids (`fil.…`, `fol.…`) are
    /// checked likewise. Await the request.
    ///
    /// [`ResolvePaths`] has the details.
    ///
    /// ```
    /// # use ica_batch_sdk_ext::{Client, Credentials};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let simulator = ica_simulator::Simulator::start();
    /// # let files = ["/run1/a.bam", "/run1/b.bam", "/run1/qc/c.bam"].map(ica_simulator::SeedData::file);
    /// # simulator.seed_data(simulator.project_id(), files);
    /// # let credentials = Credentials::api_key(simulator.api_key())?;
    /// # let client = Client::builder().base_url(simulator.base_url()).credentials(credentials).build()?;
    /// # let project = client.project(simulator.project_id())?;
    /// let paths = ["/run1/a.bam", "/run1/b.bam"];
    /// let found = project.data().resolve(paths).await?.into_result()?;
    /// let ids: Vec<_> = paths.iter().filter_map(|path| found.id(path)).collect();
    /// assert_eq!(ids.len(), 2);
    /// # Ok(())
    /// # }
    /// ```
    pub fn resolve(&self, paths: impl IntoIterator<Item = impl Into<String>>) -> ResolvePaths {
        ResolvePaths {
            data: self.clone(),
            paths: paths.into_iter().map(Into::into).collect(),
            without_slash: Asked::File,
            concurrency: CONCURRENCY,
            paths_per_request: PATHS_PER_REQUEST,
            failure_limit: FAILURE_LIMIT,
            cache: None,
            overrides: CallOverrides::default(),
        }
    }
}

/// Request that finds the data at paths. Await it.
///
/// ```
/// # use ica_batch_sdk_ext::{Client, Credentials};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let simulator = ica_simulator::Simulator::start();
/// # let files = ["/run1/a.bam", "/run1/b.bam"].map(ica_simulator::SeedData::file);
/// # simulator.seed_data(simulator.project_id(), files);
/// # let credentials = Credentials::api_key(simulator.api_key())?;
/// # let client = Client::builder().base_url(simulator.base_url()).credentials(credentials).build()?;
/// # let project = client.project(simulator.project_id())?;
/// let own = format!("icav2://{}/run1/b.bam", project.id());
/// let paths = ["/run1/a.bam", "/run1/", own.as_str()];
/// let resolved = project.data().resolve(paths).await?.into_result()?;
/// assert!(resolved.id("/run1/a.bam").unwrap().starts_with("fil."));
/// assert!(resolved.id("/run1/").unwrap().starts_with("fol."));
/// # Ok(())
/// # }
/// ```
///
/// # Which data
///
/// A path is compared as a whole, with upper and lower case. One that ends with `/` asks for a
/// folder, and another one for a file, unless [`files_or_folders`](Self::files_or_folders) is set.
/// The data must be `AVAILABLE`.
///
/// The data is that of this project, its own and linked data. `icav2://PROJECT/path` names the
/// project that owns the data, by its id or its name. With this project, linked data is meant, too,
/// unless the project itself has the path. It decides where several projects have the same path.
/// Data of another project that is not linked is not found: an analysis could not use it.
///
/// An id is that of a file or folder of this project, its own or a linked one. It must be `AVAILABLE`,
/// too.
///
/// Each path or id without data is a [`PathFailure`] of the result, with the reason. An error of the
/// request itself, such as a timeout, is an [`Error`].
///
/// # Number of requests
///
/// Paths are looked up by up to 100 per request. Where the paths below a folder would cost three such
/// requests or more, the folder is listed, which costs a request per 1000 files. The first page says
/// about how long the list is; it is given up where lookups cost less. So 100 000 files in one folder
/// cost about 100 requests. Ids are looked up by up to 100 per request. Requests are sent [`concurrency`](Self::concurrency) at a time.
#[derive(Debug, Clone)]
#[must_use = "nothing is sent before it is awaited"]
pub struct ResolvePaths {
    data: DataHandle,
    paths: Vec<String>,
    without_slash: Asked,
    concurrency: usize,
    paths_per_request: usize,
    failure_limit: usize,
    cache: Option<PathCache>,
    overrides: CallOverrides,
}

impl ResolvePaths {
    /// Lets a path without `/` at its end ask for a file or a folder. If there are both, it is the
    /// file.
    ///
    /// ```
    /// # use ica_batch_sdk_ext::{Client, Credentials};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let simulator = ica_simulator::Simulator::start();
    /// # let files = ["/run1/a.bam", "/run1/b.bam", "/run1/qc/c.bam"].map(ica_simulator::SeedData::file);
    /// # simulator.seed_data(simulator.project_id(), files);
    /// # let credentials = Credentials::api_key(simulator.api_key())?;
    /// # let client = Client::builder().base_url(simulator.base_url()).credentials(credentials).build()?;
    /// # let project = client.project(simulator.project_id())?;
    /// let data = project.data();
    /// assert_eq!(data.resolve(["/run1"]).await?.failure_count(), 1); // it is a folder
    /// assert_eq!(data.resolve(["/run1"]).files_or_folders().await?.failure_count(), 0);
    /// # Ok(())
    /// # }
    /// ```
    pub fn files_or_folders(mut self) -> Self {
        self.without_slash = Asked::Any;
        self
    }

    /// Lets every path ask for a folder, also without `/` at its end.
    pub fn folders(mut self) -> Self {
        self.without_slash = Asked::Folder;
        self
    }

    /// Uses and fills a cache, which other requests share.
    pub fn cache(mut self, cache: &PathCache) -> Self {
        self.cache = Some(cache.clone());
        self
    }

    /// Sets the number of requests in flight: 8 by default.
    pub fn concurrency(mut self, requests: usize) -> Self {
        self.concurrency = requests;
        self
    }

    /// Sets the maximum number of paths that one request looks up: 100 by default. ICA documents no
    /// maximum. A request has fewer paths if they are long, because they go into a URL.
    pub fn paths_per_request(mut self, paths: usize) -> Self {
        self.paths_per_request = paths;
        self
    }

    /// Sets the maximum number of [failures](ResolvedPaths::failures) that the result has: 1000 by
    /// default. All of them are counted.
    pub fn failure_limit(mut self, failures: usize) -> Self {
        self.failure_limit = failures;
        self
    }

    call_setters!();

    async fn run(self) -> Result<ResolvedPaths> {
        let project = Arc::clone(&self.data.project);
        for (value, name) in [
            (self.concurrency, "concurrency"),
            (self.paths_per_request, "number of paths per request"),
        ] {
            if value == 0 {
                let what = format!("the {name} is 0; set at least 1");
                return Err(Error::invalid_input(what).could_not(format!("find paths in project {project}")));
            }
        }
        let mut outcome = Outcome {
            result: ResolvedPaths {
                project: Arc::clone(&project),
                asked: 0,
                data: HashMap::new(),
                failures: Vec::new(),
                failed: 0,
                requests: 0,
            },
            limit: self.failure_limit,
        };
        let asked = self.asked();
        outcome.result.asked = asked.len() as u64;
        let mut search = Search {
            requests: Arc::new(Requests {
                data: self.data.clone(),
                overrides: self.overrides.clone(),
                per_request: self.paths_per_request,
                data_type: common_type(&asked),
                sent: AtomicU64::new(0),
            }),
            concurrency: self.concurrency,
            found: HashMap::new(),
            by_id: HashMap::new(),
            similar: HashMap::new(),
        };
        let (mut paths, mut ids) = (BTreeSet::new(), BTreeSet::new());
        for searched in asked.iter().filter(|path| path.cached.is_none()) {
            match &searched.parsed {
                Ok(Name::Path(path)) => drop(paths.insert((path.base.clone(), searched.asked))),
                Ok(Name::Id) => drop(ids.insert(searched.text.clone())),
                Err(_) => {}
            }
        }
        search.run(&paths).await?;
        search.look_up_ids(ids).await?;
        let scrubber = self.data.core.scrubber(None);
        for path in asked {
            let data = match (path.cached, &path.parsed) {
                (Some(data), _) => Ok(data),
                (None, Err(reason)) => Err(PathFailureReason::Invalid(reason.clone())),
                (None, Ok(Name::Id)) => {
                    let found = search.by_id.get(&path.text).map(Vec::as_slice);
                    choose(found.unwrap_or_default(), path.asked, None, &project, None)
                }
                (None, Ok(Name::Path(parsed))) => choose(
                    search.found.get(&parsed.base).map(Vec::as_slice).unwrap_or_default(),
                    path.asked,
                    parsed.owner.as_deref(),
                    &project,
                    search.similar.get(&lower(&parsed.base)).map(String::as_str),
                ),
            };
            let data = data.map_err(|reason| reason.scrubbed(&scrubber));
            if let (Ok(data), Some(cache)) = (&data, &self.cache) {
                cache.insert(&project, path.asked, &path.text, data);
            }
            outcome.add(path.index, path.text, data);
        }
        outcome.result.requests = search.requests.sent.load(Ordering::Relaxed);
        Ok(outcome.result)
    }

    /// Returns each different path once.
    fn asked(&self) -> Vec<AskedPath> {
        let mut seen = HashSet::new();
        let new = self
            .paths
            .iter()
            .enumerate()
            .filter(|(_, text)| seen.insert(text.as_str()));
        let asked = new.map(|(index, text)| {
            let parsed = Name::parse(text);
            let asked = match (&parsed, self.without_slash) {
                (Ok(Name::Path(path)), _) if path.has_slash => Asked::Folder,
                // An id says itself whether it is that of a file or a folder.
                (Ok(Name::Id), Asked::File) => Asked::Any,
                (_, asked) => asked,
            };
            let cache = self.cache.as_ref();
            AskedPath {
                index,
                text: text.clone(),
                parsed,
                asked,
                cached: cache.and_then(|cache| cache.get(&self.data.project, asked, text)),
            }
        });
        asked.collect()
    }
}

/// A path that was asked for.
struct AskedPath {
    index: usize,
    text: String,
    parsed: Result<Name, String>,
    asked: Asked,
    cached: Option<ResolvedData>,
}

/// Way in which a text names data.
enum Name {
    Path(DataPath),
    Id,
}

impl Name {
    /// Reads a path or an id. The error is the reason, as a part of a sentence.
    fn parse(text: &str) -> Result<Self, String> {
        let Some(rest) = ID_STARTS.iter().find_map(|start| text.strip_prefix(start)) else {
            return DataPath::parse(text).map(Self::Path);
        };
        match rest.chars().find(|c| !c.is_ascii_alphanumeric() && *c != '-') {
            Some(bad) => Err(format!(
                "it begins as an id, and contains {bad:?}; copy it from the details of the data"
            )),
            None if rest.is_empty() => Err("it is the beginning of an id; copy all of it".to_owned()),
            None => Ok(Self::Id),
        }
    }
}

/// Returns the type that all paths ask for.
fn common_type(asked: &[AskedPath]) -> Option<DataType> {
    let mut paths = asked.iter().filter(|path| matches!(path.parsed, Ok(Name::Path(_))));
    match paths.next()?.asked {
        first if paths.any(|path| path.asked != first) => None,
        Asked::File => Some(DataType::File),
        Asked::Folder => Some(DataType::Folder),
        Asked::Any => None,
    }
}

/// The result so far.
struct Outcome {
    result: ResolvedPaths,
    limit: usize,
}

impl Outcome {
    fn add(&mut self, index: usize, path: String, data: Result<ResolvedData, PathFailureReason>) {
        match data {
            Ok(data) => drop(self.result.data.insert(path, data)),
            Err(reason) => {
                self.result.failed = self.result.failed.saturating_add(1);
                if self.result.failures.len() < self.limit {
                    self.result.failures.push(PathFailure { index, path, reason });
                }
            }
        }
    }
}

impl IntoFuture for ResolvePaths {
    type Output = Result<ResolvedPaths>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}
