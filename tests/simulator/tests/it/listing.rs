//! Pages of items.

use std::collections::BTreeSet;
use std::time::Duration;

use ica_simulator::{EndOfList, Lifecycle, SeedOptions, Simulator};
use serde_json::Value;

use crate::support::{Api, V3, V4};

/// Returns the ids of the items of a page.
fn ids(page: &Value) -> Vec<String> {
    let items = page["items"].as_array().unwrap();
    items
        .iter()
        .map(|item| item["id"].as_str().unwrap().to_owned())
        .collect()
}

impl Api {
    /// Returns all pages of a list by cursor.
    async fn all_pages(&self, items: &str, query: &str) -> Vec<Value> {
        let mut pages = Vec::new();
        let mut path = format!("{items}?{query}");
        loop {
            let page = self.get(&path, V4).await.json();
            let next = page["nextPageToken"].as_str().unwrap_or_default().to_owned();
            pages.push(page);
            if next.is_empty() {
                return pages;
            }
            path = format!("{items}?{query}&pageToken={next}");
        }
    }
}

#[tokio::test]
async fn a_cursor_returns_every_item_once() {
    let api = Api::start();
    let items = api.seeded_items(95);
    for (size, pages) in [(1, 95), (7, 14), (20, 5), (94, 2), (95, 1), (96, 1), (1000, 1)] {
        let listed = api.all_pages(&items, &format!("pageSize={size}")).await;
        let ids: Vec<_> = listed.iter().flat_map(ids).collect();
        assert_eq!((listed.len(), ids.len()), (pages, 95), "pages of {size}");
        assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), 95);
    }
    assert_eq!(api.all_pages(&items, "").await.len(), 5);
}

#[tokio::test]
async fn a_cursor_is_complete_while_statuses_change() {
    let api = Api::with(Simulator::builder().lifecycle(Lifecycle::default().creation(Duration::from_secs(60))));
    let project = api.simulator.project_id().to_owned();
    let batch = api
        .simulator
        .seed_batch(&project, 50, SeedOptions::default().age(Duration::ZERO));
    let items = format!("{}/{batch}/items", api.batches_path());
    let mut seen = BTreeSet::new();
    let mut path = format!("{items}?pageSize=5");
    loop {
        let page = api.get(&path, V3).await.json();
        api.simulator.clock().advance(Duration::from_secs(20));
        for id in ids(&page) {
            assert!(seen.insert(id), "an item came twice");
        }
        let Some(next) = page["nextPageToken"].as_str() else {
            break;
        };
        path = format!("{items}?pageSize=5&pageToken={next}");
    }
    assert_eq!(seen.len(), 50);
}

#[tokio::test]
async fn remaining_records_are_approximate() {
    let api = Api::start();
    let pages = api.all_pages(&api.seeded_items(40), "pageSize=4").await;
    let reported: Vec<_> = pages
        .iter()
        .map(|page| page["remainingRecords"].as_u64().unwrap())
        .collect();
    let exact: Vec<_> = (0..10).rev().map(|page| page * 4).collect();
    assert_ne!(reported, exact);
    assert!(
        reported
            .iter()
            .zip(&exact)
            .all(|(reported, exact)| reported.abs_diff(*exact) <= 5)
    );
    assert!(*reported.last().unwrap() > 0, "the last page says that some remain");
    assert!(pages.iter().all(|page| page.get("totalItemCount").is_none()));
}

#[tokio::test]
async fn the_end_of_a_list_has_three_forms() {
    let end = async |style| {
        let api = Api::with(Simulator::builder().end_of_list(style));
        let items = api.seeded_items(1);
        let mut ends = Vec::new();
        for _ in 0..3 {
            ends.push(
                api.get(&items, V3)
                    .await
                    .json()
                    .get("nextPageToken")
                    .map(Value::to_string),
            );
        }
        ends
    };
    let (null, empty) = (Some("null".to_owned()), Some("\"\"".to_owned()));
    assert_eq!(end(EndOfList::Absent).await, [None, None, None]);
    assert_eq!(end(EndOfList::Null).await, [null.clone(), null.clone(), null.clone()]);
    assert_eq!(
        end(EndOfList::Empty).await,
        [empty.clone(), empty.clone(), empty.clone()]
    );
    assert_eq!(end(EndOfList::Cycle).await, [None, null, empty]);
}

#[tokio::test]
async fn an_offset_returns_rows_and_their_total() {
    let api = Api::start();
    let items = api.seeded_items(25);
    let mut seen = Vec::new();
    for offset in [0, 10, 20, 30] {
        let page = api
            .get(&format!("{items}?pageOffset={offset}&pageSize=10"), V4)
            .await
            .json();
        assert_eq!(page["totalItemCount"], 25);
        assert!(page.get("nextPageToken").is_none());
        seen.extend(ids(&page));
    }
    assert_eq!(seen.len(), 25);
    assert_eq!(seen.iter().collect::<BTreeSet<_>>().len(), 25);
}

#[tokio::test]
async fn unstable_offsets_repeat_and_miss_rows() {
    let api = Api::with(Simulator::builder().unstable_offsets(true));
    let items = api.seeded_items(40);
    let mut seen = Vec::new();
    for offset in [0, 10, 20, 30] {
        seen.extend(ids(&api
            .get(&format!("{items}?pageOffset={offset}&pageSize=10"), V4)
            .await
            .json()));
    }
    let different = seen.iter().collect::<BTreeSet<_>>().len();
    assert!(different < seen.len(), "a row is repeated");
    assert!(different < 40, "a row is missed");
}

#[tokio::test]
async fn invalid_paging_is_refused() {
    let api = Api::with(Simulator::builder().max_page_size(Some(1000)));
    let items = api.seeded_items(30);
    let token = api.get(&items, V4).await.json()["nextPageToken"]
        .as_str()
        .unwrap()
        .to_owned();
    let other = api.seeded_items(30);
    let refused = (400, "ICA_API_002".to_owned());
    for query in [
        "pageSize=0".to_owned(),
        "pageSize=many".to_owned(),
        "pageSize=1001".to_owned(),
        "pageToken=".to_owned(),
        "pageToken=made-up".to_owned(),
        format!("pageToken={token}&pageOffset=0"),
        format!("pageToken={token}&status=FAILED"),
        "pageOffset=-1".to_owned(),
        "pageOffset=199500&pageSize=501".to_owned(),
    ] {
        assert_eq!(
            api.get(&format!("{items}?{query}"), V4).await.refusal(),
            refused,
            "{query}"
        );
    }
    assert_eq!(
        api.get(&format!("{other}?pageToken={token}"), V4).await.refusal(),
        refused
    );
    assert_eq!(
        api.get(&format!("{items}?pageToken={token}&pageSize=3"), V4)
            .await
            .status,
        200
    );
    assert_eq!(
        api.get(&format!("{items}?pageOffset=199500&pageSize=500"), V4)
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn items_are_filtered_by_status() {
    let api = Api::with(Simulator::builder().lifecycle(Lifecycle::default().creation_failure_share(0.3)));
    let items = api.seeded_items(100);
    let count = async |query: &str| {
        let pages = api.all_pages(&items, &format!("pageSize=7&{query}")).await;
        pages.iter().flat_map(ids).collect::<BTreeSet<_>>().len()
    };
    let (failed, succeeded) = (count("status=FAILED").await, count("status=SUCCEEDED").await);
    assert!(failed > 0 && succeeded > 0);
    assert_eq!(failed + succeeded, 100);
    assert_eq!(count("status=FAILED&status=SUCCEEDED").await, 100);
    assert_eq!(count("status=RUNNING").await, 0);
    let page = api.get(&format!("{items}?status=FAILED&pageOffset=0"), V3).await.json();
    assert_eq!(page["totalItemCount"], failed);
    for invalid in ["DONE", "FAILED,RUNNING", "failed", ""] {
        assert_eq!(
            api.get(&format!("{items}?status={invalid}"), V4).await.status,
            400,
            "{invalid}"
        );
    }
}

#[tokio::test]
async fn an_item_is_as_large_as_a_real_one() {
    let api = Api::start();
    let items = api.seeded_items(100);
    for version in [V3, V4] {
        let bytes = api.get(&format!("{items}?pageSize=100"), version).await.body.len() / 100;
        assert!((1800..3200).contains(&bytes), "{bytes}");
    }
    let page = api.get(&format!("{items}?pageSize=100"), V4).await.json();
    let analyses: Vec<_> = page["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| &item["createdAnalysis"])
        .collect();
    let fractions = analyses
        .iter()
        .filter(|a| a["timeCreated"].as_str().unwrap().contains('.'))
        .count();
    assert!((1..100).contains(&fractions), "times come with and without fractions");
    assert!(
        analyses
            .iter()
            .all(|analysis| analysis["reference"].as_str().unwrap().contains(' '))
    );
}
