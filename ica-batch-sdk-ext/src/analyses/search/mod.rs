//! Searching the analyses of a project.

mod filters;
mod list;

use std::time::Duration;

use futures_util::TryStreamExt;
use ica_batch_sdk::types::{AnalysisQueryParameters, AnalysisStatus, AnalysisV4};

use super::Analyses;
use crate::call::{CallOverrides, call_setters};
use crate::error::Result;
use crate::paging::{Checkpoint, ItemStream, PageStart, PageStream, PagingMode, Position, list_setters};

/// Page size that every known client of ICA uses. No maximum is documented.
const PAGE_SIZE: u64 = 1000;

/// Maximum page size of a search for the first analysis. It is more than one, because ICA may find
/// more than the filters say.
const FIRST_PAGE_SIZE: u64 = 20;

impl Analyses {
    /// Searches the analyses of the project. Without a filter, it lists all of them.
    ///
    /// ```
    /// # use ica_batch_sdk_ext::{Client, Credentials};
    /// use futures_util::TryStreamExt;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let simulator = ica_simulator::Simulator::start();
    /// # simulator.seed_batch(simulator.project_id(), 3, ica_simulator::SeedOptions::default());
    /// # let id = simulator.batches()[0].items[0].created_id.expect("it was created");
    /// # let credentials = Credentials::api_key(simulator.api_key())?;
    /// # let client = Client::builder().base_url(simulator.base_url()).credentials(credentials).build()?;
    /// # let project = client.project(simulator.project_id())?;
    /// let mut all = project.analyses().search().stream();
    /// let mut count = 0;
    /// while let Some(analysis) = all.try_next().await? {
    ///     println!("{}", analysis.user_reference);
    ///     count += 1;
    /// }
    /// assert_eq!(count, 3);
    /// # Ok(())
    /// # }
    /// ```
    pub fn search(&self) -> SearchAnalyses {
        SearchAnalyses {
            analyses: self.clone(),
            filters: AnalysisQueryParameters::default(),
            exact: true,
            page_size: PAGE_SIZE,
            prefetch: true,
            list_deadline: None,
            overrides: CallOverrides::default(),
        }
    }
}

/// Request that searches the analyses of a project by cursor. An analysis must meet all filters.
///
/// ```
/// # use ica_batch_sdk_ext::{Client, Credentials};
/// use futures_util::TryStreamExt;
/// use ica_batch_sdk_ext::types::AnalysisStatus;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let simulator = ica_simulator::Simulator::start();
/// # simulator.seed_batch(simulator.project_id(), 3, ica_simulator::SeedOptions::default());
/// # let id = simulator.batches()[0].items[0].created_id.expect("it was created");
/// # let credentials = Credentials::api_key(simulator.api_key())?;
/// # let client = Client::builder().base_url(simulator.base_url()).credentials(credentials).build()?;
/// # let project = client.project(simulator.project_id())?;
/// let search = || project.analyses().search().user_tags(["seeded"]);
/// let failed = search().status([AnalysisStatus::Failed, AnalysisStatus::Aborted]);
/// let mut failed = failed.stream();
/// while let Some(analysis) = failed.try_next().await? {
///     println!("{}: {:?}", analysis.user_reference, analysis.summary);
/// }
/// assert_eq!(search().count().await?, 3);
/// assert!(search().user_reference("sample-1").first().await?.is_some());
/// # Ok(())
/// # }
/// ```
///
/// ICA does not publish how its filters compare texts, and whether an analysis must have one or all
/// of several tags. So each analysis that ICA returns is compared with the filters again, and only
/// those are returned that meet them: texts as a whole, and all of the tags. [`exact`](Self::exact)
/// turns that off. ICA may find a new analysis with a delay. An empty result does not prove that an
/// analysis does not exist.
///
/// Found analyses have the types of V4, whatever the server supports. The pages are read as those of
/// [`Items`](crate::Items): the list has a [`Checkpoint`], and it ends whatever the server returns,
/// after ten million analyses at the latest.
///
/// A search changes nothing, so it is retried like other calls that read.
#[derive(Debug, Clone)]
#[must_use = "nothing is sent before the stream is polled"]
pub struct SearchAnalyses {
    analyses: Analyses,
    filters: AnalysisQueryParameters,
    exact: bool,
    page_size: u64,
    prefetch: bool,
    list_deadline: Option<Duration>,
    overrides: CallOverrides,
}

impl SearchAnalyses {
    /// Filters by the status of the run: analyses in one of these statuses. An empty list means all
    /// analyses.
    ///
    /// ```
    /// # use ica_batch_sdk_ext::{Client, Credentials};
    /// use ica_batch_sdk_ext::types::AnalysisStatus;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let simulator = ica_simulator::Simulator::start();
    /// # simulator.seed_batch(simulator.project_id(), 3, ica_simulator::SeedOptions::default());
    /// # let id = simulator.batches()[0].items[0].created_id.expect("it was created");
    /// # let credentials = Credentials::api_key(simulator.api_key())?;
    /// # let client = Client::builder().base_url(simulator.base_url()).credentials(credentials).build()?;
    /// # let project = client.project(simulator.project_id())?;
    /// let search = project.analyses().search();
    /// assert_eq!(search.clone().status([AnalysisStatus::Succeeded]).count().await?, 3);
    /// assert_eq!(search.status([AnalysisStatus::Failed, AnalysisStatus::Aborted]).count().await?, 0);
    /// # Ok(())
    /// # }
    /// ```
    pub fn status(mut self, status: impl IntoIterator<Item = AnalysisStatus>) -> Self {
        self.filters.status = status.into_iter().collect();
        self
    }

    /// Filters by the name that the request gave the analysis. Several analyses may have it.
    ///
    /// With an empty text, or with one of more than 255 characters, the stream fails with
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) before anything is sent. So it does with an
    /// empty tag.
    ///
    /// ```
    /// # use ica_batch_sdk_ext::{Client, Credentials};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let simulator = ica_simulator::Simulator::start();
    /// # simulator.seed_batch(simulator.project_id(), 3, ica_simulator::SeedOptions::default());
    /// # let id = simulator.batches()[0].items[0].created_id.expect("it was created");
    /// # let credentials = Credentials::api_key(simulator.api_key())?;
    /// # let client = Client::builder().base_url(simulator.base_url()).credentials(credentials).build()?;
    /// # let project = client.project(simulator.project_id())?;
    /// let found = project.analyses().search().user_reference("sample-1").first().await?;
    /// assert_eq!(found.map(|analysis| analysis.user_reference), Some("sample-1".to_owned()));
    /// assert!(project.analyses().search().user_reference("").first().await.unwrap_err().is_invalid_input());
    /// # Ok(())
    /// # }
    /// ```
    pub fn user_reference(mut self, user_reference: impl Into<String>) -> Self {
        self.filters.user_reference = Some(user_reference.into());
        self
    }

    /// Filters by the unique name that ICA gave the analysis.
    pub fn reference(mut self, reference: impl Into<String>) -> Self {
        self.filters.reference = Some(reference.into());
        self
    }

    /// Filters by tags for programs: analyses that have all of them. An empty list means all
    /// analyses.
    pub fn technical_tags(mut self, tags: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.filters.technical_tags = filters::texts(tags);
        self
    }

    /// Filters by tags for people: analyses that have all of them. An empty list means all analyses.
    pub fn user_tags(mut self, tags: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.filters.user_tags = filters::texts(tags);
        self
    }

    /// Filters by reference tags: analyses that have all of them. An empty list means all analyses.
    pub fn reference_tags(mut self, tags: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.filters.reference_tags = filters::texts(tags);
        self
    }

    /// Sets whether the analyses that ICA returns are compared with the filters again. On by
    /// default. Off, the result is what ICA finds, for example for a part of a name.
    ///
    /// ```
    /// # use ica_batch_sdk_ext::{Client, Credentials};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let lenient = ica_simulator::TextMatch::PartIgnoringCase;
    /// # let simulator = ica_simulator::Simulator::builder().search_texts(lenient).start()?;
    /// # simulator.seed_batch(simulator.project_id(), 3, ica_simulator::SeedOptions::default());
    /// # let credentials = Credentials::api_key(simulator.api_key())?;
    /// # let client = Client::builder().base_url(simulator.base_url()).credentials(credentials).build()?;
    /// # let project = client.project(simulator.project_id())?;
    /// // The names are sample-0, sample-1 and sample-2.
    /// let search = project.analyses().search().user_reference("sample");
    /// assert_eq!(search.clone().count().await?, 0);
    /// assert_eq!(search.exact(false).count().await?, 3); // as this server compares
    /// # Ok(())
    /// # }
    /// ```
    pub fn exact(mut self, exact: bool) -> Self {
        self.exact = exact;
        self
    }

    list_setters!("analyses");

    /// Returns the analyses as a stream, each once.
    pub fn stream(self) -> ItemStream<AnalysisV4> {
        self.stream_from(Position::before(PageStart::First))
    }

    /// Returns the analyses page by page.
    pub fn pages(self) -> PageStream<AnalysisV4> {
        self.stream().pages()
    }

    /// Returns the rest of the list after a checkpoint of the same search.
    ///
    /// ```
    /// # use ica_batch_sdk_ext::{Client, Credentials};
    /// use futures_util::TryStreamExt;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let simulator = ica_simulator::Simulator::start();
    /// # simulator.seed_batch(simulator.project_id(), 3, ica_simulator::SeedOptions::default());
    /// # let id = simulator.batches()[0].items[0].created_id.expect("it was created");
    /// # let credentials = Credentials::api_key(simulator.api_key())?;
    /// # let client = Client::builder().base_url(simulator.base_url()).credentials(credentials).build()?;
    /// # let project = client.project(simulator.project_id())?;
    /// let search = || project.analyses().search().user_tags(["seeded"]);
    /// let mut found = search().stream();
    /// found.try_next().await?;
    /// let saved = serde_json::to_string(&found.checkpoint())?;
    ///
    /// // Later, or in another process:
    /// let rest: Vec<_> = search().resume(serde_json::from_str(&saved)?)?.try_collect().await?;
    /// assert_eq!(rest.len(), 2);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) when the checkpoint belongs to another list
    /// or is not valid. The message says what differs.
    pub fn resume(self, checkpoint: Checkpoint) -> Result<ItemStream<AnalysisV4>> {
        let position = checkpoint.position_in(&self.identity(), PagingMode::Cursor)?;
        Ok(self.stream_from(position))
    }

    /// Returns the rest of the list after a checkpoint, or the whole list without one.
    ///
    /// # Errors
    /// As [`resume`](Self::resume).
    pub fn resume_or_start(self, checkpoint: Option<Checkpoint>) -> Result<ItemStream<AnalysisV4>> {
        match checkpoint {
            Some(checkpoint) => self.resume(checkpoint),
            None => Ok(self.stream()),
        }
    }

    /// Returns the first analysis, if there is one. ICA does not publish the order of a search.
    ///
    /// # Errors
    /// The errors of a request that lists analyses.
    pub async fn first(self) -> Result<Option<AnalysisV4>> {
        let size = self.page_size.min(FIRST_PAGE_SIZE);
        self.page_size(size).prefetch(false).stream().try_next().await
    }

    /// Returns the number of analyses: by one request where ICA's own number can be used, else by
    /// listing them. It can be used without texts and tags, or without [`exact`](Self::exact).
    ///
    /// # Errors
    /// The errors of requests that list analyses.
    pub async fn count(self) -> Result<u64> {
        let deadline = self.deadline_from_now();
        if !self.compares()
            && let Some(total) = self.total(deadline.as_deref()).await?
        {
            return Ok(total);
        }
        let pages = self.stream_within(Position::before(PageStart::First), deadline).pages();
        let count = async |count: u64, page: Vec<_>| Ok(count.saturating_add(page.len() as u64));
        pages.try_fold(0, count).await
    }

    #[cfg(feature = "journal")]
    pub(crate) fn overrides(mut self, overrides: CallOverrides) -> Self {
        self.overrides = overrides;
        self
    }

    call_setters!();
}
