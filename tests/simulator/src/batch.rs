//! Batches and their items: what exists, and what state it is in at a given time.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use crate::auth::User;
use crate::fate::Fate;
use crate::lifecycle::{AnalysisStatus, JobStage, Lifecycle, Run};

/// The id of a batch.
pub type BatchId = Uuid;

/// What a request asked for in one analysis.
#[derive(Clone, Debug, Default)]
pub(crate) struct Requested {
    pub(crate) user_reference: Box<str>,
    pub(crate) pipeline_id: Box<str>,
    pub(crate) technical_tags: Vec<String>,
    pub(crate) user_tags: Vec<String>,
    pub(crate) reference_tags: Vec<String>,
}

/// One item of a batch and the analysis it becomes.
#[derive(Clone, Debug)]
pub(crate) struct Item {
    pub(crate) id: Uuid,
    pub(crate) analysis_id: Uuid,
    pub(crate) requested: Requested,
    /// The item's own number, from which its jitter is drawn.
    pub(crate) salt: u64,
    pub(crate) fate: Fate,
    pub(crate) aborted_at: Option<DateTime<Utc>>,
}

/// One batch.
#[derive(Clone, Debug)]
pub(crate) struct Batch {
    pub(crate) id: BatchId,
    pub(crate) job_id: Uuid,
    pub(crate) project: String,
    pub(crate) key: Option<String>,
    pub(crate) owner: User,
    pub(crate) created: DateTime<Utc>,
    pub(crate) items: Vec<Item>,
    /// When the last item is created, after `created`.
    pub(crate) job_ends: TimeDelta,
    pub(crate) stopped_at: Option<DateTime<Utc>>,
}

/// Whether an analysis was created: `processing.status`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Processing {
    Running,
    WaitingResources,
    Succeeded,
    Failed,
}

impl Processing {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Running => "RUNNING",
            Self::WaitingResources => "WAITING_RESOURCES",
            Self::Succeeded => "SUCCEEDED",
            Self::Failed => "FAILED",
        }
    }

    pub(crate) fn from_name(name: &str) -> Option<Self> {
        [Self::Running, Self::WaitingResources, Self::Succeeded, Self::Failed]
            .into_iter()
            .find(|s| s.name() == name)
    }
}

/// The state of an analysis, with its times.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AnalysisState {
    pub(crate) status: AnalysisStatus,
    pub(crate) created: DateTime<Utc>,
    pub(crate) modified: DateTime<Utc>,
    pub(crate) started: Option<DateTime<Utc>>,
    pub(crate) ended: Option<DateTime<Utc>>,
}

/// The state of the job that creates a batch's analyses.
#[derive(Clone, Copy, Debug)]
pub(crate) struct JobState {
    pub(crate) status: &'static str,
    pub(crate) started: Option<DateTime<Utc>>,
    pub(crate) finished: Option<DateTime<Utc>>,
}

impl Batch {
    pub(crate) fn processing(&self, item: &Item, lifecycle: &Lifecycle, now: DateTime<Utc>) -> Processing {
        let ends = self.created + lifecycle.creation_ends(item.salt);
        if self.stopped_at.is_some_and(|at| at < ends && at <= now) {
            return Processing::Failed;
        }
        if now >= ends {
            return if item.fate == Fate::FailCreation {
                Processing::Failed
            } else {
                Processing::Succeeded
            };
        }
        if lifecycle.is_waiting(now - self.created) {
            Processing::WaitingResources
        } else {
            Processing::Running
        }
    }

    /// The analysis that the item has become, if it has.
    pub(crate) fn analysis(&self, item: &Item, lifecycle: &Lifecycle, now: DateTime<Utc>) -> Option<AnalysisState> {
        if self.processing(item, lifecycle, now) != Processing::Succeeded {
            return None;
        }
        let created = self.created + lifecycle.creation_ends(item.salt);
        let asked = item.aborted_at.filter(|at| *at <= now).map(|at| at.max(created));
        let seen = asked.unwrap_or(now);
        let run = lifecycle.run_at(item.fate, item.salt, seen - created);
        match asked {
            Some(at) if !run.status.is_final() => Some(aborted(created, run, at, at + lifecycle.aborting_lasts(), now)),
            Some(_) => Some(undisturbed(
                created,
                lifecycle.run_at(item.fate, item.salt, now - created),
            )),
            None => Some(undisturbed(created, run)),
        }
    }

    pub(crate) fn job(&self, lifecycle: &Lifecycle, now: DateTime<Utc>) -> JobState {
        let since = now - self.created;
        let started = (since >= lifecycle.job_starts()).then(|| self.created + lifecycle.job_starts());
        if let Some(at) = self.stopped_at.filter(|at| *at <= now) {
            return JobState {
                status: "STOPPED",
                started,
                finished: Some(at),
            };
        }
        let stage = lifecycle.job_stage(since, self.job_ends);
        let finished = (stage == JobStage::Ended).then(|| self.created + self.job_ends);
        let status = match stage {
            JobStage::Initialized => "INITIALIZED",
            JobStage::Waiting => "WAITING_FOR_RESOURCES",
            JobStage::Running => "RUNNING",
            JobStage::Ended => self.job_result(),
        };
        JobState {
            status,
            started,
            finished,
        }
    }

    fn job_result(&self) -> &'static str {
        match self.items.iter().filter(|item| item.fate == Fate::FailCreation).count() {
            0 => "SUCCEEDED",
            failed if failed == self.items.len() => "FAILED",
            _ => "PARTIALLY_SUCCEEDED",
        }
    }
}

fn undisturbed(created: DateTime<Utc>, run: Run) -> AnalysisState {
    let modified = created + run.entered;
    AnalysisState {
        status: run.status,
        created,
        modified,
        started: run.started.map(|after| created + after),
        ended: run.status.is_final().then_some(modified),
    }
}

fn aborted(
    created: DateTime<Utc>,
    run: Run,
    asked: DateTime<Utc>,
    done: DateTime<Utc>,
    now: DateTime<Utc>,
) -> AnalysisState {
    let ended = (now >= done).then_some(done);
    AnalysisState {
        status: if ended.is_some() {
            AnalysisStatus::Aborted
        } else {
            AnalysisStatus::Aborting
        },
        created,
        modified: ended.unwrap_or(asked),
        started: run.started.map(|after| created + after),
        ended,
    }
}

/// How [`Simulator::seed_batch`](crate::Simulator::seed_batch) makes a batch.
#[derive(Clone, Debug)]
pub struct SeedOptions {
    pub(crate) age: Option<Duration>,
    pub(crate) prefix: String,
    pub(crate) pipelines: usize,
}

impl Default for SeedOptions {
    /// A settled batch whose user references are `sample-0`, `sample-1` and so on, all of one pipeline.
    fn default() -> Self {
        Self {
            age: None,
            prefix: "sample".to_owned(),
            pipelines: 1,
        }
    }
}

impl SeedOptions {
    /// As if the batch had been created this long ago: zero is just now. By default it is so long ago that everything has ended.
    pub fn age(mut self, age: Duration) -> Self {
        self.age = Some(age);
        self
    }

    /// What the user references begin with; `sample` by default.
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into();
        self
    }

    /// Over how many pipelines the analyses are spread; 1 by default.
    pub fn pipelines(mut self, number: usize) -> Self {
        self.pipelines = number.max(1);
        self
    }
}
