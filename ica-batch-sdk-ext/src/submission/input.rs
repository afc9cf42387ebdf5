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
        self.manifest = Some(Manifest::new(analyses));
        self
    }
}
