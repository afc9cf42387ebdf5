//! `ica-batch rerun`: sends analyses again that failed.

use clap::Args;
use futures_util::TryStreamExt as _;
use ica_batch_sdk_ext::types::ItemStatus;
use ica_batch_sdk_ext::{AnalysisStatusExt as _, Journal, JournalEntry, Project, SubmissionOutcome};

use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::follow::until_signal;
use crate::output::{OutputOptions, column_names};
use crate::progress::{Progress, ProgressOptions};
use crate::sending::{SendOptions, Shown, Target, failure};
use crate::suggestion::Suggested;
use crate::summary::Summary;
use crate::target::OneSubmission;

/// Sends analyses of a submission again that failed, unchanged. Use it when the cause is fixed and
/// was outside the analyses.
///
/// Each becomes a new attempt. The analysis of the earlier attempt stays in ICA.
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("which").required(true).multiple(true))]
#[command(mut_arg("columns", |arg| arg.hide_possible_values(true).value_parser(Suggested(column_names::<Summary>))))]
pub(crate) struct Rerun {
    #[command(flatten)]
    submission: OneSubmission,
    /// Analyses whose runs failed or were aborted.
    #[arg(long, group = "which")]
    failed: bool,
    /// Analyses that ICA accepted and could not create.
    #[arg(long, group = "which")]
    failed_creation: bool,
    /// Analyses that ICA rejected.
    #[arg(long, group = "which")]
    rejected: bool,
    #[command(flatten)]
    sending: SendOptions,
    #[command(flatten)]
    progress: ProgressOptions,
    #[command(flatten)]
    output: OutputOptions,
}

/// Numbers of analyses that can be sent again.
#[derive(Debug, Default)]
struct Found {
    run_failed: u64,
    not_created: u64,
    rejected: u64,
    /// Analyses whose run has not ended as far as the journal knows.
    open: u64,
}

impl Rerun {
    pub(crate) async fn run(self, context: &Context) -> Result<Exit, Failure> {
        self.output.check::<Summary>()?;
        self.progress.check()?;
        let entry = self.submission.find(context, &context.journal_to_read()?)?;
        let journal = context.journal()?;
        let project = context.project_of(entry.base_url(), entry.project())?;
        let mut shown = Shown {
            context,
            progress: Progress::new(&context.global, &self.progress),
            signals: context.signals.take(),
            output: &self.output,
        };
        let mut found = find(&journal, &entry).await?;
        if found.open > 0 && (self.failed || self.failed_creation) {
            let text = format!("reading the status of {} analyses from ICA", found.open);
            shown.progress.note(text);
            read_statuses(&project, &journal, &entry, &mut shown).await?;
            found = find(&journal, &entry).await?;
        }
        let chosen = [
            (self.failed, found.run_failed, "failed runs"),
            (self.failed_creation, found.not_created, "failed creations"),
            (self.rejected, found.rejected, "rejected analyses"),
        ];
        let again = chosen
            .iter()
            .filter(|(is_chosen, ..)| *is_chosen)
            .map(|(_, count, _)| count)
            .sum::<u64>();
        let pending = entry.counts().pending();
        let sends_nothing = again == 0 && pending == 0;
        let what = chosen.iter().filter(|(is_chosen, ..)| *is_chosen);
        let what = what.map(|(.., what)| *what).collect::<Vec<_>>().join(" and no ");
        let nothing = format!("submission {:?} has no {what}; nothing was sent", entry.name());
        if sends_nothing && self.sending.wait.is_none() {
            drop(shown);
            context.tell(nothing);
            return self.conclude(context, &project, &journal, &entry).await;
        }
        shown.progress.note(match (sends_nothing, pending) {
            // Others of its analyses may run, and are waited for.
            (true, _) => nothing,
            (false, 0) if again == 1 => "sending 1 analysis again".to_owned(),
            (false, 0) => format!("sending {again} analyses again"),
            (false, pending) => format!("sending {again} analyses again, and {pending} that have no response yet"),
        });
        let mut submission = project.submission(entry.name(), &journal);
        if self.failed {
            submission = submission.rerun_failed();
        }
        if self.failed_creation {
            submission = submission.retry_failed_creation();
        }
        if self.rejected {
            submission = submission.retry_rejected();
        }
        let target = Target {
            project: &project,
            journal: &journal,
            name: entry.name(),
        };
        self.sending.run(target, submission, shown).await
    }

    /// Shows the state of a submission of which nothing is sent again, as the journal has it.
    async fn conclude(
        &self,
        context: &Context,
        project: &Project,
        journal: &Journal,
        entry: &JournalEntry,
    ) -> Result<Exit, Failure> {
        let report = project.submission(entry.name(), journal).report().await?;
        let summary = Summary::new(project.id(), journal, &report, None);
        if summary.failed() > 0 {
            summary.show(context.global.quiet);
        }
        if self.output.is_asked() {
            self.output.write_one(&summary).or_else(Failure::unless_closed_pipe)?;
        }
        Ok(summary.exit())
    }
}

/// Counts the analyses that can be sent again, as the journal knows.
async fn find(journal: &Journal, entry: &JournalEntry) -> Result<Found, Failure> {
    let mut found = Found::default();
    let mut outcomes = journal.outcomes(entry);
    while let Some(analysis) = outcomes.try_next().await? {
        match &analysis.outcome {
            SubmissionOutcome::Rejected { .. } => found.rejected += 1,
            SubmissionOutcome::Created {
                creation_status: Some(ItemStatus::Failed),
                ..
            } => found.not_created += 1,
            SubmissionOutcome::Created { run_status, .. } => match run_status {
                Some(status) if status.is_failure() => found.run_failed += 1,
                Some(status) if status.is_terminal() => {}
                _ => found.open += 1,
            },
            _ => {}
        }
    }
    Ok(found)
}

/// Reads the status of all analyses once, so that the journal knows which runs have failed.
async fn read_statuses(
    project: &Project,
    journal: &Journal,
    entry: &JournalEntry,
    shown: &mut Shown<'_>,
) -> Result<(), Failure> {
    let refreshed = project.submission(entry.name(), journal).refresh();
    let refreshed = until_signal(refreshed, &mut shown.progress, &mut shown.signals).await?;
    refreshed.map(drop).map_err(|error| failure(error, entry.name()))
}
