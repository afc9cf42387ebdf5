//! Idempotency keys, faults and records of samples.

use std::time::Duration;

use ica_simulator::{Family, Fault, FaultKind, FaultPlan, Operation};
use serde_json::Value;

use crate::support::{Api, V3, V4, body, samples};

const WEEK: Duration = Duration::from_secs(7 * 24 * 3600);

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
