//! The operations on analyses.

use std::time::Duration;

use ica_simulator::{Fate, Lifecycle, Operation, SeedOptions, Simulator, TagMatch, TextMatch};
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{Api, Reply, V3, V4};

/// Returns a create of one analysis for each user reference and its technical tags.
fn tagged(analyses: &[(&str, &[&str])]) -> Value {
    let analysis = |(reference, tags): &(&str, &[&str])| {
        json!({
            "userReference": reference,
            "pipelineId": "0e2b1a5e-7f43-4b53-9f05-6f4a3a3c1f2d",
            "tags": { "technicalTags": tags, "userTags": ["u"], "referenceTags": [] },
            "analysisInput": { "inputs": [] },
        })
    };
    json!({ "nextflowItems": analyses.iter().map(analysis).collect::<Vec<_>>() })
}

/// Creates three tagged analyses and waits until they exist.
async fn with_tags(builder: ica_simulator::SimulatorBuilder) -> Api {
    let api = Api::with(builder);
    let body = tagged(&[("Tumour-1", &["a", "x"]), ("tumour-2", &["b", "x"]), ("normal", &[])]);
    assert_eq!(api.create(Some("k"), &body).await.status, 201);
    api.simulator.clock().advance(Duration::from_secs(5));
    api
}

async fn names(api: &Api, body: &Value) -> Vec<String> {
    let reply = api.search("", body).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    let json = reply.json();
    let items = json["items"].as_array().unwrap().iter();
    items
        .map(|item| item["userReference"].as_str().unwrap().to_owned())
        .collect()
}

fn path(api: &Api, operation: Operation, id: impl ToString) -> String {
    let path = operation.path().replace("{projectId}", api.simulator.project_id());
    path.replace("{analysisId}", &id.to_string())
}

async fn abort(api: &Api, id: impl ToString) -> Reply {
    let path = path(api, Operation::AbortAnalysis, id);
    let headers = [("x-api-key", api.simulator.api_key()), ("accept", "*/*")];
    api.send(Method::POST, &path, &headers, "").await
}

#[tokio::test]
async fn a_search_finds_by_texts_tags_and_status() {
    let api = with_tags(Simulator::builder().fate("normal", Fate::AwaitInput)).await;
    api.simulator.clock().advance(Duration::from_secs(3600));
    assert_eq!(names(&api, &json!({})).await, ["Tumour-1", "tumour-2", "normal"]);
    assert_eq!(
        names(&api, &json!({ "technicalTags": ["x"] })).await,
        ["Tumour-1", "tumour-2"]
    );
    assert_eq!(names(&api, &json!({ "technicalTags": ["x", "b"] })).await, ["tumour-2"]);
    assert_eq!(names(&api, &json!({ "userTags": ["x"] })).await, [""; 0]);
    assert_eq!(
        names(&api, &json!({ "userTags": ["u"], "status": ["AWAITING_INPUT"] })).await,
        ["normal"]
    );
    assert_eq!(names(&api, &json!({ "userReference": "tumour-2" })).await, ["tumour-2"]);
    assert_eq!(names(&api, &json!({ "userReference": "tumour" })).await, [""; 0]);
    let reference = api.search("", &json!({})).await.json()["items"][2]["reference"].clone();
    assert_eq!(names(&api, &json!({ "reference": reference })).await, ["normal"]);
}

#[tokio::test]
async fn what_ica_does_not_publish_about_filters_is_a_setting() {
    let lenient = Simulator::builder()
        .search_texts(TextMatch::PartIgnoringCase)
        .search_tags(TagMatch::Any);
    let api = with_tags(lenient).await;
    assert_eq!(
        names(&api, &json!({ "userReference": "tumour" })).await,
        ["Tumour-1", "tumour-2"]
    );
    assert_eq!(
        names(&api, &json!({ "technicalTags": ["a", "b"] })).await,
        ["Tumour-1", "tumour-2"]
    );
}

#[tokio::test]
async fn a_search_is_paged_and_its_tokens_belong_to_its_filters() {
    let api = Api::start();
    for mark in ["a", "b", "c"] {
        let marked = SeedOptions::default().technical_tags([mark]);
        api.simulator.seed_batch(api.simulator.project_id(), 10, marked);
    }
    assert_eq!(names(&api, &json!({ "technicalTags": ["b"] })).await.len(), 10);
    let (mut seen, mut query) = (Vec::new(), "?pageSize=7".to_owned());
    loop {
        let page = api.search(&query, &json!({ "userTags": ["seeded"] })).await.json();
        let items = page["items"].as_array().unwrap();
        assert!(items[0]["owner"]["id"].is_string(), "the rows are in version 4");
        seen.extend(items.iter().map(|item| item["id"].clone()));
        let Some(token) = page["nextPageToken"].as_str() else {
            break;
        };
        let other = api.search(&format!("?pageToken={token}"), &json!({})).await;
        assert_eq!(other.refusal(), (400, "ICA_API_002".to_owned()));
        query = format!("?pageSize=7&pageToken={token}");
    }
    let created: Vec<_> = api
        .simulator
        .batches()
        .iter()
        .flat_map(|batch| batch.items.clone())
        .collect();
    let created: Vec<_> = created.iter().map(|item| json!(item.created_id.unwrap())).collect();
    assert_eq!(seen, created);
    let page = api.search("?pageOffset=25&pageSize=10", &json!({})).await.json();
    assert_eq!(
        (page["items"].as_array().unwrap().len(), &page["totalItemCount"]),
        (5, &json!(30))
    );
    assert_eq!(api.search("?sort=status", &json!({})).await.refusal().0, 400);
}

#[tokio::test]
async fn an_analysis_is_read_in_both_versions_and_not_from_another_project() {
    let api = Api::with(Simulator::builder().project("p1").project("p2"));
    let batch = api.simulator.seed_batch("p1", 1, SeedOptions::default());
    assert_eq!(api.simulator.batches()[0].id, batch);
    let id = api.simulator.batches()[0].items[0].created_id.unwrap();
    let get = path(&api, Operation::GetAnalysis, id);
    let (v3, v4) = (api.get(&get, V3).await, api.get(&get, V4).await);
    assert_eq!((v3.header("content-type"), v4.header("content-type")), (V3, V4));
    assert!(v3.json()["ownerId"].is_string() && v4.json()["owner"].is_object());
    assert_eq!(v4.json()["id"], json!(id));
    let elsewhere = api.get(&get.replace("p1", "p2"), V4).await;
    assert_eq!(elsewhere.refusal(), (404, "ICA_API_404".to_owned()));
    let unknown = path(&api, Operation::GetAnalysis, Uuid::nil());
    assert_eq!(api.get(&unknown, V4).await.refusal().0, 404);
    let invalid = path(&api, Operation::GetAnalysis, "reference-1");
    assert_eq!(api.get(&invalid, V4).await.refusal().0, 400);
}

#[tokio::test]
async fn an_abort_responds_before_the_run_ends_and_can_be_repeated() {
    let api = Api::start();
    let new = SeedOptions::default().age(Duration::from_secs(60));
    api.simulator.seed_batch(api.simulator.project_id(), 1, new);
    let id = api.simulator.batches()[0].items[0].created_id.unwrap();
    let status = || api.simulator.batches()[0].items[0].created_status.unwrap();
    for _ in 0..2 {
        let reply = abort(&api, id).await;
        assert_eq!((reply.status, reply.body.len()), (204, 0));
        assert_eq!(status(), "ABORTING");
    }
    api.simulator.clock().advance(Duration::from_secs(6));
    assert_eq!(status(), "ABORTED");
    assert_eq!(abort(&api, id).await.status, 204, "it has no effect after the end");
    assert_eq!(status(), "ABORTED");
    assert_eq!(abort(&api, Uuid::nil()).await.refusal().0, 404);
    let get = path(&api, Operation::AbortAnalysis, id);
    assert_eq!(api.get(&get, V3).await.refusal(), (405, "ICA_API_405".to_owned()));
    assert_eq!(api.simulator.count(Operation::AbortAnalysis), 4);
}

#[tokio::test]
async fn steps_and_outputs_follow_the_run() {
    let api = Api::with(Simulator::builder().fate("sample-1", Fate::FailRun));
    let new = SeedOptions::default().age(Duration::from_secs(300));
    api.simulator.seed_batch(api.simulator.project_id(), 2, new);
    let ids = api.simulator.batches()[0].items.clone();
    let ids: Vec<_> = ids.iter().map(|item| item.created_id.unwrap()).collect();
    let steps = async |id: Uuid| {
        let steps = api.get(&path(&api, Operation::GetAnalysisSteps, id), V3).await.json();
        let statuses = steps["items"].as_array().unwrap().iter();
        statuses
            .map(|step| step["status"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let outputs = async |id: Uuid| api.get(&path(&api, Operation::GetAnalysisOutputs, id), V3).await.json();
    assert_eq!(steps(ids[0]).await, ["DONE", "RUNNING", "WAITING"]);
    assert_eq!(outputs(ids[0]).await["items"], json!([]));
    api.simulator.clock().advance(Duration::from_secs(3600));
    assert_eq!(steps(ids[0]).await, ["DONE", "DONE", "DONE"]);
    assert_eq!(steps(ids[1]).await, ["DONE", "FAILED", "INTERRUPTED"]);
    assert_eq!(
        outputs(ids[0]).await["items"][0]["data"][0]["children"][0]["name"],
        "report.html"
    );
    assert_eq!(outputs(ids[1]).await["items"], json!([]));
}

#[tokio::test]
async fn items_and_analyses_appear_late() {
    let seconds = Duration::from_secs;
    let lifecycle = Lifecycle::default()
        .jitter(0.0, 0)
        .items_listed_after(seconds(30))
        .analyses_found_after(seconds(100));
    let api = Api::with(Simulator::builder().lifecycle(lifecycle));
    let batch = api.simulator.seed_batch(
        api.simulator.project_id(),
        1,
        SeedOptions::default().age(Duration::ZERO),
    );
    let item = api.simulator.batches()[0].items[0].id;
    let items = format!("{}/{batch}/items", api.batches_path());
    let listed = async || api.get(&items, V4).await.json()["items"].as_array().unwrap().len();
    api.simulator.clock().advance(seconds(29));
    assert_eq!(listed().await, 0);
    assert_eq!(api.get(&format!("{items}/{item}"), V4).await.status, 404);
    api.simulator.clock().advance(seconds(1));
    assert_eq!(listed().await, 1);
    let shown = api.get(&format!("{items}/{item}"), V4).await.json();
    let id = shown["createdAnalysis"]["id"].as_str().unwrap().to_owned();
    assert_eq!(api.get(&path(&api, Operation::GetAnalysis, id), V4).await.status, 200);
    // The analysis was created 1.5 seconds after its batch.
    api.simulator.clock().advance(seconds(71));
    assert_eq!(names(&api, &json!({})).await, [""; 0]);
    api.simulator.clock().advance(seconds(1));
    assert_eq!(names(&api, &json!({})).await, ["sample-0"]);
    // By default, everything in a seeded batch has appeared.
    api.simulator
        .seed_batch(api.simulator.project_id(), 1, SeedOptions::default());
    assert_eq!(names(&api, &json!({})).await.len(), 2);
}
