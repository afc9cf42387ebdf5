//! A server that sends the credential of the client back, wherever it can.

mod errors;
mod items;

use ica_batch_sdk_ext::clock::ManualClock;
use ica_batch_sdk_ext::{AccessToken, Client, Credentials, Uuid};
use serde_json::json;

use super::printed::Printed;
use super::server::{API_KEY, HostileServer, PROJECT, Received, Reply};

/// Token of these tests, which expires in 2100.
const TOKEN: &str = "eyJhbGciOiJub25lIn0.eyJleHAiOjQxMDI0NDQ4MDB9.shhh/shhh+signature=0123456789";

/// Parts that no text may contain.
const PARTS: [&str; 3] = ["hush-hush", "eyjhbgcioi", "shhh/shhh"];

/// Credentials of a client.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Kind {
    Key,
    Bearer,
    Minted,
    Provider,
}

const KINDS: [Kind; 4] = [Kind::Key, Kind::Bearer, Kind::Minted, Kind::Provider];

impl Kind {
    fn client(self, server: &HostileServer) -> Client {
        let credentials = match self {
            Self::Key => Credentials::api_key_direct(API_KEY).unwrap(),
            Self::Bearer => Credentials::bearer(TOKEN).unwrap(),
            Self::Minted => Credentials::api_key(API_KEY).unwrap(),
            Self::Provider => Credentials::provider(|| async { AccessToken::new(TOKEN) }),
        };
        let builder = server.client().clock(ManualClock::new());
        builder.credentials(credentials).build().unwrap()
    }

    /// Returns the secrets that the client has.
    fn secrets(self) -> &'static [&'static str] {
        match self {
            Self::Key => &[API_KEY],
            Self::Bearer | Self::Provider => &[TOKEN],
            Self::Minted => &[API_KEY, TOKEN],
        }
    }
}

/// Starts a server that mints the token, and sends this response to everything else.
async fn server(reply: impl Fn(&Received) -> Reply + Send + 'static) -> HostileServer {
    HostileServer::start(move |received| match received.target.ends_with("/api/tokens") {
        true => Reply::json(200, json!({ "token": TOKEN }).to_string()),
        false => reply(received),
    })
    .await
}

fn batch_id() -> Uuid {
    Uuid::from_u128(7)
}

/// Returns spellings of a secret.
fn spellings(secret: &str) -> Vec<String> {
    let encoded = |upper: bool| {
        let encode = |c: char| match (c.is_ascii_alphanumeric(), upper) {
            (true, _) => c.to_string(),
            (false, true) => format!("%{:02X}", u32::from(c)),
            (false, false) => format!("%{:02x}", u32::from(c)),
        };
        secret.chars().map(encode).collect::<String>()
    };
    vec![
        secret.to_owned(),
        encoded(true),
        encoded(false),
        secret.to_uppercase(),
        secret[..secret.len() - 3].to_owned(),
        format!("{}\u{200b}{}", &secret[..5], &secret[5..]),
        secret.repeat(100),
    ]
}
