//! Following the items of a batch until every analysis has ended.

use std::collections::BTreeMap;
use std::io::{IsTerminal, stderr};
use std::time::{Duration, Instant};

use anyhow::{bail, ensure};
use futures_util::TryStreamExt;
use ica_batch_sdk_ext::types::{AnalysisCreationBatchItemV4 as Item, JobStatus};
use ica_batch_sdk_ext::{Batch, BatchItem};
use indicatif::{ProgressBar, ProgressStyle};

/// Longer than any run should take.
const PATIENCE: Duration = Duration::from_secs(48 * 3600);

/// Lists the items again and again until each has ended. A progress bar on a terminal, plain lines otherwise.
pub(crate) async fn until_ended(batch: &Batch, expected: usize, interval: Duration) -> anyhow::Result<Vec<Item>> {
    let progress = Progress::new(expected);
    let started = Instant::now();
    loop {
        // Read first: a job that has ended has made all the items that there will be.
        let job = batch.get().await?.job.map(|job| job.status);
        let items = batch.items().stream().try_collect::<Vec<_>>().await?;
        progress.show(&items);
        if items.len() >= expected && items.iter().all(Item::is_terminal) {
            progress.finish();
            return Ok(items);
        }
        let waiting = items
            .iter()
            .filter(|item| !item.is_terminal())
            .map(BatchItem::user_reference);
        let waiting = waiting.collect::<Vec<_>>().join(", ");
        if let Some(job @ (JobStatus::Failed | JobStatus::Stopped)) = job
            && waiting.is_empty()
        {
            bail!(
                "the job is {job} and made {} of {expected} items; see the batch in ICA",
                items.len()
            );
        }
        ensure!(
            started.elapsed() < PATIENCE,
            "these have not ended in two days: {waiting}"
        );
        tokio::time::sleep(interval).await;
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
                bar.set_position(items.iter().filter(|item| item.is_terminal()).count() as u64);
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
