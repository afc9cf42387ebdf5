//! The outcomes of a submission as a stream.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_util::stream::{self, BoxStream};
use futures_util::{Stream, StreamExt};

use super::outcome::{SubmittedAnalysis, submitted};
use super::run;
use crate::error::{Error, Result};
use crate::journal::{Journal, JournalEntry, ReportRow, SubmissionId};

/// Number of rows that are read from the journal at a time.
const PAGE: usize = 1000;

/// Outcomes of a submission, one analysis after the other, from
/// [`Submission::outcomes`](super::Submission::outcomes).
///
/// ```
/// use futures_util::TryStreamExt;
/// # use ica_batch_sdk_ext::types::{CreateNextflowAnalysis, NextflowAnalysisInput};
/// # use ica_batch_sdk_ext::{Client, Credentials, Journal};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let client = Client::builder().credentials(Credentials::api_key_direct("my-api-key")?).build()?;
/// # let project = client.project("my-project")?;
/// # let folder = tempfile::tempdir()?;
/// # let journal = Journal::open(folder.path().join("cohort.db"))?;
/// # let manifest = (0..3).map(|sample| {
/// #     CreateNextflowAnalysis::builder()
/// #         .user_reference(format!("sample-{sample}")).expect("it is valid")
/// #         .pipeline_id("5f3c9c1e-7a40-4f1b-9d52-0e6c8a1b2d3f")
/// #         .analysis_input(NextflowAnalysisInput::builder().inputs(vec![]).build())
/// #         .build()
/// # });
/// # project.submission("cohort-42", &journal).analyses(manifest).plan().await?;
/// let mut outcomes = project.submission("cohort-42", &journal).outcomes();
/// let mut pending = 0;
/// while let Some(analysis) = outcomes.try_next().await? {
///     println!("{analysis}");
///     pending += usize::from(analysis.outcome.batch().is_none());
/// }
/// assert_eq!(pending, 3);
/// # Ok(())
/// # }
/// ```
#[must_use = "a stream does nothing unless it is polled"]
pub struct OutcomeStream(BoxStream<'static, Result<SubmittedAnalysis>>);

impl OutcomeStream {
    pub(super) fn new(journal: Journal, id: SubmissionId) -> Self {
        let start = Reading {
            journal,
            id,
            submission: None,
            from: 0,
        };
        let pages = stream::try_unfold(start, |mut reading| async {
            let rows = reading.next_page().await?;
            let page = rows.into_iter().map(|row| Ok::<_, Error>(submitted(row)));
            Ok::<_, Error>((page.len() > 0).then(|| (stream::iter(page), reading)))
        });
        Self(futures_util::TryStreamExt::try_flatten(pages).boxed())
    }
}

impl Journal {
    /// Returns the outcomes of a submission as a stream, in order of position, without a client.
    ///
    /// It is [`Submission::outcomes`](super::Submission::outcomes) for a program that reads a
    /// journal and has no credentials.
    ///
    /// ```
    /// # use ica_batch_sdk_ext::types::{CreateNextflowAnalysis, NextflowAnalysisInput};
    /// # use ica_batch_sdk_ext::{Client, Credentials, Journal};
    /// use futures_util::TryStreamExt;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let client = Client::builder().credentials(Credentials::api_key_direct("my-api-key")?).build()?;
    /// # let folder = tempfile::tempdir()?;
    /// # let journal = Journal::open(folder.path().join("cohort.db"))?;
    /// # let analysis = CreateNextflowAnalysis::builder()
    /// #     .user_reference("sample-7").expect("it is valid")
    /// #     .pipeline_id("5f3c9c1e-7a40-4f1b-9d52-0e6c8a1b2d3f")
    /// #     .analysis_input(NextflowAnalysisInput::builder().inputs(vec![]).build())
    /// #     .build();
    /// # client.project("my-project")?.submission("cohort-42", &journal).analyses([analysis]).plan().await?;
    /// let entry = &journal.submissions()?[0];
    /// let outcomes = journal.outcomes(entry).try_collect::<Vec<_>>().await?;
    /// assert_eq!(outcomes[0].to_string(), "sample-7: pending");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// The items of the stream are [`InvalidInput`](crate::ErrorKind::InvalidInput) when the plan of
    /// the submission is not finished, and [`Journal`](crate::ErrorKind::Journal) when the file
    /// cannot be read.
    pub fn outcomes(&self, entry: &JournalEntry) -> OutcomeStream {
        let id = SubmissionId {
            base_url: entry.base_url().to_owned(),
            project: entry.project().to_owned(),
            name: entry.name().to_owned(),
        };
        OutcomeStream::new(self.clone(), id)
    }
}

/// Place in the rows of a submission.
struct Reading {
    journal: Journal,
    id: SubmissionId,
    /// Row id of the submission, once it was found and checked.
    submission: Option<i64>,
    from: u64,
}

impl Reading {
    async fn next_page(&mut self) -> Result<Vec<ReportRow>> {
        let submission = match self.submission {
            Some(submission) => submission,
            None => {
                let submission = run::find(&self.journal, &self.id).await?;
                self.journal.check(submission, None).await?;
                *self.submission.insert(submission)
            }
        };
        let rows = self.journal.report(submission, self.from, PAGE).await?;
        if let Some(last) = rows.last() {
            self.from = last.position + 1;
        }
        Ok(rows)
    }
}

impl Stream for OutcomeStream {
    type Item = Result<SubmittedAnalysis>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_next_unpin(context)
    }
}

impl fmt::Debug for OutcomeStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OutcomeStream")
    }
}
