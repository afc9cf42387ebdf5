//! Phases of a command, and their numbers.

use std::time::SystemTime;

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
