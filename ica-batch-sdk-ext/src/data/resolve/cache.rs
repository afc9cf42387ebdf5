//! Memory of resolved paths.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::found::Asked;
use super::outcome::ResolvedData;

/// Memory of the data at paths, for several [`resolve`](crate::DataHandle::resolve)s of one run of a
/// program. It is cheap to clone, and clones share their content.
///
/// It has the paths with data only, so a path without data is looked up again. It never forgets: data
/// that is moved or deleted later stays in it.
///
/// ```
/// # use ica_batch_sdk_ext::{Client, Credentials};
/// use ica_batch_sdk_ext::PathCache;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let simulator = ica_simulator::Simulator::start();
/// # let files = ["/run1/a.bam", "/run1/b.bam"].map(ica_simulator::SeedData::file);
/// # simulator.seed_data(simulator.project_id(), files);
/// # let credentials = Credentials::api_key(simulator.api_key())?;
/// # let client = Client::builder().base_url(simulator.base_url()).credentials(credentials).build()?;
/// # let project = client.project(simulator.project_id())?;
/// let cache = PathCache::new();
/// let data = project.data();
/// let first = data.resolve(["/run1/a.bam"]).cache(&cache).await?;
/// let again = data.resolve(["/run1/a.bam"]).cache(&cache).await?;
/// assert_eq!((first.requests(), again.requests()), (1, 0));
/// assert_eq!(first.id("/run1/a.bam"), again.id("/run1/a.bam"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Default)]
pub struct PathCache(Arc<Mutex<HashMap<Key, ResolvedData>>>);

/// The project, the kind of data that was asked for, and the path as it was asked for.
type Key = (Arc<str>, Asked, String);

impl PathCache {
    /// Returns a cache without paths.
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns the number of paths.
    pub fn len(&self) -> usize {
        self.lock().len()
    }

    /// Returns whether the cache has no path.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(super) fn get(&self, project: &Arc<str>, asked: Asked, path: &str) -> Option<ResolvedData> {
        self.lock().get(&(Arc::clone(project), asked, path.to_owned())).cloned()
    }

    pub(super) fn insert(&self, project: &Arc<str>, asked: Asked, path: &str, data: &ResolvedData) {
        let key = (Arc::clone(project), asked, path.to_owned());
        self.lock().insert(key, data.clone());
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Key, ResolvedData>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for PathCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PathCache").field("paths", &self.len()).finish()
    }
}
