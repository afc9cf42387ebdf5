//! The operations of a submission, and the order of a run's steps.

use tracing::{Instrument, info_span};

use super::builder::Submission;
use super::errors;
use super::event::SubmissionEvent;
use super::events::Events;
use super::manifest::Source;
use super::outcomes::OutcomeStream;
use super::plan::Planned;
use super::progress::SubmissionProgress;
use super::report::{self, Findings, SubmissionReport};
use super::run::{self, Run};
use super::search_errors;
use super::stream::SubmissionStream;
use super::unfinished::{unfinished, with_report};
use crate::error::Result;

impl Submission {
    /// Sends the chunks that have no response until each analysis is settled, and returns the
    /// outcomes of all.
    ///
    /// A chunk that fails is [sent again](crate::exactly_once#when-a-run-ends) later. So a run that
    /// returns a report has settled each analysis. To end a run early, use its
    /// [`stop_handle`](Self::stop_handle). Dropping the future stops the run like the end of the
    /// process. The next run continues it.
    ///
    /// # Errors
    /// Before anything is sent: [`InvalidInput`](crate::ErrorKind::InvalidInput),
    /// [`DuplicateReferences`](crate::ErrorKind::DuplicateReferences),
    /// [`CreatedElsewhere`](crate::ErrorKind::CreatedElsewhere),
    /// [`ManifestChanged`](crate::ErrorKind::ManifestChanged),
    /// [`JournalInUse`](crate::ErrorKind::JournalInUse) and
    /// [`KeyExpired`](crate::ErrorKind::KeyExpired). Later:
    /// [`Unfinished`](crate::ErrorKind::Unfinished) at the deadline and after a stop, with the
    /// [report](crate::Error::submission_report);
    /// [`DuplicateAnalyses`](crate::ErrorKind::DuplicateAnalyses), also with the report, after each
    /// analysis was settled; failures that
    /// [no waiting can fix](crate::exactly_once#when-a-run-ends), with the report; and
    /// [`Journal`](crate::ErrorKind::Journal). None of them loses anything, and the next run
    /// continues. [Responses are compared](crate::exactly_once#promises) with what was sent.
    pub async fn run(self) -> Result<SubmissionReport> {
        Box::pin(self.execute(Events::none())).await
    }

    /// Runs the submission as a stream of its progress. The last progress has the
    /// [report](SubmissionProgress::report).
    pub fn progress(self) -> SubmissionStream {
        SubmissionStream::new(|events| self.execute(events))
    }

    /// Reads the manifest and records its chunks without sending them. A later run sends them.
    ///
    /// # Errors
    /// Those of [`run`](Self::run) before anything is sent.
    pub async fn plan(self) -> Result<SubmissionProgress> {
        let (run, source) = self.start(Events::none()).await?;
        match run.plan(source).await {
            Ok(planned) => run.progress(planned.submission).await,
            Err(error) => Err(run.ended(error, None, &Findings::default()).await),
        }
    }

    /// Returns the outcomes that the journal has, without sending anything.
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
    /// let report = project.submission("cohort-42", &journal).report().await?;
    /// assert_eq!(report.analyses()[0].to_string(), "sample-7: pending");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) when the journal has no such submission,
    /// [`Journal`](crate::ErrorKind::Journal) when it cannot be read.
    pub async fn report(&self) -> Result<SubmissionReport> {
        let submission = run::find(&self.journal, &self.id).await?;
        self.journal.check(submission, None).await?;
        report::read(&self.journal, &self.id.name, submission, &Findings::default()).await
    }

    /// Returns the outcomes that the journal has as a stream, in order of position, without sending
    /// anything. Memory does not grow with their number. [`OutcomeStream`] has an example.
    ///
    /// Outcomes that are recorded while the stream is read may be old or new.
    pub fn outcomes(&self) -> OutcomeStream {
        OutcomeStream::new(self.journal.clone(), self.id.clone())
    }

    /// Starts a run, and returns it with the source of its rows.
    async fn start(self, events: Events) -> Result<(Run, Source)> {
        let Self {
            api,
            journal,
            id,
            source,
            settings,
            stop,
            overrides,
        } = self;
        errors::check_name(&id.name)?;
        if let Some(digest) = &source.digest {
            errors::check_manifest_digest(&id, digest)?;
        }
        let run = Run::start(api, journal, id, settings, overrides, (events, stop)).await?;
        Ok((run, source))
    }

    /// Runs the submission from its manifest to its report.
    pub(super) async fn execute(self, events: Events) -> Result<SubmissionReport> {
        let (run, source) = self.start(events).await?;
        let span = info_span!("ica.submission", ica.submission.name = run.id.name);
        let steps = async {
            let mut findings = Findings::default();
            let planned = match run.plan(source).await {
                Ok(planned) => planned,
                Err(error) => return Err(run.ended(error, None, &findings).await),
            };
            let result = run.execute(&planned, &mut findings).await;
            match result {
                Ok(report) => Ok(report),
                Err(error) => Err(run.ended(error, Some(&planned), &findings).await),
            }
        };
        steps.instrument(span).await
    }
}

impl Run {
    /// Runs a planned submission to its report.
    async fn execute(&self, planned: &Planned, findings: &mut Findings) -> Result<SubmissionReport> {
        let submission = planned.submission;
        let checked = self.session.journal().check(submission, planned.checked).await?;
        let mut progress = self.progress(submission).await?;
        self.events.emit(&progress);
        let mut sent = self.send(submission, &mut progress, findings).await?;
        if self.settings.lookup_items && sent.unfinished.is_none() {
            self.lookup_items(submission, &mut progress).await?;
            progress.counts = self.session.counts(submission).await?;
        }
        sent.recorder.read_runs().await;
        sent.recorder
            .record_sending(self.clock.now(), progress.counts, true)
            .await;
        // The report shows only rows that this crate recorded.
        self.session.journal().check(submission, Some(checked)).await?;
        let report = report::read(self.session.journal(), &self.id.name, submission, findings).await?;
        if let Some(reason) = sent.unfinished {
            return Err(unfinished(&self.id, reason, sent.execution, report));
        }
        if !findings.several.is_empty() {
            let error = search_errors::exist_several_times(&self.id, &findings.several);
            let references = findings.several.clone();
            progress.event = SubmissionEvent::DuplicatesFound { references };
            self.events.emit(&progress);
            return Err(with_report(error, report));
        }
        progress.event = SubmissionEvent::Finished(report.clone());
        self.events.emit(&progress);
        Ok(report)
    }
}
