//! Who calls: tokens that are minted, kept, renewed and dropped.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::future::join_all;
use ica_batch_sdk_ext::clock::ManualClock;
use ica_batch_sdk_ext::{
    AccessToken, AnalysisCreation, Batch, Client, ClientBuilder, Credentials, ErrorKind, Execution, TokenProvider,
};
use ica_simulator::{Clock, Family, Fault, FaultKind, Operation, SeedOptions, Simulator, TokenOrigin};

use crate::setup::{builder, request};

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
async fn a_key_is_traded_for_a_token_once_and_the_key_stays_at_home() {
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

    // Nothing tells the client: each of the calls is refused, and one of them renews for all.
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
    let server_clock = Clock::new();
    server_clock.freeze();
    let simulator = Simulator::builder()
        .clock(server_clock.clone())
        .token_lifetime(Duration::from_secs(3600))
        .start()
        .unwrap();
    let clock = ManualClock::starting_at(server_clock.now().into());
    let batch = batch(&simulator, &minting(&simulator).clock(clock.clone()).build().unwrap());
    let pass = |time| {
        clock.advance(time);
        server_clock.advance(time);
    };
    batch.get().await.unwrap();
    pass(Duration::from_secs(1800));
    batch.get().await.unwrap();
    assert_eq!(simulator.minted_tokens(), 1);
    pass(Duration::from_secs(1790));
    batch.get().await.unwrap();
    assert_eq!(simulator.minted_tokens(), 2, "ten seconds before the end it is renewed");
    assert!(simulator.requests().iter().all(|seen| seen.status != Some(401)));
}

#[tokio::test]
async fn a_refused_token_is_dropped_and_the_call_made_again_once() {
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
    assert_eq!(error.attempts(), 2, "one renewed try and no more");
}

#[tokio::test]
async fn a_failed_mint_is_reported_as_itself() {
    let simulator = Simulator::start();
    let batch = batch(&simulator, &minting(&simulator).build().unwrap());
    simulator.faults().add(
        Fault::new(FaultKind::refuse_for(429, 1))
            .on(Operation::CreateToken)
            .every(),
    );
    let error = batch.get().await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::RateLimited, Some(429)));
    assert!(error.to_string().starts_with("minting a token failed"), "{error}");
    assert!(error.to_string().contains("given up after 5 attempts"), "{error}");
    assert_eq!(error.attempts(), 0, "the call itself was not sent");
    assert_eq!(simulator.count(Operation::CreateToken), 5, "retried by policy");
    assert_eq!(simulator.count(Operation::GetBatch(Family::Analysis)), 0);
}

#[tokio::test]
async fn a_mint_that_fails_after_a_401_is_not_masked_by_it() {
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
async fn a_passing_failure_to_mint_does_not_show() {
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
async fn an_answer_to_minting_that_is_no_token_is_not_shown() {
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
async fn tokens_without_an_expiry_are_used_until_they_are_refused() {
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
async fn an_expired_bearer_says_since_when_and_is_not_sent() {
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
    assert!(error.to_string().contains("expired"), "{error}");
    assert_eq!((error.attempts(), simulator.requests().len()), (0, 1));
}

/// A vault with one token, which counts how often it is asked.
struct Vault {
    token: String,
    asked: Arc<AtomicUsize>,
}

impl TokenProvider for Vault {
    fn token(&self) -> ica_batch_sdk_ext::TokenFuture<'_> {
        self.asked.fetch_add(1, Ordering::Relaxed);
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
async fn tokens_may_come_from_a_vault() {
    let simulator = Simulator::start();
    let token = simulator.issue_token(TokenOrigin::User, Duration::from_secs(3600));
    let asked = Arc::new(AtomicUsize::new(0));
    let vault = Vault {
        token,
        asked: Arc::clone(&asked),
    };
    let client = builder(&simulator)
        .credentials(Credentials::provider(vault))
        .build()
        .unwrap();
    let batch = batch(&simulator, &client);
    batch.get().await.unwrap();
    batch.get().await.unwrap();
    assert_eq!(asked.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn a_vault_that_fails_is_named_and_its_reason_kept() {
    let simulator = Simulator::start();
    let vault = Vault {
        token: String::new(),
        asked: Arc::default(),
    };
    let client = builder(&simulator)
        .credentials(Credentials::provider(vault))
        .build()
        .unwrap();
    let error = batch(&simulator, &client).get().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Credentials);
    let source = std::error::Error::source(&error).unwrap();
    assert_eq!(source.to_string(), "the vault is sealed");
    assert_eq!(simulator.requests().len(), 0);
}

#[tokio::test]
async fn a_provider_that_never_answers_does_not_outlast_the_deadline() {
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
async fn a_renewal_that_fails_is_not_waited_for_while_the_old_token_serves() {
    let server_clock = Clock::new();
    server_clock.freeze();
    let simulator = Simulator::builder().clock(server_clock.clone()).start().unwrap();
    let clock = ManualClock::starting_at(server_clock.now().into());
    let batch = batch(&simulator, &minting(&simulator).clock(clock.clone()).build().unwrap());
    batch.get().await.unwrap();
    let late = Duration::from_secs(3590);
    clock.advance(late);
    server_clock.advance(late);
    simulator.faults().add(
        Fault::new(FaultKind::refuse_for(429, 30))
            .on(Operation::CreateToken)
            .every(),
    );
    batch.get().await.unwrap();
    assert_eq!(
        (clock.sleeps(), simulator.count(Operation::CreateToken)),
        (vec![], 2),
        "one try and no wait"
    );
}

#[tokio::test]
async fn a_vault_is_asked_again_after_a_refusal() {
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
