//! Reading back the requests of rows.

use serde_json::value::RawValue;

use super::analysis::Analysis;
use super::body;
use super::builder::Submission;
use super::errors;
use super::run;
use crate::error::Result;
use crate::journal::{AnalysisKind, Journal, Naming, StoredBody, SubmissionId};

impl Submission {
    /// Returns the request of the analysis at this position, as it was or will be sent. With the
    /// marks of the submission, if it has some.
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

/// Returns the request of a row without the marks of its submission and chunk. Its other bytes are
/// those of the manifest.
pub(super) fn without_marks(naming: &Naming, label: &str, json: &str) -> String {
    let marks = format!("{:?},{:?}", naming.submission_mark(), naming.chunk_mark(label));
    let alone = format!("{{\"tags\":{{\"technicalTags\":[{marks}]}}");
    match json.strip_prefix(&alone) {
        Some(rest) => format!("{{{}", rest.strip_prefix(',').unwrap_or(rest)),
        None => json
            .replace(&format!(",{marks}]"), "]")
            .replace(&format!("[{marks}]"), "[]"),
    }
}

#[cfg(test)]
mod tests {
    use super::without_marks;
    use crate::journal::{KeyVersion, Naming, SubmissionId};

    #[test]
    fn marks_are_removed_and_nothing_else() {
        let naming = Naming::new(KeyVersion::LATEST, &SubmissionId::default());
        let (s, c) = (naming.submission_mark(), naming.chunk_mark("7"));
        let unmarked = |json: String| without_marks(&naming, "7.0", &json);
        let alone = format!(r#"{{"tags":{{"technicalTags":["{s}","{c}"]}},"a":[1]}}"#);
        assert_eq!(unmarked(alone), r#"{"a":[1]}"#);
        let own = format!(r#"{{"a":1,"tags":{{"technicalTags":["x","{s}","{c}"]}}}}"#);
        assert_eq!(unmarked(own), r#"{"a":1,"tags":{"technicalTags":["x"]}}"#);
        let empty = format!(r#"{{"a":1,"tags":{{"technicalTags":["{s}","{c}"],"userTags":[]}}}}"#);
        assert_eq!(unmarked(empty), r#"{"a":1,"tags":{"technicalTags":[],"userTags":[]}}"#);
        let other = r#"{"tags":{"technicalTags":["ica-batch-s-0"]}}"#;
        assert_eq!(unmarked(other.to_owned()), other);
    }
}
