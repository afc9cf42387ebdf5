//! Parameters of a list of data.

use std::fmt::Display;

use chrono::{DateTime, Utc};
use ica_batch_sdk::types::{DataStatus, DataType, MatchMode, PathMatchMode, ProjectDataPagedList};
use ica_batch_sdk::{self as raw};

use crate::call::RawResult;
use crate::paging::PageParameters;

/// All filters that ICA has for a list of data. An empty list and `None` keep all data.
///
/// [`ListData`](crate::ListData) has setters for the usual ones, and
/// [`ListData::filter`](crate::ListData::filter) for all. The docs of the parameters are those of
/// [`ica_batch_sdk::Client::get_project_data_list`].
///
/// ```
/// use ica_batch_sdk_ext::DataFilter;
///
/// let mut filter = DataFilter::default();
/// filter.user_tag = vec!["tumour".to_owned()];
/// assert!(filter.file_path.is_empty());
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct DataFilter {
    /// Connector tags.
    pub connector_tag: Vec<String>,
    /// Kind of match of [`connector_tag`](Self::connector_tag).
    pub connector_tag_match_mode: Option<MatchMode>,
    /// Time after which the data was created.
    pub creation_date_after: Option<DateTime<Utc>>,
    /// Time before which the data was created.
    pub creation_date_before: Option<DateTime<Utc>>,
    /// Paths, from the root of the project. [`file_path_match_mode`](Self::file_path_match_mode) is
    /// the kind of match.
    pub file_path: Vec<String>,
    /// Kind of match of [`file_path`](Self::file_path). Both kinds ignore upper and lower case.
    /// Without one, ICA keeps paths that begin with the text.
    pub file_path_match_mode: Option<PathMatchMode>,
    /// Names of files or folders, without the folders above them.
    pub filename: Vec<String>,
    /// Kind of match of [`filename`](Self::filename).
    pub filename_match_mode: Option<MatchMode>,
    /// Codes of formats, such as `VCF`.
    pub format_code: Vec<String>,
    /// Ids of formats.
    pub format_id: Vec<String>,
    /// Text to search for in several fields, which ICA does not publish.
    pub full_text: Option<String>,
    /// Ids of data. The match is exact.
    pub id: Vec<String>,
    /// Ids that instruments gave to sequencing runs.
    pub instrument_run_id: Vec<String>,
    /// Folders whose content ICA does not index. ICA does not publish which value keeps what.
    pub non_indexed_folders: Option<bool>,
    /// With true: data that no run uses.
    pub not_in_run: Option<bool>,
    /// With true: files that are not linked to a sample.
    pub not_linked_to_sample: Option<bool>,
    /// Ids of the projects that own the data.
    pub owning_project_id: Vec<String>,
    /// Ids of folders, for their direct content.
    pub parent_folder_id: Vec<String>,
    /// Path of a folder, for its direct content. It begins and ends with `/`.
    pub parent_folder_path: Option<String>,
    /// Run-in tags.
    pub run_input_tag: Vec<String>,
    /// Kind of match of [`run_input_tag`](Self::run_input_tag).
    pub run_input_tag_match_mode: Option<MatchMode>,
    /// Run-out tags.
    pub run_output_tag: Vec<String>,
    /// Kind of match of [`run_output_tag`](Self::run_output_tag).
    pub run_output_tag_match_mode: Option<MatchMode>,
    /// Statuses of the data.
    pub status: Vec<DataStatus>,
    /// Time after which the status last changed.
    pub status_date_after: Option<DateTime<Utc>>,
    /// Time before which the status last changed.
    pub status_date_before: Option<DateTime<Utc>>,
    /// Technical tags.
    pub technical_tag: Vec<String>,
    /// Kind of match of [`technical_tag`](Self::technical_tag).
    pub technical_tag_match_mode: Option<MatchMode>,
    /// Files or folders; both without a value.
    pub type_: Option<DataType>,
    /// User tags.
    pub user_tag: Vec<String>,
    /// Kind of match of [`user_tag`](Self::user_tag).
    pub user_tag_match_mode: Option<MatchMode>,
}

/// Returns the values of a parameter that may be repeated; none for an empty list.
fn some<T>(values: &Vec<T>) -> Option<&Vec<T>> {
    (!values.is_empty()).then_some(values)
}

impl DataFilter {
    /// Calls the raw client for one page.
    pub(super) async fn send(
        &self,
        client: &raw::Client,
        project: &str,
        page: PageParameters<'_>,
    ) -> RawResult<ProjectDataPagedList> {
        let response = client.get_project_data_list(
            project,
            some(&self.connector_tag),
            self.connector_tag_match_mode,
            self.creation_date_after.as_ref(),
            self.creation_date_before.as_ref(),
            some(&self.file_path),
            self.file_path_match_mode,
            some(&self.filename),
            self.filename_match_mode,
            some(&self.format_code),
            some(&self.format_id),
            self.full_text.as_deref(),
            some(&self.id),
            some(&self.instrument_run_id),
            self.non_indexed_folders,
            self.not_in_run,
            self.not_linked_to_sample,
            some(&self.owning_project_id),
            page.offset,
            page.size,
            page.token,
            some(&self.parent_folder_id),
            self.parent_folder_path.as_deref(),
            some(&self.run_input_tag),
            self.run_input_tag_match_mode,
            some(&self.run_output_tag),
            self.run_output_tag_match_mode,
            None,
            some(&self.status),
            self.status_date_after.as_ref(),
            self.status_date_before.as_ref(),
            some(&self.technical_tag),
            self.technical_tag_match_mode,
            self.type_.as_ref(),
            some(&self.user_tag),
            self.user_tag_match_mode,
        );
        Ok(response.await?.into_inner())
    }

    /// Returns the filters as a checkpoint records them: names and values of the query.
    pub(super) fn identity(&self) -> String {
        let mut parts = Parts::default();
        parts.add(
            "connectorTag",
            self.connector_tag.iter().map(|text| format!("{text:?}")),
        );
        parts.add("connectorTagMatchMode", self.connector_tag_match_mode);
        parts.add(
            "creationDateAfter",
            self.creation_date_after.map(|time| time.to_rfc3339()),
        );
        parts.add(
            "creationDateBefore",
            self.creation_date_before.map(|time| time.to_rfc3339()),
        );
        parts.add("filePath", self.file_path.iter().map(|text| format!("{text:?}")));
        parts.add("filePathMatchMode", self.file_path_match_mode);
        parts.add("filename", self.filename.iter().map(|text| format!("{text:?}")));
        parts.add("filenameMatchMode", self.filename_match_mode);
        parts.add("formatCode", self.format_code.iter().map(|text| format!("{text:?}")));
        parts.add("formatId", self.format_id.iter().map(|text| format!("{text:?}")));
        parts.add("fullText", self.full_text.iter().map(|text| format!("{text:?}")));
        parts.add("id", self.id.iter().map(|text| format!("{text:?}")));
        parts.add(
            "instrumentRunId",
            self.instrument_run_id.iter().map(|text| format!("{text:?}")),
        );
        parts.add("nonIndexedFolders", self.non_indexed_folders);
        parts.add("notInRun", self.not_in_run);
        parts.add("notLinkedToSample", self.not_linked_to_sample);
        parts.add(
            "owningProjectId",
            self.owning_project_id.iter().map(|text| format!("{text:?}")),
        );
        parts.add(
            "parentFolderId",
            self.parent_folder_id.iter().map(|text| format!("{text:?}")),
        );
        parts.add(
            "parentFolderPath",
            self.parent_folder_path.iter().map(|text| format!("{text:?}")),
        );
        parts.add("runInputTag", self.run_input_tag.iter().map(|text| format!("{text:?}")));
        parts.add("runInputTagMatchMode", self.run_input_tag_match_mode);
        parts.add(
            "runOutputTag",
            self.run_output_tag.iter().map(|text| format!("{text:?}")),
        );
        parts.add("runOutputTagMatchMode", self.run_output_tag_match_mode);
        parts.add("status", &self.status);
        parts.add("statusDateAfter", self.status_date_after.map(|time| time.to_rfc3339()));
        parts.add(
            "statusDateBefore",
            self.status_date_before.map(|time| time.to_rfc3339()),
        );
        parts.add(
            "technicalTag",
            self.technical_tag.iter().map(|text| format!("{text:?}")),
        );
        parts.add("technicalTagMatchMode", self.technical_tag_match_mode);
        parts.add("type", &self.type_);
        parts.add("userTag", self.user_tag.iter().map(|text| format!("{text:?}")));
        parts.add("userTagMatchMode", self.user_tag_match_mode);
        format!("[{}]", parts.0.join(", "))
    }
}

/// Names and values of the filters that are set.
#[derive(Default)]
struct Parts(Vec<String>);

impl Parts {
    fn add(&mut self, name: &str, values: impl IntoIterator<Item = impl Display>) {
        let values = values.into_iter();
        self.0.extend(values.map(|value| format!("{name} {value}")));
    }
}

#[cfg(test)]
mod tests {
    use super::{DataFilter, DataStatus, DataType, MatchMode};

    #[test]
    fn the_identity_names_each_filter_that_is_set() {
        assert_eq!(DataFilter::default().identity(), "[]");
        let filter = DataFilter {
            user_tag: vec!["a, b".to_owned(), "c".to_owned()],
            user_tag_match_mode: Some(MatchMode::Exact),
            status: vec![DataStatus::Available],
            type_: Some(DataType::File),
            not_in_run: Some(true),
            creation_date_after: Some("2026-01-31T08:30:00Z".parse().unwrap()),
            ..DataFilter::default()
        };
        assert_eq!(
            filter.identity(),
            "[creationDateAfter 2026-01-31T08:30:00+00:00, notInRun true, status AVAILABLE, type FILE, \
             userTag \"a, b\", userTag \"c\", userTagMatchMode EXACT]"
        );
    }
}
