//! Lines about single events of a run.

use std::collections::{HashMap, HashSet};
use std::mem::{Discriminant, discriminant};

use ica_batch_sdk_ext::SubmissionEvent;

/// Number of lines of each kind. The summary at the end has all failures.
const LINES: u32 = 10;

/// Lines about events, a limited number of each kind.
#[derive(Debug, Default)]
pub(super) struct EventLines {
    written: HashMap<Option<Discriminant<SubmissionEvent>>, u32>,
    /// Chunks with a line about being set aside.
    set_aside: HashSet<String>,
}

impl EventLines {
    /// Returns the lines about an event. Most events have none.
    pub(super) fn of(&mut self, event: &SubmissionEvent) -> Vec<String> {
        match event {
            // Each pause of an outage is a line: they become rare by themselves.
            SubmissionEvent::Paused { .. } | SubmissionEvent::WaitingForOwner { .. } => vec![event.to_string()],
            // A chunk may be set aside again and again.
            SubmissionEvent::SetAside { chunk, .. } if self.set_aside.contains(chunk) => Vec::new(),
            SubmissionEvent::FoundUnrecorded { .. }
            | SubmissionEvent::Adopted { .. }
            | SubmissionEvent::Rejected(_)
            | SubmissionEvent::SetAside { .. }
            | SubmissionEvent::Retrying { .. }
            | SubmissionEvent::ClientPaused { .. }
            | SubmissionEvent::SearchSetAside { .. }
            | SubmissionEvent::ListingSetAside { .. }
            | SubmissionEvent::PollFailed { .. } => {
                if let SubmissionEvent::SetAside { chunk, .. } = event
                    && self.set_aside.len() < LINES as usize
                {
                    self.set_aside.insert(chunk.clone());
                }
                let kind = Some(discriminant(event));
                self.limited(kind, event.to_string()).into_iter().collect()
            }
            SubmissionEvent::Waiting(progress) => self.failed(progress.newly_failed.iter().map(ToString::to_string)),
            _ => Vec::new(),
        }
    }

    /// Returns the lines about analyses that failed.
    pub(super) fn failed(&mut self, analyses: impl Iterator<Item = String>) -> Vec<String> {
        analyses.filter_map(|text| self.limited(None, text)).collect()
    }

    fn limited(&mut self, kind: Option<Discriminant<SubmissionEvent>>, text: String) -> Option<String> {
        let written = self.written.entry(kind).or_default();
        *written = written.saturating_add(1);
        match *written {
            ..LINES => Some(text),
            LINES => Some(format!("{text} (further events of this kind are not shown)")),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
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
            until: std::time::SystemTime::UNIX_EPOCH,
        };
        let written = ["0", "0", "1", "0"].map(|chunk| lines.of(&set_aside(chunk)).len());
        assert_eq!(written, [1, 0, 1, 0]);
    }

    #[test]
    fn each_pause_is_a_line_and_a_created_chunk_is_none() {
        let mut lines = EventLines::default();
        let failure = LastFailure::new(ErrorKind::Server, "server error (HTTP 503)");
        let until = std::time::SystemTime::UNIX_EPOCH;
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
