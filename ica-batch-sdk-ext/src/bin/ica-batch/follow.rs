//! Running a submission or a wait with progress, until it ends or is interrupted.

use futures_util::{Stream, StreamExt as _};
use ica_batch_sdk_ext::{
    Error, StopHandle, SubmissionCounts, SubmissionEvent, SubmissionProgress, SubmissionReport, SubmissionWaitReport,
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
}

impl Followed {
    /// Returns the newest report of the submission.
    pub(crate) fn submission(&self) -> Option<&SubmissionReport> {
        { self.wait.as_ref() }
            .map(SubmissionWaitReport::submission)
            .or(self.report.as_ref())
    }
}

/// Runs a submission or a wait, and shows its progress.
///
/// After the first signal nothing further is sent, and the requests in flight end. The second one
/// ends the program at once, which is safe: the next run finds out what was created. Without a stop
/// handle the first one ends it: only reads are sent.
pub(crate) async fn follow(
    stream: impl Stream<Item = Result<SubmissionProgress, Error>>,
    stop: Option<&StopHandle>,
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
                match stop {
                    Some(stop) if followed.report.is_none() => stop.stop(),
                    // Everything is sent, and what follows only reads.
                    _ => return Ok(followed),
                }
                progress.note("stopping when the requests in flight have a response; Ctrl-C again ends at once");
                continue;
            }
            () = progress.tick() => continue,
        };
        match next {
            Some(Ok(now)) => {
                followed.counts = Some(now.counts())
                    .filter(|counts| counts.analyses > 0)
                    .or(followed.counts);
                progress.event(&now);
                match now.event() {
                    SubmissionEvent::Finished(report) => followed.report = Some(report.clone()),
                    SubmissionEvent::Ended(report) => followed.wait = Some(report.clone()),
                    _ => {}
                }
            }
            Some(Err(error)) => {
                followed.report = error.submission_report().cloned().or(followed.report);
                followed.wait = error.submission_wait_report().cloned().or(followed.wait);
                followed.error = Some(error);
            }
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
