//! Progress of the batch while it runs, and a table of its analyses at the end.

use std::io::{IsTerminal, stderr};

use futures_util::TryStreamExt;
use ica_batch_sdk_ext::types::{AnalysisCreationBatchItemSummary as Item, ItemStatus};
use ica_batch_sdk_ext::{AnalysisCreation, AnalysisItem, Batch, BatchItem, PollInterval, Progress};
use indicatif::{ProgressBar, ProgressStyle};

/// Waits until every analysis has finished, and returns the items of the batch.
///
/// Shows a progress bar on a terminal, and lines elsewhere.
pub(crate) async fn wait(
    batch: &Batch<AnalysisCreation>,
    expected: usize,
    interval: PollInterval,
) -> anyhow::Result<Vec<Item>> {
    let mut display = Display::new(expected);
    let mut progress = batch.wait().poll_interval(interval).progress();
    while let Some(progress) = progress.try_next().await? {
        display.show(&progress);
    }
    display.finish();
    Ok(batch.items().summaries().stream().try_collect().await?)
}

/// Returns the number of items in each status: of the analysis, or of its creation while there is
/// no analysis.
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

enum Display {
    Bar(ProgressBar),
    Lines { last: String },
}

impl Display {
    fn new(expected: usize) -> Self {
        if !stderr().is_terminal() {
            return Self::Lines { last: String::new() };
        }
        let style = ProgressStyle::with_template("{bar:30} {pos}/{len} finished  {msg}");
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

/// Returns the status of the analysis, or of its creation if there is no analysis.
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
