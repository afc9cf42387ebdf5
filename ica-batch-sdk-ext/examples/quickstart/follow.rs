//! Following a batch until every analysis has ended, and what came of each.

use std::io::{IsTerminal, stderr};

use futures_util::TryStreamExt;
use ica_batch_sdk_ext::types::{AnalysisCreationBatchItemSummary as Item, ItemStatus};
use ica_batch_sdk_ext::{AnalysisCreation, AnalysisItem, Batch, BatchItem, PollInterval, Progress};
use indicatif::{ProgressBar, ProgressStyle};

/// Shows how the batch is doing until it is settled. A progress bar on a terminal, plain lines otherwise.
pub(crate) async fn until_ended(
    batch: &Batch<AnalysisCreation>,
    expected: usize,
    interval: PollInterval,
) -> anyhow::Result<Vec<Item>> {
    let mut shown = Shown::new(expected);
    let mut progress = batch.wait().poll_interval(interval).progress();
    while let Some(progress) = progress.try_next().await? {
        shown.show(&progress);
    }
    shown.finish();
    Ok(batch.items().summaries().stream().try_collect().await?)
}

/// How many items there are in each state: of their run, or of their creation where there is no run.
fn totals(progress: &Progress<AnalysisCreation>) -> String {
    let creations = progress
        .by_creation_status()
        .iter()
        .filter(|(status, _)| **status != ItemStatus::Succeeded);
    let creations = creations.map(|(status, count)| format!("{count} creation {status}"));
    let runs = progress
        .by_run_status()
        .iter()
        .map(|(status, count)| format!("{count} {status}"));
    creations.chain(runs).collect::<Vec<_>>().join(", ")
}

enum Shown {
    Bar(ProgressBar),
    Lines { last: String },
}

impl Shown {
    fn new(expected: usize) -> Self {
        if !stderr().is_terminal() {
            return Self::Lines { last: String::new() };
        }
        let style = ProgressStyle::with_template("{bar:30} {pos}/{len} ended  {msg}");
        let bar = ProgressBar::new(expected as u64);
        Self::Bar(bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar())))
    }

    fn show(&mut self, progress: &Progress<AnalysisCreation>) {
        let totals = totals(progress);
        match self {
            Self::Bar(bar) => {
                bar.set_position(progress.finished() as u64);
                bar.set_message(totals);
            }
            Self::Lines { last } => {
                if *last != totals {
                    println!("  {totals}");
                    *last = totals;
                }
            }
        }
    }

    fn finish(self) {
        if let Self::Bar(bar) = self {
            bar.finish_and_clear();
        }
    }
}

/// How the run ended, or the creation where there is no run.
fn status(item: &Item) -> String {
    match item.analysis_status() {
        Some(status) => status.to_string(),
        None => format!("creation {}", item.creation_status()),
    }
}

pub(crate) fn print_table(items: &[Item]) {
    let width = items
        .iter()
        .map(|item| item.user_reference().len())
        .max()
        .unwrap_or_default();
    println!("\n{:width$}  {:<14}  analysis", "reference", "status");
    for item in items {
        let id = item.analysis_id().map_or_else(|| "-".to_owned(), |id| id.to_string());
        println!("{:width$}  {:<14}  {id}", item.user_reference(), status(item));
        if let Some(message) = item.creation_message() {
            println!("{:width$}  {message}", "");
        }
    }
    let succeeded = items.iter().filter(|item| item.is_success()).count();
    println!(
        "\n{} analyses: {succeeded} succeeded, {} did not",
        items.len(),
        items.len() - succeeded
    );
}
