//! `ica-batch wait`: waits for the analyses of a submission or of batches.

use std::collections::BTreeMap;

use clap::Args;
use futures_util::Stream;
use futures_util::stream::{self, SelectAll, StreamExt as _};
use ica_batch_sdk_ext::{
    AnalysisCreation, Error, JournalEntry, Progress as BatchProgress, ProgressStream, StatusHistory, Uuid,
};
use schemars::JsonSchema;
use serde::Serialize;

use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::follow::{End, follow};
use crate::messages;
use crate::output::{Column, OutputOptions, Record, column_names};
use crate::progress::{Life, Progress, ProgressOptions, Until};
use crate::sending::{Shown, Target as Of, WaitOptions, conclude};
use crate::suggestion::Suggested;
use crate::summary::Summary;
use crate::target::{SubmissionOrBatches, Target};

/// Waits until the analyses of a submission or of batches have ended. Sends nothing.
#[derive(Debug, Args)]
#[command(mut_arg("columns", |arg| arg.hide_possible_values(true).value_parser(Suggested(column_names::<Summary>))))]
pub(crate) struct Wait {
    #[command(flatten)]
    targets: SubmissionOrBatches,
    /// State to wait for.
    #[arg(long, value_name = "UNTIL", value_enum, default_value_t)]
    until: Until,
    #[command(flatten)]
    waiting: WaitOptions,
    #[command(flatten)]
    progress: ProgressOptions,
    #[command(flatten)]
    output: OutputOptions,
}

/// Result of waiting for a batch.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "waited-batch", inline)]
pub(crate) struct WaitedBatch {
    batch: Uuid,
    job: Option<String>,
    analyses: u64,
    succeeded: u64,
    failed: u64,
    pending: u64,
}

impl Record for WaitedBatch {
    const COLUMNS: &'static [Column<Self>] = &[
        Column::new("batch", |row, cell| {
            cell.push_str(&row.batch.to_string());
            Ok(())
        }),
        Column::new("job", |row, cell| {
            cell.push_str(row.job.as_deref().unwrap_or_default());
            Ok(())
        }),
        Column::new("analyses", |row, cell| number(cell, row.analyses)),
        Column::new("succeeded", |row, cell| number(cell, row.succeeded)),
        Column::new("failed", |row, cell| number(cell, row.failed)),
        Column::new("pending", |row, cell| number(cell, row.pending)),
    ];
}

fn number(cell: &mut String, number: u64) -> std::fmt::Result {
    cell.push_str(&number.to_string());
    Ok(())
}

/// Returns the failure of a batch that cannot be polled, with what helps.
fn not_polled(error: Error, project: &str) -> Failure {
    let is_not_found = error.is_not_found();
    let failure = Failure::from(error);
    match is_not_found {
        true => failure.next(format!(
            "check the id of the batch and the project, which is {project}; \
             the batches of a submission are in: ica-batch journal show SUBMISSION"
        )),
        false => failure.next_is_the_same(),
    }
}

/// Ends the progress of a batch after an error that does not pass.
fn until_it_cannot_go_on(
    id: Uuid,
    progress: ProgressStream<AnalysisCreation>,
) -> impl Stream<Item = (Uuid, Result<BatchProgress<AnalysisCreation>, Error>)> {
    stream::unfold(Some(progress), move |progress| async move {
        let mut progress = progress?;
        let next = progress.next().await?;
        let goes_on = next.as_ref().err().is_none_or(Error::may_pass);
        Some(((id, next), goes_on.then_some(progress)))
    })
}

impl Wait {
    pub(crate) async fn run(self, context: &Context) -> Result<Exit, Failure> {
        self.progress.check()?;
        match self.targets.find(context).await? {
            Target::Submission(entry) => self.submission(context, &entry).await,
            Target::Batches(ids) => self.batches(context, &ids).await,
        }
    }

    async fn submission(self, context: &Context, entry: &JournalEntry) -> Result<Exit, Failure> {
        self.output.check::<Summary>()?;
        let journal = context.journal()?;
        let project = context.project_of(entry.base_url(), entry.project())?;
        let submission = project.submission(entry.name(), &journal);
        let mut shown = Shown {
            context,
            progress: Progress::new(&context.global, &self.progress).until(self.until),
            signals: context.signals.take(),
            output: &self.output,
        };
        let end = End {
            stop: submission.stop_handle(),
            sends: false,
        };
        let stream = self.waiting.apply(submission.wait(), self.until).progress();
        let followed = follow(stream, &end, &mut shown.progress, &mut shown.signals).await?;
        let target = Of {
            project: &project,
            journal: &journal,
            name: entry.name(),
        };
        conclude(target, followed, Some(self.until), shown).await
    }

    async fn batches(self, context: &Context, ids: &[Uuid]) -> Result<Exit, Failure> {
        self.output.check::<WaitedBatch>()?;
        let project = context.project()?;
        let mut progress = Progress::new(&context.global, &self.progress).until(self.until);
        let mut signals = context.signals.take();
        let mut waits = SelectAll::new();
        for id in ids {
            let wait = project.batch(*id).wait().until(self.until.into());
            let wait = wait
                .deadline(self.waiting.timeout)
                .poll_interval(self.waiting.interval());
            waits.push(until_it_cannot_go_on(*id, wait.progress()).boxed());
        }
        let mut states = BTreeMap::<Uuid, BatchProgress<AnalysisCreation>>::new();
        let mut error = None;
        loop {
            let next = tokio::select! {
                next = waits.next() => next,
                () = signals.next() => {
                    error = Some(Failure::new(Exit::Resumable, "interrupted; the analyses go on in ICA").next_is_the_same());
                    break;
                }
                () = progress.tick() => continue,
            };
            match next {
                Some((id, Ok(state))) => {
                    let failed = state.newly_finished().iter().filter(|item| !item.is_success());
                    progress.failed(failed.map(ToString::to_string));
                    states.insert(id, state);
                    let life = Life::of_batches(self.until, states.values());
                    progress.statuses(|now| Some(life.status_counts(now)));
                    progress.life(life);
                }
                Some((id, Err(failed))) if failed.may_pass() => {
                    progress.not_polled(format!("batch {id} could not be polled: {failed}"));
                }
                // The other batches are waited for all the same.
                Some((id, Err(failed))) if error.is_some() => {
                    progress.not_polled(format!("batch {id} could not be polled: {failed}"));
                }
                Some((_, Err(failed))) => error = Some(not_polled(failed, project.id())),
                None => break,
            }
        }
        let title = match ids {
            [id] => format!("batch {id}"),
            _ => format!("{} batches", ids.len()),
        };
        let timeline = progress
            .write_timeline(&title, async { Ok(StatusHistory::default()) })
            .await;
        drop(progress);
        drop(signals);
        let exit = self.conclude(context, &states, error)?;
        timeline.map(|()| exit)
    }

    fn conclude(
        &self,
        context: &Context,
        states: &BTreeMap<Uuid, BatchProgress<AnalysisCreation>>,
        error: Option<Failure>,
    ) -> Result<Exit, Failure> {
        let life = Life::of_batches(self.until, states.values());
        if !context.global.quiet && !states.is_empty() {
            let batches = if states.len() == 1 { "batch" } else { "batches" };
            messages::line(format_args!("{} {batches}: {}", states.len(), life.text()));
        }
        let written = self.write(states).or_else(Failure::unless_closed_pipe);
        match error {
            Some(error) => Err(error),
            None => written.map(|()| match life.failed {
                0 => Exit::Done,
                _ => Exit::Failures,
            }),
        }
    }

    /// Writes a row for each batch if data was asked for.
    fn write(&self, states: &BTreeMap<Uuid, BatchProgress<AnalysisCreation>>) -> Result<(), Failure> {
        if !self.output.is_asked() {
            return Ok(());
        }
        let mut writer = self.output.open_checked::<WaitedBatch>()?;
        for (id, state) in states {
            writer.write(&WaitedBatch {
                batch: *id,
                job: state.job().map(ToString::to_string),
                analyses: state.items() as u64,
                succeeded: state.succeeded() as u64,
                failed: state.failed() as u64,
                pending: state.pending() as u64,
            })?;
        }
        writer.finish()
    }
}
