//! The content of one project.

use std::collections::BTreeMap;
use std::ops::Bound;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::data::{SeedData, StoredData, parent_of};
use super::filter::{DataFilter, PathFilter};
use super::pipelines::SeedPipeline;
use crate::batch::render::pipeline::PipelineFacts;

/// The data and the pipelines of a project.
#[derive(Debug, Default)]
pub(crate) struct ProjectContent {
    /// In the order in which it was added.
    data: Vec<StoredData>,
    /// The indexes of all data with a path in lower case.
    by_path: BTreeMap<String, Vec<usize>>,
    pipelines: Vec<PipelineFacts>,
}

impl ProjectContent {
    /// Adds data, or replaces the data with this path and owner. Returns its id.
    pub(crate) fn add(&mut self, seed: SeedData, project: &str, now: DateTime<Utc>) -> String {
        if !seed.in_linked_folder && seed.owner.is_none() {
            self.add_folders(&seed.path, project, now);
        }
        self.store(StoredData::new(seed, project, now))
    }

    /// Adds the missing folders above a path of the project itself.
    fn add_folders(&mut self, path: &str, project: &str, now: DateTime<Utc>) {
        let mut folder = parent_of(path);
        while folder.len() > 1 {
            let new = StoredData::new(SeedData::folder(folder), project, now);
            if self.index_of(&new).is_some() {
                break;
            }
            self.store(new);
            folder = parent_of(folder);
        }
    }

    fn index_of(&self, data: &StoredData) -> Option<usize> {
        let indexes = self.by_path.get(&data.path.to_lowercase())?;
        indexes.iter().copied().find(|index| self.data[*index].id == data.id)
    }

    fn store(&mut self, data: StoredData) -> String {
        let id = data.id.clone();
        match self.index_of(&data) {
            Some(index) => self.data[index] = data,
            None => {
                let indexes = self.by_path.entry(data.path.to_lowercase()).or_default();
                indexes.push(self.data.len());
                self.data.push(data);
            }
        }
        id
    }

    /// Returns the data that matches the filter, in the order in which it was added.
    pub(crate) fn data(&self, filter: &DataFilter) -> Vec<&StoredData> {
        let folders: Vec<&str> = filter.parent_folder_ids.iter().map(|id| self.folder_path(id)).collect();
        let matching = |data: &&StoredData| {
            filter.matches(data)
                && (folders.is_empty() || folders.contains(&data.parent()))
                && !(filter.parent_folder_path.is_some() && data.in_linked_folder)
        };
        match &filter.paths {
            PathFilter::All => self.data.iter().filter(matching).collect(),
            PathFilter::Whole(paths) => {
                let indexes = paths.iter().filter_map(|path| self.by_path.get(path)).flatten();
                self.in_order(indexes.copied().collect()).filter(matching).collect()
            }
            PathFilter::Beginning(paths) => {
                let indexes = paths.iter().flat_map(|path| self.beginning_with(path));
                self.in_order(indexes.collect()).filter(matching).collect()
            }
        }
    }

    fn in_order(&self, mut indexes: Vec<usize>) -> impl Iterator<Item = &StoredData> {
        indexes.sort_unstable();
        indexes.dedup();
        indexes.into_iter().map(|index| &self.data[index])
    }

    fn beginning_with<'a>(&'a self, beginning: &'a str) -> impl Iterator<Item = usize> + 'a {
        let from = (Bound::Included(beginning), Bound::Unbounded);
        let range = self.by_path.range::<str, _>(from);
        let range = range.take_while(move |(path, _)| path.starts_with(beginning));
        range.flat_map(|(_, indexes)| indexes.iter().copied())
    }

    /// Returns the path of a folder. An unknown folder has no content.
    fn folder_path(&self, id: &str) -> &str {
        let found = self.data.iter().find(|data| data.id == id && data.is_folder());
        found.map_or("", |data| data.path.as_str())
    }

    /// Adds a pipeline, or replaces the one with this id. Returns its id.
    pub(crate) fn add_pipeline(&mut self, seed: SeedPipeline, project: &str) -> Uuid {
        let facts = seed.facts(project);
        let id = facts.id;
        match self.pipelines.iter_mut().find(|known| known.id == id) {
            Some(known) => *known = facts,
            None => self.pipelines.push(facts),
        }
        id
    }

    pub(crate) fn pipelines(&self) -> &[PipelineFacts] {
        &self.pipelines
    }
}
