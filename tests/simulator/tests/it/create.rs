//! Creates of analyses.

use ica_simulator::{Fate, JobStyle, NullStyle, Simulator};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Api, V3, body};

#[tokio::test]
async fn a_create_makes_a_batch_that_can_be_read() {
    let api = Api::start();
    let created = api.create(None, &body(&["a", "b/c d"])).await;
    assert_eq!((created.status, created.header("content-type")), (201, V3));
    let created = created.json();
    assert_eq!(created["job"]["status"], "INITIALIZED");
    assert_eq!(created["job"]["subjectId"], created["id"]);
    assert_eq!(created["job"]["owner"]["id"].as_str().unwrap().as_bytes()[14], b'3');

    let path = format!("{}/{}", api.batches_path(), created["id"].as_str().unwrap());
    assert_eq!(api.get(&path, V3).await.json(), created);
    let items = api.get(&format!("{path}/items"), V3).await.json();
    let references: Vec<_> = items["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|i| &i["request"]["userReference"])
        .collect();
    assert_eq!(references, ["a", "b/c d"]);
    assert_eq!(items["items"][0]["request"]["tags"]["technicalTags"], json!(["t"]));
    let one = format!("{path}/items/{}", items["items"][1]["id"].as_str().unwrap());
    assert_eq!(api.get(&one, V3).await.json(), items["items"][1]);
}

#[tokio::test]
async fn an_invalid_body_is_explained_and_not_executed() {
    let api = Api::start();
    let mut invalid = body(&["good", "ok"]);
    invalid["nextflowItems"][1]["userReference"] = json!("with:colon");
    invalid["nextflowItems"][0]["colour"] = json!("blue");
    let refused = api.create(None, &invalid).await;
    assert_eq!(refused.refusal(), (400, "ICA_API_001".to_owned()));
    let parameters = refused.json()["parameters"].clone();
    let named: Vec<_> = parameters.as_object().unwrap().keys().collect();
    assert_eq!(named, ["nextflowItems[0].colour", "nextflowItems[1].userReference"]);

    let headers = [("x-api-key", api.simulator.api_key()), ("content-type", V3)];
    let malformed = api
        .send(Method::POST, &api.batches_path(), &headers, "{\"nextflowItems\":")
        .await;
    assert_eq!(malformed.refusal(), (400, "ICA_API_001".to_owned()));
    assert_eq!(api.create(None, &json!({ "cwlItems": [] })).await.status, 400);
    assert_eq!(
        (api.simulator.executed_creates(), api.simulator.batches().len()),
        (0, 0)
    );
}

#[tokio::test]
async fn limits_can_be_set() {
    let api = Api::with(Simulator::builder().max_items(Some(2)).max_body_bytes(5_000));
    assert_eq!(api.create(None, &body(&["a", "b"])).await.status, 201);
    assert_eq!(api.create(None, &body(&["a", "b", "c"])).await.status, 400);
    let long = "x".repeat(6_000);
    assert_eq!(
        api.create(None, &body(&[&long])).await.refusal(),
        (413, "ICA_API_413".to_owned())
    );

    let mut unknown = body(&["a"]);
    unknown["future"] = json!(1);
    assert_eq!(api.create(None, &unknown).await.status, 400);
    let api = Api::with(Simulator::builder().refuse_unknown_members(false));
    assert_eq!(api.create(None, &unknown).await.status, 201);
}

#[tokio::test]
async fn a_fate_decides_how_an_analysis_ends() {
    let by_name = |reference: &str| {
        if reference.starts_with("bad") {
            Fate::RejectRequest
        } else {
            Fate::Ordinary
        }
    };
    let api = Api::with(
        Simulator::builder()
            .fates(by_name)
            .fate("uncreated", Fate::FailCreation),
    );
    let refused = api.create(Some("k"), &body(&["good", "bad-1", "bad-2"])).await;
    assert_eq!(refused.status, 400);
    let parameters = refused.json()["parameters"].clone();
    assert_eq!(
        parameters.as_object().unwrap().keys().collect::<Vec<_>>(),
        ["bad-1", "bad-2"]
    );
    assert_eq!(api.simulator.executed_creates(), 0);

    api.simulator.set_fate("failing", Fate::FailRun);
    assert_eq!(
        api.create(Some("k"), &body(&["good", "failing", "uncreated"]))
            .await
            .status,
        201
    );
    api.simulator.clock().advance(std::time::Duration::from_secs(86_400));
    let batch = api.simulator.batches().remove(0);
    let ends: Vec<_> = batch.items.iter().map(|item| item.created_status).collect();
    assert_eq!(ends, [Some("SUCCEEDED"), Some("FAILED"), None]);
    assert_eq!(batch.items[2].processing_status, "FAILED");
    assert_eq!(batch.job_status, "PARTIALLY_SUCCEEDED");
}

#[tokio::test]
async fn the_job_may_be_absent_or_null() {
    let job = async |style| {
        let api = Api::with(Simulator::builder().job(style));
        api.create(None, &body(&["a"])).await.json().get("job").cloned()
    };
    assert!(job(JobStyle::Present).await.unwrap().is_object());
    assert_eq!(job(JobStyle::Absent).await, None);
    assert_eq!(job(JobStyle::Null).await, Some(Value::Null));
}

#[tokio::test]
async fn unset_members_are_absent_or_null() {
    let api = Api::start();
    let absent = api.create(None, &body(&["a"])).await.json();
    assert_eq!(absent["job"].get("timeFinished"), None);
    let api = Api::with(Simulator::builder().null_style(NullStyle::Null));
    let null = api.create(None, &body(&["a"])).await.json();
    assert_eq!(null["job"].get("timeFinished"), Some(&Value::Null));
}
