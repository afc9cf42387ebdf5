//! Items out of pages, with the position in the list.

use std::collections::HashSet;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::vec;

use futures_core::Stream;
use uuid::Uuid;

use super::checkpoint::{Checkpoint, ListIdentity, Position};
use super::{CursorPages, FetchedPage, OffsetPages, PageStart};
use crate::error::Result;

/// Stream of the items of a list, in the order of the list.
///
/// After an error, the next poll fetches the same page again. After the end, the stream stays at its
/// end. Dropping the stream cancels the page in flight. Its [`Checkpoint`] resumes the list later.
///
/// ```
/// # use ica_batch_sdk_ext::{Client, Credentials};
/// use futures_util::TryStreamExt;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let simulator = ica_simulator::Simulator::start();
/// # let id = simulator.seed_batch(simulator.project_id(), 3, ica_simulator::SeedOptions::default());
/// # let credentials = Credentials::api_key(simulator.api_key())?;
/// # let client = Client::builder().base_url(simulator.base_url()).credentials(credentials).build()?;
/// # let batch = client.project(simulator.project_id())?.batch(id);
/// let mut items = batch.items().stream();
/// let mut count = 0;
/// while let Some(item) = items.try_next().await? {
///     count += 1;
/// }
/// assert_eq!(count, 3);
/// assert!(items.checkpoint().is_end());
/// # Ok(())
/// # }
/// ```
#[must_use = "a stream does nothing before it is polled"]
pub struct ItemStream<T> {
    pages: Pages<T>,
    list: ListIdentity,
    /// Action that completes "could not …" in errors of the pager.
    action: String,
    position: Position,
    /// Position that a resumed stream skips to in its first page.
    resume_after: Option<Position>,
    items: vec::IntoIter<T>,
    id_of: fn(&T) -> Uuid,
    /// Ids returned so far, for paging by offset, where rows may repeat.
    seen: Option<HashSet<Uuid>>,
    duplicates: u64,
    /// Whether the last page could not be fetched: the list has not reached its end then.
    has_failed: bool,
}

/// Pages of a list, by either way of paging.
pub(crate) enum Pages<T> {
    Cursor(CursorPages<T>),
    Offset(OffsetPages<T>),
}

impl<T> fmt::Debug for Pages<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cursor(pages) => pages.fmt(f),
            Self::Offset(pages) => pages.fmt(f),
        }
    }
}

impl<T: Send + 'static> Pages<T> {
    fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<FetchedPage<T>>>> {
        match self {
            Self::Cursor(pages) => Pin::new(pages).poll_next(context),
            Self::Offset(pages) => Pin::new(pages).poll_next(context),
        }
    }
}

impl<T: Send + 'static> ItemStream<T> {
    pub(crate) fn new(
        pages: Pages<T>,
        list: ListIdentity,
        action: String,
        position: Position,
        id_of: fn(&T) -> Uuid,
    ) -> Self {
        let seen = match &pages {
            Pages::Cursor(_) => None,
            Pages::Offset(_) => Some(HashSet::new()),
        };
        Self {
            pages,
            list,
            action,
            resume_after: (position.returned > 0).then(|| position.clone()),
            position,
            items: Vec::new().into_iter(),
            id_of,
            seen,
            duplicates: 0,
            has_failed: false,
        }
    }

    /// Returns the position of the stream: after the last item that it returned.
    pub fn checkpoint(&self) -> Checkpoint {
        Checkpoint::new(self.list.clone(), self.position.clone())
    }

    /// Returns the number of rows that were dropped because an earlier page contained them. Always 0
    /// when paging by cursor.
    pub fn duplicates(&self) -> u64 {
        self.duplicates
    }

    /// Returns the rest of the items page by page.
    pub fn pages(self) -> PageStream<T> {
        PageStream(self)
    }

    /// Fetches the next page.
    fn poll_page(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<()>>> {
        // The memory of the last page is freed before the next page is decoded.
        self.items = Vec::new().into_iter();
        let FetchedPage { start, mut items } = match ready!(self.pages.poll_next(context)) {
            Some(Ok(page)) => page,
            Some(Err(error)) => {
                self.has_failed = true;
                return Poll::Ready(Some(Err(error.or_could_not(|| self.action.clone()))));
            }
            None => {
                if !self.has_failed {
                    self.position = Position::before(PageStart::End);
                }
                return Poll::Ready(None);
            }
        };
        self.has_failed = false;
        self.position = Position::before(start);
        if let Some(resume) = self.resume_after.take() {
            // By id where the page still contains it: a filtered page may have changed meanwhile.
            let last = items.iter().position(|item| Some((self.id_of)(item)) == resume.last);
            let returned = last.map_or(resume.returned.min(items.len()), |last| last + 1);
            items.drain(..returned);
            (self.position.returned, self.position.last) = (returned, resume.last);
        }
        self.items = items.into_iter();
        Poll::Ready(Some(Ok(())))
    }

    /// Returns the next item of the current page. An item is large, so it is read in place and moved
    /// once.
    #[inline(always)]
    fn next_item(&mut self) -> Option<T> {
        while let Some(item) = self.items.as_slice().first() {
            let id = (self.id_of)(item);
            self.position.returned += 1;
            self.position.last = Some(id);
            if self.seen.as_mut().is_none_or(|seen| seen.insert(id)) {
                return self.items.next();
            }
            self.duplicates += 1;
            self.items.next();
        }
        None
    }
}

// The fields are moved, never pinned in place.
impl<T> Unpin for ItemStream<T> {}

impl<T: Send + 'static> Stream for ItemStream<T> {
    type Item = Result<T>;

    #[inline]
    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            if let Some(item) = self.next_item() {
                return Poll::Ready(Some(Ok(item)));
            }
            match ready!(self.poll_page(context)) {
                Some(Ok(())) => {}
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            }
        }
    }

    /// Counts the items of the current page only: remainingRecords is approximate.
    fn size_hint(&self) -> (usize, Option<usize>) {
        let ready = self.items.len();
        match &self.pages {
            Pages::Cursor(pages) => (ready, pages.is_ended().then_some(ready)),
            Pages::Offset(_) => (0, None),
        }
    }
}

impl<T> fmt::Debug for ItemStream<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            pages,
            list,
            action: _,
            position,
            resume_after,
            items,
            id_of: _,
            seen: _,
            duplicates,
            has_failed: _,
        } = self;
        f.debug_struct("ItemStream")
            .field("pages", pages)
            .field("list", list)
            .field("position", position)
            .field("resume_after", resume_after)
            .field("items_ready", &items.len())
            .field("duplicates", duplicates)
            .finish_non_exhaustive()
    }
}

/// Stream of the items of a list, page by page. No page is empty.
///
/// ```
/// # use ica_batch_sdk_ext::{Client, Credentials};
/// use futures_util::TryStreamExt;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let simulator = ica_simulator::Simulator::start();
/// # let id = simulator.seed_batch(simulator.project_id(), 3, ica_simulator::SeedOptions::default());
/// # let credentials = Credentials::api_key(simulator.api_key())?;
/// # let client = Client::builder().base_url(simulator.base_url()).credentials(credentials).build()?;
/// # let batch = client.project(simulator.project_id())?.batch(id);
/// let mut pages = batch.items().page_size(2).pages();
/// assert_eq!(pages.try_next().await?.map(|page| page.len()), Some(2));
/// assert_eq!(pages.try_next().await?.map(|page| page.len()), Some(1));
/// # Ok(())
/// # }
/// ```
#[must_use = "a stream does nothing before it is polled"]
pub struct PageStream<T>(ItemStream<T>);

impl<T> fmt::Debug for PageStream<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("PageStream").field(&self.0).finish()
    }
}

impl<T: Send + 'static> PageStream<T> {
    /// Returns the position of the stream: after the last page that it returned.
    pub fn checkpoint(&self) -> Checkpoint {
        self.0.checkpoint()
    }

    /// Returns the number of rows that were dropped because an earlier page contained them. Always 0
    /// when paging by cursor.
    pub fn duplicates(&self) -> u64 {
        self.0.duplicates()
    }
}

impl<T: Send + 'static> Stream for PageStream<T> {
    type Item = Result<Vec<T>>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Self(items) = &mut *self;
        loop {
            let page = std::iter::from_fn(|| items.next_item()).collect::<Vec<_>>();
            if !page.is_empty() {
                return Poll::Ready(Some(Ok(page)));
            }
            match ready!(items.poll_page(context)) {
                Some(Ok(())) => {}
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            }
        }
    }
}
