//! The credential in everything that can become a part of an error or a span.

use std::time::Duration;

use futures_util::TryStreamExt;
use ica_batch_sdk_ext::{Client, Error, Journal, V3};
use serde_json::{Value, json};

use super::{
    API_KEY, HostileServer, KINDS, Kind, PARTS, PROJECT, Printed, Received, Reply, batch_id, server, spellings,
};
use crate::recorder::{start_log, take_log};
use crate::setup::request;

/// Responses that contain a text, each with the name of the place.
fn places(text: &str) -> Vec<(&'static str, Reply)> {
    // A header holds visible ASCII only.
    let header = text.chars().filter(char::is_ascii).collect::<String>();
    let problem = |status, members: Value| Reply::json(status, members.to_string());
    vec![
        ("a value of the wrong type", problem(200, json!({ "id": text }))),
        (
            "a value of another wrong type",
            problem(200, json!({ "id": 7, "items": text, "status": text })),
        ),
        (
            "an item of the wrong type",
            problem(200, json!({ "id": 7, "items": [text] })),
        ),
        ("the whole response", problem(200, json!(text))),
        ("text", Reply::json(200, text.as_bytes())),
        (
            "the media type",
            Reply::json(200, "x").header("content-type", header.as_bytes()),
        ),
        (
            "the media type of an error",
            Reply::json(502, "x").header("content-type", format!("text/{header}; charset={header}")),
        ),
        (
            "a location",
            Reply::json(307, "").header("location", format!("https://{header}.example/{header}?key={header}")),
        ),
        (
            "another location",
            Reply::json(302, "").header("location", header.as_bytes()),
        ),
        (
            "a problem",
            problem(
                400,
                json!({ "title": text, "detail": text, "id": text, "code": text, "status": 400 }),
            ),
        ),
        (
            "a problem with a prefix",
            problem(
                403,
                json!({ "title": format!("{}{text}", "x".repeat(95)), "detail": "y".repeat(290) + text }),
            ),
        ),
        (
            "an unusual problem",
            problem(
                422,
                json!({ "error": [text], "detail": { text: [text] }, "id": [7, text], "code": { text: 1 } }),
            ),
        ),
        (
            "a gateway's problem",
            problem(500, json!({ "code": text, "message": text })),
        ),
        (
            "parameters",
            problem(
                400,
                json!({ "title": "ICA_API_001", "parameters": { text: text, "b": text } }),
            ),
        ),
        (
            "unusual parameters",
            problem(400, json!({ "parameters": [{ text: [text] }] })),
        ),
        (
            "rejected credentials",
            problem(401, json!({ "title": text, "detail": text })),
        ),
        (
            "the id of the request",
            problem(404, json!({ "id": text })).header("x-request-id", header.as_bytes()),
        ),
        (
            "the id of a request that succeeded",
            problem(200, json!({ "id": batch_id(), "items": [] })).header("x-request-id", header.as_bytes()),
        ),
    ]
}

/// Returns the errors of a submission, and checks its report.
async fn submission_error(client: &Client) -> Option<Error> {
    let project = client.project(PROJECT).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let journal = Journal::open(folder.path().join("journal.db")).unwrap();
    let submission = project
        .submission("s", &journal)
        .stop_on_first_error()
        .analyses(request(&["a"]).nextflow_items);
    let error = submission.run().await.err();
    let report = project.submission("s", &journal).report().await.unwrap();
    let mut printed = Printed::default();
    printed.debug(&report);
    report
        .analyses()
        .iter()
        .for_each(|analysis| printed.text(&analysis.to_string()));
    let mut lines = Vec::new();
    for entry in journal.submissions().unwrap() {
        journal.export(&entry, &mut lines).unwrap();
    }
    printed.text(&String::from_utf8(lines).unwrap());
    printed.contains_no(&PARTS, "a submission");
    error
}

/// Returns the errors of each kind of call.
async fn errors(client: &Client) -> Vec<Error> {
    let project = client.project(PROJECT).unwrap();
    let batch = project.batch(batch_id());
    let samples = project.sample_batch(batch_id());
    let results = [
        batch.get().await.err(),
        batch.items().stream().try_collect::<Vec<_>>().await.err(),
        batch.items().summaries().stream().try_collect::<Vec<_>>().await.err(),
        batch.item(batch_id()).version::<V3>().await.err(),
        samples.items().first().await.err(),
        project.create_batch(request(&["a"])).await.err(),
        project
            .create_batch(request(&["a"]))
            .without_idempotency_key()
            .await
            .err(),
        batch.wait().deadline(Duration::from_secs(60)).await.err(),
    ];
    results.into_iter().flatten().collect()
}

#[tokio::test]
async fn no_error_and_no_span_shows_a_credential_that_the_server_sends_back() {
    for kind in KINDS {
        for secret in kind.secrets() {
            for (number, spelling) in spellings(secret).into_iter().enumerate() {
                // One kind of credentials is enough for the other spellings.
                if number > 0 && kind != Kind::Key {
                    break;
                }
                for (place, reply) in places(&spelling) {
                    start_log();
                    let server = server(move |_| reply.clone()).await;
                    let client = kind.client(&server);
                    let mut printed = Printed::default();
                    for error in errors(&client).await {
                        printed.error(&error);
                    }
                    if number == 0 && kind == Kind::Key {
                        submission_error(&client)
                            .await
                            .iter()
                            .for_each(|error| printed.error(error));
                    }
                    let was_sent = |received: &Received| received.head.contains(secret);
                    assert!(server.received().iter().any(was_sent), "the secret was sent");
                    printed.debug(&client);
                    let log = take_log();
                    assert!(log.spans.len() >= 16, "{} spans", log.spans.len());
                    printed.log(&log);
                    printed.contains_no(&PARTS, &format!("{place}, {kind:?}"));
                    printed.is_plain(place);
                }
            }
        }
    }
}

#[tokio::test]
async fn no_error_of_a_mint_shows_the_key_or_a_token() {
    for (place, reply) in places(API_KEY) {
        start_log();
        let server = HostileServer::start(move |_| reply.clone()).await;
        let client = Kind::Minted.client(&server);
        let batch = client.project(PROJECT).unwrap().batch(batch_id());
        let error = batch.get().await.unwrap_err();
        let mut printed = Printed::default();
        printed.error(&error);
        printed.log(&take_log());
        printed.contains_no(&PARTS, place);
    }
}

#[tokio::test]
async fn a_token_that_is_not_used_any_more_is_not_shown_either() {
    let mut minted = 0;
    let server = HostileServer::start(move |received| match received.target.ends_with("/api/tokens") {
        true => {
            minted += 1;
            Reply::json(
                200,
                json!({ "token": format!("old-token-number-{minted}") }).to_string(),
            )
        }
        false => Reply::json(
            401,
            json!({ "title": "X", "detail": "old-token-number-1 was replaced" }).to_string(),
        ),
    })
    .await;
    let client = Kind::Minted.client(&server);
    let batch = client.project(PROJECT).unwrap().batch(batch_id());
    for _ in 0..2 {
        let error = batch.get().await.unwrap_err();
        assert!(error.is_unauthorized());
        assert!(error.to_string().contains("… was replaced"), "{error}");
    }
    assert_eq!(
        server.received().len(),
        7,
        "four requests, then three with the second token"
    );
}
