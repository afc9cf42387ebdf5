//! The operations on analyses: search, get, abort, steps and outputs.

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use serde_json::Value;
use uuid::Uuid;

use super::core::Core;
use super::format::{Format, PageDeviation};
use super::page::PageOfRows;
use super::state::{Row, State, parsed_id};
use crate::api::call::Call;
use crate::api::operation::Operation;
use crate::api::paging;
use crate::api::problem::{Code, Problem};
use crate::api::response::ApiResponse;
use crate::api::version::ApiVersion;
use crate::batch::family::Created;
use crate::batch::render::write_item::ITEM_BYTES;
use crate::batch::search::{SEARCH, Search};
use crate::batch::shape::Violations;
use crate::json::JsonWriter;

impl Core {
    /// Searches the analyses of a project. The rows are in version 4, whatever the media type.
    pub(super) fn search_analyses(
        &self,
        call: &Call,
        format: Format,
        deviation: PageDeviation,
    ) -> Result<ApiResponse, Problem> {
        let project = call.parameter("projectId");
        if !call.body.is_empty() {
            self.settings
                .versions
                .check_content_type(Operation::SearchAnalyses, &call.headers)?;
        }
        let search = self.read_search(&call.body)?;
        if let Some(sort) = call.query_value("sort") {
            let detail = "The simulator does not sort; leave sort out.";
            return Err(Problem::new(Code::InvalidPaging, detail).parameter("sort", sort));
        }
        let state = self.state.lock();
        state.check_project(project)?;
        let rows: Vec<_> = state.analyses(project).collect();
        let list = Uuid::new_v3(&Uuid::NAMESPACE_OID, format!("{project} {search:?}").as_bytes());
        let request = paging::parse(&call.query, &[], list, self.settings.page_sizes, self.page_tokens)?;
        let page = PageOfRows {
            core: self,
            rows: &rows,
            matches: |row: &Row<'_>| {
                let created = self.created(row, format);
                created.is_some_and(|created| row.item.request.is_found(&created, &search))
            },
            list,
            request,
            deviation,
            sent: call.query_value("pageToken"),
        };
        let (rows, tail) = page.select();
        let mut w = JsonWriter::with_capacity(format.style, rows.len() * ITEM_BYTES + 200);
        self.write_page(&mut w, &rows, &tail, |w, row| {
            if let Some(created) = self.created(row, format) {
                row.item.request.write_created(w, ApiVersion::V4, &created);
            }
        });
        Ok(format.response(StatusCode::OK, w.finish()))
    }

    fn read_search(&self, body: &Bytes) -> Result<Search, Problem> {
        if body.is_empty() {
            return Ok(Search::default());
        }
        let json: Value = serde_json::from_slice(body).map_err(|error| {
            Problem::new(Code::InvalidRequest, format!("The body is not valid JSON: {error}."))
                .parameter("body", error.to_string())
        })?;
        let mut violations = Violations::new(self.settings.body_rules.refuse_unknown_members);
        violations.check(&json, &SEARCH, "");
        let violations = violations.found();
        if violations.is_empty() {
            return Ok(Search::read(&json, self.settings.search));
        }
        let mut problem = Problem::new(
            Code::InvalidRequest,
            "The body is not valid; the parameters name each invalid member.",
        );
        problem.parameters = violations;
        Err(problem)
    }

    pub(super) fn get_analysis(&self, call: &Call, format: Format) -> Result<ApiResponse, Problem> {
        self.about_analysis(call, format, |w, row, created| {
            row.item.request.write_created(w, format.version, created);
        })
    }

    pub(super) fn get_analysis_steps(&self, call: &Call, format: Format) -> Result<ApiResponse, Problem> {
        self.about_analysis(call, format, |w, row, created| row.item.request.write_steps(w, created))
    }

    pub(super) fn get_analysis_outputs(&self, call: &Call, format: Format) -> Result<ApiResponse, Problem> {
        self.about_analysis(call, format, |w, row, created| {
            row.item.request.write_outputs(w, created, &row.batch.project);
        })
    }

    /// Requests an abort. It has no effect on a run that has ended.
    pub(super) fn abort_analysis(&self, call: &Call, format: Format) -> Result<ApiResponse, Problem> {
        let mut state = self.state.lock();
        let (_, Created { id, .. }) = self.found(&state, call, format)?;
        if let Some(item) = state.item_that_created(id) {
            item.request.abort(format.now);
        }
        Ok(ApiResponse {
            status: StatusCode::NO_CONTENT,
            headers: HeaderMap::new(),
            body: Bytes::new(),
        })
    }

    fn about_analysis(
        &self,
        call: &Call,
        format: Format,
        write: impl FnOnce(&mut JsonWriter, &Row<'_>, &Created<'_>),
    ) -> Result<ApiResponse, Problem> {
        let state = self.state.lock();
        let (row, created) = self.found(&state, call, format)?;
        let mut w = JsonWriter::with_capacity(format.style, ITEM_BYTES);
        write(&mut w, &row, &created);
        Ok(format.response(StatusCode::OK, w.finish()))
    }

    /// Returns the analysis that a request is about.
    fn found<'a>(&self, state: &'a State, call: &Call, format: Format) -> Result<(Row<'a>, Created<'a>), Problem> {
        let project = call.parameter("projectId");
        state.check_project(project)?;
        let id = parsed_id("analysisId", call.parameter("analysisId"))?;
        let row = state.analysis(project, id);
        let found = row.and_then(|row| Some((row, self.created(&row, format)?)));
        found.ok_or_else(|| {
            let detail = format!("Analysis {id} does not exist in this project.");
            Problem::new(Code::NotFound, detail).parameter("analysisId", id.to_string())
        })
    }

    /// Returns the analysis that an item has created, if it has.
    fn created<'a>(&self, row: &Row<'a>, format: Format) -> Option<Created<'a>> {
        row.batch
            .created(row.item, &self.settings.lifecycle.creation, format.now)
    }
}
