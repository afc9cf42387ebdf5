//! Pages of a list, by offset: several pages at a time.
//!
//! The first page contains the number of rows. The other pages are fetched side by side and
//! returned in order. A server may limit how far the offset goes; the limit is a parameter.

use std::collections::VecDeque;
use std::fmt;
use std::num::NonZeroUsize;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;

use super::limits::{Flaw, MAX_EMPTY_PAGES};
use super::page_fetch::PageFetch;
use super::{BoxedPage, Fetch, FetchedPage, Page, PageStart};
use crate::error::{Error, Result};

/// Part of a list that is read by offset.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OffsetRange {
    /// The first row.
    pub(crate) start: u64,
    /// Rows per page.
    pub(crate) page_size: u64,
    /// The number of rows that the server pages through by offset.
    pub(crate) row_limit: u64,
}

/// The pages of a list, in order, several of them in flight at once.
///
/// Memory holds at most as many pages as are fetched at a time. After an error, the next poll
/// fetches the same page again. Dropping the stream cancels the pages in flight.
#[must_use = "a stream does nothing before it is polled"]
pub(crate) struct OffsetPages<T> {
    fetch: Fetch<T>,
    range: OffsetRange,
    concurrency: NonZeroUsize,
    /// First row of the next page to request.
    next: u64,
    /// Number of rows, from the latest page.
    total: Option<u64>,
    /// Pages in flight, in order. None for a page that failed.
    in_flight: VecDeque<(u64, Option<PageFetch<T>>)>,
    /// Number of pages without items since the last page with one.
    empty_pages: u32,
    is_ended: bool,
}

impl<T: Send + 'static> OffsetPages<T> {
    /// Reads a part of a list, `concurrency` pages at a time.
    pub(crate) fn new(
        range: OffsetRange,
        concurrency: NonZeroUsize,
        fetch: impl FnMut(PageStart) -> BoxedPage<T> + Send + 'static,
    ) -> Self {
        Self {
            fetch: Box::new(fetch),
            range,
            concurrency,
            next: range.start,
            total: None,
            in_flight: VecDeque::new(),
            empty_pages: 0,
            is_ended: false,
        }
    }

    /// Ends the list, and cancels the pages in flight.
    pub(crate) fn end(&mut self) {
        self.is_ended = true;
        self.in_flight.clear();
    }

    /// Returns whether no further page exists.
    pub(crate) fn is_ended(&self) -> bool {
        let is_last = self.total.is_some_and(|total| self.next >= total);
        self.is_ended || (is_last && self.in_flight.is_empty())
    }

    /// Requests as many pages as may be in flight: one until the number of rows is known.
    fn request_pages(&mut self) -> Result<()> {
        for (offset, page) in &mut self.in_flight {
            if page.is_none() {
                *page = Some(PageFetch::spawned((self.fetch)(self.range.page_at(*offset))));
            }
        }
        let limit = if self.total.is_some() {
            self.concurrency.get()
        } else {
            1
        };
        while self.in_flight.len() < limit && self.total.is_none_or(|total| self.next < total) {
            if self.next >= self.range.row_limit {
                // Pages in flight are within the limit and are returned first.
                return if self.in_flight.is_empty() {
                    Err(self.range.too_many_rows(self.total))
                } else {
                    Ok(())
                };
            }
            let page = PageFetch::spawned((self.fetch)(self.range.page_at(self.next)));
            self.in_flight.push_back((self.next, Some(page)));
            self.next = self.next.saturating_add(self.range.page_size);
        }
        Ok(())
    }

    fn accept(&mut self, offset: u64, page: Page<T>) -> Result<FetchedPage<T>> {
        self.empty_pages = match page.items.is_empty() {
            true => self.empty_pages.saturating_add(1),
            false => 0,
        };
        let is_first = self.total.is_none();
        self.total = page.total.or(self.total);
        match self.total {
            Some(total) if is_first && total > self.range.row_limit => {
                self.end();
                return Err(self.range.too_many_rows(self.total));
            }
            Some(_) => {}
            // Without a total, a page that is not full is the last one.
            None => self.is_ended = (page.items.len() as u64) < self.range.page_size,
        }
        // The number of rows is the server's word: rows that never come must not be asked for.
        if self.empty_pages >= MAX_EMPTY_PAGES && !self.is_ended() {
            self.end();
            return Err(Flaw::EmptyPages.error());
        }
        Ok(FetchedPage {
            start: self.range.page_at(offset),
            items: page.items,
        })
    }
}

impl OffsetRange {
    fn page_at(self, offset: u64) -> PageStart {
        let left = self.row_limit.saturating_sub(offset);
        PageStart::Offset(offset, self.page_size.min(left))
    }

    fn too_many_rows(self, total: Option<u64>) -> Error {
        let rows = total.map_or_else(|| "more".to_owned(), |total| total.to_string());
        Error::invalid_input(format!(
            "the list has {rows} rows, and paging by offset ends at row {}; use the cursor, by leaving out `offset`",
            self.row_limit
        ))
    }
}

// The fields are moved, never pinned in place.
impl<T> Unpin for OffsetPages<T> {}

impl<T: Send + 'static> Stream for OffsetPages<T> {
    type Item = Result<FetchedPage<T>>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        if this.is_ended {
            return Poll::Ready(None);
        }
        if let Err(error) = this.request_pages() {
            this.is_ended = true;
            return Poll::Ready(Some(Err(error)));
        }
        let Some((offset, Some(page))) = this.in_flight.front_mut() else {
            this.is_ended = true;
            return Poll::Ready(None);
        };
        let offset = *offset;
        match ready!(page.poll(context)) {
            Ok(page) => {
                this.in_flight.pop_front();
                Poll::Ready(Some(this.accept(offset, page)))
            }
            Err(error) => {
                // It is requested again.
                if let Some((_, page)) = this.in_flight.front_mut() {
                    *page = None;
                }
                Poll::Ready(Some(Err(error)))
            }
        }
    }
}

impl<T> fmt::Debug for OffsetPages<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            fetch: _,
            range,
            concurrency,
            next,
            total,
            in_flight,
            empty_pages,
            is_ended,
        } = self;
        f.debug_struct("OffsetPages")
            .field("range", range)
            .field("concurrency", concurrency)
            .field("next", next)
            .field("total", total)
            .field("pages_in_flight", &in_flight.len())
            .field("empty_pages", empty_pages)
            .field("is_ended", is_ended)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use futures_util::StreamExt;

    use super::{BoxedPage, OffsetPages, OffsetRange, Page, PageStart};
    use crate::error::{Error, ErrorKind};

    const ROW_LIMIT: u64 = 200_000;

    fn range(page_size: u64) -> OffsetRange {
        OffsetRange {
            start: 0,
            page_size,
            row_limit: ROW_LIMIT,
        }
    }

    /// Returns the pages of a list of `rows` rows, and the largest number of pages in flight.
    fn list(rows: u64, size: u64, concurrency: usize) -> (OffsetPages<u64>, Arc<AtomicUsize>) {
        let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let seen = Arc::clone(&most);
        let pages = OffsetPages::new(
            range(size),
            concurrency.try_into().unwrap(),
            move |start| -> BoxedPage<u64> {
                let (now, most) = (Arc::clone(&now), Arc::clone(&most));
                Box::pin(async move {
                    most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                    tokio::task::yield_now().await;
                    now.fetch_sub(1, Ordering::SeqCst);
                    let PageStart::Offset(offset, size) = start else {
                        panic!("a cursor was requested");
                    };
                    Ok(Page {
                        items: (offset..rows.min(offset + size)).collect(),
                        next: None,
                        total: Some(rows),
                        bytes: 0,
                    })
                })
            },
        );
        (pages, seen)
    }

    #[tokio::test]
    async fn pages_come_in_order_and_within_the_concurrency() {
        for (rows, size, concurrency) in [(0, 3, 4), (1, 3, 4), (30, 3, 4), (31, 3, 1), (29, 100, 8)] {
            let (pages, most) = list(rows, size, concurrency);
            let pages = pages.map(|page| page.unwrap().items).collect::<Vec<_>>().await;
            assert_eq!(pages.concat(), (0..rows).collect::<Vec<_>>());
            assert!(most.load(Ordering::SeqCst) <= concurrency);
        }
        let (pages, most) = list(300, 3, 4);
        pages.for_each(async |page| drop(page.unwrap())).await;
        assert_eq!(most.load(Ordering::SeqCst), 4);
    }

    #[tokio::test]
    async fn a_list_beyond_the_limit_is_refused_after_its_first_page() {
        let (mut pages, _) = list(ROW_LIMIT + 1, 1000, 4);
        let error = pages.next().await.unwrap().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(error.to_string().contains("use the cursor"), "{error}");
        assert!(pages.next().await.is_none());
        let (pages, _) = list(ROW_LIMIT, 1000, 4);
        assert_eq!(pages.count().await, 200);
    }

    #[tokio::test]
    async fn a_page_that_failed_is_requested_again() {
        let mut has_failed = false;
        let mut pages = OffsetPages::new(range(2), 3.try_into().unwrap(), move |start| -> BoxedPage<u64> {
            let fails = start == PageStart::Offset(2, 2)
                && !std::mem::replace(&mut has_failed, start == PageStart::Offset(2, 2));
            Box::pin(async move {
                let PageStart::Offset(offset, size) = start else {
                    panic!("a cursor was requested");
                };
                if fails {
                    return Err(Error::new(ErrorKind::Server, "server error (HTTP 503)"));
                }
                Ok(Page {
                    items: (offset..6.min(offset + size)).collect(),
                    next: None,
                    total: Some(6),
                    bytes: 0,
                })
            })
        });
        let (mut rows, mut errors) = (Vec::new(), 0);
        while let Some(page) = pages.next().await {
            match page {
                Ok(page) => rows.extend(page.items),
                Err(_) => errors += 1,
            }
        }
        assert_eq!((rows, errors), ((0..6).collect(), 1));
    }
}
