//! Phases of a command, and their numbers.

use std::time::Duration;

use ica_batch_sdk_ext::SubmissionCounts;

use super::life::Life;
use super::rate::Rate;

/// Phase of a command.
#[derive(Debug, Default)]
pub(super) enum Phase {
    /// Nothing that has numbers.
    #[default]
    Starting,
    /// The rows of a manifest are read, checked or recorded.
    Reading(String),
    /// Chunks are sent.
    Sending(Sending),
    /// Runs are waited for.
    Waiting(Life),
}

/// Numbers of sending.
#[derive(Debug, Default)]
pub(super) struct Sending {
    pub(super) counts: SubmissionCounts,
    pub(super) in_flight: usize,
    pub(super) rate: Rate,
}

impl Sending {
    /// Returns the number of analyses that have an outcome.
    pub(super) fn settled(&self) -> u64 {
        self.counts.analyses.saturating_sub(self.counts.pending())
    }

    /// Returns the numbers in words.
    pub(super) fn text(&self) -> String {
        let SubmissionCounts { created, analyses, .. } = self.counts;
        format!("{created} of {analyses} analyses created{}", self.rest())
    }

    /// Returns the number of analyses that are to be sent in words. Empty if there is none.
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

    /// Returns the numbers other than that of created analyses in words.
    pub(super) fn rest(&self) -> String {
        let SubmissionCounts {
            rejected,
            creation_failed,
            ..
        } = self.counts;
        let mut text = String::new();
        for (count, what) in [(rejected, "rejected"), (creation_failed, "not created by ICA")] {
            if count > 0 {
                text.push_str(&format!(", {count} {what}"));
            }
        }
        match self.in_flight {
            0 => {}
            1 => text.push_str(", 1 chunk in flight"),
            chunks => text.push_str(&format!(", {chunks} chunks in flight")),
        }
        if let Some(rate) = self.rate.per_second() {
            text.push_str(&match rate < 10.0 {
                true => format!(", {rate:.1}/s"),
                false => format!(", {rate:.0}/s"),
            });
        }
        let pending = self.counts.pending();
        if let Some(left) = self.rate.left(pending).filter(|_| pending > 0) {
            text.push_str(&format!(", {} left", duration(left)));
        }
        text
    }
}

/// Returns a duration in its two largest units, such as `1h 5m`.
pub(crate) fn duration(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let rounded = match seconds {
        0..3600 => seconds,
        3600..86_400 => seconds - seconds % 60,
        _ => seconds - seconds % 3600,
    };
    humantime::format_duration(Duration::from_secs(rounded)).to_string()
}

impl Phase {
    /// Returns the numbers in words. None before there are some.
    pub(super) fn text(&self) -> Option<String> {
        match self {
            Self::Starting => None,
            Self::Reading(text) => Some(text.clone()),
            Self::Sending(sending) => Some(sending.text()),
            Self::Waiting(life) => Some(life.text()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use ica_batch_sdk_ext::SubmissionCounts;

    use super::{Sending, duration};

    #[test]
    fn sending_has_rate_and_time_left() {
        let mut sending = Sending {
            counts: SubmissionCounts::default(),
            in_flight: 4,
            ..Sending::default()
        };
        (sending.counts.analyses, sending.counts.created, sending.counts.rejected) = (500, 299, 1);
        assert_eq!(
            sending.text(),
            "299 of 500 analyses created, 1 rejected, 4 chunks in flight"
        );
        sending.rate.add(Duration::ZERO, 0);
        sending.rate.add(Duration::from_secs(60), 300);
        assert_eq!(
            sending.text(),
            "299 of 500 analyses created, 1 rejected, 4 chunks in flight, 5.0/s, 40s left"
        );
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

    #[test]
    fn a_long_duration_has_no_seconds() {
        assert_eq!(duration(Duration::from_secs(65)), "1m 5s");
        assert_eq!(duration(Duration::from_secs(3665)), "1h 1m");
        assert_eq!(duration(Duration::from_secs(90_065)), "1day 1h");
    }
}
