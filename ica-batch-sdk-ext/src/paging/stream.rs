//! Items out of pages, with the position in the list.

use std::collections::HashSet;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::vec;

use futures_core::Stream;
use uuid::Uuid;

use super::checkpoint::{Checkpoint, ListIdentity, Position};
use super::limits::Flaw;
use super::{CursorPages, FetchedPage, ListDeadline, OffsetPages, PageStart};
use crate::error::{Error, Result};

/// Stream of the items of a list, in the order of the list.
///
/// After an error, the next poll fetches the same page again. The errors of a list that cannot go
/// on are the last: pages that repeat ([`Paging`](crate::ErrorKind::Paging)), and the
/// [deadline of the list](crate::Items::list_deadline). After the end, the stream stays at its end.
/// Dropping the stream cancels the page in flight. Its [`Checkpoint`] resumes the list later.
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
    /// Condition of the items to return. Others are passed over.
    keep: Option<Keep<T>>,
    /// Ids returned so far, for paging by offset, where rows may repeat.
    seen: Option<HashSet<Uuid>>,
    /// Ids of the first item of each page, for paging by cursor. A server that repeats its items
    /// behind ever new page tokens has no more pages than items then, at 16 bytes per page.
    first_items: HashSet<Uuid>,
    duplicates: u64,
    deadline: Option<Arc<ListDeadline>>,
    /// Number of pages that the list has returned, with those without items.
    pages_read: u64,
    /// Whether the last page could not be fetched: the list has not reached its end then.
    has_failed: bool,
}

/// Condition of the items to return.
type Keep<T> = Box<dyn Fn(&T) -> bool + Send + Sync>;

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

    fn end(&mut self) {
        match self {
            Self::Cursor(pages) => pages.end(),
            Self::Offset(pages) => pages.end(),
        }
    }

    fn is_ended(&self) -> bool {
        match self {
            Self::Cursor(pages) => pages.is_ended(),
            Self::Offset(pages) => pages.is_ended(),
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
            keep: None,
            seen,
            first_items: HashSet::new(),
            duplicates: 0,
            deadline: None,
            pages_read: 0,
            has_failed: false,
        }
    }

    /// Sets the time limit of the list.
    pub(crate) fn within(mut self, deadline: Option<Arc<ListDeadline>>) -> Self {
        self.deadline = deadline;
        self
    }

    /// Returns only the items that meet this condition. The limits of a list count all items.
    pub(crate) fn keep(mut self, keep: impl Fn(&T) -> bool + Send + Sync + 'static) -> Self {
        self.keep = Some(Box::new(keep));
        self
    }

    /// Returns the position of the stream: after the last item that it returned.
    pub fn checkpoint(&self) -> Checkpoint {
        Checkpoint::new(self.list.clone(), self.position.clone())
    }

    /// Returns the number of rows that were dropped because an earlier page contained them. Always
    /// 0 when paging by cursor.
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
        if let Some(error) = self.deadline_error().filter(|_| !self.pages.is_ended()) {
            return Poll::Ready(Some(Err(self.stop(error))));
        }
        let FetchedPage { start, mut items } = match ready!(self.pages.poll_next(context)) {
            Some(Ok(page)) => page,
            Some(Err(error)) => {
                if let Some(passed) = self.deadline_error() {
                    return Poll::Ready(Some(Err(self.stop(passed.with_source(error)))));
                }
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
        self.pages_read = self.pages_read.saturating_add(1);
        self.position = Position::before(start);
        if let (Pages::Cursor(_), Some(first)) = (&self.pages, items.first()) {
            let id = (self.id_of)(first);
            if !self.first_items.insert(id) {
                return Poll::Ready(Some(Err(self.stop(Flaw::ItemRepeats(id).error()))));
            }
        }
        if let Some(resume) = self.resume_after.take() {
            // By id where the page still contains it: a filtered page may have changed meanwhile.
            let last = items.iter().position(|item| Some((self.id_of)(item)) == resume.last);
            let returned = last.map_or(resume.returned.min(items.len()), |last| last.saturating_add(1));
            items.drain(..returned);
            (self.position.returned, self.position.last) = (returned, resume.last);
        }
        self.items = items.into_iter();
        Poll::Ready(Some(Ok(())))
    }

    /// Returns the error of the list's deadline, if it has passed.
    fn deadline_error(&self) -> Option<Error> {
        let deadline = self.deadline.as_ref()?;
        deadline.has_passed().then(|| deadline.error())
    }

    /// Ends the list with this error. Its position stays, so that a checkpoint can resume it.
    fn stop(&mut self, error: Error) -> Error {
        self.pages.end();
        self.has_failed = true;
        error.or_could_not(|| self.action.clone())
    }

    /// Returns the next item of the current page. An item is large, so it is read in place and
    /// moved once.
    #[inline(always)]
    fn next_item(&mut self) -> Option<T> {
        while let Some(item) = self.items.as_slice().first() {
            let id = (self.id_of)(item);
            self.position.returned = self.position.returned.saturating_add(1);
            self.position.last = Some(id);
            if self.keep.as_ref().is_some_and(|keep| !keep(item)) {
                self.items.next();
                continue;
            }
            if self.seen.as_mut().is_none_or(|seen| seen.insert(id)) {
                return self.items.next();
            }
            self.duplicates = self.duplicates.saturating_add(1);
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
        if self.keep.is_some() {
            return (0, None);
        }
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
            keep: _,
            seen: _,
            first_items: _,
            duplicates,
            deadline,
            pages_read,
            has_failed: _,
        } = self;
        f.debug_struct("ItemStream")
            .field("pages", pages)
            .field("list", list)
            .field("position", position)
            .field("resume_after", resume_after)
            .field("items_ready", &items.len())
            .field("duplicates", duplicates)
            .field("deadline", deadline)
            .field("pages_read", pages_read)
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

    /// Returns the number of rows that were dropped because an earlier page contained them. Always
    /// 0 when paging by cursor.
    pub fn duplicates(&self) -> u64 {
        self.0.duplicates()
    }

    /// Returns the number of pages so far, with those without items.
    pub(crate) fn pages_read(&self) -> u64 {
        self.0.pages_read
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
