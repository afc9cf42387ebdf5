//! Page after page by the cursor.
//!
//! The end of a list is a page without a token: absent, null and empty all occur. An empty page with a token is not the
//! end. A page whose token was followed before would lead in a circle, and is an error.

use std::collections::HashSet;
use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;

use super::flight::Flight;
use super::{BoxedPage, Fetch, Fetched, Page, PageAt};
use crate::error::{Error, ErrorKind, Result};

/// The pages of a list, one after the other.
///
/// After an error, polling again asks for the same page again; after the end it stays at its end. Dropping it cancels
/// the page that is on its way.
#[must_use = "a stream does nothing before it is polled"]
pub(crate) struct CursorPages<T> {
    fetch: Fetch<T>,
    state: State,
    flight: Option<Flight<T>>,
    /// Whether the next page is fetched while the caller is busy with this one.
    prefetch: bool,
    followed: HashSet<u64>,
    hasher: RandomState,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum State {
    /// The page here is the next to fetch.
    Next(PageAt),
    /// The last page named one that was fetched before as the next.
    Circle,
    /// There are no further pages.
    Ended,
}

impl<T: Send + 'static> CursorPages<T> {
    /// Follows the list from this page on.
    pub(crate) fn new(at: PageAt, prefetch: bool, fetch: impl FnMut(PageAt) -> BoxedPage<T> + Send + 'static) -> Self {
        Self {
            fetch: Box::new(fetch),
            state: State::Next(at),
            flight: None,
            prefetch,
            followed: HashSet::new(),
            hasher: RandomState::new(),
        }
    }

    /// Takes the page here, and sets out for where it leads.
    fn turn(&mut self, at: PageAt, page: Page<T>) -> Fetched<T> {
        self.state = match page.next.filter(|next| !next.is_empty()) {
            // A hash for each page, so that a list of many pages is followed in little memory.
            Some(next) if !self.followed.insert(self.hasher.hash_one(&next)) => State::Circle,
            Some(next) => State::Next(PageAt::Token(next)),
            None => State::Ended,
        };
        if let State::Next(next) = &self.state
            && self.prefetch
        {
            self.flight = Some(Flight::ahead((self.fetch)(next.clone())));
        }
        Fetched { at, items: page.items }
    }

    /// Whether there is nothing more to fetch.
    pub(crate) fn is_ended(&self) -> bool {
        self.state == State::Ended
    }
}

fn circle() -> Error {
    Error::new(
        ErrorKind::Paging,
        "a page names an earlier one as the next, so the list cannot be followed to its end",
    )
}

// The fields are moved out of and into, never pinned in place.
impl<T> Unpin for CursorPages<T> {}

impl<T: Send + 'static> Stream for CursorPages<T> {
    type Item = Result<Fetched<T>>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        let at = match &this.state {
            State::Next(at) => at.clone(),
            State::Circle => {
                this.state = State::Ended;
                return Poll::Ready(Some(Err(circle())));
            }
            State::Ended => return Poll::Ready(None),
        };
        let flight = this
            .flight
            .get_or_insert_with(|| Flight::polled((this.fetch)(at.clone())));
        let result = ready!(flight.poll(context));
        this.flight = None;
        Poll::Ready(Some(result.map(|page| this.turn(at, page))))
    }
}

impl<T> fmt::Debug for CursorPages<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            fetch: _,
            state,
            flight,
            prefetch,
            followed,
            hasher: _,
        } = self;
        f.debug_struct("CursorPages")
            .field("state", state)
            .field("is_fetching", &flight.is_some())
            .field("prefetch", prefetch)
            .field("pages_followed", &followed.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use futures_util::{FutureExt, StreamExt};

    use super::{BoxedPage, CursorPages, Page, PageAt};
    use crate::error::{Error, ErrorKind, Result};

    fn page(items: &[u32], next: Option<&str>) -> Result<Page<u32>> {
        Ok(Page {
            items: items.to_vec(),
            next: next.map(str::to_owned),
            total: None,
        })
    }

    /// Hands out these pages, each only to the token in front of it.
    fn pages<const N: usize>(script: [(&'static str, Result<Page<u32>>); N]) -> CursorPages<u32> {
        let mut script = VecDeque::from(script);
        CursorPages::new(PageAt::Start, false, move |at| -> BoxedPage<u32> {
            let (expected, answer) = script.pop_front().expect("no further page is asked for");
            let expected = match expected {
                "" => PageAt::Start,
                token => PageAt::Token(token.to_owned()),
            };
            assert_eq!(at, expected);
            Box::pin(std::future::ready(answer))
        })
    }

    fn drain(mut pages: CursorPages<u32>) -> Vec<Result<Vec<u32>, ErrorKind>> {
        let mut seen = Vec::new();
        while let Some(page) = pages.next().now_or_never().expect("the pages are at hand") {
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
    fn a_page_that_leads_back_is_handed_out_once_then_an_error_then_the_end() {
        let itself = [("", page(&[1], Some("a"))), ("a", page(&[2], Some("a")))];
        assert_eq!(drain(pages(itself)), [Ok(vec![1]), Ok(vec![2]), Err(ErrorKind::Paging)]);
        let round = [
            ("", page(&[1], Some("a"))),
            ("a", page(&[2], Some("b"))),
            ("b", page(&[3], Some("a"))),
        ];
        assert_eq!(
            drain(pages(round)),
            [Ok(vec![1]), Ok(vec![2]), Ok(vec![3]), Err(ErrorKind::Paging)]
        );
    }

    #[test]
    fn after_an_error_the_same_page_is_asked_for_again() {
        let failed = Err(Error::new(ErrorKind::Server, "ICA answered 503"));
        let script = [("", page(&[1], Some("a"))), ("a", failed), ("a", page(&[2], None))];
        assert_eq!(drain(pages(script)), [Ok(vec![1]), Err(ErrorKind::Server), Ok(vec![2])]);
    }

    #[tokio::test]
    async fn the_next_page_is_fetched_ahead_and_only_that_one() {
        let (asked, mut seen) = tokio::sync::mpsc::unbounded_channel();
        let mut pages = CursorPages::new(PageAt::Start, true, move |at| -> BoxedPage<u32> {
            let asked = asked.clone();
            Box::pin(async move {
                asked.send(at.clone()).unwrap();
                page(&[1], Some(&format!("{at:?}+")))
            })
        });
        pages.next().await.unwrap().unwrap();
        assert_eq!(seen.recv().await, Some(PageAt::Start));
        assert_eq!(seen.recv().await, Some(PageAt::Token("Start+".to_owned())));
        tokio::task::yield_now().await;
        assert!(seen.try_recv().is_err(), "one page ahead and no further");
    }

    #[tokio::test]
    async fn dropping_the_stream_cancels_the_page_on_its_way() {
        struct Cancelled(Option<tokio::sync::oneshot::Sender<()>>);
        impl Drop for Cancelled {
            fn drop(&mut self) {
                let _ = self.0.take().map(|sender| sender.send(()));
            }
        }
        let (sender, cancelled) = tokio::sync::oneshot::channel();
        let mut guard = Some(Cancelled(Some(sender)));
        let mut pages = CursorPages::new(PageAt::Start, true, move |at| -> BoxedPage<u32> {
            let guard = if at == PageAt::Start { None } else { guard.take() };
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
            .expect("it is not waited for in vain")
            .expect("the fetch was dropped");
    }
}
