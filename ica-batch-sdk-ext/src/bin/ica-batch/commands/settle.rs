//! `ica-batch settle`: records what a person found in ICA about chunks whose outcome is not known.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use chrono::{DateTime, SecondsFormat, Utc};
use clap::Args;
use futures_util::TryStreamExt as _;
use ica_batch_sdk_ext::{ChunkState, Journal, JournalChunk, JournalEntry, Project, Uuid};
use schemars::JsonSchema;
use serde::Serialize;

use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::messages;
use crate::output::{Column, OutputOptions, Record, column_names};
use crate::suggestion::Suggested;
use crate::target::OneSubmission;

/// Time for which ICA remembers an idempotency key.
const KEY_LIFETIME: Duration = Duration::from_secs(7 * 24 * 3600);

/// Shows chunks whose response is not known, and records what you found in ICA about them.
///
/// `submit` finds out by itself what became of such a chunk, by its key for 7 days and by the marks
/// of its analyses. If it ends because neither helps, search the project for the analyses of the
/// chunk, and record here whether they exist.
#[derive(Debug, Args)]
#[command(mut_arg("columns", |arg| arg.hide_possible_values(true).value_parser(Suggested(column_names::<OpenChunk>))))]
pub(crate) struct Settle {
    #[command(flatten)]
    submission: OneSubmission,
    /// Record that the analyses of a chunk exist in a batch. May be repeated.
    #[arg(long, value_name = "CHUNK=BATCH", value_parser = created)]
    created: Vec<(String, Uuid)>,
    /// Record that the analyses of a chunk do not exist. The next run sends it. May be repeated.
    #[arg(long, value_name = "CHUNK")]
    not_created: Vec<String>,
    #[command(flatten)]
    output: OutputOptions,
}

fn created(text: &str) -> Result<(String, Uuid), String> {
    let (chunk, batch) = text.split_once('=').ok_or("use CHUNK=BATCH, such as 7=0195c0de-…")?;
    let batch = Uuid::parse_str(batch.trim()).map_err(|_| format!("{batch:?} is not the id of a batch"))?;
    Ok((chunk.trim().to_owned(), batch))
}

/// Chunk whose response is not known.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "open-chunk", inline)]
pub(crate) struct OpenChunk {
    chunk: String,
    analyses: u64,
    /// User references of its first and its last analysis.
    first: String,
    last: String,
    sent_at: Option<String>,
    /// When ICA forgets its key.
    key_expires_at: Option<String>,
    /// Remedy: `run` the submission, or `record` a finding if the run asks for it.
    next: &'static str,
    idempotency_key: String,
}

impl Record for OpenChunk {
    const COLUMNS: &'static [Column<Self>] = &[
        Column::new("chunk", |row, cell| text(cell, &row.chunk)),
        Column::new("analyses", |row, cell| text(cell, &row.analyses.to_string())),
        Column::new("first", |row, cell| text(cell, &row.first)),
        Column::new("last", |row, cell| text(cell, &row.last)),
        Column::new("sent_at", |row, cell| {
            text(cell, row.sent_at.as_deref().unwrap_or_default())
        }),
        Column::new("key_expires_at", |row, cell| {
            text(cell, row.key_expires_at.as_deref().unwrap_or_default())
        }),
        Column::new("next", |row, cell| text(cell, row.next)),
        Column::further("idempotency_key", |row, cell| text(cell, &row.idempotency_key)),
    ];
}

fn text(cell: &mut String, text: &str) -> std::fmt::Result {
    cell.push_str(text);
    Ok(())
}

impl Settle {
    /// Returns the name or the number of the submission.
    pub(crate) fn submission(&self) -> &str {
        &self.submission.name
    }

    pub(crate) async fn run(self, context: &Context) -> Result<Exit, Failure> {
        self.output.check::<OpenChunk>()?;
        let has_findings = !self.created.is_empty() || !self.not_created.is_empty();
        let readable = context.journal_to_read()?;
        let entry = self.submission.find(context, &readable)?;
        let journal = if has_findings { context.journal()? } else { readable };
        if has_findings {
            let project = context.project_of(entry.base_url(), entry.project())?;
            self.record(context, &project, &journal, &entry).await?;
        }
        let mut writer = self.output.open_checked::<OpenChunk>()?;
        let open = open_chunks(&journal, &entry).await?;
        open.iter().try_for_each(|chunk| writer.write(chunk))?;
        writer.finish()?;
        if !context.global.quiet {
            let name = entry.name();
            let what = match open.len() {
                0 => "no chunk".to_owned(),
                1 => "1 chunk".to_owned(),
                count => format!("{count} chunks"),
            };
            messages::text(format_args!("submission {name:?} has {what} without a known response"));
            if entry.counts().pending() > 0 || !open.is_empty() {
                let next = crate::command_line::next(&["submit", "--name", name]);
                messages::line(format_args!("next: {next}"));
            }
        }
        Ok(Exit::Done)
    }

    async fn record(
        &self,
        context: &Context,
        project: &Project,
        journal: &Journal,
        entry: &JournalEntry,
    ) -> Result<(), Failure> {
        let submission = project.submission(entry.name(), journal);
        let say = |text: String| context.tell(text);
        for (chunk, batch) in &self.created {
            submission.record_created(chunk, *batch).await?;
            say(format!("chunk {chunk} is recorded as created in batch {batch}"));
        }
        for chunk in &self.not_created {
            submission.record_not_created(chunk).await?;
            say(format!(
                "chunk {chunk} is recorded as not created; the next run sends it"
            ));
        }
        Ok(())
    }
}

/// Returns the chunks whose response is not known.
async fn open_chunks(journal: &Journal, entry: &JournalEntry) -> Result<Vec<OpenChunk>, Failure> {
    let chunks = journal.chunks(entry)?;
    let mut open = chunks
        .into_iter()
        .filter(|chunk| chunk.state == ChunkState::Sent)
        .map(|chunk| (chunk.label.clone(), (chunk, None::<(String, String)>)))
        .collect::<BTreeMap<_, _>>();
    if open.is_empty() {
        return Ok(Vec::new());
    }
    let mut outcomes = journal.outcomes(entry);
    while let Some(analysis) = outcomes.try_next().await? {
        let Some((_, references)) = open.get_mut(&analysis.chunk) else {
            continue;
        };
        match references {
            Some((_, last)) => *last = analysis.user_reference,
            None => *references = Some((analysis.user_reference.clone(), analysis.user_reference)),
        }
    }
    let mut open = open.into_values().collect::<Vec<_>>();
    open.sort_by_key(|(chunk, _)| chunk.first_position);
    let now = SystemTime::now();
    Ok(open
        .into_iter()
        .map(|(chunk, references)| row(chunk, references, now))
        .collect())
}

fn row(chunk: JournalChunk, references: Option<(String, String)>, now: SystemTime) -> OpenChunk {
    let expires_at = chunk.sent_at.and_then(|sent| sent.checked_add(KEY_LIFETIME));
    let time = |time: SystemTime| DateTime::<Utc>::from(time).to_rfc3339_opts(SecondsFormat::Secs, true);
    let (first, last) = references.unwrap_or_default();
    OpenChunk {
        chunk: chunk.label,
        analyses: chunk.analyses,
        first,
        last,
        sent_at: chunk.sent_at.map(time),
        key_expires_at: expires_at.map(time),
        next: match expires_at {
            Some(expires_at) if expires_at <= now => "record",
            _ => "run",
        },
        idempotency_key: chunk.key.to_string(),
    }
}
