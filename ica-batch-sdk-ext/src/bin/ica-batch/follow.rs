//! Running a submission or a wait with progress, until it ends or is interrupted.

use std::time::Duration;

use futures_util::{Stream, StreamExt as _};
use ica_batch_sdk_ext::{
    Error, StopHandle, SubmissionCounts, SubmissionEvent, SubmissionProgress, SubmissionReport, SubmissionWaitReport,
};
use tokio::time::Instant;

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
    /// Whether it ended while only the analyses of batches were listed: all are sent.
    pub(crate) is_listing: bool,
    /// Whether the whole manifest is recorded, so that the numbers are those of all analyses.
    is_planned: bool,
}

impl Followed {
    /// Returns the newest report of the submission.
    pub(crate) fn submission(&self) -> Option<&SubmissionReport> {
        { self.wait.as_ref() }
            .map(SubmissionWaitReport::submission)
            .or(self.report.as_ref())
    }

    /// Returns whether each analysis has an outcome, and the run only lists the analyses of batches.
    fn lists(&self) -> bool {
        let is_sent = self.counts.is_some_and(|counts| counts.pending() == 0);
        is_sent && self.is_planned && self.report.is_none() && self.error.is_none()
    }
}

/// End of a run or a wait: how it is asked to end, and when sending must have ended.
#[derive(Debug)]
pub(crate) struct End {
    pub(crate) stop: StopHandle,
    /// None for a wait, which sends nothing.
    pub(crate) deadline: Option<Duration>,
}

/// Time after the deadline, and after each list from then on, in which the run may end by itself.
const GRACE: Duration = Duration::from_secs(3);

/// Time that a wait has after a signal to record the statuses that it saw.
const RECORDING: Duration = Duration::from_secs(1);

/// Runs a submission or a wait, and shows its progress.
///
/// After the first signal nothing further is sent, and the requests in flight end. The second one
/// ends the program at once, which is safe: the next run finds out what was created. In a wait the
/// first one ends it, because only reads are sent. It also ends a run in which each analysis has an
/// outcome: lists of a server that does not respond would take minutes.
pub(crate) async fn follow(
    stream: impl Stream<Item = Result<SubmissionProgress, Error>>,
    end: &End,
    progress: &mut Progress,
    signals: &mut Signals,
) -> Result<Followed, Failure> {
    let mut stream = std::pin::pin!(stream);
    let mut followed = Followed::default();
    let deadline = end.deadline.unwrap_or_default().saturating_add(GRACE);
    // In real time, as the run itself: the program has the clock of the machine.
    let mut late = std::pin::pin!(tokio::time::sleep(deadline));
    loop {
        let next = tokio::select! {
            next = stream.next() => next,
            () = signals.next() => {
                if followed.is_interrupted {
                    return Err(interrupted_at_once());
                }
                followed.is_interrupted = true;
                end.stop.stop();
                let sends = end.deadline.is_some() && followed.report.is_none();
                if !sends {
                    // A wait records what it saw last.
                    tokio::time::timeout(RECORDING, async { while stream.next().await.is_some() {} }).await.ok();
                    return Ok(followed);
                }
                if followed.lists() {
                    // Everything is sent, and what follows only reads.
                    followed.is_listing = true;
                    return Ok(followed);
                }
                progress.note("stopping when the requests in flight have a response; Ctrl-C again ends at once");
                continue;
            }
            () = &mut late, if end.deadline.is_some() => {
                if followed.lists() {
                    followed.is_listing = true;
                    return Ok(followed);
                }
                late.as_mut().reset(Instant::now() + GRACE);
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
                followed.is_planned |= !matches!(
                    now.event(),
                    SubmissionEvent::WaitingForOwner { .. } | SubmissionEvent::Planning { .. }
                );
                match now.event() {
                    // A server that responds may end its lists after the deadline.
                    SubmissionEvent::ItemsListed { .. } if late.deadline() < Instant::now() + GRACE => {
                        late.as_mut().reset(Instant::now() + GRACE);
                    }
                    SubmissionEvent::Finished(report) => followed.report = Some(report.clone()),
                    SubmissionEvent::Ended(report) => followed.wait = Some(report.clone()),
                    _ => {}
                }
            }
            Some(Err(error)) => {
                followed.is_listing = end.deadline.is_some() && followed.lists();
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
