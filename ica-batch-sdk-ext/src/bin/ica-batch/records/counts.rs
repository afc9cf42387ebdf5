//! Numbers of analyses by outcome, and their failures by reason.

use std::collections::BTreeMap;

use ica_batch_sdk_ext::types::AnalysisStatus;
use ica_batch_sdk_ext::{AnalysisStatusExt as _, RunState, SubmissionWaitReport};
use schemars::JsonSchema;
use serde::Serialize;

use super::analysis::{AnalysisRow, Outcome};

/// Number of reasons that are counted apart.
const REASONS: usize = 1000;

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

/// Reason of failures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct Reason {
    /// Reason, as text.
    pub(crate) reason: String,
    /// Number of analyses that failed for it.
    pub(crate) analyses: u64,
    /// User reference of one of them.
    pub(crate) example: Option<String>,
}

/// Sum of analyses, in bounded memory.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) counts: Counts,
    /// Number of runs by status.
    pub(crate) runs: BTreeMap<String, u64>,
    reasons: BTreeMap<String, (u64, Option<String>)>,
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
        if let Some(reason) = row.reason() {
            self.add_reason(reason, 1, || Some(row.user_reference.clone()));
        }
    }

    fn add_reason(&mut self, reason: String, analyses: u64, example: impl FnOnce() -> Option<String>) {
        let is_new = !self.reasons.contains_key(&reason);
        let reason = match is_new && self.reasons.len() >= REASONS {
            true => "other reasons".to_owned(),
            false => reason,
        };
        let (count, known) = self.reasons.entry(reason).or_default();
        *count = count.saturating_add(analyses);
        if known.is_none() {
            *known = example();
        }
    }

    /// Adds the reasons of another sum.
    pub(crate) fn add_reasons(&mut self, reasons: &[Reason]) {
        for reason in reasons {
            self.add_reason(reason.reason.clone(), reason.analyses, || reason.example.clone());
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
        // The journal has no messages about creations.
        self.reasons.retain(|reason, _| reason.starts_with("rejected"));
        let mut examples = BTreeMap::new();
        for failed in report.failed() {
            examples
                .entry(failed.reason())
                .or_insert_with(|| failed.item.name.clone());
        }
        for (reason, analyses) in report.reasons() {
            self.add_reason(reason.clone(), *analyses, || examples.remove(reason));
        }
    }

    /// Returns the reasons of failures, the most frequent first.
    pub(crate) fn reasons(&self) -> Vec<Reason> {
        let reasons = self.reasons.iter().map(|(reason, (analyses, example))| Reason {
            reason: reason.clone(),
            analyses: *analyses,
            example: example.clone(),
        });
        let mut reasons = reasons.collect::<Vec<_>>();
        reasons.sort_by_key(|reason| std::cmp::Reverse(reason.analyses));
        reasons
    }
}
