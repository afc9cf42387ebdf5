//! Settings of a simulator.

use std::time::Duration;

use crate::api::negotiate::VersionPolicy;
use crate::api::paging::PageSizes;
use crate::api::version::ApiVersion;
use crate::batch::fate::Fates;
use crate::batch::render::batch::JobStyle;
use crate::batch::schema::BodyRules;
use crate::clock::Clock;
use crate::families::lifecycle::Lifecycle;
use crate::json::Style;

/// What `nextPageToken` is on the last page of a listing. All three have been seen in real answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum EndOfList {
    /// Left out.
    #[default]
    Absent,
    /// Null.
    Null,
    /// An empty text.
    Empty,
    /// Each of the three in turn, from one listing to the next.
    Cycle,
}

/// What becomes of members that have no value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum NullStyle {
    /// Left out, as ICA does.
    #[default]
    Absent,
    /// Null, where the public API description calls them nullable.
    Null,
}

/// Everything that can be set, with its default.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) port: u16,
    pub(crate) seed: u64,
    pub(crate) clock: Clock,
    pub(crate) api_keys: Vec<String>,
    pub(crate) projects: Vec<String>,
    pub(crate) token_lifetime: Duration,
    pub(crate) versions: VersionPolicy,
    pub(crate) lifecycle: Lifecycle,
    pub(crate) fates: Fates,
    pub(crate) body_rules: BodyRules,
    pub(crate) max_body: usize,
    pub(crate) page_sizes: PageSizes,
    pub(crate) unstable_offsets: bool,
    pub(crate) end_of_list: EndOfList,
    pub(crate) style: Style,
    pub(crate) job: JobStyle,
    pub(crate) gzip: bool,
    pub(crate) record_limit: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            port: 0,
            seed: 0,
            clock: Clock::new(),
            api_keys: Vec::new(),
            projects: Vec::new(),
            token_lifetime: Duration::from_secs(3600),
            versions: VersionPolicy {
                known: vec![ApiVersion::V3, ApiVersion::V4],
                default_for_items: ApiVersion::V4,
                refusal_status: 400,
            },
            lifecycle: Lifecycle::default(),
            fates: Fates::default(),
            body_rules: BodyRules {
                most_items: None,
                refuse_unknown_members: true,
            },
            max_body: usize::MAX,
            page_sizes: PageSizes { default: 20, max: None },
            unstable_offsets: false,
            end_of_list: EndOfList::default(),
            style: Style::default(),
            job: JobStyle::default(),
            gzip: true,
            record_limit: 100_000,
        }
    }
}
