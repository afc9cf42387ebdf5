//! How long things take, and which share of them fails.

use std::time::Duration;

use chrono::TimeDelta;

use super::analysis::run::Runs;
use super::analysis::status::AnalysisStatus;
use crate::batch::creation::Creation;
use crate::random::{Jitter, delta};

/// How long each step takes in simulated time, and what share of it fails.
///
/// By default the job starts after half a second, creating an item takes one second, the run of an analysis takes ten minutes, each step
/// takes up to a quarter longer by its item's own seeded number, and nothing fails.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Lifecycle {
    pub(crate) creation: Creation,
    pub(crate) runs: Runs,
}

impl Lifecycle {
    /// Everything has ended as soon as it is created.
    pub fn instant() -> Self {
        let zero = Duration::ZERO;
        Self::default().job_start(zero).creation(zero).run(zero).aborting(zero)
    }

    /// How long the job stays `INITIALIZED`.
    pub fn job_start(mut self, duration: Duration) -> Self {
        self.creation.job_start = delta(duration);
        self
    }

    /// How long the job is then `WAITING_FOR_RESOURCES` and its items `WAITING_RESOURCES`; zero by default.
    pub fn waiting_for_resources(mut self, duration: Duration) -> Self {
        self.creation.waiting = delta(duration);
        self
    }

    /// How long it takes to create one item, counted from when the job runs; all are created side by side.
    pub fn creation(mut self, duration: Duration) -> Self {
        self.creation.creation = delta(duration);
        self
    }

    /// How long the run of an analysis takes in all, shared out over its phases (65 % of it is `IN_PROGRESS`).
    pub fn run(mut self, duration: Duration) -> Self {
        self.runs.share_out(duration);
        self
    }

    /// How long one phase of a run takes. `REQUESTED`, `QUEUED`, `INITIALIZING`, `PREPARING_INPUTS`, `IN_PROGRESS` and
    /// `GENERATING_OUTPUTS` are phases.
    ///
    /// # Panics
    ///
    /// If `status` is not one of these.
    pub fn phase(mut self, status: AnalysisStatus, duration: Duration) -> Self {
        self.runs.set_phase(status, duration);
        self
    }

    /// How long an aborted run is `ABORTING`.
    pub fn aborting(mut self, duration: Duration) -> Self {
        self.runs.aborting = delta(duration);
        self
    }

    /// By how much a step may take longer than set: 0.25 is up to a quarter. Each item has its own share of it, drawn from `seed`.
    ///
    /// # Panics
    ///
    /// If `most` is negative or not a number.
    pub fn jitter(mut self, most: f64, seed: u64) -> Self {
        assert!(most >= 0.0, "a jitter is zero or more, not {most}");
        let jitter = Jitter { most, seed };
        (self.creation.jitter, self.runs.jitter) = (jitter, jitter);
        self
    }

    /// The share (0 to 1) of items that cannot be created.
    pub fn creation_failure_share(mut self, share: f64) -> Self {
        self.creation.failures = share;
        self
    }

    /// The share (0 to 1) of items that are created only in part. Families without the status `PARTIALLY_SUCCEEDED` ignore it.
    pub fn partial_creation_share(mut self, share: f64) -> Self {
        self.creation.partial = share;
        self
    }

    /// The share (0 to 1) of created analyses whose run fails.
    pub fn run_failure_share(mut self, share: f64) -> Self {
        self.runs.failures = share;
        self
    }

    /// A time after which every batch has settled, whatever its jitter.
    pub fn longest(&self) -> Duration {
        (self.creation.longest() + self.runs.longest() + TimeDelta::seconds(1))
            .to_std()
            .unwrap_or_default()
    }
}
