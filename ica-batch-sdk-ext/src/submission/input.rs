//! The setters of a submission's manifest.

use std::error::Error as StdError;

use futures_util::{Stream, StreamExt, stream};

use super::analysis::Analysis;
use super::builder::Submission;
use super::manifest::Manifest;
use crate::error::Error;

impl Submission {
    /// Sets the manifest to these analyses. For analyses of several kinds, use [`Analysis`] as the
    /// item.
    ///
    /// ```
    /// # use ica_batch_sdk_ext::{Client, Credentials, Journal};
    /// use ica_batch_sdk_ext::Analysis;
    /// use ica_batch_sdk_ext::types::{CreateNextflowAnalysis, NextflowAnalysisInput};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let client = Client::builder().credentials(Credentials::api_key_direct("my-api-key")?).build()?;
    /// # let project = client.project("my-project")?;
    /// # let folder = tempfile::tempdir()?;
    /// # let journal = Journal::open(folder.path().join("cohort.db"))?;
    /// let nextflow = CreateNextflowAnalysis::builder()
    ///     .user_reference("sample-7").expect("it has no forbidden character")
    ///     .pipeline_id("5f3c9c1e-7a40-4f1b-9d52-0e6c8a1b2d3f")
    ///     .analysis_input(NextflowAnalysisInput::builder().inputs(vec![]).build())
    ///     .build();
    /// let manifest = vec![Analysis::from(nextflow)];
    /// let planned = project.submission("cohort-42", &journal).analyses(manifest).plan().await?;
    /// assert_eq!(planned.counts().analyses, 1);
    /// # Ok(())
    /// # }
    /// ```
    pub fn analyses<I>(self, analyses: I) -> Self
    where
        I: IntoIterator<Item: Into<Analysis> + 'static, IntoIter: Send + 'static>,
    {
        self.try_analyses(analyses.into_iter().map(Ok::<_, Error>))
    }

    /// Sets the manifest to the analyses of an iterator that may fail, such as the rows of a file.
    /// A failure ends the run before anything is sent. The rest of the manifest is read all the same,
    /// so that the error has all [bad rows](crate::Error::bad_rows), up to 100.
    ///
    /// ```
    /// # use ica_batch_sdk_ext::{Client, Credentials, Journal};
    /// use ica_batch_sdk_ext::InvalidText;
    /// use ica_batch_sdk_ext::types::{CreateNextflowAnalysis, NextflowAnalysisInput};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let client = Client::builder().credentials(Credentials::api_key_direct("my-api-key")?).build()?;
    /// # let project = client.project("my-project")?;
    /// # let folder = tempfile::tempdir()?;
    /// # let journal = Journal::open(folder.path().join("cohort.db"))?;
    /// let rows = ["sample-1", "sample?2"].map(|name| {
    ///     let builder = CreateNextflowAnalysis::builder().user_reference(name)?;
    ///     let input = NextflowAnalysisInput::builder().inputs(vec![]).build();
    ///     let builder = builder.pipeline_id("5f3c9c1e-7a40-4f1b-9d52-0e6c8a1b2d3f");
    ///     Ok::<_, InvalidText>(builder.analysis_input(input).build())
    /// });
    /// let error = project.submission("cohort-42", &journal).try_analyses(rows).run().await.unwrap_err();
    /// assert!(error.to_string().starts_with("could not read row 2 of the manifest of submission \"cohort-42\""));
    /// # Ok(())
    /// # }
    /// ```
    pub fn try_analyses<I, T, E>(self, analyses: I) -> Self
    where
        I: IntoIterator<Item = std::result::Result<T, E>, IntoIter: Send + 'static>,
        T: Into<Analysis>,
        E: Into<Box<dyn StdError + Send + Sync>>,
    {
        self.try_analysis_stream(stream::iter(analyses))
    }

    /// Sets the manifest to the analyses of a stream.
    ///
    /// ```
    /// # use ica_batch_sdk_ext::types::{CreateNextflowAnalysis, NextflowAnalysisInput};
    /// # use ica_batch_sdk_ext::{Client, Credentials, Journal};
    /// use futures_util::{StreamExt, stream};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let client = Client::builder().credentials(Credentials::api_key_direct("my-api-key")?).build()?;
    /// # let project = client.project("my-project")?;
    /// # let folder = tempfile::tempdir()?;
    /// # let journal = Journal::open(folder.path().join("cohort.db"))?;
    /// # let analysis = |sample: u32| {
    /// #     CreateNextflowAnalysis::builder()
    /// #         .user_reference(format!("sample-{sample}")).expect("it is valid")
    /// #         .pipeline_id("5f3c9c1e-7a40-4f1b-9d52-0e6c8a1b2d3f")
    /// #         .analysis_input(NextflowAnalysisInput::builder().inputs(vec![]).build())
    /// #         .build()
    /// # };
    /// let samples = stream::iter(0..3).map(analysis);
    /// let planned = project.submission("cohort-42", &journal).analysis_stream(samples).plan().await?;
    /// assert_eq!(planned.counts().analyses, 3);
    /// # Ok(())
    /// # }
    /// ```
    pub fn analysis_stream<S>(self, analyses: S) -> Self
    where
        S: Stream<Item: Into<Analysis>> + Send + 'static,
    {
        self.try_analysis_stream(analyses.map(Ok::<_, Error>))
    }

    /// Sets the manifest to the analyses of a stream that may fail. A failure ends the run before
    /// anything is sent.
    pub fn try_analysis_stream<S, T, E>(mut self, analyses: S) -> Self
    where
        S: Stream<Item = std::result::Result<T, E>> + Send + 'static,
        T: Into<Analysis>,
        E: Into<Box<dyn StdError + Send + Sync>>,
    {
        self.source.rows = Some(Manifest::new(analyses));
        self
    }

    /// Sets a text that changes whenever the source of the analyses does, such as the SHA-256 of a
    /// manifest file and of the settings that its rows are made with. 1 to 255 visible ASCII
    /// characters.
    ///
    /// The journal records it together with the plan. A run with the recorded digest sends the
    /// recorded rows, and reads none of those that are given: the iterator or stream is dropped. So
    /// values that may change between two runs, such as ids that are looked up, stay as they were
    /// planned. With another digest, the rows are read and compared as without one
    /// ([`on_change`](Self::on_change)), and the new digest is recorded when they are accepted.
    ///
    /// A run without rows fails before anything is sent if the recorded digest is another one.
    /// [`JournalEntry::manifest_digest`](crate::JournalEntry::manifest_digest) returns it.
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
    /// # let analysis = |pipeline: &str| {
    /// #     CreateNextflowAnalysis::builder()
    /// #         .user_reference("sample-7").expect("it is valid")
    /// #         .pipeline_id(pipeline)
    /// #         .analysis_input(NextflowAnalysisInput::builder().inputs(vec![]).build())
    /// #         .build()
    /// # };
    /// # let (before, now) = ("5f3c9c1e-7a40-4f1b-9d52-0e6c8a1b2d3f", "9d2e7b44-1c0f-4a6b-8e55-3f7a2c9b1d60");
    /// let submission = || project.submission("cohort-42", &journal).manifest_digest("sha256:2cf24dba");
    /// submission().analyses([analysis(before)]).plan().await?;
    /// // The same file, whose pipeline has got another id: the recorded row stays.
    /// submission().analyses([analysis(now)]).plan().await?;
    ///
    /// let other = project.submission("cohort-42", &journal).manifest_digest("sha256:486ea462");
    /// let error = other.analyses([analysis(now)]).plan().await.unwrap_err();
    /// assert!(error.manifest_changes().is_some());
    /// # Ok(())
    /// # }
    /// ```
    pub fn manifest_digest(mut self, digest: impl Into<String>) -> Self {
        self.source.digest = Some(digest.into());
        self
    }
}
