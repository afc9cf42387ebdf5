//! Three operations on what requests name: the lists of data, pipelines and storage sizes.

use http::StatusCode;
use uuid::Uuid;

use super::core::Core;
use super::format::{Format, PageDeviation};
use super::page::PageOfRows;
use crate::api::call::Call;
use crate::api::paging;
use crate::api::problem::{Code, Problem};
use crate::api::response::ApiResponse;
use crate::batch::render::pipeline::{STORAGES, pipeline, storage};
use crate::content::data::{DataStatus, StoredData, project_uuid};
use crate::content::filter::DataFilter;
use crate::content::write_data::{DATA_BYTES, project_data};
use crate::json::JsonWriter;

/// Parameters of a page, which do not change the list.
const PAGE_PARAMETERS: [&str; 3] = ["pageOffset", "pageToken", "pageSize"];

impl Core {
    /// Lists the data of a project, in the order in which it was added.
    pub(super) fn list_data(
        &self,
        call: &Call,
        format: Format,
        deviation: PageDeviation,
    ) -> Result<ApiResponse, Problem> {
        let project = call.parameter("projectId");
        if let Some(sort) = call.query_value("sort") {
            let detail = "The simulator does not sort; leave sort out.";
            return Err(Problem::new(Code::InvalidPaging, detail).parameter("sort", sort));
        }
        let filter = DataFilter::read(&call.query)?;
        let mut state = self.state.lock();
        state.check_project(project)?;
        let statuses = DataStatus::ALL.map(DataStatus::name);
        let list = list_id(project, &call.query);
        let request = paging::parse(&call.query, &statuses, list, self.settings.page_sizes, self.page_tokens)?;
        let rows = state.content(project).data(&filter);
        let page = PageOfRows {
            core: self,
            rows: &rows,
            matches: |data: &&StoredData| {
                let index = DataStatus::ALL.iter().position(|status| *status == data.status);
                index.is_some_and(|index| request.filter.matches(index))
            },
            list,
            request,
            deviation,
            sent: call.query_value("pageToken"),
        };
        let (rows, tail) = page.select();
        let mut w = JsonWriter::with_capacity(format.style, rows.len() * DATA_BYTES + 200);
        let paths = self.settings.data_paths;
        self.write_page(&mut w, &rows, &tail, |w, data| project_data(w, data, project, paths));
        Ok(format.response(StatusCode::OK, w.finish()))
    }

    pub(super) fn list_pipelines(&self, call: &Call, format: Format) -> Result<ApiResponse, Problem> {
        let project = call.parameter("projectId");
        let mut state = self.state.lock();
        state.check_project(project)?;
        let pipelines = state.content(project).pipelines();
        let mut w = JsonWriter::with_capacity(format.style, pipelines.len() * DATA_BYTES + 200);
        w.object(|w| {
            w.member("items", |w| {
                w.array(pipelines, |w, facts| {
                    w.object(|w| {
                        w.member("pipeline", |w| pipeline(w, format.version, facts));
                        w.id("projectId", project_uuid(project));
                        w.member("bundleLinks", |w| {
                            w.object(|w| w.member("items", |w| w.array([(); 0], |w, ()| w.null())));
                        });
                    });
                });
            });
        });
        Ok(format.response(StatusCode::OK, w.finish()))
    }

    pub(super) fn list_storages(&self, call: &Call, format: Format) -> Result<ApiResponse, Problem> {
        self.state.lock().check_project(call.parameter("projectId"))?;
        let mut w = JsonWriter::new(format.style);
        w.object(|w| {
            w.member("items", |w| {
                w.array(&STORAGES, |w, size| storage(w, format.version, size))
            });
        });
        Ok(format.response(StatusCode::OK, w.finish()))
    }
}

/// Returns the identity of a list: its project and its filters.
fn list_id(project: &str, query: &[(String, String)]) -> Uuid {
    let filters = query
        .iter()
        .filter(|(name, _)| !PAGE_PARAMETERS.contains(&name.as_str()));
    let text = format!("data of {project} {:?}", filters.collect::<Vec<_>>());
    Uuid::new_v3(&Uuid::NAMESPACE_OID, text.as_bytes())
}
