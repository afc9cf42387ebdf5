//! Options of an update, and errors about its base.

use crate::error::Error;
use crate::source::Source;

/// Operations that an update adds.
///
/// ```
/// let options = xtask::update::Options {
///     operations: vec!["getAnalysis".to_owned()],
///     ..Default::default()
/// };
/// assert!(options.tags.is_empty());
/// ```
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Ids of operations to add.
    pub operations: Vec<String>,
    /// Tags: all operations under one of them are added.
    pub tags: Vec<String>,
}

/// Returns an error about the update of a base.
pub(super) fn could_not(base: &Source, reason: std::fmt::Arguments<'_>) -> Error {
    Error::could_not(format_args!("update {}", base.name), reason)
}
