//! The requests that find data by paths.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use futures_util::{StreamExt, TryStreamExt, stream};
use ica_batch_sdk::types::{DataType, PathMatchMode};

use super::super::DataHandle;
use super::super::filter::DataFilter;
use super::super::list::{DataPage, PAGE_SIZE, PROJECT, page_of};
use super::found::{Asked, Found};
use super::plan::{self, Group, Plan};
use crate::call::CallOverrides;
use crate::error::Result;
use crate::paging::{CursorPages, PageQuery, PageStart};

/// Maximum number of data that is kept for one path. Each linked project has it at most once; more
/// would only make an error longer.
const KEPT: usize = 20;

/// Number of further rows, where a page does not say how many follow.
const UNKNOWN: u64 = u64::MAX;

/// A search for paths, and what it has found.
#[derive(Debug)]
pub(super) struct Search {
    pub(super) requests: Arc<Requests>,
    pub(super) concurrency: usize,
    /// Data by its path without a `/` at the end.
    pub(super) found: HashMap<String, Vec<Found>>,
    /// Data by its id, for the ids that were asked for.
    pub(super) by_id: HashMap<String, Vec<Found>>,
    /// Paths that differ from one that was looked up in upper and lower case, by the lower case.
    pub(super) similar: HashMap<String, String>,
}

/// Settings and counter of all requests of a search.
#[derive(Debug)]
pub(super) struct Requests {
    pub(super) data: DataHandle,
    pub(super) overrides: CallOverrides,
    pub(super) per_request: usize,
    /// Files or folders only, if all paths ask for them.
    pub(super) data_type: Option<DataType>,
    pub(super) sent: AtomicU64,
}

/// Result of a lookup.
#[derive(Debug, Default)]
struct Rows {
    found: Vec<Found>,
    similar: Vec<String>,
}

impl Search {
    /// Finds the data at these paths, which have no `/` at their end. Each one asks for data of one
    /// or more kinds.
    pub(super) async fn run(&mut self, paths: &BTreeSet<(String, Asked)>) -> Result<()> {
        let per_request = self.requests.per_request;
        let mut plan = Plan::new(distinct(paths.iter()), per_request);
        while !plan.groups.is_empty() {
            let groups = std::mem::take(&mut plan.groups);
            let lists = groups.into_iter().map(|group| Arc::clone(&self.requests).list(group));
            let mut lists = stream::iter(lists).buffer_unordered(self.concurrency);
            while let Some((group, rows)) = lists.try_next().await? {
                match rows {
                    Some(rows) => keep(&mut self.found, rows),
                    None => plan.replace(group, per_request),
                }
            }
        }
        // Those that no list has, and those that no list was made for.
        let left = paths.iter().filter(|(path, asked)| !self.has(path, *asked));
        let (folders, files): (Vec<_>, Vec<_>) = left.partition(|(_, asked)| *asked == Asked::Folder);
        self.look_up(spelled(&files, &folders)).await?;
        // The path of a folder ends with '/', so a file's path does not find it, and the reverse.
        let is_missing = |path: &&(String, Asked)| !self.found.contains_key(&path.0);
        let [files, folders] = [files, folders].map(|paths| paths.into_iter().filter(is_missing).collect::<Vec<_>>());
        self.look_up(spelled(&folders, &files)).await?;
        self.compare_with_found(paths);
        Ok(())
    }

    /// Finds similar paths among those that were looked up themselves.
    fn compare_with_found(&mut self, paths: &BTreeSet<(String, Asked)>) {
        let missing = paths.iter().filter(|(path, _)| !self.found.contains_key(path));
        let missing = missing.map(|(path, _)| lower(path)).collect::<HashSet<_>>();
        if missing.is_empty() {
            return;
        }
        for found in self.found.values().filter_map(|found| found.first()) {
            let lower = lower(&found.path);
            if missing.contains(&lower) {
                self.similar.entry(lower).or_insert_with(|| found.path.clone());
            }
        }
    }

    /// Finds the data with these ids.
    pub(super) async fn look_up_ids(&mut self, ids: BTreeSet<String>) -> Result<()> {
        let requests = plan::requests(ids.into_iter().collect(), self.requests.per_request);
        let lookups = requests
            .into_iter()
            .map(|ids| Arc::clone(&self.requests).look_up_ids(ids));
        let mut lookups = stream::iter(lookups).buffer_unordered(self.concurrency);
        while let Some(found) = lookups.try_next().await? {
            for found in found {
                self.by_id.entry(found.id.clone()).or_insert_with(|| vec![found]);
            }
        }
        Ok(())
    }

    /// Returns whether data of the kind that a path asks for is known.
    fn has(&self, path: &str, asked: Asked) -> bool {
        let found = self.found.get(path).map(Vec::as_slice).unwrap_or_default();
        found.iter().any(|found| match asked {
            Asked::File => !found.is_folder,
            Asked::Folder => found.is_folder,
            Asked::Any => true,
        })
    }

    async fn look_up(&mut self, paths: Vec<String>) -> Result<()> {
        let requests = plan::requests(paths, self.requests.per_request);
        let lookups = requests
            .into_iter()
            .map(|paths| Arc::clone(&self.requests).look_up(paths));
        let mut lookups = stream::iter(lookups).buffer_unordered(self.concurrency);
        while let Some(rows) = lookups.try_next().await? {
            keep(&mut self.found, rows.found);
            for path in rows.similar {
                self.similar.entry(lower(&path)).or_insert(path);
            }
        }
        Ok(())
    }
}

/// Returns the paths of these, each once. They are sorted.
fn distinct<'a>(paths: impl Iterator<Item = &'a (String, Asked)>) -> Vec<String> {
    let mut paths = paths.map(|(path, _)| path.clone()).collect::<Vec<_>>();
    paths.dedup();
    paths
}

/// Returns paths as those of files, and further ones as those of folders.
fn spelled(files: &[&(String, Asked)], folders: &[&(String, Asked)]) -> Vec<String> {
    let folders = distinct(folders.iter().copied()).into_iter().map(|path| path + "/");
    distinct(files.iter().copied()).into_iter().chain(folders).collect()
}

fn keep(by_path: &mut HashMap<String, Vec<Found>>, found: Vec<Found>) {
    for found in found {
        let known = by_path.entry(found.base().to_owned()).or_default();
        if known.len() < KEPT && known.iter().all(|known| known.id != found.id) {
            known.push(found);
        }
    }
}

/// Returns a path in lower case, without a `/` at its end.
pub(super) fn lower(path: &str) -> String {
    path.trim_end_matches('/').to_lowercase()
}

impl Requests {
    /// Lists the tree of a folder for the paths of a group. None: it costs more than lookups.
    async fn list(self: Arc<Self>, group: Group) -> Result<(Group, Option<Vec<Found>>)> {
        let budget = plan::count(&group.paths, self.per_request) as u64;
        let wanted = group.paths.iter().cloned().collect::<HashSet<_>>();
        let filter = DataFilter {
            file_path: vec![group.folder.clone()],
            file_path_match_mode: Some(PathMatchMode::StartsWithCaseInsensitive),
            type_: self.data_type.clone(),
            ..DataFilter::default()
        };
        let (mut rows, mut pages_read) = (Vec::new(), 0_u64);
        let remaining = Arc::new(AtomicU64::new(UNKNOWN));
        let mut pages = self.pages(filter, &remaining);
        while let Some(page) = pages.try_next().await? {
            pages_read = pages_read.saturating_add(1);
            let found = page.items.into_iter().filter_map(Found::of);
            rows.extend(found.filter(|found| wanted.contains(found.base())));
            if pages.is_ended() {
                break;
            }
            let more = match remaining.swap(UNKNOWN, Ordering::Relaxed) {
                UNKNOWN => 1,
                rows => rows.div_ceil(PAGE_SIZE),
            };
            if pages_read.saturating_add(more) > budget {
                return Ok((group, None));
            }
        }
        Ok((group, Some(rows)))
    }

    /// Looks up whole paths. Those that end with `/` find folders.
    async fn look_up(self: Arc<Self>, paths: Vec<String>) -> Result<Rows> {
        let exact = paths.iter().cloned().collect::<HashSet<_>>();
        let any_case = paths.iter().map(|path| path.to_lowercase()).collect::<HashSet<_>>();
        let filter = DataFilter {
            file_path: paths,
            file_path_match_mode: Some(PathMatchMode::FullCaseInsensitive),
            ..DataFilter::default()
        };
        let mut rows = Rows::default();
        let mut pages = self.pages(filter, &Arc::default());
        while let Some(page) = pages.try_next().await? {
            for found in page.items.into_iter().filter_map(Found::of) {
                // Both spellings of a folder's path are known to occur.
                if exact.contains(&found.path) || exact.contains(found.base()) {
                    rows.found.push(found);
                } else if any_case.contains(&found.path.to_lowercase()) {
                    rows.similar.push(found.path);
                }
            }
        }
        Ok(rows)
    }

    /// Looks up ids, which ICA compares as a whole.
    async fn look_up_ids(self: Arc<Self>, ids: Vec<String>) -> Result<Vec<Found>> {
        let asked = ids.iter().cloned().collect::<HashSet<_>>();
        let filter = DataFilter {
            id: ids,
            ..DataFilter::default()
        };
        let mut rows = Vec::new();
        let mut pages = self.pages(filter, &Arc::default());
        while let Some(page) = pages.try_next().await? {
            let found = page.items.into_iter().filter_map(Found::with_id);
            rows.extend(found.filter(|found| asked.contains(&found.id)));
        }
        Ok(rows)
    }

    /// Returns the pages of a list. Each one sets the approximate number of rows after it.
    fn pages(
        self: Arc<Self>,
        filter: DataFilter,
        remaining: &Arc<AtomicU64>,
    ) -> CursorPages<ica_batch_sdk::types::ProjectData> {
        let filter = Arc::new(filter);
        let remaining = Arc::clone(remaining);
        let fetch = move |start: PageStart| -> crate::paging::BoxedPage<_> {
            let (requests, remaining) = (Arc::clone(&self), Arc::clone(&remaining));
            let query = PageQuery {
                filter: Arc::clone(&filter),
                size: PAGE_SIZE,
                start,
            };
            Box::pin(async move {
                let action = format!("find paths in project {}", requests.data.project);
                requests.sent.fetch_add(1, Ordering::Relaxed);
                let DataPage { page, remaining: rows } =
                    page_of(&requests.data, action, &requests.overrides, query).await?;
                remaining.store(rows.unwrap_or(UNKNOWN), Ordering::Relaxed);
                Ok(page)
            })
        };
        CursorPages::new(PageStart::First, None, fetch).limit(PROJECT)
    }
}
