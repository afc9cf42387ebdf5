//! Lists that a server never wants to end. Each test counts the requests.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures_util::{StreamExt, TryStreamExt};
use ica_batch_sdk_ext::clock::ManualClock;
use ica_batch_sdk_ext::retry::RetryPolicy;
use ica_batch_sdk_ext::{
    AnalysisCreation, Batch, ClientBuilder, Error, ErrorKind, RetryStopReason, SampleCreation, Uuid,
};
use serde_json::{Value, json};

use super::replies::{batch, item, page, page_of};
use super::server::{HostileServer, PROJECT, Received, Reply};

const MINUTE: Duration = Duration::from_secs(60);

/// Number of empty pages in a row that end a list.
const EMPTY_PAGES: usize = 100;

/// Number of lists after which a server refuses, so that a test of a list without end fails.
const MOST_LISTS: u64 = 1000;

fn id() -> Uuid {
    Uuid::from_u128(7)
}

fn of(client: ClientBuilder) -> Batch<AnalysisCreation> {
    client.build().unwrap().project(PROJECT).unwrap().batch(id())
}

/// Starts a server that responds to each list with this function of the number of lists before it,
/// and to each batch with the batch that was asked for.
async fn lists(mut list: impl FnMut(u64, &Received) -> Reply + Send + 'static) -> HostileServer {
    let mut lists = 0;
    HostileServer::start(move |request| {
        if !request.target.contains("/items") {
            return batch(id().as_u128());
        }
        lists += 1;
        if lists > MOST_LISTS {
            return Reply::json(500, "{}");
        }
        list(lists - 1, request)
    })
    .await
}

/// Returns the token of a page.
fn token(number: u64) -> String {
    format!("token-{number}")
}

/// Starts a server whose pages have no items and ever new tokens.
async fn empty_pages() -> HostileServer {
    lists(|number, _| page(&[], Some(&token(number)))).await
}

fn assert_paging(error: &Error, text: &str) {
    assert_eq!(error.kind(), ErrorKind::Paging, "{error}");
    let shown = error.to_string();
    assert!(shown.contains(text) && shown.contains(&id().to_string()), "{error}");
}

#[tokio::test]
async fn empty_pages_with_ever_new_tokens_end_every_list() {
    const TEXT: &str = "the server returned 100 pages without items in a row";
    for prefetch in [true, false] {
        let server = empty_pages().await;
        let mut items = of(server.client()).items().prefetch(prefetch).stream();
        assert_paging(&items.next().await.unwrap().unwrap_err(), TEXT);
        assert!(items.next().await.is_none());
        assert_eq!(server.received().len(), EMPTY_PAGES);
    }
    let server = empty_pages().await;
    let mut pages = of(server.client()).items().summaries().pages();
    assert_paging(&pages.next().await.unwrap().unwrap_err(), TEXT);

    let server = empty_pages().await;
    assert_paging(&of(server.client()).items().first().await.unwrap_err(), TEXT);
    assert_eq!(server.received().len(), EMPTY_PAGES);

    let server = empty_pages().await;
    assert_paging(&of(server.client()).items().count().await.unwrap_err(), TEXT);
    assert_eq!(server.received().len(), 1 + EMPTY_PAGES);

    let server = empty_pages().await;
    assert_paging(&of(server.client()).wait().await.unwrap_err(), TEXT);
    assert_eq!(server.received().len(), 1 + EMPTY_PAGES, "the batch, and one list");

    let server = empty_pages().await;
    let project = server.client().build().unwrap().project(PROJECT).unwrap();
    let samples: Batch<SampleCreation> = project.sample_batch(id());
    assert_paging(&samples.items().stream().next().await.unwrap().unwrap_err(), TEXT);
}

#[tokio::test]
async fn an_item_between_empty_pages_starts_the_count_again() {
    let server = lists(|number, _| match number {
        99 | 199 => page(&[item(number.into(), "a")], Some(&token(number))),
        298 => page(&[], None),
        _ => page(&[], Some(&token(number))),
    })
    .await;
    let items = of(server.client()).items().stream().try_collect::<Vec<_>>();
    assert_eq!(items.await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_long_page_token_names_the_server_and_is_not_kept() {
    for bytes in [8 * 1024 + 1, 10_000_000] {
        let start = json!({ "items": [item(1, "a")], "nextPageToken": "" }).to_string();
        let start = start.strip_suffix("\"}").unwrap().to_owned();
        let server = lists(move |_, _| Reply::repeated(200, &start, "t", bytes, "\"}")).await;
        let mut items = of(server.client()).items().stream();
        items.try_next().await.unwrap().unwrap();
        let error = items.try_next().await.unwrap_err();
        assert_paging(&error, &format!("the server returned a page token of {bytes} bytes"));
        let shown = format!("{error} {error:?} {items:?}");
        assert!(shown.len() < 4000 && !shown.contains("tttt"), "{}", shown.len());
        assert!(serde_json::to_string(&items.checkpoint()).unwrap().len() < 1000);
        assert!(items.next().await.is_none());
        assert_eq!(server.received().len(), 1);
    }
    let longest = "t".repeat(8 * 1024);
    let server = lists(move |number, request| match number {
        0 => page(&[item(1, "a")], Some(&longest)),
        _ => {
            assert_eq!(request.query("pageToken").map(str::len), Some(8 * 1024));
            page(&[item(2, "b")], None)
        }
    })
    .await;
    let items = of(server.client()).items().stream().try_collect::<Vec<_>>();
    assert_eq!(items.await.unwrap().len(), 2);
}

#[tokio::test]
async fn the_same_items_behind_ever_new_tokens_end_the_list() {
    let server = lists(|number, _| page(&[item(1, "a"), item(2, "b")], Some(&token(number)))).await;
    let mut items = of(server.client()).items().prefetch(false).stream();
    for _ in 0..2 {
        items.try_next().await.unwrap().unwrap();
    }
    let first = Uuid::from_u128(1);
    assert_paging(
        &items.try_next().await.unwrap_err(),
        &format!("two pages begin with the same item, {first}"),
    );
    assert!(items.next().await.is_none());
    assert_eq!(server.received().len(), 2);
}

/// A server that has five items, and returns them in another order each time.
#[tokio::test]
async fn a_list_has_no_more_pages_than_distinct_items() {
    let server = lists(|number, _| {
        let items = (0..5).map(|place| item(u128::from((number + place) % 5), "a"));
        page(&items.collect::<Vec<_>>(), Some(&token(number)))
    })
    .await;
    let mut pages = of(server.client()).items().prefetch(false).pages();
    let mut read = 0;
    let error = loop {
        match pages.try_next().await {
            Ok(page) => read += page.map_or(0, |_| 1),
            Err(error) => break error,
        }
        assert!(read <= 5);
    };
    assert_paging(&error, "two pages begin with the same item");
    assert_eq!((read, server.received().len()), (5, 6));
}

/// Starts a server with ever new items. Each page takes a minute of this clock.
async fn endless(clock: &ManualClock, empty: bool) -> HostileServer {
    let clock = clock.clone();
    lists(move |number, _| {
        clock.advance(MINUTE);
        let items = if empty { vec![] } else { vec![item(number.into(), "a")] };
        page(&items, Some(&token(number)))
    })
    .await
}

#[tokio::test]
async fn the_deadline_of_a_list_is_checked_before_every_page() {
    for empty in [true, false] {
        let clock = ManualClock::new();
        let server = endless(&clock, empty).await;
        let batch = of(server.client().clock(clock.clone()));
        let list = batch.items().prefetch(false).list_deadline(10 * MINUTE);
        let mut items = list.clone().stream();
        let mut read = 0;
        let error = loop {
            match items.try_next().await {
                Ok(item) => read += item.map_or(0, |_| 1),
                Err(error) => break error,
            }
        };
        assert!(error.is_timeout());
        assert_eq!(
            error.to_string(),
            format!(
                "could not list the items of analysis batch {}: the deadline of the list (600s) has passed; \
                 resume the list from its checkpoint, or allow more time with list_deadline",
                id()
            )
        );
        assert!(items.next().await.is_none(), "the deadline ends the stream");
        assert_eq!(server.received().len(), 10);
        let checkpoint = items.checkpoint();
        assert!(!checkpoint.is_end());
        // The page that arrives with the deadline is not returned.
        assert_eq!(read, if empty { 0 } else { 9 });

        // The checkpoint continues, with a deadline of its own.
        let rest = list.resume(checkpoint).unwrap().try_collect::<Vec<_>>().await;
        assert!(rest.unwrap_err().is_timeout());
        assert_eq!(server.received().len(), 20);
        assert_eq!(
            server.received()[10].query("pageToken"),
            server.received()[8].query("pageToken")
        );
    }
}

#[tokio::test]
async fn the_deadline_of_a_list_ends_first_count_offsets_and_prefetch() {
    let clock = ManualClock::new();
    let server = endless(&clock, true).await;
    let batch = of(server.client().clock(clock.clone()));
    let list = || batch.items().list_deadline(10 * MINUTE);
    assert!(list().first().await.unwrap_err().is_timeout());
    assert_eq!(server.received().len(), 10);
    assert!(list().count().await.unwrap_err().is_timeout());
    assert_eq!(server.received().len(), 20, "the request for the number counts, too");
    assert!(
        list()
            .list_deadline(Duration::ZERO)
            .count()
            .await
            .unwrap_err()
            .is_timeout()
    );
    assert_eq!(server.received().len(), 20);

    let server = endless(&clock, false).await;
    let batch = of(server.client().clock(clock.clone()));
    let items = batch
        .items()
        .list_deadline(10 * MINUTE)
        .stream()
        .try_collect::<Vec<_>>();
    assert!(items.await.unwrap_err().is_timeout());
    assert!(server.received().len() <= 11);

    let (of_page, started) = (clock.clone(), AtomicU64::new(0));
    let server = lists(move |_, _| {
        of_page.advance(MINUTE);
        page_of(&[item(started.fetch_add(1, Ordering::Relaxed).into(), "a")], 200_000)
    })
    .await;
    let batch = of(server.client().clock(clock.clone()));
    let items = batch.items().page_size(1).offset(0).list_deadline(10 * MINUTE);
    let mut items = items.concurrency(4).stream();
    let error = loop {
        if let Err(error) = items.try_next().await {
            break error;
        }
    };
    assert!(
        error.is_timeout() && error.to_string().contains("the deadline of the list"),
        "{error}"
    );
    assert!(items.next().await.is_none());
    assert!(server.received().len() <= 10 + 4);
}

#[tokio::test]
async fn no_page_may_take_longer_than_the_list_has_left() {
    let server = lists(|_, _| Reply::json(503, "{}").header("retry-after", "61")).await;
    let client = server.client().clock(ManualClock::new()).retry(RetryPolicy::default());
    let list = of(client).items().deadline(60 * MINUTE).list_deadline(MINUTE);
    let error = list.first().await.unwrap_err();
    let stopped = RetryStopReason::RetryAfterTooLong {
        requested: Duration::from_secs(61),
        remaining: MINUTE,
    };
    assert_eq!(error.retry_stop_reason(), Some(stopped));
    assert_eq!(server.received().len(), 1);
}

#[tokio::test]
async fn a_wait_ends_at_its_deadline_whatever_the_pages_contain() {
    for empty in [true, false] {
        let clock = ManualClock::new();
        let server = endless(&clock, empty).await;
        let batch = of(server.client().clock(clock.clone()));
        let error = batch.wait().deadline(10 * MINUTE).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::WaitTimeout, "{error}");
        assert!(server.received().len() <= 1 + 11, "{}", server.received().len());
    }
}

/// Reads a list by offset in pages of this size, and returns its rows or its error.
async fn by_offset(server: &HostileServer, size: u64, concurrency: usize) -> Result<usize, Error> {
    let items = of(server.client()).items().page_size(size).offset(0);
    let items = items.concurrency(concurrency).stream().try_collect::<Vec<_>>();
    items.await.map(|items| items.len())
}

#[tokio::test]
async fn a_number_of_rows_that_is_not_true_ends_a_list_by_offset() {
    // As many rows as can be claimed.
    let server = lists(|_, _| page_of(&[item(1, "a")], i64::MAX)).await;
    let error = by_offset(&server, 1000, 4).await.unwrap_err();
    assert!(
        error.is_invalid_input() && error.to_string().contains("use the cursor"),
        "{error}"
    );
    assert_eq!(server.received().len(), 1);

    let server = lists(|_, _| Reply::json(200, r#"{"items":[],"totalItemCount":18446744073709551615}"#)).await;
    assert_eq!(
        by_offset(&server, 1000, 4).await.unwrap_err().kind(),
        ErrorKind::Unreadable
    );

    // A negative number counts as absent: a page that is not full is the last one.
    let server = lists(|_, _| page_of(&[item(1, "a")], i64::MIN)).await;
    assert_eq!(by_offset(&server, 1000, 4).await.unwrap(), 1);
    assert_eq!(server.received().len(), 1);

    // Rows that never come.
    for concurrency in [1, 8] {
        let server = lists(|_, _| page_of(&[], 200_000)).await;
        let error = by_offset(&server, 1, concurrency).await.unwrap_err();
        assert_paging(&error, "100 pages without items in a row");
        assert!(server.received().len() <= EMPTY_PAGES + concurrency);
    }

    // One row, repeated. Then ever new rows, of ever more.
    let server = lists(|_, _| page_of(&[item(1, "a")], 200_000)).await;
    assert_eq!(by_offset(&server, 1000, 4).await.unwrap(), 1);
    assert_eq!(server.received().len(), 200);
    let server = lists(|number, _| page_of(&[item(number.into(), "a")], 2000 * (number as i64 + 1))).await;
    let error = by_offset(&server, 1000, 4).await.unwrap_err();
    assert!(
        error.is_invalid_input() && error.to_string().contains("use the cursor"),
        "{error}"
    );
    assert_eq!(server.received().len(), 200);
}

#[tokio::test]
async fn a_page_with_more_items_than_were_asked_for_is_an_error_with_both_numbers() {
    let items: Arc<[Value]> = (0..5).map(|id| item(id, "a")).collect();
    let total = Arc::clone(&items);
    let server = lists(move |_, _| page_of(&total, 5)).await;
    let batch = of(server.client());
    let errors = [
        (
            batch.items().page_size(4).stream().next().await.unwrap().unwrap_err(),
            4,
        ),
        (
            batch
                .items()
                .summaries()
                .page_size(4)
                .stream()
                .next()
                .await
                .unwrap()
                .unwrap_err(),
            4,
        ),
        (
            batch
                .items()
                .page_size(3)
                .offset(0)
                .stream()
                .next()
                .await
                .unwrap()
                .unwrap_err(),
            3,
        ),
        (batch.items().first().await.unwrap_err(), 1),
    ];
    for (error, asked) in errors {
        assert_paging(
            &error,
            &format!("the server returned a page of 5 items, and at most {asked} were asked for"),
        );
        assert_eq!((error.status(), error.attempts()), (Some(200), 1));
    }
    let all = batch.items().page_size(5).stream().try_collect::<Vec<_>>();
    assert_eq!(all.await.unwrap().len(), 5);
}
