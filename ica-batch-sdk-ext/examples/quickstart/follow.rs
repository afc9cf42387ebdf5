//! Following the items of a batch until every analysis has ended.

use std::collections::BTreeMap;
use std::io::{IsTerminal, stderr};
use std::time::Duration;

use futures_util::TryStreamExt;
use ica_batch_sdk_ext::Batch;
use ica_batch_sdk_ext::types::{AnalysisCreationBatchItemV4 as Item, AnalysisStatus, ItemStatus};
use indicatif::{ProgressBar, ProgressStyle};

/// Lists the items again and again until each has ended. A progress bar on a terminal, plain lines otherwise.
pub(crate) async fn until_ended(batch: &Batch, expected: usize, interval: Duration) -> anyhow::Result<Vec<Item>> {
    let progress = Progress::new(expected);
    loop {
        let items = batch.items().stream().try_collect::<Vec<_>>().await?;
        progress.show(&items);
        if items.len() >= expected && items.iter().all(has_ended) {
            progress.finish();
            return Ok(items);
        }
        tokio::time::sleep(interval).await;
    }
}

fn has_ended(item: &Item) -> bool {
    match &item.created_analysis {
        Some(analysis) => matches!(
            analysis.status,
            AnalysisStatus::Succeeded | AnalysisStatus::Failed | AnalysisStatus::FailedFinal | AnalysisStatus::Aborted
        ),
        None => item.processing.status == ItemStatus::Failed,
    }
}

/// How the run is doing, or the creation where there is no run.
fn status(item: &Item) -> String {
    match &item.created_analysis {
        Some(analysis) => analysis.status.to_string(),
        None => format!("creation {}", item.processing.status),
    }
}

fn totals(items: &[Item]) -> String {
    let mut counts = BTreeMap::<String, usize>::new();
    for item in items {
        *counts.entry(status(item)).or_default() += 1;
    }
    let counts = counts.iter().map(|(status, count)| format!("{count} {status}"));
    counts.collect::<Vec<_>>().join(", ")
}

enum Progress {
    Bar(ProgressBar),
    Lines { last: std::cell::RefCell<String> },
}

impl Progress {
    fn new(expected: usize) -> Self {
        if !stderr().is_terminal() {
            return Self::Lines {
                last: std::cell::RefCell::default(),
            };
        }
        let style = ProgressStyle::with_template("{bar:30} {pos}/{len} ended  {msg}");
        let bar = ProgressBar::new(expected as u64);
        Self::Bar(bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar())))
    }

    fn show(&self, items: &[Item]) {
        let totals = totals(items);
        match self {
            Self::Bar(bar) => {
                bar.set_position(items.iter().filter(|item| has_ended(item)).count() as u64);
                bar.set_message(totals);
            }
            Self::Lines { last } => {
                if *last.borrow() != totals {
                    println!("  {totals}");
                    last.replace(totals);
                }
            }
        }
    }

    fn finish(&self) {
        if let Self::Bar(bar) = self {
            bar.finish_and_clear();
        }
    }
}

pub(crate) fn print_table(items: &[Item]) {
    let width = items
        .iter()
        .map(|item| item.request.user_reference.len())
        .max()
        .unwrap_or_default();
    println!("\n{:width$}  {:<14}  analysis", "reference", "status");
    for item in items {
        let id = item
            .created_analysis
            .as_ref()
            .map_or_else(|| "-".to_owned(), |analysis| analysis.id.to_string());
        println!("{:width$}  {:<14}  {id}", item.request.user_reference, status(item));
    }
    println!("\n{} analyses: {}", items.len(), totals(items));
}
