//! Changes, and their summary.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::verdict::Verdict;

/// One difference between two descriptions.
///
/// ```
/// use xtask::Source;
/// use xtask::diff::{Options, Verdict, diff};
///
/// let text = "openapi: 3.0.1\ninfo: {title: Tiny, version: '1'}\nservers: [{url: /rest}]\npaths: {}\n";
/// let base = Source::parse("base.yaml", text)?;
/// let published = Source::parse("published.yaml", &text.replace("/rest", "/v2"))?;
/// let changes = diff(&base, &published, Options::default()).changes;
/// assert_eq!(changes[0].rule, "servers-changed");
/// assert_eq!(changes[0].place, "description: servers");
/// assert_eq!((changes[0].wire, changes[0].rust), (Verdict::Breaking, Verdict::Compatible));
/// assert_eq!((changes[0].file.as_deref(), changes[0].line), (Some("published.yaml"), Some(3)));
/// # Ok::<(), xtask::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Change {
    /// Id of the rule, for example `required-property-added`.
    pub rule: String,
    /// Place in words: the operation or the schema, down to the node.
    pub place: String,
    /// Id of the operation of the place. Absent where a schema or the whole description changed.
    pub operation: Option<String>,
    /// Ids of all operations that use the place, sorted. Empty where the whole description changed.
    pub operations: Vec<String>,
    /// Node in the base. Absent where it was added.
    pub before: Option<serde_json::Value>,
    /// Node in the published description. Absent where it was removed.
    pub after: Option<serde_json::Value>,
    /// Whether a client of the base can still talk to a server of the published description.
    pub wire: Verdict,
    /// Whether code that uses the generated crate still compiles and means the same.
    pub rust: Verdict,
    /// One or two sentences about the change.
    pub text: String,
    /// JSON pointer of the node in the base. Absent where it was added.
    pub base_pointer: Option<String>,
    /// JSON pointer of the node in the published description. Absent where it was removed.
    pub pointer: Option<String>,
    /// Name of the published file.
    pub file: Option<String>,
    /// Line of the node in the published file, from 1. The line of the next enclosing node where
    /// the node was removed.
    pub line: Option<usize>,
}

impl Change {
    /// Returns whether one of the verdicts is breaking.
    ///
    /// ```
    /// # let text = "openapi: 3.0.1\ninfo: {title: Tiny, version: '1'}\npaths: {}\n";
    /// # use xtask::Source;
    /// # use xtask::diff::{Options, diff};
    /// # let base = Source::parse("base.yaml", text)?;
    /// let published = Source::parse("published.yaml", &text.replace("'1'", "'2'"))?;
    /// let changes = diff(&base, &published, Options::default()).changes;
    /// assert!(!changes[0].is_breaking());
    /// # Ok::<(), xtask::Error>(())
    /// ```
    pub fn is_breaking(&self) -> bool {
        self.wire.max(self.rust) == Verdict::Breaking
    }
}

/// Numbers of changes.
///
/// ```
/// let summary = xtask::diff::Summary::default();
/// assert_eq!((summary.total, summary.breaking), (0, 0));
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Summary {
    /// Number of all changes.
    pub total: usize,
    /// Number of changes with a breaking verdict.
    pub breaking: usize,
    /// Number of changes that break the messages.
    pub wire_breaking: usize,
    /// Number of changes that break Rust code.
    pub rust_breaking: usize,
    /// Number of changes that no rule knows. They count as breaking.
    pub unclassified: usize,
}

/// All differences between two descriptions, and their summary.
///
/// ```
/// use xtask::Source;
/// use xtask::diff::{Options, diff};
///
/// let base = Source::parse("base.yaml", "openapi: 3.0.1\ninfo: {title: Tiny, version: '1'}\npaths: {}\n")?;
/// assert!(diff(&base, &base, Options::default()).changes.is_empty());
/// # Ok::<(), xtask::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Changes {
    /// Changes: of the description, then of operations in the order of the base, then of schemas.
    pub changes: Vec<Change>,
    /// Numbers of changes.
    pub summary: Summary,
}

impl Changes {
    pub(super) fn of(changes: Vec<Change>) -> Self {
        let count = |is: &dyn Fn(&Change) -> bool| changes.iter().filter(|change| is(change)).count();
        let summary = Summary {
            total: changes.len(),
            breaking: count(&Change::is_breaking),
            wire_breaking: count(&|change| change.wire == Verdict::Breaking),
            rust_breaking: count(&|change| change.rust == Verdict::Breaking),
            unclassified: count(&|change| change.rule == super::rules::UNCLASSIFIED),
        };
        Self { changes, summary }
    }

    /// Returns the JSON Schema of the changes as JSON.
    ///
    /// ```
    /// let schema = xtask::diff::Changes::json_schema();
    /// assert_eq!(schema["title"], "Changes");
    /// ```
    pub fn json_schema() -> serde_json::Value {
        let mut schema = schemars::schema_for!(Changes).to_value();
        drop_examples(&mut schema);
        schema
    }
}

/// Removes examples in Rust, which say nothing to the reader of a JSON Schema.
fn drop_examples(node: &mut serde_json::Value) {
    use serde_json::Value;
    match node {
        Value::Object(entries) => {
            if let Some(Value::String(text)) = entries.get_mut("description")
                && let Some(end) = text.find("\n\n```")
            {
                text.truncate(end);
            }
            entries.values_mut().for_each(drop_examples);
        }
        Value::Array(items) => items.iter_mut().for_each(drop_examples),
        _ => {}
    }
}
