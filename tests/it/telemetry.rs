//! Spans of a call, as a subscriber receives them.

use ica_batch_sdk_ext::Credentials;
use ica_batch_sdk_ext::clock::ManualClock;
use ica_simulator::{Family, Fault, FaultKind, Operation, Simulator};

use crate::recorder::{start_log, take_log};
use crate::setup::{builder, request};

#[tokio::test]
async fn a_call_and_its_attempts_are_spans_with_the_names_of_opentelemetry() {
    start_log();
    let simulator = Simulator::start();
    simulator
        .faults()
        .add(Fault::new(FaultKind::ResetBeforeExecuting).on(Operation::CreateBatch(Family::Analysis)));
    simulator
        .faults()
        .add(Fault::new(FaultKind::refuse(503)).on(Operation::CreateBatch(Family::Analysis)));
    let minting = Credentials::api_key(simulator.api_key()).unwrap();
    let client = builder(&simulator)
        .credentials(minting)
        .clock(ManualClock::new())
        .build()
        .unwrap();
    client
        .project(simulator.project_id())
        .unwrap()
        .batch(uuid::Uuid::nil())
        .get()
        .await
        .unwrap_err();
    assert!(take_log().spans.iter().any(|span| {
        span.fields
            .get("otel.name")
            .is_some_and(|name| name == "create_jwt_token")
    }));
    start_log();
    let create = client
        .project(simulator.project_id())
        .unwrap()
        .create_batch(request(&["a"]));
    let key = create.key().to_string();
    create.await.unwrap();

    let log = take_log();
    let spans = log
        .spans
        .iter()
        .filter(|span| ["ica.call", "http.request"].contains(&span.name))
        .collect::<Vec<_>>();
    assert_eq!(
        spans.iter().map(|span| span.name).collect::<Vec<_>>(),
        ["ica.call", "http.request", "http.request", "http.request"]
    );
    let call = spans[0];
    assert_eq!(call.fields["otel.name"], "create_analysis_creation_batch");
    assert_eq!(call.fields["ica.idempotency_key"], key);
    assert!(!call.fields.contains_key("error.type"), "the call succeeded");

    for (number, attempt) in spans[1..].iter().enumerate() {
        assert_eq!(attempt.parent, Some("ica.call"));
        let fields = &attempt.fields;
        assert_eq!(fields["http.request.method"], "POST");
        assert_eq!(fields["otel.kind"], "client");
        assert_eq!(
            fields["url.template"],
            "/api/projects/{projectId}/analysisCreationBatch"
        );
        assert_eq!(
            fields["otel.name"],
            "POST /api/projects/{projectId}/analysisCreationBatch"
        );
        assert_eq!(fields["server.address"], "127.0.0.1");
        assert_eq!(fields["server.port"], simulator.address().port().to_string());
        assert_eq!(
            fields.get("http.request.resend_count").cloned(),
            (number > 0).then(|| number.to_string())
        );
    }
    let field = |attempt: usize, name: &str| spans[attempt].fields.get(name).cloned();
    assert_eq!(
        (field(1, "error.type"), field(1, "http.response.status_code")),
        (Some("Interrupted".into()), None)
    );
    assert_eq!(
        (field(2, "error.type"), field(2, "http.response.status_code")),
        (Some("503".into()), Some("503".into()))
    );
    assert!(field(2, "ica.problem.code").is_some() && field(2, "ica.problem.id").is_some());
    assert_eq!(
        (field(3, "error.type"), field(3, "http.response.status_code")),
        (None, Some("201".into()))
    );

    // The 503 pauses the client. A call writes no other events.
    let [pause] = &log.events[..] else {
        panic!("{:?}", log.events);
    };
    assert_eq!(pause.fields["message"], "requests are paused");
    assert_eq!(
        pause.fields["ica.pace.reason"],
        "the server is not available (HTTP 503)"
    );
    assert!(pause.fields["ica.pace.until"].ends_with('Z'), "{pause:?}");
    let text = format!("{spans:?}");
    assert!(
        !text.contains("eyJ") && !text.contains(simulator.api_key()) && !text.contains(simulator.project_id()),
        "{text}"
    );
}

#[tokio::test]
async fn the_span_of_a_failed_call_has_the_error() {
    start_log();
    let simulator = Simulator::start();
    let client = builder(&simulator).clock(ManualClock::new()).build().unwrap();
    let batch = client.project(simulator.project_id()).unwrap().batch(uuid::Uuid::nil());
    batch.get().await.unwrap_err();
    let log = take_log();
    let call = log.spans.iter().find(|span| span.name == "ica.call").unwrap();
    assert_eq!(
        (call.fields["error.type"].as_str(), call.fields["ica.attempts"].as_str()),
        ("NotFound", "1")
    );
}
