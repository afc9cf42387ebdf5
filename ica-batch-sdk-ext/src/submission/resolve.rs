//! Recording what a person found in ICA about a chunk that cannot be sent again.

use std::time::Duration;

use uuid::Uuid;

use super::builder::Submission;
use super::{errors, run};
use crate::error::Result;
use crate::journal::Resolution;

impl Submission {
    /// Records the batch of a chunk whose key has [expired](crate::ErrorKind::KeyExpired). Compares
    /// the user references of the batch's items with those of the chunk first.
    ///
    /// ```no_run
    /// # async fn example(project: ica_batch_sdk_ext::Project, journal: ica_batch_sdk_ext::Journal)
    /// # -> Result<(), Box<dyn std::error::Error>> {
    /// let submission = project.submission("cohort-42", &journal);
    /// // The error named chunk 7, and ICA shows its analyses in this batch.
    /// submission.record_created("7", "0195c0de-6d7c-7b54-9d1c-3b1f7f1f5a01".parse()?).await?;
    /// submission.run().await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) when there is no such chunk, its response
    /// is known, or the batch has other analyses. An error of listing the batch's items.
    /// [`JournalInUse`](crate::ErrorKind::JournalInUse) when another process owns the journal.
    /// [`Journal`](crate::ErrorKind::Journal).
    pub async fn record_created(&self, chunk: &str, batch: Uuid) -> Result<()> {
        let submission = run::find(&self.journal, &self.id).await?;
        let expected = self.journal.user_references(submission, chunk).await?;
        if expected.is_empty() {
            return errors::require_recorded(&self.id, chunk, Resolution::NoSuchChunk);
        }
        let count = expected.len() as u64;
        let items = self.api.items((batch, count), Duration::MAX, &self.overrides).await?;
        let mut listed = { items.into_iter() }
            .map(|item| item.user_reference)
            .collect::<Vec<_>>();
        listed.sort_unstable();
        if listed != expected {
            return Err(errors::other_items(&self.id, chunk, batch));
        }
        self.resolve(submission, chunk, Some(batch)).await
    }

    /// Records that a chunk whose key has [expired](crate::ErrorKind::KeyExpired) was not created.
    /// The next run sends it. Search the project for its analyses before.
    ///
    /// # Errors
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) when there is no such chunk, its response
    /// is known, or ICA still remembers its key, so that a run learns its outcome.
    /// [`JournalInUse`](crate::ErrorKind::JournalInUse) when another process owns the journal.
    /// [`Journal`](crate::ErrorKind::Journal).
    pub async fn record_not_created(&self, chunk: &str) -> Result<()> {
        let submission = run::find(&self.journal, &self.id).await?;
        self.resolve(submission, chunk, None).await
    }

    async fn resolve(&self, submission: i64, chunk: &str, batch: Option<Uuid>) -> Result<()> {
        let now = self.api.clock().now();
        let resolution = self.journal.resolve(submission, chunk, batch, now).await?;
        errors::require_recorded(&self.id, chunk, resolution)
    }
}
