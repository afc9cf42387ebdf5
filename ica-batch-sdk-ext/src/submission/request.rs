//! Reading back the requests of rows.

use serde_json::value::RawValue;

use super::analysis::Analysis;
use super::body;
use super::builder::Submission;
use super::errors;
use super::run;
use crate::error::Result;
use crate::journal::{AnalysisKind, Journal, StoredBody, SubmissionId};

impl Submission {
    /// Returns the request of the analysis at this position, as it was or will be sent. With the
    /// marks of the submission, if it has some. A submission of the analysis that is returned removes
    /// them, and gives it its own.
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
    /// project.submission("cohort-42", &journal).analyses([analysis]).plan().await?;
    /// let request = project.submission("cohort-42", &journal).request(0).await?;
    /// assert_eq!(request.user_reference(), "sample-7");
    /// assert_eq!(serde_json::to_value(&request)?["pipelineId"], "5f3c9c1e-7a40-4f1b-9d52-0e6c8a1b2d3f");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) when the journal has no such submission or
    /// row, or when the request was [deleted](Journal::delete_bodies).
    /// [`Journal`](crate::ErrorKind::Journal) when it cannot be read.
    pub async fn request(&self, position: u64) -> Result<Analysis> {
        let submission = run::find(&self.journal, &self.id).await?;
        let row = self.journal.report(submission, position, 1).await?.pop();
        let row = row.filter(|row| row.position == position);
        let row = row.ok_or_else(|| errors::no_such_row(&self.id, position))?;
        let requests = Requests::read(&self.journal, &self.id, submission, &row.chunk).await?;
        let (kind, json) = requests.find(&self.journal, position)?;
        Analysis::from_json(kind, json).map_err(|_| requests.damaged(&self.journal))
    }
}

/// Requests of the rows of a chunk.
pub(super) struct Requests {
    label: String,
    body: StoredBody,
}

impl Requests {
    /// Reads the requests of the rows of a chunk.
    pub(super) async fn read(journal: &Journal, id: &SubmissionId, submission: i64, label: &str) -> Result<Self> {
        let stored = journal.body(submission, label).await?;
        Ok(Self {
            label: label.to_owned(),
            body: stored.ok_or_else(|| errors::no_body(id, label))?,
        })
    }

    /// Returns the label of the chunk.
    pub(super) fn label(&self) -> &str {
        &self.label
    }

    /// Returns the request of the row at this position.
    pub(super) fn find(&self, journal: &Journal, position: u64) -> Result<(AnalysisKind, &str)> {
        let find = || {
            let StoredBody { first, kinds, bytes } = &self.body;
            let index = usize::try_from(position.checked_sub(*first)?).ok()?;
            let rows = body::rows(bytes, kinds)?;
            Some((*kinds.get(index)?, RawValue::get(rows.get(index)?)))
        };
        find().ok_or_else(|| self.damaged(journal))
    }

    fn damaged(&self, journal: &Journal) -> crate::error::Error {
        journal.damaged(&format!("the request of chunk {} does not have its rows", self.label))
    }
}
