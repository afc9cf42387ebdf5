//! Listing the data of a project.

mod pages;

use std::time::Duration;

use futures_util::TryStreamExt;
use ica_batch_sdk::types::{DataStatus, DataType, PathMatchMode, ProjectData};

use super::DataHandle;
use super::filter::DataFilter;
use crate::call::{CallOverrides, call_setters};
use crate::error::Result;
use crate::paging::{Checkpoint, ItemStream, PageStart, PageStream, PagingMode, Position, list_setters};

pub(super) use pages::{DataPage, PROJECT, page_of};

/// Page size that every known client of ICA uses. No maximum is documented.
pub(super) const PAGE_SIZE: u64 = 1000;

/// Maximum page size of a list for the first element. It is more than one, because ICA may list more
/// than the filters say.
const FIRST_PAGE_SIZE: u64 = 20;

impl DataHandle {
    /// Lists the data of the project. Without a filter, it lists all of it.
    ///
    /// ```
    /// # use ica_batch_sdk_ext::{Client, Credentials};
    /// use futures_util::TryStreamExt;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let simulator = ica_simulator::Simulator::start();
    /// # let files = ["/run1/a.bam", "/run1/b.bam", "/run1/qc/c.bam"].map(ica_simulator::SeedData::file);
    /// # simulator.seed_data(simulator.project_id(), files);
    /// # let credentials = Credentials::api_key(simulator.api_key())?;
    /// # let client = Client::builder().base_url(simulator.base_url()).credentials(credentials).build()?;
    /// # let project = client.project(simulator.project_id())?;
    /// let mut files = project.data().list().files().stream();
    /// let mut count = 0;
    /// while let Some(file) = files.try_next().await? {
    ///     println!("{}", file.data.id);
    ///     count += 1;
    /// }
    /// assert_eq!(count, 3);
    /// # Ok(())
    /// # }
    /// ```
    pub fn list(&self) -> ListData {
        ListData {
            data: self.clone(),
            filter: DataFilter::default(),
            exact: true,
            page_size: PAGE_SIZE,
            prefetch: true,
            list_deadline: None,
            overrides: CallOverrides::default(),
        }
    }
}

/// Request that lists the data of a project by cursor: its own files and folders, and those that are
/// linked from other projects. Data must meet all filters.
///
/// ```
/// # use ica_batch_sdk_ext::{Client, Credentials};
/// use futures_util::TryStreamExt;
/// use ica_batch_sdk_ext::types::DataStatus;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let simulator = ica_simulator::Simulator::start();
/// # let files = ["/run1/a.bam", "/run1/b.bam", "/run10/c.bam"].map(ica_simulator::SeedData::file);
/// # simulator.seed_data(simulator.project_id(), files);
/// # let credentials = Credentials::api_key(simulator.api_key())?;
/// # let client = Client::builder().base_url(simulator.base_url()).credentials(credentials).build()?;
/// # let project = client.project(simulator.project_id())?;
/// let list = || project.data().list().files().status([DataStatus::Available]);
/// let below: Vec<_> = list().below("/run1").stream().try_collect().await?;
/// assert_eq!(below.len(), 2); // not /run10
/// let one: Vec<_> = list().paths(["/run10/c.bam"]).stream().try_collect().await?;
/// assert_eq!(one.len(), 1);
/// # Ok(())
/// # }
/// ```
///
/// ICA ignores upper and lower case in paths. So the data that ICA returns is compared with
/// [`paths`](Self::paths) and [`below`](Self::below) again, unless [`exact`](Self::exact) turns that
/// off. The other filters have the meaning that ICA gives them.
///
/// The list has a [`Checkpoint`], and it ends whatever the server returns, after a hundred million
/// files and folders at the latest. To find the ids of many paths, [`DataHandle::resolve`] sends
/// fewer requests.
#[derive(Debug, Clone)]
#[must_use = "nothing is sent before the stream is polled"]
pub struct ListData {
    data: DataHandle,
    filter: DataFilter,
    exact: bool,
    page_size: u64,
    prefetch: bool,
    list_deadline: Option<Duration>,
    overrides: CallOverrides,
}

impl ListData {
    /// Filters by whole paths: data at one of them. Those of folders end with `/`. It replaces
    /// [`below`](Self::below).
    ///
    /// All paths are sent in one URL. [`DataHandle::resolve`] is for many.
    pub fn paths(mut self, paths: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.filter.file_path = paths.into_iter().map(Into::into).collect();
        self.filter.file_path_match_mode = Some(PathMatchMode::FullCaseInsensitive);
        self
    }

    /// Filters by a folder: the folder itself, and everything below it. It replaces
    /// [`paths`](Self::paths). A `/` at the end of the path is added if it is missing.
    pub fn below(mut self, folder: impl Into<String>) -> Self {
        self.filter.file_path = vec![with_slash(folder.into())];
        self.filter.file_path_match_mode = Some(PathMatchMode::StartsWithCaseInsensitive);
        self
    }

    /// Filters by a folder: its direct content. It does not find the content of a folder that is
    /// linked from another project; [`below`](Self::below) does. A `/` at the end of the path is
    /// added if it is missing.
    ///
    /// ```
    /// # use ica_batch_sdk_ext::{Client, Credentials};
    /// use futures_util::TryStreamExt;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let simulator = ica_simulator::Simulator::start();
    /// # let files = ["/run1/a.bam", "/run1/b.bam", "/run1/qc/c.bam"].map(ica_simulator::SeedData::file);
    /// # simulator.seed_data(simulator.project_id(), files);
    /// # let credentials = Credentials::api_key(simulator.api_key())?;
    /// # let client = Client::builder().base_url(simulator.base_url()).credentials(credentials).build()?;
    /// # let project = client.project(simulator.project_id())?;
    /// let list = || project.data().list().files();
    /// let direct: Vec<_> = list().in_folder("/run1").stream().try_collect().await?;
    /// let below: Vec<_> = list().below("/run1").stream().try_collect().await?;
    /// assert_eq!((direct.len(), below.len()), (2, 3)); // /run1/qc/c.bam is below /run1
    /// # Ok(())
    /// # }
    /// ```
    pub fn in_folder(mut self, folder: impl Into<String>) -> Self {
        self.filter.parent_folder_path = Some(with_slash(folder.into()));
        self
    }

    /// Filters by ids.
    pub fn ids(mut self, ids: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.filter.id = ids.into_iter().map(Into::into).collect();
        self
    }

    /// Filters by status: data in one of these statuses. An empty list means all data.
    pub fn status(mut self, status: impl IntoIterator<Item = DataStatus>) -> Self {
        self.filter.status = status.into_iter().collect();
        self
    }

    /// Lists files only.
    pub fn files(mut self) -> Self {
        self.filter.type_ = Some(DataType::File);
        self
    }

    /// Lists folders only.
    pub fn folders(mut self) -> Self {
        self.filter.type_ = Some(DataType::Folder);
        self
    }

    /// Filters by the projects that own the data, by their ids. With the id of this project, it
    /// leaves out linked data.
    pub fn owned_by(mut self, projects: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.filter.owning_project_id = projects.into_iter().map(Into::into).collect();
        self
    }

    /// Sets any filter that ICA has.
    ///
    /// ```
    /// # use ica_batch_sdk_ext::{Client, Credentials};
    /// # fn example(project: ica_batch_sdk_ext::Project) {
    /// let list = project.data().list().filter(|filter| {
    ///     filter.user_tag = vec!["tumour".to_owned()];
    ///     filter.not_in_run = Some(true);
    /// });
    /// # let _ = list;
    /// # }
    /// ```
    pub fn filter(mut self, set: impl FnOnce(&mut DataFilter)) -> Self {
        set(&mut self.filter);
        self
    }

    /// Sets whether the paths of the data that ICA returns are compared with the filters by path
    /// again. On by default. Off, upper and lower case are equal.
    ///
    /// ```
    /// # use ica_batch_sdk_ext::{Client, Credentials};
    /// use futures_util::TryStreamExt;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let simulator = ica_simulator::Simulator::start();
    /// # simulator.seed_data(simulator.project_id(), [ica_simulator::SeedData::file("/Run1/A.bam")]);
    /// # let credentials = Credentials::api_key(simulator.api_key())?;
    /// # let client = Client::builder().base_url(simulator.base_url()).credentials(credentials).build()?;
    /// # let project = client.project(simulator.project_id())?;
    /// // The project has /Run1/A.bam.
    /// let list = project.data().list().paths(["/run1/a.bam"]);
    /// assert_eq!(list.clone().stream().try_next().await?, None);
    /// assert!(list.exact(false).stream().try_next().await?.is_some());
    /// # Ok(())
    /// # }
    /// ```
    pub fn exact(mut self, exact: bool) -> Self {
        self.exact = exact;
        self
    }

    list_setters!("files and folders");

    /// Returns the data as a stream, each file and folder once.
    pub fn stream(self) -> ItemStream<ProjectData> {
        self.stream_from(Position::before(PageStart::First))
    }

    /// Returns the data page by page.
    pub fn pages(self) -> PageStream<ProjectData> {
        self.stream().pages()
    }

    /// Returns the rest of the list after a checkpoint of the same list.
    ///
    /// ```
    /// # use ica_batch_sdk_ext::{Client, Credentials};
    /// use futures_util::TryStreamExt;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let simulator = ica_simulator::Simulator::start();
    /// # let files = ["/run1/a.bam", "/run1/b.bam", "/run1/c.bam"].map(ica_simulator::SeedData::file);
    /// # simulator.seed_data(simulator.project_id(), files);
    /// # let credentials = Credentials::api_key(simulator.api_key())?;
    /// # let client = Client::builder().base_url(simulator.base_url()).credentials(credentials).build()?;
    /// # let project = client.project(simulator.project_id())?;
    /// let list = || project.data().list().below("/run1").files();
    /// let mut files = list().stream();
    /// files.try_next().await?;
    /// let saved = serde_json::to_string(&files.checkpoint())?;
    ///
    /// // Later, or in another process:
    /// let rest: Vec<_> = list().resume(serde_json::from_str(&saved)?)?.try_collect().await?;
    /// assert_eq!(rest.len(), 2);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) when the checkpoint belongs to another list
    /// or is not valid. The message says what differs.
    pub fn resume(self, checkpoint: Checkpoint) -> Result<ItemStream<ProjectData>> {
        let position = checkpoint.position_in(&self.identity(), PagingMode::Cursor)?;
        Ok(self.stream_from(position))
    }

    /// Returns the rest of the list after a checkpoint, or the whole list without one.
    ///
    /// # Errors
    /// As [`resume`](Self::resume).
    pub fn resume_or_start(self, checkpoint: Option<Checkpoint>) -> Result<ItemStream<ProjectData>> {
        match checkpoint {
            Some(checkpoint) => self.resume(checkpoint),
            None => Ok(self.stream()),
        }
    }

    /// Returns the first file or folder, if there is one. ICA does not publish the order of the
    /// list.
    ///
    /// # Errors
    /// The errors of a request that lists data.
    pub async fn first(self) -> Result<Option<ProjectData>> {
        let size = self.page_size.min(FIRST_PAGE_SIZE);
        self.page_size(size).prefetch(false).stream().try_next().await
    }

    call_setters!();
}

/// Returns the path of a folder with a `/` at its end.
fn with_slash(mut folder: String) -> String {
    if !folder.ends_with('/') {
        folder.push('/');
    }
    folder
}
