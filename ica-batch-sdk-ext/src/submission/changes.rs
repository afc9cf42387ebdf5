//! What is wrong with a manifest, told by names.

use std::error::Error as StdError;
use std::fmt;

use crate::error::{Error, ErrorKind};
use crate::journal::changes::{Differences, Named};

/// How many names stand in an error's sentence.
const SHOWN: usize = 5;

/// What differs between a manifest and what is recorded under the submission's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManifestChanges {
    pub(super) added: ChangedRows,
    pub(super) removed: ChangedRows,
    pub(super) changed: ChangedRows,
}

impl ManifestChanges {
    /// The rows that are not recorded.
    pub fn added(&self) -> &ChangedRows {
        &self.added
    }

    /// The recorded rows that the manifest does not have.
    pub fn removed(&self) -> &ChangedRows {
        &self.removed
    }

    /// The rows that ask for something else under the same user reference.
    pub fn changed(&self) -> &ChangedRows {
        &self.changed
    }

    pub(super) fn error(self, submission: &str, can_be_taken: bool) -> Error {
        let what_to_do = if can_be_taken {
            "take the additions by Submission::on_change, or give what is new a name of its own"
        } else {
            "restore the rows that were removed or changed, or give what is new a name of its own: under a new name all of its rows are created"
        };
        let what = format!(
            "submission {submission:?} was recorded with another manifest, and nothing was sent: {self}; {what_to_do}"
        );
        Error::new(ErrorKind::ManifestChanged, what).with_source(self)
    }
}

impl From<Differences> for ManifestChanges {
    fn from(differences: Differences) -> Self {
        let rows = |Named { count, first }| ChangedRows { count, first };
        let Differences {
            added,
            removed,
            changed,
            ..
        } = differences;
        Self {
            added: rows(added),
            removed: rows(removed),
            changed: rows(changed),
        }
    }
}

impl fmt::Display for ManifestChanges {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kinds = [
            (&self.added, "added"),
            (&self.removed, "removed"),
            (&self.changed, "changed"),
        ];
        let told = kinds.into_iter().filter(|(rows, _)| rows.count > 0);
        for (place, (rows, what)) in told.enumerate() {
            let separator = if place == 0 { "" } else { ", " };
            write!(
                f,
                "{separator}{} {what} ({})",
                rows.count,
                names(&rows.first, rows.count)
            )?;
        }
        Ok(())
    }
}

impl StdError for ManifestChanges {}

/// Rows of a manifest that differ in one way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangedRows {
    pub(super) count: u64,
    pub(super) first: Vec<String>,
}

impl ChangedRows {
    /// How many there are.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The user references of the first 100.
    pub fn user_references(&self) -> &[String] {
        &self.first
    }
}

/// User references that stand more than once in a manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DuplicateReferences {
    pub(super) first: Vec<String>,
    pub(super) count: u64,
}

impl DuplicateReferences {
    /// How many there are.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The first 100 by name.
    pub fn user_references(&self) -> &[String] {
        &self.first
    }

    pub(super) fn error(self, submission: &str) -> Error {
        let what = format!(
            "submission {submission:?} names analyses twice, and nothing was sent: {self}; correct the manifest, or allow it by Submission::allow_duplicate_references"
        );
        Error::new(ErrorKind::DuplicateReferences, what).with_source(self)
    }
}

impl fmt::Display for DuplicateReferences {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} user references ({})", self.count, names(&self.first, self.count))
    }
}

impl StdError for DuplicateReferences {}

fn names(first: &[String], count: u64) -> String {
    let shown = first.iter().take(SHOWN).map(String::as_str).collect::<Vec<_>>();
    let more = if count > shown.len() as u64 { ", …" } else { "" };
    format!("{}{more}", shown.join(", "))
}

impl Error {
    /// What differs, where a manifest is not the one that was recorded under its submission's name.
    pub fn manifest_changes(&self) -> Option<&ManifestChanges> {
        self.source()?.downcast_ref()
    }

    /// The user references that stand more than once in a manifest, where that is the failure.
    pub fn duplicate_references(&self) -> Option<&DuplicateReferences> {
        self.source()?.downcast_ref()
    }
}
