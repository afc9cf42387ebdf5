//! HTTP messages of every operation.

use std::collections::BTreeSet;
use std::fmt::Write;

use ica_batch_sdk::{CallContext, OPERATIONS, types};
use ica_simulator::{Clock, Fault, FaultKind, RecordedRequest, SeedOptions, Simulator, TokenOrigin};
use serde_json::Value;
use uuid::Uuid;

use crate::raw_only;
use crate::setup::{http, raw_client, request, sample_request, with_key};

/// Returns a simulator with a frozen clock and a seed, so that each run of a test is the same.
fn frozen() -> Simulator {
    let clock = Clock::new();
    clock.set("2026-03-01T12:00:00Z".parse().unwrap());
    clock.freeze();
    Simulator::builder().clock(clock).seed(7).start().unwrap()
}

/// Calls every operation of the simulator once, and returns the ids of the operations.
async fn call_all(simulator: &Simulator) -> Vec<&'static str> {
    let project = simulator.project_id();
    let key: types::IdempotencyKeyHeader = "cohort-42/chunk-7".parse().unwrap();
    let call = || raw_client(simulator, with_key(simulator));

    let created = call()
        .create_analysis_creation_batch(project, Some(&key), &request(&["sample-1"]))
        .await
        .unwrap();
    let batch = created.into_inner().id;
    simulator.clock().advance(std::time::Duration::from_secs(3600));

    call().get_analysis_creation_batch(project, &batch).await.unwrap();
    let size = Some(2.try_into().unwrap());
    let status = vec![types::ItemStatus::Succeeded, types::ItemStatus::Failed];
    let page = call()
        .get_analysis_creation_batch_items_v4(project, &batch, None, size, None, Some(&status))
        .await
        .unwrap();
    let item = page.items[0].id;
    call()
        .get_analysis_creation_batch_items_v3(project, &batch, Some(0), size, None, None)
        .await
        .unwrap();
    call()
        .get_analysis_creation_batch_item_v4(project, &batch, &item)
        .await
        .unwrap();
    call()
        .get_analysis_creation_batch_item_v3(project, &batch, &item)
        .await
        .unwrap();
    call_sample_operations(simulator).await;
    let analysis = page.items[0].created_analysis.as_ref().unwrap().id;
    call_analysis_operations(simulator, &analysis.to_string()).await;
    call().create_jwt_token(None).await.unwrap();
    let token = simulator.issue_token(TokenOrigin::User, std::time::Duration::from_secs(2 * 3600));
    let bearer = CallContext::new().bearer(&token).unwrap();
    raw_client(simulator, bearer).refresh_jwt_token().await.unwrap();
    call()
        .get_analysis_creation_batch_items_summary(project, &batch, None, size, None, None)
        .await
        .unwrap();
    vec![
        "create_analysis_creation_batch",
        "get_analysis_creation_batch",
        "get_analysis_creation_batch_items_v4",
        "get_analysis_creation_batch_items_v3",
        "get_analysis_creation_batch_item_v4",
        "get_analysis_creation_batch_item_v3",
        "create_sample_creation_batch",
        "get_sample_creation_batch",
        "get_sample_creation_batch_items",
        "get_sample_creation_batch_item",
        "search_analyses",
        "get_analysis_v4",
        "get_analysis_v3",
        "get_analysis_steps",
        "get_analysis_outputs",
        "abort_analysis",
        "create_jwt_token",
        "refresh_jwt_token",
        "get_analysis_creation_batch_items_summary",
    ]
}

/// Calls every operation of sample batches once.
async fn call_sample_operations(simulator: &Simulator) {
    let project = simulator.project_id();
    let key: types::IdempotencyKeyHeader = "cohort-42/samples-1".parse().unwrap();
    let call = || raw_client(simulator, with_key(simulator));
    let created = call()
        .create_sample_creation_batch(project, Some(&key), &sample_request(&["NA12878", "NA12879"]))
        .await
        .unwrap();
    let batch = created.into_inner().id;
    simulator.clock().advance(std::time::Duration::from_secs(3600));
    call().get_sample_creation_batch(project, &batch).await.unwrap();
    let size = Some(1.try_into().unwrap());
    let status = vec![types::SampleItemStatus::Succeeded, types::SampleItemStatus::Stopped];
    let page = call()
        .get_sample_creation_batch_items(project, &batch, None, size, None, Some(&status))
        .await
        .unwrap();
    call()
        .get_sample_creation_batch_item(project, &batch, &page.items[0].id)
        .await
        .unwrap();
}

/// Calls every operation of analyses once.
async fn call_analysis_operations(simulator: &Simulator, id: &str) {
    let project = simulator.project_id();
    let call = || raw_client(simulator, with_key(simulator));
    let filters = types::AnalysisQueryParameters::builder()
        .user_reference("sample-1")
        .status(vec![types::AnalysisStatus::Succeeded, types::AnalysisStatus::Failed])
        .build();
    let size = Some(1.try_into().unwrap());
    let found = call()
        .search_analyses(project, None, size, None, None, &filters)
        .await
        .unwrap();
    assert_eq!(found.items[0].id.to_string(), id);
    call().get_analysis_v4(project, id).await.unwrap();
    call().get_analysis_v3(project, id).await.unwrap();
    call().get_analysis_steps(project, id).await.unwrap();
    call().get_analysis_outputs(project, id).await.unwrap();
    call().abort_analysis(project, id).await.unwrap();
}

#[tokio::test]
async fn every_operation_sends_exactly_its_media_types() {
    let simulator = frozen();
    let called = call_all(&simulator).await;
    let known = OPERATIONS.iter().map(|operation| operation.id).collect::<BTreeSet<_>>();
    let elsewhere = raw_only::OPERATION_IDS;
    assert_eq!(
        called.iter().copied().chain(elsewhere).collect::<BTreeSet<_>>(),
        known,
        "the tests call every operation"
    );

    // These are literals, so that an error in the generated table is found.
    let v3 = "application/vnd.illumina.v3+json, application/problem+json";
    let v4 = "application/vnd.illumina.v4+json, application/problem+json";
    let accepted = [
        v3, v3, v4, v3, v4, v3, v3, v3, v3, v3, v3, v4, v3, v3, v3, "*/*", v3, v3, v4,
    ];
    assert_eq!(called.len(), accepted.len());
    for ((id, seen), accept) in called.iter().zip(simulator.requests()).zip(accepted) {
        let operation = ica_batch_sdk::Operation::find(id).unwrap();
        let values = |name: &str| {
            seen.headers
                .get_all(name)
                .iter()
                .map(|value| value.to_str().unwrap().to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(values("accept"), [accept], "{id}");
        let has_body = seen.path.ends_with("CreationBatch") || seen.path.ends_with(":search");
        let content_type = has_body.then_some("application/vnd.illumina.v3+json");
        assert_eq!(
            values("content-type"),
            content_type.into_iter().collect::<Vec<_>>(),
            "{id}"
        );
        let is_empty_post = seen.method == "POST" && !has_body;
        assert_eq!(values("content-length") == ["0"], is_empty_post, "{id}");
        assert_eq!(values("accept-encoding"), ["gzip"], "{id}");
        assert_eq!(values("api-version"), Vec::<String>::new(), "{id}");
        assert!(seen.path.ends_with(path_end(operation.path)), "{id}: {}", seen.path);
        assert!(!seen.path.contains("/./"), "{id}: {}", seen.path);
    }
}

fn path_end(template: &str) -> &str {
    template.rsplit_once('}').map_or(template, |(_, end)| end)
}

#[tokio::test]
async fn one_request_and_one_response_per_operation() {
    let simulator = frozen();
    let called = call_all(&simulator).await;
    let plain = http().no_gzip().build().unwrap();
    for (id, seen) in called.iter().zip(simulator.requests()) {
        // A plain client sends the same request again and receives the response without decoding
        // it.
        let origin = simulator.base_url().replace("/ica/rest", "");
        let mut again = plain
            .request(seen.method.clone(), format!("{origin}{}", seen.path))
            .query(&seen.query);
        for (name, value) in seen
            .headers
            .iter()
            .filter(|(name, _)| !["host", "accept-encoding", "content-length"].contains(&name.as_str()))
        {
            again = again.header(name, value);
        }
        let response = again.body(seen.body.clone()).send().await.unwrap();
        let mut text = request_text(&seen);
        write!(text, "\n\n{}\n", response.status()).unwrap();
        if let Some(media_type) = response.headers().get("content-type") {
            writeln!(text, "content-type: {}\n", media_type.to_str().unwrap()).unwrap();
        }
        let body = response.bytes().await.unwrap();
        if !body.is_empty() {
            text.push_str(&pretty(&serde_json::from_slice::<Value>(&body).unwrap()));
        }
        insta::with_settings!({
            filters => vec![
                (r"127\.0\.0\.1:\d+", "127.0.0.1:PORT"),
                (r"eyJ[\w.-]+", "TOKEN"),
                (r"x-api-key: .+", "x-api-key: KEY"),
            ],
        }, { insta::assert_snapshot!(format!("wire_{id}"), text) });
    }
}

fn request_text(seen: &RecordedRequest) -> String {
    let query = seen
        .query
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect::<Vec<_>>()
        .join("&");
    let separator = if query.is_empty() { "" } else { "?" };
    let mut text = format!("{} {}{separator}{query}\n", seen.method, seen.path);
    let mut headers = seen
        .headers
        .iter()
        .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()))
        .collect::<Vec<_>>();
    headers.sort();
    text.push_str(&headers.join("\n"));
    if let Some(body) = seen.json() {
        write!(text, "\n\n{}", pretty(&body)).unwrap();
    }
    text
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap()
}

#[tokio::test]
async fn compressed_responses_are_decoded() {
    let simulator = frozen();
    let batch = simulator.seed_batch(simulator.project_id(), 3, SeedOptions::default());
    let client = raw_client(&simulator, with_key(&simulator));
    let page = client
        .get_analysis_creation_batch_items_v4(simulator.project_id(), &batch, None, None, None, None)
        .await
        .unwrap();
    assert_eq!(page.items.len(), 3);

    let plain = http().no_gzip().build().unwrap();
    let seen = simulator.requests().pop().unwrap();
    let url = format!("{}{}", simulator.base_url().replace("/ica/rest", ""), seen.path);
    let raw = plain.get(url).headers(seen.headers.clone()).send().await.unwrap();
    assert_eq!(raw.headers()["content-encoding"], "gzip");
}

#[tokio::test]
async fn the_summary_is_available_in_either_version() {
    let simulator = frozen();
    let batch = simulator.seed_batch(simulator.project_id(), 2, SeedOptions::default());
    let mut seen = Vec::new();
    for version in [3, 4] {
        let client = raw_client(&simulator, with_key(&simulator).version(version));
        let page = client
            .get_analysis_creation_batch_items_summary(simulator.project_id(), &batch, None, None, None, None)
            .await
            .unwrap()
            .into_inner();
        seen.push(page.items);
    }
    assert_eq!(seen[0], seen[1], "the summary is the same in both versions");
    let accepts = simulator
        .requests()
        .iter()
        .map(|seen| seen.header("accept").unwrap()[26..27].to_owned())
        .collect::<Vec<_>>();
    assert_eq!(accepts, ["3", "4"]);
}

#[tokio::test]
async fn an_unknown_version_of_an_operation_is_rejected_before_anything_is_sent() {
    let simulator = frozen();
    let client = raw_client(&simulator, with_key(&simulator).version(4));
    let error = client
        .get_analysis_creation_batch(simulator.project_id(), &Uuid::nil())
        .await
        .unwrap_err();
    assert!(matches!(error, ica_batch_sdk::Error::InvalidRequest(_)));
    assert_eq!(simulator.requests().len(), 0);
}

#[tokio::test]
async fn ids_are_encoded_in_the_path() {
    let simulator = frozen();
    let project = "a/../b\\..\\c?d#e %2f";
    let client = raw_client(&simulator, with_key(&simulator));
    let error = client
        .get_analysis_creation_batch(project, &Uuid::nil())
        .await
        .unwrap_err();
    assert_eq!(error.status().unwrap(), 404);
    let seen = simulator.requests().pop().unwrap();
    assert!(
        seen.path.contains("/a%2F..%2Fb%5C..%5Cc%3Fd%23e%20%252f/"),
        "{}",
        seen.path
    );
    assert!(seen.query.is_empty());

    let sent = simulator.requests().len();
    for project in ["", ".", ".."] {
        let client = raw_client(&simulator, with_key(&simulator));
        let error = client
            .get_analysis_creation_batch(project, &Uuid::nil())
            .await
            .unwrap_err();
        assert!(matches!(error, ica_batch_sdk::Error::InvalidRequest(_)), "{project:?}");
        let client = raw_client(&simulator, with_key(&simulator));
        let error = client
            .create_analysis_creation_batch(project, None, &request(&["a"]))
            .await
            .unwrap_err();
        assert!(matches!(error, ica_batch_sdk::Error::InvalidRequest(_)), "{project:?}");
    }
    assert_eq!(simulator.requests().len(), sent, "nothing was sent");
}

#[tokio::test]
async fn the_head_of_an_unreadable_response_is_known() {
    let simulator = frozen();
    simulator.faults().add(Fault::new(FaultKind::MalformedJson));
    let client = raw_client(&simulator, with_key(&simulator));
    let error = client.create_jwt_token(None).await.unwrap_err();
    assert!(error.status().is_none(), "the error of the raw client has no status");
    assert_eq!(client.context().response_head().unwrap().status, 200);
}
