//! Creates of batches: the requests that are sent, and the batches that exist afterwards.

use ica_batch_sdk_ext::types::{
    AnalysisDataInput, CreateAnalysisCreationBatch, CreateCwlAnalysis, CwlAnalysisJsonInput, CwlAnalysisStructuredInput,
};
use ica_batch_sdk_ext::{ErrorKind, Execution, IdempotencyKey};
use ica_simulator::{Family, Fault, FaultKind, Operation, Simulator};

use crate::setup::{project, request};

#[tokio::test]
async fn the_key_is_known_before_the_request_is_sent_with_it() {
    let simulator = Simulator::start();
    let create = project(&simulator).create_batch(request(&["a", "b"]));
    let key = create.key().to_string();
    assert_eq!(simulator.requests().len(), 0, "nothing is sent before it is awaited");
    let created = create.await.unwrap();
    assert_eq!(
        created.idempotency_key().map(IdempotencyKey::as_str),
        Some(key.as_str())
    );
    let seen = simulator.requests();
    assert_eq!(seen[0].idempotency_key(), Some(key.as_str()));
    assert_eq!(simulator.batches()[0].id, created.id());
}

#[tokio::test]
async fn every_create_has_its_own_key() {
    let simulator = Simulator::start();
    let project = project(&simulator);
    let first = project.create_batch(request(&["a"])).await.unwrap();
    let second = project.create_batch(request(&["a"])).await.unwrap();
    assert_ne!(first.id(), second.id());
    assert_eq!(simulator.executed_creates(), 2);
}

#[tokio::test]
async fn the_same_key_and_request_create_nothing_twice_and_send_the_same_bytes() {
    let simulator = Simulator::start();
    let create = project(&simulator).create_batch(request(&["a", "b"]));
    let (first, second) = (create.clone().await.unwrap(), create.await.unwrap());
    assert_eq!(first.id(), second.id());
    assert_eq!(simulator.executed_creates(), 1);
    assert!(
        simulator
            .created_by_name(Family::Analysis)
            .values()
            .all(|count| *count == 1)
    );
    let seen = simulator.requests();
    assert_eq!(seen[0].body, seen[1].body);
}

#[tokio::test]
async fn the_batch_of_a_lost_response_is_found_with_the_key_of_the_error() {
    let simulator = Simulator::start();
    simulator
        .faults()
        .add(Fault::new(FaultKind::ExecuteThenReset).on(Operation::CreateBatch(Family::Analysis)));
    let project = project(&simulator);
    let error = project.create_batch(request(&["a"])).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.execution()),
        (ErrorKind::Interrupted, Execution::Unknown)
    );

    let key = error.idempotency_key().unwrap().clone();
    let created = project
        .create_batch(request(&["a"]))
        .idempotency_key(key)
        .await
        .unwrap();
    assert_eq!(simulator.executed_creates(), 1);
    assert_eq!(simulator.batches()[0].id, created.id());
}

#[tokio::test]
async fn another_request_with_a_used_key_is_a_mismatch_and_is_not_executed() {
    let simulator = Simulator::start();
    let project = project(&simulator);
    let key: IdempotencyKey = "cohort-42".parse().unwrap();
    project
        .create_batch(request(&["a"]))
        .idempotency_key(key.clone())
        .await
        .unwrap();
    let error = project
        .create_batch(request(&["b"]))
        .idempotency_key(key.clone())
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.execution()),
        (ErrorKind::KeyMismatch, Execution::NotExecuted)
    );
    assert_eq!(error.idempotency_key(), Some(&key));
    assert_eq!(simulator.executed_creates(), 1);
}

#[tokio::test]
async fn an_empty_batch_is_rejected_before_anything_is_sent() {
    let simulator = Simulator::start();
    let empty = CreateAnalysisCreationBatch::builder().build();
    let error = project(&simulator).create_batch(empty).await.unwrap_err();
    assert!(error.is_invalid_input());
    assert_eq!((error.attempts(), simulator.requests().len()), (0, 0));
}

#[tokio::test]
async fn both_forms_of_cwl_input_are_sent_with_their_tag() {
    let simulator = Simulator::start();
    let structured = CwlAnalysisStructuredInput::builder()
        .inputs(vec![AnalysisDataInput::builder().parameter_code("reads").build()])
        .build();
    let json = CwlAnalysisJsonInput::builder().input_json("{}").build();
    let analysis = |reference: &str, input| {
        CreateCwlAnalysis::builder()
            .user_reference(reference)
            .unwrap()
            .pipeline_id("5f3c9c1e-7a40-4f1b-9d52-0e6c8a1b2d3f")
            .analysis_input(input)
            .build()
    };
    let analyses = vec![analysis("structured", structured.into()), analysis("json", json.into())];
    let request = CreateAnalysisCreationBatch::builder().cwl_items(analyses).build();
    project(&simulator).create_batch(request).await.unwrap();
    let sent = simulator.requests()[0].json().unwrap();
    let tags = sent["cwlItems"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["analysisInput"]["objectType"].clone());
    assert_eq!(tags.collect::<Vec<_>>(), ["STRUCTURED", "JSON"]);
    assert_eq!(simulator.executed_creates(), 1);
}

#[test]
fn an_invalid_project_id_is_rejected() {
    let simulator = Simulator::start();
    let client = crate::setup::client(&simulator);
    for invalid in ["", " ", ".", "..", "a/b", "..\\..", "a\u{0}b"] {
        assert!(client.project(invalid).unwrap_err().is_invalid_input(), "{invalid:?}");
    }
}

#[tokio::test]
async fn an_unusable_response_to_a_create_does_not_lose_the_batch() {
    let simulator = Simulator::start();
    simulator.faults().add(FaultKind::OddJob);
    let project = project(&simulator);
    let error = project.create_batch(request(&["a"])).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.execution()),
        (ErrorKind::Unreadable, Execution::Executed)
    );
    let id = simulator.batches()[0].id;
    assert_eq!(error.created_batch(), Some(id));
    let text = error.to_string();
    assert!(text.contains(&format!("names batch {id}; the batch exists")), "{text}");
    project.batch(id).get().await.unwrap();
}
