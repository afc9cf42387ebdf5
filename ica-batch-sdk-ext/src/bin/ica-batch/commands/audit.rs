//! `ica-batch audit`: compares the journal with ICA.

use clap::Args;
use ica_batch_sdk_ext::JournalEntry;

use crate::command_line;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{OutputOptions, column_names};
use crate::records::FindingRow;
use crate::suggestion::Suggested;
use crate::target::OneSubmission;

/// Compares a submission in the journal with the analyses that ICA has, row by row.
///
/// ICA must have each analysis that the journal has as created, once, and no other with the mark of
/// the submission. Nothing is changed in ICA. The findings are written to standard output, and the exit
/// code is 1 if there is one. Rows that are not created yet are not findings. Audit 10 minutes after the
/// last request: ICA may show a new analysis later.
#[derive(Debug, Args)]
#[command(mut_arg("columns", |arg| arg.hide_possible_values(true).value_parser(Suggested(column_names::<FindingRow>))))]
pub(crate) struct Audit {
    #[command(flatten)]
    target: OneSubmission,
    #[command(flatten)]
    output: OutputOptions,
}

impl Audit {
    pub(crate) async fn run(self, context: &Context) -> Result<Exit, Failure> {
        let journal = context.journal_to_read()?;
        let entry = self.target.find(context, &journal)?;
        let mut writer = self.output.open::<FindingRow>()?;
        let project = context.project_of(entry.base_url(), entry.project())?;
        let mut audit = project.submission(entry.name(), &journal).audit().await?;
        if !audit.is_clean() {
            // An analysis whose creation failed is missing until the journal has its status.
            context.submission(&entry)?.refresh().await?;
            audit = context.submission(&entry)?.audit().await?;
        }
        let mut findings = audit.findings().iter().map(FindingRow::from);
        let written = findings.try_for_each(|finding| writer.write(&finding));
        written
            .and_then(|()| writer.finish())
            .or_else(Failure::unless_closed_pipe)?;
        // The statuses that were read above may have changed the numbers.
        let read_again = journal.submission(entry.base_url(), entry.project(), entry.name())?;
        let entry = read_again.unwrap_or(entry);
        let counts = audit.counts();
        context.tell(&audit);
        // Each attempt of a row is an analysis of its own in ICA.
        let created = [counts.once, counts.missing, counts.several];
        let created = created.into_iter().fold(0, u64::saturating_add);
        match created.saturating_sub(entry.counts().created) {
            0 => {}
            1 => context.tell("1 of the created analyses is of an earlier attempt of a row"),
            earlier => context.tell(format_args!(
                "{earlier} of the created analyses are of earlier attempts of rows"
            )),
        }
        let listed = audit.findings().len() as u64;
        if listed < counts.findings {
            context.tell(format_args!(
                "the first {listed} of {} findings are listed",
                counts.findings
            ));
        }
        if counts.unrecorded > 0 {
            context.tell(next_of_unrecorded(&entry));
        } else if counts.pending > 0 {
            let next = command_line::next(&["submit", "--name", entry.name()]);
            context.tell(format_args!(
                "next: {next} (it creates the rows that are not created yet)"
            ));
        }
        if audit.is_clean() {
            return Ok(Exit::Done);
        }
        if counts.missing > 0 {
            context.tell(
                "next: audit again in 10 minutes; if analyses are still missing, look for a person who deleted them",
            );
        }
        if counts.too_many > 0 || counts.strangers > 0 {
            context.tell("next: look at the analyses in ICA, and abort those that should not exist");
        }
        Ok(Exit::Failures)
    }
}

/// Returns the command that records analyses that ICA has and the journal does not have as created.
fn next_of_unrecorded(entry: &JournalEntry) -> String {
    let counts = entry.counts();
    if counts.pending() > 0 {
        let next = command_line::next(&["submit", "--name", entry.name()]);
        return format!("next: {next} (it records the analyses that are not recorded)");
    }
    // A run searches ICA only if it has something to send.
    let mut words = vec!["rerun", entry.name()];
    words.extend((counts.rejected > 0).then_some("--rejected"));
    words.extend((counts.creation_failed > 0).then_some("--failed-creation"));
    let next = command_line::next(&words);
    format!("next: {next} (it records the analyses that are not recorded, and sends the other ones again)")
}
