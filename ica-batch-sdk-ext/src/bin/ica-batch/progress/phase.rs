//! Phases of a command, and their numbers.

use std::time::{Duration, SystemTime};

use super::checking::Checking;
use super::life::Life;
use super::sending::Sending;

/// Phase of a command.
#[derive(Debug, Default)]
pub(super) enum Phase {
    /// Nothing that has numbers.
    #[default]
    Starting,
    /// The rows of a manifest are read or recorded.
    Reading(String),
    /// The rows of a manifest are checked.
    Checking(Checking),
    /// Chunks are sent.
    Sending(Sending),
    /// Runs are waited for.
    Waiting(Life),
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
            Self::Checking(checking) => Some(checking.text()),
            Self::Sending(sending) => Some(sending.text(SystemTime::now())),
            Self::Waiting(life) => Some(life.text()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::duration;

    #[test]
    fn a_long_duration_has_no_seconds() {
        assert_eq!(duration(Duration::from_secs(65)), "1m 5s");
        assert_eq!(duration(Duration::from_secs(3665)), "1h 1m");
        assert_eq!(duration(Duration::from_secs(90_065)), "1day 1h");
    }
}
