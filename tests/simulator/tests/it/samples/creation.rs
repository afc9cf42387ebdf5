//! Creates of samples, and the status of each item over time.

use std::time::Duration;

use ica_simulator::{Family, Fate, JobStyle, Lifecycle, Simulator};
use serde_json::{Value, json};

use crate::support::{Api, V3, body, samples};

const SECOND: Duration = Duration::from_secs(1);

#[tokio::test]
async fn a_create_makes_a_batch_that_can_be_read() {
    let api = Api::start();
    let created = api.create_samples(None, &samples(&["a", "b: ü/c"])).await;
    assert_eq!((created.status, created.header("content-type")), (201, V3));
    let created = created.json();
    assert_eq!(created["job"]["status"], "INITIALIZED");
    assert_eq!(created["job"]["subjectType"], "SampleCreationBatch");

    let path = format!("{}/{}", api.samples_path(), created["id"].as_str().unwrap());
    assert_eq!(api.get(&path, V3).await.json(), created);
    api.simulator.clock().advance(10 * SECOND);
    let items = api.get(&format!("{path}/items"), V3).await.json();
    let first = &items["items"][0];
    assert_eq!(first["request"]["sampleToCreate"]["name"], "a");
    assert_eq!(first["request"]["sampleToCreate"]["tags"]["userTags"], json!(["t"]));
    assert_eq!(first["request"]["completeSample"], true);
    assert_eq!(first["processing"]["status"], "SUCCEEDED");
    let sample = &first["createdSample"];
    assert_eq!((&sample["name"], &sample["status"]), (&json!("a"), &json!("AVAILABLE")));
    assert_eq!(sample["ownerId"].as_str().unwrap().as_bytes()[14], b'3');
    assert_eq!(items["items"][1]["createdSample"]["name"], "b: ü/c");
    let one = format!("{path}/items/{}", items["items"][1]["id"].as_str().unwrap());
    assert_eq!(api.get(&one, V3).await.json(), items["items"][1]);
}

#[tokio::test]
async fn an_incomplete_sample_is_partial() {
    let api = Api::with(Simulator::builder().lifecycle(Lifecycle::instant()));
    let mut body = samples(&["a"]);
    body["items"][0]["completeSample"] = json!(false);
    let created = api.create_samples(None, &body).await.json();
    let path = format!("{}/{}/items", api.samples_path(), created["id"].as_str().unwrap());
    let item = api.get(&path, V3).await.json()["items"][0].clone();
    assert_eq!(item["processing"]["status"], "SUCCEEDED");
    assert_eq!(item["createdSample"]["status"], "PARTIAL");
}

#[tokio::test]
async fn invalid_members_are_named_by_their_path() {
    let api = Api::start();
    let mut invalid = samples(&["", "ok", &"n".repeat(256), "d"]);
    invalid["items"][1]["completeSample"] = json!("yes");
    invalid["items"][1]["colour"] = json!("blue");
    invalid["items"][3]["sampleToCreate"]["description"] = json!("");
    let refused = api.create_samples(Some("k"), &invalid).await;
    assert_eq!(refused.refusal(), (400, "ICA_API_001".to_owned()));
    let parameters = refused.json()["parameters"].clone();
    assert_eq!(
        parameters.as_object().unwrap().keys().collect::<Vec<_>>(),
        [
            "items[0].sampleToCreate.name",
            "items[1].colour",
            "items[1].completeSample",
            "items[2].sampleToCreate.name",
            "items[3].sampleToCreate.description",
        ]
    );
    for (body, place) in [
        (json!({}), "items"),
        (json!({ "items": [] }), "items"),
        (
            json!({ "items": [{ "completeSample": true }] }),
            "items[0].sampleToCreate",
        ),
        (
            json!({ "items": [{ "completeSample": true, "sampleToCreate": {} }] }),
            "items[0].sampleToCreate.name",
        ),
        (
            json!({ "items": [{ "completeSample": true, "sampleToCreate": { "name": "a" }, "dataToLink": [{}] }] }),
            "items[0].dataToLink[0].dataId",
        ),
    ] {
        let refused = api.create_samples(Some("k"), &body).await;
        assert_eq!(refused.status, 400);
        assert!(refused.json()["parameters"][place].is_string(), "{}", refused.text());
    }
    assert_eq!(api.create_samples(Some("k"), &body(&["a"])).await.status, 400);
    assert_eq!(api.simulator.executed_creates(), 0);
    assert_eq!(api.create_samples(Some("k"), &samples(&["a"])).await.status, 201);

    let api = Api::with(Simulator::builder().max_items(Some(2)));
    let refused = api.create_samples(None, &samples(&["a", "b", "c"])).await;
    assert_eq!(refused.json()["parameters"]["maximum"], "2");
}

#[tokio::test]
async fn the_fate_of_a_sample_follows_its_name() {
    let fates = [
        ("rejected", Fate::RejectRequest),
        ("failed", Fate::FailCreation),
        ("partly", Fate::CreatePartially),
        ("stopped", Fate::StopCreation),
        ("run", Fate::FailRun),
    ];
    let builder = fates
        .iter()
        .fold(Simulator::builder(), |builder, (name, fate)| builder.fate(name, *fate));
    let api = Api::with(builder);
    let refused = api.create_samples(None, &samples(&["ok", "rejected"])).await;
    assert_eq!(refused.status, 400);
    assert_eq!(
        refused.json()["parameters"],
        json!({ "rejected": "this sample is rejected" })
    );

    let names = ["ok", "failed", "partly", "stopped", "run"];
    api.create_samples(None, &samples(&names)).await;
    api.simulator.clock().advance(10 * SECOND);
    let batch = api.simulator.batches().remove(0);
    assert_eq!(
        (batch.family, batch.job_status),
        (Family::Sample, "PARTIALLY_SUCCEEDED")
    );
    let ends: Vec<_> = batch
        .items
        .iter()
        .map(|item| (item.name.as_str(), item.processing_status, item.created_status))
        .collect();
    assert_eq!(
        ends,
        [
            ("ok", "SUCCEEDED", Some("AVAILABLE")),
            ("failed", "FAILED", None),
            ("partly", "PARTIALLY_SUCCEEDED", Some("PARTIAL")),
            ("stopped", "STOPPED", None),
            ("run", "SUCCEEDED", Some("AVAILABLE")),
        ]
    );

    let path = format!("{}/{}/items", api.samples_path(), batch.id);
    let items = api.get(&path, V3).await.json()["items"].clone();
    let has_information = |index: usize| items[index]["processing"]["additionalStatusInformation"].is_string();
    assert_eq!([0, 1, 2, 3].map(has_information), [false, true, true, true]);
    let created = api.simulator.created_by_name(Family::Sample);
    assert_eq!(created.keys().collect::<Vec<_>>(), ["ok", "partly", "run"]);
    assert!(api.simulator.created_by_name(Family::Analysis).is_empty());
}

#[tokio::test]
async fn the_job_ends_by_how_many_were_created() {
    for (fates, end) in [
        ([Fate::Succeed, Fate::Succeed], "SUCCEEDED"),
        ([Fate::CreatePartially, Fate::CreatePartially], "PARTIALLY_SUCCEEDED"),
        ([Fate::FailCreation, Fate::Succeed], "PARTIALLY_SUCCEEDED"),
        ([Fate::FailCreation, Fate::StopCreation], "FAILED"),
    ] {
        let api = Api::with(Simulator::builder().fate("a", fates[0]).fate("b", fates[1]));
        api.create_samples(None, &samples(&["a", "b"])).await;
        api.simulator.clock().advance(10 * SECOND);
        assert_eq!(api.simulator.batches()[0].job_status, end);
    }
}

#[tokio::test]
async fn creation_passes_through_every_status() {
    let lifecycle = Lifecycle::default()
        .job_start(10 * SECOND)
        .waiting_for_resources(10 * SECOND)
        .creation(10 * SECOND)
        .jitter(0.0, 0);
    let api = Api::with(Simulator::builder().lifecycle(lifecycle.clone()));
    api.create_samples(None, &samples(&["a"])).await;
    for expected in [
        ("INITIALIZED", "INITIALIZED"),
        ("WAITING_FOR_RESOURCES", "WAITING_RESOURCES"),
        ("RUNNING", "RUNNING"),
        ("SUCCEEDED", "SUCCEEDED"),
    ] {
        let batch = api.simulator.batches().remove(0);
        assert_eq!((batch.job_status, batch.items[0].processing_status), expected);
        api.simulator.clock().advance(10 * SECOND);
    }

    let api = Api::with(Simulator::builder().lifecycle(lifecycle));
    api.create_samples(None, &samples(&["a"])).await;
    api.simulator.clock().advance(12 * SECOND);
    assert!(api.simulator.stop_job(api.simulator.batches()[0].id));
    api.simulator.clock().advance(100 * SECOND);
    let batch = api.simulator.batches().remove(0);
    assert_eq!(
        (batch.job_status, batch.items[0].processing_status),
        ("STOPPED", "STOPPED")
    );
}

#[tokio::test]
async fn a_sample_has_no_run_to_abort() {
    let api = Api::with(Simulator::builder().lifecycle(Lifecycle::instant()));
    api.create_samples(None, &samples(&["a"])).await;
    let sample = api.simulator.batches()[0].items[0].created_id.unwrap();
    assert!(!api.simulator.abort(sample));
}

#[tokio::test]
async fn the_job_may_be_absent_or_null() {
    let batch = async |style| {
        let api = Api::with(Simulator::builder().job(style));
        api.create_samples(None, &samples(&["a"])).await.json()
    };
    assert!(batch(JobStyle::Present).await["job"].is_object());
    assert_eq!(batch(JobStyle::Absent).await.get("job"), None);
    assert_eq!(batch(JobStyle::Null).await.get("job"), Some(&Value::Null));
}
