//! The filters of a list of data.
//!
//! Facts of the public API description: `filePath` keeps paths that begin with the text, unless
//! `filePathMatchMode` is `FULL_CASE_INSENSITIVE`, and both ignore upper and lower case. `id` is
//! exact. `parentFolderPath` keeps the direct content of a folder, and does not work inside a linked
//! folder. The meaning of the other filters, and that data must match all of them, are choices.
//! Filters that the simulator does not have are refused.

use std::collections::{BTreeSet, HashSet};

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::data::StoredData;
use crate::api::problem::{Code, Problem};

/// Parameters that are no filter of this file.
const OTHERS: [&str; 4] = ["pageOffset", "pageToken", "pageSize", "status"];

/// A filter by path, in lower case.
#[derive(Debug, Default)]
pub(crate) enum PathFilter {
    #[default]
    All,
    Whole(BTreeSet<String>),
    Beginning(BTreeSet<String>),
}

/// A filter by name.
#[derive(Debug, Default)]
enum NameMatch {
    #[default]
    Exact,
    Fuzzy,
    Exclude,
}

/// The filters of a list, without the status.
#[derive(Debug, Default)]
pub(crate) struct DataFilter {
    pub(crate) paths: PathFilter,
    pub(crate) parent_folder_path: Option<String>,
    pub(crate) parent_folder_ids: Vec<String>,
    ids: HashSet<String>,
    names: HashSet<String>,
    name_match: NameMatch,
    format_codes: HashSet<String>,
    owners: HashSet<Uuid>,
    is_folder: Option<bool>,
    created_after: Option<DateTime<Utc>>,
    created_before: Option<DateTime<Utc>>,
}

impl DataFilter {
    /// Reads the filters of a query.
    pub(crate) fn read(query: &[(String, String)]) -> Result<Self, Problem> {
        let mut filter = Self::default();
        let mut paths = BTreeSet::new();
        let mut is_whole = false;
        for (name, value) in query {
            let text = value.clone();
            match name.as_str() {
                "id" => drop(filter.ids.insert(text)),
                "filePath" => drop(paths.insert(value.to_lowercase())),
                "filePathMatchMode" => {
                    is_whole = match value.as_str() {
                        "FULL_CASE_INSENSITIVE" => true,
                        "STARTS_WITH_CASE_INSENSITIVE" => false,
                        _ => return Err(invalid(name, value)),
                    }
                }
                "filename" => drop(filter.names.insert(text)),
                "filenameMatchMode" => {
                    filter.name_match = match value.as_str() {
                        "EXACT" => NameMatch::Exact,
                        "FUZZY" => NameMatch::Fuzzy,
                        "EXCLUDE" => NameMatch::Exclude,
                        _ => return Err(invalid(name, value)),
                    }
                }
                "type" => {
                    filter.is_folder = Some(match value.as_str() {
                        "FILE" => false,
                        "FOLDER" => true,
                        _ => return Err(invalid(name, value)),
                    });
                }
                "formatCode" => drop(filter.format_codes.insert(text)),
                "owningProjectId" => {
                    let owner = Uuid::parse_str(value).map_err(|_| invalid(name, value))?;
                    filter.owners.insert(owner);
                }
                "parentFolderId" => filter.parent_folder_ids.push(text),
                "parentFolderPath" if value.starts_with('/') && value.ends_with('/') => {
                    filter.parent_folder_path = Some(text);
                }
                "creationDateAfter" => filter.created_after = Some(time(name, value)?),
                "creationDateBefore" => filter.created_before = Some(time(name, value)?),
                name if OTHERS.contains(&name) => {}
                _ => return Err(invalid(name, value)),
            }
        }
        filter.paths = match (paths.is_empty(), is_whole) {
            (true, _) => PathFilter::All,
            (false, true) => PathFilter::Whole(paths),
            (false, false) => PathFilter::Beginning(paths),
        };
        Ok(filter)
    }

    /// Returns whether data matches all filters but those by path and by the id of its folder.
    pub(crate) fn matches(&self, data: &StoredData) -> bool {
        let format = || {
            data.format
                .as_ref()
                .is_some_and(|code| self.format_codes.contains(code))
        };
        (self.ids.is_empty() || self.ids.contains(&data.id))
            && (self.owners.is_empty() || self.owners.contains(&data.owner))
            && (self.format_codes.is_empty() || format())
            && self.is_folder.is_none_or(|is_folder| is_folder == data.is_folder())
            && self.created_after.is_none_or(|after| data.created > after)
            && self.created_before.is_none_or(|before| data.created < before)
            && self
                .parent_folder_path
                .as_ref()
                .is_none_or(|path| path == data.parent())
            && (self.names.is_empty() || self.name_matches(data.name()))
    }

    fn name_matches(&self, name: &str) -> bool {
        match self.name_match {
            NameMatch::Exact => self.names.contains(name),
            NameMatch::Exclude => !self.names.contains(name),
            NameMatch::Fuzzy => {
                let name = name.to_lowercase();
                self.names.iter().any(|asked| name.contains(&asked.to_lowercase()))
            }
        }
    }
}

fn time(name: &str, value: &str) -> Result<DateTime<Utc>, Problem> {
    value.parse().map_err(|_| invalid(name, value))
}

fn invalid(name: &str, value: &str) -> Problem {
    let detail = format!("{name} {value:?} is not valid, or the simulator does not have this filter.");
    Problem::new(Code::InvalidRequest, detail).parameter(name, value)
}
