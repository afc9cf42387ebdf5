//! Settings of a simulator.

use std::collections::HashMap;
use std::time::Duration;

use crate::api::negotiation::VersionPolicy;
use crate::api::paging::PageSizes;
use crate::api::version::ApiVersion;
use crate::batch::body::BodyRules;
use crate::batch::fate::Fates;
use crate::batch::render::write_batch::JobStyle;
use crate::batch::search::SearchRules;
use crate::clock::Clock;
use crate::content::data::DataPaths;
use crate::families::lifecycle::Lifecycle;
use crate::json::Style;

/// Value of `nextPageToken` on the last page of a list. All three forms occur in real responses.
///
/// ```
/// use ica_simulator::{EndOfList, Simulator};
///
/// let simulator = Simulator::builder().end_of_list(EndOfList::Null).start()?;
/// assert_eq!(EndOfList::default(), EndOfList::Absent);
/// # drop(simulator);
/// # Ok::<_, std::io::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum EndOfList {
    /// The member is left out.
    #[default]
    Absent,
    /// The member is null.
    Null,
    /// The member is an empty text.
    Empty,
    /// Each of the three in turn, from one list to the next.
    Cycle,
}

/// Form of members without a value.
///
/// ```
/// use ica_simulator::{NullStyle, Simulator};
///
/// let simulator = Simulator::builder().null_style(NullStyle::Null).start()?;
/// assert_eq!(NullStyle::default(), NullStyle::Absent);
/// # drop(simulator);
/// # Ok::<_, std::io::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum NullStyle {
    /// They are left out, as ICA does.
    #[default]
    Absent,
    /// They are null if the public API description calls them nullable.
    Null,
}

/// All settings with their defaults.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) port: u16,
    pub(crate) seed: u64,
    pub(crate) clock: Clock,
    pub(crate) api_keys: Vec<String>,
    /// The users of API keys that share a user with another key.
    pub(crate) users: HashMap<String, String>,
    pub(crate) projects: Vec<String>,
    pub(crate) token_lifetime: Duration,
    pub(crate) versions: VersionPolicy,
    pub(crate) lifecycle: Lifecycle,
    pub(crate) fates: Fates,
    pub(crate) body_rules: BodyRules,
    pub(crate) search: SearchRules,
    pub(crate) max_body: usize,
    pub(crate) page_sizes: PageSizes,
    pub(crate) unstable_offsets: bool,
    pub(crate) end_of_list: EndOfList,
    pub(crate) style: Style,
    pub(crate) job: JobStyle,
    pub(crate) data_paths: DataPaths,
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
            users: HashMap::new(),
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
                name_places: false,
            },
            search: SearchRules::default(),
            max_body: usize::MAX,
            page_sizes: PageSizes { default: 20, max: None },
            unstable_offsets: false,
            end_of_list: EndOfList::default(),
            style: Style::default(),
            job: JobStyle::default(),
            data_paths: DataPaths::default(),
            gzip: true,
            record_limit: 100_000,
        }
    }
}
