//! One page of a list, whatever its rows are.

use std::sync::atomic::Ordering;

use uuid::Uuid;

use super::core::Core;
use super::format::PageDeviation;
use super::settings::EndOfList;
use crate::api::paging::{self, Cursor, PageRequest, Position};
use crate::json::JsonWriter;

/// A request for one page of a list.
#[derive(Debug)]
pub(super) struct PageOfRows<'a, T, M> {
    pub(super) core: &'a Core,
    /// All rows, in the order of the list.
    pub(super) rows: &'a [T],
    /// Returns whether a row belongs to the list.
    pub(super) matches: M,
    /// Identity of the list. A page token belongs to it.
    pub(super) list: Uuid,
    pub(super) request: PageRequest,
    pub(super) deviation: PageDeviation,
    /// The page token of the request.
    pub(super) sent: Option<&'a str>,
}

/// The members of a page that follow its rows.
#[derive(Debug)]
pub(super) enum Tail {
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

impl<'a, T, M: Fn(&T) -> bool> PageOfRows<'a, T, M> {
    /// Returns the rows of the page, and what follows them.
    pub(super) fn select(&self) -> (Vec<&'a T>, Tail) {
        match self.request.position {
            Position::Cursor(cursor) => self.by_cursor(cursor),
            Position::Offset(offset) => self.by_offset(offset),
        }
    }

    fn by_cursor(&self, cursor: Cursor) -> (Vec<&'a T>, Tail) {
        let size = if self.deviation == PageDeviation::Empty {
            0
        } else {
            self.request.size
        };
        let rows = self.rows;
        let mut page = Vec::with_capacity(size.min(rows.len()));
        let mut at = cursor.at.min(rows.len());
        while at < rows.len() && page.len() < size {
            if (self.matches)(&rows[at]) {
                page.push(&rows[at]);
            }
            at += 1;
        }
        let more = size == 0 || rows[at..].iter().any(&self.matches);
        let next = more.then(|| match (self.deviation, self.sent) {
            (PageDeviation::RepeatToken, Some(sent)) => sent.to_owned(),
            _ => self.core.page_tokens.make(
                self.list,
                self.request.filter,
                Cursor {
                    at,
                    ordinal: cursor.ordinal + 1,
                },
            ),
        });
        let remaining = paging::approximate(rows.len() - at, cursor.ordinal);
        (page, Tail::Cursor { next, remaining })
    }

    fn by_offset(&self, offset: usize) -> (Vec<&'a T>, Tail) {
        let matching = || self.rows.iter().filter(|row| (self.matches)(row));
        let total = matching().count() as i64;
        let page = matching().skip(self.drifted(offset)).take(self.request.size).collect();
        let total = if let PageDeviation::TotalPlus(by) = self.deviation {
            (total + by).max(0)
        } else {
            total
        };
        (page, Tail::Offset { total })
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
}

impl Core {
    /// Writes a page.
    pub(super) fn write_page<T>(
        &self,
        w: &mut JsonWriter,
        rows: &[T],
        tail: &Tail,
        mut write_row: impl FnMut(&mut JsonWriter, &T),
    ) {
        w.object(|w| {
            w.member("items", |w| w.array(rows, |w, row| write_row(w, row)));
            match tail {
                Tail::Cursor { next, remaining } => {
                    self.write_token(w, next.as_deref());
                    w.nullable("remainingRecords", Some(*remaining as i64), JsonWriter::number);
                }
                Tail::Offset { total } => {
                    w.nullable("remainingRecords", None, JsonWriter::number);
                    w.nullable("totalItemCount", Some(*total), JsonWriter::number);
                }
            }
        });
    }

    /// Writes the token in every style, because a page without it would be the last page.
    fn write_token(&self, w: &mut JsonWriter, next: Option<&str>) {
        if let Some(token) = next {
            return w.text("nextPageToken", token);
        }
        match self.end_of_list() {
            EndOfList::Null => w.member("nextPageToken", JsonWriter::null),
            EndOfList::Empty => w.text("nextPageToken", ""),
            EndOfList::Absent | EndOfList::Cycle => {}
        }
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
