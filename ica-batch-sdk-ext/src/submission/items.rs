//! Listing the items of created batches, so that a report has the ids of items and analyses.

use futures_util::{StreamExt, TryStreamExt, stream};

use super::errors;
use super::run::Run;
use crate::error::{Error, Result};
use crate::journal::{ItemsResult, UnlistedChunk, UnrequestedItem};

/// Number of chunks that are read from the journal at a time.
const CHUNKS: usize = 256;

impl Run {
    /// Lists the items of batches whose items are not all recorded, several batches at a time.
    pub(super) async fn lookup_items(&self, submission: i64) -> Result<()> {
        let mut from = 0;
        loop {
            let chunks = self.session.unlisted_chunks(submission, from, CHUNKS).await?;
            let Some(last) = chunks.last() else {
                return Ok(());
            };
            from = last.first.saturating_add(1);
            self.list(chunks).await?;
        }
    }

    async fn list(&self, chunks: Vec<UnlistedChunk>) -> Result<()> {
        let lists = chunks.into_iter().map(|chunk| {
            let (api, overrides) = (self.api.clone(), self.overrides.clone());
            async move {
                let items = api.items(chunk.batch, chunk.count, &overrides).await?;
                Ok::<_, Error>((chunk, items))
            }
        });
        let mut lists = stream::iter(lists).buffer_unordered(self.settings.concurrency);
        while let Some((chunk, items)) = lists.try_next().await.map_err(|error| self.not_listed(error))? {
            let recorded = self.session.record_items(&chunk, items).await;
            match recorded.map_err(|error| self.not_listed(error))? {
                ItemsResult::Recorded => {}
                ItemsResult::Unrequested(item) => return Err(self.unrequested(&chunk, &item)),
            }
        }
        Ok(())
    }

    fn unrequested(&self, chunk: &UnlistedChunk, item: &UnrequestedItem) -> Error {
        errors::unrequested_item(&chunk.label, chunk.batch, item)
            .could_not(format!("list the items of {}", self.id))
            .with_advice("compare the batch in ICA with the rows of the chunk, and report it")
    }

    fn not_listed(&self, error: Error) -> Error {
        error.could_not(format!("list the items of {}", self.id)).with_advice(
            "all of its chunks have a response; run it again, which lists the missing items and sends nothing",
        )
    }
}
