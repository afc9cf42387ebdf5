//! The progress of a run: an event and the numbers after it.

use std::fmt;

use serde::Serialize;

use super::event::SubmissionEvent;
use super::report::SubmissionReport;
use super::wait_report::SubmissionWaitReport;
use crate::journal::SubmissionCounts;

/// Progress of a submission: an event of the run, and the numbers after it.
///
/// ```
/// use ica_batch_sdk_ext::{SubmissionCounts, SubmissionEvent, SubmissionProgress};
///
/// let mut counts = SubmissionCounts::default();
/// (counts.chunks, counts.analyses, counts.created) = (3, 250, 100);
/// let progress = SubmissionProgress::new(SubmissionEvent::Planned, counts, 2);
/// assert_eq!((progress.counts().pending(), progress.in_flight()), (150, 2));
/// assert!(progress.report().is_none());
/// assert_eq!(progress.to_string(), "planned; 100 of 250 analyses created, 0 rejected, 2 chunks in flight");
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SubmissionProgress {
    #[serde(flatten)]
    pub(super) event: SubmissionEvent,
    pub(super) counts: SubmissionCounts,
    pub(super) in_flight: usize,
}

impl SubmissionProgress {
    /// Creates the value, for tests of a program that handles it.
    pub fn new(event: SubmissionEvent, counts: SubmissionCounts, in_flight: usize) -> Self {
        Self {
            event,
            counts,
            in_flight,
        }
    }

    /// Returns the event.
    pub fn event(&self) -> &SubmissionEvent {
        &self.event
    }

    /// Returns the report, if the event is [`Finished`](SubmissionEvent::Finished).
    pub fn report(&self) -> Option<&SubmissionReport> {
        match &self.event {
            SubmissionEvent::Finished(report) => Some(report),
            _ => None,
        }
    }

    /// Returns the report of the wait, if the event is [`Ended`](SubmissionEvent::Ended).
    pub fn wait_report(&self) -> Option<&SubmissionWaitReport> {
        match &self.event {
            SubmissionEvent::Ended(report) => Some(report),
            _ => None,
        }
    }

    /// Returns the numbers of chunks and analyses, by state. Those that another process sends at
    /// the same time are counted at the end.
    pub fn counts(&self) -> SubmissionCounts {
        self.counts
    }

    /// Returns the number of chunks in flight.
    pub fn in_flight(&self) -> usize {
        self.in_flight
    }
}

impl fmt::Display for SubmissionProgress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            event,
            counts,
            in_flight,
        } = self;
        match event {
            SubmissionEvent::Finished(_)
            | SubmissionEvent::Waiting(_)
            | SubmissionEvent::PollFailed { .. }
            | SubmissionEvent::Ended(_) => return write!(f, "{event}"),
            _ => write!(f, "{event}; {counts}")?,
        }
        match in_flight {
            1 => f.write_str(", 1 chunk in flight"),
            _ => write!(f, ", {in_flight} chunks in flight"),
        }
    }
}
