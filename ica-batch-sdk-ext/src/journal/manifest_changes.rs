//! Differences between two manifests, and user references that occur more than once.

use std::error::Error as StdError;
use std::fmt;

use serde::Serialize;

/// Number of user references that a text names.
const SHOWN: usize = 5;

/// Differences between a manifest and the recorded one of the same submission, from
/// [`Error::manifest_changes`](crate::Error::manifest_changes).
///
/// ```
/// use ica_batch_sdk_ext::{ChangedRows, ManifestChanges};
///
/// let none = ChangedRows::default();
/// let changes = ManifestChanges::new(ChangedRows::new(["e", "f"]), ChangedRows::new(["c"]), none);
/// assert_eq!(changes.added().count(), 2);
/// assert_eq!(changes.removed().user_references(), ["c"]);
/// assert_eq!(changes.to_string(), "added: e, f; removed: c");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct ManifestChanges {
    pub(super) added: ChangedRows,
    pub(super) removed: ChangedRows,
    pub(super) changed: ChangedRows,
}

impl ManifestChanges {
    /// Creates the value, for tests of a program that handles it.
    pub fn new(added: ChangedRows, removed: ChangedRows, changed: ChangedRows) -> Self {
        Self {
            added,
            removed,
            changed,
        }
    }

    /// Returns the rows that are not recorded.
    pub fn added(&self) -> &ChangedRows {
        &self.added
    }

    /// Returns the recorded rows that the manifest no longer has.
    pub fn removed(&self) -> &ChangedRows {
        &self.removed
    }

    /// Returns the rows whose user reference is recorded with another request.
    pub fn changed(&self) -> &ChangedRows {
        &self.changed
    }

    /// Returns the kinds of change that occur, with their names.
    pub(crate) fn kinds(&self) -> impl Iterator<Item = (&'static str, &ChangedRows)> {
        let kinds = [
            ("added", &self.added),
            ("removed", &self.removed),
            ("changed", &self.changed),
        ];
        kinds.into_iter().filter(|(_, rows)| rows.count > 0)
    }
}

impl fmt::Display for ManifestChanges {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, (kind, rows)) in self.kinds().enumerate() {
            let separator = if number == 0 { "" } else { "; " };
            write!(f, "{separator}{kind}: {rows}")?;
        }
        Ok(())
    }
}

impl StdError for ManifestChanges {}

/// Rows of a manifest that differ in one way, as part of [`ManifestChanges`].
///
/// ```
/// use ica_batch_sdk_ext::ChangedRows;
///
/// let rows = ChangedRows::new(["a", "b"]);
/// assert_eq!((rows.count(), rows.user_references()[0].as_str()), (2, "a"));
/// assert_eq!(rows.to_string(), "a, b");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ChangedRows {
    pub(super) count: u64,
    #[serde(rename = "userReferences")]
    pub(super) first: Vec<String>,
}

impl ChangedRows {
    /// Creates the value, for tests of a program that handles it.
    pub fn new<T: Into<String>>(user_references: impl IntoIterator<Item = T>) -> Self {
        let first = user_references.into_iter().map(Into::into).collect::<Vec<_>>();
        Self {
            count: first.len() as u64,
            first,
        }
    }

    /// Returns the number of rows.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Returns the user references of the first 100 rows.
    pub fn user_references(&self) -> &[String] {
        &self.first
    }
}

impl fmt::Display for ChangedRows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_names(f, &self.first, self.count)
    }
}

/// User references that occur more than once in a manifest, from
/// [`Error::duplicate_references`](crate::Error::duplicate_references).
///
/// ```
/// use ica_batch_sdk_ext::DuplicateReferences;
///
/// let duplicates = DuplicateReferences::new(["a", "b"]);
/// assert_eq!((duplicates.count(), duplicates.user_references()[1].as_str()), (2, "b"));
/// assert_eq!(duplicates.to_string(), "more than once: a, b");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DuplicateReferences {
    pub(super) count: u64,
    #[serde(rename = "userReferences")]
    pub(super) first: Vec<String>,
}

impl DuplicateReferences {
    /// Creates the value, for tests of a program that handles it.
    pub fn new<T: Into<String>>(user_references: impl IntoIterator<Item = T>) -> Self {
        let ChangedRows { count, first } = ChangedRows::new(user_references);
        Self { count, first }
    }

    /// Returns the number of user references that occur more than once.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Returns the first 100 of them in alphabetical order.
    pub fn user_references(&self) -> &[String] {
        &self.first
    }
}

impl fmt::Display for DuplicateReferences {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("more than once: ")?;
        write_names(f, &self.first, self.count)
    }
}

impl StdError for DuplicateReferences {}

/// Writes the first few names, and "…" if there are more.
fn write_names(f: &mut fmt::Formatter<'_>, first: &[String], count: u64) -> fmt::Result {
    let shown = first.iter().take(SHOWN).map(String::as_str).collect::<Vec<_>>();
    let more = if count > shown.len() as u64 { ", …" } else { "" };
    write!(f, "{}{more}", shown.join(", "))
}

#[cfg(test)]
mod tests {
    use super::{ChangedRows, ManifestChanges};

    #[test]
    fn a_text_names_five_rows_and_says_that_there_are_more() {
        let rows = |number: usize| ChangedRows::new((1..=number).map(|row| row.to_string()));
        assert_eq!(rows(5).to_string(), "1, 2, 3, 4, 5");
        assert_eq!(rows(6).to_string(), "1, 2, 3, 4, 5, …");
        let changes = ManifestChanges::new(rows(0), rows(1), rows(2));
        assert_eq!(changes.to_string(), "removed: 1; changed: 1, 2");
    }
}
