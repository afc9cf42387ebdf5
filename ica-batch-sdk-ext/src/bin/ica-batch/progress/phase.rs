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
    fn a_long_duration_has_no_seconds() {
        assert_eq!(duration(Duration::from_secs(65)), "1m 5s");
        assert_eq!(duration(Duration::from_secs(3665)), "1h 1m");
        assert_eq!(duration(Duration::from_secs(90_065)), "1day 1h");
    }
}
