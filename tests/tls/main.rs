//! TLS: provider, roots, HTTP/2 and proxies, seen from a server on this machine.
//!
//! The client is a program of its own: roots and proxies come from its environment, and no other
//! test has installed a rustls provider in its process. The features `aws-lc-rs` and `native-tls`
//! of this package choose its TLS backend.

mod proxy;
mod server;

use std::ffi::OsStr;
use std::process::{Command, Output};

use proxy::Proxy;
use server::TlsServer;

/// Runs the client with these arguments and environment variables, and returns the two lines that
/// it reports.
async fn run<V: AsRef<OsStr>>(arguments: &[&str], variables: &[(&str, V)]) -> [String; 2] {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tls-client"));
    command.args(arguments);
    for name in ["SSL_CERT_DIR", "SSL_CERT_FILE"] {
        command.env_remove(name);
    }
    for name in ["ALL_PROXY", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"] {
        command.env_remove(name).env_remove(name.to_lowercase());
    }
    command.envs(variables.iter().map(|(name, value)| (name, value)));
    let output = tokio::task::spawn_blocking(move || command.output());
    let Output { status, stdout, stderr } = output.await.unwrap().expect("the program was built");
    assert!(status.success(), "{}", String::from_utf8_lossy(&stderr));
    let stdout = String::from_utf8(stdout).unwrap();
    let mut lines = stdout.lines().map(str::to_owned);
    [(); 2].map(|()| lines.next().expect("the program reports two lines"))
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_certificate_is_rejected() {
    let server = TlsServer::start("127.0.0.1").await;
    let other = TlsServer::start("127.0.0.1").await;
    let base_url = format!("https://127.0.0.1:{}/ica/rest", server.port);
    let [report, provider] = run(&[&base_url], &[("SSL_CERT_FILE", other.authority())]).await;

    assert!(report.starts_with("Connect None"), "{report}");
    assert!(report.to_lowercase().contains("certificate"), "{report}");
    assert_eq!(provider, "provider installed: false");
    let connection = server.connection();
    assert_eq!(connection.offered, ["h2", "http/1.1"]);
    if cfg!(not(feature = "native-tls")) {
        // Of the two providers of rustls, aws-lc-rs alone has it.
        assert_eq!(connection.offers_hybrid_key_exchange, cfg!(feature = "aws-lc-rs"));
    }
}

// Elsewhere, the platform's own store has the roots, and no variable names them.
#[cfg(target_os = "linux")]
mod trusted {
    use super::{Proxy, TlsServer, run};

    const NOT_FOUND: &str = "NotFound Some(404)";

    #[tokio::test(flavor = "multi_thread")]
    async fn a_root_of_the_platform_is_trusted_and_http_2_is_used() {
        let server = TlsServer::start("127.0.0.1").await;
        let base_url = format!("https://127.0.0.1:{}/ica/rest", server.port);
        let [report, provider] = run(&[&base_url], &[("SSL_CERT_FILE", server.authority())]).await;

        assert_eq!(report, NOT_FOUND);
        assert_eq!(provider, "provider installed: false");
        assert_eq!(server.connection().protocol.as_deref(), Some("h2"));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_certificate_for_another_host_is_rejected() {
        let server = TlsServer::start("ica.test").await;
        let base_url = format!("https://127.0.0.1:{}/ica/rest", server.port);
        let [report, _] = run(&[&base_url], &[("SSL_CERT_FILE", server.authority())]).await;

        assert!(report.starts_with("Connect None"), "{report}");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_proxy_of_the_environment_is_used() {
        let server = TlsServer::start("ica.test").await;
        let proxy = Proxy::start(server.port).await;
        let authority = server.authority().into_os_string();
        let variables = [("SSL_CERT_FILE", authority), ("HTTPS_PROXY", proxy.url.clone().into())];
        let [report, _] = run(&["https://ica.test/ica/rest"], &variables).await;

        assert_eq!(report, NOT_FOUND);
        assert_eq!(proxy.requests(), ["CONNECT ica.test:443 HTTP/1.1"]);
        let connection = server.connection();
        assert_eq!(connection.server_name.as_deref(), Some("ica.test"));
        assert_eq!(connection.protocol.as_deref(), Some("h2"));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn no_proxy_is_used_on_this_machine() {
        let server = TlsServer::start("127.0.0.1").await;
        let proxy = Proxy::start(server.port).await;
        let base_url = format!("https://127.0.0.1:{}/ica/rest", server.port);
        let authority = server.authority().into_os_string();
        let variables = [("SSL_CERT_FILE", authority), ("HTTPS_PROXY", proxy.url.clone().into())];
        let [report, _] = run(&[&base_url], &variables).await;

        assert_eq!(report, NOT_FOUND);
        assert_eq!(proxy.requests(), [""; 0]);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn rustls_uses_the_provider_that_the_program_installed() {
        let server = TlsServer::start("127.0.0.1").await;
        let base_url = format!("https://127.0.0.1:{}/ica/rest", server.port);
        let [report, provider] = run(&[&base_url, "chacha"], &[("SSL_CERT_FILE", server.authority())]).await;

        assert_eq!(report, NOT_FOUND);
        assert_eq!(provider, "provider installed: true");
        let suite = rustls::CipherSuite::TLS13_CHACHA20_POLY1305_SHA256;
        let is_used = server.connection().cipher_suites == [suite];
        assert_eq!(is_used, cfg!(not(feature = "native-tls")));
    }
}

/// A simulator needs no roots: images of containers often have none.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn http_on_this_machine_needs_no_roots() {
    let base_url = "http://127.0.0.1:1/ica/rest";
    let [report, _] = run(
        &[base_url],
        &[("SSL_CERT_FILE", "/nowhere"), ("SSL_CERT_DIR", "/nowhere")],
    )
    .await;
    assert!(report.starts_with("Connect None"), "{report}");

    let base_url = "https://127.0.0.1:1/ica/rest";
    let [report, _] = run(
        &[base_url],
        &[("SSL_CERT_FILE", "/nowhere"), ("SSL_CERT_DIR", "/nowhere")],
    )
    .await;
    if cfg!(feature = "native-tls") {
        assert!(report.starts_with("Connect None"), "{report}");
    } else {
        assert!(report.starts_with("InvalidInput None"), "{report}");
    }
}
