//! Asks for a batch once and reports on standard output. Tests choose its environment: roots,
//! proxies.
//!
//! `tls-client BASE_URL [chacha]`; with `chacha` it first installs a rustls provider for its
//! process, as a program may.

use std::error::Error;
use std::process::ExitCode;

use ica_batch_sdk_ext::retry::RetryPolicy;
use ica_batch_sdk_ext::{Client, Credentials, Uuid};
use rustls::crypto::{CryptoProvider, ring};

#[tokio::main(flavor = "current_thread")]
#[expect(clippy::print_stdout, reason = "the test reads it")]
async fn main() -> ExitCode {
    let arguments = std::env::args().skip(1).collect::<Vec<_>>();
    let base_url = match &arguments[..] {
        [base_url] => base_url,
        [base_url, word] if word == "chacha" => {
            let provider = CryptoProvider {
                cipher_suites: vec![ring::cipher_suite::TLS13_CHACHA20_POLY1305_SHA256],
                ..ring::default_provider()
            };
            provider.install_default().expect("the process has no provider yet");
            base_url
        }
        _ => return ExitCode::FAILURE,
    };
    println!("{}", get(base_url).await);
    println!("provider installed: {}", CryptoProvider::get_default().is_some());
    ExitCode::SUCCESS
}

/// Returns the kind and status of the error, and its sources.
async fn get(base_url: &str) -> String {
    let client = Credentials::api_key_direct("key").and_then(|credentials| {
        let builder = Client::builder().base_url(base_url).credentials(credentials);
        builder.retry(RetryPolicy::never()).build()
    });
    let project = client.and_then(|client| client.project("project"));
    let batch = match project {
        Ok(project) => project.batch(Uuid::nil()).get().await,
        Err(error) => Err(error),
    };
    match batch {
        Ok(batch) => format!("batch {}", batch.id),
        Err(error) => {
            let status = error.status();
            let sources = std::iter::successors(error.source(), |error| (*error).source());
            let sources = sources.map(|error| format!(" <- {error}")).collect::<String>();
            format!("{:?} {status:?}{sources}", error.kind())
        }
    }
}
