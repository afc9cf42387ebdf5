//! Conditions of the whole server: users, forgotten keys, proxies, rate limits, outages, a wrong
//! clock.

use std::collections::BTreeSet;
use std::net::TcpStream;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use ica_simulator::{
    Family, Fault, FaultKind, FaultPlan, Operation, Outage, OutageKind, RateLimit, RetryAfter, Simulator, TokenOrigin,
};
use reqwest::Method;

use crate::support::{Api, Reply, V3, body};

const CREATE: Operation = Operation::CreateBatch(Family::Analysis);

/// Creates a batch with this header of credentials and the idempotency key `k`.
async fn create_as(api: &Api, credential: (&str, &str)) -> Reply {
    let headers = [
        credential,
        ("accept", V3),
        ("content-type", V3),
        ("idempotency-key", "k"),
    ];
    api.send(Method::POST, &api.batches_path(), &headers, &body(&["a"]).to_string())
        .await
}

#[tokio::test]
async fn an_idempotency_key_belongs_to_a_user() {
    let users = Simulator::builder()
        .api_key("one")
        .api_key("two")
        .api_key_of("ada", "old")
        .api_key_of("ada", "new");
    let api = Api::with(users);
    let first = create_as(&api, ("x-api-key", "one")).await;
    let token = api
        .simulator
        .issue_token_of("one", TokenOrigin::User, Duration::from_secs(60));
    let same = create_as(&api, ("authorization", &format!("Bearer {token}"))).await;
    assert_eq!(same.json()["id"], first.json()["id"], "a token of the same user");
    assert_eq!(api.simulator.executed_creates(), 1);

    let other = create_as(&api, ("x-api-key", "two")).await;
    assert_eq!(other.status, 201);
    assert_ne!(other.json()["id"], first.json()["id"]);
    let old = create_as(&api, ("x-api-key", "old")).await.json();
    assert_eq!(
        create_as(&api, ("x-api-key", "new")).await.json(),
        old,
        "two keys of one user"
    );
    assert_eq!(api.simulator.executed_creates(), 3);
    let owners: Vec<_> = api
        .simulator
        .batches()
        .iter()
        .map(|batch| Some(batch.owner_id))
        .collect();
    assert_eq!(owners, ["one", "two", "new"].map(|key| api.simulator.user_id(key)));
    assert_eq!(api.simulator.user_id("none"), None);
    assert_eq!(api.simulator.created_by_name(Family::Analysis)["a"], 3);
}

#[tokio::test]
async fn a_forgotten_key_creates_a_second_time() {
    let api = Api::start();
    api.simulator
        .faults()
        .add(Fault::new(FaultKind::ExecuteThenForgetKey(503)));
    // The fault waits for a create.
    assert_eq!(api.get("/api/projects/p/analysisCreationBatch/b", V3).await.status, 404);
    let refused = api.create(Some("k"), &body(&["a"])).await;
    assert_eq!(refused.refusal(), (503, "ICA_API_503".to_owned()));
    assert_eq!(api.simulator.created_by_name(Family::Analysis)["a"], 1);
    assert_eq!(api.create(Some("k"), &body(&["a"])).await.status, 201);
    assert_eq!(api.simulator.created_by_name(Family::Analysis)["a"], 2);

    // The key of an earlier response stays kept.
    api.simulator.faults().add(FaultKind::ExecuteThenForgetKey(500));
    assert_eq!(api.create(Some("k"), &body(&["a"])).await.status, 500);
    assert_eq!(api.create(Some("k"), &body(&["a"])).await.status, 201);
    assert_eq!(api.simulator.executed_creates(), 2);
}

#[tokio::test]
async fn a_proxy_sends_a_refusal_in_front_of_a_success() {
    let api = Api::start();
    for (executed, status) in [(1, 403), (2, 404), (3, 429)] {
        api.simulator.faults().add(FaultKind::ExecuteThenHtml(status));
        let key = status.to_string();
        let reply = api.create(Some(&key), &body(&["a"])).await;
        assert_eq!((reply.status, reply.header("content-type")), (status, "text/html"));
        assert!(reply.text().contains("<h1>"), "{}", reply.text());
        assert_eq!(api.simulator.executed_creates(), executed);
        assert_eq!(api.create(Some(&key), &body(&["a"])).await.status, 201);
        assert_eq!(api.simulator.executed_creates(), executed, "the key is kept");
    }
}

#[tokio::test]
async fn a_rate_limit_follows_the_simulated_clock() {
    let api = Api::start();
    let ten = RateLimit::per_second(10.0).burst(3);
    api.simulator.faults().rate_limit(ten);
    let served = async || {
        let mut served = 0;
        for _ in 0..5 {
            let reply = api.mint().await;
            if reply.status == 200 {
                served += 1;
            } else {
                assert_eq!(reply.refusal(), (429, "ICA_API_429".to_owned()));
                assert_eq!(reply.header("retry-after"), "1");
            }
        }
        served
    };
    assert_eq!(served().await, 3);
    assert_eq!(served().await, 0);
    api.simulator.clock().advance(Duration::from_millis(200));
    assert_eq!(served().await, 2);
    let stopped = api.simulator.requests();
    let stopped = stopped.iter().filter(|seen| seen.fault == Some("RateLimit")).count();
    assert_eq!(stopped, 10);

    api.simulator
        .faults()
        .rate_limit(RateLimit::per_second(1.0).without_retry_after());
    assert_eq!(api.mint().await.status, 200);
    assert_eq!(api.mint().await.header("retry-after"), "");
    api.simulator.faults().rate_limit(None);
    assert_eq!(served().await, 5);
}

#[tokio::test]
async fn an_outage_begins_and_ends_by_the_simulated_clock() {
    let api = Api::start();
    let (clock, minute) = (api.simulator.clock(), Duration::from_secs(60));
    let start = clock.now() + minute;
    let unavailable = OutageKind::Unavailable(RetryAfter::Seconds(9));
    api.simulator
        .faults()
        .outage(Outage::new(start..start + minute, unavailable));
    assert_eq!(api.create(Some("k"), &body(&["a"])).await.status, 201);
    clock.advance(minute);
    for _ in 0..2 {
        let reply = api.create(Some("k2"), &body(&["a"])).await;
        assert_eq!(reply.refusal(), (503, "ICA_API_503".to_owned()));
        assert_eq!(reply.header("retry-after"), "9");
    }
    assert_eq!(api.simulator.requests()[2].fault, Some("Outage"));
    assert_eq!(api.simulator.executed_creates(), 1);
    clock.advance(minute);
    assert_eq!(api.create(Some("k2"), &body(&["a"])).await.status, 201);

    let now = clock.now();
    api.simulator
        .faults()
        .outage(Outage::new(now..now + minute, OutageKind::ConnectionsReset));
    let error = api.try_create(Some("k3"), &body(&["a"])).await.unwrap_err();
    assert!(!error.is_connect(), "{error:?}");
    api.simulator.faults().clear();
    assert_eq!(api.create(Some("k3"), &body(&["a"])).await.status, 201);
}

#[tokio::test]
async fn an_outage_can_refuse_connections() {
    let api = Api::start();
    let (clock, minute) = (api.simulator.clock(), Duration::from_secs(60));
    let start = clock.now() + minute;
    let refused = Outage::new(start..start + minute, OutageKind::ConnectionsRefused);
    api.simulator.faults().outage(refused);
    assert_eq!(api.create(Some("k"), &body(&["a"])).await.status, 201);
    clock.advance(minute);
    // The first request may use the connection that has just ended.
    api.try_create(Some("k"), &body(&["b"])).await.unwrap_err();
    let error = api.try_create(Some("k"), &body(&["b"])).await.unwrap_err();
    assert!(error.is_connect(), "{error:?}");
    assert!(TcpStream::connect(api.simulator.address()).is_err());
    clock.advance(minute / 2);
    assert!(TcpStream::connect(api.simulator.address()).is_err());
    clock.advance(minute / 2);
    assert_eq!(api.create(Some("k"), &body(&["a"])).await.status, 201);
    assert_eq!(api.simulator.executed_creates(), 1);

    // While the clock runs, connections are reset.
    clock.shift(-TimeDelta::minutes(1));
    assert!(TcpStream::connect(api.simulator.address()).is_err());
    clock.set_speed(1e-9);
    let error = api.try_create(Some("k"), &body(&["a"])).await.unwrap_err();
    assert!(!error.is_connect(), "{error:?}");
    clock.freeze();
    assert!(TcpStream::connect(api.simulator.address()).is_err());
    api.simulator.faults().clear();
    assert_eq!(api.create(Some("k"), &body(&["a"])).await.status, 201);
}

#[tokio::test]
async fn the_date_of_responses_is_the_simulated_time_and_can_be_wrong() {
    let api = Api::start();
    api.simulator.clock().set("2026-11-23T10:00:00Z".parse().unwrap());
    assert_eq!(api.mint().await.header("date"), "Mon, 23 Nov 2026 10:00:00 GMT");
    api.simulator.faults().date_skew(TimeDelta::minutes(-15));
    assert_eq!(api.mint().await.header("date"), "Mon, 23 Nov 2026 09:45:00 GMT");
    api.simulator.faults().add(FaultKind::refuse(503));
    assert_eq!(api.mint().await.header("date"), "Mon, 23 Nov 2026 09:45:00 GMT");
    api.simulator.faults().date_skew(TimeDelta::MAX);
    assert_eq!(api.mint().await.header("date"), "Mon, 23 Nov 2026 10:00:00 GMT");
}

#[tokio::test]
async fn the_date_of_responses_is_that_of_the_machine_while_the_clock_runs_fast() {
    let api = Api::start();
    api.simulator.clock().set("2020-01-01T00:00:00Z".parse().unwrap());
    api.simulator.clock().set_speed(60.0);
    assert!(!api.mint().await.header("date").contains("2020"));
}

#[tokio::test]
async fn a_seed_and_a_clock_give_the_same_responses() {
    let mut runs = Vec::new();
    for _ in 0..2 {
        let api = Api::start();
        let start: DateTime<Utc> = "2026-11-23T10:00:00Z".parse().unwrap();
        api.simulator.clock().set(start);
        let at = |seconds| start + TimeDelta::seconds(seconds);
        let unavailable = OutageKind::Unavailable(RetryAfter::Absent);
        let plan = FaultPlan::new()
            .with(0.2, FaultKind::ExecuteThenForgetKey(500))
            .with(0.2, FaultKind::ExecuteThenHtml(404))
            .only([CREATE]);
        let faults = api.simulator.faults();
        faults.seeded(7, plan).rate_limit(RateLimit::per_second(2.0));
        faults.outage(Outage::new(at(20)..at(30), unavailable));
        let mut statuses = Vec::new();
        for number in 0..150 {
            let key = format!("{}", number % 40);
            statuses.push(api.create(Some(&key), &body(&["a"])).await.status);
            api.simulator.clock().advance(Duration::from_millis(300));
        }
        for expected in [201, 404, 429, 500, 503] {
            assert!(statuses.contains(&expected), "{expected}: {statuses:?}");
        }
        let created = api.simulator.created_by_name(Family::Analysis)["a"];
        let batches = api.simulator.batches();
        let keys: BTreeSet<_> = batches.iter().map(|batch| &batch.idempotency_key).collect();
        assert!(created > keys.len(), "some keys were forgotten");
        runs.push((statuses, created));
    }
    assert_eq!(runs[0], runs[1]);
}
