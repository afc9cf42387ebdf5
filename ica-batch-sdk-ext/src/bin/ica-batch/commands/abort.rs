//! `ica-batch abort`: aborts the analyses of a submission.

use clap::Args;
use futures_util::TryStreamExt as _;
use ica_batch_sdk_ext::JournalEntry;

use crate::command_line;
use crate::confirmation::confirm;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::messages;
use crate::output::{OutputOptions, column_names};
use crate::records::{AnalysisRow, FailedAbort, Outcome};
use crate::signals::blocking;
use crate::suggestion::Suggested;
use crate::target::OneSubmission;

/// Aborts the analyses of a submission that have not ended.
///
/// The statuses are read from ICA first, so that each analysis that runs is known. ICA accepts an
/// abort at once and ends the run later. The analyses that could not be aborted are written to
/// standard output, and the exit code is 1 if there is one.
#[derive(Debug, Args)]
#[command(mut_arg("columns", |arg| arg.hide_possible_values(true).value_parser(Suggested(column_names::<FailedAbort>))))]
pub(crate) struct Abort {
    #[command(flatten)]
    target: OneSubmission,
    /// Abort without a question. Necessary without a terminal.
    #[arg(long, short)]
    yes: bool,
    #[command(flatten)]
    output: OutputOptions,
}

/// Numbers of analyses that have not ended, as the journal has them.
#[derive(Debug, Default)]
struct Open {
    /// Those that can be aborted.
    known: u64,
    /// Those that ICA has accepted, and whose id is not known.
    without_id: u64,
    /// Those that have no response yet.
    pending: u64,
}

impl Abort {
    pub(crate) async fn run(self, context: &Context) -> Result<Exit, Failure> {
        self.output.check::<FailedAbort>()?;
        let entry = self.target.find(context, &context.journal_to_read()?)?;
        context.submission(&entry)?.refresh().await?;
        let open = open(context, &entry).await?;
        let name = entry.name();
        if open.known == 0 {
            self.output.open_checked::<FailedAbort>()?.finish()?;
            context.tell(format_args!(
                "submission {name:?}: no analysis runs, as far as is known"
            ));
            tell_rest(&open);
            if open.without_id > 0 {
                context.tell(format_args!("next: {}", again(name, self.yes)));
            }
            return Ok(exit(&open, 0));
        }
        let action = format!("abort {} of submission {name:?}", analyses(open.known, ["", ""]));
        // A signal ends the question.
        if !blocking(move || confirm(&action, self.yes)).await? {
            return Err(Failure::usage("nothing was aborted: the answer was not yes"));
        }
        let mut writer = self.output.open_checked::<FailedAbort>()?;
        let report = context.submission(&entry)?.abort().await?;
        for failure in &report.failures {
            writer.write(&FailedAbort::from(failure))?;
        }
        writer.finish()?;
        context.tell(format_args!(
            "submission {name:?}: {} being aborted{}",
            analyses(report.aborted, [" is", " are"]),
            match report.failed {
                0 => String::new(),
                failed => format!(", {} not be aborted", analyses(failed, [" could", " could"])),
            }
        ));
        tell_rest(&open);
        let next = match open.without_id {
            0 => command_line::next(&["wait", name]),
            // A wait would let them run to their end.
            _ => again(name, self.yes),
        };
        context.tell(format_args!("next: {next}"));
        Ok(exit(&open, report.failed))
    }
}

/// Returns the same command, for the analyses that it could not name.
fn again(name: &str, yes: bool) -> String {
    let yes = yes.then_some("--yes");
    command_line::next(&["abort", name].into_iter().chain(yes).collect::<Vec<_>>())
}

/// Returns the exit code of an abort: the same command is to be run again while analyses are left
/// that it could not name.
fn exit(open: &Open, failed: u64) -> Exit {
    match (failed, open.without_id) {
        (0, 0) => Exit::Done,
        (0, _) => Exit::Resumable,
        _ => Exit::Failures,
    }
}

/// Counts the analyses that have not ended.
async fn open(context: &Context, entry: &JournalEntry) -> Result<Open, Failure> {
    let mut open = Open::default();
    let mut outcomes = context.journal_to_read()?.outcomes(entry);
    while let Some(analysis) = outcomes.try_next().await? {
        let row = AnalysisRow::recorded(analysis);
        let count = match row.outcome {
            Outcome::Pending => &mut open.pending,
            Outcome::Accepted | Outcome::Running if row.analysis.is_some() => &mut open.known,
            Outcome::Accepted | Outcome::Running => &mut open.without_id,
            _ => continue,
        };
        *count = count.saturating_add(1);
    }
    Ok(open)
}

/// Warns of analyses that this abort does not reach.
fn tell_rest(open: &Open) {
    if open.without_id > 0 {
        messages::warning(format_args!(
            "{} not created yet, or another process records them; abort again later",
            analyses(open.without_id, [" is", " are"])
        ));
    }
    if open.pending > 0 {
        messages::warning(format_args!(
            "{} no response yet; when the manifest is submitted again, they are started",
            analyses(open.pending, [" has", " have"])
        ));
    }
}

/// Returns a number of analyses with a verb for one and for several.
fn analyses(number: u64, [one, several]: [&str; 2]) -> String {
    match number {
        1 => format!("1 analysis{one}"),
        number => format!("{number} analyses{several}"),
    }
}
