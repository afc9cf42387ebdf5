//! Items one by one out of pages, and where in the list that is.

use std::collections::HashSet;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::vec;

use futures_core::Stream;
use uuid::Uuid;

use super::BatchItem;
use super::checkpoint::{Checkpoint, Origin, Place};
use crate::error::Result;
use crate::pagination::{CursorPages, Fetched, OffsetPages};

/// The items of a batch, as they arrive.
#[must_use = "a stream does nothing before it is polled"]
pub struct ItemStream<T> {
    source: Source<T>,
    origin: Origin,
    place: Place,
    /// What a resumed stream has to leave out of its first page.
    behind: Option<Place>,
    items: vec::IntoIter<T>,
    /// The ids handed out so far, by offset, where rows may repeat.
    seen: HashSet<Uuid>,
    duplicates: u64,
}

/// Where the pages come from.
pub(super) enum Source<T> {
    Cursor(CursorPages<T>),
    Offset(OffsetPages<T>),
}

impl<T> fmt::Debug for Source<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cursor(pages) => pages.fmt(f),
            Self::Offset(pages) => pages.fmt(f),
        }
    }
}

impl<T: Send + 'static> Source<T> {
    fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Fetched<T>>>> {
        match self {
            Self::Cursor(pages) => Pin::new(pages).poll_next(context),
            Self::Offset(pages) => Pin::new(pages).poll_next(context),
        }
    }
}

impl<T: BatchItem + Send + 'static> ItemStream<T> {
    pub(super) fn new(source: Source<T>, origin: Origin, place: Place) -> Self {
        Self {
            source,
            origin,
            behind: (place.taken > 0).then(|| place.clone()),
            place,
            items: Vec::new().into_iter(),
            seen: HashSet::new(),
            duplicates: 0,
        }
    }

    /// Where the stream is: after the last item that it handed out.
    pub fn checkpoint(&self) -> Checkpoint {
        Checkpoint::new(self.origin.clone(), self.place.clone())
    }

    /// How many rows were dropped because an earlier page had them. Always 0 by the cursor.
    pub fn duplicates(&self) -> u64 {
        self.duplicates
    }

    /// Takes the next page to hand.
    fn poll_page(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<()>>> {
        // The room of the last page is given back before the next is read.
        self.items = Vec::new().into_iter();
        let Fetched { at, mut items } = match ready!(self.source.poll_next(context)) {
            Some(Ok(page)) => page,
            Some(Err(error)) => return Poll::Ready(Some(Err(error))),
            None => return Poll::Ready(None),
        };
        self.place = Place::at(at);
        if let Some(behind) = self.behind.take() {
            // By its id where it is still there: a filtered page may have changed meanwhile.
            let last = items.iter().position(|item| Some(item.id()) == behind.last);
            let taken = last.map_or(behind.taken.min(items.len()), |last| last + 1);
            items.drain(..taken);
            (self.place.taken, self.place.last) = (taken, behind.last);
        }
        self.items = items.into_iter();
        Poll::Ready(Some(Ok(())))
    }

    /// Hands out the next item at hand. An item is large, so it is looked at in place and moved once.
    #[inline(always)]
    fn take(&mut self) -> Option<T> {
        while let Some(item) = self.items.as_slice().first() {
            let id = item.id();
            self.place.taken += 1;
            self.place.last = Some(id);
            if !self.origin.by_offset || self.seen.insert(id) {
                return self.items.next();
            }
            self.duplicates += 1;
            self.items.next();
        }
        None
    }
}

// The fields are moved out of and into, never pinned in place.
impl<T> Unpin for ItemStream<T> {}

impl<T: BatchItem + Send + 'static> Stream for ItemStream<T> {
    type Item = Result<T>;

    #[inline]
    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            if let Some(item) = self.take() {
                return Poll::Ready(Some(Ok(item)));
            }
            match ready!(self.poll_page(context)) {
                Some(Ok(())) => {}
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            }
        }
    }

    /// Promises what is at hand and nothing more: remainingRecords is approximate.
    fn size_hint(&self) -> (usize, Option<usize>) {
        let here = self.items.len();
        match &self.source {
            Source::Cursor(pages) => (here, pages.is_ended().then_some(here)),
            Source::Offset(_) => (0, None),
        }
    }
}

impl<T> fmt::Debug for ItemStream<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            source,
            origin,
            place,
            behind,
            items,
            seen: _,
            duplicates,
        } = self;
        f.debug_struct("ItemStream")
            .field("source", source)
            .field("origin", origin)
            .field("place", place)
            .field("behind", behind)
            .field("items_at_hand", &items.len())
            .field("duplicates", duplicates)
            .finish_non_exhaustive()
    }
}

/// The items of a batch page by page, as they arrive. No page is empty.
#[must_use = "a stream does nothing before it is polled"]
pub struct PageStream<T>(ItemStream<T>);

impl<T> fmt::Debug for PageStream<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("PageStream").field(&self.0).finish()
    }
}

impl<T: BatchItem + Send + 'static> PageStream<T> {
    pub(super) fn new(items: ItemStream<T>) -> Self {
        Self(items)
    }

    /// Where the stream is: after the last page that it handed out.
    pub fn checkpoint(&self) -> Checkpoint {
        self.0.checkpoint()
    }

    /// How many rows were dropped because an earlier page had them. Always 0 by the cursor.
    pub fn duplicates(&self) -> u64 {
        self.0.duplicates()
    }
}

impl<T: BatchItem + Send + 'static> Stream for PageStream<T> {
    type Item = Result<Vec<T>>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Self(items) = &mut *self;
        loop {
            let page = std::iter::from_fn(|| items.take()).collect::<Vec<_>>();
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
