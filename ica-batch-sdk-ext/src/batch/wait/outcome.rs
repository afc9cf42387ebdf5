//! Outcome of an item.

use std::fmt;

use serde::Serialize;
use uuid::Uuid;

use super::super::family::Family;
use super::super::status::{CreationState, RunState};
use super::settings::WaitUntil;
use crate::error::{NAME, SENTENCE, shown};

/// Outcome of an item, as far as it was [waited](WaitUntil) for.
///
/// ```
/// use ica_batch_sdk_ext::ItemOutcome;
///
/// assert!(ItemOutcome::Succeeded.is_success());
/// assert_eq!(ItemOutcome::RunFailed.to_string(), "run failed");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ItemOutcome {
    /// The item was created, and its run was not waited for or does not exist.
    Created,
    /// The item was created, but parts of the request failed.
    PartiallyCreated,
    /// The item was created, and its run succeeded.
    Succeeded,
    /// The item was not created: ICA reported it.
    NotCreated,
    /// The item was not created: the job ended while the item was still pending.
    Orphaned,
    /// The run failed or was aborted.
    RunFailed,
}

impl ItemOutcome {
    /// Returns whether the outcome is a success.
    pub fn is_success(self) -> bool {
        matches!(self, Self::Created | Self::Succeeded)
    }

    /// Returns the outcome of an item with these states, or None while it is pending.
    pub(crate) fn of(until: WaitUntil, creation: CreationState, run: Option<RunState>, has_runs: bool) -> Option<Self> {
        let waits_for_run = has_runs && until == WaitUntil::Finished;
        match (creation, run) {
            (_, Some(RunState::Succeeded)) if waits_for_run => Some(Self::Succeeded),
            (_, Some(RunState::Failed)) if waits_for_run => Some(Self::RunFailed),
            (_, Some(RunState::Running | RunState::Unknown)) if waits_for_run => None,
            (CreationState::NotCreated, _) => Some(Self::NotCreated),
            _ if waits_for_run => None,
            (CreationState::Created, _) => Some(Self::Created),
            (CreationState::PartiallyCreated, _) => Some(Self::PartiallyCreated),
            (CreationState::Pending | CreationState::Unknown, _) => None,
        }
    }
}

impl fmt::Display for ItemOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Created => "created",
            Self::PartiallyCreated => "partially created",
            Self::Succeeded => "succeeded",
            Self::NotCreated => "not created",
            Self::Orphaned => "not created before the job ended",
            Self::RunFailed => "run failed",
        })
    }
}

/// An item that is finished: nothing more is waited for.
///
/// `Display` is a line for a report: without control characters, with at most 100 characters of the
/// name and 300 of the message. `Serialize` writes an object with all fields.
///
/// ```
/// use ica_batch_sdk_ext::types::{AnalysisStatus, ItemStatus};
/// use ica_batch_sdk_ext::{AnalysisCreation, FinishedItem, ItemOutcome, Uuid};
///
/// // In a test of your own, without a server:
/// let mut item = FinishedItem::<AnalysisCreation>::new(
///     Uuid::nil(),
///     "sample-1",
///     ItemOutcome::RunFailed,
///     ItemStatus::Succeeded,
/// );
/// item.run_status = Some(AnalysisStatus::Failed);
/// assert_eq!(item.to_string(), "sample-1: run failed, FAILED");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(bound = "")]
#[non_exhaustive]
pub struct FinishedItem<F: Family> {
    /// Id of the item.
    pub id: Uuid,
    /// Name that the request gave: the user reference of an analysis, the name of a sample.
    pub name: String,
    /// Outcome of the item.
    pub outcome: ItemOutcome,
    /// Status of the creation.
    pub creation_status: F::ItemStatus,
    /// Message of ICA about the creation, mainly why it failed: on one line, at most 2000 characters.
    pub message: Option<String>,
    /// Id of the analysis or sample, if it was created.
    pub created_id: Option<Uuid>,
    /// Status of the run, if it exists.
    pub run_status: Option<F::RunStatus>,
}

impl<F: Family> FinishedItem<F> {
    /// Returns a finished item, for tests of your own.
    pub fn new(id: Uuid, name: impl Into<String>, outcome: ItemOutcome, creation_status: F::ItemStatus) -> Self {
        Self {
            id,
            name: name.into(),
            outcome,
            creation_status,
            message: None,
            created_id: None,
            run_status: None,
        }
    }

    /// Returns whether the outcome is a success.
    pub fn is_success(&self) -> bool {
        self.outcome.is_success()
    }
}

impl<F: Family> fmt::Display for FinishedItem<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", shown(&self.name, NAME), self.outcome)?;
        match (self.outcome, &self.run_status) {
            (ItemOutcome::RunFailed, Some(status)) => write!(f, ", {status}")?,
            (ItemOutcome::Orphaned, _) => write!(f, ", {}", self.creation_status)?,
            _ => {}
        }
        match &self.message {
            Some(message) if !self.is_success() => write!(f, " ({})", shown(message, SENTENCE)),
            _ => Ok(()),
        }
    }
}
