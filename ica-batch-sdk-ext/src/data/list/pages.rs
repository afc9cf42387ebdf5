//! The list of data, page by page.

use std::sync::Arc;

use ica_batch_sdk::types::{PathMatchMode, ProjectData};
use ica_batch_sdk::{self as raw};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::super::details::ProjectDataExt;
use super::super::filter::DataFilter;
use super::super::foreign::scrub;
use super::{DataHandle, ListData};
use crate::batch::ForeignTexts;
use crate::call::{CallOverrides, RawResult};
use crate::error::{Error, Result};
use crate::paging::{
    BoxedPage, CursorPages, ItemLimit, ItemStream, ListDeadline, ListIdentity, Page, PageQuery, PageStart, Pages,
    PagingMode, Position,
};

/// Limit of the data of a project. ICA documents none; this one ends a list without end after a
/// hundred thousand full pages.
pub(in super::super) const PROJECT: ItemLimit = ItemLimit {
    items: 100_000_000,
    of: "project",
};

/// Share of the response limit up to which a page is small, so that the next one is fetched ahead.
const SMALL_PAGE: u64 = 4;

/// Maximum length of the filters in bytes. They go into a URL, and many servers and proxies limit
/// the first line of a request to 8 KiB.
const MAX_FILTER_BYTES: usize = 8 * 1024;

/// Query for a page of data.
pub(in super::super) type Query = PageQuery<Arc<DataFilter>>;

/// A page of data, and the approximate number of rows after it.
pub(in super::super) struct DataPage {
    pub(in super::super) page: Page<ProjectData>,
    pub(in super::super) remaining: Option<u64>,
}

async fn list(client: raw::Client, project: &str, query: &Query) -> RawResult<DataPage> {
    let list = query.filter.send(&client, project, query.parameters()).await?;
    let number = |number: Option<i64>| number.and_then(|number| u64::try_from(number).ok());
    Ok(DataPage {
        remaining: number(list.remaining_records),
        page: Page {
            items: list.items,
            next: list.next_page_token,
            total: number(list.total_item_count),
            bytes: client.context().response_bytes().unwrap_or_default(),
        },
    })
}

/// Fetches one page.
pub(in super::super) async fn page_of(
    data: &DataHandle,
    action: String,
    overrides: &CallOverrides,
    query: Query,
) -> Result<DataPage> {
    query.check()?;
    let call = data.core.call("get_project_data_list", action).overrides(overrides);
    let mut found = call
        .run_checked(
            |raw| list(raw, &data.project, &query),
            |found| query.check_page(&found.page),
        )
        .await?;
    let mut texts = ForeignTexts::new(&data.core);
    found.page.items.iter_mut().for_each(|item| scrub(item, &mut texts));
    Ok(found)
}

/// Returns a UUID for the id of data, which is a text: a stream compares items by UUIDs.
fn uuid_of(data: &ProjectData) -> Uuid {
    let digest = Sha256::digest(&data.data.id);
    let mut bytes = [0; 16];
    bytes.iter_mut().zip(digest).for_each(|(byte, of)| *byte = of);
    Uuid::from_bytes(bytes)
}

/// Returns whether data meets the filter by path, with upper and lower case.
fn matches_exactly(filter: &DataFilter, data: &ProjectData) -> bool {
    if filter.file_path.is_empty() {
        return true;
    }
    let Some(path) = data.path() else { return false };
    let mut asked = filter.file_path.iter();
    match filter.file_path_match_mode {
        Some(PathMatchMode::FullCaseInsensitive) => asked.any(|asked| *asked == path),
        _ => asked.any(|asked| path.starts_with(asked)),
    }
}

impl ListData {
    fn action(&self) -> String {
        format!("list the data of project {}", self.data.project)
    }

    /// Returns an error for filters that no request can express, or that no data can meet: probably
    /// a value is missing.
    fn check(&self) -> Result<()> {
        let invalid = |what: &str| Err(Error::invalid_input(what).could_not(self.action()));
        let (paths, ids) = (&self.filter.file_path, &self.filter.id);
        if paths.iter().chain(ids).any(String::is_empty) {
            return invalid("a path or an id to filter by is empty; leave the filter out, or set a text");
        }
        let folder = self.filter.parent_folder_path.iter();
        if let Some(path) = paths.iter().chain(folder).find(|path| !path.starts_with('/')) {
            let what = format!(
                "the path {path:?} to filter by does not begin with '/'; write it from the root of the project"
            );
            return invalid(&what);
        }
        if paths.iter().chain(ids).map(String::len).sum::<usize>() > MAX_FILTER_BYTES {
            return invalid(
                "the paths and ids to filter by do not fit into a URL; use DataHandle::resolve, or several lists",
            );
        }
        Ok(())
    }

    pub(super) fn stream_from(self, position: Position) -> ItemStream<ProjectData> {
        let clock = self.data.core.clock();
        let deadline = self.list_deadline;
        let deadline = deadline.map(|limit| Arc::new(ListDeadline::new(Arc::clone(clock), limit)));
        let (identity, action) = (self.identity(), self.action());
        let filter = self.exact.then(|| self.filter.clone());
        let small = self.data.core.response_limit() / SMALL_PAGE;
        let (start, prefetch) = (position.page.clone(), self.prefetch.then_some(small));
        let pages = CursorPages::new(start, prefetch, self.fetch(deadline.clone())).limit(PROJECT);
        let stream = ItemStream::new(Pages::Cursor(pages), identity, action, position, uuid_of);
        let stream = stream.within(deadline);
        match filter {
            Some(filter) => stream.keep(move |data| matches_exactly(&filter, data)),
            None => stream,
        }
    }

    /// Returns the function that fetches a page.
    fn fetch(
        self,
        deadline: Option<Arc<ListDeadline>>,
    ) -> impl FnMut(PageStart) -> BoxedPage<ProjectData> + Send + 'static {
        let filter = Arc::new(self.filter.clone());
        let list = Arc::new(self);
        move |start| {
            let (list, filter) = (Arc::clone(&list), Arc::clone(&filter));
            let overrides = list.overrides_within(deadline.as_deref());
            Box::pin(async move {
                list.check()?;
                let query = PageQuery {
                    filter,
                    size: list.page_size,
                    start,
                };
                Ok(page_of(&list.data, list.action(), &overrides, query).await?.page)
            })
        }
    }

    /// Returns the options of a call, with no more time than the list has left.
    fn overrides_within(&self, deadline: Option<&ListDeadline>) -> CallOverrides {
        let overrides = self.overrides.clone();
        match deadline {
            Some(deadline) => overrides.at_most(deadline.remaining(), self.data.core.options()),
            None => overrides,
        }
    }

    pub(super) fn identity(&self) -> ListIdentity {
        ListIdentity::new([
            ("project", self.data.project.to_string()),
            ("list of", "data".to_owned()),
            ("filters", self.filter.identity()),
            ("comparison", if self.exact { "exact" } else { "by ICA" }.to_owned()),
            ("page size", self.page_size.to_string()),
            ("paging by", PagingMode::Cursor.name().to_owned()),
        ])
    }
}
