//! The client and what it is built from.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::base_url::{self, BaseUrl};
use crate::call::Call;
use crate::credentials::Credentials;
use crate::error::{Error, Result};
use crate::project::Project;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(60);
const RESPONSE_LIMIT: u64 = 256 * 1024 * 1024;

/// A client of ICA. Cheap to clone; clones share connections.
///
/// ```
/// use ica_batch_sdk_ext::{Client, Credentials};
///
/// let client = Client::builder()
///     .credentials(Credentials::api_key_direct("my-api-key")?)
///     .build()?;
/// let project = client.project("my-project")?;
/// # Ok::<(), ica_batch_sdk_ext::Error>(())
/// ```
#[derive(Clone)]
pub struct Client {
    core: Arc<Core>,
}

/// What the calls of a client share.
pub(crate) struct Core {
    base_url: BaseUrl,
    http: reqwest::Client,
    credentials: Credentials,
    attempt_timeout: Duration,
    response_limit: u64,
}

impl Client {
    /// Starts to build a client. [`credentials`](ClientBuilder::credentials) are needed; the rest has defaults.
    pub fn builder() -> ClientBuilder {
        ClientBuilder::default()
    }

    /// A project by its id. Makes no call.
    ///
    /// # Errors
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) when the id is empty or cannot stand in a path.
    pub fn project(&self, id: impl Into<String>) -> Result<Project> {
        let id = id.into();
        if id.trim().is_empty() || id == "." || id == ".." {
            return Err(Error::invalid_input(format!(
                "{id:?} is no project id; use the id that ICA shows in the project's details"
            )));
        }
        Ok(Project::new(self.clone(), id))
    }

    pub(crate) fn call(&self, operation: &'static str, action: &'static str) -> Call {
        Call::new(Arc::clone(&self.core), operation, action)
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Core {
            base_url,
            http: _,
            credentials,
            attempt_timeout,
            response_limit,
        } = &*self.core;
        f.debug_struct("Client")
            .field("base_url", base_url)
            .field("credentials", credentials)
            .field("attempt_timeout", attempt_timeout)
            .field("response_limit", response_limit)
            .finish_non_exhaustive()
    }
}

impl Core {
    pub(crate) fn base_url(&self) -> &str {
        self.base_url.as_str()
    }

    pub(crate) fn http(&self) -> reqwest::Client {
        self.http.clone()
    }

    pub(crate) fn credentials(&self) -> &Credentials {
        &self.credentials
    }

    pub(crate) fn attempt_timeout(&self) -> Duration {
        self.attempt_timeout
    }

    pub(crate) fn response_limit(&self) -> u64 {
        self.response_limit
    }
}

/// Builds a [`Client`].
#[derive(Debug, Clone)]
#[must_use = "a builder does nothing before `build`"]
pub struct ClientBuilder {
    base_url: String,
    allow_http: bool,
    credentials: Option<Credentials>,
    attempt_timeout: Duration,
    response_limit: u64,
}

impl Default for ClientBuilder {
    fn default() -> Self {
        Self {
            base_url: base_url::PUBLIC.to_owned(),
            allow_http: false,
            credentials: None,
            attempt_timeout: ATTEMPT_TIMEOUT,
            response_limit: RESPONSE_LIMIT,
        }
    }
}

impl ClientBuilder {
    /// What authenticates the calls.
    pub fn credentials(mut self, credentials: Credentials) -> Self {
        self.credentials = Some(credentials);
        self
    }

    /// Where the API is. `https://ica.illumina.com/ica/rest` by default; a slash at its end makes no difference.
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = url.into();
        self
    }

    /// Allows plain http to hosts other than this machine. The credential then crosses the network in the clear.
    pub fn allow_http(mut self) -> Self {
        self.allow_http = true;
        self
    }

    /// How long one request may take, its answer included. 60 seconds by default.
    pub fn attempt_timeout(mut self, timeout: Duration) -> Self {
        self.attempt_timeout = timeout;
        self
    }

    /// How large an answer may be, in bytes after decompression. 256 MiB by default.
    pub fn response_limit(mut self, bytes: u64) -> Self {
        self.response_limit = bytes;
        self
    }

    /// Builds the client. Makes no call.
    ///
    /// # Errors
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) when there are no credentials, the base URL is not one, or the
    /// platform's TLS cannot be set up.
    pub fn build(self) -> Result<Client> {
        let base_url = BaseUrl::parse(&self.base_url, self.allow_http)?;
        let credentials = self.credentials.ok_or_else(|| {
            Error::invalid_input("the client has no credentials; give them by ClientBuilder::credentials")
        })?;
        let mut http = reqwest::Client::builder()
            .user_agent(concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(CONNECT_TIMEOUT)
            // A redirect would carry the API key along: reqwest knows Authorization as a credential, X-API-Key not.
            .redirect(reqwest::redirect::Policy::none())
            // What is safe to repeat is decided above the transport.
            .retry(reqwest::retry::never());
        if base_url.is_loopback() {
            http = http.no_proxy();
        }
        let http = http.build().map_err(|error| {
            Error::invalid_input("the HTTP client cannot be set up; check the platform's TLS").with_source(error)
        })?;
        Ok(Client {
            core: Arc::new(Core {
                base_url,
                http,
                credentials,
                attempt_timeout: self.attempt_timeout,
                response_limit: self.response_limit,
            }),
        })
    }
}
