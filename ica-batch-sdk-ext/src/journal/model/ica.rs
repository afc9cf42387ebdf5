//! The model: ICA's rules, chunks, processes, requests in flight, and the steps that may happen.

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
pub(super) const LEASE: Millis = 30 * SECOND;
/// Longest time for which a request may be in flight.
pub(super) const TRAVEL: Millis = HOUR - 1;
pub(super) const START: Millis = 1_000 * WEEK;

/// State of the model.
#[derive(Debug, Clone)]
pub(super) struct Model {
    pub(super) now: Millis,
    pub(super) chunks: Vec<Chunk>,
    pub(super) processes: [Process; 2],
    /// End of each sender's lease, by process and epoch.
    pub(super) senders: BTreeMap<(usize, u32), Millis>,
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
    pub(super) owner: Option<(usize, u32)>,
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
            owner: None,
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

#[derive(Debug, Clone, Default)]
pub(super) struct Process {
    pub(super) epoch: u32,
    pub(super) in_flight: Option<Request>,
}

/// Request, and its response once ICA has sent one.
#[derive(Debug, Clone)]
pub(super) struct Request {
    pub(super) chunk: usize,
    pub(super) sent_before: Option<Millis>,
    pub(super) locked_at: Millis,
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

/// Step that may happen next. The number is the process.
#[derive(Debug, Clone)]
pub(super) enum Step {
    Lock(usize),
    /// The request arrives, and ICA responds.
    Arrive(usize),
    /// The call fails, and it is not known whether the request arrived.
    Lose(usize),
    /// The call fails before the request arrives.
    NotSent(usize),
    /// The response is recorded.
    Record(usize),
    /// The process dies, and another one replaces it.
    Crash(usize),
    Renew(usize),
    /// A request arrives whose process died or gave up. The number is the request.
    ArriveLate(usize),
    Pass(Millis),
    /// A person searches ICA for a chunk whose key has expired, and records the finding.
    Resolve,
}

impl Model {
    pub(super) fn me(&self, process: usize) -> (usize, u32) {
        (process, self.processes[process].epoch)
    }

    fn is_alive(&self, owner: (usize, u32)) -> bool {
        (self.now..=self.now + LEASE).contains(&self.senders[&owner])
    }

    fn renew(&mut self, process: usize) {
        self.senders.insert(self.me(process), self.now + LEASE);
    }

    /// Returns the chunk that the process would lock.
    pub(super) fn unlocked(&self, process: usize) -> Option<usize> {
        let me = self.me(process);
        self.chunks.iter().position(|chunk| {
            let is_free = chunk.owner.is_none_or(|owner| owner != me && !self.is_alive(owner));
            matches!(chunk.state, Planned | Sent) && is_free
        })
    }

    fn is_expired(&self, chunk: &Chunk) -> bool {
        chunk.state == Sent && chunk.sent_at.is_some_and(|at| self.now - at >= WEEK - HOUR)
    }

    pub(super) fn expired(&self) -> Option<usize> {
        self.chunks.iter().position(|chunk| self.is_expired(chunk))
    }

    fn lock(&mut self, process: usize) {
        self.renew(process);
        let (me, now) = (self.me(process), self.now);
        let Some(chunk) = self
            .unlocked(process)
            .filter(|chunk| !self.is_expired(&self.chunks[*chunk]))
        else {
            return;
        };
        let locked = &mut self.chunks[chunk];
        self.processes[process].in_flight = Some(Request {
            chunk,
            sent_before: locked.sent_at,
            locked_at: now,
            response: None,
        });
        locked.state = Sent;
        locked.owner = Some(me);
        locked.sent_at.get_or_insert(now);
    }

    fn record(&mut self, process: usize) {
        let me = self.me(process);
        let request = self.processes[process].in_flight.take().expect("it is a precondition");
        let chunk = &mut self.chunks[request.chunk];
        match request.response.expect("it is a precondition") {
            Response::Created(batch) => {
                assert!(
                    chunk.batch.is_none_or(|known| known == batch),
                    "two batches of {chunk:?}"
                );
                assert_ne!(chunk.state, Split, "created as a whole after it was split: {chunk:?}");
                if chunk.state != Created {
                    (chunk.state, chunk.batch, chunk.owner) = (Created, Some(batch), None);
                }
            }
            Response::Rejected if chunk.owner == Some(me) && chunk.state == Sent => {
                (chunk.owner, chunk.sent_at) = (None, None);
                chunk.state = if chunk.count == 1 { Rejected } else { Split };
                let halves = split(&chunk.label, chunk.first, chunk.count);
                self.chunks.extend(halves);
            }
            Response::Rejected => {}
        }
    }

    fn fail(&mut self, process: usize, execution: Execution) {
        let me = self.me(process);
        let request = self.processes[process].in_flight.take().expect("it is a precondition");
        let chunk = &mut self.chunks[request.chunk];
        if chunk.owner != Some(me) || chunk.state != Sent {
            return;
        }
        chunk.owner = None;
        if execution == Execution::NotExecuted {
            chunk.sent_at = request.sent_before;
            chunk.state = if chunk.sent_at.is_some() { Sent } else { Planned };
        }
    }

    fn resolve(&mut self) {
        let chunk = self.expired().expect("it is a precondition");
        let chunk = &mut self.chunks[chunk];
        chunk.owner = None;
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
            processes: Default::default(),
            senders: BTreeMap::from([((0, 0), START + LEASE), ((1, 0), START + LEASE)]),
            late: Vec::new(),
            ica: Ica::default(),
        })
        .boxed()
    }

    fn transitions(model: &Self) -> BoxedStrategy<Step> {
        let of_processes = (0..2).flat_map(|process| {
            [
                (6, Step::Lock(process)),
                (6, Step::Arrive(process)),
                (6, Step::Record(process)),
                (2, Step::Lose(process)),
                (2, Step::NotSent(process)),
                (1, Step::Crash(process)),
                (1, Step::Renew(process)),
                (3, Step::ArriveLate(process)),
            ]
        });
        let times = [SECOND, LEASE - 1, LEASE + 1, HOUR, DAY, WEEK - HOUR, WEEK - 1, WEEK];
        let times = times.map(|time| (1, Step::Pass(time)));
        let steps = of_processes.chain(times).chain([(4, Step::Resolve)]);
        let possible = steps.filter(|(_, step)| Self::preconditions(model, step));
        let weighted = possible.flat_map(|(weight, step)| vec![step; weight]);
        proptest::sample::select(weighted.collect::<Vec<_>>()).boxed()
    }

    fn preconditions(model: &Self, step: &Step) -> bool {
        let in_flight = |process: &usize| model.processes[*process].in_flight.as_ref();
        let can_arrive = |request: &Request| request.response.is_none() && model.now - request.locked_at <= TRAVEL;
        match step {
            Step::Lock(process) => in_flight(process).is_none(),
            Step::Arrive(process) => in_flight(process).is_some_and(can_arrive),
            Step::NotSent(process) => in_flight(process).is_some_and(|request| request.response.is_none()),
            Step::Record(process) => in_flight(process).is_some_and(|request| request.response.is_some()),
            Step::Lose(process) => in_flight(process).is_some(),
            Step::ArriveLate(request) => model.late.get(*request).is_some_and(can_arrive),
            Step::Resolve => model.expired().is_some(),
            Step::Crash(_) | Step::Renew(_) | Step::Pass(_) => true,
        }
    }

    fn apply(mut model: Self, step: &Step) -> Self {
        let now = model.now;
        match *step {
            Step::Lock(process) => model.lock(process),
            Step::Arrive(process) => {
                if let Some(request) = &mut model.processes[process].in_flight {
                    request.response = Some(model.ica.receive(&model.chunks[request.chunk], now));
                }
            }
            Step::Record(process) => model.record(process),
            Step::Lose(process) => {
                let request = model.processes[process].in_flight.clone();
                // The request may still arrive.
                model.late.extend(request.filter(|request| request.response.is_none()));
                model.fail(process, Execution::Unknown);
            }
            Step::NotSent(process) => model.fail(process, Execution::NotExecuted),
            Step::Crash(process) => {
                let request = model.processes[process].in_flight.take();
                model.late.extend(request.filter(|request| request.response.is_none()));
                model.processes[process].epoch += 1;
                model.renew(process);
            }
            Step::Renew(process) => model.renew(process),
            Step::ArriveLate(request) => {
                let request = model.late.remove(request);
                model.ica.receive(&model.chunks[request.chunk], now);
            }
            Step::Pass(time) => {
                model.now += time;
                let now = model.now;
                model.late.retain(|request| now - request.locked_at <= TRAVEL);
            }
            Step::Resolve => model.resolve(),
        }
        for (position, times) in &model.ica.executed {
            assert!(*times <= 1, "analysis {position} was created {times} times: {model:#?}");
        }
        model
    }
}
