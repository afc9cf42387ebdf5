//! The schedule against a simulated server.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use proptest::prelude::*;

use super::{OUTAGE_FAILURES, Schedule, Turn};

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);

/// Behaviour of a chunk.
#[derive(Debug, Clone, Copy)]
struct Chunk {
    /// Number of requests that fail.
    failures: u32,
    /// Time that a request takes.
    takes: Duration,
}

/// Time at which a simulation begins.
const START: Duration = SECOND;

/// A run with simulated chunks and time.
struct Simulation {
    schedule: Schedule,
    concurrency: usize,
    chunks: Vec<Chunk>,
    now: Duration,
    next_new: usize,
    /// Chunks in flight, by the time when they end.
    in_flight: BTreeSet<(Duration, i64)>,
    due: BTreeMap<i64, Duration>,
    requests: BTreeMap<i64, u32>,
    /// Time of the response to each chunk.
    settled: BTreeMap<i64, Duration>,
    /// Time in which every request fails.
    outage: std::ops::Range<Duration>,
    sent_in_outage: u32,
}

impl Simulation {
    fn new(concurrency: usize, chunks: Vec<Chunk>) -> Self {
        Self {
            schedule: Schedule::new(concurrency),
            concurrency,
            chunks,
            now: START,
            next_new: 0,
            in_flight: BTreeSet::new(),
            due: BTreeMap::new(),
            requests: BTreeMap::new(),
            settled: BTreeMap::new(),
            outage: Duration::ZERO..Duration::ZERO,
            sent_in_outage: 0,
        }
    }

    /// Runs until all is settled, or until this time.
    fn run(&mut self, until: Duration) {
        loop {
            let pause = match self.schedule.turn(self.now) {
                Turn::New if self.next_new == self.chunks.len() => {
                    self.schedule.no_new();
                    continue;
                }
                Turn::New => {
                    self.next_new += 1;
                    self.send(self.next_new as i64 - 1);
                    continue;
                }
                Turn::Again(row) => {
                    let due = self.due.remove(&row).expect("it was set aside");
                    assert!(due <= self.now, "chunk {row} was sent before it was due");
                    self.send(row);
                    continue;
                }
                Turn::Pause(at) => {
                    assert!(at > self.now, "a pause has a length");
                    Some(at)
                }
                Turn::Full => None,
                Turn::Done => {
                    assert!(self.in_flight.is_empty() && self.due.is_empty());
                    return;
                }
            };
            let ending = self.in_flight.first().copied();
            match (ending, pause) {
                (Some((end, row)), pause) if pause.is_none_or(|pause| end <= pause) => {
                    self.now = self.now.max(end);
                    self.in_flight.remove(&(end, row));
                    self.end(row);
                }
                (_, Some(pause)) => self.now = pause,
                (_, None) => panic!("nothing is in flight, and the schedule is full"),
            }
            if self.now > until {
                return;
            }
        }
    }

    fn send(&mut self, row: i64) {
        self.schedule.sent(row);
        let chunk = self.chunks[row as usize];
        assert!(!self.settled.contains_key(&row), "chunk {row} has a response");
        assert!(
            self.in_flight.iter().all(|(_, other)| *other != row),
            "it is in flight twice"
        );
        self.in_flight.insert((self.now + chunk.takes, row));
        assert!(self.in_flight.len() <= self.concurrency);
        *self.requests.entry(row).or_default() += 1;
        self.sent_in_outage += u32::from(self.outage.contains(&self.now));
    }

    fn end(&mut self, row: i64) {
        let chunk = self.chunks[row as usize];
        if self.requests[&row] <= chunk.failures || self.outage.contains(&self.now) {
            let due = self.schedule.failed(row, None, self.now, 0.5);
            assert!(due > self.now);
            self.due.insert(row, due);
            return;
        }
        self.settled.insert(row, self.now);
        self.schedule.responded(row, false, self.now);
        // The end of an outage may let chunks be due sooner.
        let due = self.due.keys().copied().collect::<Vec<_>>();
        for row in due {
            let sooner = self.schedule.due[&row];
            assert!(sooner <= self.due[&row], "chunk {row} became due later");
            self.due.insert(row, sooner);
        }
    }
}

fn good(takes: Duration) -> Chunk {
    Chunk { failures: 0, takes }
}

proptest! {
    #[test]
    fn every_chunk_that_stops_failing_is_settled(
        concurrency in 1_usize..8,
        chunks in prop::collection::vec((prop_oneof![4 => Just(0_u32), 1 => 1_u32..6], 1_u64..90), 1..60),
    ) {
        let chunks = chunks.into_iter().map(|(failures, takes)| Chunk { failures, takes: SECOND * takes as u32 });
        let chunks = chunks.collect::<Vec<_>>();
        let mut run = Simulation::new(concurrency, chunks.clone());
        run.run(Duration::MAX);
        prop_assert_eq!(run.settled.len(), chunks.len());
        for (row, chunk) in chunks.iter().enumerate() {
            prop_assert_eq!(run.requests[&(row as i64)], chunk.failures + 1, "it is sent until it has a response");
        }
    }

    #[test]
    fn chunks_that_always_fail_do_not_starve_others(
        concurrency in 1_usize..8,
        first in 0_usize..60,
        bad in prop::collection::btree_set(0_usize..80, 0..40),
        takes in 1_u64..10,
    ) {
        // The first ones look like an outage.
        let is_bad = |row: &usize| *row < first || bad.contains(row);
        let takes = SECOND * takes as u32;
        let chunks = (0..80).map(|row| Chunk { failures: if is_bad(&row) { u32::MAX } else { 0 }, takes });
        let mut run = Simulation::new(concurrency, chunks.collect());
        run.run(2 * 60 * MINUTE);
        let bad = (0..80).filter(is_bad).count();
        prop_assert_eq!(run.settled.len(), 80 - bad);
        // Without failures, the requests take 80 · takes / concurrency. Each chunk that always
        // fails may add two pauses of an outage, because another chunk is sent again in between.
        let longest = START + takes * 80 + (60 * SECOND + 2 * takes) * bad as u32;
        let last = run.settled.values().max().copied().unwrap_or_default();
        prop_assert!(last <= longest, "the last good chunk took until {last:?}, not {longest:?}");
    }

    #[test]
    fn an_outage_gets_few_requests_and_its_end_is_noticed_at_once(
        concurrency in 1_usize..16,
        start in 0_u64..20,
        minutes in 1_u64..120,
        takes in 1_u64..5,
    ) {
        let takes = SECOND * takes as u32;
        let mut run = Simulation::new(concurrency, vec![good(takes); 300]);
        run.outage = SECOND * (start as u32)..SECOND * (start as u32) + MINUTE * minutes as u32;
        let end = run.outage.end;
        run.run(Duration::MAX);
        prop_assert_eq!(run.settled.len(), 300);
        let bound = (OUTAGE_FAILURES.max(2 * concurrency) + concurrency) as u64 + 5 + 4 * minutes;
        prop_assert!(u64::from(run.sent_in_outage) <= bound, "{} requests, not {}", run.sent_in_outage, bound);
        let first = run.settled.values().filter(|time| **time >= end).min();
        let Some(first) = first else { return Ok(()) };
        prop_assert!(*first <= end + 30 * SECOND + 2 * takes, "the first response was at {first:?}");
        let busy = takes * 300_u32.div_ceil(concurrency as u32);
        let last = run.settled.values().max().unwrap();
        // Chunks that were set aside share the requests with the others, or follow them.
        prop_assert!(*last <= *first + busy + takes * 60 + 10 * SECOND, "the last response was at {last:?}");
    }
}

#[test]
fn a_chunk_with_an_appointment_is_not_sent_sooner() {
    let mut schedule = Schedule::new(1);
    schedule.sent(1);
    assert_eq!(schedule.postponed(1, MINUTE, SECOND), MINUTE);
    schedule.no_new();
    assert_eq!(schedule.turn(59 * SECOND), Turn::Pause(MINUTE));
    // An outage and its end.
    for _ in 0..10 {
        schedule.sent(2);
        schedule.failed(2, None, SECOND, 1.0);
    }
    assert!(schedule.is_outage());
    assert_eq!(schedule.due[&2], SECOND + 5 * MINUTE, "the longest pause");
    schedule.sent(12);
    schedule.responded(12, false, 2 * SECOND);
    assert_eq!(schedule.due[&1], MINUTE);
    assert!(schedule.due[&2] <= 12 * SECOND, "it failed in the outage");
    assert_eq!(schedule.turn(MINUTE), Turn::Again(2));
}

#[test]
fn a_server_can_ask_for_a_longer_pause() {
    let mut schedule = Schedule::new(1);
    schedule.sent(1);
    assert_eq!(schedule.failed(1, Some(MINUTE), SECOND, 0.0), SECOND + MINUTE);
    assert_eq!(schedule.failures(1), 1);
    schedule.sent(2);
    assert_eq!(schedule.failed(2, None, SECOND, 0.0), 3 * SECOND, "half of 4 s");
}

#[test]
fn chunks_that_replace_another_are_new() {
    let mut schedule = Schedule::new(1);
    schedule.sent(1);
    schedule.no_new();
    schedule.responded(1, true, SECOND);
    assert_eq!(schedule.turn(SECOND), Turn::New);
    schedule.no_new();
    assert_eq!(schedule.turn(SECOND), Turn::Done);
}

proptest! {
    /// Each create fails, and a search finds nothing of it: its outcome stays unknown.
    #[test]
    fn creates_of_unknown_outcome_count_as_an_outage(concurrency in 1_usize..16, takes in 1_u32..5) {
        let (mut schedule, mut now) = (Schedule::new(concurrency), SECOND);
        // Requests in flight, by the time when they end, and whether they are creates.
        let mut in_flight = BTreeSet::<(Duration, i64, bool)>::new();
        let mut creates = 0;
        while now < 60 * MINUTE {
            let pause = match schedule.turn(now) {
                Turn::New => {
                    creates += 1;
                    schedule.sent(creates);
                    in_flight.insert((now + takes * SECOND, creates, true));
                    continue;
                }
                Turn::Again(row) => {
                    schedule.sent(row);
                    in_flight.insert((now + SECOND, row, false));
                    continue;
                }
                Turn::Pause(until) => until,
                Turn::Full => Duration::MAX,
                Turn::Done => unreachable!("there are always new chunks"),
            };
            match in_flight.first().copied() {
                Some(first @ (end, row, is_create)) if end <= pause => {
                    in_flight.remove(&first);
                    now = now.max(end);
                    match is_create {
                        true => schedule.failed_until(row, now + 5 * SECOND, now, 0.5),
                        false => schedule.postponed(row, now + 5 * MINUTE, now),
                    };
                }
                _ => now = pause,
            }
        }
        let bound = (OUTAGE_FAILURES.max(2 * concurrency) + concurrency + 5 + 4 * 60) as i64;
        prop_assert!(schedule.is_outage());
        prop_assert!(creates <= bound, "{} creates, not {}", creates, bound);
    }
}

#[test]
fn a_common_search_that_fails_is_one_failure_and_its_chunks_are_due_together() {
    let mut schedule = Schedule::new(1);
    for row in 0..20 {
        schedule.sent(row);
        schedule.postponed(row, MINUTE, SECOND);
    }
    schedule.no_new();
    schedule.searched(0..20);
    assert_eq!(
        schedule.turn(MINUTE),
        Turn::Full,
        "none is sent while they are searched for"
    );
    let first = schedule.search_failed(0..20, None, MINUTE, 1.0);
    assert_eq!(first, MINUTE + 4 * SECOND);
    assert!(!schedule.is_outage());
    assert_eq!(schedule.turn(MINUTE), Turn::Pause(first));
    schedule.searched(0..20);
    assert_eq!(schedule.search_failed(0..20, None, first, 1.0), first + 8 * SECOND);
    assert_eq!(schedule.failed_searches(), 2);
    schedule.searched(0..20);
    schedule.search_succeeded();
    (0..20).for_each(|row| schedule.settled(row));
    assert_eq!((schedule.turn(2 * MINUTE), schedule.failed_searches()), (Turn::Done, 0));
}
