//! `ica-batch status`: how far a submission or batches are.

use std::collections::BTreeSet;

use clap::Args;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use ica_batch_sdk_ext::{AnalysisCreation, Family as _, JobState, JournalEntry, Project, Uuid};

use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::OutputOptions;
use crate::records::{AnalysisRow, BatchStatus, Reason, Source, SubmissionStatus, Tally};
use crate::target::{SubmissionOrBatches, Target};

/// Number of batches that are read at the same time.
const CONCURRENT: usize = 4;

/// Number of reasons that people see.
const SHOWN: usize = 20;

/// Shows how far a submission or batches are: numbers of analyses by outcome, and failures by
/// reason.
///
/// A submission is read from the journal, and nothing is sent: it has what the last run or wait
/// recorded. Batches are read from ICA. The exit code is 0 also if analyses failed.
#[derive(Debug, Args)]
pub(crate) struct Status {
    #[command(flatten)]
    target: SubmissionOrBatches,
    /// Read the statuses of the analyses of the submission from ICA first, and record them in the
    /// journal. Costs a request per batch of up to 1000 analyses.
    #[arg(long)]
    refresh: bool,
    #[command(flatten)]
    output: OutputOptions,
}

impl Status {
    pub(crate) async fn run(self, context: &Context) -> Result<Exit, Failure> {
        match self.target.find(context)? {
            Target::Submission(entry) => self.submission(context, &entry).await?,
            Target::Batches(ids) => self.batches(context, &ids).await?,
        }
        Ok(Exit::Done)
    }

    async fn submission(&self, context: &Context, entry: &JournalEntry) -> Result<(), Failure> {
        let mut writer = self.output.open::<SubmissionStatus>()?;
        let report = match self.refresh {
            true => Some(context.submission(entry)?.refresh().await?),
            false => None,
        };
        let (mut tally, mut batches) = (Tally::default(), BTreeSet::new());
        if entry.is_planned() {
            let mut outcomes = context.journal_to_read()?.outcomes(entry);
            while let Some(analysis) = outcomes.try_next().await? {
                let row = AnalysisRow::recorded(analysis);
                tally.add(&row);
                batches.extend(row.batch);
            }
        }
        let mut source = Source::Journal;
        if let Some(report) = &report {
            tally.refresh(report);
            source = Source::Ica;
        }
        let status = SubmissionStatus::new(entry, batches.len(), &tally, source);
        writer.write(&status)?;
        writer.finish()?;
        tell_reasons(context, &status.reasons);
        if source == Source::Journal && status.counts.accepted.max(status.counts.running) > 0 {
            context.tell("from the journal, as of the last run or wait; --refresh reads the statuses from ICA");
        }
        if let Some(next) = &status.next {
            context.tell(format_args!("next: {next}"));
        }
        Ok(())
    }

    async fn batches(&self, context: &Context, ids: &[Uuid]) -> Result<(), Failure> {
        let mut writer = self.output.open::<BatchStatus>()?;
        let project = context.project()?;
        let read = stream::iter(ids).map(|id| read(&project, *id));
        let mut batches = read.buffered(CONCURRENT);
        let mut all = Tally::default();
        while let Some(status) = batches.try_next().await? {
            writer.write(&status)?;
            all.add_reasons(&status.reasons);
        }
        writer.finish()?;
        tell_reasons(context, &all.reasons());
        Ok(())
    }
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

/// Shows the most frequent reasons of failures.
fn tell_reasons(context: &Context, reasons: &[Reason]) {
    if reasons.is_empty() {
        return;
    }
    context.tell("failures by reason:");
    for reason in reasons.iter().take(SHOWN) {
        let example = match &reason.example {
            Some(example) if reason.analyses > 1 => format!("; for example {example}"),
            Some(example) => format!("; {example}"),
            None => String::new(),
        };
        context.tell(format_args!("  {:>7}  {}{example}", reason.analyses, reason.reason));
    }
    if let Some(more) = reasons.len().checked_sub(SHOWN).filter(|more| *more > 0) {
        context.tell(format_args!("  and {more} more reasons"));
    }
}
