//! `ica-batch submit`: starts the analyses of a manifest, each exactly once.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use ica_batch_sdk_ext::clock::SystemClock;
use ica_batch_sdk_ext::{
    CheckedManifest, ChunkState, Journal, JournalChunk, JournalEntry, ManifestFile, OnChange, PreflightCode, Project,
    Submission,
};
use schemars::JsonSchema;
use serde::Serialize;

use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::follow::until_signal;
use crate::manifest::{self, ManifestOptions};
use crate::messages;
use crate::output::{Column, OutputOptions, Record, column_names};
use crate::patience::Patience;
use crate::progress::{Checking, Progress, ProgressOptions};
use crate::sending::{SendOptions, Shown, Target, failure, number};
use crate::signals;
use crate::suggestion::Suggested;
use crate::summary::Summary;
use crate::target::{OneSubmission, check_new_name};

/// Starts the analyses of a manifest, each exactly once.
///
/// All rows are checked first, and nothing is sent while one has a problem. Then everything is
/// recorded in the journal, and sent in chunks. After an interruption, a crash or an error, run the
/// same command again: it sends the rest. It uses what it has recorded, and looks up nothing again
/// while the manifest stays the same.
///
/// With --format, a summary is written to standard output at the end.
#[derive(Debug, Args)]
#[command(mut_arg("columns", |arg| arg.hide_possible_values(true).value_parser(Suggested(column_names::<Summary>))))]
pub(crate) struct Submit {
    /// Table with a row for each analysis, as CSV, TSV or JSON lines; `-` is standard input. Without
    /// it, the submission that --name names is continued.
    #[arg(value_name = "MANIFEST", required_unless_present = "name")]
    manifest: Option<PathBuf>,
    /// Name of the submission: by default the name of the manifest without its extension. The same
    /// name continues the submission.
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// Check the manifest, and show what would be sent. Nothing is sent or recorded.
    #[arg(long, requires = "manifest", conflicts_with_all = ["wait", "timeline"])]
    dry_run: bool,
    /// Accept rows that were added to the manifest since it was recorded, and corrected rows in place
    /// of rejected ones. Rows that were removed must be created or rejected, and stay as they are:
    /// nothing is aborted.
    #[arg(long)]
    accept_additions: bool,
    /// Largest number of analyses that one request creates.
    #[arg(long, value_name = "NUMBER", default_value_t = 100, value_parser = number(1, 100_000))]
    chunk_size: u64,
    /// Largest length of a request in bytes.
    #[arg(long, value_name = "BYTES", default_value_t = 1_000_000)]
    chunk_bytes: usize,
    /// Do not mark the analyses with technical tags. ICA can then not be searched for them, and only
    /// the memory of ICA prevents duplicates, which lasts 7 days.
    #[arg(long)]
    no_marks: bool,
    #[command(flatten)]
    reading: ManifestOptions,
    #[command(flatten)]
    sending: SendOptions,
    #[command(flatten)]
    progress: ProgressOptions,
    #[command(flatten)]
    output: OutputOptions,
}

/// Chunks and analyses that a submission would send.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "plan", inline)]
pub(crate) struct Plan {
    submission: String,
    project: String,
    /// Number of analyses of the manifest.
    analyses: u64,
    /// Number of analyses that the journal has as created.
    created: u64,
    /// Number of analyses that would be sent.
    pending: u64,
    /// Number of requests that would be sent to create them.
    chunks: u64,
    /// Number of different input files and folders.
    data: u64,
    /// Inputs of the analyses: compare their codes with those of the pipeline.
    inputs: Vec<PlannedCode>,
    /// Parameters of the analyses: compare their codes with those of the pipeline.
    params: Vec<PlannedCode>,
}

/// Code of an input or parameter.
#[derive(Debug, Serialize, JsonSchema)]
struct PlannedCode {
    code: String,
    /// Columns of the manifest with its data or values.
    columns: Vec<String>,
    /// Number of analyses with data or a value.
    analyses: u64,
}

impl From<&PreflightCode> for PlannedCode {
    fn from(code: &PreflightCode) -> Self {
        Self {
            code: code.code.clone(),
            columns: code.columns.clone(),
            analyses: code.analyses,
        }
    }
}

impl Record for Plan {
    const COLUMNS: &'static [Column<Self>] = &[
        Column::new("submission", |plan, cell| text(cell, &plan.submission)),
        Column::further("project", |plan, cell| text(cell, &plan.project)),
        Column::new("analyses", |plan, cell| text(cell, &plan.analyses.to_string())),
        Column::new("created", |plan, cell| text(cell, &plan.created.to_string())),
        Column::new("pending", |plan, cell| text(cell, &plan.pending.to_string())),
        Column::new("chunks", |plan, cell| text(cell, &plan.chunks.to_string())),
        Column::new("data", |plan, cell| text(cell, &plan.data.to_string())),
        Column::further("inputs", |plan, cell| text(cell, &codes(&plan.inputs))),
        Column::further("params", |plan, cell| text(cell, &codes(&plan.params))),
    ];
}

fn codes(codes: &[PlannedCode]) -> String {
    let codes = codes.iter().map(|code| format!("{} {}", code.code, code.analyses));
    codes.collect::<Vec<_>>().join("; ")
}

fn text(cell: &mut String, text: &str) -> std::fmt::Result {
    cell.push_str(text);
    Ok(())
}

impl Submit {
    pub(crate) async fn run(self, context: &Context) -> Result<Exit, Failure> {
        match self.dry_run {
            true => self.output.check::<Plan>()?,
            false => self.output.check::<Summary>()?,
        }
        self.progress.check()?;
        let Some(path) = self.manifest.clone() else {
            return self.resume(context).await;
        };
        let name = match &self.name {
            Some(name) => name.clone(),
            None => manifest::name(&path)?,
        };
        check_new_name(&name)?;
        let mut shown = self.shown(context)?;
        let project = context.project()?;
        shown.progress.reading(format!("reading {}", path.display()));
        let (reading, profile) = (self.reading.clone(), context.profile.clone());
        let manifest = blocking(move || reading.open(path, &profile), &mut shown).await??;
        if self.dry_run {
            return self.show_plan(&project, &name, manifest, shown).await;
        }
        let journal = context.journal()?;
        let submission = project.submission(&name, &journal);
        let submission = match self.recorded(&submission, &project, &manifest, &mut shown).await? {
            Some(entry) => {
                let counts = entry.counts();
                shown.progress.note(format_args!(
                    "continuing submission {name:?}, as the journal has it: {counts}"
                ));
                submission
            }
            None => {
                let checked = self.check(&project, manifest, &mut shown).await?;
                shown.progress.note(without_digest(&checked));
                with_manifest(submission, &checked)
            }
        };
        let target = Target {
            project: &project,
            journal: &journal,
            name: &name,
        };
        self.sending.run(target, self.apply(submission), shown).await
    }

    /// Continues a submission without its manifest.
    async fn resume(self, context: &Context) -> Result<Exit, Failure> {
        let name = self.name.clone().unwrap_or_default();
        let entry = OneSubmission { name }.find(context, &context.journal_to_read()?)?;
        let journal = context.journal()?;
        let project = context.project_of(entry.base_url(), entry.project())?;
        let shown = self.shown(context)?;
        let submission = project.submission(entry.name(), &journal);
        let target = Target {
            project: &project,
            journal: &journal,
            name: entry.name(),
        };
        self.sending.run(target, self.apply(submission), shown).await
    }

    fn shown<'a>(&'a self, context: &'a Context) -> Result<Shown<'a>, Failure> {
        Ok(Shown {
            context,
            progress: Progress::new(&context.global, &self.progress),
            signals: context.signals.take(),
            output: &self.output,
        })
    }

    /// Applies the options that are about the plan.
    fn apply(&self, mut submission: Submission) -> Submission {
        submission = submission
            .chunk_size(usize::try_from(self.chunk_size).unwrap_or(usize::MAX))
            .chunk_bytes(self.chunk_bytes)
            .marks(!self.no_marks);
        if self.accept_additions {
            submission = submission.on_change(OnChange::AcceptAdditions);
        }
        match self.reading.allow_duplicate_references {
            true => submission.allow_duplicate_references(),
            false => submission,
        }
    }

    /// Returns the submission in the journal, if it was planned from this manifest.
    async fn recorded(
        &self,
        submission: &Submission,
        project: &Project,
        manifest: &ManifestFile,
        shown: &mut Shown<'_>,
    ) -> Result<Option<JournalEntry>, Failure> {
        let found = submission.entry().await?;
        let Some(entry) = found.filter(JournalEntry::is_planned) else {
            return Ok(None);
        };
        let (manifest, id) = (manifest.clone(), project.id().to_owned());
        let digest = blocking(move || manifest.digest(&id), shown).await?;
        Ok((digest.is_some() && entry.manifest_digest() == digest.as_deref()).then_some(entry))
    }

    /// Checks the manifest against ICA.
    async fn check(
        &self,
        project: &Project,
        manifest: ManifestFile,
        shown: &mut Shown<'_>,
    ) -> Result<CheckedManifest, Failure> {
        let checking = Checking::new(format!("checking {}", manifest.name()));
        shown.progress.checking(checking.clone());
        // A person waits for a dry run. Other commands start by themselves, also in an outage.
        let limit = if self.dry_run {
            Duration::ZERO
        } else {
            self.sending.deadline
        };
        let mut patience = Patience::new(SystemClock::new(), limit);
        let checked = loop {
            let checking = checking.clone();
            let preflight = self.reading.preflight(project, manifest.clone());
            let preflight = preflight
                .on_progress(move |progress| checking.set(progress))
                .into_future();
            let checked = until_signal(preflight, &mut shown.progress, &mut shown.signals).await?;
            let error = match checked {
                Ok(checked) => break checked,
                Err(error) => error,
            };
            let Some((pause, until)) = patience.pause(error.may_pass()) else {
                return Err(manifest::rejected(error));
            };
            shown.progress.not_checked(&error, until);
            until_signal(pause, &mut shown.progress, &mut shown.signals).await?;
        };
        if !shown.context.global.quiet {
            let unused = self.reading.unused(checked.report());
            unused.iter().for_each(messages::warning);
        }
        Ok(checked)
    }

    /// Checks the manifest, and plans it in a copy of the journal.
    async fn show_plan(
        &self,
        project: &Project,
        name: &str,
        manifest: ManifestFile,
        mut shown: Shown<'_>,
    ) -> Result<Exit, Failure> {
        let context = shown.context;
        let checked = self.check(project, manifest, &mut shown).await?;
        let folder =
            tempfile::tempdir().map_err(|error| Failure::file("could not create a temporary folder", &error))?;
        let copy = folder.path().join("journal.db");
        if context.journal_path()?.exists() {
            context.journal_to_read()?.backup(&copy)?;
        }
        let journal = Journal::options().allow_network_file_system(true).open(&copy)?;
        let submission = with_manifest(project.submission(name, &journal), &checked);
        let planned = self.sending.apply(self.apply(submission)).plan();
        let planned = until_signal(planned, &mut shown.progress, &mut shown.signals).await?;
        let counts = planned.map_err(|error| failure(error, name))?.counts();
        let entry = project.submission(name, &journal).entry().await?;
        let chunks = entry.map_or(Ok(Vec::new()), |entry| journal.chunks(&entry))?;
        let is_open = |chunk: &JournalChunk| matches!(chunk.state, ChunkState::Planned | ChunkState::Sent);
        let chunks = chunks.iter().filter(|chunk| is_open(chunk)).count();
        let plan = Plan {
            submission: name.to_owned(),
            project: project.id().to_owned(),
            analyses: counts.analyses,
            created: counts.created,
            pending: counts.pending(),
            chunks: chunks as u64,
            data: checked.report().data,
            inputs: checked.report().inputs.iter().map(PlannedCode::from).collect(),
            params: checked.report().params.iter().map(PlannedCode::from).collect(),
        };
        drop(shown);
        if !context.global.quiet {
            messages::text(checked.report());
            messages::text(format_args!(
                "dry run of submission {name:?}: {} of {} analyses would be sent{}; nothing was sent or recorded",
                plan.pending,
                plan.analyses,
                match plan.chunks {
                    0 => String::new(),
                    1 => " in 1 request".to_owned(),
                    chunks => format!(" in {chunks} requests"),
                }
            ));
        }
        if self.output.is_asked() {
            self.output.write_one(&plan)?;
        }
        Ok(Exit::Done)
    }
}

/// Returns the report of a check without its last line, which has the number of requests and the
/// digest.
fn without_digest(checked: &CheckedManifest) -> String {
    let report = checked.report().to_string();
    report
        .rsplit_once('\n')
        .map_or(report.clone(), |(lines, _)| lines.to_owned())
}

fn with_manifest(submission: Submission, checked: &CheckedManifest) -> Submission {
    submission
        .try_analyses(checked.analyses())
        .manifest_digest(checked.digest())
}

/// Runs something that reads files beside the runtime. A signal ends the wait for it.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
    shown: &mut Shown<'_>,
) -> Result<T, Failure> {
    until_signal(signals::blocking(work), &mut shown.progress, &mut shown.signals).await
}
