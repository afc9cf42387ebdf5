//! Data of a project: listing files and folders, reading one, and finding the ids of paths.
//!
//! From the bottom up:
//!
//! - `path` and `details` are about paths and about the values of data.
//! - `filter` has the parameters of the list, and `list` the request.
//! - `get` reads one file or folder by its id.
//! - `resolve` finds the ids of many paths with few requests.

mod details;
mod filter;
mod foreign;
mod get;
mod list;
mod path;
mod resolve;

use std::sync::Arc;

use crate::call::Core;

pub use details::ProjectDataExt;
pub use filter::DataFilter;
pub use get::GetData;
pub use list::ListData;
pub use resolve::{PathCache, PathFailure, PathFailureReason, ResolvePaths, ResolvedData, ResolvedPaths};

/// Handle of the data of a project: its files and folders, and those that are linked to it from
/// other projects. It is cheap to clone, and making one sends nothing.
///
/// ```
/// # use ica_batch_sdk_ext::{Client, Credentials};
/// use futures_util::TryStreamExt;
/// use ica_batch_sdk_ext::ProjectDataExt;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let simulator = ica_simulator::Simulator::start();
/// # let files = ["/run1/a.bam", "/run1/b.bam", "/run2/c.bam"].map(ica_simulator::SeedData::file);
/// # simulator.seed_data(simulator.project_id(), files);
/// # let credentials = Credentials::api_key(simulator.api_key())?;
/// # let client = Client::builder().base_url(simulator.base_url()).credentials(credentials).build()?;
/// # let project = client.project(simulator.project_id())?;
/// let data = project.data();
/// let mut files = data.list().below("/run1/").files().stream();
/// let mut count = 0;
/// while let Some(file) = files.try_next().await? {
///     println!("{} is {}", file.path().unwrap_or_default(), file.data.id);
///     count += 1;
/// }
/// assert_eq!(count, 2);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct DataHandle {
    core: Core,
    project: Arc<str>,
}

impl DataHandle {
    pub(crate) fn new(core: Core, project: Arc<str>) -> Self {
        Self { core, project }
    }
}
