//! The creation of items by the job of a batch: its duration and its end.

use chrono::TimeDelta;

use super::fate::Fate;
use crate::random::Jitter;

/// Steps of an item's seeded numbers; see [`Jitter::unit`]. The steps 0 to 5, 101 and
/// 103 belong to the runs of analyses.
const CREATION: u64 = 99;
const CREATION_FAILS: u64 = 100;
const CREATION_IS_PARTIAL: u64 = 102;
const LISTED: u64 = 104;

/// The status of one item's creation: `processing.status`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Processing {
    Initialized,
    WaitingResources,
    Running,
    Succeeded,
    PartiallySucceeded,
    Failed,
    Stopped,
}

impl Processing {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Initialized => "INITIALIZED",
            Self::WaitingResources => "WAITING_RESOURCES",
            Self::Running => "RUNNING",
            Self::Succeeded => "SUCCEEDED",
            Self::PartiallySucceeded => "PARTIALLY_SUCCEEDED",
            Self::Failed => "FAILED",
            Self::Stopped => "STOPPED",
        }
    }

    /// Returns this status, or the nearest one if the family does not have it.
    pub(crate) fn within(self, known: &[Self]) -> Self {
        match self {
            status if known.contains(&status) => status,
            Self::Initialized => Self::Running,
            Self::PartiallySucceeded => Self::Succeeded,
            Self::Stopped => Self::Failed,
            status => status,
        }
    }

    /// Returns the status in which the creation of an item with this fate ends.
    pub(crate) fn end_of(fate: Fate) -> Self {
        match fate {
            Fate::FailCreation => Self::Failed,
            Fate::CreatePartially => Self::PartiallySucceeded,
            Fate::StopCreation => Self::Stopped,
            _ => Self::Succeeded,
        }
    }

    /// Returns whether the analysis or sample exists.
    pub(crate) fn is_created(self) -> bool {
        matches!(self, Self::Succeeded | Self::PartiallySucceeded)
    }
}

/// The stage of a job that has not ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum JobStage {
    Initialized,
    Waiting,
    Running,
}

/// Durations of a job and of the creation of its items in simulated time, and shares of failures.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Creation {
    pub(crate) job_start: TimeDelta,
    pub(crate) waiting: TimeDelta,
    pub(crate) creation: TimeDelta,
    /// Time from the create of a batch until an item can be read.
    pub(crate) listed_after: TimeDelta,
    pub(crate) jitter: Jitter,
    pub(crate) failures: f64,
    pub(crate) partial: f64,
}

impl Default for Creation {
    fn default() -> Self {
        Self {
            job_start: TimeDelta::milliseconds(500),
            waiting: TimeDelta::zero(),
            creation: TimeDelta::seconds(1),
            listed_after: TimeDelta::zero(),
            jitter: Jitter::default(),
            failures: 0.0,
            partial: 0.0,
        }
    }
}

impl Creation {
    /// Returns the fate of an item after the shares of the creation have decided.
    pub(crate) fn settle(&self, fate: Fate, salt: u64, known: &[Processing]) -> Fate {
        let has_partial = known.contains(&Processing::PartiallySucceeded);
        match fate {
            Fate::Ordinary if self.jitter.unit(salt, CREATION_FAILS) < self.failures => Fate::FailCreation,
            Fate::Ordinary if has_partial && self.jitter.unit(salt, CREATION_IS_PARTIAL) < self.partial => {
                Fate::CreatePartially
            }
            decided => decided,
        }
    }

    /// Returns the stage of a job that has not ended, `since` its batch was created.
    pub(crate) fn stage(&self, since: TimeDelta) -> JobStage {
        if since < self.job_start {
            JobStage::Initialized
        } else if since < self.job_start + self.waiting {
            JobStage::Waiting
        } else {
            JobStage::Running
        }
    }

    /// Returns the time from the creation of a batch until the creation of an item ends.
    pub(crate) fn ends(&self, salt: u64) -> TimeDelta {
        self.job_start + self.waiting + self.jitter.lengthened(self.creation, salt, CREATION)
    }

    /// Returns the time from the create of a batch until an item can be read.
    pub(crate) fn listed(&self, salt: u64) -> TimeDelta {
        self.jitter.lengthened(self.listed_after, salt, LISTED)
    }

    /// Returns the time from the creation of a batch until the creation of every item has ended.
    pub(crate) fn longest(&self) -> TimeDelta {
        self.jitter.longest(self.job_start + self.waiting + self.creation)
    }
}
