//! `ica-batch items`: the analyses of a submission or of batches, one in each row.

use std::collections::{BTreeSet, HashMap};

use clap::Args;
use futures_util::TryStreamExt as _;
use ica_batch_sdk_ext::types::{AnalysisStatus, ItemStatus};
use ica_batch_sdk_ext::{AnalysisCreation, Family as _, JobState, JournalEntry, Uuid};

use crate::command_line;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{OutputOptions, Writer, column_names};
use crate::records::{AnalysisRow, Outcome};
use crate::suggestion::{Suggested, did_you_mean};
use crate::summary::{Stage, rerun};
use crate::target::{SubmissionOrBatches, Target};

/// Writes the analyses of a submission or of batches, one in each row.
///
/// A submission is read from the journal, and nothing is sent: it has what the last run or wait
/// recorded. Batches are read from ICA. Any number of analyses takes the same memory.
#[derive(Debug, Args)]
#[command(mut_arg("columns", |arg| arg.hide_possible_values(true).value_parser(Suggested(column_names::<AnalysisRow>))))]
pub(crate) struct Items {
    #[command(flatten)]
    target: SubmissionOrBatches,
    #[command(flatten)]
    filter: Filter,
    /// Read the statuses of the analyses of the submission from ICA first, and record them in the
    /// journal. The messages about the first 10 000 failed creations are added. Costs a request per
    /// batch of up to 1000 analyses.
    #[arg(long)]
    refresh: bool,
    #[command(flatten)]
    output: OutputOptions,
}

/// Which analyses are written: those that at least one filter lets through, all without a filter.
#[derive(Debug, Args)]
struct Filter {
    /// Only analyses that were rejected or not created, or whose run failed or was aborted.
    #[arg(long)]
    failed: bool,
    /// Only analyses that have neither succeeded nor failed.
    #[arg(long)]
    pending: bool,
    /// Only analyses with this outcome (such as `succeeded`), or with this status of the run (such as
    /// `IN_PROGRESS`) or of a creation that has not succeeded. Can be given several times.
    #[arg(long, value_name = "NAME", value_delimiter = ',', hide_possible_values = true, value_parser = Suggested(statuses))]
    status: Vec<String>,
    /// Allow names of statuses that this release does not know, because ICA adds some.
    #[arg(long, requires = "status")]
    any_status: bool,
}

/// Returns the names that `--status` takes.
fn statuses() -> Vec<String> {
    let mut known = Outcome::ALL.map(|outcome| outcome.as_str().to_owned()).to_vec();
    let runs = AnalysisStatus::KNOWN.iter().map(AnalysisStatus::as_str);
    for status in runs.chain(ItemStatus::KNOWN.iter().map(ItemStatus::as_str)) {
        if !known.iter().any(|known| known.eq_ignore_ascii_case(status)) {
            known.push(status.to_owned());
        }
    }
    known
}

impl Filter {
    /// Rejects names that are probably misspelt.
    fn check(&self) -> Result<(), Failure> {
        let known = statuses();
        let is_known = |name: &String| known.iter().any(|known| known.eq_ignore_ascii_case(name));
        match self.status.iter().find(|name| !is_known(name)) {
            Some(name) if !self.any_status => {
                let hint = did_you_mean(&name.to_lowercase(), known.iter().map(String::as_str));
                let hint = match hint.is_empty() {
                    true => did_you_mean(&name.to_uppercase(), known.iter().map(String::as_str)),
                    false => hint,
                };
                Err(Failure::usage(format!(
                    "no status {name:?}{hint}; the statuses are: {}",
                    known.join(", ")
                ))
                .next("if ICA has a status that is newer than this release, add --any-status"))
            }
            _ => Ok(()),
        }
    }

    fn lets_through(&self, row: &AnalysisRow) -> bool {
        let has = |name: &String| {
            let run = row.run_status.as_ref().map(AnalysisStatus::as_str);
            // A run that failed was created with success, and did not succeed.
            let creation = { row.creation_status.as_ref() }.filter(|status| **status != ItemStatus::Succeeded);
            let creation = creation.map(ItemStatus::as_str);
            let names = [Some(row.outcome.as_str()), run, creation].into_iter().flatten();
            names.into_iter().any(|known| known.eq_ignore_ascii_case(name))
        };
        let is_unfiltered = !self.failed && !self.pending && self.status.is_empty();
        is_unfiltered
            || (self.failed && row.outcome.is_failure())
            || (self.pending && row.outcome.is_open())
            || self.status.iter().any(has)
    }
}

impl Items {
    pub(crate) async fn run(self, context: &Context) -> Result<Exit, Failure> {
        self.filter.check()?;
        let target = self.target.find(context).await?;
        let mut writer = self.output.open::<AnalysisRow>()?;
        let mut shown = Shown::default();
        let mut name = None;
        match target {
            Target::Submission(entry) => {
                shown = self.submission(context, &entry, &mut writer).await?;
                name = Some(entry.name().to_owned());
            }
            Target::Batches(ids) => self.batches(context, &ids, &mut writer).await?,
        }
        if writer.is_empty() {
            context.tell("no analyses");
        }
        writer.finish()?;
        if let Some(name) = name.filter(|_| !self.output.is_piped()) {
            shown.tell_next(context, &name, self.refresh);
        }
        Ok(Exit::Done)
    }

    async fn submission(
        &self,
        context: &Context,
        entry: &JournalEntry,
        writer: &mut Writer<AnalysisRow>,
    ) -> Result<Shown, Failure> {
        let mut messages = HashMap::new();
        if self.refresh {
            // They are not recorded while another process owns the journal.
            let report = context.submission(entry)?.refresh().await?;
            let failed = report.failed().iter().map(|failed| &failed.item);
            messages.extend(failed.filter_map(|item| Some((item.id, item.message.clone()?))));
        }
        let mut outcomes = context.journal_to_read()?.outcomes(entry);
        let mut shown = Shown::default();
        while let Some(analysis) = outcomes.try_next().await? {
            let mut row = AnalysisRow::recorded(analysis);
            if row.message.is_none() {
                row.message = row.item.and_then(|item| messages.remove(&item));
            }
            if self.write(&row, writer)? {
                shown.add(&row);
            }
        }
        Ok(shown)
    }

    async fn batches(&self, context: &Context, ids: &[Uuid], writer: &mut Writer<AnalysisRow>) -> Result<(), Failure> {
        let project = context.project()?;
        for id in ids {
            let batch = project.batch(*id);
            // Before the list: what is not created then, is never created if the job has ended.
            let job = batch.get().await?.job;
            let state = job.map(|job| AnalysisCreation::job_state(&job.status));
            let has_ended = matches!(state, Some(JobState::Ended { .. }));
            let mut items = batch.items().summaries().stream();
            while let Some(item) = items.try_next().await? {
                self.write(&AnalysisRow::listed(*id, has_ended, item), writer)?;
            }
        }
        Ok(())
    }

    /// Writes the analysis if a filter lets it through. Returns whether it did.
    fn write(&self, row: &AnalysisRow, writer: &mut Writer<AnalysisRow>) -> Result<bool, Failure> {
        match self.filter.lets_through(row) {
            true => writer.write(row).map(|()| true),
            false => Ok(false),
        }
    }
}

/// Failures among the analyses that were written.
#[derive(Debug, Default)]
struct Shown {
    failed: BTreeSet<Stage>,
    /// Whether the journal lacks the reason of one.
    lacks_reason: bool,
}

impl Shown {
    fn add(&mut self, row: &AnalysisRow) {
        self.failed.extend(row.outcome.failed_stage());
        self.lacks_reason |= row.outcome == Outcome::NotCreated && row.message.is_none();
    }

    /// Says what comes next, with the name of the submission.
    fn tell_next(self, context: &Context, name: &str, is_refreshed: bool) {
        if self.lacks_reason && !is_refreshed {
            context.tell("the journal lacks reasons of not_created; --refresh reads them from ICA");
        }
        if let Some(words) = rerun(name, self.failed.into_iter()) {
            context.tell(format_args!("next: {}", command_line::next(&words)));
        }
    }
}
