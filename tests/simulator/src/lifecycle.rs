//! How long things take, and what state they are in at a given time.
//!
//! States are never stepped: each is a pure function of when the batch was created, these settings, an item's own seeded
//! number and the clock. So a test may jump a week ahead, and two simulators with one seed agree.

use std::time::Duration;

use chrono::TimeDelta;

use crate::fate::Fate;

/// The phases of a run, in order, with the share of the run that each takes by default.
const PHASES: [(AnalysisStatus, f64); 6] = [
    (AnalysisStatus::Requested, 0.02),
    (AnalysisStatus::Queued, 0.10),
    (AnalysisStatus::Initializing, 0.05),
    (AnalysisStatus::PreparingInputs, 0.08),
    (AnalysisStatus::InProgress, 0.65),
    (AnalysisStatus::GeneratingOutputs, 0.10),
];

/// The status of a run, with its spellings in both versions of the public API description.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum AnalysisStatus {
    /// Asked for, and nothing more yet.
    Requested,
    /// Waits for its turn. Newer: V4 only.
    Queued,
    /// Its machines are being made ready. Newer: V4 only.
    Initializing,
    /// Its inputs are being fetched. Newer: V4 only.
    PreparingInputs,
    /// The pipeline runs.
    InProgress,
    /// Its outputs are being stored. Newer: V4 only.
    GeneratingOutputs,
    /// Waits for input that is not there yet.
    AwaitingInput,
    /// Was told to end early, and has not yet. Newer: V4 only.
    Aborting,
    /// Ended well.
    Succeeded,
    /// Ended badly.
    Failed,
    /// Ended badly, and will not be tried again.
    FailedFinal,
    /// Ended early, as it was told.
    Aborted,
}

impl AnalysisStatus {
    /// How V4 spells it.
    pub fn v4(self) -> &'static str {
        match self {
            Self::Requested => "REQUESTED",
            Self::Queued => "QUEUED",
            Self::Initializing => "INITIALIZING",
            Self::PreparingInputs => "PREPARING_INPUTS",
            Self::InProgress => "IN_PROGRESS",
            Self::GeneratingOutputs => "GENERATING_OUTPUTS",
            Self::AwaitingInput => "AWAITING_INPUT",
            Self::Aborting => "ABORTING",
            Self::Succeeded => "SUCCEEDED",
            Self::Failed => "FAILED",
            Self::FailedFinal => "FAILED_FINAL",
            Self::Aborted => "ABORTED",
        }
    }

    /// How V3 spells it. V3 has no word for the newer states: what waits is `REQUESTED`, what runs is `INPROGRESS`.
    pub fn v3(self) -> &'static str {
        match self {
            Self::Requested | Self::Queued => "REQUESTED",
            Self::Initializing
            | Self::PreparingInputs
            | Self::InProgress
            | Self::GeneratingOutputs
            | Self::Aborting => "INPROGRESS",
            Self::AwaitingInput => "AWAITINGINPUT",
            Self::Succeeded => "SUCCEEDED",
            Self::Failed => "FAILED",
            Self::FailedFinal => "FAILEDFINAL",
            Self::Aborted => "ABORTED",
        }
    }

    /// Whether the run has ended.
    pub fn is_final(self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed | Self::FailedFinal | Self::Aborted)
    }
}

/// How long each step takes in simulated time, and what share of it fails.
///
/// By default the job starts after half a second, creating an analysis takes one second, a run takes ten minutes, each step takes
/// up to a quarter longer by its item's own seeded number, and nothing fails.
#[derive(Clone, Debug, PartialEq)]
pub struct Lifecycle {
    job_start: TimeDelta,
    waiting: TimeDelta,
    creation: TimeDelta,
    phases: [TimeDelta; PHASES.len()],
    aborting: TimeDelta,
    jitter: f64,
    seed: u64,
    creation_failures: f64,
    run_failures: f64,
}

impl Default for Lifecycle {
    fn default() -> Self {
        let lifecycle = Self {
            job_start: TimeDelta::milliseconds(500),
            waiting: TimeDelta::zero(),
            creation: TimeDelta::seconds(1),
            phases: [TimeDelta::zero(); PHASES.len()],
            aborting: TimeDelta::seconds(5),
            jitter: 0.25,
            seed: 0,
            creation_failures: 0.0,
            run_failures: 0.0,
        };
        lifecycle.run(Duration::from_secs(600))
    }
}

impl Lifecycle {
    /// Everything has ended as soon as it is created.
    pub fn instant() -> Self {
        let zero = Duration::ZERO;
        Self::default().job_start(zero).creation(zero).run(zero).aborting(zero)
    }

    /// How long the job stays `INITIALIZED`.
    pub fn job_start(mut self, duration: Duration) -> Self {
        self.job_start = delta(duration);
        self
    }

    /// How long the job is then `WAITING_FOR_RESOURCES` and its items `WAITING_RESOURCES`; zero by default.
    pub fn waiting_for_resources(mut self, duration: Duration) -> Self {
        self.waiting = delta(duration);
        self
    }

    /// How long it takes to create one analysis, counted from when the job runs; all are created side by side.
    pub fn creation(mut self, duration: Duration) -> Self {
        self.creation = delta(duration);
        self
    }

    /// How long a run takes in all, shared out over its phases (65 % of it is `IN_PROGRESS`).
    pub fn run(mut self, duration: Duration) -> Self {
        for (phase, (_, share)) in self.phases.iter_mut().zip(PHASES) {
            *phase = delta(duration.mul_f64(share));
        }
        self
    }

    /// How long one phase of a run takes. `REQUESTED`, `QUEUED`, `INITIALIZING`, `PREPARING_INPUTS`, `IN_PROGRESS` and
    /// `GENERATING_OUTPUTS` are phases.
    ///
    /// # Panics
    ///
    /// If `status` is not one of these.
    pub fn phase(mut self, status: AnalysisStatus, duration: Duration) -> Self {
        let index = PHASES.iter().position(|(phase, _)| *phase == status);
        self.phases[index.unwrap_or_else(|| panic!("{status:?} has no duration of its own"))] = delta(duration);
        self
    }

    /// How long an aborted run is `ABORTING`.
    pub fn aborting(mut self, duration: Duration) -> Self {
        self.aborting = delta(duration);
        self
    }

    /// By how much a step may take longer than set: 0.25 is up to a quarter. Each item has its own share of it, drawn from `seed`.
    ///
    /// # Panics
    ///
    /// If `most` is negative or not a number.
    pub fn jitter(mut self, most: f64, seed: u64) -> Self {
        assert!(most >= 0.0, "a jitter is zero or more, not {most}");
        (self.jitter, self.seed) = (most, seed);
        self
    }

    /// The share (0 to 1) of items whose analysis is not created.
    pub fn creation_failure_share(mut self, share: f64) -> Self {
        self.creation_failures = share;
        self
    }

    /// The share (0 to 1) of created analyses whose run fails.
    pub fn run_failure_share(mut self, share: f64) -> Self {
        self.run_failures = share;
        self
    }

    /// A time after which every batch has settled, whatever its jitter.
    pub fn longest(&self) -> Duration {
        let phases = self.phases.iter().fold(TimeDelta::zero(), |sum, phase| sum + *phase);
        let most = scaled(
            self.job_start + self.waiting + self.creation + phases,
            1.0 + self.jitter,
        );
        (most + self.aborting + TimeDelta::seconds(1))
            .to_std()
            .unwrap_or_default()
    }

    /// Fixes what becomes of an item whose fate was left to the shares.
    pub(crate) fn settle_fate(&self, fate: Fate, salt: u64) -> Fate {
        match fate {
            Fate::Ordinary if self.unit(salt, 100) < self.creation_failures => Fate::FailCreation,
            Fate::Ordinary if self.unit(salt, 101) < self.run_failures => Fate::FailRun,
            Fate::Ordinary => Fate::Succeed,
            decided => decided,
        }
    }

    /// The stage of the job that creates the analyses, `since` its batch was created; `ends` comes from
    /// [`creation_ends`](Self::creation_ends) of its last item.
    pub(crate) fn job_stage(&self, since: TimeDelta, ends: TimeDelta) -> JobStage {
        if since >= ends {
            JobStage::Ended
        } else if since < self.job_start {
            JobStage::Initialized
        } else if since < self.job_start + self.waiting {
            JobStage::Waiting
        } else {
            JobStage::Running
        }
    }

    pub(crate) fn job_starts(&self) -> TimeDelta {
        self.job_start
    }

    pub(crate) fn is_waiting(&self, since: TimeDelta) -> bool {
        since >= self.job_start && since < self.job_start + self.waiting
    }

    /// When an item is created or has failed to be, after its batch was created.
    pub(crate) fn creation_ends(&self, salt: u64) -> TimeDelta {
        self.job_start + self.waiting + self.jittered(self.creation, salt, 99)
    }

    /// Where a run stands, `since` its analysis was created.
    pub(crate) fn run_at(&self, fate: Fate, salt: u64, since: TimeDelta) -> Run {
        let mut entered = TimeDelta::zero();
        let mut started = None;
        for (step, (status, _)) in PHASES.into_iter().enumerate() {
            if status == AnalysisStatus::Queued && fate == Fate::AwaitInput {
                return Run {
                    status: AnalysisStatus::AwaitingInput,
                    entered,
                    started,
                };
            }
            if status == AnalysisStatus::Initializing {
                started = Some(entered);
            }
            if status == AnalysisStatus::GeneratingOutputs && matches!(fate, Fate::FailRun | Fate::FailRunFinally) {
                break;
            }
            let ends = entered + self.jittered(self.phases[step], salt, step as u64);
            if since < ends {
                return Run {
                    status,
                    entered,
                    started,
                };
            }
            entered = ends;
        }
        let status = match fate {
            Fate::FailRun => AnalysisStatus::Failed,
            Fate::FailRunFinally => AnalysisStatus::FailedFinal,
            _ => AnalysisStatus::Succeeded,
        };
        Run {
            status,
            entered,
            started,
        }
    }

    pub(crate) fn aborting_lasts(&self) -> TimeDelta {
        self.aborting
    }

    fn jittered(&self, base: TimeDelta, salt: u64, step: u64) -> TimeDelta {
        if base.is_zero() {
            base
        } else {
            scaled(base, 1.0 + self.jitter * self.unit(salt, step))
        }
    }

    /// A number from 0 up to 1 that belongs to the seed, the item and the step.
    fn unit(&self, salt: u64, step: u64) -> f64 {
        let mixed = mix(mix(self.seed ^ salt).wrapping_add(step));
        (mixed >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// The stage of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum JobStage {
    Initialized,
    Waiting,
    Running,
    Ended,
}

/// Where a run stands, in time since its analysis was created.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Run {
    pub(crate) status: AnalysisStatus,
    /// When this status was entered.
    pub(crate) entered: TimeDelta,
    /// When the run left the queue.
    pub(crate) started: Option<TimeDelta>,
}

/// The finaliser of SplitMix64: spreads a number over all 64 bits.
pub(crate) fn mix(number: u64) -> u64 {
    let mut z = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

fn delta(duration: Duration) -> TimeDelta {
    TimeDelta::from_std(duration).unwrap_or(TimeDelta::days(36_500))
}

fn scaled(base: TimeDelta, by: f64) -> TimeDelta {
    TimeDelta::microseconds((base.num_microseconds().unwrap_or(i64::MAX) as f64 * by) as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_passes_through_every_phase_once_and_in_order() {
        let lifecycle = Lifecycle::default();
        let mut seen = Vec::new();
        for second in 0..900 {
            let run = lifecycle.run_at(Fate::Succeed, 7, TimeDelta::seconds(second));
            if seen.last() != Some(&run.status) {
                seen.push(run.status);
            }
        }
        let expected: Vec<_> = PHASES
            .iter()
            .map(|(phase, _)| *phase)
            .chain([AnalysisStatus::Succeeded])
            .collect();
        assert_eq!(seen, expected);
    }

    #[test]
    fn the_fate_decides_the_end() {
        let end = |fate| Lifecycle::default().run_at(fate, 1, TimeDelta::days(1)).status;
        assert_eq!(end(Fate::Succeed), AnalysisStatus::Succeeded);
        assert_eq!(end(Fate::FailRun), AnalysisStatus::Failed);
        assert_eq!(end(Fate::FailRunFinally), AnalysisStatus::FailedFinal);
        assert_eq!(end(Fate::AwaitInput), AnalysisStatus::AwaitingInput);
    }

    #[test]
    fn shares_are_kept_roughly_and_longest_is_an_upper_bound() {
        let lifecycle = Lifecycle::default().run_failure_share(0.3);
        let failed = (0..1000)
            .filter(|salt| lifecycle.settle_fate(Fate::Ordinary, *salt) == Fate::FailRun)
            .count();
        assert!((250..350).contains(&failed), "{failed}");
        let longest = TimeDelta::from_std(lifecycle.longest()).unwrap();
        for salt in 0..100 {
            let since = longest - lifecycle.creation_ends(salt);
            assert!(lifecycle.run_at(Fate::Succeed, salt, since).status.is_final());
        }
    }
}
