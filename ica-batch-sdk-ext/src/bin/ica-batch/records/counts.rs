//! Numbers of analyses by outcome, and their failures by reason.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use ica_batch_sdk_ext::types::AnalysisStatus;
use ica_batch_sdk_ext::{AnalysisStatusExt as _, ItemOutcome, RunState, SubmissionWaitReport};
use schemars::JsonSchema;
use serde::Serialize;

use super::analysis::{AnalysisRow, Outcome};
use crate::summary::{FailureGroup, Stage};

/// Number of reasons that are counted apart.
const REASONS: usize = 1000;

/// Number of user references of a reason.
const EXAMPLES: usize = 3;

/// Numbers of analyses. Each analysis has one outcome.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct Counts {
    /// Number of analyses.
    pub(crate) analyses: u64,
    /// Number of analyses that were not sent, or whose response is not known.
    pub(crate) pending: u64,
    /// Number of analyses that ICA rejected.
    pub(crate) rejected: u64,
    /// Number of analyses that ICA accepted, and the status of whose run is not known yet.
    pub(crate) accepted: u64,
    /// Number of analyses that ICA accepted, and could not create.
    pub(crate) not_created: u64,
    /// Number of analyses whose run has not ended.
    pub(crate) running: u64,
    /// Number of analyses whose run succeeded.
    pub(crate) succeeded: u64,
    /// Number of analyses whose run failed or was aborted.
    pub(crate) failed: u64,
}

impl Counts {
    /// Returns the numbers by outcome.
    pub(crate) fn by_outcome(&self) -> [(Outcome, u64); 7] {
        let count = |outcome| match outcome {
            Outcome::Pending => self.pending,
            Outcome::Rejected => self.rejected,
            Outcome::Accepted => self.accepted,
            Outcome::NotCreated => self.not_created,
            Outcome::Running => self.running,
            Outcome::Succeeded => self.succeeded,
            Outcome::Failed => self.failed,
        };
        Outcome::ALL.map(|outcome| (outcome, count(outcome)))
    }
}

/// Sum of analyses, in bounded memory.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) counts: Counts,
    /// Number of runs by status.
    pub(crate) runs: BTreeMap<String, u64>,
    failures: BTreeMap<(Stage, String), (u64, Vec<String>)>,
}

impl Tally {
    /// Adds an analysis.
    pub(crate) fn add(&mut self, row: &AnalysisRow) {
        let counts = &mut self.counts;
        counts.analyses = counts.analyses.saturating_add(1);
        let count = match row.outcome {
            Outcome::Pending => &mut counts.pending,
            Outcome::Rejected => &mut counts.rejected,
            Outcome::Accepted => &mut counts.accepted,
            Outcome::NotCreated => &mut counts.not_created,
            Outcome::Running => &mut counts.running,
            Outcome::Succeeded => &mut counts.succeeded,
            Outcome::Failed => &mut counts.failed,
        };
        *count = count.saturating_add(1);
        if let Some(status) = &row.run_status {
            match self.runs.get_mut(status.as_str()) {
                Some(count) => *count = count.saturating_add(1),
                None => drop(self.runs.insert(status.to_string(), 1)),
            }
        }
        if let Some((stage, reason)) = row.failure() {
            self.add_failures(stage, &reason, 1, [row.user_reference.as_str()]);
        }
    }

    fn add_failures<'a>(
        &mut self,
        stage: Stage,
        reason: &str,
        count: u64,
        examples: impl IntoIterator<Item = &'a str>,
    ) {
        let mut examples = examples.into_iter().filter(|example| !example.is_empty()).peekable();
        // The same reason of many analyses is one group.
        let reason = match examples.peek() {
            Some(example) => reason.replace(*example, "…"),
            None => reason.to_owned(),
        };
        let mut key = (stage, reason);
        if self.failures.len() >= REASONS && !self.failures.contains_key(&key) {
            key.1 = "other reasons".to_owned();
        }
        let (sum, known) = self.failures.entry(key).or_default();
        *sum = sum.saturating_add(count);
        for example in examples {
            if known.len() < EXAMPLES && !known.iter().any(|known| known == example) {
                known.push(example.to_owned());
            }
        }
    }

    /// Adds the failures of another sum.
    pub(crate) fn add_groups(&mut self, groups: &[FailureGroup]) {
        for group in groups {
            let examples = group.examples.iter().map(String::as_str);
            self.add_failures(group.stage, &group.reason, group.count, examples);
        }
    }

    /// Takes what ICA has about the accepted analyses in place of what the journal had.
    pub(crate) fn refresh(&mut self, report: &SubmissionWaitReport) {
        let seen = report.counts();
        let sum = |of: RunState| {
            let runs = { seen.by_run_status.iter() }.filter(|(status, _)| AnalysisStatus::run_state(status) == of);
            runs.fold(0_u64, |sum, (_, count)| sum.saturating_add(*count))
        };
        let counts = &mut self.counts;
        counts.succeeded = sum(RunState::Succeeded);
        counts.failed = sum(RunState::Failed);
        counts.running = sum(RunState::Running).saturating_add(sum(RunState::Unknown));
        counts.not_created = seen.failed.saturating_sub(counts.failed);
        let known = [counts.succeeded, counts.failed, counts.running, counts.not_created];
        counts.accepted = known
            .iter()
            .fold(seen.analyses, |rest, count| rest.saturating_sub(*count));
        let runs = seen.by_run_status.iter();
        self.runs = runs.map(|(status, count)| (status.to_string(), *count)).collect();
        // The report has all failures of accepted analyses.
        self.failures.retain(|(stage, _), _| *stage == Stage::Rejected);
        let mut left = report.reasons().clone();
        for failed in report.failed() {
            let reason = failed.reason();
            if let Some(count) = left.get_mut(&reason) {
                *count = count.saturating_sub(1);
            }
            let stage = match failed.item.outcome {
                ItemOutcome::RunFailed => Stage::RunFailed,
                _ => Stage::NotCreated,
            };
            self.add_failures(stage, &reason, 1, [failed.item.name.as_str()]);
        }
        // The list of a report has the first ones, and its reasons count all.
        for (reason, count) in left.into_iter().filter(|(_, count)| *count > 0) {
            let stage = match reason.starts_with("run failed") {
                true => Stage::RunFailed,
                false => Stage::NotCreated,
            };
            self.add_failures(stage, &reason, count, []);
        }
    }

    /// Returns the failures by reason, the most frequent first.
    pub(crate) fn failures(&self) -> Vec<FailureGroup> {
        let groups = self
            .failures
            .iter()
            .map(|((stage, reason), (count, examples))| FailureGroup {
                stage: *stage,
                reason: reason.clone(),
                count: *count,
                examples: examples.clone(),
            });
        let mut groups = groups.collect::<Vec<_>>();
        groups.sort_by_key(|group| Reverse(group.count));
        groups
    }
}
