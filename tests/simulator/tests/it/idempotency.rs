//! Idempotency keys.

use std::time::Duration;

use ica_simulator::{Family, Simulator};
use reqwest::Method;

use crate::support::{Api, V3, body};

const WEEK: Duration = Duration::from_secs(7 * 24 * 3600);

#[tokio::test]
async fn the_same_request_again_gets_the_kept_response() {
    let api = Api::start();
    let first = api.create(Some("k"), &body(&["a"])).await;
    api.simulator.clock().advance(Duration::from_secs(60));
    let again = api.create(Some("k"), &body(&["a"])).await;
    assert_eq!((again.status, &again.body), (201, &first.body));
    assert_eq!(
        (api.simulator.executed_creates(), api.simulator.batches().len()),
        (1, 1)
    );
    assert_eq!(api.simulator.created_by_name(Family::Analysis)["a"], 1);
    assert_eq!(api.simulator.batches()[0].idempotency_key.as_deref(), Some("k"));
}

#[tokio::test]
async fn without_a_key_everything_is_executed() {
    let api = Api::start();
    api.create(None, &body(&["a"])).await;
    api.create(None, &body(&["a"])).await;
    assert_eq!(api.simulator.created_by_name(Family::Analysis)["a"], 2);
}

#[tokio::test]
async fn another_body_is_refused() {
    let api = Api::start();
    api.create(Some("k"), &body(&["a"])).await;
    let other = api.create(Some("k"), &body(&["b"])).await;
    assert_eq!(other.refusal(), (422, "ICA_API_422".to_owned()));

    // The same JSON in other bytes is another body.
    let spaced = format!("{} ", body(&["a"]));
    let headers = [
        ("x-api-key", api.simulator.api_key()),
        ("content-type", V3),
        ("idempotency-key", "k"),
    ];
    assert_eq!(
        api.send(Method::POST, &api.batches_path(), &headers, &spaced)
            .await
            .status,
        422
    );
    assert_eq!(api.simulator.executed_creates(), 1);
}

#[tokio::test]
async fn a_second_request_gets_409_while_the_first_is_in_progress() {
    let api = Api::start();
    let held = api.simulator.hold_creates();
    let content = body(&["a"]);
    let first = api.create(Some("k"), &content);
    let meanwhile = async {
        held.reached(1).await;
        assert_eq!(held.waiting(), 1);
        let same = api.create(Some("k"), &body(&["a"])).await.refusal();
        let other = api.create(Some("k"), &body(&["b"])).await.refusal();
        held.release();
        (same, other)
    };
    let (first, (same, other)) = tokio::join!(first, meanwhile);
    assert_eq!(same, (409, "ICA_API_409".to_owned()));
    assert_eq!(other, (422, "ICA_API_422".to_owned()));
    assert_eq!(first.status, 201);
    assert_eq!(api.create(Some("k"), &content).await.body, first.body);
    assert_eq!(api.simulator.executed_creates(), 1);
}

#[tokio::test]
async fn a_create_goes_on_when_its_client_closes_the_connection() {
    let api = Api::start();
    let held = api.simulator.hold_creates();
    let content = body(&["a"]);
    tokio::select! {
        _ = api.create(Some("k"), &content) => panic!("the create is held"),
        () = held.reached(1) => {}
    }
    held.release();
    // 409 until the first request has finished, then the kept response.
    while api.create(Some("k"), &content).await.status == 409 {}
    assert_eq!(api.simulator.executed_creates(), 1);
}

#[tokio::test]
async fn a_guard_can_be_waited_for_without_async() {
    let simulator = Simulator::start();
    let held = simulator.hold_creates();
    held.reached_blocking(0);
    assert_eq!(held.waiting(), 0);
}

#[tokio::test]
async fn a_key_is_forgotten_after_seven_days() {
    let api = Api::start();
    let first = api.create(Some("k"), &body(&["a"])).await.body;
    api.simulator.clock().advance(WEEK - Duration::from_millis(1));
    assert_eq!(api.create(Some("k"), &body(&["a"])).await.body, first);
    api.simulator.clock().advance(Duration::from_millis(1));
    let second = api.create(Some("k"), &body(&["a"])).await;
    assert_eq!(second.status, 201);
    assert_ne!(second.body, first);
    assert_eq!(api.simulator.created_by_name(Family::Analysis)["a"], 2);
}

#[tokio::test]
async fn a_refused_request_does_not_use_up_its_key() {
    let api = Api::start();
    assert_eq!(api.create(Some("k"), &body(&[""])).await.status, 400);
    assert_eq!(api.create(Some("k"), &body(&["a"])).await.status, 201);
}

#[tokio::test]
async fn a_key_belongs_to_a_project_and_a_user() {
    let api = Api::with(Simulator::builder().api_key("one").api_key("two"));
    api.simulator.add_project("second");
    let first = api.create(Some("k"), &body(&["a"])).await;
    let send = async |credential: (&str, &str), project: &str| {
        let path = format!("/api/projects/{project}/analysisCreationBatch");
        let headers = [credential, ("content-type", V3), ("idempotency-key", "k")];
        api.send(Method::POST, &path, &headers, &body(&["a"]).to_string())
            .await
            .body
    };
    let project = api.simulator.project_id();
    assert_ne!(send(("x-api-key", "two"), project).await, first.body);
    assert_ne!(send(("x-api-key", "one"), "second").await, first.body);
    assert_eq!(api.simulator.executed_creates(), 3);

    // A token that is minted from the key belongs to the same user.
    let token = api.mint().await.json()["token"].as_str().unwrap().to_owned();
    assert_eq!(
        send(("authorization", &format!("Bearer {token}")), project).await,
        first.body
    );
}

#[tokio::test]
async fn a_key_has_1_to_255_characters() {
    let api = Api::start();
    assert_eq!(api.create(Some(&"k".repeat(255)), &body(&["a"])).await.status, 201);
    for wrong in [String::new(), "k".repeat(256)] {
        assert_eq!(
            api.create(Some(&wrong), &body(&["a"])).await.refusal(),
            (400, "ICA_API_001".to_owned())
        );
    }
    let twice = [
        ("x-api-key", api.simulator.api_key()),
        ("content-type", V3),
        ("idempotency-key", "one"),
        ("idempotency-key", "two"),
    ];
    let reply = api
        .send(Method::POST, &api.batches_path(), &twice, &body(&["a"]).to_string())
        .await;
    assert_eq!(reply.status, 400);
    assert_eq!(api.simulator.executed_creates(), 1);
}
