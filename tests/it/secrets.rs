//! Secrets: nothing that can be printed contains one.

use std::error::Error as StdError;
use std::fmt::Debug;
use std::time::Duration;

use futures_util::{FutureExt, TryStreamExt};
use ica_batch_sdk::CallContext;
use ica_batch_sdk_ext::clock::ManualClock;
use ica_batch_sdk_ext::retry::RetryPolicy;
use ica_batch_sdk_ext::{AccessToken, ApiVersion, Client, Credentials, Error, Journal, V3, VersionPolicy, types};
use ica_simulator::{Fault, FaultKind, SeedOptions, Simulator, StallFor, TokenOrigin};

use crate::setup::{builder, request};

/// Collects everything that was printed.
#[derive(Default)]
struct Printed(String);

impl Printed {
    fn debug(&mut self, value: &dyn Debug) {
        self.0.push_str(&format!("{value:?}\n{value:#?}\n"));
    }

    fn error(&mut self, error: &Error) {
        self.debug(error);
        let mut next: Option<&dyn StdError> = Some(error);
        while let Some(error) = next {
            self.0.push_str(&format!("{error}\n{error:#}\n{error:?}\n"));
            next = error.source();
        }
    }
}

#[tokio::test]
async fn no_error_and_no_debug_text_contains_a_secret() {
    let simulator = Simulator::builder().api_key("hush-hush-api-key").start().unwrap();
    let token = simulator.issue_token(TokenOrigin::User, Duration::from_secs(3600));
    let mut printed = Printed::default();
    let all = [
        Credentials::api_key(simulator.api_key()).unwrap(),
        Credentials::api_key_direct(simulator.api_key()).unwrap(),
        Credentials::bearer(&token).unwrap(),
        Credentials::bearer("hush-hush-wrong-token").unwrap(),
    ];
    printed.debug(&AccessToken::new(&token).unwrap());
    printed.debug(&types::Token {
        token: Some(token.clone()),
    });
    printed.debug(&CallContext::new().bearer(&token).unwrap());
    let vault = token.clone();
    printed.debug(&Credentials::provider(move || {
        let token = vault.clone();
        async move { AccessToken::new(token) }
    }));
    for credentials in all {
        printed.debug(&credentials);
        for kind in [
            FaultKind::ResetBeforeExecuting,
            FaultKind::ExecuteThenStatus(500),
            FaultKind::StallBeforeExecuting(StallFor::UntilClosed),
            FaultKind::TruncateBody,
            FaultKind::MalformedJson,
            FaultKind::TokenNotJson,
            FaultKind::HtmlBadGateway,
            FaultKind::OddProblem(400),
            FaultKind::refuse(401),
            FaultKind::RedirectTo("https://elsewhere.example/?token=x".to_owned()),
            FaultKind::OversizedBody(2_000_000),
        ] {
            let builder = builder(&simulator)
                .credentials(credentials.clone())
                .clock(ManualClock::new());
            let builder = builder
                .attempt_timeout(Duration::from_millis(50))
                .response_limit(1_000_000);
            printed.debug(&builder);
            let client = builder.retry(RetryPolicy::default().max_attempts(2)).build().unwrap();
            simulator.faults().clear();
            simulator.faults().add(Fault::new(kind).every());
            print_failures(&mut printed, &simulator, &client).await;
        }
    }
    for secret in ["hush-hush", &token, &token[token.len() - 20..], "eyJ"] {
        assert!(!printed.0.contains(secret), "a secret was printed: {secret}");
    }
    assert!(printed.0.len() > 100_000, "little was printed: {}", printed.0.len());
}

async fn print_failures(printed: &mut Printed, simulator: &Simulator, client: &Client) {
    let id = simulator.seed_batch(simulator.project_id(), 1, SeedOptions::default());
    let project = client.project(simulator.project_id()).unwrap();
    let batch = project.batch(id);
    let (create, get, items, item) = (
        project.create_batch(request(&["a"])),
        batch.get(),
        batch.items(),
        batch.item(id),
    );
    let stream = items.clone().stream();
    for value in [
        client as &dyn Debug,
        &project,
        &batch,
        &create,
        &get,
        &items,
        &item,
        &stream,
        &client.retry_budget(),
    ] {
        printed.debug(value);
    }
    let prefer = VersionPolicy::prefer([ApiVersion::V4, ApiVersion::V3]);
    printed.debug(&items.clone().any_version(prefer));
    printed.debug(&items.clone().summaries().offset(3).stream());
    printed.debug(&items.clone().pages());
    printed.debug(&items.clone().stream().checkpoint());
    printed.debug(&batch.item(id).any_version(prefer));
    printed.debug(&RetryPolicy::default());
    let unkeyed = create.clone().without_idempotency_key();
    printed.debug(&unkeyed);
    let folder = tempfile::tempdir().unwrap();
    let journal = Journal::open(folder.path().join("journal.db")).unwrap();
    let submission = project
        .submission("s", &journal)
        .stop_on_first_error()
        .analyses(request(&["a"]).nextflow_items);
    printed.debug(&journal);
    printed.debug(&submission);
    let results = [
        submission.run().await.err(),
        create.await.err(),
        unkeyed.await.err(),
        get.await.err(),
        item.version::<V3>().await.err(),
        stream.try_collect::<Vec<_>>().await.err(),
    ];
    for error in results.iter().flatten() {
        printed.error(error);
    }
}

#[tokio::test]
async fn a_panic_during_a_call_shows_no_secret() {
    let simulator = Simulator::builder().api_key("hush-hush-api-key").start().unwrap();
    let client = builder(&simulator).build().unwrap();
    let project = client.project(simulator.project_id()).unwrap();
    let call = std::panic::AssertUnwindSafe(async {
        let error = project.batch(uuid::Uuid::nil()).get().await;
        error.expect("the batch exists");
    });
    let panic = call.catch_unwind().await.unwrap_err();
    let text = panic.downcast_ref::<String>().unwrap();
    assert!(text.contains("NotFound") && !text.contains("hush-hush"), "{text}");
}

#[tokio::test]
async fn a_key_in_the_response_of_a_gateway_is_not_printed() {
    let mut response =
        "HTTP/1.1 401 Unauthorized\r\ncontent-type: application/json\r\nconnection: close\r\n\r\n".to_owned();
    response.push_str(r#"{"code":"DENIED","message":"the key hush-hush-api-key is unknown"}"#);
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let server = std::thread::spawn(move || {
        let (mut connection, _) = listener.accept().unwrap();
        let mut request = [0; 4096];
        let read = std::io::Read::read(&mut connection, &mut request).unwrap();
        std::io::Write::write_all(&mut connection, response.as_bytes()).unwrap();
        String::from_utf8_lossy(&request[..read]).contains("hush-hush-api-key")
    });
    let client = Client::builder()
        .base_url(format!("http://{address}/gateway/"))
        .credentials(Credentials::api_key_direct("hush-hush-api-key").unwrap())
        .retry(ica_batch_sdk_ext::retry::RetryPolicy::never())
        .build()
        .unwrap();
    let error = client
        .project("p")
        .unwrap()
        .batch(uuid::Uuid::nil())
        .get()
        .await
        .unwrap_err();
    assert!(server.join().unwrap(), "the key was sent");
    assert!(
        error.is_unauthorized() && error.to_string().contains("the key … is unknown"),
        "{error}"
    );
    let mut printed = Printed::default();
    printed.error(&error);
    assert!(!printed.0.contains("hush-hush"), "{}", printed.0);
}
