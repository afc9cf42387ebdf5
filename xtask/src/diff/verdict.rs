//! Verdicts on changes.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Verdict on one side of a change: the messages, or the Rust code.
///
/// ```
/// use xtask::diff::Verdict;
///
/// assert_eq!(Verdict::Breaking.to_string(), "breaking");
/// assert!(Verdict::Compatible < Verdict::Breaking);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Nothing that worked before stops working.
    Compatible,
    /// Something that worked before may stop working.
    Breaking,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Verdict::Compatible => "compatible",
            Verdict::Breaking => "breaking",
        })
    }
}
