//! Lists of samples, their version and their credentials.

use std::collections::BTreeSet;
use std::time::Duration;

use ica_simulator::{Family, Lifecycle, SeedOptions, Simulator};
use reqwest::Method;

use crate::support::{Api, V3, V4, samples};

fn wrong_version() -> (u16, String) {
    (400, "ICA_API_004".to_owned())
}

#[tokio::test]
async fn items_are_filtered_by_every_status_and_paged() {
    let shares = Lifecycle::default()
        .creation_failure_share(0.3)
        .partial_creation_share(0.3);
    let api = Api::with(Simulator::builder().lifecycle(shares));
    let items = api.seeded_items_of(Family::Sample, 100);
    let list = async |query: &str| {
        let mut ids = BTreeSet::new();
        let mut path = format!("{items}?pageSize=7&{query}");
        loop {
            let page = api.get(&path, V3).await.json();
            for item in page["items"].as_array().unwrap() {
                let new = ids.insert(item["id"].as_str().unwrap().to_owned());
                assert!(new, "an item came twice");
            }
            let Some(token) = page["nextPageToken"].as_str() else {
                return ids.len();
            };
            path = format!("{items}?pageSize=7&{query}&pageToken={token}");
        }
    };
    let (failed, partly) = (list("status=FAILED").await, list("status=PARTIALLY_SUCCEEDED").await);
    let succeeded = list("status=SUCCEEDED").await;
    assert!(failed > 0 && partly > 0 && succeeded > 0);
    assert_eq!(failed + partly + succeeded, 100);
    assert_eq!(list("").await, 100);
    assert_eq!(list("status=FAILED&status=PARTIALLY_SUCCEEDED").await, failed + partly);
    for none in ["INITIALIZED", "WAITING_RESOURCES", "RUNNING", "STOPPED"] {
        assert_eq!(list(&format!("status={none}")).await, 0, "{none}");
    }
    let page = api.get(&format!("{items}?status=FAILED&pageOffset=0"), V3).await;
    assert_eq!(page.json()["totalItemCount"], failed);
    for invalid in ["DONE", "failed", "", "WAITING_FOR_RESOURCES"] {
        let refused = api.get(&format!("{items}?status={invalid}"), V3).await;
        assert_eq!(refused.refusal(), (400, "ICA_API_001".to_owned()), "{invalid}");
    }
    let refused = api.get(&format!("{items}?pageOffset=199500&pageSize=501"), V3).await;
    assert_eq!(refused.refusal(), (400, "ICA_API_002".to_owned()));
    // Analyses do not have all of these statuses.
    let analyses = format!("{}?status=PARTIALLY_SUCCEEDED", api.seeded_items(1));
    assert_eq!(api.get(&analyses, V3).await.status, 400);
}

#[tokio::test]
async fn samples_have_only_v3() {
    let api = Api::start();
    let items = api.seeded_items_of(Family::Sample, 1);
    let batch = items.trim_end_matches("/items").to_owned();
    let id = api.get(&items, V3).await.json()["items"][0]["id"].clone();
    let item = format!("{items}/{}", id.as_str().unwrap());
    for path in [&batch, &items, &item] {
        assert_eq!(api.get(path, V4).await.refusal(), wrong_version(), "{path}");
        assert_eq!(api.get(path, V3).await.header("content-type"), V3);
        assert_eq!(api.get(path, "*/*").await.header("content-type"), V3);
    }
    let key = ("x-api-key", api.simulator.api_key());
    let content = samples(&["a"]).to_string();
    for headers in [
        [key, ("accept", V4), ("content-type", V3)],
        [key, ("accept", V3), ("content-type", V4)],
    ] {
        let refused = api.send(Method::POST, &api.samples_path(), &headers, &content).await;
        assert_eq!(refused.refusal(), wrong_version());
    }
    assert_eq!(api.simulator.executed_creates(), 0);
}

#[tokio::test]
async fn credentials_and_paths_are_checked() {
    let api = Api::start();
    let items = api.seeded_items_of(Family::Sample, 1);
    let refused = api.send(Method::GET, &items, &[("accept", V3)], "").await;
    assert_eq!(refused.refusal(), (401, "ICA_SEC_002".to_owned()));
    let key = [("x-api-key", api.simulator.api_key())];
    assert_eq!(api.send(Method::DELETE, &items, &key, "").await.status, 405);

    // A batch of one family is not found under the other.
    let not_found = (404, "ICA_API_404".to_owned());
    let as_analyses = items.replace("sampleCreationBatch", "analysisCreationBatch");
    assert_eq!(api.get(&as_analyses, V3).await.refusal(), not_found);
    let as_samples = api
        .seeded_items(1)
        .replace("analysisCreationBatch", "sampleCreationBatch");
    assert_eq!(api.get(&as_samples, V3).await.refusal(), not_found);
}

#[tokio::test]
async fn a_batch_can_be_seeded() {
    let api = Api::start();
    let options = SeedOptions::default()
        .family(Family::Sample)
        .prefix("tumour")
        .age(Duration::ZERO);
    let project = api.simulator.project_id().to_owned();
    api.simulator.seed_batch(&project, 3, options);
    let batch = api.simulator.batches().remove(0);
    assert_eq!((batch.family, batch.items.len()), (Family::Sample, 3));
    assert_eq!(batch.items[2].name, "tumour-2");
    assert_eq!(batch.items[2].processing_status, "INITIALIZED");
    assert_eq!(api.simulator.executed_creates(), 0);

    let items = api.seeded_items_of(Family::Sample, 2);
    let page = api.get(&items, V3).await.json();
    assert_eq!(page["items"][1]["createdSample"]["name"], "sample-1");
}
