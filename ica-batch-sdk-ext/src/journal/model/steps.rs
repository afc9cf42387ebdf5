//! The model of a submission: its requests in flight, and the steps that may happen.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest_state_machine::ReferenceStateMachine;

use super::chunks::{Chunk, DAY, HOUR, SECOND, SETTLING, START, TRAVEL, WEEK, parts, planned_chunks, split};
use super::ica::{Ica, Response, is_valid};
use crate::error::Execution;
use crate::journal::records::ChunkState::{Created, Planned, Rejected, Sent, Split};
use crate::journal::records::SubmissionCounts;
use crate::journal::time::Millis;

/// State of the model.
#[derive(Debug, Clone)]
pub(super) struct Model {
    /// Whether the analyses have marks, so that ICA is searched for them.
    pub(super) marked: bool,
    /// Whether the marks of an analysis include that of its row, which earlier releases did not send.
    pub(super) has_row_marks: bool,
    pub(super) now: Millis,
    /// User whose credential the run has.
    pub(super) user: u8,
    pub(super) chunks: Vec<Chunk>,
    /// Requests in flight of the run, and chunks that it searches for.
    pub(super) in_flight: [Option<Request>; 2],
    /// Chunk that the run took last.
    taken: Option<usize>,
    /// Requests in flight whose process died or gave up.
    late: Vec<Request>,
    pub(super) ica: Ica,
}

/// Request, and its response once ICA has sent one.
#[derive(Debug, Clone)]
pub(super) struct Request {
    pub(super) chunk: usize,
    user: u8,
    pub(super) sent_before: Option<Millis>,
    /// Time until which an earlier request may have been sent.
    pub(super) last_sent: Option<Millis>,
    pub(super) taken_at: Millis,
    /// Whether the request waits for a search.
    pub(super) is_searched: bool,
    pub(super) response: Option<Response>,
}

/// Step that may happen next. The number is the place of a request in flight.
#[derive(Debug, Clone)]
pub(super) enum Step {
    Take(usize),
    /// The request arrives, and ICA responds.
    Arrive(usize),
    /// ICA creates the first analyses of the chunk, at least one, or all, and then fails and
    /// remembers nothing.
    FailAfterwards(usize, bool),
    /// The call fails, and it is not known whether the request arrived.
    Lose(usize),
    /// The call fails before the request arrives.
    NotSent(usize),
    /// The response is recorded.
    Record(usize),
    /// The run searches ICA for the analyses of a chunk that it took, and records the result.
    Search(usize),
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
    fn new((marked, has_row_marks): (bool, bool)) -> Self {
        Self {
            marked,
            has_row_marks,
            now: START,
            user: 0,
            chunks: planned_chunks().collect(),
            in_flight: [None, None],
            taken: None,
            late: Vec::new(),
            ica: Ica::default(),
        }
    }

    /// Returns the chunk that the run would take.
    pub(super) fn next_open(&self) -> Option<usize> {
        let mut open = (0..self.chunks.len()).filter(|chunk| matches!(self.chunks[*chunk].state, Planned | Sent));
        open.find(|chunk| self.taken.is_none_or(|taken| *chunk > taken))
    }

    /// Returns whether the key of an unmarked chunk may be forgotten. ICA is searched for a marked one.
    fn is_expired(&self, chunk: &Chunk) -> bool {
        !self.marked && chunk.state == Sent && chunk.sent_at.is_some_and(|at| self.now - at >= WEEK - HOUR)
    }

    pub(super) fn expired(&self) -> Option<usize> {
        self.chunks.iter().position(|chunk| self.is_expired(chunk))
    }

    /// Returns whether a search finds all analyses of each chunk that may have been executed.
    pub(super) fn is_settled(&self) -> bool {
        let mut sent = self.chunks.iter().filter(|chunk| chunk.state == Sent);
        sent.all(|chunk| chunk.sent_until.is_none_or(|until| self.now >= until + SETTLING))
    }

    /// Returns the users whose credentials sent chunks without a known response.
    pub(super) fn open_users(&self) -> BTreeSet<u8> {
        let sent = self.chunks.iter().filter(|chunk| chunk.state == Sent);
        sent.filter_map(|chunk| chunk.user).collect()
    }

    pub(super) fn counts(&self) -> SubmissionCounts {
        let mut counts = SubmissionCounts::default();
        for chunk in self.chunks.iter().filter(|chunk| chunk.state != Split) {
            counts.chunks += 1;
            counts.analyses += chunk.count;
            match chunk.state {
                Created => counts.created += chunk.count,
                Rejected => counts.rejected += chunk.count,
                _ => {}
            }
        }
        counts
    }

    fn take(&mut self, place: usize) {
        let open = self.next_open().filter(|chunk| !self.is_expired(&self.chunks[*chunk]));
        let Some(chunk) = open else { return };
        let taken = &mut self.chunks[chunk];
        self.taken = Some(chunk);
        let is_searched = self.marked && taken.sent_at.is_some();
        self.in_flight[place] = Some(Request {
            chunk,
            user: self.user,
            sent_before: taken.sent_at,
            last_sent: taken.sent_at.and(taken.sent_until.or(taken.sent_at)),
            taken_at: self.now,
            is_searched,
            response: None,
        });
        if !is_searched {
            taken.send(self.user, self.now);
        }
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
                chunk.forget(if chunk.count == 1 { Rejected } else { Split });
                let halves = split(&chunk.label, chunk.first, chunk.count);
                self.chunks.extend(halves);
            }
            Response::Rejected => {}
        }
    }

    fn fail(&mut self, place: usize, execution: Execution) {
        let request = self.in_flight[place].take().expect("it is a precondition");
        let chunk = &mut self.chunks[request.chunk];
        if chunk.state != Sent {
            return;
        }
        chunk.sent_until = Some(self.now);
        if execution == Execution::NotExecuted {
            chunk.sent_at = request.sent_before;
            if chunk.sent_at.is_none() {
                chunk.forget(Planned);
            }
        }
    }

    fn search(&mut self, place: usize) {
        let now = self.now;
        let request = self.in_flight[place].as_mut().expect("it is a precondition");
        let chunk = &mut self.chunks[request.chunk];
        let positions = chunk.positions();
        let found = { self.ica.found(now) }.filter(|position| positions.contains(position));
        let found = found.collect::<BTreeSet<_>>();
        if found.len() as u64 == chunk.count {
            chunk.adopt();
        } else if request.last_sent.is_none_or(|last| now >= last + SETTLING) {
            if found.is_empty() {
                chunk.forget(Planned);
                chunk.send(self.user, now);
                (request.is_searched, request.sent_before, request.taken_at) = (false, None, now);
                return;
            }
            chunk.forget(Split);
            for (mut part, is_found) in parts(&chunk.label.clone(), positions, &found) {
                if is_found {
                    part.adopt();
                }
                self.chunks.push(part);
            }
        }
        self.in_flight[place] = None;
    }

    fn resolve(&mut self) {
        let chunk = self.expired().expect("it is a precondition");
        let chunk = &mut self.chunks[chunk];
        match self.ica.batches.get(&chunk.label) {
            Some(batch) => (chunk.state, chunk.batch) = (Created, Some(*batch)),
            None => chunk.forget(Planned),
        }
    }

    fn next_run(&mut self) {
        self.taken = None;
        // ICA remembers keys per user, so only a marked submission can be continued by another one.
        if self.marked {
            self.user = 1 - self.user;
        }
    }
}

impl ReferenceStateMachine for Model {
    type State = Self;
    type Transition = Step;

    fn init_state() -> BoxedStrategy<Self> {
        any::<(bool, bool)>().prop_map(Self::new).boxed()
    }

    fn transitions(model: &Self) -> BoxedStrategy<Step> {
        let of_requests = (0..2).flat_map(|place| {
            [
                (6, Step::Take(place)),
                (6, Step::Arrive(place)),
                (2, Step::FailAfterwards(place, false)),
                (2, Step::FailAfterwards(place, true)),
                (6, Step::Record(place)),
                (6, Step::Search(place)),
                (2, Step::Lose(place)),
                (2, Step::NotSent(place)),
                (3, Step::ArriveLate(place)),
            ]
        });
        let times = [SECOND, HOUR, 3 * HOUR, DAY, WEEK - HOUR, WEEK - 1, WEEK];
        let times = times.map(|time| (1, Step::Pass(time)));
        let steps = of_requests.chain(times);
        let steps = steps.chain([(4, Step::Resolve), (2, Step::Crash), (3, Step::NextRun)]);
        let possible = steps.filter(|(_, step)| Self::preconditions(model, step));
        let weighted = possible.flat_map(|(weight, step)| vec![step; weight]);
        proptest::sample::select(weighted.collect::<Vec<_>>()).boxed()
    }

    fn preconditions(model: &Self, step: &Step) -> bool {
        let in_flight = |place: &usize| model.in_flight[*place].as_ref();
        let sent = |place| in_flight(place).filter(|request| !request.is_searched);
        let can_arrive = |request: &Request| request.response.is_none() && model.now - request.taken_at <= TRAVEL;
        let can_fail = |request: &Request| can_arrive(request) && is_valid(&model.chunks[request.chunk]);
        match step {
            Step::Take(place) => in_flight(place).is_none(),
            Step::Arrive(place) => sent(place).is_some_and(can_arrive),
            // The key of an unmarked chunk is all that it has.
            Step::FailAfterwards(place, _) => model.marked && sent(place).is_some_and(can_fail),
            Step::NotSent(place) => sent(place).is_some_and(|request| request.response.is_none()),
            Step::Record(place) => sent(place).is_some_and(|request| request.response.is_some()),
            Step::Lose(place) => sent(place).is_some(),
            Step::Search(place) => in_flight(place).is_some_and(|request| request.is_searched),
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
                    request.response = Some(model.ica.receive(request.user, &model.chunks[request.chunk], now));
                }
            }
            Step::FailAfterwards(place, is_whole) => {
                if let Some(request) = &model.in_flight[place] {
                    let chunk = &model.chunks[request.chunk];
                    model.ica.create(chunk, if is_whole { chunk.count } else { 1 }, now);
                }
                model.fail(place, Execution::Unknown);
            }
            Step::Record(place) => model.record(place),
            Step::Search(place) => model.search(place),
            Step::Lose(place) => {
                let request = model.in_flight[place].clone();
                // The request may still arrive.
                model.late.extend(request.filter(|request| request.response.is_none()));
                model.fail(place, Execution::Unknown);
            }
            Step::NotSent(place) => model.fail(place, Execution::NotExecuted),
            Step::Crash => {
                let requests = model.in_flight.iter_mut().filter_map(Option::take);
                let sent = requests.filter(|request| !request.is_searched && request.response.is_none());
                model.late.extend(sent);
                model.next_run();
            }
            Step::NextRun => model.next_run(),
            Step::ArriveLate(request) => {
                let request = model.late.remove(request);
                model.ica.receive(request.user, &model.chunks[request.chunk], now);
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
