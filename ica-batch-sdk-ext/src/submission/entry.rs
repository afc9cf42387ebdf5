//! The entry of a submission in its journal.

use super::builder::Submission;
use crate::error::Result;
use crate::journal::JournalEntry;

impl Submission {
    /// Returns the entry of the submission in its journal. None if the journal does not have it. Sends
    /// nothing.
    ///
    /// ```
    /// # use ica_batch_sdk_ext::types::{CreateNextflowAnalysis, NextflowAnalysisInput};
    /// # use ica_batch_sdk_ext::{Client, Credentials, Journal};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let client = Client::builder().credentials(Credentials::api_key_direct("my-api-key")?).build()?;
    /// # let project = client.project("my-project")?;
    /// # let folder = tempfile::tempdir()?;
    /// # let journal = Journal::open(folder.path().join("cohort.db"))?;
    /// # let analysis = CreateNextflowAnalysis::builder()
    /// #     .user_reference("sample-7").expect("it is valid")
    /// #     .pipeline_id("5f3c9c1e-7a40-4f1b-9d52-0e6c8a1b2d3f")
    /// #     .analysis_input(NextflowAnalysisInput::builder().inputs(vec![]).build())
    /// #     .build();
    /// let submission = || project.submission("cohort-42", &journal);
    /// assert!(submission().entry().await?.is_none());
    /// submission().analyses([analysis]).plan().await?;
    /// let entry = submission().entry().await?.expect("it was planned");
    /// assert_eq!((entry.is_planned(), entry.counts().pending()), (true, 1));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Journal`](crate::ErrorKind::Journal) when the journal cannot be read.
    pub async fn entry(&self) -> Result<Option<JournalEntry>> {
        self.journal.entry(&self.id).await
    }
}
