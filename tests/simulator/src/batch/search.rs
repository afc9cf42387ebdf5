//! Search for created analyses: its filters, and how they match.

use serde_json::Value;

use super::shape::{Shape, nullable, optional};

/// How a search compares the filters `reference` and `userReference`. ICA does not publish it.
///
/// ```
/// use ica_simulator::{Simulator, TextMatch};
///
/// let simulator = Simulator::builder().search_texts(TextMatch::PartIgnoringCase).start()?;
/// assert_eq!(TextMatch::default(), TextMatch::Whole);
/// # drop(simulator);
/// # Ok::<_, std::io::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum TextMatch {
    /// The whole text is equal.
    #[default]
    Whole,
    /// The text contains the filter; upper and lower case are equal.
    PartIgnoringCase,
}

/// How a search combines several tags of one filter. ICA does not publish it.
///
/// ```
/// use ica_simulator::{Simulator, TagMatch};
///
/// let simulator = Simulator::builder().search_tags(TagMatch::Any).start()?;
/// assert_eq!(TagMatch::default(), TagMatch::All);
/// # drop(simulator);
/// # Ok::<_, std::io::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum TagMatch {
    /// An analysis has all of the tags.
    #[default]
    All,
    /// An analysis has at least one of the tags.
    Any,
}

/// How a search matches.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct SearchRules {
    pub(crate) texts: TextMatch,
    pub(crate) tags: TagMatch,
}

static TEXTS: Shape = Shape::ListOfNullable(&Shape::Text);
static STATUS: Shape = Shape::OneOf(&[
    "REQUESTED",
    "QUEUED",
    "INITIALIZING",
    "PREPARING_INPUTS",
    "IN_PROGRESS",
    "GENERATING_OUTPUTS",
    "AWAITING_INPUT",
    "ABORTING",
    "SUCCEEDED",
    "FAILED",
    "FAILED_FINAL",
    "ABORTED",
]);

/// The body of a search.
pub(crate) static SEARCH: Shape = Shape::Object(&[
    nullable!("reference", &Shape::Text),
    nullable!("userReference", &Shape::Text),
    optional!("status", &Shape::ListOfNullable(&STATUS)),
    nullable!("userTags", &TEXTS),
    nullable!("technicalTags", &TEXTS),
    nullable!("referenceTags", &TEXTS),
]);

/// The filters of a search. An empty list matches everything.
#[derive(Clone, Debug, Default)]
pub(crate) struct Search {
    rules: SearchRules,
    reference: Option<String>,
    user_reference: Option<String>,
    status: Vec<String>,
    technical_tags: Vec<String>,
    user_tags: Vec<String>,
    reference_tags: Vec<String>,
}

/// The properties of an analysis that a search compares, beside its reference.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Searched<'a> {
    pub(crate) user_reference: &'a str,
    pub(crate) technical_tags: &'a [String],
    pub(crate) user_tags: &'a [String],
    pub(crate) reference_tags: &'a [String],
}

impl Search {
    /// Reads a body that has the shape [`SEARCH`].
    pub(crate) fn read(body: &Value, rules: SearchRules) -> Self {
        let text = |name: &str| body[name].as_str().map(str::to_owned);
        let list = |name: &str| {
            let values = body[name].as_array().into_iter().flatten();
            values.filter_map(Value::as_str).map(str::to_owned).collect()
        };
        Self {
            rules,
            reference: text("reference"),
            user_reference: text("userReference"),
            status: list("status"),
            technical_tags: list("technicalTags"),
            user_tags: list("userTags"),
            reference_tags: list("referenceTags"),
        }
    }

    /// Returns whether an analysis matches. The status and the reference are computed only if a
    /// filter needs them.
    pub(crate) fn matches(
        &self,
        analysis: Searched<'_>,
        status: impl FnOnce() -> &'static str,
        reference: impl FnOnce() -> String,
    ) -> bool {
        self.tags_match(&self.technical_tags, analysis.technical_tags)
            && self.tags_match(&self.user_tags, analysis.user_tags)
            && self.tags_match(&self.reference_tags, analysis.reference_tags)
            && self.text_matches(self.user_reference.as_deref(), || analysis.user_reference.to_owned())
            && self.text_matches(self.reference.as_deref(), reference)
            && self.status_matches(status)
    }

    fn status_matches(&self, status: impl FnOnce() -> &'static str) -> bool {
        if self.status.is_empty() {
            return true;
        }
        let status = status();
        self.status.iter().any(|asked| asked == status)
    }

    fn tags_match(&self, asked: &[String], tags: &[String]) -> bool {
        match self.rules.tags {
            _ if asked.is_empty() => true,
            TagMatch::All => asked.iter().all(|tag| tags.contains(tag)),
            TagMatch::Any => asked.iter().any(|tag| tags.contains(tag)),
        }
    }

    fn text_matches(&self, asked: Option<&str>, text: impl FnOnce() -> String) -> bool {
        match (asked, self.rules.texts) {
            (None, _) => true,
            (Some(asked), TextMatch::Whole) => text() == asked,
            (Some(asked), TextMatch::PartIgnoringCase) => text().to_lowercase().contains(&asked.to_lowercase()),
        }
    }
}
