//! State of a pace that the calls of a client share, and the place of a request in flight.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

use super::controller::{Change, Controller, Outcome, Permit};
use super::status::PaceStatus;
use crate::clock::Clock;

/// Settings of a pace.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PaceSettings {
    /// Maximum of requests in flight.
    pub(crate) max_concurrency: Option<usize>,
    /// Whether the pace adapts to the server.
    pub(crate) adapts: bool,
}

impl Default for PaceSettings {
    fn default() -> Self {
        Self {
            max_concurrency: None,
            adapts: true,
        }
    }
}

/// Turn of a call: calls that began earlier are sent earlier. All attempts of a call have one turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Turn(u64);

/// Pace that the calls of a client share.
#[derive(Debug)]
pub(crate) struct Pace {
    turns: AtomicU64,
    state: Mutex<State>,
}

#[derive(Debug)]
pub(super) struct State {
    pub(super) controller: Controller,
    /// Calls that wait for their turn. The first one is told when to decide again.
    pub(super) waiting: BTreeMap<Turn, Arc<Notify>>,
    /// Real time at which a request was last sent or ended.
    pub(super) progress: Instant,
}

/// Place of a request in flight. Dropping it gives the place back, and says nothing about the
/// server.
#[must_use = "dropping it gives the place back"]
pub(crate) struct Place<'a> {
    pace: &'a Pace,
    clock: &'a dyn Clock,
    permit: Option<Permit>,
}

impl Pace {
    pub(crate) fn new(settings: PaceSettings) -> Self {
        Self {
            turns: AtomicU64::new(0),
            state: Mutex::new(State {
                controller: Controller::new(settings.max_concurrency, settings.adapts),
                waiting: BTreeMap::new(),
                progress: Instant::now(),
            }),
        }
    }

    /// Returns the turn of a call that begins now.
    pub(crate) fn turn(&self) -> Turn {
        Turn(self.turns.fetch_add(1, Ordering::Relaxed))
    }

    /// Returns the time left of a pause, or zero.
    pub(crate) fn pause_left(&self, now: Duration) -> Duration {
        let pause = self.state().controller.pause(now);
        pause.map_or(Duration::ZERO, |(until, _)| until.saturating_sub(now))
    }

    pub(crate) fn status(&self, now: Duration) -> PaceStatus {
        let state = self.state();
        let controller = &state.controller;
        PaceStatus {
            in_flight: controller.in_flight(),
            waiting: state.waiting.len(),
            concurrency: Some(controller.limit()).filter(|limit| *limit < usize::MAX),
            per_second: controller.per_second(),
            pause: controller
                .pause(now)
                .map(|(until, reason)| (until.saturating_sub(now), reason)),
            is_open: controller.is_open(),
        }
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn place<'a>(&'a self, clock: &'a dyn Clock, permit: Permit) -> Place<'a> {
        Place {
            pace: self,
            clock,
            permit: Some(permit),
        }
    }
}

impl State {
    /// Tells the first waiting call to decide again.
    pub(super) fn wake_first(&self) {
        if let Some((_, first)) = self.waiting.first_key_value() {
            first.notify_one();
        }
    }
}

impl Place<'_> {
    /// Gives the place back with the outcome of its request. `random` is a number from 0 to 1.
    pub(crate) fn finish(mut self, outcome: Outcome, random: f64) -> Option<Change> {
        self.give_back(outcome, random)
    }

    fn give_back(&mut self, outcome: Outcome, random: f64) -> Option<Change> {
        let permit = self.permit.take()?;
        let now = self.clock.elapsed();
        let mut state = self.pace.state();
        state.progress = Instant::now();
        let change = state.controller.finish(now, permit, outcome, random);
        state.wake_first();
        change
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.give_back(Outcome::Unknown, 0.0);
    }
}
