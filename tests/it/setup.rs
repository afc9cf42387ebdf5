//! Set-ups that the tests share: clients of a simulator, requests, and the description.

use std::path::{Path, PathBuf};

use ica_batch_sdk::{self as raw, CallContext};
use ica_batch_sdk_ext::clock::ManualClock;
use ica_batch_sdk_ext::retry::RetryPolicy;
use ica_batch_sdk_ext::{Client, ClientBuilder, Credentials, Project};
pub(crate) use ica_batch_tests::requests::{analysis, request, sample_request};
use ica_simulator::Simulator;

/// Base URL of a port without a listener. A port that was closed recently would not do: the
/// simulator of another test may use it by now.
pub(crate) const UNREACHABLE: &str = "http://127.0.0.1:1/ica/rest";

/// Returns the root of the workspace.
pub(crate) fn workspace() -> PathBuf {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    tests
        .parent()
        .expect("the tests are a folder of the workspace")
        .to_owned()
}

/// Returns the OpenAPI description of the repository.
pub(crate) fn description() -> String {
    let path = workspace().join("openapi/ica-batch.yaml");
    std::fs::read_to_string(path).expect("the description is checked in")
}

/// Returns a client of the simulator that makes one attempt per call.
pub(crate) fn client(simulator: &Simulator) -> Client {
    let builder = builder(simulator).retry(RetryPolicy::never());
    builder.build().expect("the simulator is on this machine")
}

/// Returns the builder of a client of the simulator, with its API key.
pub(crate) fn builder(simulator: &Simulator) -> ClientBuilder {
    let credentials = Credentials::api_key_direct(simulator.api_key()).expect("the simulator's key is one");
    Client::builder()
        .base_url(simulator.base_url())
        .credentials(credentials)
}

/// Freezes the clock of the simulator, and returns a clock for a client that is linked to it.
pub(crate) fn linked_clock(simulator: &Simulator) -> ManualClock {
    simulator.clock().freeze();
    ManualClock::linked(
        simulator.clock(),
        |clock| clock.now().into(),
        |clock, by| clock.advance(by),
    )
}

/// Returns the simulator's project.
pub(crate) fn project(simulator: &Simulator) -> Project {
    client(simulator)
        .project(simulator.project_id())
        .expect("the simulator's project has an id")
}

/// Returns a raw client for one call to the simulator.
pub(crate) fn raw_client(simulator: &Simulator, context: CallContext) -> raw::Client {
    let http = http().build().expect("a provider is installed");
    raw::Client::new_with_client(&simulator.base_url(), http, context)
}

/// Returns the builder of an HTTP client for the simulator.
pub(crate) fn http() -> reqwest::ClientBuilder {
    // The extension crate turns on rustls in reqwest without a provider. Another test may have
    // installed it.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_proxy()
}

/// Returns the context of a call with the simulator's API key.
pub(crate) fn with_key(simulator: &Simulator) -> CallContext {
    CallContext::new()
        .api_key(simulator.api_key())
        .expect("the simulator's key is one")
}
