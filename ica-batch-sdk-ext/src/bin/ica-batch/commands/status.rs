//! `ica-batch status`: how far a submission or batches are.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use clap::Args;
use futures_util::stream::{self, BoxStream};
use futures_util::{StreamExt as _, TryStreamExt as _};
use ica_batch_sdk_ext::{AnalysisCreation, Error, Family as _, JobState, Journal, JournalEntry, Project, Uuid};

use crate::charts::{self, Failures, Page, PageWriter};
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{OutputOptions, Record as _, check_file, column_names, with_extension};
use crate::records::{AnalysisRow, BatchStatus, Source, SubmissionStatus, Tally};
use crate::suggestion::Suggested;
use crate::summary::failure_lines;
use crate::target::{SubmissionOrBatches, Target};

/// Number of batches that are read at the same time.
const CONCURRENT: usize = 4;

/// Shows how far a submission or batches are: numbers of analyses by outcome, and failures by
/// reason.
///
/// A submission is read from the journal, and nothing is sent: it has what the last run or wait
/// recorded. Batches are read from ICA. The exit code is 0 also if analyses failed.
#[derive(Debug, Args)]
#[command(mut_arg("columns", |arg| arg.hide_possible_values(true).value_parser(Suggested(column_names::<SubmissionStatus>))))]
pub(crate) struct Status {
    #[command(flatten)]
    target: SubmissionOrBatches,
    /// Read the statuses of the analyses of the submission from ICA first, and record them in the
    /// journal. Costs a request per batch of up to 1000 analyses.
    #[arg(long)]
    refresh: bool,
    /// Write a page for a browser with totals, statuses over time, failures by reason and a searchable
    /// table of the analyses of the submission. It is one file that loads nothing.
    #[arg(long, value_name = "FILE.html", value_parser = with_extension(&["html", "htm"]))]
    html: Option<PathBuf>,
    #[command(flatten)]
    output: OutputOptions,
}

impl Status {
    pub(crate) async fn run(self, context: &Context) -> Result<Exit, Failure> {
        check_file(self.html.as_deref())?;
        match self.target.find(context).await? {
            Target::Submission(entry) => self.submission(context, &entry).await?,
            Target::Batches(ids) => self.batches(context, &ids).await?,
        }
        Ok(Exit::Done)
    }

    async fn submission(&self, context: &Context, entry: &JournalEntry) -> Result<(), Failure> {
        self.output.check::<SubmissionStatus>()?;
        let report = match self.refresh {
            true => Some(context.submission(entry)?.refresh().await?),
            false => None,
        };
        let journal = context.journal_to_read()?;
        let (mut tally, mut batches) = (Tally::default(), BTreeSet::new());
        let mut outcomes = recorded(&journal, entry);
        while let Some(row) = outcomes.try_next().await? {
            tally.add(&row);
            batches.extend(row.batch);
        }
        let mut source = Source::Journal;
        if let Some(report) = &report {
            tally.refresh(report);
            source = Source::Ica;
        }
        let history = journal.status_history(entry)?;
        let mut status = SubmissionStatus::new(entry, batches.len(), &tally, source);
        if source == Source::Journal {
            status = status.with_seen(&history);
        }
        if let Some(path) = &self.html {
            let timeline = charts::svg(&history, entry.name());
            write_page(path, &status, timeline, recorded(&journal, entry)).await?;
            context.tell(format_args!("wrote {}", path.display()));
        }
        self.output.write_one(&status)?;
        failure_lines(&status.failures)
            .iter()
            .for_each(|line| context.tell(line));
        if let Some(seen) = status.seen_text() {
            context.tell(seen);
        }
        if status.lacks_reasons() {
            context.tell("the journal lacks reasons of not_created; --refresh reads them from ICA");
        }
        if source == Source::Journal && status.counts.accepted.max(status.counts.running) > 0 {
            context.tell("from the journal, as of the last run or wait; --refresh reads the statuses from ICA");
        }
        if let Some(next) = &status.next {
            context.tell(format_args!("next: {next}"));
        }
        Ok(())
    }

    async fn batches(&self, context: &Context, ids: &[Uuid]) -> Result<(), Failure> {
        if self.html.is_some() {
            return Err(Failure::usage("--html is for a submission, and not for batches"));
        }
        let mut writer = self.output.open::<BatchStatus>()?;
        let project = context.project()?;
        let read = stream::iter(ids).map(|id| read(&project, *id));
        let mut batches = read.buffered(CONCURRENT);
        let mut all = Tally::default();
        while let Some(status) = batches.try_next().await? {
            writer.write(&status)?;
            all.add_groups(&status.failures);
        }
        writer.finish()?;
        failure_lines(&all.failures())
            .iter()
            .for_each(|line| context.tell(line));
        Ok(())
    }
}

/// Returns the analyses that the journal has. A plan that is not finished has none.
fn recorded(journal: &Journal, entry: &JournalEntry) -> BoxStream<'static, Result<AnalysisRow, Error>> {
    match entry.is_planned() {
        true => journal.outcomes(entry).map_ok(AnalysisRow::recorded).boxed(),
        false => stream::empty().boxed(),
    }
}

/// Writes a page for a browser, in flat memory.
async fn write_page(
    path: &Path,
    status: &SubmissionStatus,
    timeline: Option<String>,
    mut rows: BoxStream<'static, Result<AnalysisRow, Error>>,
) -> Result<(), Failure> {
    let columns = AnalysisRow::COLUMNS.iter().filter(|column| column.is_default);
    let columns = columns.collect::<Vec<_>>();
    let fact = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let failures = status.failures.iter().map(|group| Failures {
        reason: group.reason.clone(),
        count: group.count,
        examples: group.examples.clone(),
    });
    let page = Page {
        title: status.submission.clone(),
        facts: vec![
            fact("project", &status.project),
            fact("server", &status.base_url),
            fact("submitted", &status.created_at),
            fact("phase", status.phase.as_str()),
            fact("read from", &status.source_text()),
        ],
        counts: { status.counts.by_outcome().into_iter() }
            .map(|(outcome, count)| (outcome.as_str().to_owned(), count))
            .collect(),
        failures: failures.collect(),
        timeline,
        columns: columns.iter().map(|column| column.name.to_owned()).collect(),
    };
    let mut writer = PageWriter::begin(path, &page)?;
    let mut cells = vec![String::new(); columns.len() + 1];
    while let Some(row) = rows.try_next().await? {
        for (cell, column) in cells.iter_mut().zip(&columns) {
            cell.clear();
            // A text takes everything.
            (column.write)(&row, cell).ok();
        }
        if let Some(reason) = cells.last_mut() {
            // The search for a reason finds its rows.
            *reason = row.failure().map(|(_, reason)| reason).unwrap_or_default();
        }
        writer.row(&cells)?;
    }
    writer.finish()
}

/// Reads a batch in flat memory: first its job, so that nothing is created after the list.
async fn read(project: &Project, id: Uuid) -> Result<BatchStatus, Failure> {
    let batch = project.batch(id);
    let job = batch.get().await?.job.map(|job| job.status);
    let state = job.as_ref().map(AnalysisCreation::job_state);
    let has_ended = matches!(state, Some(JobState::Ended { .. }));
    let mut tally = Tally::default();
    let mut items = batch.items().summaries().stream();
    while let Some(item) = items.try_next().await? {
        tally.add(&AnalysisRow::listed(id, has_ended, item));
    }
    Ok(BatchStatus::new(
        id,
        job.as_ref(),
        state.is_some() && !has_ended,
        &tally,
    ))
}
