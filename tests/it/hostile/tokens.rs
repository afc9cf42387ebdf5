//! Tokens that a server or a provider makes up.

use std::collections::HashSet;

use base64::Engine;
use std::future::IntoFuture;

use futures_util::future::join_all;
use ica_batch_sdk_ext::{AccessToken, Credentials, Error, ErrorKind, TokenFuture, TokenProvider, Uuid};
use serde_json::json;

use super::printed::Printed;
use super::server::{API_KEY, HostileServer, PROJECT, Reply};

/// Longest token that is accepted, in bytes.
const LONGEST: usize = 16 * 1024;

/// Starts a server that mints this token, and has no batch.
async fn minting(token: String) -> HostileServer {
    HostileServer::start(move |received| match received.target.ends_with("/api/tokens") {
        true => Reply::json(200, json!({ "token": token }).to_string()),
        false => Reply::json(404, json!({ "title": "ICA_API_000" }).to_string()),
    })
    .await
}

async fn read_error(server: &HostileServer, credentials: Credentials) -> Error {
    let client = server.client().credentials(credentials).build().unwrap();
    let batch = client.project(PROJECT).unwrap().batch(Uuid::nil());
    batch.get().await.unwrap_err()
}

fn key() -> Credentials {
    Credentials::api_key(API_KEY).unwrap()
}

#[tokio::test]
async fn a_token_of_the_server_that_is_too_long_is_its_fault() {
    for bytes in [LONGEST + 1, 1_000_000] {
        let server = minting("t".repeat(bytes)).await;
        let error = read_error(&server, key()).await;
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::Credentials, 0));
        let expected = format!(
            "could not mint a token: the server returned a token that is not valid: it has {bytes} bytes, and at most \
             16384 can be sent; check the base URL, and report it if it persists"
        );
        assert_eq!(error.to_string(), expected);
        assert_eq!(server.received().len(), 1, "it is not retried");
        Printed::default().error(&error);
    }
    let server = minting("t".repeat(LONGEST)).await;
    assert!(read_error(&server, key()).await.is_not_found());
}

#[tokio::test]
async fn a_token_of_the_server_that_no_header_can_hold_is_not_shown() {
    for token in ["hush hush", "hush\u{1}", "", "hüsh"] {
        let server = minting(token.to_owned()).await;
        let error = read_error(&server, key()).await;
        assert_eq!(error.kind(), ErrorKind::Credentials);
        let mut printed = Printed::default();
        printed.error(&error);
        printed.contains_no(&["hush", "hüsh"], token);
        assert!(error.to_string().contains("the server returned a token"), "{error}");
    }
}

#[tokio::test]
async fn a_long_token_of_a_provider_is_the_providers_error() {
    let server = minting(String::new()).await;
    let provider = Credentials::provider(|| async { AccessToken::new("t".repeat(LONGEST + 1)) });
    let error = read_error(&server, provider).await;
    assert_eq!(error.kind(), ErrorKind::Credentials);
    let source = std::error::Error::source(&error).unwrap().to_string();
    assert!(
        source.starts_with("the access token is not valid: it has 16385 bytes"),
        "{source}"
    );
    assert!(server.received().is_empty());
}

#[test]
fn a_long_credential_of_the_user_is_invalid_input() {
    let long = "k".repeat(LONGEST + 1);
    for error in [
        Credentials::api_key(&long).unwrap_err(),
        Credentials::api_key_direct(&long).unwrap_err(),
        Credentials::bearer(&long).unwrap_err(),
        AccessToken::new(&long).unwrap_err(),
    ] {
        assert!(error.is_invalid_input());
        let text = error.to_string();
        assert!(
            text.contains("it has 16385 bytes, and at most 16384 can be sent; check"),
            "{text}"
        );
    }
    assert!(Credentials::bearer(format!(" {}\n", &long[1..])).is_ok());
}

#[tokio::test]
async fn an_absurd_expiry_is_handled() {
    let encode = |text: &str| base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(text);
    let expiries = [
        "0",
        "-1",
        "1",
        "1e9",
        "4102444800",
        "9.2e18",
        "9223372036854775807",
        "9223372036854775808",
        "18446744073709551615",
        "1.8446744073709552e19",
        "1e300",
        "-1e300",
        "5e-324",
        "253402300800",
        "8210298412800",
    ];
    for expiry in expiries {
        let token = format!("e30.{}.x", encode(&format!(r#"{{"exp":{expiry}}}"#)));
        let server = minting(token.clone()).await;
        let minted = read_error(&server, key()).await;
        let expected = [ErrorKind::NotFound, ErrorKind::Credentials];
        assert!(expected.contains(&minted.kind()), "{expiry}: {minted}");
        let bearer = read_error(&server, Credentials::bearer(&token).unwrap()).await;
        let expected = [ErrorKind::NotFound, ErrorKind::Unauthorized];
        assert!(expected.contains(&bearer.kind()), "{expiry}: {bearer}");
        let token = AccessToken::new(&token).unwrap();
        let text = format!("{token:?} {minted} {bearer}");
        assert!(text.len() < 1000, "{text}");
    }
}

/// Provider with an error of megabytes, whose sources never end.
struct Sealed;

#[derive(Debug)]
struct EndlessError(String);

impl std::fmt::Display for EndlessError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "\u{1b}[2Jthe vault is sealed\u{202e} {}", self.0)
    }
}

impl std::error::Error for EndlessError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(self)
    }
}

impl TokenProvider for Sealed {
    fn token(&self) -> TokenFuture<'_> {
        Box::pin(async { Err(EndlessError("x".repeat(5_000_000)).into()) })
    }
}

#[tokio::test]
async fn the_error_of_a_provider_is_short_and_plain() {
    let server = minting(String::new()).await;
    let error = read_error(&server, Credentials::provider(Sealed)).await;
    let mut printed = Printed::default();
    printed.error(&error);
    printed.is_plain("a provider");
    let source = std::error::Error::source(&error).unwrap().to_string();
    assert!(source.starts_with("[2Jthe vault is sealed xxx"), "{source}");
}

#[tokio::test]
async fn callers_that_wait_for_a_token_share_one_failure() {
    let problem = format!(r#"{{"title":"ICA_API_001","detail":"{}"}}"#, "d".repeat(20_000_000));
    let server = HostileServer::start(move |_| Reply::json(400, problem.clone())).await;
    let client = server.client().credentials(key()).build().unwrap();
    let project = client.project(PROJECT).unwrap();
    let calls = (0..100).map(|number| project.batch(Uuid::from_u128(number)).get().into_future());
    let errors = join_all(calls).await.into_iter().map(|result| result.unwrap_err());
    let errors = errors.collect::<Vec<_>>();
    assert_eq!(server.received().len(), 1, "one call mints for all");
    let problems = errors
        .iter()
        .map(|error| std::ptr::from_ref(error.problem().unwrap()).addr());
    assert_eq!(
        problems.collect::<HashSet<_>>().len(),
        1,
        "all errors have the same problem"
    );
    errors.iter().for_each(|error| Printed::default().error(error));
}
