//! The items of a batch: one, or page by page.

use std::sync::atomic::Ordering;

use http::StatusCode;

use super::Core;
use super::execute::{PageTrick, Writing};
use super::settings::EndOfList;
use super::state::parsed_id;
use crate::api::call::Call;
use crate::api::family::Family;
use crate::api::paging::{self, Cursor, Filter, PageRequest, Place};
use crate::api::problem::{Code, Problem};
use crate::api::response::Answer;
use crate::batch::batches::{Batch, Item};
use crate::batch::render::item::{self, ITEM_BYTES};
use crate::json::JsonWriter;

/// A listing of one batch, being answered.
#[derive(Debug)]
struct Listing<'a> {
    core: &'a Core,
    batch: &'a Batch,
    writing: Writing,
    request: PageRequest,
    trick: PageTrick,
}

/// The members of a page that follow its items.
#[derive(Debug)]
enum Tail {
    /// The next token, if there is a next page, and about how many records remain.
    Cursor {
        next: Option<String>,
        remaining: usize,
    },
    Offset {
        total: i64,
    },
}

impl Core {
    pub(super) fn get_item(&self, family: Family, call: &Call, writing: Writing) -> Result<Answer, Problem> {
        let state = self.state.lock();
        let batch = state.batch(family, call.parameter("projectId"), call.parameter("batchId"))?;
        let id = parsed_id("itemId", call.parameter("itemId"))?;
        let item = batch.items.iter().find(|item| item.id == id).ok_or_else(|| {
            let detail = format!("There is no item {id} in this batch.");
            Problem::new(Code::NotFound, detail).parameter("itemId", id.to_string())
        })?;
        let mut w = JsonWriter::with_capacity(writing.style, ITEM_BYTES);
        let creation = &self.settings.lifecycle.creation;
        item::item(&mut w, writing.version, batch, item, creation, writing.now);
        Ok(writing.answer(StatusCode::OK, w.finish()))
    }

    pub(super) fn get_items(
        &self,
        family: Family,
        call: &Call,
        writing: Writing,
        trick: PageTrick,
    ) -> Result<Answer, Problem> {
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
        let listing = Listing {
            core: self,
            batch,
            writing,
            request,
            trick,
        };
        let body = match request.place {
            Place::Cursor(cursor) => listing.cursor_page(cursor, call.query_value("pageToken")),
            Place::Offset(offset) => listing.offset_page(offset),
        };
        Ok(writing.answer(StatusCode::OK, body))
    }

    /// How the end of a listing is written this time.
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

impl Listing<'_> {
    fn cursor_page(&self, cursor: Cursor, sent: Option<&str>) -> Vec<u8> {
        let size = if self.trick == PageTrick::Empty {
            0
        } else {
            self.request.size
        };
        let items = &self.batch.items;
        let mut page = Vec::with_capacity(size.min(items.len()));
        let mut at = cursor.at.min(items.len());
        while at < items.len() && page.len() < size {
            if self.takes(&items[at]) {
                page.push(&items[at]);
            }
            at += 1;
        }
        let more = size == 0 || items[at..].iter().any(|item| self.takes(item));
        let next = more.then(|| match (self.trick, sent) {
            (PageTrick::RepeatToken, Some(sent)) => sent.to_owned(),
            _ => self.token(Cursor {
                at,
                ordinal: cursor.ordinal + 1,
            }),
        });
        let remaining = paging::approximate(items.len() - at, cursor.ordinal);
        self.write(&page, &Tail::Cursor { next, remaining })
    }

    fn offset_page(&self, offset: usize) -> Vec<u8> {
        let matching = || self.batch.items.iter().filter(|item| self.takes(item));
        let total = matching().count() as i64;
        let page: Vec<_> = matching().skip(self.drifted(offset)).take(self.request.size).collect();
        let total = if let PageTrick::TotalPlus(by) = self.trick {
            (total + by).max(0)
        } else {
            total
        };
        self.write(&page, &Tail::Offset { total })
    }

    /// Where an offset page really begins: if offsets are unstable, every other page begins a row early (and repeats one) or late (and
    /// misses one).
    fn drifted(&self, offset: usize) -> usize {
        match (self.core.settings.unstable_offsets, offset / self.request.size % 2) {
            (true, 1) => offset - 1,
            (true, _) if offset > 0 => offset + 1,
            _ => offset,
        }
    }

    fn takes(&self, item: &Item) -> bool {
        let filter: Filter = self.request.filter;
        let creation = &self.core.settings.lifecycle.creation;
        let index = || {
            let status = self.batch.processing(item, creation, self.writing.now);
            let mut known = self.batch.family.facts().statuses.iter();
            known.position(|known| *known == status)
        };
        filter.takes_all() || index().is_some_and(|index| filter.takes(index))
    }

    fn token(&self, cursor: Cursor) -> String {
        self.core.page_tokens.make(self.batch.id, self.request.filter, cursor)
    }

    fn write(&self, page: &[&Item], tail: &Tail) -> Vec<u8> {
        let Writing {
            version, style, now, ..
        } = self.writing;
        let creation = &self.core.settings.lifecycle.creation;
        let mut w = JsonWriter::with_capacity(style, page.len() * ITEM_BYTES + 200);
        w.object(|w| {
            w.member("items", |w| {
                w.array(page, |w, item| {
                    item::item(w, version, self.batch, item, creation, now);
                });
            });
            match tail {
                Tail::Cursor { next, remaining } => {
                    self.write_token(w, next.as_deref());
                    w.optional("remainingRecords", Some(*remaining as i64), JsonWriter::number);
                    w.optional("totalItemCount", None, JsonWriter::number);
                }
                Tail::Offset { total } => {
                    w.optional("remainingRecords", None, JsonWriter::number);
                    w.optional("totalItemCount", Some(*total), JsonWriter::number);
                }
            }
        });
        w.finish()
    }

    /// The token is written in every style, because a page that loses it looks like the last.
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
