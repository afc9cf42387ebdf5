//! Waits for a batch whose items the server makes up.

use std::time::Duration;

use ica_batch_sdk_ext::clock::ManualClock;
use ica_batch_sdk_ext::{ErrorKind, Uuid};

use super::server::{HostileServer, PROJECT, Reply};

/// Number of items in a page.
const ITEMS: usize = 100_000;

#[tokio::test]
async fn a_wait_ends_when_each_poll_has_other_items() {
    let item = |number: usize| {
        format!(
            r#"{{"id":"PREFIX00-0000-0000-0000-{number:012}","request":{{"userReference":"a"}},"processing":{{"status":"RUNNING"}}}}"#
        )
    };
    let items = (0..ITEMS).map(item).collect::<Vec<_>>().join(",");
    let page = format!(r#"{{"items":[{items}]}}"#);
    let mut lists = 0;
    let server = HostileServer::start(move |received| {
        if !received.target.contains("/items") {
            return Reply::json(200, format!(r#"{{"id":"{}"}}"#, Uuid::nil()));
        }
        lists += 1;
        Reply::json(200, page.replace("PREFIX", &format!("{lists:06}")))
    })
    .await;
    let client = server.client().clock(ManualClock::new()).build().unwrap();
    let batch = client.project(PROJECT).unwrap().batch(Uuid::nil());
    let wait = batch.wait().page_size(ITEMS as u64).deadline(Duration::MAX);
    let error = wait.await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Paging, "{error}");
    assert!(
        error.to_string().contains("more than 1000000 different items"),
        "{error}"
    );
    let lists = server
        .received()
        .iter()
        .filter(|received| received.target.contains("/items"))
        .count();
    assert_eq!(lists, 11);
}
