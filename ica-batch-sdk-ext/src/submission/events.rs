//! Sending the events of a run to its stream, if there is one.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, SystemTime};

use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};

use super::event::SubmissionEvent;
use super::last_failure::LastFailure;
use super::progress::SubmissionProgress;
use crate::call::{CallNotice, Observer};
use crate::journal::SubmissionCounts;

/// Maximum number of events of calls that wait in the queue. Further ones are dropped: the calls go on
/// while nothing polls the stream.
const MOST_QUEUED: usize = 100;

/// Difference up to which two ends of a pause are the same one.
const SAME_PAUSE: Duration = Duration::from_millis(100);

/// Sender of the events of a run, if something receives them.
#[derive(Debug, Clone)]
pub(super) struct Events(Option<Sender>);

#[derive(Debug, Clone)]
struct Sender {
    channel: UnboundedSender<SubmissionProgress>,
    latest: Latest,
}

/// Receiver of the events of a run. The events of the run itself are bounded, because the run goes on
/// only when its stream is polled and the queue is empty.
#[derive(Debug)]
pub(super) struct Receiver {
    channel: UnboundedReceiver<SubmissionProgress>,
    latest: Latest,
}

/// State that events of calls need.
#[derive(Debug, Clone, Default)]
struct Latest(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    /// Numbers of the last event of the run.
    counts: SubmissionCounts,
    in_flight: usize,
    /// Number of events of calls in the queue.
    queued: usize,
    paused_until: Option<SystemTime>,
}

impl Latest {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Events {
    /// Creates events that nothing receives.
    pub(super) fn none() -> Self {
        Self(None)
    }

    /// Creates events with their receiver.
    pub(super) fn channel() -> (Self, Receiver) {
        let (sender, receiver) = mpsc::unbounded_channel();
        let latest = Latest::default();
        let sender = Sender {
            channel: sender,
            latest: latest.clone(),
        };
        let receiver = Receiver {
            channel: receiver,
            latest,
        };
        (Self(Some(sender)), receiver)
    }

    /// Returns whether something receives the events.
    pub(super) fn is_received(&self) -> bool {
        self.0.as_ref().is_some_and(|sender| !sender.channel.is_closed())
    }

    pub(super) fn emit(&self, progress: &SubmissionProgress) {
        if let Some(sender) = &self.0 {
            let mut state = sender.latest.state();
            (state.counts, state.in_flight) = (progress.counts, progress.in_flight);
            // A receiver that was dropped needs no events.
            let _ = sender.channel.send(progress.clone());
        }
    }

    /// Returns an observer that makes events of the notices of calls. None if nothing receives them.
    pub(super) fn observer(&self) -> Option<Observer> {
        let sender = self.0.clone()?;
        Some(Observer::new(move |notice| sender.tell(notice)))
    }
}

impl Sender {
    fn tell(&self, notice: CallNotice<'_>) {
        let mut state = self.latest.state();
        if state.queued >= MOST_QUEUED {
            return;
        }
        let event = match notice {
            CallNotice::Retry {
                operation,
                failure,
                attempts,
                until,
            } => SubmissionEvent::Retrying {
                operation: operation.to_owned(),
                failure: LastFailure::of(failure, attempts),
                until,
            },
            // Each call that waits tells the pause.
            CallNotice::Pause { until, .. } if state.paused_until.is_some_and(|told| until <= told + SAME_PAUSE) => {
                return;
            }
            CallNotice::Pause { reason, until } => {
                state.paused_until = Some(until);
                SubmissionEvent::ClientPaused { reason, until }
            }
        };
        let progress = SubmissionProgress::new(event, state.counts, state.in_flight);
        if self.channel.send(progress).is_ok() {
            state.queued = state.queued.saturating_add(1);
        }
    }
}

impl Receiver {
    /// Returns the next event. None after the last one.
    pub(super) fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<SubmissionProgress>> {
        let next = self.channel.poll_recv(context);
        if let Poll::Ready(Some(progress)) = &next {
            self.received(progress);
        }
        next
    }

    /// Records that an event left the queue.
    fn received(&self, progress: &SubmissionProgress) {
        if let SubmissionEvent::Retrying { .. } | SubmissionEvent::ClientPaused { .. } = progress.event() {
            let mut state = self.latest.state();
            state.queued = state.queued.saturating_sub(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::{Events, MOST_QUEUED};
    use crate::call::CallNotice;
    use crate::error::{Error, ErrorKind};
    use crate::pace::PauseReason;
    use crate::submission::event::SubmissionEvent;

    fn at(seconds: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
    }

    #[test]
    fn a_queue_that_nothing_reads_has_an_end_and_goes_on_when_it_is_read() {
        let (events, mut receiver) = Events::channel();
        let observer = events.observer().unwrap();
        let failure = Error::new(ErrorKind::Server, "server error (HTTP 503)");
        let retry = || {
            observer.tell(CallNotice::Retry {
                operation: "create",
                failure: &failure,
                attempts: 1,
                until: at(1),
            });
        };
        (0..10 * MOST_QUEUED).for_each(|_| retry());
        assert_eq!(receiver.channel.len(), MOST_QUEUED);
        let first = receiver.channel.try_recv().unwrap();
        assert!(matches!(first.event(), SubmissionEvent::Retrying { .. }));
        receiver.received(&first);
        (0..3).for_each(|_| retry());
        assert_eq!(receiver.channel.len(), MOST_QUEUED);
    }

    #[test]
    fn a_pause_is_told_once() {
        let (events, mut receiver) = Events::channel();
        let observer = events.observer().unwrap();
        let reason = PauseReason::RateLimited;
        for seconds in [5, 5, 4, 9] {
            let until = at(seconds);
            observer.tell(CallNotice::Pause { reason, until });
        }
        let mut told = Vec::new();
        while let Ok(progress) = receiver.channel.try_recv() {
            match progress.event() {
                SubmissionEvent::ClientPaused { until, .. } => told.push(*until),
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(told, [at(5), at(9)]);
        assert!(Events::none().observer().is_none());
    }
}
