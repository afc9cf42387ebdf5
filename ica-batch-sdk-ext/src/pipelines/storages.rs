//! Storage sizes for analyses.

use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::sync::Arc;

use ica_batch_sdk::types::AnalysisStorageV4;

use super::matching::{Kind, Named};
use crate::call::{CallOverrides, Core, call_setters};
use crate::error::{NAME, Result, shown};

/// Words of errors about storage sizes.
const STORAGE: Kind = Kind {
    one: "storage size",
    names: "name or id",
};

/// Handle of the storage sizes that the analyses of a project can use. It is cheap to clone, and
/// making one sends nothing.
///
/// ICA lists them in V4 only, so a server without V4 fails with
/// [`VersionNotSupported`](crate::ErrorKind::VersionNotSupported).
///
/// ```
/// # use ica_batch_sdk_ext::{Client, Credentials};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let simulator = ica_simulator::Simulator::start();
/// # let credentials = Credentials::api_key(simulator.api_key())?;
/// # let client = Client::builder().base_url(simulator.base_url()).credentials(credentials).build()?;
/// # let project = client.project(simulator.project_id())?;
/// let storages = project.storages();
/// let names = storages.list().await?.into_iter().map(|storage| storage.name);
/// assert!(names.collect::<Vec<_>>().contains(&"Small".to_owned()));
/// let small = storages.find("Small").await?;
/// println!("analysisStorageId {}: {:?}", small.id, small.description);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Storages {
    core: Core,
    project: Arc<str>,
}

impl Storages {
    pub(crate) fn new(core: Core, project: Arc<str>) -> Self {
        Self { core, project }
    }

    /// Lists the storage sizes. Await the request.
    pub fn list(&self) -> ListStorages {
        ListStorages {
            storages: self.clone(),
            overrides: CallOverrides::default(),
        }
    }

    /// Finds a storage size by its name or id. Await the request.
    pub fn find(&self, storage: impl Into<String>) -> FindStorage {
        FindStorage {
            storages: self.clone(),
            text: storage.into(),
            overrides: CallOverrides::default(),
        }
    }

    /// Returns the index of the one storage size of a list that a text names.
    pub(crate) fn choose(&self, text: &str, found: &[AnalysisStorageV4]) -> Result<usize> {
        let named = found.iter().map(|found| Named {
            id: found.id,
            name: &found.name,
            urn: None,
        });
        STORAGE.check(text)?;
        STORAGE.find(text, &named.collect::<Vec<_>>(), &self.core.scrubber(None))
    }

    async fn read(&self, action: String, overrides: &CallOverrides) -> Result<Vec<AnalysisStorageV4>> {
        let call = self
            .core
            .call("get_project_analysis_storage_options", action)
            .overrides(overrides);
        let read = async |raw: ica_batch_sdk::Client| {
            let list = raw.get_project_analysis_storage_options(&self.project).await?;
            Ok(list.into_inner())
        };
        Ok(call.run(read).await?.items)
    }
}

/// Request that lists the storage sizes for analyses. Await it.
///
/// [`Storages`] has an example.
#[derive(Debug, Clone)]
#[must_use = "nothing is sent before it is awaited"]
pub struct ListStorages {
    storages: Storages,
    overrides: CallOverrides,
}

impl ListStorages {
    call_setters!();
}

impl IntoFuture for ListStorages {
    type Output = Result<Vec<AnalysisStorageV4>>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        let Self { storages, overrides } = self;
        Box::pin(async move {
            let action = format!("list the storage sizes of project {}", storages.project);
            storages.read(action, &overrides).await
        })
    }
}

/// Request that finds the one storage size with a name or id. Await it.
///
/// ```
/// # use ica_batch_sdk_ext::{Client, Credentials};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let simulator = ica_simulator::Simulator::start();
/// # let credentials = Credentials::api_key(simulator.api_key())?;
/// # let client = Client::builder().base_url(simulator.base_url()).credentials(credentials).build()?;
/// # let project = client.project(simulator.project_id())?;
/// let error = project.storages().find("small").await.unwrap_err();
/// assert!(error.is_not_found());
/// assert!(error.to_string().contains("did you mean \"Small\""));
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// As those of [`FindPipeline`](crate::FindPipeline).
#[derive(Debug, Clone)]
#[must_use = "nothing is sent before it is awaited"]
pub struct FindStorage {
    storages: Storages,
    text: String,
    overrides: CallOverrides,
}

impl FindStorage {
    async fn run(self) -> Result<AnalysisStorageV4> {
        let Self {
            storages,
            text,
            overrides,
        } = self;
        let action = format!(
            "find storage size {:?} for project {}",
            shown(&text, NAME),
            storages.project
        );
        STORAGE.check(&text).map_err(|error| error.could_not(action.clone()))?;
        let mut found = storages.read(action.clone(), &overrides).await?;
        let index = storages.choose(&text, &found);
        let index = index.map_err(|error| error.could_not(action))?;
        Ok(found.swap_remove(index))
    }

    call_setters!();
}

impl IntoFuture for FindStorage {
    type Output = Result<AnalysisStorageV4>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}
