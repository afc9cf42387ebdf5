//! The credential in items: messages, statuses and names.

use std::time::Duration;

use futures_util::TryStreamExt;
use ica_batch_sdk_ext::{AnalysisCreation, Batch, Uuid, V3};
use serde_json::{Value, json};

use super::{HostileServer, KINDS, PARTS, PROJECT, Printed, Reply, batch_id, server, spellings};
use crate::setup::request;

/// Returns a response with these items, in every version.
fn items(items: &[Value]) -> Reply {
    Reply::json(200, json!({ "items": items }).to_string())
}

fn item(number: u128, name: &str, status: &str, message: Option<&str>) -> Value {
    json!({
        "id": Uuid::from_u128(number),
        "request": { "userReference": name, "pipelineId": "p", "tags": { "technicalTags": [], "userTags": [], "referenceTags": [] }, "sampleToCreate": { "name": name }, "completeSample": true },
        "processing": { "status": status, "additionalStatusInformation": message },
    })
}

/// Starts a server with a batch of these items and without a job.
async fn batch_server(rows: Vec<Value>) -> HostileServer {
    server(move |received| {
        let path = received.target.split('?').next().unwrap_or_default();
        match path.ends_with("/items") {
            true => items(&rows),
            false if path.contains("/items/") => Reply::json(200, rows[0].to_string()),
            false => Reply::json(200, json!({ "id": batch_id() }).to_string()),
        }
    })
    .await
}

async fn print_items(printed: &mut Printed, batch: &Batch<AnalysisCreation>) {
    let v4 = batch.items().stream().try_collect::<Vec<_>>().await.unwrap();
    let v3 = batch
        .items()
        .version::<V3>()
        .stream()
        .try_collect::<Vec<_>>()
        .await
        .unwrap();
    let summaries = batch
        .items()
        .summaries()
        .stream()
        .try_collect::<Vec<_>>()
        .await
        .unwrap();
    let one = batch.item(Uuid::from_u128(1)).await.unwrap();
    for item in v4.iter().chain([&one]) {
        printed.debug(&item.processing);
        printed.text(&serde_json::to_string(&item.processing).unwrap());
    }
    v3.iter().for_each(|item| printed.debug(&item.processing));
    summaries.iter().for_each(|item| printed.debug(&item.processing));
}

#[tokio::test]
async fn no_item_and_no_report_shows_a_credential_that_the_server_sends_back() {
    for kind in KINDS {
        for secret in kind.secrets() {
            for spelling in spellings(secret) {
                let rows = vec![
                    item(1, &spelling, "FAILED", Some(&format!("the key {spelling} is unknown"))),
                    item(2, &format!("sample {spelling}"), "FAILED", Some(&spelling)),
                ];
                let server = batch_server(rows).await;
                let client = kind.client(&server);
                let project = client.project(PROJECT).unwrap();
                let mut printed = Printed::default();
                print_items(&mut printed, &project.batch(batch_id())).await;
                let report = project.batch(batch_id()).wait().await.unwrap();
                assert_eq!(report.failed().len(), 2);
                for failed in report.failed() {
                    printed.text(&failed.to_string());
                }
                printed.debug(&report);
                printed.text(&serde_json::to_string(&report).unwrap());
                let samples = project.sample_batch(batch_id()).wait().await.unwrap();
                printed.debug(&samples);
                printed.text(&samples.failed()[0].to_string());
                assert!(printed.0.contains('…'), "{}", printed.0);
                printed.contains_no(&PARTS, &format!("items, {kind:?}"));
            }
        }
    }
}

#[tokio::test]
async fn no_status_shows_a_credential_that_the_server_sends_back() {
    for kind in KINDS {
        for secret in kind.secrets() {
            for spelling in spellings(secret)
                .into_iter()
                .chain([format!("{}{secret}", "X".repeat(110))])
            {
                let server = batch_server(vec![item(1, "a", &spelling, None), item(2, "b", "RUNNING", None)]).await;
                let batch = kind.client(&server).project(PROJECT).unwrap().batch(batch_id());
                let mut printed = Printed::default();
                print_items(&mut printed, &batch).await;
                let mut progress = batch.wait().deadline(Duration::from_secs(60)).progress();
                let error = loop {
                    match progress.try_next().await {
                        Ok(now) => {
                            let now = now.expect("the wait does not end without an error");
                            assert_eq!(now.unknown_statuses().count(), 1);
                            now.unknown_statuses().for_each(|status| printed.text(status));
                            printed.debug(&now);
                        }
                        Err(error) => break error,
                    }
                };
                assert!(error.to_string().contains("1 item RUNNING"), "{error}");
                printed.error(&error);
                printed.contains_no(&PARTS, &format!("a status, {kind:?}"));
            }
        }
    }
}

#[tokio::test]
async fn no_job_shows_a_credential_that_the_server_sends_back() {
    let time = "2026-01-01T00:00:00Z";
    let owner = json!({
        "id": batch_id(), "active": true, "email": "", "emailVerified": true, "ownerId": batch_id(),
        "tenantAdministrator": false, "tenantId": batch_id(), "timeCreated": time, "timeModified": time,
        "twoFactorAuthentication": false, "username": "u",
    });
    for kind in KINDS {
        for secret in kind.secrets() {
            let job = json!({
                "id": batch_id(), "owner": owner, "status": secret, "subjectId": batch_id(), "subjectType": "s",
                "timeCreated": time, "timeModified": time, "additionalStatusInformation": format!("{secret} failed"),
            });
            let body = json!({ "id": batch_id(), "job": job }).to_string();
            let server = server(move |received| match received.method.as_str() {
                "POST" => Reply::json(201, body.clone()),
                _ if received.target.contains("/items") => items(&[]),
                _ => Reply::json(200, body.clone()),
            })
            .await;
            let project = kind.client(&server).project(PROJECT).unwrap();
            let mut printed = Printed::default();
            let batch = project.batch(batch_id()).get().await.unwrap();
            printed.debug(&batch);
            printed.debug(&project.sample_batch(batch_id()).get().await.unwrap());
            printed.debug(&project.create_batch(request(&["a"])).await.unwrap());
            let wait = project.batch(batch_id()).wait().deadline(Duration::from_secs(60));
            let error = wait.await.unwrap_err();
            assert!(error.to_string().contains("(job …)"), "{error}");
            printed.error(&error);
            printed.contains_no(&PARTS, &format!("a job, {kind:?}"));
        }
    }
}
