//! How a submission ended: numbers, failures grouped by reason, and the commands that come next.

mod groups;

use std::collections::BTreeSet;

use ica_batch_sdk_ext::{Journal, SubmissionReport, SubmissionWaitReport};
use schemars::JsonSchema;
use serde::Serialize;

use self::groups::Groups;
use crate::command_line;
use crate::exit::Exit;
use crate::messages;
use crate::output::{Column, Record};
use crate::progress::Until;

pub(crate) use self::groups::{FailureGroup, Stage};

/// Number of reasons that are shown to people.
const SHOWN_REASONS: usize = 10;

/// Characters of a reason that are shown to people.
const REASON: usize = 300;

/// Result of a submission: one object in JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(title = "summary", inline)]
pub(crate) struct Summary {
    /// Name of the submission.
    pub(crate) submission: String,
    /// Id of the project.
    pub(crate) project: String,
    /// Path of the journal.
    pub(crate) journal: String,
    /// Number of analyses.
    pub(crate) analyses: u64,
    /// Number of analyses that ICA has accepted, except those that it could not create.
    pub(crate) created: u64,
    /// Number of analyses that ICA rejected.
    pub(crate) rejected: u64,
    /// Number of analyses that ICA has accepted and could not create.
    pub(crate) not_created: u64,
    /// Number of analyses that have no outcome yet. The same command sends them.
    pub(crate) pending: u64,
    /// Number of batches that are known. That of an analysis which was found in ICA is not.
    pub(crate) batches: u64,
    /// Whether all batches are known.
    #[serde(skip)]
    #[schemars(skip)]
    pub(crate) has_all_batches: bool,
    /// Number of analyses whose run succeeded. Null unless the command waited for the runs.
    pub(crate) succeeded: Option<u64>,
    /// Number of analyses whose run failed or was aborted. Null unless the command waited for the
    /// runs.
    pub(crate) run_failed: Option<u64>,
    /// Number of analyses whose run has not ended. Null unless the command waited for the runs.
    pub(crate) running: Option<u64>,
    /// Failures by reason, the most frequent first.
    pub(crate) failures: Vec<FailureGroup>,
}

impl Record for Summary {
    const COLUMNS: &'static [Column<Self>] = &[
        Column::new("submission", |summary, cell| {
            cell.push_str(&summary.submission);
            Ok(())
        }),
        Column::further("project", |summary, cell| {
            cell.push_str(&summary.project);
            Ok(())
        }),
        Column::further("journal", |summary, cell| {
            cell.push_str(&summary.journal);
            Ok(())
        }),
        Column::new("analyses", |summary, cell| number(cell, Some(summary.analyses))),
        Column::new("created", |summary, cell| number(cell, Some(summary.created))),
        Column::new("rejected", |summary, cell| number(cell, Some(summary.rejected))),
        Column::new("not_created", |summary, cell| number(cell, Some(summary.not_created))),
        Column::new("pending", |summary, cell| number(cell, Some(summary.pending))),
        Column::new("batches", |summary, cell| number(cell, Some(summary.batches))),
        Column::new("succeeded", |summary, cell| number(cell, summary.succeeded)),
        Column::new("run_failed", |summary, cell| number(cell, summary.run_failed)),
        Column::new("running", |summary, cell| number(cell, summary.running)),
        Column::further("failures", |summary, cell| {
            let groups = { summary.failures.iter() }.map(|group| format!("{} {}", group.count, group.reason));
            cell.push_str(&groups.collect::<Vec<_>>().join("; "));
            Ok(())
        }),
    ];
}

fn number(cell: &mut String, number: Option<u64>) -> std::fmt::Result {
    if let Some(number) = number {
        cell.push_str(&number.to_string());
    }
    Ok(())
}

impl Summary {
    /// Returns the summary of a submission, and of the wait for it.
    pub(crate) fn new(
        project: &str,
        journal: &Journal,
        report: &SubmissionReport,
        wait: Option<(Until, &SubmissionWaitReport)>,
    ) -> Self {
        let counts = report.counts();
        let groups = Groups::new(report, wait.map(|(_, wait)| wait));
        let runs = wait
            .filter(|(until, _)| *until == Until::Finished)
            .map(|(_, wait)| wait);
        let run_failed = groups.count(Stage::RunFailed);
        Self {
            submission: report.name().to_owned(),
            project: project.to_owned(),
            journal: journal.path().display().to_string(),
            analyses: counts.analyses,
            created: counts.created,
            rejected: counts.rejected,
            not_created: counts.creation_failed.max(groups.count(Stage::NotCreated)),
            pending: counts.pending(),
            batches: report.batches().len() as u64,
            has_all_batches: report.has_all_batches(),
            succeeded: runs.map(SubmissionWaitReport::succeeded),
            run_failed: runs.map(|_| run_failed),
            running: runs.map(|runs| {
                counts
                    .created
                    .saturating_sub(runs.succeeded().saturating_add(run_failed))
            }),
            failures: groups.sorted(),
        }
    }

    /// Returns the number of analyses that failed.
    pub(crate) fn failed(&self) -> u64 {
        self.failures.iter().map(|group| group.count).sum()
    }

    /// Returns the exit code of a command that did what was asked for.
    pub(crate) fn exit(&self) -> Exit {
        match self.failed() {
            0 => Exit::Done,
            _ => Exit::Failures,
        }
    }

    /// Returns the summary as lines for people.
    pub(crate) fn lines(&self) -> Vec<String> {
        let known = match self.batches {
            1 => "1 batch".to_owned(),
            count => format!("{count} batches"),
        };
        let batches = match (self.batches, self.has_all_batches) {
            (_, true) => known,
            (0, false) => "batches that are not known".to_owned(),
            (_, false) => format!("{known} and in others that are not known"),
        };
        let mut lines = vec![format!(
            "submission {:?}: {} of {} analyses created in {batches}",
            self.submission, self.created, self.analyses
        )];
        let numbers = [
            (self.succeeded, "succeeded"),
            (self.run_failed, "failed"),
            (self.running, "running"),
            (Some(self.rejected), "rejected"),
            (Some(self.not_created), "not created by ICA"),
            (Some(self.pending), "pending"),
        ];
        let numbers = numbers.iter().filter_map(|(count, what)| match count {
            Some(0) | None if *what != "succeeded" => None,
            count => count.map(|count| format!("{count} {what}")),
        });
        let numbers = numbers.collect::<Vec<_>>();
        if !numbers.is_empty() {
            lines.push(format!("  {}", numbers.join(", ")));
        }
        lines.extend(failure_lines(&self.failures));
        lines
    }

    /// Returns the words of the commands that come next.
    pub(crate) fn next(&self) -> Vec<Vec<&str>> {
        let name = self.submission.as_str();
        let mut next = Vec::new();
        if self.failed() > 0 {
            next.push(vec!["items", name, "--failed"]);
        }
        let has_ended = self.running.is_some_and(|running| running == 0);
        if let Some(rerun) = rerun(name, self.failures.iter().map(|group| group.stage)) {
            next.push(rerun);
        } else if !has_ended && self.pending == 0 && self.created > 0 {
            next.push(vec!["wait", name]);
        }
        next
    }

    /// Writes the summary to standard error. With `is_quiet`, it is written if analyses failed.
    pub(crate) fn show(&self, is_quiet: bool) {
        if is_quiet && self.failed() == 0 {
            return;
        }
        self.lines().iter().for_each(messages::text);
        for (index, words) in self.next().iter().enumerate() {
            let label = if index == 0 { "next:" } else { "     " };
            messages::line(format_args!("{label} {}", command_line::next(words)));
        }
    }
}

/// Returns the words of the command that sends failed analyses again. None without a failure.
pub(crate) fn rerun(name: &str, failed: impl Iterator<Item = Stage>) -> Option<Vec<&str>> {
    let failed = failed.collect::<BTreeSet<_>>();
    let flags = [
        (Stage::RunFailed, "--failed"),
        (Stage::NotCreated, "--failed-creation"),
        (Stage::Rejected, "--rejected"),
    ];
    let flags = flags.iter().filter(|(stage, _)| failed.contains(stage));
    let flags = flags.map(|(_, flag)| *flag);
    let words = ["rerun", name].into_iter().chain(flags).chain(["--wait"]);
    (!failed.is_empty()).then(|| words.collect())
}

/// Returns the most frequent failures as lines for people.
pub(crate) fn failure_lines(failures: &[FailureGroup]) -> Vec<String> {
    let mut lines = Vec::new();
    if !failures.is_empty() {
        lines.push("failures by reason:".to_owned());
    }
    for group in failures.iter().take(SHOWN_REASONS) {
        let reason = group.reason.chars().take(REASON).collect::<String>();
        lines.push(format!("{:>8}  {reason}", group.count));
        if !group.examples.is_empty() {
            let more = if group.count > group.examples.len() as u64 {
                ", …"
            } else {
                ""
            };
            lines.push(format!("{:>8}  {}{more}", "", group.examples.join(", ")));
        }
    }
    if let Some(more) = failures.len().checked_sub(SHOWN_REASONS).filter(|more| *more > 0) {
        lines.push(format!("{:>8}  and {more} further reasons", ""));
    }
    lines
}
