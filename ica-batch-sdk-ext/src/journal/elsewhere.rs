//! Rows that another submission of the project has created.

use std::error::Error as StdError;
use std::fmt;

use serde::Serialize;

use crate::error::{NAME, shown};

/// Number of rows that a text names.
const SHOWN: usize = 5;

/// Rows of a manifest that another submission of the same project has created, or may have created.
/// From [`Error::created_elsewhere`](crate::Error::created_elsewhere).
///
/// ```
/// use ica_batch_sdk_ext::{CreatedElsewhere, RowElsewhere};
///
/// let rows = [RowElsewhere::new("sample-7", "cohort-41"), RowElsewhere::new("sample-8", "cohort-41")];
/// let elsewhere = CreatedElsewhere::new(rows);
/// assert_eq!((elsewhere.count(), elsewhere.rows()[1].user_reference.as_str()), (2, "sample-8"));
/// assert_eq!(elsewhere.to_string(), "sample-7 in \"cohort-41\", sample-8 in \"cohort-41\"");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CreatedElsewhere {
    pub(super) count: u64,
    #[serde(rename = "rows")]
    pub(super) first: Vec<RowElsewhere>,
}

impl CreatedElsewhere {
    /// Creates the value, for tests of a program that handles it.
    pub fn new(rows: impl IntoIterator<Item = RowElsewhere>) -> Self {
        let first = rows.into_iter().collect::<Vec<_>>();
        Self {
            count: first.len() as u64,
            first,
        }
    }

    /// Returns the number of these rows.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Returns the first 100 of them, in the order of the manifest.
    pub fn rows(&self) -> &[RowElsewhere] {
        &self.first
    }
}

impl fmt::Display for CreatedElsewhere {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = self.first.iter().take(SHOWN);
        let shown = shown.map(RowElsewhere::to_string).collect::<Vec<_>>();
        let more = if self.count > shown.len() as u64 { ", …" } else { "" };
        write!(f, "{}{more}", shown.join(", "))
    }
}

impl StdError for CreatedElsewhere {}

/// Row of a manifest and another submission that has the same row, as part of [`CreatedElsewhere`].
///
/// ```
/// use ica_batch_sdk_ext::RowElsewhere;
///
/// let row = RowElsewhere::new("sample-7", "cohort-41");
/// assert_eq!(row.submission, "cohort-41");
/// assert_eq!(row.to_string(), "sample-7 in \"cohort-41\"");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct RowElsewhere {
    /// User reference of the row.
    pub user_reference: String,
    /// Name of the other submission. If several have the row, the one that was recorded last.
    pub submission: String,
}

impl RowElsewhere {
    /// Creates the value, for tests of a program that handles it.
    pub fn new(user_reference: impl Into<String>, submission: impl Into<String>) -> Self {
        Self {
            user_reference: user_reference.into(),
            submission: submission.into(),
        }
    }
}

impl fmt::Display for RowElsewhere {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} in {:?}", shown(&self.user_reference, NAME), self.submission)
    }
}
