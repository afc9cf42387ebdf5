//! The HTTP client and its TLS backend.
//!
//! Features choose the backend: `native-tls` before `aws-lc-rs` before `rustls`. Features of
//! `reqwest` that other crates of the program turn on do not change the choice.

use std::time::Duration;

use crate::base_url::BaseUrl;
use crate::error::{Error, Result};

/// Time limit for connecting, TLS handshake included.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Returns the HTTP client for requests to `base_url`. Opens no connection.
pub(crate) fn http_client(base_url: &BaseUrl) -> Result<reqwest::Client> {
    let mut http = tls::configure(reqwest::Client::builder(), base_url)?
        .user_agent(concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(CONNECT_TIMEOUT)
        // A redirect would send the API key to another host: reqwest removes Authorization, but not
        // X-API-Key.
        .redirect(reqwest::redirect::Policy::none())
        // The raw client decompresses, within its limits.
        .no_gzip()
        // The call layer decides what is safe to retry.
        .retry(reqwest::retry::never());
    if base_url.is_loopback() {
        http = http.no_proxy();
    }
    http.build()
        .map_err(|error| Error::invalid_input(tls::NOT_ACCEPTED).with_source(error))
}

/// Configuration of TLS by the library of the platform.
#[cfg(feature = "native-tls")]
mod tls {
    use reqwest::ClientBuilder;

    use crate::base_url::BaseUrl;
    use crate::error::Result;

    pub(super) const NOT_ACCEPTED: &str =
        "could not set up the HTTP client: the TLS library of the platform is not usable; check its installation";

    pub(super) fn configure(http: ClientBuilder, _: &BaseUrl) -> Result<ClientBuilder> {
        Ok(http.tls_backend_native())
    }
}

/// Configuration of TLS by rustls.
#[cfg(all(any(feature = "rustls", feature = "aws-lc-rs"), not(feature = "native-tls")))]
mod tls {
    use std::sync::Arc;

    use reqwest::ClientBuilder;
    use rustls::crypto::CryptoProvider;
    use rustls::{ClientConfig, RootCertStore};
    use rustls_platform_verifier::BuilderVerifierExt;

    use crate::base_url::BaseUrl;
    use crate::error::{Error, Result};

    /// Error text for a reqwest that depends on another release of rustls. reqwest compares types
    /// at run time, so Cargo does not detect it.
    pub(super) const NOT_ACCEPTED: &str = "could not set up the HTTP client: reqwest does not accept its TLS \
         configuration; use a release of reqwest 0.13 that depends on rustls 0.23, or turn on the feature native-tls";

    /// Sets the whole TLS configuration of reqwest, which has no other way to choose a provider for
    /// one client.
    pub(super) fn configure(http: ClientBuilder, base_url: &BaseUrl) -> Result<ClientBuilder> {
        let config = ClientConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .map_err(|error| {
                Error::invalid_input(
                    "could not set up TLS: the rustls provider that the program installed supports no version of TLS; \
                     install another provider",
                )
                .with_source(error)
            })?;
        let config = if base_url.is_loopback() && !base_url.as_str().starts_with("https:") {
            // No request uses TLS. Reading the roots takes milliseconds, and fails where none are
            // installed.
            config.with_root_certificates(RootCertStore::empty())
        } else {
            config.with_platform_verifier().map_err(|error| {
                Error::invalid_input(
                    "could not set up TLS: the platform has no usable root certificates; install them (on Linux the \
                     package ca-certificates), or set SSL_CERT_FILE to a file of certificates",
                )
                .with_source(error)
            })?
        };
        let mut config = config.with_no_client_auth();
        // reqwest adds no protocols to a given configuration.
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(http.tls_backend_preconfigured(config))
    }

    /// Returns the provider that the program installed for its process, or else the provider of the
    /// features.
    ///
    /// Only programs install providers. A library that installs one decides for the whole program.
    fn provider() -> Arc<CryptoProvider> {
        CryptoProvider::get_default()
            .cloned()
            .unwrap_or_else(|| Arc::new(feature_provider()))
    }

    #[cfg(feature = "aws-lc-rs")]
    fn feature_provider() -> CryptoProvider {
        rustls::crypto::aws_lc_rs::default_provider()
    }

    #[cfg(not(feature = "aws-lc-rs"))]
    fn feature_provider() -> CryptoProvider {
        rustls::crypto::ring::default_provider()
    }
}

/// Configuration of a build without TLS.
#[cfg(not(any(feature = "rustls", feature = "aws-lc-rs", feature = "native-tls")))]
mod tls {
    use reqwest::ClientBuilder;

    use crate::base_url::BaseUrl;
    use crate::error::{Error, Result};

    pub(super) const NOT_ACCEPTED: &str =
        "could not set up the HTTP client: reqwest reports an error; read the source of this error";

    pub(super) fn configure(http: ClientBuilder, base_url: &BaseUrl) -> Result<ClientBuilder> {
        if base_url.as_str().starts_with("https:") {
            return Err(Error::invalid_input(format!(
                "base URL {base_url:?} is not valid: https needs TLS, and this build has no TLS backend; \
                 turn on the feature rustls, aws-lc-rs or native-tls of {}",
                env!("CARGO_PKG_NAME")
            )));
        }
        Ok(http)
    }
}

#[cfg(test)]
mod tests {
    use super::http_client;
    use crate::base_url::BaseUrl;

    #[test]
    fn plain_http_needs_no_tls() {
        let base_url = BaseUrl::parse("http://127.0.0.1:1/ica/rest", false).unwrap();
        assert!(http_client(&base_url).is_ok());
    }

    #[cfg(not(any(feature = "rustls", feature = "aws-lc-rs", feature = "native-tls")))]
    #[test]
    fn https_without_a_tls_feature_names_the_features() {
        let base_url = BaseUrl::parse("https://ica.illumina.com/ica/rest", false).unwrap();
        assert_eq!(
            http_client(&base_url).unwrap_err().to_string(),
            "base URL \"https://ica.illumina.com/ica/rest\" is not valid: https needs TLS, and this build has no TLS \
             backend; turn on the feature rustls, aws-lc-rs or native-tls of ica-batch-sdk-ext"
        );
    }
}
