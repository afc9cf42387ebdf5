//! Following a list from page to page, whatever it is a list of.
//!
//! A pager is given a closure that fetches the page at a place and knows nothing else. There are two ways to go: by
//! [cursor](cursor), complete and without duplicates, and by [offset](offset), several pages at a time.

mod cursor;
mod flight;
mod offset;

use std::future::Future;
use std::pin::Pin;

use serde::{Deserialize, Serialize};

use crate::error::Result;

pub(crate) use cursor::CursorPages;
pub(crate) use offset::OffsetPages;

/// One page of a list, as it was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// The elements on the page, possibly none.
    pub items: Vec<T>,
    /// The token of the next page. Absent or empty on the last one.
    pub next: Option<String>,
    /// How many elements the list has, where the answer tells.
    pub total: Option<u64>,
}

/// Where a page begins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PageAt {
    /// The first page of the cursor.
    Start,
    /// The page behind this token.
    Token(String),
    /// The page that begins with this row, and how many rows it may have.
    Offset(u64, u64),
}

/// A page, and where it begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fetched<T> {
    pub(crate) at: PageAt,
    pub(crate) items: Vec<T>,
}

/// A page on its way.
pub(crate) type BoxedPage<T> = Pin<Box<dyn Future<Output = Result<Page<T>>> + Send>>;

/// Fetches the page at a place.
pub(crate) type Fetch<T> = Box<dyn FnMut(PageAt) -> BoxedPage<T> + Send>;
