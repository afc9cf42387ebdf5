//! Following a list from page to page.
//!
//! This folder knows no endpoint and no type of ICA. A pager gets a closure that fetches the page
//! at a position. Two pagers exist: by [cursor], complete and without duplicates, and by [offset],
//! several pages at a time. [`ItemStream`] turns the pages of either into items and keeps the
//! position for a [`Checkpoint`].
//!
//! No response makes a list run without end. Pages without items, the length of a page token and
//! repeated pages have [limits]; a list by offset ends at a row limit. A list of ever new items
//! ends with its [deadline], if the caller has set one.

// Numbers and times come from a server, a file or a caller here.
#![cfg_attr(not(test), warn(clippy::arithmetic_side_effects, clippy::indexing_slicing))]

mod checkpoint;
mod cursor;
mod deadline;
mod limits;
mod offset;
mod page_fetch;
mod setters;
mod stream;

use std::fmt;
use std::future::Future;
use std::num::NonZeroU64;
use std::pin::Pin;

use serde::{Deserialize, Serialize};

use crate::error::Result;

pub use checkpoint::Checkpoint;
pub(crate) use checkpoint::{ListIdentity, PagingMode, Position};
pub(crate) use cursor::CursorPages;
pub(crate) use deadline::ListDeadline;
pub(crate) use limits::{ItemLimit, check_item_count, check_page_size};
pub(crate) use offset::{OffsetPages, OffsetRange};
pub(crate) use setters::list_setters;
pub(crate) use stream::Pages;
pub use stream::{ItemStream, PageStream};

/// One page of a list, as the server sent it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// Elements of the page, possibly none.
    pub items: Vec<T>,
    /// Token of the next page. Absent or empty on the last page.
    pub next: Option<String>,
    /// Number of elements in the list, where the response contains it.
    pub total: Option<u64>,
    /// Size of the response in bytes.
    pub bytes: u64,
}

impl<T> Page<T> {
    /// Returns the page with each element converted.
    pub(crate) fn map<U>(self, convert: impl FnMut(T) -> U) -> Page<U> {
        Page {
            items: self.items.into_iter().map(convert).collect(),
            next: self.next,
            total: self.total,
            bytes: self.bytes,
        }
    }
}

/// Start of a page in its list.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PageStart {
    /// The first page of a cursor.
    First,
    /// The page that this token leads to.
    Token(String),
    /// A page by offset: its first row, and its maximum number of rows.
    Offset(u64, u64),
    /// After the last page: there is nothing to fetch.
    End,
}

/// Shows the length of a token only: its text is the server's.
impl fmt::Debug for PageStart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::First => f.write_str("First"),
            Self::Token(token) => write!(f, "Token({} bytes)", token.len()),
            Self::Offset(offset, size) => f.debug_tuple("Offset").field(offset).field(size).finish(),
            Self::End => f.write_str("End"),
        }
    }
}

/// A page and its start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FetchedPage<T> {
    pub(crate) start: PageStart,
    pub(crate) items: Vec<T>,
}

/// Query for one page: the filter of the list, and the part of the list.
#[derive(Debug, Clone)]
pub struct PageQuery<Filter> {
    pub(crate) filter: Filter,
    pub(crate) size: u64,
    pub(crate) start: PageStart,
}

/// Paging parameters of a request.
pub(crate) struct PageParameters<'a> {
    pub(crate) offset: Option<u64>,
    pub(crate) size: Option<NonZeroU64>,
    pub(crate) token: Option<&'a str>,
}

impl<Filter> PageQuery<Filter> {
    /// Returns the paging parameters that ask for the page.
    pub(crate) fn parameters(&self) -> PageParameters<'_> {
        let (offset, size, token) = match &self.start {
            PageStart::First | PageStart::End => (None, self.size, None),
            PageStart::Token(token) => (None, self.size, Some(token.as_str())),
            PageStart::Offset(offset, size) => (Some(*offset), *size, None),
        };
        PageParameters {
            offset,
            size: NonZeroU64::new(size),
            token,
        }
    }

    /// Returns an error for a query that no request can express.
    pub(crate) fn check(&self) -> Result<()> {
        check_page_size(self.size)
    }

    /// Returns an error for a page with more items than the query asks for.
    pub(crate) fn check_page<T>(&self, page: &Page<T>) -> Result<()> {
        let asked = self.parameters().size.map_or(0, NonZeroU64::get);
        limits::check_page_length(page.items.len(), asked)
    }
}

/// A page that is being fetched.
pub(crate) type BoxedPage<T> = Pin<Box<dyn Future<Output = Result<Page<T>>> + Send>>;

/// Function that fetches the page at a start.
pub(crate) type Fetch<T> = Box<dyn FnMut(PageStart) -> BoxedPage<T> + Send>;

#[cfg(test)]
mod tests {
    use super::{PageStart, Position};

    #[test]
    fn debug_does_not_show_a_page_token() {
        let start = PageStart::Token("hush-hush".to_owned());
        assert_eq!(format!("{start:?}"), "Token(9 bytes)");
        assert!(!format!("{:?}", Position::before(start)).contains("hush"));
    }
}
