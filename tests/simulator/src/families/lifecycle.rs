//! Durations of jobs and runs, and shares of failures.

use std::time::Duration;

use chrono::TimeDelta;

use super::analysis::run::Runs;
use super::analysis::status::AnalysisStatus;
use crate::batch::creation::Creation;
use crate::random::{Jitter, delta};

/// Durations of all steps in simulated time, and shares of failures.
///
/// By default a job starts after half a second, the creation of an item takes one second, and the
/// run of an analysis takes ten minutes. Each step takes up to a quarter longer, by a seeded number
/// of the item. Nothing fails.
///
/// ```
/// use std::time::Duration;
///
/// use ica_simulator::{Lifecycle, SeedOptions, Simulator};
///
/// let lifecycle = Lifecycle::default().creation(Duration::from_secs(60)).jitter(0.0, 0);
/// let simulator = Simulator::builder().lifecycle(lifecycle).start()?;
/// let new = SeedOptions::default().age(Duration::ZERO);
/// simulator.seed_batch(simulator.project_id(), 1, new);
/// assert_eq!(simulator.batches()[0].items[0].processing_status, "RUNNING");
/// simulator.clock().advance(Duration::from_secs(61));
/// assert_eq!(simulator.batches()[0].items[0].processing_status, "SUCCEEDED");
/// # Ok::<_, std::io::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Lifecycle {
    pub(crate) creation: Creation,
    pub(crate) runs: Runs,
}

impl Lifecycle {
    /// Returns a lifecycle in which every step takes no time.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use ica_simulator::{Lifecycle, SeedOptions, Simulator};
    ///
    /// let simulator = Simulator::builder().lifecycle(Lifecycle::instant()).start()?;
    /// let new = SeedOptions::default().age(Duration::ZERO);
    /// simulator.seed_batch(simulator.project_id(), 1, new);
    /// assert_eq!(simulator.batches()[0].items[0].created_status, Some("SUCCEEDED"));
    /// # Ok::<_, std::io::Error>(())
    /// ```
    pub fn instant() -> Self {
        let zero = Duration::ZERO;
        Self::default().job_start(zero).creation(zero).run(zero).aborting(zero)
    }

    /// Sets how long a job is `INITIALIZED`.
    pub fn job_start(mut self, duration: Duration) -> Self {
        self.creation.job_start = delta(duration);
        self
    }

    /// Sets how long a job is then `WAITING_FOR_RESOURCES` and its items `WAITING_RESOURCES`; zero
    /// by default.
    pub fn waiting_for_resources(mut self, duration: Duration) -> Self {
        self.creation.waiting = delta(duration);
        self
    }

    /// Sets how long the creation of one item takes. It begins when the job runs; all items are
    /// created at the same time.
    pub fn creation(mut self, duration: Duration) -> Self {
        self.creation.creation = delta(duration);
        self
    }

    /// Sets how long the items of a new batch cannot be read: a list leaves them out, and reading
    /// one gets 404. Zero by default. Items that appear late can be missed by a list that has
    /// begun.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use ica_simulator::{Lifecycle, Simulator};
    ///
    /// let lifecycle = Lifecycle::default().items_listed_after(Duration::from_secs(30));
    /// assert_ne!(lifecycle, Lifecycle::default());
    /// let simulator = Simulator::builder().lifecycle(lifecycle).start()?;
    /// # drop(simulator);
    /// # Ok::<_, std::io::Error>(())
    /// ```
    pub fn items_listed_after(mut self, duration: Duration) -> Self {
        self.creation.listed_after = delta(duration);
        self
    }

    /// Sets how long a search does not find a new analysis; zero by default. Items and
    /// `getAnalysis` show it at once.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use ica_simulator::{Lifecycle, Simulator};
    ///
    /// let lifecycle = Lifecycle::default().analyses_found_after(Duration::from_secs(60));
    /// assert_ne!(lifecycle, Lifecycle::default());
    /// let simulator = Simulator::builder().lifecycle(lifecycle).start()?;
    /// # drop(simulator);
    /// # Ok::<_, std::io::Error>(())
    /// ```
    pub fn analyses_found_after(mut self, duration: Duration) -> Self {
        self.runs.found_after = delta(duration);
        self
    }

    /// Sets how long the whole run of an analysis takes. Each phase gets its share; 65 % are
    /// `IN_PROGRESS`.
    pub fn run(mut self, duration: Duration) -> Self {
        self.runs.set_duration(duration);
        self
    }

    /// Sets how long one phase of a run takes. The phases are `REQUESTED`, `QUEUED`,
    /// `INITIALIZING`, `PREPARING_INPUTS`, `IN_PROGRESS` and `GENERATING_OUTPUTS`.
    ///
    /// # Panics
    ///
    /// Panics if `status` is not a phase.
    pub fn phase(mut self, status: AnalysisStatus, duration: Duration) -> Self {
        self.runs.set_phase(status, duration);
        self
    }

    /// Sets how long an aborted run is `ABORTING`.
    pub fn aborting(mut self, duration: Duration) -> Self {
        self.runs.aborting = delta(duration);
        self
    }

    /// Sets by how much a step may be longer than its setting: 0.25 is up to a quarter. Each step
    /// of an item has its own share, drawn from `seed`.
    ///
    /// # Panics
    ///
    /// Panics if `most` is negative or not a number.
    pub fn jitter(mut self, most: f64, seed: u64) -> Self {
        assert!(
            most >= 0.0,
            "jitter {most} is not valid: it is negative or not a number; use a number from 0 up"
        );
        let jitter = Jitter { most, seed };
        (self.creation.jitter, self.runs.jitter) = (jitter, jitter);
        self
    }

    /// Sets the share (0 to 1) of items whose creation fails.
    pub fn creation_failure_share(mut self, share: f64) -> Self {
        self.creation.failures = share;
        self
    }

    /// Sets the share (0 to 1) of items that are created in part. Families without the status
    /// `PARTIALLY_SUCCEEDED` ignore it.
    pub fn partial_creation_share(mut self, share: f64) -> Self {
        self.creation.partial = share;
        self
    }

    /// Sets the share (0 to 1) of created analyses whose run fails.
    pub fn run_failure_share(mut self, share: f64) -> Self {
        self.runs.failures = share;
        self
    }

    /// Returns the time after which everything in a batch has ended and appeared, unless a run
    /// awaits input.
    pub fn longest(&self) -> Duration {
        let Self { creation, runs } = self;
        let late = creation.jitter.longest(creation.listed_after) + runs.jitter.longest(runs.found_after);
        (creation.longest() + runs.longest() + late + TimeDelta::seconds(1))
            .to_std()
            .unwrap_or_default()
    }
}
