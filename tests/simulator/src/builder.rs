//! The builder of a simulator.

use std::fmt;
use std::io;
use std::time::Duration;

use uuid::Uuid;

use crate::api::version::ApiVersion;
use crate::batch::fate::Fate;
use crate::batch::render::write_batch::JobStyle;
use crate::batch::search::{TagMatch, TextMatch};
use crate::clock::Clock;
use crate::content::data::DataPaths;
use crate::families::lifecycle::Lifecycle;
use crate::json::Optionals;
use crate::random::mix;
use crate::service::settings::{EndOfList, NullStyle, Settings};
use crate::simulator::Simulator;

/// A builder of a [`Simulator`]. [`Simulator::builder`] creates it.
///
/// ```
/// use ica_simulator::{ApiVersion, Simulator};
///
/// // An older server with two API keys, which belong to different users.
/// let builder = Simulator::builder().versions([ApiVersion::V3]).api_key("one").api_key("two");
/// let simulator = builder.project("project-1").start()?;
/// assert_eq!((simulator.api_key(), simulator.project_id()), ("one", "project-1"));
/// # Ok::<_, std::io::Error>(())
/// ```
#[derive(Clone, Default)]
#[must_use = "a builder does nothing until it is started"]
pub struct SimulatorBuilder {
    settings: Settings,
}

impl fmt::Debug for SimulatorBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SimulatorBuilder").field(&self.settings).finish()
    }
}

impl Simulator {
    /// Starts a simulator with the default settings.
    ///
    /// ```
    /// let simulator = ica_simulator::Simulator::start();
    /// assert!(simulator.address().ip().is_loopback());
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if no port can be opened. [`SimulatorBuilder::start`] returns the error instead.
    pub fn start() -> Self {
        Self::builder()
            .start()
            .unwrap_or_else(|error| panic!("could not open a port of 127.0.0.1: {error}"))
    }

    /// Returns a builder with the default settings.
    ///
    /// ```
    /// use ica_simulator::Simulator;
    ///
    /// let simulator = Simulator::builder().api_key("secret").start()?;
    /// assert_eq!(simulator.api_key(), "secret");
    /// # Ok::<_, std::io::Error>(())
    /// ```
    pub fn builder() -> SimulatorBuilder {
        SimulatorBuilder::default()
    }
}

impl SimulatorBuilder {
    /// Starts the simulator. The error is that of the operating system when it opens the port.
    ///
    /// ```
    /// use ica_simulator::Simulator;
    ///
    /// let first = Simulator::builder().start()?;
    /// let error = Simulator::builder().port(first.address().port()).start().unwrap_err();
    /// assert_eq!(error.kind(), std::io::ErrorKind::AddrInUse);
    /// # Ok::<_, std::io::Error>(())
    /// ```
    pub fn start(mut self) -> io::Result<Simulator> {
        let settings = &mut self.settings;
        if settings.api_keys.is_empty() {
            settings
                .api_keys
                .push(format!("simulated-api-key-{:016x}", mix(settings.seed ^ 4)));
        }
        if settings.projects.is_empty() {
            let bits = u128::from(mix(settings.seed ^ 5)) << 64 | u128::from(mix(settings.seed ^ 6));
            settings.projects.push(
                uuid::Builder::from_random_bytes(bits.to_be_bytes())
                    .into_uuid()
                    .to_string(),
            );
        }
        Simulator::run(self.settings)
    }

    /// Sets the port on 127.0.0.1. The default 0 selects a free one.
    pub fn port(mut self, port: u16) -> Self {
        self.settings.port = port;
        self
    }

    /// Sets the seed of all ids and tokens and of the default key and project; 0 by default. The
    /// same seed and the same sequence of requests give the same ids. The jitter of the
    /// [`Lifecycle`] and random [`Faults`](crate::Faults) have their own seeds.
    pub fn seed(mut self, seed: u64) -> Self {
        self.settings.seed = seed;
        self
    }

    /// Sets the clock, for instance one that several simulators share. The default is a new one.
    pub fn clock(mut self, clock: Clock) -> Self {
        self.settings.clock = clock;
        self
    }

    /// Adds an API key. Each key belongs to a different user. The default is one generated key; see
    /// [`Simulator::api_key`]. An idempotency key belongs to a user: the same key of another user
    /// creates a second time.
    pub fn api_key(mut self, key: impl Into<String>) -> Self {
        self.settings.api_keys.push(key.into());
        self
    }

    /// Adds an API key of a named user, who may have several keys. They share their idempotency
    /// keys.
    ///
    /// ```
    /// use ica_simulator::Simulator;
    ///
    /// let builder = Simulator::builder().api_key_of("ada", "old").api_key_of("ada", "new");
    /// let simulator = builder.start()?;
    /// assert_eq!(simulator.user_id("old"), simulator.user_id("new"));
    /// # Ok::<_, std::io::Error>(())
    /// ```
    pub fn api_key_of(mut self, user: impl Into<String>, key: impl Into<String>) -> Self {
        let key = key.into();
        self.settings.users.insert(key.clone(), user.into());
        self.api_key(key)
    }

    /// Adds a project. The default is one generated id; see [`Simulator::project_id`].
    pub fn project(mut self, id: impl Into<String>) -> Self {
        self.settings.projects.push(id.into());
        self
    }

    /// Adds a project with this UUID.
    pub fn project_uuid(self, id: Uuid) -> Self {
        self.project(id.to_string())
    }

    /// Sets the lifetime of minted tokens; one hour by default. At ICA the tenant sets it.
    pub fn token_lifetime(mut self, lifetime: Duration) -> Self {
        self.settings.token_lifetime = lifetime;
        self
    }

    /// Sets the versions that the server has; V3 and V4 by default. Only V3 makes it an older
    /// server.
    pub fn versions(mut self, versions: impl IntoIterator<Item = ApiVersion>) -> Self {
        self.settings.versions.known = versions.into_iter().collect();
        self
    }

    /// Sets the status for an Accept without a version of the operation: 400 by default, as at ICA.
    /// Other servers send 406.
    pub fn wrong_accept_status(mut self, status: u16) -> Self {
        self.settings.versions.refusal_status = status;
        self
    }

    /// Sets the version of items for requests that accept all (`*/*` or no Accept); V4 by default.
    pub fn default_items_version(mut self, version: ApiVersion) -> Self {
        self.settings.versions.default_for_items = version;
        self
    }

    /// Sets the durations of jobs and runs, and the shares of failures.
    pub fn lifecycle(mut self, lifecycle: Lifecycle) -> Self {
        self.settings.lifecycle = lifecycle;
        self
    }

    /// Decides the fate of each item by its name: the user reference of an analysis, the name of a
    /// sample. A fate that [`fate`](Self::fate) or [`Simulator::set_fate`] sets has priority. The
    /// closure must not call the simulator, which waits for it.
    ///
    /// ```
    /// use ica_simulator::{Fate, SeedOptions, Simulator};
    ///
    /// let by_name = |name: &str| match name {
    ///     "sample-1" => Fate::FailCreation,
    ///     _ => Fate::Ordinary,
    /// };
    /// let simulator = Simulator::builder().fates(by_name).start()?;
    /// simulator.seed_batch(simulator.project_id(), 2, SeedOptions::default());
    /// assert_eq!(simulator.batches()[0].items[1].processing_status, "FAILED");
    /// # Ok::<_, std::io::Error>(())
    /// ```
    pub fn fates(mut self, decide: impl Fn(&str) -> Fate + Send + Sync + 'static) -> Self {
        self.settings.fates.decide_by(decide);
        self
    }

    /// Sets the fate of the items with this name: the user reference of an analysis, the name of a
    /// sample.
    pub fn fate(self, name: &str, fate: Fate) -> Self {
        self.settings.fates.set(name, fate);
        self
    }

    /// Sets the largest number of items in a batch. The default is no limit, because none is
    /// documented.
    pub fn max_items(mut self, most: Option<usize>) -> Self {
        self.settings.body_rules.most_items = most;
        self
    }

    /// Sets the largest request body in bytes. A larger one gets 413. The default is no limit.
    pub fn max_body_bytes(mut self, most: usize) -> Self {
        self.settings.max_body = most;
        self
    }

    /// Sets whether creates with unknown members are refused; true by default, so that spelling
    /// errors are found.
    pub fn refuse_unknown_members(mut self, refuse: bool) -> Self {
        self.settings.body_rules.refuse_unknown_members = refuse;
        self
    }

    /// Sets whether the problem of a create names rejected items by their place in the body, such as
    /// `nextflowItems[3]`, and not by their name; false by default.
    pub fn name_places(mut self, name: bool) -> Self {
        self.settings.body_rules.name_places = name;
        self
    }

    /// Sets how a search for analyses compares texts: whole by default. ICA does not publish it.
    pub fn search_texts(mut self, texts: TextMatch) -> Self {
        self.settings.search.texts = texts;
        self
    }

    /// Sets how a search for analyses combines several tags: an analysis has all of them by
    /// default. ICA does not publish it.
    pub fn search_tags(mut self, tags: TagMatch) -> Self {
        self.settings.search.tags = tags;
        self
    }

    /// Sets the page size for requests without one; 20 by default. None is documented.
    ///
    /// # Panics
    ///
    /// Panics if `size` is zero.
    pub fn default_page_size(mut self, size: usize) -> Self {
        assert!(size > 0, "page size 0 is not valid; use 1 or more");
        self.settings.page_sizes.default = size;
        self
    }

    /// Sets the largest page size. A larger one gets 400. The default is no limit, because
    /// none is documented.
    pub fn max_page_size(mut self, size: Option<usize>) -> Self {
        self.settings.page_sizes.max = size;
        self
    }

    /// Sets whether rows repeat and are missed from one offset page to the next; false by default.
    /// The API description warns of this.
    pub fn unstable_offsets(mut self, unstable: bool) -> Self {
        self.settings.unstable_offsets = unstable;
        self
    }

    /// Sets the token of the last page.
    pub fn end_of_list(mut self, style: EndOfList) -> Self {
        self.settings.end_of_list = style;
        self
    }

    /// Sets how members without a value are written.
    pub fn null_style(mut self, style: NullStyle) -> Self {
        self.settings.style.optionals = match style {
            NullStyle::Absent => Optionals::Absent,
            NullStyle::Null => Optionals::ExplicitNull,
        };
        self
    }

    /// Sets how a batch shows its job.
    pub fn job(mut self, style: JobStyle) -> Self {
        self.settings.job = style;
        self
    }

    /// Sets the form of `path` in the details of data; whole paths by default.
    pub fn data_paths(mut self, paths: DataPaths) -> Self {
        self.settings.data_paths = paths;
        self
    }

    /// Sets whether responses are compressed for clients that accept gzip; true by default, as at
    /// ICA.
    pub fn gzip(mut self, gzip: bool) -> Self {
        self.settings.gzip = gzip;
        self
    }

    /// Sets whether requests are recorded; true by default. Benchmarks turn it off.
    pub fn record(self, record: bool) -> Self {
        self.record_limit(if record { Settings::default().record_limit } else { 0 })
    }

    /// Sets how many of the latest requests are recorded; 100 000 by default.
    pub fn record_limit(mut self, requests: usize) -> Self {
        self.settings.record_limit = requests;
        self
    }
}
