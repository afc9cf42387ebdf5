//! Running a submission or a wait with progress, until it ends or is interrupted.

use std::time::Duration;

use futures_util::{Stream, StreamExt as _};
use ica_batch_sdk_ext::{
    Error, LastFailure, StopHandle, SubmissionCounts, SubmissionEvent, SubmissionProgress, SubmissionReport,
    SubmissionWaitReport,
};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::progress::Progress;
use crate::signals::Signals;

/// How a run or a wait ended.
#[derive(Debug, Default)]
pub(crate) struct Followed {
    /// Report of sending, if it ended with one.
    pub(crate) report: Option<SubmissionReport>,
    /// Report of waiting, if it ended with one.
    pub(crate) wait: Option<SubmissionWaitReport>,
    pub(crate) error: Option<Error>,
    /// Numbers after the last event.
    pub(crate) counts: Option<SubmissionCounts>,
    /// Whether a signal ended it.
    pub(crate) is_interrupted: bool,
    /// Why the ids of some analyses are not recorded, if its time was over while they were listed.
    pub(crate) unlisted: Option<Unlisted>,
}

/// End of the lists of analyses before each batch was listed.
#[derive(Debug, Default)]
pub(crate) struct Unlisted {
    /// Last failure of a list, if one failed.
    pub(crate) failure: Option<LastFailure>,
}

impl Followed {
    /// Returns the newest report of the submission.
    pub(crate) fn submission(&self) -> Option<&SubmissionReport> {
        { self.wait.as_ref() }
            .map(SubmissionWaitReport::submission)
            .or(self.report.as_ref())
    }

    /// Returns the report of waiting, unless a signal ended the wait before it saw all analyses.
    pub(crate) fn seen_wait(&self) -> Option<&SubmissionWaitReport> {
        self.wait.as_ref().filter(|wait| {
            let counts = wait.counts();
            let seen = { counts.by_creation_status.values() }.fold(0_u64, |sum, count| sum.saturating_add(*count));
            !self.is_interrupted || seen >= counts.analyses
        })
    }

    /// Takes what a run or a wait says, and shows it.
    fn take(&mut self, next: Result<SubmissionProgress, Error>, progress: &mut Progress) {
        let now = match next {
            Ok(now) => now,
            Err(error) => {
                self.report = error.submission_report().cloned().or(self.report.take());
                self.wait = error.submission_wait_report().cloned().or(self.wait.take());
                self.error = Some(error);
                return;
            }
        };
        self.counts = Some(now.counts()).filter(|counts| counts.analyses > 0).or(self.counts);
        progress.event(&now);
        match now.event() {
            SubmissionEvent::ListingEnded { failure, .. } => {
                let failure = failure.clone();
                self.unlisted = Some(Unlisted { failure });
            }
            SubmissionEvent::Finished(report) => self.report = Some(report.clone()),
            SubmissionEvent::Ended(report) => self.wait = Some(report.clone()),
            _ => {}
        }
    }

    /// Returns whether nothing is left to be sent, as far as the events tell.
    fn is_sent(&self) -> bool {
        self.counts.is_some_and(|counts| counts.pending() == 0)
    }
}

/// End of a run or a wait: how it is asked to end.
#[derive(Debug)]
pub(crate) struct End {
    pub(crate) stop: StopHandle,
    /// Whether it sends something before it waits.
    pub(crate) sends: bool,
}

/// Time that a wait has after a signal to record the statuses that it saw.
const RECORDING: Duration = Duration::from_secs(1);

/// Runs a submission or a wait, and shows its progress.
///
/// After the first signal nothing further is sent, and the requests in flight end. The second one
/// ends the program at once, which is safe: the next run finds out what was created. In a wait the
/// first one ends it, because only reads are sent.
pub(crate) async fn follow(
    stream: impl Stream<Item = Result<SubmissionProgress, Error>>,
    end: &End,
    progress: &mut Progress,
    signals: &mut Signals,
) -> Result<Followed, Failure> {
    let mut stream = std::pin::pin!(stream);
    let mut followed = Followed::default();
    loop {
        let next = tokio::select! {
            next = stream.next() => next,
            () = signals.next() => {
                if followed.is_interrupted {
                    return Err(interrupted_at_once());
                }
                followed.is_interrupted = true;
                end.stop.stop();
                if !end.sends || followed.report.is_some() {
                    // A wait records what it saw last, and reports it.
                    let recorded = async {
                        while let Some(last) = stream.next().await {
                            followed.take(last, progress);
                        }
                    };
                    tokio::time::timeout(RECORDING, recorded).await.ok();
                    return Ok(followed);
                }
                if !followed.is_sent() {
                    progress.note("stopping when the requests in flight have a response; Ctrl-C again ends at once");
                }
                continue;
            }
            () = progress.tick() => continue,
        };
        match next {
            Some(next) => followed.take(next, progress),
            None => return Ok(followed),
        }
    }
}

/// Awaits something that sends reads only. A signal ends it.
pub(crate) async fn until_signal<T>(
    work: impl Future<Output = T>,
    progress: &mut Progress,
    signals: &mut Signals,
) -> Result<T, Failure> {
    let mut work = std::pin::pin!(work);
    loop {
        tokio::select! {
            result = &mut work => return Ok(result),
            () = signals.next() => {
                return Err(Failure::new(Exit::Resumable, "interrupted; nothing was sent").next_is_the_same());
            }
            () = progress.tick() => {}
        }
    }
}

fn interrupted_at_once() -> Failure {
    Failure::new(
        Exit::Resumable,
        "interrupted: the responses to some chunks are not known; the next run asks ICA before it sends them again",
    )
    .next_is_the_same()
}

#[cfg(test)]
mod tests {
    use ica_batch_sdk_ext::types::ItemStatus;
    use ica_batch_sdk_ext::{SubmissionReport, SubmissionWaitProgress, SubmissionWaitReport};

    use super::Followed;

    #[test]
    fn a_wait_that_ended_before_it_saw_all_analyses_has_no_numbers() {
        let has_numbers = |seen: u64, is_interrupted| {
            let mut counts = SubmissionWaitProgress::default();
            counts.analyses = 3;
            counts.by_creation_status.insert(ItemStatus::Succeeded, seen);
            let report = SubmissionReport::new("cohort", []);
            let followed = Followed {
                wait: Some(SubmissionWaitReport::new(report, counts, [])),
                is_interrupted,
                ..Followed::default()
            };
            followed.seen_wait().is_some()
        };
        assert!(has_numbers(3, true) && has_numbers(2, false) && !has_numbers(2, true));
        assert!(Followed::default().seen_wait().is_none());
    }
}
