//! Batches that create samples. Other tests cover the behaviour that all families share.

use std::collections::BTreeSet;
use std::time::Duration;

use ica_simulator::{
    Family, Fate, Fault, FaultKind, FaultPlan, JobStyle, Lifecycle, Operation, SeedOptions, Simulator,
};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Api, Reply, V3, V4, body, samples};

const SECOND: Duration = Duration::from_secs(1);
const WEEK: Duration = Duration::from_secs(7 * 24 * 3600);

impl Api {
    async fn create_samples(&self, key: Option<&str>, body: &Value) -> Reply {
        self.create_in(Family::Sample, key, body).await
    }

    fn samples_path(&self) -> String {
        self.batches_path_of(Family::Sample)
    }
}

fn wrong_version() -> (u16, String) {
    (400, "ICA_API_004".to_owned())
}

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
async fn invalid_members_are_named_by_their_place() {
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
async fn keys_are_remembered_for_seven_days() {
    let api = Api::start();
    let first = api.create_samples(Some("k"), &samples(&["a"])).await;
    let again = api.create_samples(Some("k"), &samples(&["a"])).await;
    assert_eq!((again.status, &again.body), (201, &first.body));
    let other = api.create_samples(Some("k"), &samples(&["b"])).await;
    assert_eq!(other.refusal(), (422, "ICA_API_422".to_owned()));
    assert_eq!(api.simulator.created_by_name(Family::Sample)["a"], 1);

    api.simulator.clock().advance(WEEK);
    assert_ne!(api.create_samples(Some("k"), &samples(&["a"])).await.body, first.body);
    assert_eq!(api.simulator.created_by_name(Family::Sample)["a"], 2);
}

#[tokio::test]
async fn a_key_of_one_family_is_free_in_the_other() {
    let api = Api::start();
    let analyses = api.create(Some("k"), &body(&["a"])).await;
    let sampled = api.create_samples(Some("k"), &samples(&["a"])).await;
    assert_eq!((analyses.status, sampled.status), (201, 201));
    assert_eq!(api.create(Some("k"), &body(&["a"])).await.body, analyses.body);
    assert_eq!(api.create_samples(Some("k"), &samples(&["a"])).await.body, sampled.body);
    assert_eq!(api.simulator.executed_creates(), 2);
    let keys: Vec<_> = api.simulator.batches().into_iter().map(|b| b.idempotency_key).collect();
    assert_eq!(keys, [Some("k".to_owned()), Some("k".to_owned())]);
}

#[tokio::test]
async fn a_second_request_gets_409_while_the_first_is_in_progress() {
    let api = Api::start();
    let held = api.simulator.hold_creates();
    let content = samples(&["a"]);
    let first = api.create_samples(Some("k"), &content);
    let meanwhile = async {
        held.reached(1).await;
        let same = api.create_samples(Some("k"), &content).await.refusal();
        held.release();
        same
    };
    let (first, same) = tokio::join!(first, meanwhile);
    assert_eq!((first.status, same), (201, (409, "ICA_API_409".to_owned())));
    assert_eq!(api.simulator.executed_creates(), 1);
}

#[tokio::test]
async fn faults_and_records_distinguish_the_families() {
    let api = Api::start();
    let faults = api.simulator.faults();
    faults.add(Fault::new(FaultKind::refuse(503)).on(Operation::CreateBatch(Family::Sample)));
    assert_eq!(api.create(None, &body(&["a"])).await.status, 201);
    assert_eq!(api.create_samples(None, &samples(&["a"])).await.status, 503);
    assert_eq!(api.create_samples(None, &samples(&["a"])).await.status, 201);
    assert_eq!(api.simulator.count(Operation::CreateBatch(Family::Sample)), 2);
    assert_eq!(api.simulator.count(Operation::CreateBatch(Family::Analysis)), 1);

    let items = api.seeded_items_of(Family::Sample, 5);
    faults.add(Fault::new(FaultKind::RepeatPageToken));
    let first = api.get(&format!("{items}?pageSize=2"), V3).await.json();
    let token = first["nextPageToken"].as_str().unwrap();
    let page = format!("{items}?pageSize=2&pageToken={token}");
    assert_eq!(api.get(&page, V3).await.json()["nextPageToken"], token);

    // Items of samples have one version, so an undeclared wrong version cannot show.
    faults.add(FaultKind::OtherVersion { honest: false });
    assert_eq!(api.get(&items, V3).await.status, 200);
    assert_eq!(faults.pending(), 1);
    faults.clear();
    faults.add(FaultKind::OtherVersion { honest: true });
    assert_eq!(api.get(&items, V3).await.header("content-type"), V4);

    faults.add(FaultKind::UnknownEnumValues);
    let item = api.get(&items, V3).await.json()["items"][0].clone();
    assert_eq!(item["processing"]["status"], "NEW_SUCCEEDED");
    assert_eq!(item["createdSample"]["status"], "NEW_AVAILABLE");
    faults.add(FaultKind::NullOptionals);
    let item = api.get(&items, V3).await.json()["items"][0].clone();
    assert_eq!(item.get("createdSample"), Some(&Value::Null));
}

#[tokio::test]
async fn retries_with_a_key_create_nothing_twice() {
    for seed in 0..20 {
        let api = Api::start();
        api.simulator.faults().seeded(seed, FaultPlan::survivable(0.8));
        let created = loop {
            match api
                .try_create_in(Family::Sample, Some("k"), &samples(&["a", "b"]))
                .await
            {
                Ok(reply) if reply.status == 201 => break reply,
                Ok(reply) => assert!(reply.status >= 429, "{}", reply.text()),
                Err(error) => assert!(!error.is_connect(), "{error:?}"),
            }
        };
        assert_eq!(created.json()["id"], api.simulator.batches()[0].id.to_string());
        assert_eq!(api.simulator.executed_creates(), 1, "seed {seed}");
    }
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
