//! The creation of a batch's items by its job: how long it takes and how it ends.

use chrono::TimeDelta;

use super::fate::Fate;
use crate::random::Jitter;

/// Steps of the seeded numbers of an item; see [`Jitter::unit`].
const CREATION: u64 = 99;
const CREATION_FAILS: u64 = 100;
const CREATION_IS_PARTIAL: u64 = 102;

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

    /// Returns the status that stands for this one in a family that has only the `known` ones.
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

    /// Whether the item exists.
    pub(crate) fn is_created(self) -> bool {
        matches!(self, Self::Succeeded | Self::PartiallySucceeded)
    }
}

/// The stage of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum JobStage {
    Initialized,
    Waiting,
    Running,
}

/// How long a job and its items take in simulated time, and which share of the items fails.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Creation {
    pub(crate) job_start: TimeDelta,
    pub(crate) waiting: TimeDelta,
    pub(crate) creation: TimeDelta,
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
            jitter: Jitter::default(),
            failures: 0.0,
            partial: 0.0,
        }
    }
}

impl Creation {
    /// Decides the fate of an item whose fate was left to the shares, as far as its creation is concerned.
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

    /// Returns when an item is created or has failed to be, counted from the creation of its batch.
    pub(crate) fn ends(&self, salt: u64) -> TimeDelta {
        self.job_start + self.waiting + self.jitter.lengthened(self.creation, salt, CREATION)
    }

    /// Returns the time after which every item is created or has failed to be.
    pub(crate) fn longest(&self) -> TimeDelta {
        self.jitter.longest(self.job_start + self.waiting + self.creation)
    }
}
