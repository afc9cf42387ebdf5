//! Looking up which items and analyses of ICA the created ones are.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;

use futures_core::Stream;
use tokio::task::JoinSet;
use tracing::Instrument;

use super::context::Run;
use crate::analysis_batch::AnalysisCreation;
use crate::batch::Batch;
use crate::batch::BatchItem;
use crate::error::{Error, Result};
use crate::journal::items::{self, Located, Unlocated};

/// How many chunks are read from the journal at a time.
const CHUNKS: usize = 256;
const PAGE_SIZE: u64 = 1000;

impl Run {
    /// Lists the items of batches that are not all known, several batches at a time.
    pub(super) async fn locate(&self, submission: i64) -> Result<()> {
        let mut from = 0;
        loop {
            let chunks = self
                .store(move |connection, _, _| items::unlocated(connection, submission, from, CHUNKS))
                .await?;
            let Some(last) = chunks.last() else {
                return Ok(());
            };
            from = last.first + 1;
            self.locate_all(chunks).await.map_err(|error| self.not_located(error))?;
        }
    }

    async fn locate_all(&self, chunks: Vec<Unlocated>) -> Result<()> {
        let mut tasks = JoinSet::new();
        let mut chunks = chunks.into_iter();
        loop {
            while tasks.len() < self.settings.concurrency
                && let Some(chunk) = chunks.next()
            {
                let id = chunk.batch.parse().map_err(|_| {
                    self.journal.error(&format!(
                        "has {:?} where the id of a batch should be; it was changed or is damaged",
                        chunk.batch
                    ))
                })?;
                let batch = Batch::new(self.core.clone(), Arc::clone(&self.project), id);
                tasks.spawn(async move { Ok::<_, Error>((chunk.chunk, list(&batch).await?)) }.in_current_span());
            }
            let (chunk, located) = match tasks.join_next().await {
                None => return Ok(()),
                Some(Ok(listed)) => listed?,
                Some(Err(ended)) => match ended.try_into_panic() {
                    Ok(panic) => std::panic::resume_unwind(panic),
                    // It was ended with its runtime, and nothing polls this any more.
                    Err(_) => continue,
                },
            };
            self.store(move |connection, _, _| items::locate(connection, chunk, located))
                .await?;
        }
    }

    fn not_located(&self, error: Error) -> Error {
        let what = format!(
            "looking up the items of submission {:?}, all of which is sent and answered,",
            self.place.name
        );
        error
            .could_not(what)
            .with_advice("run the submission again, which looks up what is missing and sends nothing")
    }
}

/// All items of a batch.
pub(super) async fn list(batch: &Batch<AnalysisCreation>) -> Result<Vec<Located>> {
    let mut items = batch.items().summaries().page_size(PAGE_SIZE).prefetch(false).stream();
    let mut located = Vec::new();
    while let Some(item) = poll_fn(|context| Pin::new(&mut items).poll_next(context)).await {
        let item = item?;
        located.push(Located {
            user_reference: item.name().to_owned(),
            item: item.id(),
            analysis: item.created_id(),
            creation: item.creation_status().as_str().to_owned(),
        });
    }
    Ok(located)
}
