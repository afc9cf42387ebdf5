//! A server that sends texts of megabytes, or texts that change how other text is shown.

use std::ops::Range;
use std::time::Duration;

use futures_util::TryStreamExt;
use ica_batch_sdk_ext::clock::ManualClock;
use ica_batch_sdk_ext::{AnalysisCreation, Batch, BatchItem, Client, Credentials, Error, Uuid};
use serde_json::json;

use super::printed::Printed;
use super::server::{API_KEY, HostileServer, PROJECT, Received, Reply};
use crate::recorder::{start_log, take_log};

const MEGABYTE: usize = 1_000_000;

/// Text with control characters and format characters, which must not be shown.
const HOSTILE: &str = "\u{1b}[31mred\u{7} \u{202e}reversed\u{2066}\u{200b}\u{feff}\r\nnext: ok\u{61c}\u{e0041}\u{85}";

fn batch_id() -> Uuid {
    Uuid::from_u128(7)
}

/// Returns the error of reading a batch from a server with this response, and checks its texts.
async fn read_error(place: &str, reply: Reply) -> Error {
    start_log();
    let server = HostileServer::start(move |_| reply.clone()).await;
    let client = server.client().response_limit(100 << 20).build().unwrap();
    let error = client
        .project(PROJECT)
        .unwrap()
        .batch(batch_id())
        .get()
        .await
        .unwrap_err();
    let mut printed = Printed::default();
    printed.error(&error);
    printed.log(&take_log());
    printed.is_plain(place);
    error
}

#[tokio::test]
async fn long_headers_become_short_texts() {
    let long = "x".repeat(90_000);
    let error = read_error(
        "type",
        Reply::json(502, "x").header("content-type", format!("text/{long}")),
    )
    .await;
    assert!(error.to_string().contains("with text/xxx"), "{error}");
    assert!(error.to_string().len() < 400, "{error}");
    read_error("type", Reply::json(200, "x").header("content-type", long.as_bytes())).await;
    let location = format!("https://{long}/{long}");
    read_error("location", Reply::json(307, "").header("location", location.as_bytes())).await;
    read_error(
        "request id",
        Reply::json(500, "").header("x-request-id", long.as_bytes()),
    )
    .await;
}

#[tokio::test]
async fn long_values_become_short_texts() {
    let part = "é".repeat(100);
    read_error("id", Reply::repeated(200, r#"{"id":""#, &part, MEGABYTE / 10, r#""}"#)).await;
    let reply = Reply::repeated(200, r#"{"id":7,"items":""#, &part, MEGABYTE / 10, r#""}"#);
    let server = HostileServer::start(move |_| reply.clone()).await;
    let client = server.client().response_limit(100 << 20).build().unwrap();
    let batch = client.project(PROJECT).unwrap().batch(batch_id());
    let error = batch.items().first().await.unwrap_err();
    Printed::default().error(&error);
    let source = std::error::Error::source(&error).unwrap().to_string();
    assert!(source.contains("ééé") && source.ends_with('…'), "{source}");
    let long = "ü".repeat(MEGABYTE);
    let parameters = (0..10_000).map(|number| (format!("parameter {number} {}", &long[..400]), json!([&long[..400]])));
    let parameters = parameters.collect::<serde_json::Map<_, _>>();
    for problem in [
        json!({ "title": long, "detail": long, "id": long, "code": long }),
        json!({ "title": "ICA_API_001", "parameters": parameters }),
        json!({ "title": "ICA_API_001", "parameters": { &long: long } }),
        json!({ "error": [long], "message": { &long: long } }),
    ] {
        let error = read_error("problem", Reply::json(400, problem.to_string())).await;
        let problem = format!("{:?}", error.problem());
        assert!(problem.chars().count() < 6000, "{}", problem.chars().count());
    }
}

#[tokio::test]
async fn hostile_characters_are_not_shown() {
    let header = HOSTILE.replace(['\r', '\n'], "").into_bytes();
    let problem = json!({ "title": HOSTILE, "detail": HOSTILE, "id": HOSTILE, "parameters": { HOSTILE: HOSTILE } });
    let error = read_error("problem", Reply::json(400, problem.to_string())).await;
    assert!(error.to_string().contains("[31mred reversed next: ok"), "{error}");
    assert_eq!(error.problem().unwrap().detail(), Some("[31mred reversed next: ok"));
    read_error("value", Reply::json(200, json!({ "id": HOSTILE }).to_string())).await;
    read_error("type", Reply::json(502, "x").header("content-type", header.clone())).await;
    read_error("request id", Reply::json(502, "x").header("x-request-id", header)).await;
}

/// Starts a server with a batch of these items, and returns a batch of a client with a manual clock.
async fn batch(items: Vec<u8>) -> (HostileServer, Batch<AnalysisCreation>) {
    batch_of(move |_| Reply::json(200, items.clone())).await
}

/// Starts a server with a batch whose pages this function returns.
async fn batch_of(
    mut page: impl FnMut(&Received) -> Reply + Send + 'static,
) -> (HostileServer, Batch<AnalysisCreation>) {
    let server = HostileServer::start(move |received| match received.target.contains("/items") {
        true => page(received),
        false => Reply::json(200, json!({ "id": batch_id() }).to_string()),
    })
    .await;
    let client = server.client().clock(ManualClock::new()).response_limit(100 << 20);
    let batch = client.build().unwrap().project(PROJECT).unwrap().batch(batch_id());
    (server, batch)
}

fn item(number: usize, name: &str, status: &str, message: &str) -> String {
    json!({
        "id": Uuid::from_u128(number as u128),
        "request": { "userReference": name, "pipelineId": "p", "tags": { "technicalTags": [], "userTags": [], "referenceTags": [] } },
        "processing": { "status": status, "additionalStatusInformation": message },
    })
    .to_string()
}

#[tokio::test]
async fn a_status_of_megabytes_is_cut_when_it_is_read() {
    let long = "S".repeat(64 * MEGABYTE);
    let (_server, batch) = batch(format!(r#"{{"items":[{}]}}"#, item(1, "a", &long, "")).into()).await;
    let item = batch.items().first().await.unwrap().unwrap();
    assert_eq!(item.creation_status().as_str(), format!("{}…", "S".repeat(128)));
    let mut progress = batch.wait().deadline(Duration::from_secs(6)).progress();
    let first = progress.try_next().await.unwrap().unwrap();
    assert!(first.unknown_statuses().all(|status| status.len() < 140));
    let error = progress.try_next().await.unwrap_err();
    assert!(
        error.to_string().contains(&format!("1 item {}…", "S".repeat(40))),
        "{error}"
    );
    Printed::default().error(&error);
}

#[tokio::test]
async fn hundreds_of_thousands_of_statuses_are_summarized() {
    let page = |numbers: Range<usize>, more: &[String], next: &str| {
        let items = numbers.map(|number| item(number, "a", &format!("STATUS_{number}"), "m"));
        let items = items.chain(more.iter().cloned()).collect::<Vec<_>>().join(",");
        Reply::json(200, format!(r#"{{"items":[{items}],"nextPageToken":"{next}"}}"#))
    };
    let running = (0..5).map(|number| item(300_000 + number, "b", "RUNNING", "m"));
    let pages = [
        page(0..100_000, &[], "second"),
        page(100_000..200_000, &[], "third"),
        page(0..0, &running.collect::<Vec<_>>(), ""),
    ];
    let (_server, batch) = batch_of(move |received| match received.query("pageToken") {
        None => pages[0].clone(),
        Some("second") => pages[1].clone(),
        Some(_) => pages[2].clone(),
    })
    .await;
    let wait = batch.wait().page_size(100_000).deadline(Duration::from_secs(6));
    let mut progress = wait.progress();
    assert_eq!(progress.try_next().await.unwrap().unwrap().items(), 200_005);
    let error = progress.try_next().await.unwrap_err();
    let text = error.to_string();
    assert!(text.contains("(5 items RUNNING, 1 item STATUS_0, "), "{text}");
    assert!(text.contains(", items in 199991 more statuses)"), "{text}");
    assert!(text.len() < 1000, "{text}");
}

#[tokio::test]
async fn names_and_messages_of_a_report_are_short_and_plain() {
    let long = "n".repeat(MEGABYTE);
    let rows = [
        item(1, &format!("{HOSTILE}{long}"), "FAILED", &format!("{HOSTILE}{long}")),
        item(2, HOSTILE, &format!("{HOSTILE}{long}"), "m"),
    ];
    let (_server, batch) = batch(format!(r#"{{"items":[{}]}}"#, rows.join(",")).into()).await;
    let mut progress = batch.wait().deadline(Duration::from_secs(6)).progress();
    let first = progress.try_next().await.unwrap().unwrap();
    let failed = &first.newly_finished()[0];
    let mut printed = Printed::default();
    printed.text(&failed.to_string());
    assert!(printed.0.starts_with("[31mred reversed next: ok nnn"), "{}", printed.0);
    assert!(printed.0.chars().count() < 450, "{}", printed.0);
    let message = failed.message.as_deref().unwrap();
    assert_eq!(message.chars().count(), 2001);
    printed.text(message);
    first
        .by_creation_status()
        .keys()
        .for_each(|status| printed.text(&status.to_string()));
    printed.error(&progress.try_next().await.unwrap_err());
    printed.is_plain("the report");
}

#[test]
fn a_password_in_a_base_url_is_never_shown() {
    for url in [
        "https://user:hush@ica.example/ica",
        "https://hush@ica.example",
        "https://ica.example/?key=hush#hush",
    ] {
        let builder = Client::builder()
            .base_url(url)
            .credentials(Credentials::api_key(API_KEY).unwrap());
        let mut printed = Printed::default();
        printed.debug(&builder);
        assert!(printed.0.contains("https://ica.example/"), "{}", printed.0);
        printed.error(&builder.build().unwrap_err());
        printed.contains_no(&["hush"], url);
    }
}
