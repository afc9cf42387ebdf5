//! Lines about single events of a run.

use std::collections::{HashMap, HashSet};
use std::mem::{Discriminant, discriminant};

use ica_batch_sdk_ext::{ErrorKind, SubmissionEvent};

use super::words;

/// Number of lines of each kind. The summary at the end has all failures.
const LINES: u32 = 10;

/// Lines about events, a limited number of each kind.
#[derive(Debug, Default)]
pub(super) struct EventLines {
    written: HashMap<Kind, u32>,
    /// Last line of a limited kind.
    last: String,
    /// Chunks with a line about being set aside, and whether ICA is searched for them.
    set_aside: HashSet<(String, bool)>,
}

/// Kind of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Kind {
    /// Event of this kind, for example after a failure of this kind.
    Event(Discriminant<SubmissionEvent>, Option<ErrorKind>),
    /// Chunk whose response is not known.
    Search,
    /// Analysis that failed.
    Failed,
    /// Batch that could not be polled.
    NotPolled,
    /// Manifest that could not be checked.
    NotChecked,
}

impl EventLines {
    /// Returns the lines about an event. Most events have none.
    pub(super) fn of(&mut self, event: &SubmissionEvent) -> Vec<String> {
        match event {
            // Each pause of an outage is a line: they become rare by themselves.
            SubmissionEvent::Paused { .. }
            | SubmissionEvent::WaitingForOwner { .. }
            | SubmissionEvent::DuplicatesFound { .. } => vec![words::line(event)],
            // A chunk may be set aside again and again.
            SubmissionEvent::SetAside { chunk, is_searched, .. }
                if self.set_aside.contains(&(chunk.clone(), *is_searched)) =>
            {
                Vec::new()
            }
            SubmissionEvent::FoundUnrecorded { .. }
            | SubmissionEvent::Adopted { .. }
            | SubmissionEvent::Rejected(_)
            | SubmissionEvent::SetAside { .. }
            | SubmissionEvent::Retrying { .. }
            | SubmissionEvent::ClientPaused { .. }
            | SubmissionEvent::SearchSetAside { .. }
            | SubmissionEvent::ListingSetAside { .. }
            | SubmissionEvent::PollFailed { .. } => {
                if let SubmissionEvent::SetAside { chunk, is_searched, .. } = event
                    && self.set_aside.len() < 2 * LINES as usize
                {
                    self.set_aside.insert((chunk.clone(), *is_searched));
                }
                let line = words::line(event);
                // Several requests fail in the same way at the same time.
                if line == self.last {
                    return Vec::new();
                }
                self.last.clone_from(&line);
                self.limited(kind(event), line).into_iter().collect()
            }
            SubmissionEvent::Waiting(progress) => self.failed(progress.newly_failed.iter().map(ToString::to_string)),
            _ => Vec::new(),
        }
    }

    /// Returns the lines about analyses that failed.
    pub(super) fn failed(&mut self, analyses: impl Iterator<Item = String>) -> Vec<String> {
        analyses.filter_map(|text| self.limited(Kind::Failed, text)).collect()
    }

    /// Returns the line about a batch that could not be polled.
    pub(super) fn not_polled(&mut self, text: String) -> Option<String> {
        self.limited(Kind::NotPolled, text)
    }

    /// Returns the line about a manifest that could not be checked.
    pub(super) fn not_checked(&mut self, text: String) -> Option<String> {
        self.limited(Kind::NotChecked, text)
    }

    fn limited(&mut self, kind: Kind, text: String) -> Option<String> {
        let written = self.written.entry(kind).or_default();
        *written = written.saturating_add(1);
        match *written {
            ..LINES => Some(text),
            LINES => Some(format!("{text} (further events of this kind are not shown)")),
            _ => None,
        }
    }
}

/// Returns the kind of an event.
fn kind(event: &SubmissionEvent) -> Kind {
    let failure = match event {
        SubmissionEvent::SetAside { is_searched: true, .. } => return Kind::Search,
        SubmissionEvent::SetAside { failure, .. }
        | SubmissionEvent::Retrying { failure, .. }
        | SubmissionEvent::SearchSetAside { failure, .. }
        | SubmissionEvent::ListingSetAside { failure, .. }
        | SubmissionEvent::PollFailed { failure, .. } => Some(failure.kind),
        _ => None,
    };
    Kind::Event(discriminant(event), failure)
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use ica_batch_sdk_ext::{
        ChunkRows, ErrorKind, LastFailure, SubmissionEvent, SubmissionOutcome, SubmissionWaitProgress,
        SubmittedAnalysis,
    };

    use super::{EventLines, LINES};

    fn rejected(number: u64) -> SubmissionEvent {
        let outcome = SubmissionOutcome::rejected(Some(400), None);
        SubmissionEvent::Rejected(SubmittedAnalysis::new(number, format!("sample-{number}"), outcome))
    }

    #[test]
    fn a_thousand_rejections_are_a_few_lines() {
        let mut lines = EventLines::default();
        let written = (0..1000).flat_map(|number| lines.of(&rejected(number)));
        let written = written.collect::<Vec<_>>();
        assert_eq!(written.len(), LINES as usize);
        assert_eq!(written[0], "sample-0: rejected (HTTP 400)");
        assert!(written[9].ends_with("(further events of this kind are not shown)"));
    }

    #[test]
    fn a_chunk_that_is_set_aside_again_has_one_line() {
        let mut lines = EventLines::default();
        let failure = LastFailure::new(ErrorKind::Server, "server error (HTTP 503)");
        let set_aside = |chunk: &str| SubmissionEvent::SetAside {
            chunk: chunk.to_owned(),
            rows: ChunkRows::new("a", "b", 2),
            failure: failure.clone(),
            is_searched: false,
            until: UNIX_EPOCH,
        };
        let written = ["0", "0", "1", "0"].map(|chunk| lines.of(&set_aside(chunk)).len());
        assert_eq!(written, [1, 0, 1, 0]);
    }

    fn retrying(kind: ErrorKind, second: u64) -> SubmissionEvent {
        SubmissionEvent::Retrying {
            operation: "search_analyses".to_owned(),
            failure: LastFailure::new(kind, "it failed"),
            until: UNIX_EPOCH + Duration::from_secs(second),
        }
    }

    #[test]
    fn requests_that_fail_together_are_one_line() {
        let mut lines = EventLines::default();
        let written = [1, 1, 1, 2].map(|second| lines.of(&retrying(ErrorKind::RateLimited, second)).len());
        assert_eq!(written, [1, 0, 0, 1]);
    }

    #[test]
    fn each_kind_of_failure_has_its_own_limit() {
        let mut lines = EventLines::default();
        let many = (0..20).map(|second| lines.of(&retrying(ErrorKind::Connect, second)).len());
        assert_eq!(many.sum::<usize>(), LINES as usize);
        assert_eq!(lines.of(&retrying(ErrorKind::Server, 0)).len(), 1);
        let failed = lines.failed((0..20).map(|number| number.to_string()));
        assert_eq!(failed.len(), LINES as usize);
        assert!(lines.not_polled("batch 1".to_owned()).is_some());
    }

    #[test]
    fn each_pause_is_a_line_and_a_created_chunk_is_none() {
        let mut lines = EventLines::default();
        let failure = LastFailure::new(ErrorKind::Server, "server error (HTTP 503)");
        let until = UNIX_EPOCH;
        let paused = SubmissionEvent::Paused { failure, until };
        let written = (0..20).map(|_| lines.of(&paused).len()).sum::<usize>();
        assert_eq!(written, 20);
        assert!(lines.of(&SubmissionEvent::Planned).is_empty());
        assert!(
            lines
                .of(&SubmissionEvent::Waiting(SubmissionWaitProgress::default()))
                .is_empty()
        );
    }
}
