//! State that all calls of a client share.

use std::fmt;
#[cfg(feature = "journal")]
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
#[cfg(feature = "journal")]
use std::time::Duration;

use super::Call;
use super::options::CallOptions;
#[cfg(feature = "journal")]
use super::skew::{ClockSkew, SeenSkew};
use crate::base_url::{BaseUrl, Server};
use crate::clock::Clock;
use crate::credentials::{Credentials, TokenCache};
use crate::error::Scrubber;
use crate::pace::{Pace, PaceSettings};
use crate::retry::RetryBudget;
use crate::secret::Secret;
use crate::version::VersionMemory;

/// Time for which a difference between the clocks counts. The clock of a machine may be set later.
#[cfg(feature = "journal")]
const SKEW_LIFETIME: Duration = Duration::from_secs(3600);

/// Handle to the state that the calls of a client share. Cheap to clone.
///
/// Requests and streams hold this handle, and not the client that made them.
#[derive(Clone)]
pub(crate) struct Core(Arc<Shared>);

struct Shared {
    settings: CoreSettings,
    tokens: TokenCache,
    random: Mutex<fastrand::Rng>,
    versions: VersionMemory,
    #[cfg(feature = "journal")]
    skew: Mutex<Option<SeenSkew>>,
    /// Whether ICA has responded to a request.
    #[cfg(feature = "journal")]
    has_response: AtomicBool,
    pace: Pace,
}

/// Settings of a client, complete and checked.
pub(crate) struct CoreSettings {
    pub(crate) base_url: BaseUrl,
    pub(crate) http: reqwest::Client,
    pub(crate) credentials: Credentials,
    pub(crate) options: CallOptions,
    pub(crate) budget: RetryBudget,
    pub(crate) pace: PaceSettings,
    /// Maximum size of a response in bytes after decompression.
    pub(crate) response_limit: u64,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) jitter_seed: Option<u64>,
}

impl Core {
    pub(crate) fn new(settings: CoreSettings) -> Self {
        let random = settings
            .jitter_seed
            .map_or_else(fastrand::Rng::new, fastrand::Rng::with_seed);
        Self(Arc::new(Shared {
            pace: Pace::new(settings.pace),
            settings,
            tokens: TokenCache::default(),
            random: Mutex::new(random),
            versions: VersionMemory::default(),
            #[cfg(feature = "journal")]
            skew: Mutex::default(),
            #[cfg(feature = "journal")]
            has_response: AtomicBool::new(false),
        }))
    }

    /// Returns a call of this operation of the raw client.
    ///
    /// `action` completes the sentence "could not …" in errors. It names the thing that the call is
    /// about.
    pub(crate) fn call(&self, operation: &'static str, action: impl Into<String>) -> Call {
        Call::new(self.clone(), operation, action.into())
    }

    pub(crate) fn base_url(&self) -> &str {
        self.0.settings.base_url.as_str()
    }

    pub(crate) fn server(&self) -> &Server {
        self.0.settings.base_url.server()
    }

    pub(crate) fn http(&self) -> reqwest::Client {
        self.0.settings.http.clone()
    }

    pub(crate) fn credentials(&self) -> &Credentials {
        &self.0.settings.credentials
    }

    pub(crate) fn tokens(&self) -> &TokenCache {
        &self.0.tokens
    }

    /// Returns the scrubber of foreign text, with the secrets of this client that a server may send
    /// back: its credential, its tokens, and the secret of a call.
    pub(crate) fn scrubber(&self, of_call: Option<&Secret>) -> Scrubber {
        let secrets = self.credentials().secret().into_iter().chain(of_call).cloned();
        Scrubber::new(secrets.chain(self.tokens().secrets()))
    }

    pub(crate) fn options(&self) -> &CallOptions {
        &self.0.settings.options
    }

    pub(crate) fn budget(&self) -> &RetryBudget {
        &self.0.settings.budget
    }

    /// Returns the pace that the calls of the client share.
    pub(crate) fn pace(&self) -> &Pace {
        &self.0.pace
    }

    pub(crate) fn response_limit(&self) -> u64 {
        self.0.settings.response_limit
    }

    pub(crate) fn clock(&self) -> &Arc<dyn Clock> {
        &self.0.settings.clock
    }

    pub(crate) fn versions(&self) -> &VersionMemory {
        &self.0.versions
    }

    /// Keeps that ICA has responded.
    #[cfg(feature = "journal")]
    pub(super) fn saw_response(&self) {
        self.0.has_response.store(true, Ordering::Relaxed);
    }

    /// Returns whether ICA has responded to a request of the client, also with an error.
    #[cfg(feature = "journal")]
    pub(crate) fn has_response(&self) -> bool {
        self.0.has_response.load(Ordering::Relaxed)
    }

    /// Keeps the difference between the clocks that a response shows.
    #[cfg(feature = "journal")]
    pub(super) fn saw_skew(&self, seen: SeenSkew) {
        *self.0.skew.lock().unwrap_or_else(PoisonError::into_inner) = Some(seen);
    }

    /// Returns the difference between the clocks that the last response showed. None if no response
    /// of the last hour showed it.
    #[cfg(feature = "journal")]
    pub(crate) fn clock_skew(&self) -> Option<ClockSkew> {
        let seen = (*self.0.skew.lock().unwrap_or_else(PoisonError::into_inner))?;
        let age = self.clock().elapsed().saturating_sub(seen.at);
        (age < SKEW_LIFETIME).then_some(seen.skew)
    }

    /// Returns a random number from 0 to 1.
    pub(crate) fn random(&self) -> f64 {
        self.0.random.lock().unwrap_or_else(PoisonError::into_inner).f64()
    }
}

/// Hides the settings, because every handle that holds a core derives `Debug`.
impl fmt::Debug for Core {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Core")
    }
}

impl CoreSettings {
    /// Adds the settings that may be shown to the `Debug` of a client.
    fn debug_fields(&self, debug: &mut fmt::DebugStruct<'_, '_>) {
        // Names every field, so a new one cannot be shown or hidden by accident.
        let Self {
            base_url,
            http: _,
            credentials,
            options,
            budget,
            pace,
            response_limit,
            clock: _,
            jitter_seed: _,
        } = self;
        debug
            .field("base_url", base_url)
            .field("credentials", credentials)
            .field("options", options)
            .field("budget", budget)
            .field("pace", pace)
            .field("response_limit", response_limit);
    }
}

impl Core {
    /// Adds the settings that may be shown to the `Debug` of a client.
    pub(crate) fn debug_fields(&self, debug: &mut fmt::DebugStruct<'_, '_>) {
        self.0.settings.debug_fields(debug);
    }
}
