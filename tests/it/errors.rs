//! Errors of calls, from faults of the server.

use std::time::Duration;

use ica_batch_sdk_ext::retry::RetryPolicy;
use ica_batch_sdk_ext::{Credentials, Error, ErrorKind, Execution};
use ica_simulator::{Family, Fault, FaultKind, Operation, SeedOptions, Simulator, StallFor};

use crate::setup::{UNREACHABLE, builder, project, request};

/// Time limit of an attempt. A busy machine responds within it. It is real time, because it limits
/// a real connection.
const ATTEMPT_TIMEOUT: Duration = Duration::from_millis(500);

/// Returns the error of reading a batch with this fault.
async fn read_error(simulator: &Simulator, kind: FaultKind) -> Error {
    let batch = simulator.seed_batch(simulator.project_id(), 1, SeedOptions::default());
    simulator.faults().add(Fault::new(kind));
    project(simulator).batch(batch).get().await.unwrap_err()
}

#[tokio::test]
async fn a_problem_with_a_title_only_is_an_error_with_kind_and_status() {
    let simulator = Simulator::start();
    let error = read_error(&simulator, FaultKind::ProblemTitleOnly(403)).await;
    assert_eq!((error.kind(), error.status()), (ErrorKind::Forbidden, Some(403)));
    assert!(error.code().is_some_and(|code| code.starts_with("ICA_")), "{error:?}");
    assert_eq!(error.execution(), Execution::NotExecuted);
    assert_eq!(error.attempts(), 1);
}

#[tokio::test]
async fn unusual_problems_gateway_errors_and_html_are_errors_with_kind_and_status() {
    let simulator = Simulator::start();
    let odd = read_error(&simulator, FaultKind::OddProblem(400)).await;
    assert_eq!((odd.kind(), odd.status()), (ErrorKind::Rejected, Some(400)));
    assert!(odd.problem().is_some(), "{odd:?}");

    let gateway = read_error(&simulator, FaultKind::CodeMessageError(429)).await;
    assert_eq!((gateway.kind(), gateway.status()), (ErrorKind::RateLimited, Some(429)));
    assert!(gateway.problem().unwrap().detail().is_some(), "{gateway:?}");

    let html = read_error(&simulator, FaultKind::HtmlBadGateway).await;
    assert_eq!((html.kind(), html.status()), (ErrorKind::Server, Some(502)));
    assert!(html.to_string().contains("text/html"), "{html}");
}

#[tokio::test]
async fn unreadable_and_interrupted_responses_are_told_apart() {
    let simulator = Simulator::start();
    let malformed = read_error(&simulator, FaultKind::MalformedJson).await;
    assert_eq!(
        (malformed.kind(), malformed.status()),
        (ErrorKind::Unreadable, Some(200))
    );

    let truncated = read_error(&simulator, FaultKind::TruncateBody).await;
    assert_eq!(
        (truncated.kind(), truncated.status()),
        (ErrorKind::Interrupted, Some(200))
    );

    let reset = read_error(&simulator, FaultKind::ResetBeforeExecuting).await;
    assert_eq!((reset.kind(), reset.status()), (ErrorKind::Interrupted, None));
}

#[tokio::test]
async fn a_response_in_another_version_is_reported_with_both_versions() {
    let simulator = Simulator::start();
    let batch = simulator.seed_batch(simulator.project_id(), 1, SeedOptions::default());
    let item = simulator.batches()[0].items[0].id;
    simulator
        .faults()
        .add(Fault::new(FaultKind::OtherVersion { honest: true }));
    let error = project(&simulator).batch(batch).item(item).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::VersionMismatch);
    assert!(
        error.to_string().contains("V3") && error.to_string().contains("V4"),
        "{error}"
    );
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let simulator = Simulator::start();
    let other = Simulator::start();
    let error = read_error(
        &simulator,
        FaultKind::RedirectTo(format!("{}/secret-path", other.base_url())),
    )
    .await;
    assert_eq!((error.kind(), error.status()), (ErrorKind::Redirected, Some(307)));
    assert!(error.to_string().contains("http://127.0.0.1:"), "{error}");
    assert!(!error.to_string().contains("secret-path"), "{error}");
    assert_eq!(other.requests().len(), 0);
}

#[tokio::test]
async fn a_response_larger_than_the_limit_is_an_error_even_if_it_is_compressed() {
    for kind in [FaultKind::OversizedBody(2_000_000), FaultKind::GzipBomb(50_000_000)] {
        let simulator = Simulator::start();
        simulator.faults().add(Fault::new(kind.clone()));
        let client = builder(&simulator)
            .retry(RetryPolicy::never())
            .response_limit(1_000_000)
            .build()
            .unwrap();
        let create = client
            .project(simulator.project_id())
            .unwrap()
            .create_batch(request(&["a"]));
        let error = create.await.unwrap_err();
        assert_eq!(
            (error.kind(), error.execution()),
            (ErrorKind::TooLarge, Execution::Executed),
            "{kind:?}"
        );
        assert!(error.to_string().contains("1000000 bytes"), "{error}");
    }
}

#[tokio::test]
async fn the_execution_of_a_create_without_a_response_is_unknown() {
    let simulator = Simulator::start();
    simulator.faults().add(
        Fault::new(FaultKind::StallAfterExecuting(StallFor::UntilClosed)).on(Operation::CreateBatch(Family::Analysis)),
    );
    let client = builder(&simulator)
        .retry(RetryPolicy::never())
        .attempt_timeout(ATTEMPT_TIMEOUT)
        .build()
        .unwrap();
    let create = client
        .project(simulator.project_id())
        .unwrap()
        .create_batch(request(&["a"]));
    let key = create.key().clone();
    let error = create.await.unwrap_err();
    assert_eq!(
        (error.kind(), error.execution()),
        (ErrorKind::Timeout, Execution::Unknown)
    );
    assert!(error.is_timeout() && error.elapsed() >= ATTEMPT_TIMEOUT);
    assert_eq!(error.idempotency_key(), Some(&key));
}

#[tokio::test]
async fn a_create_without_a_connection_is_not_executed() {
    let simulator = Simulator::start();
    let client = builder(&simulator).base_url(UNREACHABLE).retry(RetryPolicy::never());
    let project = client.build().unwrap().project(simulator.project_id()).unwrap();
    let error = project.create_batch(request(&["a"])).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.execution()),
        (ErrorKind::Connect, Execution::NotExecuted)
    );
}

#[tokio::test]
async fn the_error_of_an_invalid_credential_does_not_show_it() {
    let simulator = Simulator::start();
    let client = builder(&simulator)
        .credentials(Credentials::bearer("hush-hush-token").unwrap())
        .build()
        .unwrap();
    let error = client
        .project(simulator.project_id())
        .unwrap()
        .create_batch(request(&["a"]))
        .await
        .unwrap_err();
    assert!(error.is_unauthorized());
    assert!(!format!("{error} {error:?} {client:?}").contains("hush-hush"));
}
