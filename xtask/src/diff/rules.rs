//! The table of rules.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use super::uses::Uses;
use super::verdict::Verdict;

/// Id of the rule for differences that no other rule knows.
pub(super) const UNCLASSIFIED: &str = "unclassified";

/// Rule: a kind of change, with its verdicts and an example.
///
/// ```
/// use xtask::diff::{Verdict, rules};
///
/// let rule = rules().iter().find(|rule| rule.id == "open-value-added").unwrap();
/// assert_eq!(rule.wire.in_requests, Verdict::Compatible);
/// assert_ne!(rule.before, rule.after);
/// ```
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Id, for example `required-property-added`.
    pub id: String,
    /// Kind of change, in a sentence.
    pub about: String,
    /// Verdict on the messages: whether an old client can still talk to the new server.
    pub wire: Verdicts,
    /// Verdict on Rust code that uses the generated crate: whether it compiles and means the same.
    pub rust: Verdicts,
    /// Part of a change's text, with `{key}`, `{before}` and `{after}` for the values.
    pub says: String,
    /// Task of the project after such a change, for the list of work. Without it, a
    /// change that breaks Rust code asks to build the code.
    #[serde(default)]
    pub next: Option<String>,
    /// Whether the rule is about texts and not about facts.
    #[serde(default)]
    pub prose: bool,
    /// Whether only a comparison of whole descriptions reports it.
    #[serde(default)]
    pub all: bool,
    /// Whether it is about limits. The generator makes two types, for requests and for responses, of
    /// a schema that both use as soon as it has a limit, which breaks Rust code.
    #[serde(default)]
    pub splits: bool,
    /// Messages that the rule is limited to.
    #[serde(default)]
    pub only: Option<Only>,
    /// Example: YAML that is put into a small description.
    pub before: String,
    /// Example after the change.
    pub after: String,
}

/// Messages that a rule is limited to.
///
/// ```
/// use xtask::diff::{Only, rules};
///
/// let rule = rules().iter().find(|rule| rule.id == "closed-value-added").unwrap();
/// assert_eq!(rule.only, Some(Only::RequestsAlone));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Only {
    /// Requests alone.
    RequestsAlone,
    /// Requests, or requests and responses.
    Requests,
    /// Responses, or responses and requests.
    Responses,
    /// The schema of errors.
    Problems,
}

/// Verdicts on one change in requests and in responses.
///
/// ```
/// use xtask::diff::{Verdict, rules};
///
/// let rule = rules().iter().find(|rule| rule.id == "required-property-added").unwrap();
/// assert_eq!((rule.wire.in_requests, rule.wire.in_responses), (Verdict::Breaking, Verdict::Compatible));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Written")]
pub struct Verdicts {
    /// Verdict where requests use the place.
    pub in_requests: Verdict,
    /// Verdict where responses use the place.
    pub in_responses: Verdict,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    Same(Verdict),
    ByUse { requests: Verdict, responses: Verdict },
}

impl From<Written> for Verdicts {
    fn from(written: Written) -> Self {
        let (in_requests, in_responses) = match written {
            Written::Same(both) => (both, both),
            Written::ByUse { requests, responses } => (requests, responses),
        };
        Self {
            in_requests,
            in_responses,
        }
    }
}

impl Verdicts {
    /// Returns the verdict for these uses. Where both requests and responses use a place, or neither,
    /// it is the worse one.
    pub(super) fn of(self, uses: Uses) -> Verdict {
        match (uses.requests, uses.responses) {
            (true, false) => self.in_requests,
            (false, true) => self.in_responses,
            _ => self.in_requests.max(self.in_responses),
        }
    }
}

static RULES: LazyLock<Vec<Rule>> = LazyLock::new(|| {
    let rules = yaml_serde::from_str(include_str!("rules.yaml"));
    rules.unwrap_or_else(|error| panic!("xtask/src/diff/rules.yaml is not a table of rules: {error}"))
});

/// Returns the table of rules.
///
/// ```
/// assert!(xtask::diff::rules().iter().any(|rule| rule.id == "unclassified"));
/// ```
pub fn rules() -> &'static [Rule] {
    &RULES
}

/// Returns the rule with this id, or the one for unclassified differences.
pub(super) fn rule(id: &str) -> &'static Rule {
    let find = |id: &str| RULES.iter().find(|rule| rule.id == id);
    find(id)
        .or_else(|| find(UNCLASSIFIED))
        .unwrap_or_else(|| panic!("xtask/src/diff/rules.yaml has no rule {id}"))
}
