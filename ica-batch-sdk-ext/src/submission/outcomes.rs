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
/// [`Submission::outcomes`](super::Submission::outcomes) or [`Journal::outcomes`].
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
    /// Returns the outcomes of a submission as a stream, in order of position. Memory does not grow
    /// with their number. It needs no client:
    /// [`Submission::outcomes`](super::Submission::outcomes) returns the same stream.
    ///
    /// ```
    /// use futures_util::TryStreamExt;
    /// # use ica_batch_sdk_ext::types::{CreateNextflowAnalysis, NextflowAnalysisInput};
    /// # use ica_batch_sdk_ext::{Client, Credentials, Journal, OnRejection};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let simulator = ica_simulator::Simulator::builder()
    /// #     .fate("sample-1", ica_simulator::Fate::RejectRequest)
    /// #     .lifecycle(ica_simulator::Lifecycle::instant()).start()?;
    /// # let credentials = Credentials::api_key(simulator.api_key())?;
    /// # let client = Client::builder().base_url(simulator.base_url()).credentials(credentials).build()?;
    /// # let project = client.project(simulator.project_id())?;
    /// # let folder = tempfile::tempdir()?;
    /// # let path = folder.path().join("cohort.db");
    /// # let journal = Journal::open(&path)?;
    /// # let manifest = (0..3).map(|sample| {
    /// #     CreateNextflowAnalysis::builder()
    /// #         .user_reference(format!("sample-{sample}")).expect("it is valid")
    /// #         .pipeline_id("5f3c9c1e-7a40-4f1b-9d52-0e6c8a1b2d3f")
    /// #         .analysis_input(NextflowAnalysisInput::builder().inputs(vec![]).build())
    /// #         .build()
    /// # });
    /// # let submission = project.submission("cohort-42", &journal).on_rejection(OnRejection::Isolate);
    /// # submission.analyses(manifest).run().await?;
    /// let journal = Journal::options().read_only(true).open(&path)?;
    /// let entry = journal.last_submission()?.expect("it has one");
    /// let mut outcomes = journal.outcomes(&entry);
    /// while let Some(analysis) = outcomes.try_next().await? {
    ///     if analysis.outcome.is_failure() {
    ///         println!("{analysis}");
    /// #       assert!(analysis.to_string().starts_with("sample-1: rejected"));
    ///     }
    /// }
    /// assert_eq!((entry.counts().created, entry.counts().rejected), (2, 1));
    /// # Ok(())
    /// # }
    /// ```
    pub fn outcomes(&self, entry: &JournalEntry) -> OutcomeStream {
        OutcomeStream::new(self.clone(), entry.id())
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
