//! The end of a run by an error: its report, and the plan of a submission that was refused.

use super::plan::Planned;
use super::report::{self, Findings};
use super::run::Run;
use super::search_errors;
use super::unfinished::with_report;
use crate::error::{Error, ErrorKind, Execution};
use crate::journal::Found;

impl Run {
    /// Returns the error that ends the run, with what else is known.
    pub(super) async fn ended(&self, error: Error, planned: Option<&Planned>, findings: &Findings) -> Error {
        let error = match &findings.several[..] {
            several if several.is_empty() || error.kind() == ErrorKind::DuplicateAnalyses => error,
            several => error.with_note(search_errors::several(&self.id, several)),
        };
        if error.submission_report().is_some() {
            return error;
        }
        if let Some(planned) = planned
            && is_refusal(&error)
            && self.drop_unsent(planned).await
        {
            return error;
        }
        let journal = self.session.journal();
        let found = match planned {
            Some(planned) => Ok(Found::Planned(planned.submission)),
            None => journal.find(&self.id).await,
        };
        let Ok(Found::Planned(submission)) = found else {
            return error;
        };
        // A damaged journal has no report.
        if journal.check(submission, None).await.is_err() {
            return error;
        }
        match report::read(journal, &self.id.name, submission, findings).await {
            Ok(report) => with_report(error, report),
            Err(_) => error,
        }
    }

    /// Deletes a submission that this run has planned, and of which nothing was sent. Otherwise it would
    /// look like work that is left, although it is sent only after a correction. Returns whether it did.
    async fn drop_unsent(&self, planned: &Planned) -> bool {
        let submission = planned.submission;
        if !planned.is_new {
            return false;
        }
        let (Ok(counts), Ok(sent)) = (
            self.session.counts(submission).await,
            self.session.sent_chunks(submission).await,
        ) else {
            return false;
        };
        let is_unsent = sent.is_empty() && counts.pending() == counts.analyses;
        if is_unsent {
            self.session.abandon_plan(submission).await;
        }
        is_unsent
    }
}

/// Returns whether a run was refused before it sent anything.
fn is_refusal(error: &Error) -> bool {
    let is_refused = matches!(
        error.kind(),
        ErrorKind::ManifestChanged | ErrorKind::CreatedElsewhere | ErrorKind::ClockSkew | ErrorKind::InvalidInput
    );
    is_refused && error.execution() == Execution::NotExecuted
}
