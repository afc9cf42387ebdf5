//! Numbers of sending: what is accepted, what waits, how fast, and how long it takes.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use ica_batch_sdk_ext::{SubmissionCounts, SubmissionEvent, SubmissionProgress};

use super::rate::Rate;
use super::words::{duration, time};

/// Numbers of sending.
#[derive(Debug, Default)]
pub(super) struct Sending {
    pub(super) counts: SubmissionCounts,
    pub(super) in_flight: usize,
    rate: Rate,
    /// Time in which analyses could be sent. Pauses and searches have no part in the rate.
    active: Duration,
    /// Time of the last update, from the start of the command.
    updated: Option<Duration>,
    /// Chunks that are set aside.
    waiting: BTreeMap<String, Waiting>,
    paused_until: Option<SystemTime>,
    /// Number of analyses that had an outcome at first, and the time.
    first: Option<(u64, Duration)>,
    /// Number of analyses that were found in ICA before anything was sent.
    found: u64,
    /// Whether a request had a response.
    has_sent: bool,
}

#[derive(Debug)]
struct Waiting {
    analyses: u64,
    until: SystemTime,
    /// Whether ICA is searched for the analyses.
    is_search: bool,
}

impl Sending {
    /// Updates the numbers after an event, at this time from the start of the command.
    pub(super) fn update(&mut self, progress: &SubmissionProgress, elapsed: Duration) {
        self.pass(elapsed, SystemTime::now());
        let counts = progress.counts();
        let has_response = matches!(
            progress.event(),
            SubmissionEvent::Created { .. } | SubmissionEvent::Rejected(_)
        );
        self.has_sent |= has_response;
        // Events of a search before the run count up to numbers that were told already. New attempts of
        // analyses that had an outcome are pending from the first response on.
        if has_response || counts.analyses != self.counts.analyses || counts.pending() <= self.counts.pending() {
            self.counts = counts;
        }
        self.in_flight = progress.in_flight();
        match progress.event() {
            SubmissionEvent::FoundUnrecorded { analyses } => self.found = *analyses,
            SubmissionEvent::SetAside {
                chunk,
                rows,
                is_searched,
                until,
                ..
            } => {
                let waiting = Waiting {
                    analyses: rows.count,
                    until: *until,
                    is_search: *is_searched,
                };
                self.waiting.insert(chunk.clone(), waiting);
            }
            SubmissionEvent::Created { chunk, .. }
            | SubmissionEvent::Adopted { chunk, .. }
            | SubmissionEvent::Split { chunk, .. } => drop(self.waiting.remove(chunk)),
            SubmissionEvent::Rejected(analysis) => drop(self.waiting.remove(&analysis.chunk)),
            SubmissionEvent::Paused { until, .. } | SubmissionEvent::ClientPaused { until, .. } => {
                self.paused_until = Some(*until);
            }
            _ => {}
        }
        self.first.get_or_insert((self.settled(), elapsed));
        self.rate.add(self.active, self.settled());
    }

    /// Counts the time that has passed.
    pub(super) fn pass(&mut self, elapsed: Duration, now: SystemTime) {
        let since = elapsed.saturating_sub(self.updated.unwrap_or(elapsed));
        self.updated = Some(elapsed);
        if self.is_active(now) {
            self.active = self.active.saturating_add(since);
            self.rate.add(self.active, self.settled());
        }
    }

    /// Returns whether an analysis can be sent now.
    fn is_active(&self, now: SystemTime) -> bool {
        let waiting = self.waiting.values().filter(|waiting| waiting.until > now);
        let waiting = waiting.map(|waiting| waiting.analyses).sum::<u64>();
        self.counts.pending() > waiting && self.paused_until.is_none_or(|until| until <= now)
    }

    /// Returns the number of analyses that have an outcome.
    pub(super) fn settled(&self) -> u64 {
        self.counts.analyses.saturating_sub(self.counts.pending())
    }

    /// Returns how long it took to send what was sent. None if nothing was.
    pub(super) fn took(&self, elapsed: Duration) -> Option<Duration> {
        let (settled, began) = self.first?;
        let found = settled.saturating_add(self.found);
        (self.has_sent || self.settled() > found).then(|| elapsed.saturating_sub(began))
    }

    /// Returns whether analyses were found in ICA before anything was sent.
    pub(super) fn has_found(&self) -> bool {
        self.found > 0
    }

    /// Returns the numbers in words.
    pub(super) fn text(&self, now: SystemTime) -> String {
        let hold = self.hold(now).map_or_else(String::new, |hold| format!("; {hold}"));
        format!("{}{}{hold}", self.numbers(), self.rest(now))
    }

    /// Returns the number of analyses with each outcome. ICA has accepted those that it could not
    /// create later, so the first number never falls.
    pub(super) fn numbers(&self) -> String {
        let SubmissionCounts {
            created,
            creation_failed,
            rejected,
            analyses,
            ..
        } = self.counts;
        let mut text = format!(
            "{} of {analyses} analyses accepted",
            created.saturating_add(creation_failed)
        );
        if creation_failed > 0 {
            text.push_str(&format!(" ({creation_failed} of them could not be created)"));
        }
        if rejected > 0 {
            text.push_str(&format!(", {rejected} rejected"));
        }
        text
    }

    /// Returns the number of analyses that are to be sent in words, or an empty text without one.
    pub(super) fn left_to_send(&self) -> String {
        let pending = self.counts.pending();
        let analyses = match pending {
            0 => return String::new(),
            1 => "1 is to be sent".to_owned(),
            pending => format!("{pending} are to be sent"),
        };
        // The chunks are those of all analyses.
        match (self.settled(), self.counts.chunks) {
            (0, 1) => format!("; {analyses} in 1 chunk"),
            (0, chunks) => format!("; {analyses} in {chunks} chunks"),
            _ => format!("; {analyses}"),
        }
    }

    /// Returns the chunks in flight, the rate and the time that is left, in words.
    pub(super) fn rest(&self, now: SystemTime) -> String {
        let mut text = match self.in_flight {
            0 => String::new(),
            1 => ", 1 chunk in flight".to_owned(),
            chunks => format!(", {chunks} chunks in flight"),
        };
        let pending = self.counts.pending();
        if !self.is_active(now) {
            return text;
        }
        if let Some(rate) = self.rate.per_second() {
            text.push_str(&match rate < 10.0 {
                true => format!(", {rate:.1}/s"),
                false => format!(", {rate:.0}/s"),
            });
        }
        // The duration of a search is not known.
        if self.waiting.is_empty()
            && let Some(left) = self.rate.left(pending)
        {
            text.push_str(&format!(", {} left", duration(left)));
        }
        text
    }

    /// Returns why analyses are not sent now, and until when.
    pub(super) fn hold(&self, now: SystemTime) -> Option<String> {
        if let Some(until) = self.paused_until.filter(|until| *until > now) {
            return Some(format!("paused until {}", time(until)));
        }
        let of = |is_search| {
            self.waiting
                .values()
                .filter(move |waiting| waiting.is_search == is_search)
        };
        let analyses = |is_search| of(is_search).map(|waiting| waiting.analyses).sum::<u64>();
        let next = |is_search| of(is_search).map(|waiting| waiting.until).min();
        if let Some(next) = next(true) {
            let when = match next > now {
                true => format!("searched for them again at {}", time(next)),
                false => "being searched for them".to_owned(),
            };
            let count = analyses(true);
            return Some(format!("{count} without a known response, ICA is {when}"));
        }
        let next = next(false).filter(|next| *next > now)?;
        Some(format!("{} wait until {} after a failure", analyses(false), time(next)))
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use ica_batch_sdk_ext::{
        ChunkRows, ErrorKind, IdempotencyKey, LastFailure, SubmissionCounts, SubmissionEvent, SubmissionProgress, Uuid,
    };

    use super::Sending;

    const START: Duration = Duration::ZERO;

    fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn counts(analyses: u64, created: u64) -> SubmissionCounts {
        let mut counts = SubmissionCounts::default();
        (counts.analyses, counts.created) = (analyses, created);
        counts
    }

    fn planned(counts: SubmissionCounts, in_flight: usize) -> SubmissionProgress {
        SubmissionProgress::new(SubmissionEvent::Planned, counts, in_flight)
    }

    fn set_aside(is_searched: bool, until: SystemTime) -> SubmissionEvent {
        SubmissionEvent::SetAside {
            chunk: "1".to_owned(),
            rows: ChunkRows::new("a", "e", 5),
            failure: LastFailure::new(ErrorKind::Interrupted, "the connection broke"),
            is_searched,
            until,
        }
    }

    #[test]
    fn sending_has_rate_and_time_left() {
        let mut sending = Sending::default();
        let now = SystemTime::now();
        sending.update(&planned(counts(500, 0), 4), START);
        let mut later = counts(500, 297);
        (later.rejected, later.creation_failed) = (1, 2);
        sending.update(&planned(later, 4), at(60));
        assert_eq!(
            sending.text(now),
            "299 of 500 analyses accepted (2 of them could not be created), 1 rejected, 4 chunks in flight, 5.0/s, 40s left"
        );
        assert_eq!(sending.took(at(61)), Some(at(61)));
    }

    #[test]
    fn a_pause_has_no_part_in_the_rate() {
        let (mut sending, now) = (Sending::default(), SystemTime::now());
        sending.update(&planned(counts(500, 0), 4), START);
        sending.update(&planned(counts(500, 100), 4), at(10));
        let paused = SubmissionEvent::Paused {
            failure: LastFailure::new(ErrorKind::Server, "server error (HTTP 503)"),
            until: now + at(3600),
        };
        sending.update(&SubmissionProgress::new(paused, counts(500, 100), 0), at(10));
        for second in 11..50 {
            sending.pass(at(second), now);
        }
        let text = sending.text(now);
        assert!(
            text.starts_with("100 of 500 analyses accepted; paused until ") && !text.contains("left"),
            "{text}"
        );
        sending.pass(at(50), now + at(3601));
        let text = sending.text(now + at(3601));
        assert!(text.contains(", 9.1/s, 44s left"), "{text}");
    }

    #[test]
    fn analyses_without_a_known_response_are_named_until_they_are_settled() {
        let (mut sending, now) = (Sending::default(), SystemTime::now());
        sending.update(&planned(counts(10, 5), 0), START);
        let event = set_aside(true, now + at(60));
        sending.update(&SubmissionProgress::new(event, counts(10, 5), 0), at(1));
        let text = sending.text(now);
        let expected = "5 of 10 analyses accepted; 5 without a known response, ICA is searched for them again at ";
        assert!(text.starts_with(expected), "{text}");
        assert!(
            sending
                .text(now + at(61))
                .ends_with("5 without a known response, ICA is being searched for them")
        );
        let adopted = SubmissionEvent::Adopted {
            chunk: "1".to_owned(),
            rows: ChunkRows::new("a", "e", 5),
            found: 5,
            several: Vec::new(),
        };
        sending.update(&SubmissionProgress::new(adopted, counts(10, 10), 0), at(2));
        assert_eq!(sending.text(now), "10 of 10 analyses accepted");
    }

    #[test]
    fn numbers_never_go_back() {
        let mut sending = Sending::default();
        sending.update(&planned(counts(10, 8), 0), START);
        sending.update(&planned(counts(10, 5), 0), at(1));
        assert_eq!((sending.settled(), sending.took(at(2))), (8, None));
    }

    #[test]
    fn new_attempts_of_all_failed_analyses_are_sent() {
        let created = |created| {
            let event = SubmissionEvent::Created {
                chunk: "7".to_owned(),
                rows: ChunkRows::new("a", "c", 3),
                key: IdempotencyKey::random(),
                batch: Uuid::nil(),
            };
            SubmissionProgress::new(event, counts(10, created), 0)
        };
        let mut sending = Sending::default();
        sending.update(&planned(counts(10, 10), 0), START);
        assert_eq!(sending.took(at(1)), None);
        sending.update(&created(7), at(1));
        assert_eq!(sending.text(SystemTime::now()), "7 of 10 analyses accepted");
        sending.update(&created(10), at(2));
        assert_eq!((sending.settled(), sending.took(at(2))), (10, Some(at(2))));
    }

    #[test]
    fn what_is_left_to_send_is_about_analyses_without_an_outcome() {
        let left = |created, chunks| {
            let mut sending = Sending::default();
            (sending.counts.analyses, sending.counts.created, sending.counts.chunks) = (20, created, chunks);
            sending.left_to_send()
        };
        assert_eq!(left(0, 1), "; 20 are to be sent in 1 chunk");
        assert_eq!(left(0, 2), "; 20 are to be sent in 2 chunks");
        assert_eq!(left(10, 2), "; 10 are to be sent");
        assert_eq!(left(19, 2), "; 1 is to be sent");
        assert_eq!(left(20, 2), "");
    }
}
