//! `ica-batch journal`: what a journal has, copies of it, and deleting from it.

use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use chrono::{DateTime, NaiveDate, NaiveTime};
use clap::{Args, Subcommand};
use ica_batch_sdk_ext::Uuid;
use schemars::JsonSchema;

use crate::confirmation::confirm;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::messages;
use crate::output::{Lines, OutputOptions, column_names};
use crate::records::{ChunkRow, DamageRow, EntryRow};
use crate::suggestion::Suggested;
use crate::target::OneSubmission;

/// Lists what the journal has, copies it, and deletes old submissions from it.
#[derive(Debug, Subcommand)]
pub(crate) enum JournalCommand {
    List(List),
    Show(Show),
    Export(Export),
    Backup(Backup),
    Prune(Prune),
    Verify(Verify),
    Path(ShowPath),
}

impl JournalCommand {
    pub(crate) fn run(self, context: &Context) -> Result<Exit, Failure> {
        match self {
            Self::List(command) => command.run(context),
            Self::Show(command) => command.run(context),
            Self::Export(command) => command.run(context),
            Self::Backup(command) => command.run(context),
            Self::Prune(command) => command.run(context),
            Self::Verify(command) => command.run(context),
            Self::Path(command) => command.run(context),
        }
    }
}

/// Lists the submissions of the journal, the oldest first.
#[derive(Debug, Args)]
#[command(mut_arg("columns", |arg| arg.hide_possible_values(true).value_parser(Suggested(column_names::<EntryRow>))))]
pub(crate) struct List {
    #[command(flatten)]
    output: OutputOptions,
}

impl List {
    fn run(self, context: &Context) -> Result<Exit, Failure> {
        let mut writer = self.output.open::<EntryRow>()?;
        for entry in &context.journal_to_read()?.submissions()? {
            writer.write(&EntryRow::from(entry))?;
        }
        if writer.is_empty() {
            context.tell("the journal has no submissions");
        }
        writer.finish()?;
        Ok(Exit::Done)
    }
}

/// Shows the chunks of a submission: the analyses that one request creates.
#[derive(Debug, Args)]
#[command(mut_arg("columns", |arg| arg.hide_possible_values(true).value_parser(Suggested(column_names::<ChunkRow>))))]
pub(crate) struct Show {
    #[command(flatten)]
    target: OneSubmission,
    #[command(flatten)]
    output: OutputOptions,
}

impl Show {
    fn run(self, context: &Context) -> Result<Exit, Failure> {
        let journal = context.journal_to_read()?;
        let entry = self.target.find(context, &journal)?;
        let mut writer = self.output.open::<ChunkRow>()?;
        for chunk in &journal.chunks(&entry)? {
            writer.write(&ChunkRow::from(chunk))?;
        }
        writer.finish()?;
        context.tell(&entry);
        Ok(Exit::Done)
    }
}

/// Writes a submission as JSON lines, an object for each analysis, for an archive or another
/// program.
///
/// `ica-batch schema export-line` has the schema of a line. Any number of analyses takes the same
/// memory.
#[derive(Debug, Args)]
pub(crate) struct Export {
    #[command(flatten)]
    target: OneSubmission,
    /// File for the lines, in place of standard output. It appears when it is complete.
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// Line of `journal export`.
#[derive(Debug, JsonSchema)]
#[schemars(title = "export-line", rename_all = "camelCase")]
#[allow(dead_code, reason = "the library writes the line, and only its schema is used")]
pub(crate) struct ExportLine {
    /// Id of the project.
    project: String,
    /// Name of the submission.
    submission: String,
    /// Position in the submission, from 0.
    position: u64,
    /// User reference.
    user_reference: String,
    /// Kind of the analysis, such as `nextflow`.
    kind: String,
    /// Number of earlier attempts to run the analysis.
    attempt: u32,
    /// State of its chunk: `planned`, `sent`, `created` or `rejected`.
    state: String,
    /// Label of its chunk.
    chunk: String,
    /// Idempotency key of its chunk.
    idempotency_key: String,
    /// Id of its batch. Absent if it is not known, as each of the members below.
    batch: Option<Uuid>,
    /// Id of its item of the batch.
    item: Option<Uuid>,
    /// Id of the analysis in ICA.
    analysis: Option<Uuid>,
    /// Status of its creation, as ICA names it.
    creation: Option<String>,
    /// Why ICA could not create the analysis.
    message: Option<String>,
    /// Status of its run, as ICA names it, when it was read last.
    run: Option<String>,
    /// Why ICA rejected it.
    rejection: Option<ExportRejection>,
}

/// Rejection of an analysis.
#[derive(Debug, JsonSchema)]
#[allow(dead_code, reason = "the library writes the line, and only its schema is used")]
pub(crate) struct ExportRejection {
    /// HTTP status.
    status: Option<u16>,
    /// Error code of ICA.
    code: Option<String>,
    /// Text of ICA.
    detail: Option<String>,
}

impl Export {
    fn run(self, context: &Context) -> Result<Exit, Failure> {
        let journal = context.journal_to_read()?;
        let entry = self.target.find(context, &journal)?;
        let mut lines = Lines::open(self.output.as_deref())?;
        let exported = journal.export(&entry, &mut lines);
        lines.finish(exported)?;
        Ok(Exit::Done)
    }
}

/// Writes a copy of the journal, also while another process sends with it.
///
/// The copy has the state of one moment, and appears when it is complete. It does not have what is
/// recorded later: continue submissions with the journal, and not with an older copy.
#[derive(Debug, Args)]
pub(crate) struct Backup {
    /// Path of the copy, which must be free.
    #[arg(value_name = "FILE")]
    to: PathBuf,
}

impl Backup {
    fn run(self, context: &Context) -> Result<Exit, Failure> {
        context.journal_to_read()?.backup(&self.to)?;
        context.tell(format_args!("copied the journal to {}", self.to.display()));
        Ok(Exit::Done)
    }
}

/// Deletes old submissions from the journal, each of whose analyses has a response.
///
/// A deleted submission that is submitted again starts from nothing, and may start analyses that
/// exist. So choose a time such that no older submission will be submitted again. The deleted
/// submissions are written to standard output.
#[derive(Debug, Args)]
#[command(mut_arg("columns", |arg| arg.hide_possible_values(true).value_parser(Suggested(column_names::<EntryRow>))))]
pub(crate) struct Prune {
    #[command(flatten)]
    age: Age,
    /// Show what would be deleted, and delete nothing.
    #[arg(long)]
    dry_run: bool,
    /// Delete without a question. Necessary without a terminal.
    #[arg(long, short, conflicts_with = "dry_run")]
    yes: bool,
    #[command(flatten)]
    output: OutputOptions,
}

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
struct Age {
    /// Delete submissions whose last response is from before this date or time, such as
    /// `2026-08-31` (its start in UTC) or `2026-08-31T18:00:00+02:00`.
    #[arg(long, value_name = "DATE", value_parser = parse_date)]
    before: Option<SystemTime>,
    /// Delete submissions whose last response is older than this time, such as `90d` or `12h`.
    #[arg(long, value_name = "TIME", value_parser = humantime::parse_duration)]
    older_than: Option<Duration>,
}

impl Age {
    fn time(&self) -> Result<SystemTime, Failure> {
        let now = SystemTime::now();
        let before = match (self.before, self.older_than) {
            (Some(before), _) => Some(before),
            (None, Some(age)) => now.checked_sub(age),
            (None, None) => None,
        };
        let before = before.ok_or_else(|| Failure::usage("--older-than is too long"))?;
        match before > now {
            true => Err(Failure::usage("the date of --before is in the future")),
            false => Ok(before),
        }
    }
}

/// Parses a date or a time.
fn parse_date(text: &str) -> Result<SystemTime, String> {
    if let Ok(date) = text.parse::<NaiveDate>() {
        return Ok(date.and_time(NaiveTime::MIN).and_utc().into());
    }
    let time = DateTime::parse_from_rfc3339(text);
    time.map(Into::into)
        .map_err(|_| "write a date such as 2026-08-31, or a time such as 2026-08-31T18:00:00Z".to_owned())
}

impl Prune {
    fn run(self, context: &Context) -> Result<Exit, Failure> {
        let before = self.age.time()?;
        let old = context.journal_to_read()?.prunable(before)?;
        let mut writer = self.output.open::<EntryRow>()?;
        let number = match old.len() {
            1 => "1 submission".to_owned(),
            number => format!("{number} submissions"),
        };
        if !self.dry_run && !old.is_empty() {
            if !self.yes {
                for entry in &old {
                    messages::text(entry);
                }
            }
            if !confirm(&format!("delete {number} from the journal"), self.yes)? {
                return Err(Failure::usage("nothing was deleted: the answer was not yes"));
            }
        }
        let deleted = match self.dry_run || old.is_empty() {
            true => 0,
            false => context.journal()?.prune(before)?,
        };
        for entry in &old {
            writer.write(&EntryRow::from(entry))?;
        }
        writer.finish()?;
        match self.dry_run {
            true => context.tell(format_args!("{number} would be deleted; nothing was deleted")),
            false => context.tell(format_args!("deleted {deleted} of {number}")),
        }
        Ok(Exit::Done)
    }
}

/// Checks the whole journal: the structure of the file, each row and each body of a request.
///
/// Damage is written to standard output, and the exit code is then 1.
#[derive(Debug, Args)]
#[command(mut_arg("columns", |arg| arg.hide_possible_values(true).value_parser(Suggested(column_names::<DamageRow>))))]
pub(crate) struct Verify {
    #[command(flatten)]
    output: OutputOptions,
}

impl Verify {
    fn run(self, context: &Context) -> Result<Exit, Failure> {
        let mut writer = self.output.open::<DamageRow>()?;
        let verification = context.journal_to_read()?.verify()?;
        for damage in &verification.findings {
            writer.write(&DamageRow { damage: damage.clone() })?;
        }
        writer.finish()?;
        if verification.is_intact() {
            context.tell(&verification);
            return Ok(Exit::Done);
        }
        context.tell(match verification.findings.len() {
            1 => "the journal is damaged in 1 place".to_owned(),
            places => format!("the journal is damaged in {places} places"),
        });
        context.tell("next: do not submit with this journal; restore a copy of it, or name another one with --journal");
        Ok(Exit::Failures)
    }
}

/// Prints the path of the journal.
#[derive(Debug, Args)]
pub(crate) struct ShowPath {}

impl ShowPath {
    fn run(self, context: &Context) -> Result<Exit, Failure> {
        let path = context.journal_path()?;
        let mut lines = Lines::open(None)?;
        let written = std::io::Write::write_fmt(&mut lines, format_args!("{}\n", path.display()));
        let written = written.map_err(|error| Failure::file("could not write to standard output", &error));
        lines.finish(written)?;
        Ok(Exit::Done)
    }
}
