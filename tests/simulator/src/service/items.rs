//! Two operations on items: get one, and list them page by page.

use std::sync::atomic::Ordering;

use http::StatusCode;

use super::core::Core;
use super::format::{Format, PageDeviation};
use super::settings::EndOfList;
use super::state::parsed_id;
use crate::api::call::Call;
use crate::api::family::Family;
use crate::api::paging::{self, Cursor, Filter, PageRequest, Position};
use crate::api::problem::{Code, Problem};
use crate::api::response::ApiResponse;
use crate::batch::model::{Batch, Item};
use crate::batch::render::write_item::{ITEM_BYTES, write_item};
use crate::json::JsonWriter;

/// A request for one page of a batch's items.
#[derive(Debug)]
struct PageOfItems<'a> {
    core: &'a Core,
    batch: &'a Batch,
    format: Format,
    request: PageRequest,
    deviation: PageDeviation,
}

/// The members of a page that follow its items.
#[derive(Debug)]
enum Tail {
    /// The token of the next page, if there is one, and the approximate number of remaining
    /// records.
    Cursor {
        next: Option<String>,
        remaining: usize,
    },
    Offset {
        total: i64,
    },
}

impl Core {
    pub(super) fn get_item(&self, family: Family, call: &Call, format: Format) -> Result<ApiResponse, Problem> {
        let state = self.state.lock();
        let batch = state.batch(family, call.parameter("projectId"), call.parameter("batchId"))?;
        let id = parsed_id("itemId", call.parameter("itemId"))?;
        let item = batch.items.iter().find(|item| item.id == id).ok_or_else(|| {
            let detail = format!("Item {id} does not exist in this batch.");
            Problem::new(Code::NotFound, detail).parameter("itemId", id.to_string())
        })?;
        let mut w = JsonWriter::with_capacity(format.style, ITEM_BYTES);
        let creation = &self.settings.lifecycle.creation;
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
        let page = PageOfItems {
            core: self,
            batch,
            format,
            request,
            deviation,
        };
        let body = match request.position {
            Position::Cursor(cursor) => page.cursor_page(cursor, call.query_value("pageToken")),
            Position::Offset(offset) => page.offset_page(offset),
        };
        Ok(format.response(StatusCode::OK, body))
    }

    /// Returns how the end of this list is written.
    fn end_of_list(&self) -> EndOfList {
        match self.settings.end_of_list {
            EndOfList::Cycle => match self.ends.fetch_add(1, Ordering::Relaxed) % 3 {
                0 => EndOfList::Absent,
                1 => EndOfList::Null,
                _ => EndOfList::Empty,
            },
            fixed => fixed,
        }
    }
}

impl PageOfItems<'_> {
    fn cursor_page(&self, cursor: Cursor, sent: Option<&str>) -> Vec<u8> {
        let size = if self.deviation == PageDeviation::Empty {
            0
        } else {
            self.request.size
        };
        let items = &self.batch.items;
        let mut page = Vec::with_capacity(size.min(items.len()));
        let mut at = cursor.at.min(items.len());
        while at < items.len() && page.len() < size {
            if self.matches(&items[at]) {
                page.push(&items[at]);
            }
            at += 1;
        }
        let more = size == 0 || items[at..].iter().any(|item| self.matches(item));
        let next = more.then(|| match (self.deviation, sent) {
            (PageDeviation::RepeatToken, Some(sent)) => sent.to_owned(),
            _ => self.token(Cursor {
                at,
                ordinal: cursor.ordinal + 1,
            }),
        });
        let remaining = paging::approximate(items.len() - at, cursor.ordinal);
        self.write(&page, &Tail::Cursor { next, remaining })
    }

    fn offset_page(&self, offset: usize) -> Vec<u8> {
        let matching = || self.batch.items.iter().filter(|item| self.matches(item));
        let total = matching().count() as i64;
        let page: Vec<_> = matching().skip(self.drifted(offset)).take(self.request.size).collect();
        let total = if let PageDeviation::TotalPlus(by) = self.deviation {
            (total + by).max(0)
        } else {
            total
        };
        self.write(&page, &Tail::Offset { total })
    }

    /// Returns the first row of an offset page. With unstable offsets, every second page begins a
    /// row early and repeats one; the others begin a row late and miss one.
    fn drifted(&self, offset: usize) -> usize {
        match (self.core.settings.unstable_offsets, offset / self.request.size % 2) {
            (true, 1) => offset - 1,
            (true, _) if offset > 0 => offset + 1,
            _ => offset,
        }
    }

    fn matches(&self, item: &Item) -> bool {
        let filter: Filter = self.request.filter;
        let creation = &self.core.settings.lifecycle.creation;
        let index = || {
            let status = self.batch.processing(item, creation, self.format.now);
            let mut known = self.batch.family.facts().statuses.iter();
            known.position(|known| *known == status)
        };
        filter.matches_all() || index().is_some_and(|index| filter.matches(index))
    }

    fn token(&self, cursor: Cursor) -> String {
        self.core.page_tokens.make(self.batch.id, self.request.filter, cursor)
    }

    fn write(&self, page: &[&Item], tail: &Tail) -> Vec<u8> {
        let Format {
            version, style, now, ..
        } = self.format;
        let creation = &self.core.settings.lifecycle.creation;
        let mut w = JsonWriter::with_capacity(style, page.len() * ITEM_BYTES + 200);
        w.object(|w| {
            w.member("items", |w| {
                w.array(page, |w, item| {
                    write_item(w, version, self.batch, item, creation, now);
                });
            });
            match tail {
                Tail::Cursor { next, remaining } => {
                    self.write_token(w, next.as_deref());
                    w.nullable("remainingRecords", Some(*remaining as i64), JsonWriter::number);
                    w.nullable("totalItemCount", None, JsonWriter::number);
                }
                Tail::Offset { total } => {
                    w.nullable("remainingRecords", None, JsonWriter::number);
                    w.nullable("totalItemCount", Some(*total), JsonWriter::number);
                }
            }
        });
        w.finish()
    }

    /// Writes the token in every style, because a page without it would be the last page.
    fn write_token(&self, w: &mut JsonWriter, next: Option<&str>) {
        if let Some(token) = next {
            return w.text("nextPageToken", token);
        }
        match self.core.end_of_list() {
            EndOfList::Null => w.member("nextPageToken", JsonWriter::null),
            EndOfList::Empty => w.text("nextPageToken", ""),
            EndOfList::Absent | EndOfList::Cycle => {}
        }
    }
}
