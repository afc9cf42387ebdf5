//! Failures of a submission, grouped by stage and reason.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use ica_batch_sdk_ext::types::ItemStatus;
use ica_batch_sdk_ext::{FailedAnalysis, ItemOutcome, SubmissionOutcome, SubmissionReport, SubmissionWaitReport};
use schemars::JsonSchema;
use serde::Serialize;

/// Number of user references of a group.
const EXAMPLES: usize = 3;

/// Analyses that failed for the same reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct FailureGroup {
    /// When they failed.
    pub(crate) stage: Stage,
    /// Why they failed. A user reference in it is replaced by `…`.
    pub(crate) reason: String,
    /// Number of analyses.
    pub(crate) count: u64,
    /// User references of the first ones.
    pub(crate) examples: Vec<String>,
}

/// When an analysis failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Stage {
    /// ICA rejected the request.
    Rejected,
    /// ICA accepted the request and could not create the analysis.
    NotCreated,
    /// The run failed or was aborted.
    RunFailed,
}

/// Returns why ICA could not create an analysis, if it could not.
fn not_created(outcome: &SubmissionOutcome) -> Option<String> {
    match outcome {
        SubmissionOutcome::Created {
            creation_status: Some(ItemStatus::Failed),
            message,
            ..
        } => Some(match message {
            Some(message) => format!("not created ({message})"),
            None => "not created".to_owned(),
        }),
        _ => None,
    }
}

/// Failures by stage and reason.
#[derive(Debug, Default)]
pub(super) struct Groups(BTreeMap<(Stage, String), (u64, Vec<String>)>);

impl Groups {
    /// Groups the failures of a submission, and of the wait for it.
    pub(super) fn new(report: &SubmissionReport, wait: Option<&SubmissionWaitReport>) -> Self {
        let counts = report.counts();
        let mut groups = Self::default();
        for analysis in report.failed() {
            if let SubmissionOutcome::Rejected { .. } = analysis.outcome {
                groups.add(Stage::Rejected, &analysis.outcome.to_string(), &analysis.user_reference);
            }
        }
        groups.complete(Stage::Rejected, counts.rejected);
        match wait {
            Some(wait) => groups.add_wait(wait),
            None => {
                for analysis in report.failed() {
                    if let Some(reason) = not_created(&analysis.outcome) {
                        groups.add(Stage::NotCreated, &reason, &analysis.user_reference);
                    }
                }
            }
        }
        groups.complete(Stage::NotCreated, counts.creation_failed);
        groups
    }

    fn add(&mut self, stage: Stage, reason: &str, user_reference: &str) {
        let reason = match user_reference.is_empty() {
            true => reason.to_owned(),
            // The same reason of many analyses is one group.
            false => reason.replace(user_reference, "…"),
        };
        let (count, examples) = self.0.entry((stage, reason)).or_default();
        *count = count.saturating_add(1);
        if examples.len() < EXAMPLES {
            examples.push(user_reference.to_owned());
        }
    }

    /// Adds the failures of a wait. Its list has the first ones, and its reasons count all.
    fn add_wait(&mut self, wait: &SubmissionWaitReport) {
        let mut counts = wait.reasons().clone();
        for failed in wait.failed() {
            let reason = failed.reason();
            if let Some(count) = counts.get_mut(&reason) {
                *count = count.saturating_sub(1);
            }
            self.add(stage(failed), &reason, &failed.item.name);
        }
        for (reason, count) in counts.into_iter().filter(|(_, count)| *count > 0) {
            let stage = match reason.starts_with("run ") {
                true => Stage::RunFailed,
                false => Stage::NotCreated,
            };
            let group = self.0.entry((stage, reason)).or_default();
            group.0 = group.0.saturating_add(count);
        }
    }

    pub(super) fn count(&self, stage: Stage) -> u64 {
        let of_stage = self.0.iter().filter(|((found, _), _)| *found == stage);
        of_stage.map(|(_, (count, _))| count).sum()
    }

    /// Counts the failures of a stage that no list has.
    fn complete(&mut self, stage: Stage, total: u64) {
        let more = total.saturating_sub(self.count(stage));
        if more > 0 {
            let reason = "further ones, which ica-batch items --failed lists".to_owned();
            self.0.insert((stage, reason), (more, Vec::new()));
        }
    }

    pub(super) fn sorted(self) -> Vec<FailureGroup> {
        let groups = self
            .0
            .into_iter()
            .map(|((stage, reason), (count, examples))| FailureGroup {
                stage,
                reason,
                count,
                examples,
            });
        let mut groups = groups.collect::<Vec<_>>();
        groups.sort_by_key(|group| Reverse(group.count));
        groups
    }
}

fn stage(failed: &FailedAnalysis) -> Stage {
    match failed.item.outcome {
        ItemOutcome::NotCreated | ItemOutcome::Orphaned => Stage::NotCreated,
        _ => Stage::RunFailed,
    }
}

#[cfg(test)]
mod tests {
    use ica_batch_sdk_ext::types::{AnalysisStatus, ItemStatus};
    use ica_batch_sdk_ext::{
        FailedAnalysis, FinishedItem, ItemOutcome, SubmissionOutcome, SubmissionReport, SubmissionWaitProgress,
        SubmissionWaitReport, SubmittedAnalysis, Uuid,
    };

    use super::{FailureGroup, Groups, Stage};

    fn failed(name: &str, message: &str) -> FailedAnalysis {
        let mut item = FinishedItem::new(Uuid::nil(), name, ItemOutcome::NotCreated, ItemStatus::Failed);
        item.message = Some(message.to_owned());
        FailedAnalysis::new("0", None, item)
    }

    #[test]
    fn the_same_reason_of_many_analyses_is_one_group() {
        let names = ["a-1", "a-2", "a-3", "a-4"];
        let failed = names.map(|name| failed(name, &format!("no data for {name}")));
        let report = SubmissionReport::new("s", []);
        let wait = SubmissionWaitReport::new(report.clone(), SubmissionWaitProgress::default(), failed);
        let groups = Groups::new(&report, Some(&wait)).sorted();
        let expected = FailureGroup {
            stage: Stage::NotCreated,
            reason: "not created (no data for …)".to_owned(),
            count: 4,
            examples: ["a-1", "a-2", "a-3"].map(ToOwned::to_owned).to_vec(),
        };
        assert_eq!(groups, [expected]);
    }

    #[test]
    fn the_most_frequent_reason_comes_first() {
        let rejected = |number, status| {
            SubmittedAnalysis::new(
                number,
                format!("r-{number}"),
                SubmissionOutcome::rejected(Some(status), None),
            )
        };
        let report = SubmissionReport::new("s", [rejected(0, 400), rejected(1, 413), rejected(2, 413)]);
        let mut item = FinishedItem::new(Uuid::nil(), "r-9", ItemOutcome::RunFailed, ItemStatus::Succeeded);
        item.run_status = Some(AnalysisStatus::Aborted);
        let wait = SubmissionWaitReport::new(
            report.clone(),
            SubmissionWaitProgress::default(),
            [FailedAnalysis::new("0", None, item)],
        );
        let groups = Groups::new(&report, Some(&wait)).sorted();
        let shown = groups
            .iter()
            .map(|group| (group.stage, group.count, group.reason.as_str()));
        assert_eq!(
            shown.collect::<Vec<_>>(),
            [
                (Stage::Rejected, 2, "rejected (HTTP 413)"),
                (Stage::Rejected, 1, "rejected (HTTP 400)"),
                (Stage::RunFailed, 1, "run failed, ABORTED"),
            ]
        );
    }
}
