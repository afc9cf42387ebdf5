//! An item that has ended, and how.

use std::fmt;

use ica_batch_sdk::types::{AnalysisStatus, ItemStatus};
use uuid::Uuid;

/// How an item ended, as far as was [waited](super::WaitUntil) for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ItemOutcome {
    /// The analysis was created, and no more was waited for.
    Created,
    /// The run succeeded.
    Succeeded,
    /// The analysis was not created: ICA says so.
    NotCreated,
    /// The analysis was not created: the job that would have done so has ended, and left the item behind.
    Orphaned,
    /// The run ended and did not succeed: it failed or was aborted.
    RunFailed,
}

/// An item that has ended: nothing more is waited for.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FinishedItem {
    /// The item's id.
    pub id: Uuid,
    /// The name that the request gave the analysis.
    pub user_reference: String,
    /// How it ended.
    pub outcome: ItemOutcome,
    /// Whether the analysis was created.
    pub creation_status: ItemStatus,
    /// What ICA says of the creation, above all why it failed.
    pub message: Option<String>,
    /// The id of the analysis, if it was created.
    pub analysis_id: Option<Uuid>,
    /// The state of the run, if the analysis was created.
    pub analysis_status: Option<AnalysisStatus>,
}

impl FinishedItem {
    /// Whether it ended well: created where no more was waited for, else with a run that succeeded.
    pub fn is_success(&self) -> bool {
        matches!(self.outcome, ItemOutcome::Created | ItemOutcome::Succeeded)
    }
}

/// A line for a report: which item it is, and how it ended.
impl fmt::Display for FinishedItem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.user_reference)?;
        match self.outcome {
            ItemOutcome::Created => f.write_str("created")?,
            ItemOutcome::Succeeded => f.write_str("succeeded")?,
            ItemOutcome::NotCreated => f.write_str("not created")?,
            ItemOutcome::Orphaned => write!(f, "not created, as the job ended while it was {}", self.creation_status)?,
            ItemOutcome::RunFailed => f.write_str("the run did not succeed")?,
        }
        if let (ItemOutcome::RunFailed, Some(status)) = (self.outcome, &self.analysis_status) {
            write!(f, ", it is {status}")?;
        }
        match &self.message {
            Some(message) if !self.is_success() => write!(f, " ({message})"),
            _ => Ok(()),
        }
    }
}
