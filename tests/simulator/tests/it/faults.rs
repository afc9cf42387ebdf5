//! Each kind of fault, as a client sees it.

use std::io::Read as _;
use std::time::Duration;

use ica_simulator::{Family, Fault, FaultKind, FaultPlan, Operation, RetryAfter, StallFor, TokenOrigin};
use reqwest::Method;
use serde_json::Value;

use crate::support::{Api, Reply, V3, V4, body};

/// Returns a simulator whose next request meets this fault.
fn with(kind: FaultKind) -> Api {
    let api = Api::start();
    api.simulator.faults().add(kind);
    api
}

/// Returns the last source of an error.
fn root(error: &dyn std::error::Error) -> String {
    error.source().map_or_else(|| error.to_string(), root)
}

#[tokio::test]
async fn refusals_come_before_executing() {
    let kind = FaultKind::Refuse {
        status: 429,
        title: None,
        retry_after: RetryAfter::Seconds(7),
    };
    let api = with(kind);
    let reply = api.create(Some("k"), &body(&["a"])).await;
    assert_eq!(
        (reply.refusal(), reply.header("retry-after")),
        ((429, "ICA_API_429".to_owned()), "7")
    );
    assert_eq!(api.simulator.executed_creates(), 0);

    let in_two_minutes = RetryAfter::HttpDate(Duration::from_secs(120));
    api.simulator.clock().set("2026-11-23T10:00:00Z".parse().unwrap());
    let title = Some("ICA_SYS_1".to_owned());
    api.simulator.faults().add(FaultKind::Refuse {
        status: 503,
        title,
        retry_after: in_two_minutes,
    });
    let reply = api.create(Some("k"), &body(&["a"])).await;
    assert_eq!(reply.refusal(), (503, "ICA_SYS_1".to_owned()));
    assert_eq!(reply.header("retry-after"), "Mon, 23 Nov 2026 10:02:00 GMT");
    assert_eq!(api.create(Some("k"), &body(&["a"])).await.header("retry-after"), "");

    let odd = RetryAfter::Verbatim("soon".to_owned());
    api.simulator.faults().add(FaultKind::Refuse {
        status: 503,
        title: None,
        retry_after: odd,
    });
    assert_eq!(api.mint().await.header("retry-after"), "soon");
}

#[tokio::test]
async fn a_lost_response_is_kept_for_its_key() {
    let api = with(FaultKind::ExecuteThenStatus(500));
    assert_eq!(
        api.create(Some("k"), &body(&["a"])).await.refusal(),
        (500, "ICA_API_500".to_owned())
    );
    assert_eq!(api.simulator.executed_creates(), 1);
    let again = api.create(Some("k"), &body(&["a"])).await;
    assert_eq!(again.status, 201);
    assert_eq!(again.json()["id"], api.simulator.batches()[0].id.to_string());
    assert_eq!(api.simulator.executed_creates(), 1);
}

#[tokio::test]
async fn resets_come_before_or_after_executing() {
    for (kind, executed) in [(FaultKind::ResetBeforeExecuting, 0), (FaultKind::ExecuteThenReset, 1)] {
        let api = with(kind);
        let error = api.try_create(Some("k"), &body(&["a"])).await.unwrap_err();
        assert!(root(&error).contains("reset"), "{error:?}");
        assert_eq!(api.simulator.executed_creates(), executed);
        assert_eq!(api.simulator.requests()[0].status, None);
        assert_eq!(api.create(Some("k"), &body(&["a"])).await.status, 201);
        assert_eq!(api.simulator.executed_creates(), 1);
    }
}

#[tokio::test]
async fn stalls_come_before_or_after_executing() {
    let briefly = StallFor::Time(Duration::from_millis(5));
    for kind in [
        FaultKind::StallBeforeExecuting(briefly),
        FaultKind::StallAfterExecuting(briefly),
    ] {
        let api = with(kind);
        assert_eq!(api.create(None, &body(&["a"])).await.status, 201);
    }
    let forever = StallFor::UntilClosed;
    for (kind, executed) in [
        (FaultKind::StallBeforeExecuting(forever), 0),
        (FaultKind::StallAfterExecuting(forever), 1),
    ] {
        let api = with(kind);
        let content = body(&["a"]);
        let stalled = async {
            while api.simulator.requests().is_empty() || api.simulator.executed_creates() < executed {
                assert_eq!(api.get("/other", V3).await.status, 404);
            }
        };
        tokio::select! {
            biased;
            _ = api.create(None, &content) => panic!("the response has to stall"),
            () = stalled => {}
        }
        assert_eq!(api.simulator.executed_creates(), executed);
        assert_eq!(
            api.simulator
                .requests()
                .iter()
                .find(|r| r.fault.is_some())
                .unwrap()
                .status,
            None
        );
    }
}

#[tokio::test]
async fn a_truncated_body_is_shorter_than_its_content_length() {
    for encoding in ["identity", "gzip"] {
        let api = with(FaultKind::TruncateBody);
        let items = api.seeded_items(20);
        let headers = [
            ("x-api-key", api.simulator.api_key()),
            ("accept", V4),
            ("accept-encoding", encoding),
        ];
        let error = api.try_send(Method::GET, &items, &headers, "").await.unwrap_err();
        assert!(
            error.is_body() || error.is_decode(),
            "the head arrives, the body does not: {error:?}"
        );
        assert_eq!(api.simulator.requests()[0].status, Some(200));
    }
}

#[tokio::test]
async fn bodies_can_be_invalid() {
    let api = with(FaultKind::MalformedJson);
    let reply = api.create(Some("k"), &body(&["a"])).await;
    assert_eq!((reply.status, reply.header("content-type")), (201, V3));
    assert!(serde_json::from_slice::<Value>(&reply.body).is_err());
    assert_eq!(api.simulator.executed_creates(), 1);

    let reply = with(FaultKind::HtmlBadGateway).mint().await;
    assert_eq!((reply.status, reply.header("content-type")), (502, "text/html"));
    assert!(reply.text().starts_with("<html>"));

    let reply = with(FaultKind::CodeMessageError(503)).mint().await;
    assert_eq!((reply.status, reply.header("content-type")), (503, "application/json"));
    assert_eq!(reply.json()["code"], "503");

    let reply = with(FaultKind::ProblemTitleOnly(429)).mint().await;
    assert_eq!(
        (reply.status, reply.text()),
        (429, r#"{"title":"ICA_API_429"}"#.to_owned())
    );

    let reply = with(FaultKind::OddProblem(400)).mint().await;
    assert_eq!(reply.refusal(), (400, "ICA_API_001".to_owned()));
    assert!(reply.json()["parameters"].is_array() && reply.json()["id"].is_number());
}

/// Returns the first item of a seeded batch from a list that meets this fault.
async fn item_with(kind: FaultKind) -> Value {
    let api = with(kind);
    api.get(&api.seeded_items(1), V4).await.json()["items"][0].clone()
}

#[tokio::test]
async fn responses_can_have_another_style() {
    let item = item_with(FaultKind::UnknownEnumValues).await;
    assert_eq!(item["processing"]["status"], "NEW_SUCCEEDED");
    assert_eq!(item["createdAnalysis"]["status"], "NEW_SUCCEEDED");
    assert_eq!(item["createdAnalysis"]["pipeline"]["language"], "NEW_NEXTFLOW");

    let item = item_with(FaultKind::UnknownFields).await;
    assert!(item["newObject"].is_object() && item["createdAnalysis"]["pipeline"]["newList"].is_array());

    let item = item_with(FaultKind::AbsentOptionals).await;
    assert_eq!(
        item.as_object().unwrap().keys().collect::<Vec<_>>(),
        ["id", "processing", "request"]
    );

    let item = item_with(FaultKind::NullOptionals).await;
    assert_eq!(item.get("createdAnalysis"), Some(&Value::Null));
}

#[tokio::test]
async fn the_response_can_be_in_another_version() {
    let owner = |reply: &Reply| reply.json()["items"][0]["createdAnalysis"].get("ownerId").is_some();
    for (honest, content_type) in [(true, V3), (false, V4)] {
        let api = with(FaultKind::OtherVersion { honest });
        let reply = api.get(&api.seeded_items(1), V4).await;
        assert_eq!((reply.header("content-type"), owner(&reply)), (content_type, true));
    }
}

#[tokio::test]
async fn a_redirect_names_another_url() {
    let api = with(FaultKind::RedirectTo("http://127.0.0.1:1/elsewhere".to_owned()));
    let reply = api.create(Some("k"), &body(&["a"])).await;
    assert_eq!(
        (reply.status, reply.header("location")),
        (307, "http://127.0.0.1:1/elsewhere")
    );
    assert_eq!(api.simulator.executed_creates(), 0);
}

#[tokio::test]
async fn pages_can_be_wrong() {
    let api = with(FaultKind::RepeatPageToken);
    let items = format!("{}?pageSize=2", api.seeded_items(10));
    let token = |page: &Value| page["nextPageToken"].as_str().unwrap().to_owned();
    let first = token(&api.get(&items, V4).await.json());
    let page = format!("{items}&pageToken={first}");
    assert_eq!(token(&api.get(&page, V4).await.json()), first);
    assert_ne!(token(&api.get(&page, V4).await.json()), first);

    api.simulator
        .faults()
        .add(Fault::new(FaultKind::EmptyMiddlePage).page(2));
    let empty = api.get(&page, V4).await.json();
    assert_eq!(empty["items"], Value::Array(Vec::new()));
    assert_ne!(token(&empty), first);
    let after = api
        .get(&format!("{items}&pageToken={}", token(&empty)), V4)
        .await
        .json();
    assert_eq!(after["items"], api.get(&page, V4).await.json()["items"]);

    api.simulator.faults().add(FaultKind::TotalChanges(-3));
    assert_eq!(
        api.get(&format!("{items}&pageOffset=0"), V4).await.json()["totalItemCount"],
        7
    );
    assert_eq!(
        api.get(&format!("{items}&pageOffset=0"), V4).await.json()["totalItemCount"],
        10
    );
}

#[tokio::test]
async fn bodies_can_be_too_large() {
    const SIZE: u64 = 3_000_000;
    let api = with(FaultKind::OversizedBody(SIZE));
    let reply = api.get(&api.seeded_items(1), V4).await;
    assert!(reply.body.len() as u64 >= SIZE);
    assert_eq!(reply.json()["items"].as_array().unwrap().len(), 1);

    api.simulator.faults().add(FaultKind::GzipBomb(SIZE));
    let plain = api.get(&api.seeded_items(1), V4).await;
    assert!(
        plain.body.len() < 10_000,
        "a client that does not accept gzip does not meet it"
    );
    let headers = [
        ("x-api-key", api.simulator.api_key()),
        ("accept", V4),
        ("accept-encoding", "gzip"),
    ];
    let bomb = api.send(Method::GET, &api.seeded_items(1), &headers, "").await;
    assert_eq!(bomb.header("content-encoding"), "gzip");
    assert!(bomb.body.len() < 20_000, "{}", bomb.body.len());
    let mut unpacked = Vec::new();
    flate2::read::GzDecoder::new(&bomb.body[..])
        .read_to_end(&mut unpacked)
        .unwrap();
    assert!(unpacked.len() as u64 >= SIZE);
    assert!(serde_json::from_slice::<Value>(&unpacked).is_ok());
}

#[tokio::test]
async fn a_token_can_expire_before_its_time() {
    let api = with(FaultKind::ExpireToken);
    let token = api
        .simulator
        .issue_token(TokenOrigin::ApiKey, Duration::from_secs(3600));
    let bearer = format!("Bearer {token}");
    let headers = [("authorization", bearer.as_str()), ("accept", V4)];
    let items = api.seeded_items(1);
    for _ in 0..2 {
        let reply = api.send(Method::GET, &items, &headers, "").await;
        assert_eq!(reply.refusal(), (401, "ICA_SEC_002".to_owned()));
    }
    assert_eq!(api.simulator.faults().applied(), 1);
}

#[tokio::test]
async fn minted_tokens_can_have_other_forms() {
    let api = with(FaultKind::TokenNotJson);
    let bare = api.mint().await;
    assert_eq!(bare.status, 200);
    assert_eq!(bare.text().split('.').count(), 3);

    api.simulator
        .faults()
        .add(FaultKind::TokenWithoutExpiry)
        .add(FaultKind::TokenOpaque);
    let token = async || api.mint().await.json()["token"].as_str().unwrap().to_owned();
    let (endless, opaque) = (token().await, token().await);
    assert_eq!(endless.split('.').count(), 3);
    assert!(opaque.starts_with("opaque-"));
    for token in [endless, opaque] {
        let bearer = format!("Bearer {token}");
        let headers = [("authorization", bearer.as_str()), ("accept", V4)];
        assert_eq!(
            api.send(Method::GET, &api.seeded_items(1), &headers, "").await.status,
            200
        );
    }
    api.simulator.faults().add(FaultKind::AbsentOptionals);
    assert_eq!(api.mint().await.text(), "{}");
}

#[tokio::test]
async fn a_fault_is_applied_to_matching_requests() {
    let api = Api::start();
    let faults = api.simulator.faults();
    let items = api.seeded_items(10);
    faults.add(
        Fault::new(FaultKind::refuse(503))
            .on(Operation::CreateToken)
            .nth(2)
            .times(2),
    );
    let mut minted = Vec::new();
    for _ in 0..5 {
        assert_eq!(api.get(&items, V4).await.status, 200);
        minted.push(api.mint().await.status);
    }
    assert_eq!(minted, [200, 503, 503, 200, 200]);
    assert_eq!((faults.pending(), faults.applied()), (0, 2));

    faults.add(Fault::new(FaultKind::refuse(500)).key("b").every());
    for (key, status) in [("a", 201), ("b", 500), ("b", 500), ("c", 201)] {
        assert_eq!(api.create(Some(key), &body(&["a"])).await.status, status);
    }
    assert_eq!(faults.pending(), 1);
    faults.clear();
    assert_eq!(api.create(Some("b"), &body(&["a"])).await.status, 201);

    faults.add(FaultKind::refuse(501)).add(FaultKind::refuse(502));
    assert_eq!(
        [
            api.mint().await.status,
            api.mint().await.status,
            api.mint().await.status
        ],
        [501, 502, 200]
    );

    faults.add(Fault::new(FaultKind::refuse(503)).page(2));
    assert_eq!(
        api.get(&format!("{items}?pageOffset=0&pageSize=5"), V4).await.status,
        200
    );
    assert_eq!(
        api.get(&format!("{items}?pageOffset=5&pageSize=5"), V4).await.status,
        503
    );
}

#[tokio::test]
async fn seeded_faults_repeat_and_have_a_limit_in_a_row() {
    let run = async |seed| {
        let api = Api::start();
        let plan = FaultPlan::new()
            .with(0.5, FaultKind::refuse(503))
            .only([Operation::CreateToken])
            .max_consecutive(2);
        api.simulator.faults().seeded(seed, plan);
        let mut statuses = Vec::new();
        for _ in 0..40 {
            statuses.push(api.mint().await.status);
        }
        statuses
    };
    let first = run(5).await;
    assert_eq!(first, run(5).await);
    assert_ne!(first, run(6).await);
    assert!(first.contains(&503) && first.contains(&200));
    assert!(first.windows(3).all(|three| three.contains(&200)));
}

#[tokio::test]
async fn retries_with_a_key_create_nothing_twice() {
    for seed in 0..40 {
        let api = Api::start();
        api.simulator.faults().seeded(seed, FaultPlan::survivable(0.8));
        let created = loop {
            match api.try_create(Some("k"), &body(&["a", "b"])).await {
                Ok(reply) if reply.status == 201 => break reply,
                Ok(reply) => assert!(reply.status >= 429, "{}", reply.text()),
                Err(error) => assert!(!error.is_connect(), "{error:?}"),
            }
        };
        assert_eq!(created.json()["id"], api.simulator.batches()[0].id.to_string());
        assert_eq!(api.simulator.executed_creates(), 1, "seed {seed}");
        assert!(
            api.simulator
                .created_by_name(Family::Analysis)
                .values()
                .all(|number| *number == 1)
        );
    }
}
