//! Credentials.

use std::time::Duration;

use ica_simulator::{Simulator, TokenOrigin};
use reqwest::Method;

use crate::support::{Api, V3};

const HOUR: Duration = Duration::from_secs(3600);

fn unauthenticated() -> (u16, String) {
    (401, "ICA_SEC_002".to_owned())
}

impl Api {
    async fn batch_with(&self, name: &str, value: &str) -> u16 {
        let path = self.seeded_items(1);
        self.send(Method::GET, &path, &[(name, value), ("accept", V3)], "")
            .await
            .status
    }

    async fn refresh(&self, token: &str) -> crate::support::Reply {
        let bearer = format!("Bearer {token}");
        self.send(
            Method::POST,
            "/api/tokens:refresh",
            &[("authorization", &bearer), ("accept", V3)],
            "",
        )
        .await
    }
}

#[tokio::test]
async fn a_minted_token_works_until_it_expires() {
    let api = Api::with(Simulator::builder().token_lifetime(HOUR));
    let minted = api.mint().await;
    assert_eq!((minted.status, minted.header("content-type")), (200, V3));
    let token = minted.json()["token"].as_str().unwrap().to_owned();
    let bearer = format!("Bearer {token}");
    assert_eq!(api.batch_with("authorization", &bearer).await, 200);
    api.simulator.clock().advance(HOUR - Duration::from_secs(1));
    assert_eq!(api.batch_with("authorization", &bearer).await, 200);
    api.simulator.clock().advance(Duration::from_secs(1));
    assert_eq!(api.batch_with("authorization", &bearer).await, 401);
    assert_eq!(api.simulator.minted_tokens(), 1);
}

#[tokio::test]
async fn missing_and_unknown_credentials_are_refused() {
    let api = Api::start();
    let path = api.batches_path();
    let reply = api.send(Method::GET, &format!("{path}/x"), &[("accept", V3)], "").await;
    assert_eq!(reply.refusal(), unauthenticated());
    assert_eq!(api.batch_with("x-api-key", "another").await, 401);
    assert_eq!(api.batch_with("authorization", "Bearer unknown").await, 401);
    assert_eq!(api.batch_with("authorization", "Basic dXNlcjpwYXNz").await, 401);
}

#[tokio::test]
async fn minting_takes_a_key_and_nothing_else() {
    let api = Api::start();
    let token = api.simulator.issue_token(TokenOrigin::User, HOUR);
    let bearer = format!("Bearer {token}");
    for (name, value) in [
        ("authorization", bearer.as_str()),
        ("authorization", "Basic dXNlcjpwYXNz"),
        ("x-api-key", "no"),
    ] {
        let reply = api
            .send(Method::POST, "/api/tokens", &[(name, value), ("accept", V3)], "")
            .await;
        assert_eq!(reply.refusal(), unauthenticated());
    }
    let key = [("x-api-key", api.simulator.api_key())];
    let reply = api.send(Method::POST, "/api/tokens?tenant=any", &key, "").await;
    assert_eq!(reply.status, 200);
    assert_eq!(api.send(Method::POST, "/api/tokens", &key, "{}").await.status, 400);
    assert_eq!(api.simulator.minted_tokens(), 1);
}

#[tokio::test]
async fn only_a_users_token_can_be_refreshed() {
    let api = Api::start();
    let minted = api.mint().await.json();
    let refused = api.refresh(minted["token"].as_str().unwrap()).await;
    assert_eq!(refused.refusal(), (400, "ICA_SEC_005".to_owned()));

    let first = api.simulator.issue_token(TokenOrigin::User, HOUR);
    let second = api.refresh(&first).await;
    assert_eq!(second.status, 200);
    assert_ne!(second.json()["token"].as_str().unwrap(), first);
    assert_eq!(api.refresh("unknown").await.status, 401);

    let key = [("x-api-key", api.simulator.api_key())];
    assert_eq!(
        api.send(Method::POST, "/api/tokens:refresh", &key, "").await.status,
        401
    );
}

#[tokio::test]
async fn tokens_can_be_revoked() {
    let api = Api::start();
    let token = api.simulator.issue_token(TokenOrigin::ApiKey, HOUR);
    let bearer = format!("Bearer {token}");
    assert_eq!(api.batch_with("authorization", &bearer).await, 200);
    assert!(api.simulator.revoke_token(&token));
    assert!(!api.simulator.revoke_token(&token));
    assert_eq!(api.batch_with("authorization", &bearer).await, 401);
    let other = api.simulator.issue_token(TokenOrigin::ApiKey, HOUR);
    api.simulator.revoke_all_tokens();
    assert_eq!(api.batch_with("authorization", &format!("Bearer {other}")).await, 401);
}
