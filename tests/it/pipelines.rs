//! Pipelines and storage sizes: lists, and the one that a text names.

use ica_batch_sdk_ext::clock::ManualClock;
use ica_batch_sdk_ext::types::PipelineStatus;
use ica_batch_sdk_ext::{ErrorKind, Uuid};
use ica_batch_tests::hostile_server::{API_KEY, HostileServer, PROJECT, Reply};
use ica_simulator::{ApiVersion, Fault, FaultKind, Operation, SeedPipeline, Simulator};
use serde_json::json;

use crate::raw_only;
use crate::setup::{builder, project};

fn seeded() -> (Simulator, Vec<Uuid>) {
    let simulator = Simulator::start();
    let seeds = [
        SeedPipeline::new("Germline 4-3-6"),
        SeedPipeline::new("Germline 4-3-7").draft(),
        SeedPipeline::new("Twin"),
        SeedPipeline::new("Twin").id(Uuid::from_u128(7)),
    ];
    let ids = seeds.map(|seed| simulator.seed_pipeline(simulator.project_id(), seed));
    (simulator, ids.to_vec())
}

#[tokio::test]
async fn a_pipeline_is_found_by_code_id_and_urn() {
    let (simulator, ids) = seeded();
    let pipelines = project(&simulator).pipelines();
    let all = pipelines.list().await.unwrap();
    assert_eq!(all.iter().map(|found| found.pipeline.id).collect::<Vec<_>>(), ids);
    let urn = all[1].pipeline.urn.clone().unwrap();
    for text in ["Germline 4-3-7".to_owned(), ids[1].to_string(), urn] {
        let found = pipelines.find(&text).await.unwrap().pipeline;
        assert_eq!(
            (found.id, found.status),
            (ids[1], Some(PipelineStatus::Draft)),
            "{text}"
        );
    }
    assert_eq!(pipelines.find(ids[3].to_string()).await.unwrap().pipeline.id, ids[3]);
}

#[tokio::test]
async fn missing_ambiguous_and_empty_texts_are_errors() {
    let (simulator, ids) = seeded();
    let pipelines = project(&simulator).pipelines();
    let error = pipelines.find("Germline").await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::NotFound, None));
    let text = format!(
        "could not find pipeline \"Germline\" in project {}: no pipeline has this code, id or URN; did you mean \
         \"Germline 4-3-6\" ({}) or \"Germline 4-3-7\" ({})?; write one of them",
        simulator.project_id(),
        ids[0],
        ids[1]
    );
    assert_eq!(error.to_string(), text);
    let error = pipelines.find("Twin").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert!(
        error
            .to_string()
            .contains(&format!("{}, {}; write the id", ids[2], ids[3])),
        "{error}"
    );
    simulator.clear_requests();
    assert!(pipelines.find(" ").await.unwrap_err().is_invalid_input());
    assert!(
        project(&simulator)
            .storages()
            .find("")
            .await
            .unwrap_err()
            .is_invalid_input()
    );
    assert_eq!(simulator.requests().len(), 0);
}

#[tokio::test]
async fn a_storage_size_is_found_by_name_and_id() {
    let simulator = Simulator::start();
    let storages = project(&simulator).storages();
    let names = storages.list().await.unwrap().into_iter().map(|storage| storage.name);
    assert_eq!(names.collect::<Vec<_>>(), ["Small", "Medium", "Large", "XLarge"]);
    let id = simulator.storage_id("Large").unwrap();
    for text in ["Large".to_owned(), id.to_string()] {
        assert_eq!(storages.find(text).await.unwrap().id, id);
    }
    let error = storages.find("medium").await.unwrap_err().to_string();
    assert!(
        error.contains("no storage size has this name or id; did you mean \"Medium\""),
        "{error}"
    );
    let old = Simulator::builder().versions([ApiVersion::V3]).start().unwrap();
    let error = project(&old).storages().list().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::VersionNotSupported);
}

#[tokio::test]
async fn lists_are_retried() {
    let (simulator, _) = seeded();
    let client = builder(&simulator).clock(ManualClock::new()).build().unwrap();
    let project = client.project(simulator.project_id()).unwrap();
    for operation in [Operation::ListPipelines, Operation::ListStorages] {
        simulator.faults().add(Fault::new(FaultKind::refuse(503)).on(operation));
    }
    project.pipelines().find("Germline 4-3-6").await.unwrap();
    project.storages().find("Small").await.unwrap();
    for operation in [Operation::ListPipelines, Operation::ListStorages] {
        assert_eq!(simulator.count(operation), 2, "{operation}");
    }
}

const CODE: &str = "Somatic pipeline of the whole hospital, release 2026";

#[tokio::test]
async fn no_error_shows_a_credential_that_the_server_sends_as_a_name() {
    let (v3, _) = raw_only::analyses().await;
    let mut pipeline = v3["pipeline"].clone();
    pipeline["code"] = json!(format!("{CODE} {API_KEY}"));
    pipeline["status"] = json!(API_KEY);
    let list = json!({ "items": [{
        "pipeline": pipeline, "projectId": Uuid::nil(), "bundleLinks": { "items": [] },
    }] });
    let server = HostileServer::start(move |_| Reply::json(200, list.to_string())).await;
    let project = server.client().build().unwrap().project(PROJECT).unwrap();
    let found = project.pipelines().list().await.unwrap();
    assert!(!format!("{:?}", found[0].pipeline.status).contains(API_KEY));
    let error = project.pipelines().find(CODE).await.unwrap_err().to_string();
    assert!(error.contains("did you mean") && error.contains('…'), "{error}");
    assert!(!error.contains(API_KEY), "{error}");
}
