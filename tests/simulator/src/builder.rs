//! Settings of a simulator.

use std::fmt;
use std::io;
use std::time::Duration;

use uuid::Uuid;

use crate::api::version::ApiVersion;
use crate::batch::fate::Fate;
use crate::batch::render::batch::JobStyle;
use crate::clock::Clock;
use crate::families::lifecycle::Lifecycle;
use crate::json::Optionals;
use crate::random::mix;
use crate::service::settings::{EndOfList, NullStyle, Settings};
use crate::simulator::Simulator;

/// Sets up a [`Simulator`]; made by [`Simulator::builder`].
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

impl SimulatorBuilder {
    /// Starts the simulator. The error says why its port could not be opened.
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

    /// The port on 127.0.0.1. By default 0: whichever is free.
    pub fn port(mut self, port: u16) -> Self {
        self.settings.port = port;
        self
    }

    /// What all ids, tokens and the default key and project are drawn from; 0 by default. One seed and one sequence of requests give the
    /// same ids. The jitter of the [`Lifecycle`] and random [`Faults`](crate::Faults) have seeds of their own.
    pub fn seed(mut self, seed: u64) -> Self {
        self.settings.seed = seed;
        self
    }

    /// The clock to use, for instance one that several simulators share. By default the real time.
    pub fn clock(mut self, clock: Clock) -> Self {
        self.settings.clock = clock;
        self
    }

    /// Adds an API key. Each belongs to another user. Without any, one is made up; see [`Simulator::api_key`].
    pub fn api_key(mut self, key: impl Into<String>) -> Self {
        self.settings.api_keys.push(key.into());
        self
    }

    /// Adds a project. Without any, one is made up; see [`Simulator::project_id`].
    pub fn project(mut self, id: impl Into<String>) -> Self {
        self.settings.projects.push(id.into());
        self
    }

    /// Adds a project with this UUID.
    pub fn project_uuid(self, id: Uuid) -> Self {
        self.project(id.to_string())
    }

    /// How long a minted token lives; one hour by default. At ICA the tenant sets it.
    pub fn token_lifetime(mut self, lifetime: Duration) -> Self {
        self.settings.token_lifetime = lifetime;
        self
    }

    /// The versions that the server knows; V3 and V4 by default. With V3 alone it is an older server.
    pub fn versions(mut self, versions: impl IntoIterator<Item = ApiVersion>) -> Self {
        self.settings.versions.known = versions.into_iter().collect();
        self
    }

    /// The status for an Accept with no version that the operation has: 400 by default, as at ICA; 406 is what other servers say.
    pub fn wrong_accept_status(mut self, status: u16) -> Self {
        self.settings.versions.refusal_status = status;
        self
    }

    /// The version of items when the client leaves the choice to the server (`*/*` or no Accept); V4 by default.
    pub fn default_items_version(mut self, version: ApiVersion) -> Self {
        self.settings.versions.default_for_items = version;
        self
    }

    /// How long jobs and analyses take, and what share fails.
    pub fn lifecycle(mut self, lifecycle: Lifecycle) -> Self {
        self.settings.lifecycle = lifecycle;
        self
    }

    /// Decides the fate of each item by its name: the user reference of an analysis, the name of a sample. [`Simulator::set_fate`] comes
    /// before it. The closure must not call the simulator, which waits for it.
    pub fn fates(mut self, decide: impl Fn(&str) -> Fate + Send + Sync + 'static) -> Self {
        self.settings.fates.decide_by(decide);
        self
    }

    /// Sets the fate of the items with this name: the user reference of an analysis, the name of a sample.
    pub fn fate(self, name: &str, fate: Fate) -> Self {
        self.settings.fates.set(name, fate);
        self
    }

    /// The most items in a batch. None by default, because no maximum is documented.
    pub fn max_items(mut self, most: Option<usize>) -> Self {
        self.settings.body_rules.most_items = most;
        self
    }

    /// The largest request body in bytes; a larger one gets 413. No limit by default.
    pub fn max_body_bytes(mut self, most: usize) -> Self {
        self.settings.max_body = most;
        self
    }

    /// Whether a create with members that the description does not have is refused; true by default, so that typing errors show.
    pub fn refuse_unknown_members(mut self, refuse: bool) -> Self {
        self.settings.body_rules.refuse_unknown_members = refuse;
        self
    }

    /// The page size when the client names none; 20 by default (none is documented).
    ///
    /// # Panics
    ///
    /// If it is zero.
    pub fn default_page_size(mut self, size: usize) -> Self {
        assert!(size > 0, "a page size is at least 1");
        self.settings.page_sizes.default = size;
        self
    }

    /// The largest page size; a larger one gets 400. None by default (none is documented).
    pub fn max_page_size(mut self, size: Option<usize>) -> Self {
        self.settings.page_sizes.max = size;
        self
    }

    /// Whether rows repeat and are missed from one offset page to the next, as the description warns; false by default.
    pub fn unstable_offsets(mut self, unstable: bool) -> Self {
        self.settings.unstable_offsets = unstable;
        self
    }

    /// What the last page's token is.
    pub fn end_of_list(mut self, style: EndOfList) -> Self {
        self.settings.end_of_list = style;
        self
    }

    /// What becomes of members without a value.
    pub fn null_style(mut self, style: NullStyle) -> Self {
        self.settings.style.optionals = match style {
            NullStyle::Absent => Optionals::Absent,
            NullStyle::Null => Optionals::ExplicitNull,
        };
        self
    }

    /// How a batch shows its job.
    pub fn job(mut self, style: JobStyle) -> Self {
        self.settings.job = style;
        self
    }

    /// Whether answers are compressed for clients that accept gzip; true by default, as at ICA.
    pub fn gzip(mut self, gzip: bool) -> Self {
        self.settings.gzip = gzip;
        self
    }

    /// Whether requests are recorded; true by default. Turn it off for benchmarks.
    pub fn record(self, record: bool) -> Self {
        self.record_limit(if record { Settings::default().record_limit } else { 0 })
    }

    /// How many of the latest requests are kept; 100 000 by default.
    pub fn record_limit(mut self, requests: usize) -> Self {
        self.settings.record_limit = requests;
        self
    }
}
