//! Options of the comparison.

/// Scope of [`diff`](super::diff).
///
/// ```
/// let options = xtask::diff::Options { prose: true, ..Default::default() };
/// assert!(!options.all);
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Options {
    /// Compare the whole descriptions, and not only the operations that the base has.
    pub all: bool,
    /// Report changed texts, examples and vendor extensions, too.
    pub prose: bool,
}
