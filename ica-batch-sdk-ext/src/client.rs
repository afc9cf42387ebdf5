//! The client and what it is built from.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::base_url::{self, BaseUrl, Server};
use crate::call::Call;
use crate::clock::{Clock, SystemClock};
use crate::credentials::{self, Credentials, TokenCache};
use crate::error::{Error, Result};
use crate::options::CallOptions;
use crate::project::Project;
use crate::retry::{RetryBudget, RetryPolicy};
use crate::transport;
use crate::version::VersionMemory;

const RESPONSE_LIMIT: u64 = 256 * 1024 * 1024;

/// A client of ICA. Cheap to clone; clones share connections, tokens, the retry budget and what was learnt of the server.
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
    tokens: TokenCache,
    options: CallOptions,
    budget: RetryBudget,
    response_limit: u64,
    clock: Arc<dyn Clock>,
    random: Mutex<fastrand::Rng>,
    versions: VersionMemory,
}

impl Client {
    /// Starts to build a client. [`credentials`](ClientBuilder::credentials) are needed; the rest has defaults.
    pub fn builder() -> ClientBuilder {
        ClientBuilder::default()
    }

    /// A client from the environment: [`Credentials::from_env`], and the base URL from `ICAV2_BASE_URL` where it is set.
    ///
    /// # Errors
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) when no credential is set, or a variable holds what it cannot.
    pub fn from_env() -> Result<Self> {
        let builder = Self::builder().credentials(Credentials::from_env()?);
        match credentials::base_url_from_env() {
            Some(url) => builder.base_url(url).build(),
            None => builder.build(),
        }
    }

    /// A project by its id. Makes no call.
    ///
    /// # Errors
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) when the id is empty or cannot stand in a path.
    pub fn project(&self, id: impl Into<String>) -> Result<Project> {
        let id = id.into();
        let id = id.trim();
        let cannot_stand = |c: char| c.is_control() || c == '/' || c == '\\';
        if id.is_empty() || id == "." || id == ".." || id.contains(cannot_stand) {
            return Err(Error::invalid_input(format!(
                "{id:?} is no project id; use the id that ICA shows in the project's details"
            )));
        }
        Ok(Project::new(self.clone(), id.to_owned()))
    }

    /// The project whose id is in `ICAV2_PROJECT_ID`. Makes no call.
    ///
    /// # Errors
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) when the variable is not set or holds no id.
    pub fn project_from_env(&self) -> Result<Project> {
        match credentials::project_id_from_env() {
            Some(id) => self.project(id),
            None => Err(Error::invalid_input(
                "ICAV2_PROJECT_ID is not set; set it to the id of the project",
            )),
        }
    }

    /// The retries that are left to this client and its clones.
    pub fn retry_budget(&self) -> RetryBudget {
        self.core.budget.clone()
    }

    /// Where the API is.
    #[cfg(feature = "journal")]
    pub(crate) fn base_url(&self) -> &str {
        self.core.base_url()
    }

    /// What calls go by where they do not say otherwise.
    #[cfg(feature = "journal")]
    pub(crate) fn options(&self) -> &CallOptions {
        self.core.options()
    }

    /// The time that the client goes by.
    pub(crate) fn clock(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.core.clock)
    }

    /// A random number from 0 to 1.
    pub(crate) fn random(&self) -> f64 {
        self.core.random()
    }

    /// What the server was found not to have.
    pub(crate) fn versions(&self) -> &VersionMemory {
        &self.core.versions
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
            tokens: _,
            options,
            budget,
            response_limit,
            clock: _,
            random: _,
            versions: _,
        } = &*self.core;
        f.debug_struct("Client")
            .field("base_url", base_url)
            .field("credentials", credentials)
            .field("options", options)
            .field("budget", budget)
            .field("response_limit", response_limit)
            .finish_non_exhaustive()
    }
}

impl Core {
    pub(crate) fn base_url(&self) -> &str {
        self.base_url.as_str()
    }

    pub(crate) fn server(&self) -> &Server {
        self.base_url.server()
    }

    pub(crate) fn http(&self) -> reqwest::Client {
        self.http.clone()
    }

    pub(crate) fn credentials(&self) -> &Credentials {
        &self.credentials
    }

    pub(crate) fn tokens(&self) -> &TokenCache {
        &self.tokens
    }

    pub(crate) fn options(&self) -> &CallOptions {
        &self.options
    }

    pub(crate) fn budget(&self) -> &RetryBudget {
        &self.budget
    }

    pub(crate) fn response_limit(&self) -> u64 {
        self.response_limit
    }

    pub(crate) fn clock(&self) -> &dyn Clock {
        &*self.clock
    }

    /// A random number from 0 to 1.
    pub(crate) fn random(&self) -> f64 {
        self.random.lock().unwrap_or_else(PoisonError::into_inner).f64()
    }
}

/// Builds a [`Client`].
#[derive(Debug, Clone)]
#[must_use = "a builder does nothing before `build`"]
pub struct ClientBuilder {
    base_url: String,
    allow_http: bool,
    credentials: Option<Credentials>,
    options: CallOptions,
    budget: RetryBudget,
    response_limit: u64,
    clock: Arc<dyn Clock>,
    seed: Option<u64>,
}

impl Default for ClientBuilder {
    fn default() -> Self {
        Self {
            base_url: base_url::PUBLIC.to_owned(),
            allow_http: false,
            credentials: None,
            options: CallOptions::default(),
            budget: RetryBudget::default(),
            response_limit: RESPONSE_LIMIT,
            clock: Arc::new(SystemClock::new()),
            seed: None,
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

    /// How long one attempt of a call may take, its answer included. 60 seconds by default.
    pub fn attempt_timeout(mut self, timeout: Duration) -> Self {
        self.options.attempt_timeout = timeout;
        self
    }

    /// How long a call may take in all, waits and further attempts included. 5 minutes by default.
    ///
    /// A wait that would pass it is not begun: the call fails at once and says so.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.options.deadline = deadline;
        self
    }

    /// When a call is made again.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.options.retry = policy;
        self
    }

    /// The retries that all calls of the client share. May be that of another client.
    pub fn retry_budget(mut self, budget: RetryBudget) -> Self {
        self.budget = budget;
        self
    }

    /// How long a create waits for an earlier one with its key that still runs (409). 2 minutes by default; the deadline
    /// holds as well.
    pub fn in_progress_patience(mut self, patience: Duration) -> Self {
        self.options.in_progress_patience = patience;
        self
    }

    /// How large an answer may be, in bytes after decompression. 256 MiB by default.
    pub fn response_limit(mut self, bytes: u64) -> Self {
        self.response_limit = bytes;
        self
    }

    /// The time that waits, deadlines and the expiry of tokens go by. The machine's by default.
    ///
    /// [`attempt_timeout`](Self::attempt_timeout) goes by real time whatever the clock: it bounds a real connection.
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Draws the jitter of waits from this seed, so that a test can repeat them.
    pub fn jitter_seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
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
        let http = transport::http_client(&base_url)?;
        Ok(Client {
            core: Arc::new(Core {
                base_url,
                http,
                credentials,
                tokens: TokenCache::default(),
                options: self.options,
                budget: self.budget,
                response_limit: self.response_limit,
                clock: self.clock,
                random: Mutex::new(self.seed.map_or_else(fastrand::Rng::new, fastrand::Rng::with_seed)),
                versions: VersionMemory::default(),
            }),
        })
    }
}
