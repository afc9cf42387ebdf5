//! The order in which a run sends its chunks. It decides, and sends nothing.
//!
//! A chunk that fails is set aside, with a pause that grows with its failures. Others go on, so a
//! chunk that always fails takes a small share of the requests. After many failures in a row, the
//! cause is probably not in the chunks. Then one chunk is sent at a time, after a growing pause, and
//! new chunks and those set aside take turns. The first response ends that.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::time::Duration;

use crate::retry::Backoff;

/// Pause of a chunk after its failures in this run.
const CHUNK_PAUSE: Backoff = Backoff::new(Duration::from_secs(4), Duration::from_secs(5 * 60));

/// Pause of the run while nothing gets a response.
const OUTAGE_PAUSE: Backoff = Backoff::new(Duration::from_secs(2), Duration::from_secs(30));

/// Minimum number of failures in a row that count as an outage.
const OUTAGE_FAILURES: usize = 8;

/// Time after an outage in which the chunks are sent that were set aside during it.
const RECOVERY: Duration = Duration::from_secs(10);

/// Shortest time for which a chunk is set aside.
const SHORTEST_PAUSE: Duration = Duration::from_millis(100);

/// Next step of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    /// Send the next chunk that this run has not sent.
    New,
    /// Send this chunk again.
    Again(i64),
    /// Send nothing before this time, unless a chunk in flight ends.
    Pause(Duration),
    /// Send nothing until a chunk in flight ends.
    Full,
    /// All chunks are settled.
    Done,
}

/// Place of a chunk that is set aside: the time when it is due, and its row id.
type Place = (Duration, i64);

/// Reason why a chunk is set aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cause {
    /// A failure. It may be sent sooner when an outage has ended.
    Failure,
    /// Its sender named the time.
    Appointment,
}

/// Chunks of a run by their row ids, without their content. Times are those of
/// [`Clock::elapsed`](crate::clock::Clock::elapsed).
#[derive(Debug)]
pub(super) struct Schedule {
    concurrency: usize,
    /// Whether there may be chunks that this run has not sent.
    has_new: bool,
    /// Chunks in flight, and whether each is sent again.
    in_flight: HashMap<i64, bool>,
    set_aside: BTreeMap<Place, Cause>,
    /// Time when each chunk is due that is set aside.
    due: HashMap<i64, Duration>,
    /// Chunks that a common search is about.
    searched: HashSet<i64>,
    /// Number of failures of each chunk that is set aside or sent again.
    failures: HashMap<i64, u32>,
    /// Number of common searches that failed one after the other.
    failed_searches: u32,
    /// Chunks that failed since the last response.
    failed_in_a_row: usize,
    /// Time before which an outage allows no request.
    resume_at: Duration,
    /// Whether the next request of an outage sends a chunk again.
    is_turn_of_set_aside: bool,
}

impl Schedule {
    pub(super) fn new(concurrency: usize) -> Self {
        Self {
            concurrency: concurrency.max(1),
            has_new: true,
            in_flight: HashMap::new(),
            set_aside: BTreeMap::new(),
            due: HashMap::new(),
            searched: HashSet::new(),
            failures: HashMap::new(),
            failed_searches: 0,
            failed_in_a_row: 0,
            resume_at: Duration::ZERO,
            is_turn_of_set_aside: true,
        }
    }

    /// Returns whether so many chunks failed in a row that the cause is not in the chunks.
    pub(super) fn is_outage(&self) -> bool {
        self.failed_in_a_row >= self.outage()
    }

    /// Returns the number of failures in a row that count as an outage.
    fn outage(&self) -> usize {
        OUTAGE_FAILURES.max(self.concurrency.saturating_mul(2))
    }

    /// Returns the end of the pause in which an outage allows no request.
    pub(super) fn resume_at(&self) -> Duration {
        self.resume_at
    }

    /// Returns the next step.
    pub(super) fn turn(&self, now: Duration) -> Turn {
        let capacity = if self.is_outage() { 1 } else { self.concurrency };
        if self.in_flight.len() >= capacity {
            return Turn::Full;
        }
        let first = self.set_aside.keys().next().copied();
        if self.is_outage() && now < self.resume_at && (self.has_new || first.is_some()) {
            return Turn::Pause(self.resume_at);
        }
        match first {
            Some((due, row)) if due <= now && self.may_send_again() => Turn::Again(row),
            _ if self.has_new => Turn::New,
            Some((due, _)) => Turn::Pause(due),
            None if self.in_flight.is_empty() && self.searched.is_empty() => Turn::Done,
            None => Turn::Full,
        }
    }

    /// Returns whether a chunk that is due may be sent now, while new ones wait. They get most of
    /// the requests, because each of them probably gets a response.
    fn may_send_again(&self) -> bool {
        if !self.has_new {
            return true;
        }
        if self.is_outage() {
            return self.is_turn_of_set_aside;
        }
        let again = self.in_flight.values().filter(|is_again| **is_again).count();
        again < self.concurrency / 4
    }

    /// Records that a chunk is sent.
    pub(super) fn sent(&mut self, row: i64) {
        let is_again = self.remove(row);
        self.is_turn_of_set_aside = !is_again;
        self.in_flight.insert(row, is_again);
    }

    /// Records that no chunk is left that this run has not sent.
    pub(super) fn no_new(&mut self) {
        self.has_new = false;
    }

    /// Records that ICA responded to a chunk, so that it is not sent again. `adds_new` says whether
    /// other chunks replace it.
    pub(super) fn responded(&mut self, row: i64, adds_new: bool, now: Duration) {
        let was_outage = self.is_outage();
        self.settled(row);
        self.failed_in_a_row = 0;
        self.has_new |= adds_new;
        if was_outage {
            self.recover(now);
        }
    }

    /// Records that a chunk needs no further request.
    pub(super) fn settled(&mut self, row: i64) {
        self.in_flight.remove(&row);
        self.searched.remove(&row);
        self.failures.remove(&row);
        self.remove(row);
    }

    /// Records that a common search for these chunks begins. None of them is sent before it ends.
    pub(super) fn searched(&mut self, rows: impl IntoIterator<Item = i64>) {
        for row in rows {
            self.remove(row);
            self.searched.insert(row);
        }
    }

    /// Records that a common search for these chunks failed, as one failure. Returns the time when
    /// they are due.
    pub(super) fn search_failed(
        &mut self,
        rows: impl IntoIterator<Item = i64>,
        requested: Option<Duration>,
        now: Duration,
        random: f64,
    ) -> Duration {
        self.fail(now, random);
        let pause = CHUNK_PAUSE.wait(self.failed_searches, half_to_one(random));
        self.failed_searches = self.failed_searches.saturating_add(1);
        let due = now.saturating_add(pause.max(requested.unwrap_or_default()));
        for row in rows {
            self.searched.remove(&row);
            self.insert(due, row, Cause::Failure);
        }
        due
    }

    /// Returns the number of common searches that failed one after the other.
    pub(super) fn failed_searches(&self) -> u32 {
        self.failed_searches
    }

    /// Records that a common search has ended.
    pub(super) fn search_succeeded(&mut self) {
        self.failed_searches = 0;
    }

    /// Returns whether a chunk is set aside or searched for, so that it is not a new one.
    pub(super) fn is_known(&self, row: i64) -> bool {
        self.due.contains_key(&row) || self.searched.contains(&row)
    }

    /// Records a failure of a chunk, and sets it aside. Returns the time when it is due.
    pub(super) fn failed(&mut self, row: i64, requested: Option<Duration>, now: Duration, random: f64) -> Duration {
        self.in_flight.remove(&row);
        self.fail(now, random);
        let failures = self.failures.entry(row).or_insert(0);
        let pause = CHUNK_PAUSE.wait(*failures, half_to_one(random));
        *failures = failures.saturating_add(1);
        let due = now.saturating_add(pause.max(requested.unwrap_or_default()));
        self.insert(due, row, Cause::Failure);
        due
    }

    /// Records a failure of a chunk whose sender named the time when it is due. Returns that time.
    pub(super) fn failed_until(&mut self, row: i64, until: Duration, now: Duration, random: f64) -> Duration {
        self.fail(now, random);
        let failures = self.failures.entry(row).or_insert(0);
        *failures = failures.saturating_add(1);
        self.postponed(row, until, now)
    }

    /// Sets a chunk aside until this time, without a failure. Returns the time when it is due.
    pub(super) fn postponed(&mut self, row: i64, until: Duration, now: Duration) -> Duration {
        self.in_flight.remove(&row);
        self.searched.remove(&row);
        let due = until.max(now.saturating_add(SHORTEST_PAUSE));
        self.insert(due, row, Cause::Appointment);
        due
    }

    /// Returns the number of failures of a chunk.
    pub(super) fn failures(&self, row: i64) -> u32 {
        self.failures.get(&row).copied().unwrap_or_default()
    }

    /// Counts a failure. In an outage, the next request waits.
    fn fail(&mut self, now: Duration, random: f64) {
        self.failed_in_a_row = self.failed_in_a_row.saturating_add(1);
        if self.is_outage() {
            let pauses = self.failed_in_a_row.saturating_sub(self.outage());
            let pauses = u32::try_from(pauses).unwrap_or(u32::MAX);
            self.resume_at = now.saturating_add(OUTAGE_PAUSE.wait(pauses, half_to_one(random)));
        }
    }

    fn insert(&mut self, due: Duration, row: i64, cause: Cause) {
        self.due.insert(row, due);
        self.set_aside.insert((due, row), cause);
    }

    /// Removes a chunk from those that are set aside. Returns whether it was one.
    fn remove(&mut self, row: i64) -> bool {
        let due = self.due.remove(&row);
        due.is_some_and(|due| self.set_aside.remove(&(due, row)).is_some())
    }

    /// Lets the chunks that failed be due within a short time, one after the other.
    fn recover(&mut self, now: Duration) {
        let failed = self.set_aside.iter().filter(|(_, cause)| **cause == Cause::Failure);
        let failed = failed.map(|(place, _)| *place).collect::<Vec<_>>();
        let step = RECOVERY / u32::try_from(failed.len()).unwrap_or(u32::MAX).max(1);
        let mut due = now;
        for (before, row) in failed {
            due = due.saturating_add(step);
            self.remove(row);
            self.insert(before.min(due), row, Cause::Failure);
        }
    }
}

/// Returns a random share of a pause. Half of it always passes, so that pauses grow.
fn half_to_one(random: f64) -> f64 {
    0.5 + random.clamp(0.0, 1.0) / 2.0
}

#[cfg(test)]
mod tests;
