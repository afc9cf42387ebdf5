//! Rows of a manifest that cannot be sent, all at once.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

use serde::Serialize;

use crate::error::{SENTENCE, shown};

/// Number of bad rows after which the manifest is not read further. A source that fails without end
/// ends there, too.
pub(super) const LIMIT: usize = 100;

/// Number of rows in a text.
const SHOWN: usize = 3;

/// Rows of a manifest that cannot be sent, from [`Error::bad_rows`](crate::Error::bad_rows): those
/// that their source could not return, that cannot be written as JSON, or that are too large for a
/// request. At most the first 100.
///
/// ```
/// # use ica_batch_sdk_ext::{Client, Credentials, Journal};
/// use ica_batch_sdk_ext::InvalidText;
/// use ica_batch_sdk_ext::types::{CreateNextflowAnalysis, NextflowAnalysisInput};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let client = Client::builder().credentials(Credentials::api_key_direct("my-api-key")?).build()?;
/// # let project = client.project("my-project")?;
/// # let folder = tempfile::tempdir()?;
/// # let journal = Journal::open(folder.path().join("cohort.db"))?;
/// let rows = ["sample-1", "sample?2", "sample-3", "sample?4"].map(|name| {
///     let builder = CreateNextflowAnalysis::builder().user_reference(name)?;
///     let input = NextflowAnalysisInput::builder().inputs(vec![]).build();
///     let builder = builder.pipeline_id("5f3c9c1e-7a40-4f1b-9d52-0e6c8a1b2d3f");
///     Ok::<_, InvalidText>(builder.analysis_input(input).build())
/// });
/// let error = project.submission("cohort-42", &journal).try_analyses(rows).run().await.unwrap_err();
/// let bad = error.bad_rows().expect("two rows are bad");
/// assert_eq!(bad.rows().iter().map(|row| row.number).collect::<Vec<_>>(), [2, 4]);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Serialize)]
#[serde(transparent)]
pub struct BadRows {
    rows: Vec<BadRow>,
    /// Failure of the first row.
    #[serde(skip)]
    cause: Option<Arc<dyn StdError + Send + Sync>>,
}

/// Row of a manifest that cannot be sent. [`BadRows`] has an example.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct BadRow {
    /// Number of the row, from 1.
    pub number: u64,
    /// User reference of the analysis, if the row could be read.
    pub user_reference: Option<String>,
    /// Why the row cannot be sent.
    pub reason: String,
}

impl BadRows {
    /// Returns the rows in the order of the manifest. Further rows may be bad if there are 100.
    pub fn rows(&self) -> &[BadRow] {
        &self.rows
    }

    /// Adds a row. Only the failure of the first one is kept.
    pub(super) fn add(&mut self, row: BadRow, cause: Option<Box<dyn StdError + Send + Sync>>) {
        if self.rows.is_empty() {
            self.cause = cause.map(Arc::from);
        }
        self.rows.push(row);
    }

    pub(super) fn new() -> Self {
        Self {
            rows: Vec::new(),
            cause: None,
        }
    }

    pub(super) fn is_full(&self) -> bool {
        self.rows.len() >= LIMIT
    }
}

impl fmt::Display for BadRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            number,
            user_reference,
            reason,
        } = self;
        write!(f, "row {number}")?;
        if let Some(reference) = user_reference {
            write!(f, " (analysis {reference:?})")?;
        }
        write!(f, ": {}", shown(reason, SENTENCE))
    }
}

impl fmt::Display for BadRows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let first = self.rows.iter().take(SHOWN).map(BadRow::to_string).collect::<Vec<_>>();
        let more = if self.rows.len() > SHOWN { "; …" } else { "" };
        write!(f, "{}{more}", first.join("; "))
    }
}

impl StdError for BadRows {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        let cause = self.cause.as_deref()?;
        Some(cause)
    }
}

#[cfg(test)]
mod tests {
    use std::error::Error as _;

    use super::{BadRow, BadRows, LIMIT};

    #[test]
    fn the_first_rows_are_in_the_text_and_all_in_the_data() {
        let mut bad = BadRows::new();
        for number in 1..=4 {
            let user_reference = (number > 1).then(|| format!("s-{number}"));
            let reason = "it is bad".to_owned();
            bad.add(
                BadRow {
                    number,
                    user_reference,
                    reason,
                },
                Some(format!("cause {number}").into()),
            );
        }
        assert_eq!(
            bad.to_string(),
            "row 1: it is bad; row 2 (analysis \"s-2\"): it is bad; row 3 (analysis \"s-3\"): it is bad; …"
        );
        assert_eq!(bad.source().unwrap().to_string(), "cause 1");
        assert_eq!((bad.rows().len(), bad.is_full()), (4, false));
        let json = serde_json::to_value(&bad).unwrap();
        assert_eq!(json[1]["userReference"], "s-2");
        assert_eq!(LIMIT, 100);
    }
}
