//! A few calls at a time.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::Poll;

/// Makes these calls, at most `most` of them at a time, and hands over each answer as it comes. Ends at the first error; dropping it
/// cancels the calls that are on their way.
pub(super) async fn together<T, E, Call>(
    calls: impl IntoIterator<Item = Call>,
    most: usize,
    mut done: impl FnMut(T),
) -> Result<(), E>
where
    Call: Future<Output = Result<T, E>> + Send,
{
    let mut calls = calls.into_iter().map(Box::pin);
    let mut under_way = calls.by_ref().take(most).collect::<Vec<Pin<Box<Call>>>>();
    poll_fn(|context| {
        let mut at = 0;
        while let Some(call) = under_way.get_mut(at) {
            match call.as_mut().poll(context) {
                Poll::Pending => at += 1,
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                Poll::Ready(Ok(answer)) => {
                    done(answer);
                    match calls.next() {
                        Some(next) => under_way[at] = next,
                        None => drop(under_way.swap_remove(at)),
                    }
                }
            }
        }
        if under_way.is_empty() {
            Poll::Ready(Ok(()))
        } else {
            Poll::Pending
        }
    })
    .await
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::together;

    #[tokio::test]
    async fn every_call_is_made_once_and_no_more_at_a_time_than_asked_for() {
        let (now, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        for number in [0, 1, 3, 4, 50] {
            let calls = (0..number).map(|n| {
                let (now, most) = (&now, &most);
                async move {
                    most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                    for _ in 0..n % 3 {
                        tokio::task::yield_now().await;
                    }
                    now.fetch_sub(1, Ordering::SeqCst);
                    Ok::<_, ()>(n)
                }
            });
            let mut done = Vec::new();
            together(calls, 3, |n| done.push(n)).await.unwrap();
            done.sort_unstable();
            assert_eq!(done, (0..number).collect::<Vec<_>>());
        }
        assert_eq!(most.load(Ordering::SeqCst), 3);
    }

    #[tokio::test]
    async fn the_first_error_ends_it() {
        let made = Cell::new(0);
        let calls = (0..10).map(|n| {
            made.set(made.get() + 1);
            std::future::ready(if n == 4 { Err("no") } else { Ok(n) })
        });
        assert_eq!(together(calls, 2, |_| {}).await, Err("no"));
        assert!(made.get() < 8);
    }
}
