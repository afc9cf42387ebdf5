//! Failures as a caller sees them.

use std::time::Duration;

use ica_batch_sdk_ext::retry::RetryPolicy;
use ica_batch_sdk_ext::{Credentials, Error, ErrorKind, Execution};
use ica_simulator::{Family, Fault, FaultKind, Operation, SeedOptions, Simulator, StallFor};

use crate::setup::{NOBODY, builder, project, request};

/// Long enough for an ordinary answer on a busy machine. Real time: it bounds a real connection.
const STALLED: Duration = Duration::from_millis(500);

async fn reading(simulator: &Simulator, kind: FaultKind) -> Error {
    let batch = simulator.seed_batch(simulator.project_id(), 1, SeedOptions::default());
    simulator.faults().add(Fault::new(kind));
    project(simulator).batch(batch).get().await.unwrap_err()
}

#[tokio::test]
async fn a_problem_with_nothing_but_a_title_is_a_typed_error_with_its_status() {
    let simulator = Simulator::start();
    let error = reading(&simulator, FaultKind::ProblemTitleOnly(403)).await;
    assert_eq!((error.kind(), error.status()), (ErrorKind::Forbidden, Some(403)));
    assert!(error.code().is_some_and(|code| code.starts_with("ICA_")), "{error:?}");
    assert_eq!(error.execution(), Execution::NotExecuted);
    assert_eq!(error.attempts(), 1);
}

#[tokio::test]
async fn odd_problems_gateway_errors_and_html_are_typed_errors() {
    let simulator = Simulator::start();
    let odd = reading(&simulator, FaultKind::OddProblem(400)).await;
    assert_eq!((odd.kind(), odd.status()), (ErrorKind::Rejected, Some(400)));
    assert!(odd.problem().is_some(), "{odd:?}");

    let gateway = reading(&simulator, FaultKind::CodeMessageError(429)).await;
    assert_eq!((gateway.kind(), gateway.status()), (ErrorKind::RateLimited, Some(429)));
    assert!(gateway.problem().unwrap().detail().is_some(), "{gateway:?}");

    let html = reading(&simulator, FaultKind::HtmlBadGateway).await;
    assert_eq!((html.kind(), html.status()), (ErrorKind::Server, Some(502)));
    assert!(html.to_string().contains("text/html"), "{html}");
}

#[tokio::test]
async fn an_answer_that_cannot_be_read_is_not_taken_for_another() {
    let simulator = Simulator::start();
    let malformed = reading(&simulator, FaultKind::MalformedJson).await;
    assert_eq!(
        (malformed.kind(), malformed.status()),
        (ErrorKind::Unreadable, Some(200))
    );

    let truncated = reading(&simulator, FaultKind::TruncateBody).await;
    assert_eq!(
        (truncated.kind(), truncated.status()),
        (ErrorKind::Interrupted, Some(200))
    );

    let reset = reading(&simulator, FaultKind::ResetBeforeExecuting).await;
    assert_eq!((reset.kind(), reset.status()), (ErrorKind::Interrupted, None));
}

#[tokio::test]
async fn an_answer_in_another_version_is_named_as_such() {
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
    let error = reading(
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
async fn an_answer_beyond_the_limit_ends_in_an_error_also_when_it_is_small_on_the_wire() {
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
async fn no_answer_in_time_leaves_open_whether_a_create_executed() {
    let simulator = Simulator::start();
    simulator.faults().add(
        Fault::new(FaultKind::StallAfterExecuting(StallFor::UntilClosed)).on(Operation::CreateBatch(Family::Analysis)),
    );
    let client = builder(&simulator)
        .retry(RetryPolicy::never())
        .attempt_timeout(STALLED)
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
    assert!(error.is_timeout() && error.elapsed() >= STALLED);
    assert_eq!(error.idempotency_key(), Some(&key));
}

#[tokio::test]
async fn no_connection_means_that_nothing_was_executed() {
    let simulator = Simulator::start();
    let client = builder(&simulator).base_url(NOBODY).retry(RetryPolicy::never());
    let project = client.build().unwrap().project(simulator.project_id()).unwrap();
    let error = project.create_batch(request(&["a"])).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.execution()),
        (ErrorKind::Connect, Execution::NotExecuted)
    );
}

#[tokio::test]
async fn a_wrong_credential_is_said_without_showing_it() {
    let simulator = Simulator::start();
    let client = builder(&simulator)
        .credentials(Credentials::bearer("not-a-token-of-ours").unwrap())
        .build()
        .unwrap();
    let error = client
        .project(simulator.project_id())
        .unwrap()
        .create_batch(request(&["a"]))
        .await
        .unwrap_err();
    assert!(error.is_unauthorized());
    assert!(!format!("{error} {error:?} {client:?}").contains("not-a-token"));
}
