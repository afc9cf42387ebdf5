//! Credentials: tokens are minted, cached, renewed and dropped.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::future::join_all;
use ica_batch_sdk_ext::clock::ManualClock;
use ica_batch_sdk_ext::{
    AccessToken, AnalysisCreation, Batch, Client, ClientBuilder, Credentials, ErrorKind, Execution, TokenProvider,
};
use ica_simulator::{Family, Fault, FaultKind, Operation, SeedOptions, Simulator, TokenOrigin};

use crate::setup::{builder, linked_clock, request};

fn minting(simulator: &Simulator) -> ClientBuilder {
    builder(simulator)
        .credentials(Credentials::api_key(simulator.api_key()).unwrap())
        .clock(ManualClock::new())
}

fn batch(simulator: &Simulator, client: &Client) -> Batch<AnalysisCreation> {
    let id = simulator.seed_batch(simulator.project_id(), 1, SeedOptions::default());
    client.project(simulator.project_id()).unwrap().batch(id)
}

#[tokio::test]
async fn a_token_is_minted_once_and_the_key_is_not_sent_otherwise() {
    let simulator = Simulator::start();
    let batch = batch(&simulator, &minting(&simulator).build().unwrap());
    for _ in 0..3 {
        batch.get().await.unwrap();
    }
    assert_eq!(simulator.minted_tokens(), 1);
    for seen in simulator.requests() {
        let is_mint = seen.operation == Some(Operation::CreateToken);
        assert_eq!(seen.header("x-api-key").is_some(), is_mint);
        assert_eq!(seen.header("authorization").is_some(), !is_mint);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_calls_on_an_expired_token_mint_once() {
    let simulator = Simulator::start();
    let batch = batch(&simulator, &minting(&simulator).build().unwrap());
    batch.get().await.unwrap();
    assert_eq!(simulator.minted_tokens(), 1);

    // The client does not know yet. Each call is rejected, and one of them mints a token for all.
    simulator.revoke_all_tokens();
    let results = join_all((0..1000).map(|_| tokio::spawn(batch.get().into_future()))).await;
    assert!(results.into_iter().all(|result| result.unwrap().is_ok()));
    assert_eq!(simulator.minted_tokens(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_calls_without_a_token_mint_once() {
    let simulator = Simulator::start();
    let batch = batch(&simulator, &minting(&simulator).build().unwrap());
    let results = join_all((0..1000).map(|_| tokio::spawn(batch.get().into_future()))).await;
    assert!(results.into_iter().all(|result| result.unwrap().is_ok()));
    assert_eq!(simulator.minted_tokens(), 1);
}

#[tokio::test]
async fn a_token_is_renewed_before_it_expires() {
    let builder = Simulator::builder().token_lifetime(Duration::from_secs(3600));
    let simulator = builder.start().unwrap();
    let clock = linked_clock(&simulator);
    let batch = batch(&simulator, &minting(&simulator).clock(clock.clone()).build().unwrap());
    batch.get().await.unwrap();
    clock.advance(Duration::from_secs(1800));
    batch.get().await.unwrap();
    assert_eq!(simulator.minted_tokens(), 1);
    clock.advance(Duration::from_secs(1790));
    batch.get().await.unwrap();
    assert_eq!(simulator.minted_tokens(), 2, "renewed ten seconds before the expiry");
    assert!(simulator.requests().iter().all(|seen| seen.status != Some(401)));
}

#[tokio::test]
async fn a_rejected_token_is_dropped_and_the_call_is_sent_once_more() {
    let simulator = Simulator::start();
    let client = minting(&simulator).build().unwrap();
    let batch = batch(&simulator, &client);
    simulator
        .faults()
        .add(Fault::new(FaultKind::ExpireToken).on(Operation::GetBatch(Family::Analysis)));
    batch.get().await.unwrap();
    assert_eq!(
        (
            simulator.minted_tokens(),
            simulator.count(Operation::GetBatch(Family::Analysis))
        ),
        (2, 2)
    );

    simulator.faults().add(
        Fault::new(FaultKind::ExpireToken)
            .on(Operation::GetBatch(Family::Analysis))
            .every(),
    );
    let error = batch.get().await.unwrap_err();
    assert!(error.is_unauthorized());
    assert_eq!(error.attempts(), 2, "one attempt with a new token, and no further one");
}

#[tokio::test]
async fn the_error_of_a_failed_mint_is_reported() {
    let simulator = Simulator::start();
    let batch = batch(&simulator, &minting(&simulator).build().unwrap());
    simulator.faults().add(
        Fault::new(FaultKind::refuse_for(429, 1))
            .on(Operation::CreateToken)
            .every(),
    );
    let error = batch.get().await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::RateLimited, Some(429)));
    assert!(
        error
            .to_string()
            .starts_with("could not mint a token: too many requests (HTTP 429, "),
        "{error}"
    );
    assert!(error.to_string().contains("gave up after 5 attempts"), "{error}");
    assert_eq!(error.attempts(), 0, "the call itself was not sent");
    assert_eq!(simulator.count(Operation::CreateToken), 5, "retried by policy");
    assert_eq!(simulator.count(Operation::GetBatch(Family::Analysis)), 0);
}

#[tokio::test]
async fn the_error_of_a_mint_replaces_the_401_before_it() {
    let simulator = Simulator::start();
    let client = minting(&simulator).build().unwrap();
    let batch = batch(&simulator, &client);
    batch.get().await.unwrap();
    simulator.revoke_all_tokens();
    simulator
        .faults()
        .add(Fault::new(FaultKind::refuse(429)).on(Operation::CreateToken).every());
    let error = batch.get().await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::RateLimited, Some(429)));

    let project = client.project(simulator.project_id()).unwrap();
    let create = project.create_batch(request(&["a"]));
    let key = create.key().clone();
    let error = create.await.unwrap_err();
    assert_eq!(
        (error.idempotency_key(), error.execution()),
        (Some(&key), Execution::NotExecuted)
    );
}

#[tokio::test]
async fn a_transient_failure_of_a_mint_is_not_reported() {
    let simulator = Simulator::start();
    let batch = batch(&simulator, &minting(&simulator).build().unwrap());
    simulator.faults().add(
        Fault::new(FaultKind::refuse_for(429, 3))
            .on(Operation::CreateToken)
            .times(2),
    );
    batch.get().await.unwrap();
    assert_eq!(simulator.count(Operation::CreateToken), 3);
}

#[tokio::test]
async fn a_response_to_a_mint_that_is_not_a_token_is_not_shown() {
    for kind in [FaultKind::TokenNotJson, FaultKind::MalformedJson] {
        let simulator = Simulator::start();
        let batch = batch(&simulator, &minting(&simulator).build().unwrap());
        simulator
            .faults()
            .add(Fault::new(kind).on(Operation::CreateToken).every());
        let error = batch.get().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unreadable);
        assert!(!format!("{error:?}").contains("eyJ"), "{error:?}");
    }
}

#[tokio::test]
async fn tokens_without_an_expiry_are_used_until_they_are_rejected() {
    for kind in [FaultKind::TokenWithoutExpiry, FaultKind::TokenOpaque] {
        let simulator = Simulator::start();
        let batch = batch(&simulator, &minting(&simulator).build().unwrap());
        simulator
            .faults()
            .add(Fault::new(kind).on(Operation::CreateToken).every());
        batch.get().await.unwrap();
        batch.get().await.unwrap();
        assert_eq!(simulator.minted_tokens(), 1);
        simulator.revoke_all_tokens();
        batch.get().await.unwrap();
        assert_eq!(simulator.minted_tokens(), 2);
    }
}

#[tokio::test]
async fn an_expired_bearer_token_is_not_sent_and_the_error_names_its_expiry() {
    let simulator = Simulator::start();
    let token = simulator.issue_token(TokenOrigin::User, Duration::from_secs(60));
    let clock = ManualClock::new();
    let client = builder(&simulator)
        .credentials(Credentials::bearer(token).unwrap())
        .clock(clock.clone())
        .build()
        .unwrap();
    let batch = batch(&simulator, &client);
    batch.get().await.unwrap();
    clock.advance(Duration::from_secs(3600));
    let error = batch.get().await.unwrap_err();
    assert!(error.is_unauthorized());
    let text = error.to_string();
    assert!(text.starts_with("could not read analysis batch "), "{error}");
    assert!(text.contains(": the bearer token expired at 2"), "{error}");
    assert_eq!((error.attempts(), simulator.requests().len()), (0, 1));
}

/// Vault with one token, and a counter of its calls.
struct Vault {
    token: String,
    calls: Arc<AtomicUsize>,
}

impl TokenProvider for Vault {
    fn token(&self) -> ica_batch_sdk_ext::TokenFuture<'_> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        let token = self.token.clone();
        Box::pin(async move {
            if token.is_empty() {
                return Err("the vault is sealed".into());
            }
            Ok(AccessToken::new(token)?)
        })
    }
}

#[tokio::test]
async fn a_provider_is_called_once_for_several_calls() {
    let simulator = Simulator::start();
    let token = simulator.issue_token(TokenOrigin::User, Duration::from_secs(3600));
    let calls = Arc::new(AtomicUsize::new(0));
    let vault = Vault {
        token,
        calls: Arc::clone(&calls),
    };
    let client = builder(&simulator)
        .credentials(Credentials::provider(vault))
        .build()
        .unwrap();
    let batch = batch(&simulator, &client);
    batch.get().await.unwrap();
    batch.get().await.unwrap();
    assert_eq!(calls.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn the_error_of_a_provider_is_the_source() {
    let simulator = Simulator::start();
    let vault = Vault {
        token: String::new(),
        calls: Arc::default(),
    };
    let client = builder(&simulator)
        .credentials(Credentials::provider(vault))
        .build()
        .unwrap();
    let error = batch(&simulator, &client).get().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Credentials);
    assert!(error.to_string().starts_with("could not get a token: "), "{error}");
    let source = std::error::Error::source(&error).unwrap();
    assert_eq!(source.to_string(), "the vault is sealed");
    assert_eq!(simulator.requests().len(), 0);
}

#[tokio::test]
async fn a_provider_that_does_not_return_is_limited_by_the_deadline() {
    let simulator = Simulator::start();
    let never = || async {
        std::future::pending::<()>().await;
        AccessToken::new("none")
    };
    let client = builder(&simulator)
        .credentials(Credentials::provider(never))
        .build()
        .unwrap();
    let batch = batch(&simulator, &client);
    let error = batch.get().deadline(Duration::from_millis(50)).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Timeout, 0));
    assert!(error.to_string().contains("before anything was sent"), "{error}");
}

#[tokio::test]
async fn a_failed_renewal_is_not_retried_while_the_old_token_is_valid() {
    let simulator = Simulator::start();
    let clock = linked_clock(&simulator);
    let batch = batch(&simulator, &minting(&simulator).clock(clock.clone()).build().unwrap());
    batch.get().await.unwrap();
    clock.advance(Duration::from_secs(3590));
    simulator.faults().add(
        Fault::new(FaultKind::refuse_for(429, 30))
            .on(Operation::CreateToken)
            .every(),
    );
    batch.get().await.unwrap();
    assert_eq!(
        (clock.sleeps(), simulator.count(Operation::CreateToken)),
        (vec![], 2),
        "one attempt and no wait"
    );
}

#[tokio::test]
async fn a_provider_is_called_again_after_its_token_was_rejected() {
    let simulator = Simulator::start();
    let first = simulator.issue_token(TokenOrigin::User, Duration::from_secs(3600));
    let second = simulator.issue_token(TokenOrigin::User, Duration::from_secs(3600));
    simulator.revoke_token(&first);
    let tokens = Arc::new(std::sync::Mutex::new(vec![second, first]));
    let vault = move || {
        let token = tokens.lock().unwrap().pop().unwrap();
        async move { AccessToken::new(token) }
    };
    let client = builder(&simulator)
        .credentials(Credentials::provider(vault))
        .build()
        .unwrap();
    batch(&simulator, &client).get().await.unwrap();
    assert_eq!(simulator.count(Operation::GetBatch(Family::Analysis)), 2);
}
