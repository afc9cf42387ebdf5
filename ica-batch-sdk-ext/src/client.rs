//! The client and its builder.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::base_url::{self, BaseUrl};
use crate::call::{CallOptions, Core, CoreSettings};
use crate::clock::{Clock, SystemClock};
use crate::credentials::{self, CallerIdentity, Credentials};
use crate::error::{Error, Result};
use crate::pace::{PaceSettings, PaceStatus};
use crate::project::Project;
use crate::retry::{RetryBudget, RetryPolicy};
use crate::transport;

const RESPONSE_LIMIT: u64 = 32 * 1024 * 1024;

/// A client of ICA. Cheap to clone; clones share connections, tokens, the retry budget and the
/// [pace](crate::pace).
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
    core: Core,
}

impl Client {
    /// Returns a builder. Only [`credentials`](ClientBuilder::credentials) have no default.
    pub fn builder() -> ClientBuilder {
        ClientBuilder::default()
    }

    /// Returns a client with the settings of the environment: [`Credentials::from_env`], and the
    /// base URL from `ICAV2_BASE_URL` where it is set.
    ///
    /// ```no_run
    /// let client = ica_batch_sdk_ext::Client::from_env()?;
    /// let project = client.project_from_env()?;
    /// # Ok::<(), ica_batch_sdk_ext::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) when no credential is set, or a variable
    /// is not valid.
    pub fn from_env() -> Result<Self> {
        let builder = Self::builder().credentials(Credentials::from_env()?);
        match credentials::base_url_from_env() {
            Some(url) => builder.base_url(url).build(),
            None => builder.build(),
        }
    }

    /// Returns a project by its id. Sends nothing.
    ///
    /// # Errors
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) when the id is empty or is not one segment
    /// of a path.
    pub fn project(&self, id: impl AsRef<str>) -> Result<Project> {
        Project::new(self.core.clone(), id.as_ref())
    }

    /// Returns the project whose id is in `ICAV2_PROJECT_ID`. Sends nothing.
    ///
    /// # Errors
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) when the variable is not set, or its
    /// value is not a valid id.
    pub fn project_from_env(&self) -> Result<Project> {
        match credentials::project_id_from_env() {
            Some(id) => self.project(id),
            None => Err(Error::invalid_input(
                "could not read the project id from the environment: ICAV2_PROJECT_ID is not set; \
                 set it to the id of the project",
            )),
        }
    }

    /// Returns the base URL of the API, without a slash at its end.
    ///
    /// ```
    /// use ica_batch_sdk_ext::{Client, Credentials};
    ///
    /// let credentials = Credentials::api_key("my-api-key")?;
    /// let client = Client::builder().credentials(credentials).build()?;
    /// assert_eq!(client.base_url(), "https://ica.illumina.com/ica/rest");
    /// # Ok::<(), ica_batch_sdk_ext::Error>(())
    /// ```
    pub fn base_url(&self) -> &str {
        self.core.base_url()
    }

    /// Returns the user that calls are sent as, and until when the token is valid. It gets a token
    /// if none is cached, and sends nothing else.
    ///
    /// ```
    /// # use ica_batch_sdk_ext::{Client, Credentials};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let simulator = ica_simulator::Simulator::start();
    /// # let credentials = Credentials::api_key(simulator.api_key())?;
    /// # let client = Client::builder().base_url(simulator.base_url()).credentials(credentials).build()?;
    /// let caller = client.caller_identity().await?;
    /// println!("{:?} of {:?} until {:?}", caller.user(), caller.issuer(), caller.expires_at());
    /// assert!(caller.user().is_some() && caller.expires_at().is_some() && caller.is_renewed());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// Those of getting a token: [`Unauthorized`](crate::ErrorKind::Unauthorized) for a key that
    /// ICA rejects or a token that has expired, [`Credentials`](crate::ErrorKind::Credentials), or
    /// those of a call.
    pub async fn caller_identity(&self) -> Result<CallerIdentity> {
        self.core.caller().await
    }

    /// Returns the retry budget of this client and its clones.
    pub fn retry_budget(&self) -> RetryBudget {
        self.core.budget().clone()
    }

    /// Returns the state that all calls of the client share.
    #[cfg(all(test, feature = "journal"))]
    pub(crate) fn core(&self) -> &Core {
        &self.core
    }

    /// Returns the current state of the [pace](crate::pace) of this client and its clones.
    ///
    /// ```
    /// use ica_batch_sdk_ext::{Client, Credentials};
    ///
    /// let credentials = Credentials::api_key("my-api-key")?;
    /// let client = Client::builder().credentials(credentials).build()?;
    /// let pace = client.pace();
    /// println!("{} requests in flight, {} calls wait", pace.in_flight(), pace.waiting());
    /// if let Some((left, reason)) = pace.pause() {
    ///     println!("nothing is sent for {left:?}: {reason}");
    /// }
    /// # assert_eq!((pace.in_flight(), pace.pause()), (0, None));
    /// # Ok::<(), ica_batch_sdk_ext::Error>(())
    /// ```
    pub fn pace(&self) -> PaceStatus {
        self.core.pace().status(self.core.clock().elapsed())
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Client");
        self.core.debug_fields(&mut debug);
        debug.finish_non_exhaustive()
    }
}

/// Builder of a [`Client`].
///
/// ```
/// use std::time::Duration;
/// use ica_batch_sdk_ext::{Client, Credentials};
///
/// let client = Client::builder()
///     .credentials(Credentials::api_key("my-api-key")?)
///     .attempt_timeout(Duration::from_secs(30))
///     .deadline(Duration::from_secs(600))
///     .build()?;
/// assert_eq!(client.retry_budget().available(), 500);
/// # Ok::<(), ica_batch_sdk_ext::Error>(())
/// ```
#[derive(Clone)]
#[must_use = "a builder does nothing before `build`"]
pub struct ClientBuilder {
    base_url: String,
    allow_http: bool,
    credentials: Option<Credentials>,
    options: CallOptions,
    budget: RetryBudget,
    pace: PaceSettings,
    response_limit: u64,
    clock: Arc<dyn Clock>,
    jitter_seed: Option<u64>,
}

/// Shows the base URL without user, password, query and fragment, which it may not have.
impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Names every field, so a new one cannot be shown or hidden by accident.
        let Self {
            base_url,
            allow_http,
            credentials,
            options,
            budget,
            pace,
            response_limit,
            clock,
            jitter_seed,
        } = self;
        f.debug_struct("ClientBuilder")
            .field("base_url", &base_url::without_secrets(base_url))
            .field("allow_http", allow_http)
            .field("credentials", credentials)
            .field("options", options)
            .field("budget", budget)
            .field("pace", pace)
            .field("response_limit", response_limit)
            .field("clock", clock)
            .field("jitter_seed", jitter_seed)
            .finish()
    }
}

impl Default for ClientBuilder {
    fn default() -> Self {
        Self {
            base_url: base_url::PUBLIC.to_owned(),
            allow_http: false,
            credentials: None,
            options: CallOptions::default(),
            budget: RetryBudget::default(),
            pace: PaceSettings::default(),
            response_limit: RESPONSE_LIMIT,
            clock: Arc::new(SystemClock::new()),
            jitter_seed: None,
        }
    }
}

impl ClientBuilder {
    /// Sets the credentials.
    pub fn credentials(mut self, credentials: Credentials) -> Self {
        self.credentials = Some(credentials);
        self
    }

    /// Sets the base URL of the API: `https://ica.illumina.com/ica/rest` by default. A slash at its
    /// end is ignored.
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = url.into();
        self
    }

    /// Allows plain http to hosts other than this machine. The credential is then sent unencrypted.
    pub fn allow_http(mut self) -> Self {
        self.allow_http = true;
        self
    }

    /// Sets the time limit of one attempt, its response included: 60 seconds by default.
    pub fn attempt_timeout(mut self, timeout: Duration) -> Self {
        self.options.attempt_timeout = timeout;
        self
    }

    /// Sets the overall time limit of a call, retries and waits included: 5 minutes by default.
    ///
    /// A call does not wait past the deadline: it fails at once, and the error says so.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.options.deadline = deadline;
        self
    }

    /// Sets when a call is retried.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.options.retry = policy;
        self
    }

    /// Sets the retry budget. Several clients can share one.
    pub fn retry_budget(mut self, budget: RetryBudget) -> Self {
        self.budget = budget;
        self
    }

    /// Sets the maximum number of requests in flight, of all calls of the client and its clones. 0
    /// counts as 1. Without it the [pace](crate::pace) allows up to 256.
    ///
    /// ```
    /// use ica_batch_sdk_ext::{Client, Credentials};
    ///
    /// let credentials = Credentials::api_key("my-api-key")?;
    /// let client = Client::builder().credentials(credentials).max_concurrency(2).build()?;
    /// assert_eq!(client.pace().concurrency(), Some(2));
    /// # Ok::<(), ica_batch_sdk_ext::Error>(())
    /// ```
    pub fn max_concurrency(mut self, requests: usize) -> Self {
        self.pace.max_concurrency = Some(requests);
        self
    }

    /// Turns off the [pace](crate::pace): calls are sent at once, whatever the server says to other
    /// calls. [`max_concurrency`](Self::max_concurrency) still holds.
    ///
    /// ```
    /// use ica_batch_sdk_ext::{Client, Credentials};
    ///
    /// let credentials = Credentials::api_key("my-api-key")?;
    /// let client = Client::builder().credentials(credentials).without_pace().build()?;
    /// assert_eq!(client.pace().concurrency(), None);
    /// # Ok::<(), ica_batch_sdk_ext::Error>(())
    /// ```
    pub fn without_pace(mut self) -> Self {
        self.pace.adapts = false;
        self
    }

    /// Sets how long a create waits while an earlier request with the same key is still in progress
    /// (HTTP 409): 2 minutes by default. The deadline limits the wait, too.
    pub fn in_progress_timeout(mut self, timeout: Duration) -> Self {
        self.options.in_progress_timeout = timeout;
        self
    }

    /// Sets the maximum size of a response in bytes after decompression: 32 MiB by default.
    ///
    /// The limit also bounds memory. The decoded response may take eight times the limit, and a
    /// call takes less than twelve times the limit in total. A list with prefetch takes less than
    /// fifteen times the limit, because a page is fetched ahead only while the page before it is
    /// small. With [`concurrency`](crate::OffsetItems::concurrency) the bound holds for each page.
    ///
    /// Of a response that is not a success, at most 64 KiB are read.
    pub fn response_limit(mut self, bytes: u64) -> Self {
        self.response_limit = bytes;
        self
    }

    /// Sets the clock of waits, deadlines and the expiry of tokens: the machine's clock by default.
    ///
    /// [`attempt_timeout`](Self::attempt_timeout) uses real time whatever the clock: it limits a
    /// real connection.
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Sets the seed of the jitter of waits, so that a test can repeat them.
    pub fn jitter_seed(mut self, seed: u64) -> Self {
        self.jitter_seed = Some(seed);
        self
    }

    /// Builds the client. Sends nothing.
    ///
    /// # Errors
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) when there are no credentials, the base
    /// URL is not valid, or TLS cannot be set up.
    pub fn build(self) -> Result<Client> {
        let base_url = BaseUrl::parse(&self.base_url, self.allow_http)?;
        let credentials = self.credentials.ok_or_else(|| {
            Error::invalid_input(
                "could not build the client: it has no credentials; set them with ClientBuilder::credentials",
            )
        })?;
        let http = transport::http_client(&base_url)?;
        Ok(Client {
            core: Core::new(CoreSettings {
                base_url,
                http,
                credentials,
                options: self.options,
                budget: self.budget,
                pace: self.pace,
                response_limit: self.response_limit,
                clock: self.clock,
                jitter_seed: self.jitter_seed,
            }),
        })
    }
}
