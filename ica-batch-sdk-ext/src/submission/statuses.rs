//! Statuses of the analyses of a submission, as one search shows them. Sends no requests.
//!
//! Only numbers are kept per chunk, so memory does not grow with the analyses.

use std::collections::{BTreeMap, HashMap};

use ica_batch_sdk::types::AnalysisStatus;
use uuid::Uuid;

use crate::analyses::AnalysisStatusExt;
use crate::batch::RunState;

/// Set of analyses: their number, and the sum of their ids. Ids are random, so two sets with equal
/// values have the same analyses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct AnalysisSet {
    pub(super) count: u64,
    ids: u128,
}

impl AnalysisSet {
    pub(super) fn add(&mut self, analysis: Uuid) {
        self.count = self.count.saturating_add(1);
        self.ids = self.ids.wrapping_add(analysis.as_u128());
    }
}

/// Analyses that were found with the mark of a chunk.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct FoundRuns {
    pub(super) set: AnalysisSet,
    pub(super) by_run: BTreeMap<AnalysisStatus, u64>,
    pub(super) succeeded: u64,
    pub(super) failed: u64,
}

/// Analyses that a search found, by the mark of their chunk.
#[derive(Debug, Default)]
pub(super) struct Statuses(HashMap<String, FoundRuns>);

impl Statuses {
    /// Returns an empty value that counts the analyses with one of these marks. Others do not matter.
    pub(super) fn with_marks(marks: impl IntoIterator<Item = String>) -> Self {
        Self(marks.into_iter().map(|mark| (mark, FoundRuns::default())).collect())
    }

    /// Adds an analysis that was found, with its technical tags.
    pub(super) fn add(&mut self, analysis: Uuid, tags: &[String], status: &AnalysisStatus) {
        let mark = tags.iter().find(|tag| self.0.contains_key(*tag));
        let Some(found) = mark.and_then(|mark| self.0.get_mut(mark)) else {
            return;
        };
        found.set.add(analysis);
        let count = found.by_run.entry(status.clone()).or_default();
        *count = count.saturating_add(1);
        match status.run_state() {
            RunState::Succeeded => found.succeeded = found.succeeded.saturating_add(1),
            RunState::Failed => found.failed = found.failed.saturating_add(1),
            RunState::Running | RunState::Unknown => {}
        }
    }

    /// Returns what was found with the mark of a chunk.
    pub(super) fn of(&self, mark: &str) -> Option<&FoundRuns> {
        self.0.get(mark)
    }
}
