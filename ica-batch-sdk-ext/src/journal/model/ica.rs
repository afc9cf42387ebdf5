//! The model: ICA's rules, chunks, requests in flight, and the steps that may happen.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest_state_machine::ReferenceStateMachine;

use crate::error::Execution;
use crate::journal::records::ChunkState::{self, Created, Planned, Rejected, Sent, Split};
use crate::journal::time::Millis;

pub(super) const ANALYSES: u64 = 7;
const CHUNK: u64 = 3;
/// Positions of the analyses that ICA rejects.
pub(super) const INVALID: [u64; 2] = [2, 5];

const SECOND: Millis = 1000;
pub(super) const HOUR: Millis = 3600 * SECOND;
const DAY: Millis = 24 * HOUR;
pub(super) const WEEK: Millis = 7 * DAY;
/// Longest time for which a request may be in flight.
pub(super) const TRAVEL: Millis = HOUR - 1;
pub(super) const START: Millis = 1_000 * WEEK;

/// State of the model.
#[derive(Debug, Clone)]
pub(super) struct Model {
    pub(super) now: Millis,
    pub(super) chunks: Vec<Chunk>,
    /// Requests in flight of the run.
    pub(super) in_flight: [Option<Request>; 2],
    /// Chunk that the run took last.
    pub(super) taken: Option<usize>,
    /// Requests in flight whose process died or gave up.
    pub(super) late: Vec<Request>,
    pub(super) ica: Ica,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Chunk {
    pub(super) label: String,
    pub(super) first: u64,
    pub(super) count: u64,
    pub(super) state: ChunkState,
    pub(super) sent_at: Option<Millis>,
    pub(super) batch: Option<u128>,
}

impl Chunk {
    fn planned(label: String, first: u64, count: u64) -> Self {
        Self {
            label,
            first,
            count,
            state: Planned,
            sent_at: None,
            batch: None,
        }
    }
}

/// Returns the chunks of the submission.
pub(super) fn planned_chunks() -> impl Iterator<Item = Chunk> {
    (0..ANALYSES.div_ceil(CHUNK)).map(|number| {
        let first = number * CHUNK;
        Chunk::planned(number.to_string(), first, CHUNK.min(ANALYSES - first))
    })
}

/// Returns the halves of a rejected chunk. A single analysis has none.
pub(super) fn split(label: &str, first: u64, count: u64) -> impl Iterator<Item = Chunk> + use<> {
    let half = count / 2;
    let halves = [(0, first, half), (1, first + half, count - half)]
        .map(|(number, first, count)| Chunk::planned(format!("{label}.{number}"), first, count));
    halves.into_iter().filter(move |_| count > 1)
}

/// Request, and its response once ICA has sent one.
#[derive(Debug, Clone)]
pub(super) struct Request {
    pub(super) chunk: usize,
    pub(super) sent_before: Option<Millis>,
    pub(super) taken_at: Millis,
    pub(super) response: Option<Response>,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Response {
    Created(u128),
    Rejected,
}

/// ICA's rules.
#[derive(Debug, Clone, Default)]
pub(super) struct Ica {
    /// Time and batch of the execution of each chunk's key.
    pub(super) memory: BTreeMap<String, (Millis, u128)>,
    /// Number of times that each analysis was created.
    pub(super) executed: BTreeMap<u64, u32>,
    pub(super) batches: BTreeMap<String, u128>,
}

impl Ica {
    fn receive(&mut self, chunk: &Chunk, now: Millis) -> Response {
        if let Some((at, batch)) = self.memory.get(&chunk.label)
            && now - at < WEEK
        {
            return Response::Created(*batch);
        }
        let positions = chunk.first..chunk.first + chunk.count;
        if INVALID.iter().any(|invalid| positions.contains(invalid)) {
            return Response::Rejected;
        }
        let batch = self.executed.values().map(|times| u128::from(*times)).sum::<u128>() + 1;
        for position in positions {
            *self.executed.entry(position).or_default() += 1;
        }
        self.memory.insert(chunk.label.clone(), (now, batch));
        self.batches.insert(chunk.label.clone(), batch);
        Response::Created(batch)
    }
}

/// Step that may happen next. The number is the place of a request in flight.
#[derive(Debug, Clone)]
pub(super) enum Step {
    Take(usize),
    /// The request arrives, and ICA responds.
    Arrive(usize),
    /// The call fails, and it is not known whether the request arrived.
    Lose(usize),
    /// The call fails before the request arrives.
    NotSent(usize),
    /// The response is recorded.
    Record(usize),
    /// The process dies, and the next run begins.
    Crash,
    /// The run ends, and the next one begins.
    NextRun,
    /// A request arrives whose process died or gave up. The number is the request.
    ArriveLate(usize),
    Pass(Millis),
    /// A person searches ICA for a chunk whose key has expired, and records the finding.
    Resolve,
}

impl Model {
    /// Returns the chunk that the run would take.
    pub(super) fn next_open(&self) -> Option<usize> {
        let mut open = (0..self.chunks.len()).filter(|chunk| matches!(self.chunks[*chunk].state, Planned | Sent));
        open.find(|chunk| self.taken.is_none_or(|taken| *chunk > taken))
    }

    fn is_expired(&self, chunk: &Chunk) -> bool {
        chunk.state == Sent && chunk.sent_at.is_some_and(|at| self.now - at >= WEEK - HOUR)
    }

    pub(super) fn expired(&self) -> Option<usize> {
        self.chunks.iter().position(|chunk| self.is_expired(chunk))
    }

    fn take(&mut self, place: usize) {
        let open = self.next_open().filter(|chunk| !self.is_expired(&self.chunks[*chunk]));
        let Some(chunk) = open else { return };
        let taken = &mut self.chunks[chunk];
        self.taken = Some(chunk);
        self.in_flight[place] = Some(Request {
            chunk,
            sent_before: taken.sent_at,
            taken_at: self.now,
            response: None,
        });
        taken.state = Sent;
        taken.sent_at.get_or_insert(self.now);
    }

    fn record(&mut self, place: usize) {
        let request = self.in_flight[place].take().expect("it is a precondition");
        let chunk = &mut self.chunks[request.chunk];
        match request.response.expect("it is a precondition") {
            Response::Created(batch) => {
                assert!(
                    chunk.batch.is_none_or(|known| known == batch),
                    "two batches of {chunk:?}"
                );
                assert_ne!(chunk.state, Split, "created as a whole after it was split: {chunk:?}");
                if chunk.state != Created {
                    (chunk.state, chunk.batch) = (Created, Some(batch));
                }
            }
            Response::Rejected if chunk.state == Sent => {
                chunk.sent_at = None;
                chunk.state = if chunk.count == 1 { Rejected } else { Split };
                let halves = split(&chunk.label, chunk.first, chunk.count);
                self.chunks.extend(halves);
            }
            Response::Rejected => {}
        }
    }

    fn fail(&mut self, place: usize, execution: Execution) {
        let request = self.in_flight[place].take().expect("it is a precondition");
        let chunk = &mut self.chunks[request.chunk];
        if chunk.state == Sent && execution == Execution::NotExecuted {
            chunk.sent_at = request.sent_before;
            chunk.state = if chunk.sent_at.is_some() { Sent } else { Planned };
        }
    }

    fn resolve(&mut self) {
        let chunk = self.expired().expect("it is a precondition");
        let chunk = &mut self.chunks[chunk];
        match self.ica.batches.get(&chunk.label) {
            Some(batch) => (chunk.state, chunk.batch) = (Created, Some(*batch)),
            None => (chunk.state, chunk.sent_at) = (Planned, None),
        }
    }
}

impl ReferenceStateMachine for Model {
    type State = Self;
    type Transition = Step;

    fn init_state() -> BoxedStrategy<Self> {
        Just(Self {
            now: START,
            chunks: planned_chunks().collect(),
            in_flight: [None, None],
            taken: None,
            late: Vec::new(),
            ica: Ica::default(),
        })
        .boxed()
    }

    fn transitions(model: &Self) -> BoxedStrategy<Step> {
        let of_requests = (0..2).flat_map(|place| {
            [
                (6, Step::Take(place)),
                (6, Step::Arrive(place)),
                (6, Step::Record(place)),
                (2, Step::Lose(place)),
                (2, Step::NotSent(place)),
                (3, Step::ArriveLate(place)),
            ]
        });
        let times = [SECOND, HOUR, DAY, WEEK - HOUR, WEEK - 1, WEEK];
        let times = times.map(|time| (1, Step::Pass(time)));
        let steps = of_requests.chain(times);
        let steps = steps.chain([(4, Step::Resolve), (2, Step::Crash), (3, Step::NextRun)]);
        let possible = steps.filter(|(_, step)| Self::preconditions(model, step));
        let weighted = possible.flat_map(|(weight, step)| vec![step; weight]);
        proptest::sample::select(weighted.collect::<Vec<_>>()).boxed()
    }

    fn preconditions(model: &Self, step: &Step) -> bool {
        let in_flight = |place: &usize| model.in_flight[*place].as_ref();
        let can_arrive = |request: &Request| request.response.is_none() && model.now - request.taken_at <= TRAVEL;
        match step {
            Step::Take(place) => in_flight(place).is_none(),
            Step::Arrive(place) => in_flight(place).is_some_and(can_arrive),
            Step::NotSent(place) => in_flight(place).is_some_and(|request| request.response.is_none()),
            Step::Record(place) => in_flight(place).is_some_and(|request| request.response.is_some()),
            Step::Lose(place) => in_flight(place).is_some(),
            Step::ArriveLate(request) => model.late.get(*request).is_some_and(can_arrive),
            Step::Resolve => model.expired().is_some(),
            Step::NextRun => model.in_flight.iter().all(Option::is_none),
            Step::Crash | Step::Pass(_) => true,
        }
    }

    fn apply(mut model: Self, step: &Step) -> Self {
        let now = model.now;
        match *step {
            Step::Take(place) => model.take(place),
            Step::Arrive(place) => {
                if let Some(request) = &mut model.in_flight[place] {
                    request.response = Some(model.ica.receive(&model.chunks[request.chunk], now));
                }
            }
            Step::Record(place) => model.record(place),
            Step::Lose(place) => {
                let request = model.in_flight[place].clone();
                // The request may still arrive.
                model.late.extend(request.filter(|request| request.response.is_none()));
                model.fail(place, Execution::Unknown);
            }
            Step::NotSent(place) => model.fail(place, Execution::NotExecuted),
            Step::Crash => {
                let requests = model.in_flight.iter_mut().filter_map(Option::take);
                model.late.extend(requests.filter(|request| request.response.is_none()));
                model.taken = None;
            }
            Step::NextRun => model.taken = None,
            Step::ArriveLate(request) => {
                let request = model.late.remove(request);
                model.ica.receive(&model.chunks[request.chunk], now);
            }
            Step::Pass(time) => {
                model.now += time;
                let now = model.now;
                model.late.retain(|request| now - request.taken_at <= TRAVEL);
            }
            Step::Resolve => model.resolve(),
        }
        for (position, times) in &model.ica.executed {
            assert!(*times <= 1, "analysis {position} was created {times} times: {model:#?}");
        }
        model
    }
}
