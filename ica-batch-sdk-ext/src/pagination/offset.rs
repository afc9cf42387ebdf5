//! Several pages at a time by offset.
//!
//! The first page tells how many rows there are; the others are fetched side by side and handed out in order. ICA pages
//! by offset through 200 000 rows at most, and does not promise that rows are neither repeated nor missed.

use std::collections::VecDeque;
use std::fmt;
use std::num::NonZeroUsize;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;

use super::flight::Flight;
use super::{BoxedPage, Fetch, Fetched, Page, PageAt};
use crate::error::{Error, Result};

/// How far the offset may go (from the API's description).
const MOST_ROWS: u64 = 200_000;

/// The pages of a list, in order, several on their way at once.
///
/// At most so many pages as are fetched at a time are in memory. After an error, polling again asks for the same page again.
/// Dropping it cancels the pages on their way.
#[must_use = "a stream does nothing before it is polled"]
pub(crate) struct OffsetPages<T> {
    fetch: Fetch<T>,
    size: u64,
    concurrency: NonZeroUsize,
    /// The row that the next page to set out for begins with.
    next: u64,
    /// How many rows there are, as the latest page has it.
    total: Option<u64>,
    /// Pages on their way, in order; without a flight where the last one failed.
    flights: VecDeque<(u64, Option<Flight<T>>)>,
    is_ended: bool,
}

impl<T: Send + 'static> OffsetPages<T> {
    /// Reads the list from row `start` on, in pages of `size`, `concurrency` of them at a time.
    pub(crate) fn new(
        start: u64,
        size: u64,
        concurrency: NonZeroUsize,
        fetch: impl FnMut(PageAt) -> BoxedPage<T> + Send + 'static,
    ) -> Self {
        Self {
            fetch: Box::new(fetch),
            size,
            concurrency,
            next: start,
            total: None,
            flights: VecDeque::new(),
            is_ended: false,
        }
    }

    /// Sets out for as many pages as may be on their way: one until it is known how many there are.
    fn set_out(&mut self) -> Result<()> {
        for (offset, flight) in &mut self.flights {
            if flight.is_none() {
                *flight = Some(Flight::ahead((self.fetch)(at(*offset, self.size))));
            }
        }
        let most = if self.total.is_some() {
            self.concurrency.get()
        } else {
            1
        };
        while self.flights.len() < most && self.total.is_none_or(|total| self.next < total) {
            if self.next >= MOST_ROWS {
                // What is on its way is within the limit, and is handed out first.
                return if self.flights.is_empty() {
                    Err(too_far(self.total))
                } else {
                    Ok(())
                };
            }
            let flight = Flight::ahead((self.fetch)(at(self.next, self.size)));
            self.flights.push_back((self.next, Some(flight)));
            self.next += self.size;
        }
        Ok(())
    }

    fn turn(&mut self, offset: u64, page: Page<T>) -> Result<Fetched<T>> {
        let is_first = self.total.is_none();
        self.total = page.total.or(self.total);
        match self.total {
            Some(total) if is_first && total > MOST_ROWS => {
                self.is_ended = true;
                return Err(too_far(self.total));
            }
            Some(_) => {}
            // Without a total, a page with room to spare is the last.
            None => self.is_ended = (page.items.len() as u64) < self.size,
        }
        Ok(Fetched {
            at: at(offset, self.size),
            items: page.items,
        })
    }
}

fn at(offset: u64, size: u64) -> PageAt {
    PageAt::Offset(offset, size.min(MOST_ROWS - offset.min(MOST_ROWS)))
}

fn too_far(total: Option<u64>) -> Error {
    let rows = total.map_or_else(|| "more".to_owned(), |total| total.to_string());
    Error::invalid_input(format!(
        "the list has {rows} rows, and paging by offset ends at {MOST_ROWS}; use the cursor, by leaving out `offset`"
    ))
}

// The fields are moved out of and into, never pinned in place.
impl<T> Unpin for OffsetPages<T> {}

impl<T: Send + 'static> Stream for OffsetPages<T> {
    type Item = Result<Fetched<T>>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        if this.is_ended {
            return Poll::Ready(None);
        }
        if let Err(error) = this.set_out() {
            this.is_ended = true;
            return Poll::Ready(Some(Err(error)));
        }
        let Some((offset, Some(flight))) = this.flights.front_mut() else {
            this.is_ended = true;
            return Poll::Ready(None);
        };
        let offset = *offset;
        match ready!(flight.poll(context)) {
            Ok(page) => {
                this.flights.pop_front();
                Poll::Ready(Some(this.turn(offset, page)))
            }
            Err(error) => {
                this.flights[0].1 = None;
                Poll::Ready(Some(Err(error)))
            }
        }
    }
}

impl<T> fmt::Debug for OffsetPages<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            fetch: _,
            size,
            concurrency,
            next,
            total,
            flights,
            is_ended,
        } = self;
        f.debug_struct("OffsetPages")
            .field("size", size)
            .field("concurrency", concurrency)
            .field("next", next)
            .field("total", total)
            .field("pages_on_their_way", &flights.len())
            .field("is_ended", is_ended)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use futures_util::StreamExt;

    use super::{BoxedPage, MOST_ROWS, OffsetPages, Page, PageAt};
    use crate::error::{Error, ErrorKind};

    /// A list of so many rows, and how many pages were on their way at once.
    fn list(rows: u64, size: u64, concurrency: usize) -> (OffsetPages<u64>, Arc<AtomicUsize>) {
        let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let seen = Arc::clone(&most);
        let pages = OffsetPages::new(0, size, concurrency.try_into().unwrap(), move |at| -> BoxedPage<u64> {
            let (now, most) = (Arc::clone(&now), Arc::clone(&most));
            Box::pin(async move {
                most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                tokio::task::yield_now().await;
                now.fetch_sub(1, Ordering::SeqCst);
                let PageAt::Offset(offset, size) = at else {
                    panic!("a cursor was asked for");
                };
                Ok(Page {
                    items: (offset..rows.min(offset + size)).collect(),
                    next: None,
                    total: Some(rows),
                })
            })
        });
        (pages, seen)
    }

    #[tokio::test]
    async fn pages_come_in_order_and_no_more_at_a_time_than_asked_for() {
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
        let (mut pages, _) = list(MOST_ROWS + 1, 1000, 4);
        let error = pages.next().await.unwrap().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(error.to_string().contains("use the cursor"), "{error}");
        assert!(pages.next().await.is_none());
        let (pages, _) = list(MOST_ROWS, 1000, 4);
        assert_eq!(pages.count().await, 200);
    }

    #[tokio::test]
    async fn a_page_that_failed_is_asked_for_again() {
        let mut has_failed = false;
        let mut pages = OffsetPages::new(0, 2, 3.try_into().unwrap(), move |at| -> BoxedPage<u64> {
            let fails = at == PageAt::Offset(2, 2) && !std::mem::replace(&mut has_failed, at == PageAt::Offset(2, 2));
            Box::pin(async move {
                let PageAt::Offset(offset, size) = at else {
                    panic!("a cursor was asked for");
                };
                if fails {
                    return Err(Error::new(ErrorKind::Server, "ICA answered 503"));
                }
                Ok(Page {
                    items: (offset..6.min(offset + size)).collect(),
                    next: None,
                    total: Some(6),
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
