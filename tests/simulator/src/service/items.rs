//! Two operations on items: get one, and list them page by page.

use http::StatusCode;

use super::core::Core;
use super::format::{Format, PageDeviation};
use super::page::PageOfRows;
use super::state::parsed_id;
use crate::api::call::Call;
use crate::api::family::Family;
use crate::api::paging;
use crate::api::problem::{Code, Problem};
use crate::api::response::ApiResponse;
use crate::batch::model::Item;
use crate::batch::render::write_item::{ITEM_BYTES, write_item};
use crate::json::JsonWriter;

impl Core {
    pub(super) fn get_item(&self, family: Family, call: &Call, format: Format) -> Result<ApiResponse, Problem> {
        let state = self.state.lock();
        let batch = state.batch(family, call.parameter("projectId"), call.parameter("batchId"))?;
        let id = parsed_id("itemId", call.parameter("itemId"))?;
        let creation = &self.settings.lifecycle.creation;
        let item = batch.items.iter().find(|item| item.id == id);
        let item = item.filter(|item| batch.is_listed(item, creation, format.now));
        let item = item.ok_or_else(|| {
            let detail = format!("Item {id} does not exist in this batch.");
            Problem::new(Code::NotFound, detail).parameter("itemId", id.to_string())
        })?;
        let mut w = JsonWriter::with_capacity(format.style, ITEM_BYTES);
        write_item(&mut w, format.version, batch, item, creation, format.now);
        Ok(format.response(StatusCode::OK, w.finish()))
    }

    pub(super) fn get_items(
        &self,
        family: Family,
        call: &Call,
        format: Format,
        deviation: PageDeviation,
    ) -> Result<ApiResponse, Problem> {
        let state = self.state.lock();
        let batch = state.batch(family, call.parameter("projectId"), call.parameter("batchId"))?;
        let statuses: Vec<_> = batch.family.facts().statuses.iter().map(|s| s.name()).collect();
        let request = paging::parse(
            &call.query,
            &statuses,
            batch.id,
            self.settings.page_sizes,
            self.page_tokens,
        )?;
        let creation = &self.settings.lifecycle.creation;
        let known = batch.family.facts().statuses;
        let page = PageOfRows {
            core: self,
            rows: &batch.items,
            matches: |item: &Item| {
                let index = || {
                    let status = batch.processing(item, creation, format.now);
                    known.iter().position(|known| *known == status)
                };
                batch.is_listed(item, creation, format.now)
                    && (request.filter.matches_all() || index().is_some_and(|index| request.filter.matches(index)))
            },
            list: batch.id,
            request,
            deviation,
            sent: call.query_value("pageToken"),
        };
        let (rows, tail) = page.select();
        let mut w = JsonWriter::with_capacity(format.style, rows.len() * ITEM_BYTES + 200);
        self.write_page(&mut w, &rows, &tail, |w, item| {
            write_item(w, format.version, batch, item, creation, format.now);
        });
        Ok(format.response(StatusCode::OK, w.finish()))
    }
}
