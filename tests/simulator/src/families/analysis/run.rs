//! The run of an analysis: its phases, their durations, and its state at a given time.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::status::AnalysisStatus;
use crate::batch::family::Created;
use crate::batch::fate::Fate;
use crate::random::{Jitter, delta};

/// The phases of a run, in order, with the share of the run that each takes by default.
const PHASES: [(AnalysisStatus, f64); 6] = [
    (AnalysisStatus::Requested, 0.02),
    (AnalysisStatus::Queued, 0.10),
    (AnalysisStatus::Initializing, 0.05),
    (AnalysisStatus::PreparingInputs, 0.08),
    (AnalysisStatus::InProgress, 0.65),
    (AnalysisStatus::GeneratingOutputs, 0.10),
];

/// Step of an item's seeded numbers that decides whether its run fails. The phases have the steps
/// from 0 to 5.
const RUN_FAILS: u64 = 101;
/// Step of an item's seeded numbers for the time until a search finds its analysis.
const FOUND: u64 = 103;

/// Durations of runs in simulated time, and the share of failures.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Runs {
    pub(crate) phases: [TimeDelta; PHASES.len()],
    pub(crate) aborting: TimeDelta,
    /// Time from the creation of an analysis until a search finds it.
    pub(crate) found_after: TimeDelta,
    pub(crate) jitter: Jitter,
    pub(crate) failures: f64,
}

impl Default for Runs {
    fn default() -> Self {
        let mut runs = Self {
            phases: [TimeDelta::zero(); PHASES.len()],
            aborting: TimeDelta::seconds(5),
            found_after: TimeDelta::zero(),
            jitter: Jitter::default(),
            failures: 0.0,
        };
        runs.set_duration(Duration::from_secs(600));
        runs
    }
}

/// The state of a run, in time since its analysis was created.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Run {
    status: AnalysisStatus,
    /// Time at which this status began.
    entered: TimeDelta,
    /// Time at which the run left the queue.
    started: Option<TimeDelta>,
}

/// The state of an analysis, with its times.
#[derive(Clone, Copy, Debug)]
pub(super) struct AnalysisState {
    pub(super) status: AnalysisStatus,
    pub(super) modified: DateTime<Utc>,
    pub(super) started: Option<DateTime<Utc>>,
    pub(super) ended: Option<DateTime<Utc>>,
}

impl Runs {
    /// Gives each phase its share of a duration.
    pub(crate) fn set_duration(&mut self, duration: Duration) {
        for (phase, (_, share)) in self.phases.iter_mut().zip(PHASES) {
            *phase = delta(duration.mul_f64(share));
        }
    }

    /// Sets how long one phase takes.
    pub(crate) fn set_phase(&mut self, status: AnalysisStatus, duration: Duration) {
        let index = PHASES.iter().position(|(phase, _)| *phase == status);
        self.phases[index.unwrap_or_else(|| panic!("{status:?} is not a phase of a run; use one of the six phases"))] =
            delta(duration);
    }

    /// Returns the time after which every run has ended, aborted or not.
    pub(crate) fn longest(&self) -> TimeDelta {
        let phases = self.phases.iter().fold(TimeDelta::zero(), |sum, phase| sum + *phase);
        self.jitter.longest(phases) + self.aborting
    }

    /// Returns whether a search finds the analysis by now.
    pub(super) fn is_found(&self, created: &Created<'_>) -> bool {
        created.now >= created.time + self.jitter.lengthened(self.found_after, created.salt, FOUND)
    }

    /// Returns the state of an analysis. `aborted` is the time of the request to abort, if there
    /// was one.
    pub(super) fn state(&self, created: &Created<'_>, aborted: Option<DateTime<Utc>>) -> AnalysisState {
        let (start, now) = (created.time, created.now);
        let undisturbed = self.at(created.fate, created.salt, now - start);
        let Some(asked) = aborted.filter(|at| *at <= now).map(|at| at.max(start)) else {
            return undisturbed.since(start);
        };
        let run = self.at(created.fate, created.salt, asked - start);
        if run.status.is_final() {
            return undisturbed.since(start);
        }
        let done = asked + self.aborting;
        let ended = (now >= done).then_some(done);
        let status = match ended {
            Some(_) => AnalysisStatus::Aborted,
            None => AnalysisStatus::Aborting,
        };
        AnalysisState {
            status,
            modified: ended.unwrap_or(asked),
            started: run.started.map(|after| start + after),
            ended,
        }
    }

    /// Returns the state of a run without an abort, `since` its analysis was created.
    fn at(&self, fate: Fate, salt: u64, since: TimeDelta) -> Run {
        let fate = self.settled(fate, salt);
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
            let ends = entered + self.jitter.lengthened(self.phases[step], salt, step as u64);
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

    /// Returns the fate of a run after the share of failures has decided.
    fn settled(&self, fate: Fate, salt: u64) -> Fate {
        match fate {
            Fate::Ordinary if self.jitter.unit(salt, RUN_FAILS) < self.failures => Fate::FailRun,
            decided => decided,
        }
    }
}

impl Run {
    fn since(self, created: DateTime<Utc>) -> AnalysisState {
        let modified = created + self.entered;
        AnalysisState {
            status: self.status,
            modified,
            started: self.started.map(|after| created + after),
            ended: self.status.is_final().then_some(modified),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_passes_through_every_phase_once_and_in_order() {
        let runs = Runs::default();
        let mut seen = Vec::new();
        for second in 0..900 {
            let run = runs.at(Fate::Succeed, 7, TimeDelta::seconds(second));
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
        let end = |fate| Runs::default().at(fate, 1, TimeDelta::days(1)).status;
        assert_eq!(end(Fate::Succeed), AnalysisStatus::Succeeded);
        assert_eq!(end(Fate::FailRun), AnalysisStatus::Failed);
        assert_eq!(end(Fate::FailRunFinally), AnalysisStatus::FailedFinal);
        assert_eq!(end(Fate::AwaitInput), AnalysisStatus::AwaitingInput);
    }

    #[test]
    fn shares_are_kept_roughly_and_longest_is_an_upper_bound() {
        let runs = Runs {
            failures: 0.3,
            ..Runs::default()
        };
        let failed = (0..1000)
            .filter(|salt| runs.settled(Fate::Ordinary, *salt) == Fate::FailRun)
            .count();
        assert!((250..350).contains(&failed), "{failed}");
        for salt in 0..100 {
            assert!(runs.at(Fate::Succeed, salt, runs.longest()).status.is_final());
        }
    }
}
