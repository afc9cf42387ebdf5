//! Pages of a list, by cursor.
//!
//! The last page has no token: absent, null and empty all occur. An empty page with a token is not
//! the end, but a hundred of them in a row are an error. A page token that was followed before
//! would repeat the list without end, so it is an error, too, and so is a list of a million items
//! that goes on.

use std::collections::HashSet;
use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;

use super::limits::{Flaw, ItemLimit, MAX_EMPTY_PAGES, MAX_EMPTY_PAGES_OF_A_LIST, MAX_TOKEN_BYTES};
use super::page_fetch::PageFetch;
use super::{BoxedPage, Fetch, FetchedPage, Page, PageStart};
use crate::error::Result;

/// The pages of a list, in order.
///
/// After an error, the next poll fetches the same page again. After the end, the stream stays at
/// its end. Dropping the stream cancels the page in flight.
#[must_use = "a stream does nothing before it is polled"]
pub(crate) struct CursorPages<T> {
    fetch: Fetch<T>,
    state: State,
    in_flight: Option<PageFetch<T>>,
    /// Size of a page in bytes up to which the next one is fetched while the caller works on it.
    /// None: no page is fetched ahead.
    prefetch: Option<u64>,
    followed: HashSet<u64>,
    hasher: RandomState,
    /// Number of pages without items since the last page with one.
    empty_pages: u32,
    /// Number of pages without items so far.
    all_empty_pages: u32,
    /// Number of items so far.
    items: u64,
    limit: ItemLimit,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum State {
    /// The page at this start is the next to fetch.
    Next(PageStart),
    /// The last page cannot be followed.
    Broken(Flaw),
    /// No further page exists.
    Ended,
}

impl<T: Send + 'static> CursorPages<T> {
    /// Follows the list from this page on.
    pub(crate) fn new(
        start: PageStart,
        prefetch: Option<u64>,
        fetch: impl FnMut(PageStart) -> BoxedPage<T> + Send + 'static,
    ) -> Self {
        let state = match start {
            PageStart::End => State::Ended,
            start => State::Next(start),
        };
        Self {
            fetch: Box::new(fetch),
            state,
            in_flight: None,
            prefetch,
            followed: HashSet::new(),
            hasher: RandomState::new(),
            empty_pages: 0,
            all_empty_pages: 0,
            items: 0,
            limit: ItemLimit::BATCH,
        }
    }

    /// Sets the maximum number of items, in place of that of a batch.
    pub(crate) fn limit(mut self, limit: ItemLimit) -> Self {
        self.limit = limit;
        self
    }

    /// Accepts a page and starts to fetch the next one if prefetching is on.
    fn advance(&mut self, start: PageStart, page: Page<T>) -> FetchedPage<T> {
        self.empty_pages = match page.items.is_empty() {
            true => self.empty_pages.saturating_add(1),
            false => 0,
        };
        self.all_empty_pages = self.all_empty_pages.saturating_add(u32::from(page.items.is_empty()));
        self.items = self.items.saturating_add(page.items.len() as u64);
        self.state = match page.next.filter(|next| !next.is_empty()) {
            None => State::Ended,
            Some(next) if next.len() > MAX_TOKEN_BYTES => State::Broken(Flaw::TokenTooLong(next.len())),
            Some(_) if self.empty_pages >= MAX_EMPTY_PAGES => State::Broken(Flaw::EmptyPages),
            Some(_) if self.all_empty_pages >= MAX_EMPTY_PAGES_OF_A_LIST => State::Broken(Flaw::EmptyPagesOfList),
            Some(_) if self.items >= self.limit.items => State::Broken(Flaw::TooManyItems(self.limit)),
            // A hash of 8 bytes per page keeps memory small for lists of many pages.
            Some(next) if !self.followed.insert(self.hasher.hash_one(&next)) => State::Broken(Flaw::TokenRepeats),
            Some(next) => State::Next(PageStart::Token(next)),
        };
        if let State::Next(next) = &self.state
            && self.prefetch.is_some_and(|largest| page.bytes <= largest)
        {
            self.in_flight = Some(PageFetch::spawned((self.fetch)(next.clone())));
        }
        FetchedPage {
            start,
            items: page.items,
        }
    }

    /// Returns whether no further page exists.
    pub(crate) fn is_ended(&self) -> bool {
        self.state == State::Ended
    }

    /// Ends the list, and cancels the page in flight.
    pub(crate) fn end(&mut self) {
        self.state = State::Ended;
        self.in_flight = None;
    }
}

// The fields are moved, never pinned in place.
impl<T> Unpin for CursorPages<T> {}

impl<T: Send + 'static> Stream for CursorPages<T> {
    type Item = Result<FetchedPage<T>>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        let start = match &this.state {
            State::Next(start) => start.clone(),
            State::Broken(flaw) => {
                let error = flaw.error();
                this.state = State::Ended;
                return Poll::Ready(Some(Err(error)));
            }
            State::Ended => return Poll::Ready(None),
        };
        let in_flight = this
            .in_flight
            .get_or_insert_with(|| PageFetch::polled((this.fetch)(start.clone())));
        let result = ready!(in_flight.poll(context));
        this.in_flight = None;
        Poll::Ready(Some(result.map(|page| this.advance(start, page))))
    }
}

impl<T> fmt::Debug for CursorPages<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            fetch: _,
            state,
            in_flight,
            prefetch,
            followed,
            hasher: _,
            empty_pages,
            all_empty_pages,
            items,
            limit: _,
        } = self;
        f.debug_struct("CursorPages")
            .field("state", state)
            .field("is_fetching", &in_flight.is_some())
            .field("prefetch", prefetch)
            .field("pages_followed", &followed.len())
            .field("empty_pages", empty_pages)
            .field("all_empty_pages", all_empty_pages)
            .field("items", items)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use futures_util::{FutureExt, StreamExt};

    use super::{BoxedPage, CursorPages, Page, PageStart};
    use crate::error::{Error, ErrorKind, Result};

    fn page(items: &[u32], next: Option<&str>) -> Result<Page<u32>> {
        Ok(Page {
            items: items.to_vec(),
            next: next.map(str::to_owned),
            total: None,
            bytes: 10,
        })
    }

    /// Returns a pager of these pages, each of which is served only to the token beside it.
    fn pages<const N: usize>(script: [(&'static str, Result<Page<u32>>); N]) -> CursorPages<u32> {
        let mut script = VecDeque::from(script);
        CursorPages::new(PageStart::First, None, move |start| -> BoxedPage<u32> {
            let (expected, page) = script.pop_front().expect("no further page is requested");
            let expected = match expected {
                "" => PageStart::First,
                token => PageStart::Token(token.to_owned()),
            };
            assert_eq!(start, expected);
            Box::pin(std::future::ready(page))
        })
    }

    fn drain(mut pages: CursorPages<u32>) -> Vec<Result<Vec<u32>, ErrorKind>> {
        let mut seen = Vec::new();
        while let Some(page) = pages.next().now_or_never().expect("the pages are ready") {
            seen.push(page.map(|page| page.items).map_err(|error| error.kind()));
        }
        assert!(pages.next().now_or_never().unwrap().is_none(), "it stays at its end");
        seen
    }

    #[test]
    fn absent_and_empty_tokens_both_end_the_list() {
        assert_eq!(drain(pages([("", page(&[1], None))])), [Ok(vec![1])]);
        assert_eq!(drain(pages([("", page(&[1], Some("")))])), [Ok(vec![1])]);
    }

    #[test]
    fn an_empty_page_with_a_token_is_not_the_end() {
        let script = [
            ("", page(&[], Some("a"))),
            ("a", page(&[], Some("b"))),
            ("b", page(&[1], None)),
        ];
        assert_eq!(drain(pages(script)), [Ok(vec![]), Ok(vec![]), Ok(vec![1])]);
    }

    #[test]
    fn a_repeated_token_is_an_error_after_its_page_and_then_the_end() {
        let to_itself = [("", page(&[1], Some("a"))), ("a", page(&[2], Some("a")))];
        assert_eq!(
            drain(pages(to_itself)),
            [Ok(vec![1]), Ok(vec![2]), Err(ErrorKind::Paging)]
        );
        let to_an_earlier_page = [
            ("", page(&[1], Some("a"))),
            ("a", page(&[2], Some("b"))),
            ("b", page(&[3], Some("a"))),
        ];
        assert_eq!(
            drain(pages(to_an_earlier_page)),
            [Ok(vec![1]), Ok(vec![2]), Ok(vec![3]), Err(ErrorKind::Paging)]
        );
    }

    #[test]
    fn a_list_of_mostly_empty_pages_is_an_error() {
        let mut fetched = 0;
        let pages = CursorPages::new(PageStart::First, None, move |_| -> BoxedPage<u32> {
            fetched += 1;
            let items: &[u32] = if fetched % 100 == 0 { &[7] } else { &[] };
            Box::pin(std::future::ready(page(items, Some(&format!("{fetched}")))))
        });
        let mut seen = drain(pages);
        assert_eq!(seen.pop(), Some(Err(ErrorKind::Paging)));
        assert_eq!(seen.len(), 1010, "ten of them have an item");
    }

    #[test]
    fn a_list_of_a_million_items_that_goes_on_is_an_error() {
        let mut fetched = 0;
        let pages = CursorPages::new(PageStart::First, None, move |_| -> BoxedPage<u32> {
            fetched += 1;
            let next = if fetched == 20 {
                String::new()
            } else {
                format!("{fetched}")
            };
            Box::pin(std::future::ready(page(&vec![7; 99_999], Some(&next))))
        });
        let mut seen = drain(pages);
        assert_eq!(seen.pop(), Some(Err(ErrorKind::Paging)));
        assert_eq!(seen.len(), 11, "1 099 989 items");
    }

    #[test]
    fn after_an_error_the_same_page_is_requested_again() {
        let failed = Err(Error::new(ErrorKind::Server, "server error (HTTP 503)"));
        let script = [("", page(&[1], Some("a"))), ("a", failed), ("a", page(&[2], None))];
        assert_eq!(drain(pages(script)), [Ok(vec![1]), Err(ErrorKind::Server), Ok(vec![2])]);
    }

    #[tokio::test]
    async fn the_next_page_is_fetched_ahead_and_only_that_one() {
        let (asked, mut seen) = tokio::sync::mpsc::unbounded_channel();
        let mut pages = CursorPages::new(PageStart::First, Some(10), move |start| -> BoxedPage<u32> {
            let asked = asked.clone();
            Box::pin(async move {
                asked.send(start.clone()).unwrap();
                page(&[1], Some(&format!("{start:?}+")))
            })
        });
        pages.next().await.unwrap().unwrap();
        assert_eq!(seen.recv().await, Some(PageStart::First));
        assert_eq!(seen.recv().await, Some(PageStart::Token("First+".to_owned())));
        tokio::task::yield_now().await;
        assert!(seen.try_recv().is_err(), "one page ahead and no further");
    }

    #[tokio::test]
    async fn no_page_is_fetched_ahead_while_a_large_one_is_in_memory() {
        let (asked, mut seen) = tokio::sync::mpsc::unbounded_channel();
        let mut pages = CursorPages::new(PageStart::First, Some(9), move |start| -> BoxedPage<u32> {
            asked.send(start).unwrap();
            Box::pin(std::future::ready(page(&[1], Some("a"))))
        });
        pages.next().await.unwrap().unwrap();
        assert_eq!(seen.recv().await, Some(PageStart::First));
        tokio::task::yield_now().await;
        assert!(seen.try_recv().is_err(), "the page is larger than 9 bytes");
        pages.next().await.unwrap().unwrap();
        assert_eq!(seen.try_recv(), Ok(PageStart::Token("a".to_owned())));
    }

    #[tokio::test]
    async fn dropping_the_stream_cancels_the_page_in_flight() {
        struct Cancelled(Option<tokio::sync::oneshot::Sender<()>>);
        impl Drop for Cancelled {
            fn drop(&mut self) {
                let _ = self.0.take().map(|sender| sender.send(()));
            }
        }
        let (sender, cancelled) = tokio::sync::oneshot::channel();
        let mut guard = Some(Cancelled(Some(sender)));
        let mut pages = CursorPages::new(PageStart::First, Some(10), move |start| -> BoxedPage<u32> {
            let guard = if start == PageStart::First { None } else { guard.take() };
            Box::pin(async move {
                if let Some(_guard) = guard {
                    return std::future::pending().await;
                }
                page(&[1], Some("a"))
            })
        });
        pages.next().await.unwrap().unwrap();
        drop(pages);
        let waited = tokio::time::timeout(std::time::Duration::from_secs(10), cancelled).await;
        waited
            .expect("the fetch ends within the limit")
            .expect("the fetch was dropped");
    }
}
