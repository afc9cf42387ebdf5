//! Reading one file or folder by its id.

use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::sync::Arc;

use ica_batch_sdk::types::ProjectData;

use super::DataHandle;
use super::filter::DataFilter;
use super::list::{DataPage, page_of};
use crate::call::{CallOverrides, call_setters};
use crate::error::{Error, ErrorKind, NAME, Result, shown};
use crate::paging::{PageQuery, PageStart};

/// Maximum number of data with one id that a response may have: a project has it once.
const SAME_ID: u64 = 10;

impl DataHandle {
    /// Reads one file or folder by its id, such as `fil.7f3a…`. Await the request.
    ///
    /// ```
    /// # use ica_batch_sdk_ext::{Client, Credentials};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let simulator = ica_simulator::Simulator::start();
    /// # let files = ["/run1/a.bam", "/run1/b.bam", "/run1/qc/c.bam"].map(ica_simulator::SeedData::file);
    /// # let id = simulator.seed_data(simulator.project_id(), files).remove(0);
    /// # let credentials = Credentials::api_key(simulator.api_key())?;
    /// # let client = Client::builder().base_url(simulator.base_url()).credentials(credentials).build()?;
    /// # let project = client.project(simulator.project_id())?;
    /// let file = project.data().get(&id).await?;
    /// assert_eq!(file.data.id, id);
    /// # Ok(())
    /// # }
    /// ```
    pub fn get(&self, id: impl Into<String>) -> GetData {
        GetData {
            data: self.clone(),
            id: id.into(),
            overrides: CallOverrides::default(),
        }
    }
}

/// Request that reads one file or folder of a project, its own or a linked one. Await it.
///
/// ```
/// # use ica_batch_sdk_ext::{Client, Credentials};
/// use ica_batch_sdk_ext::ProjectDataExt;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let simulator = ica_simulator::Simulator::start();
/// # let seeds = [ica_simulator::SeedData::file("/run1/a.bam")];
/// # let id = simulator.seed_data(simulator.project_id(), seeds).remove(0);
/// # let credentials = Credentials::api_key(simulator.api_key())?;
/// # let client = Client::builder().base_url(simulator.base_url()).credentials(credentials).build()?;
/// # let project = client.project(simulator.project_id())?;
/// let file = project.data().get(&id).await?;
/// assert_eq!((&file.data.id, file.path().as_deref()), (&id, Some("/run1/a.bam")));
/// assert!(project.data().get("fil.unknown").await.unwrap_err().is_not_found());
/// # Ok(())
/// # }
/// ```
///
/// It asks the list of the project's data for the id. Without data of this id, the error is
/// [`NotFound`](crate::ErrorKind::NotFound).
#[derive(Debug, Clone)]
#[must_use = "nothing is sent before it is awaited"]
pub struct GetData {
    data: DataHandle,
    id: String,
    overrides: CallOverrides,
}

impl GetData {
    async fn read(self) -> Result<ProjectData> {
        let action = || format!("read data {}", shown(&self.id, NAME));
        if self.id.is_empty() {
            return Err(
                Error::invalid_input("the id is empty; copy it from the details of the data").could_not(action()),
            );
        }
        let filter = DataFilter {
            id: vec![self.id.clone()],
            ..DataFilter::default()
        };
        let query = PageQuery {
            filter: Arc::new(filter),
            size: SAME_ID,
            start: PageStart::First,
        };
        let DataPage { page, .. } = page_of(&self.data, action(), &self.overrides, query).await?;
        let found = page.items.into_iter().find(|found| found.data.id == self.id);
        found.ok_or_else(|| {
            let what = format!("no data of project {} has this id", self.data.project);
            let advice = "check the id, and link data of another project to this one";
            Error::new(ErrorKind::NotFound, what)
                .could_not(action())
                .with_advice(advice)
        })
    }

    call_setters!();
}

impl IntoFuture for GetData {
    type Output = Result<ProjectData>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.read())
    }
}
