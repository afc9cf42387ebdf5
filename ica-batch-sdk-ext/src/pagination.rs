//! Following a list from page to page, whatever it is a list of.
//!
//! A pager is given a closure that fetches the page behind a token and knows nothing else. The end of a list is a
//! page without a token: absent, null and empty all occur. An empty page with a token is not the end. A page whose
//! token was followed before would lead in a circle, and is an error.

use std::collections::HashSet;
use std::fmt;
use std::future::Future;
use std::hash::{BuildHasher, RandomState};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::vec;

use futures_core::Stream;

use crate::error::{Error, ErrorKind, Result};

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// The elements on the page, possibly none.
    pub items: Vec<T>,
    /// The token of the next page. Absent or empty on the last one.
    pub next: Option<String>,
}

/// A page on its way.
pub(crate) type BoxedPage<T> = Pin<Box<dyn Future<Output = Result<Page<T>>> + Send>>;

type Fetch<T> = Box<dyn FnMut(Option<String>) -> BoxedPage<T> + Send>;

/// The elements of a list, page by page behind the scenes.
///
/// After an error, polling again asks for the same page again; after the end it stays at its end. Dropping it, or
/// a call to `next` that is not finished, loses nothing that was not handed out.
#[must_use = "a stream does nothing before it is polled"]
pub(crate) struct Pager<T> {
    fetch: Fetch<T>,
    state: State,
    pending: Option<BoxedPage<T>>,
    items: vec::IntoIter<T>,
    followed: HashSet<u64>,
    hasher: RandomState,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum State {
    /// The page behind this token is the next to fetch.
    Next(Option<String>),
    /// The page at hand names one that was fetched before as the next.
    Circle,
    /// There are no further pages.
    Ended,
}

impl<T> Pager<T> {
    /// Follows the list whose pages `fetch` fetches, the first by no token.
    pub(crate) fn new(fetch: impl FnMut(Option<String>) -> BoxedPage<T> + Send + 'static) -> Self {
        Self {
            fetch: Box::new(fetch),
            state: State::Next(None),
            pending: None,
            items: Vec::new().into_iter(),
            followed: HashSet::new(),
            hasher: RandomState::new(),
        }
    }

    /// Takes the page that the token led to, and where it leads.
    fn turn(&mut self, page: Page<T>) {
        self.items = page.items.into_iter();
        self.state = match page.next.filter(|next| !next.is_empty()) {
            // A hash for each page, so that a list of many pages is followed in little memory.
            Some(next) if !self.followed.insert(self.hasher.hash_one(&next)) => State::Circle,
            Some(next) => State::Next(Some(next)),
            None => State::Ended,
        };
    }
}

fn circle() -> Error {
    Error::new(
        ErrorKind::Paging,
        "a page names an earlier one as the next, so the list cannot be followed to its end",
    )
}

// The fields are moved out of and into, never pinned in place.
impl<T> Unpin for Pager<T> {}

impl<T> Stream for Pager<T> {
    type Item = Result<T>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        loop {
            if let Some(item) = this.items.next() {
                return Poll::Ready(Some(Ok(item)));
            }
            let token = match &this.state {
                State::Next(token) => token.clone(),
                State::Circle => {
                    this.state = State::Ended;
                    return Poll::Ready(Some(Err(circle())));
                }
                State::Ended => return Poll::Ready(None),
            };
            let pending = this.pending.get_or_insert_with(|| (this.fetch)(token));
            let result = ready!(pending.as_mut().poll(context));
            this.pending = None;
            match result {
                Ok(page) => this.turn(page),
                Err(error) => return Poll::Ready(Some(Err(error))),
            }
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let here = self.items.len();
        (here, (self.state == State::Ended).then_some(here))
    }
}

impl<T> fmt::Debug for Pager<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            fetch: _,
            state,
            pending,
            items,
            followed,
            hasher: _,
        } = self;
        f.debug_struct("Pager")
            .field("state", state)
            .field("is_fetching", &pending.is_some())
            .field("items_at_hand", &items.len())
            .field("pages_followed", &followed.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use futures_core::Stream;
    use futures_util::{FutureExt, StreamExt, TryStreamExt};

    use super::{BoxedPage, Page, Pager};
    use crate::error::{Error, ErrorKind, Result};

    fn page(items: &[u32], next: Option<&str>) -> Result<Page<u32>> {
        Ok(Page {
            items: items.to_vec(),
            next: next.map(str::to_owned),
        })
    }

    /// Hands out these pages, each only to the token in front of it.
    fn pager<const N: usize>(script: [(Option<&'static str>, Result<Page<u32>>); N]) -> Pager<u32> {
        let mut script = VecDeque::from(script);
        Pager::new(move |token| -> BoxedPage<u32> {
            let (expected, answer) = script.pop_front().expect("no further page is asked for");
            assert_eq!(token.as_deref(), expected);
            Box::pin(std::future::ready(answer))
        })
    }

    fn drain(pager: Pager<u32>) -> Result<Vec<u32>> {
        pager.try_collect().now_or_never().expect("the pages are at hand")
    }

    #[test]
    fn absent_and_empty_tokens_both_end_the_list() {
        assert_eq!(drain(pager([(None, page(&[1], None))])).unwrap(), [1]);
        assert_eq!(drain(pager([(None, page(&[1], Some("")))])).unwrap(), [1]);
    }

    #[test]
    fn an_empty_page_with_a_token_is_not_the_end() {
        let pages = [
            (None, page(&[], Some("a"))),
            (Some("a"), page(&[], Some("b"))),
            (Some("b"), page(&[1], None)),
        ];
        assert_eq!(drain(pager(pages)).unwrap(), [1]);
    }

    #[test]
    fn a_page_that_leads_back_is_handed_out_once_then_an_error_then_the_end() {
        let mut itself = pager([(None, page(&[1], Some("a"))), (Some("a"), page(&[2], Some("a")))]);
        let mut next = || itself.next().now_or_never().unwrap();
        assert_eq!(next().unwrap().unwrap(), 1);
        assert_eq!(next().unwrap().unwrap(), 2);
        assert_eq!(next().unwrap().unwrap_err().kind(), ErrorKind::Paging);
        assert!(next().is_none());

        let mut pager = pager([
            (None, page(&[1], Some("a"))),
            (Some("a"), page(&[2], Some("b"))),
            (Some("b"), page(&[3], Some("a"))),
        ]);
        let mut next = || pager.next().now_or_never().unwrap();
        assert_eq!(next().unwrap().unwrap(), 1);
        assert_eq!(next().unwrap().unwrap(), 2);
        assert_eq!(next().unwrap().unwrap(), 3);
        assert_eq!(next().unwrap().unwrap_err().kind(), ErrorKind::Paging);
        assert!(next().is_none());
        assert!(next().is_none());
    }

    #[test]
    fn after_an_error_the_same_page_is_asked_for_again() {
        let failed = Err(Error::new(ErrorKind::Server, "ICA answered 503"));
        let pages = [
            (None, page(&[1], Some("a"))),
            (Some("a"), failed),
            (Some("a"), page(&[2], None)),
        ];
        let mut pager = pager(pages);
        let mut next = || pager.next().now_or_never().unwrap();
        assert_eq!(next().unwrap().unwrap(), 1);
        assert_eq!(next().unwrap().unwrap_err().kind(), ErrorKind::Server);
        assert_eq!(next().unwrap().unwrap(), 2);
        assert!(next().is_none());
    }

    #[test]
    fn the_size_hint_promises_only_what_is_at_hand() {
        let mut pager = pager([(None, page(&[1, 2], Some("a"))), (Some("a"), page(&[3], None))]);
        assert_eq!(pager.size_hint(), (0, None));
        assert!(pager.next().now_or_never().is_some());
        assert_eq!(pager.size_hint(), (1, None));
        assert!(pager.next().now_or_never().is_some());
        assert!(pager.next().now_or_never().is_some());
        assert_eq!(pager.size_hint(), (0, Some(0)));
    }
}
