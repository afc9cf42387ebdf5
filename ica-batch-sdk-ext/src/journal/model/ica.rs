//! What there may be: ICA's rules, chunks, senders and requests on their way, and what may happen to them.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest_state_machine::ReferenceStateMachine;

use crate::error::Execution;
use crate::journal::records::ChunkState::{self, Created, Planned, Rejected, Sent, Split};
use crate::journal::time::Millis;

pub(super) const NAME: &str = "model";
pub(super) const ANALYSES: u64 = 7;
pub(super) const CHUNK: usize = 3;
/// The positions of analyses that ICA rejects.
pub(super) const BAD: [u64; 2] = [2, 5];

const SECOND: Millis = 1000;
pub(super) const HOUR: Millis = 3600 * SECOND;
const DAY: Millis = 24 * HOUR;
pub(super) const WEEK: Millis = 7 * DAY;
pub(super) const LEASE: Millis = 30 * SECOND;
/// For how long a request may be on its way.
pub(super) const TRAVEL: Millis = HOUR - 1;
pub(super) const START: Millis = 1_000 * WEEK;

/// Everything, as the model has it.
#[derive(Debug, Clone)]
pub(super) struct Model {
    pub(super) now: Millis,
    pub(super) chunks: Vec<Chunk>,
    pub(super) sessions: [Session; 2],
    /// Until when each sender is alive that ever was, by session and epoch.
    pub(super) senders: BTreeMap<(usize, u32), Millis>,
    /// Requests whose sender has died.
    pub(super) ghosts: Vec<Flight>,
    pub(super) ica: Ica,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Chunk {
    pub(super) label: String,
    pub(super) first: u64,
    pub(super) count: u64,
    pub(super) state: ChunkState,
    pub(super) sent_at: Option<Millis>,
    pub(super) holder: Option<(usize, u32)>,
    pub(super) batch: Option<u128>,
}

#[derive(Debug, Clone, Default)]
pub(super) struct Session {
    pub(super) epoch: u32,
    pub(super) flight: Option<Flight>,
}

/// A request, and its answer once ICA has given one.
#[derive(Debug, Clone)]
pub(super) struct Flight {
    pub(super) chunk: usize,
    pub(super) sent_before: Option<Millis>,
    pub(super) claimed_at: Millis,
    pub(super) reply: Option<Reply>,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Reply {
    Created(u128),
    Rejected,
}

/// ICA's rules.
#[derive(Debug, Clone, Default)]
pub(super) struct Ica {
    /// When each chunk's key was executed, and with which batch.
    pub(super) memory: BTreeMap<String, (Millis, u128)>,
    /// How often each analysis was created.
    pub(super) executed: BTreeMap<u64, u32>,
    pub(super) batches: BTreeMap<String, u128>,
}

impl Ica {
    fn receive(&mut self, chunk: &Chunk, now: Millis) -> Reply {
        if let Some((at, batch)) = self.memory.get(&chunk.label)
            && now - at < WEEK
        {
            return Reply::Created(*batch);
        }
        let positions = chunk.first..chunk.first + chunk.count;
        if BAD.iter().any(|bad| positions.contains(bad)) {
            return Reply::Rejected;
        }
        let batch = self.executed.values().map(|times| u128::from(*times)).sum::<u128>() + 1;
        for position in positions {
            *self.executed.entry(position).or_default() += 1;
        }
        self.memory.insert(chunk.label.clone(), (now, batch));
        self.batches.insert(chunk.label.clone(), batch);
        Reply::Created(batch)
    }
}

/// What may happen next. The number is the session that it happens to.
#[derive(Debug, Clone)]
pub(super) enum Step {
    Claim(usize),
    /// The request arrives, and ICA answers.
    Arrive(usize),
    /// The call fails, and nobody knows whether it arrived.
    Lose(usize),
    /// The call fails before it has arrived.
    Refuse(usize),
    /// The answer is written down.
    Record(usize),
    /// The process dies, and another takes its place.
    Crash(usize),
    Renew(usize),
    /// The request of a dead sender arrives.
    Haunt(usize),
    Pass(Millis),
    /// An operator looks into ICA and records what became of a chunk whose key has expired.
    Settle,
}

impl Model {
    pub(super) fn me(&self, session: usize) -> (usize, u32) {
        (session, self.sessions[session].epoch)
    }

    pub(super) fn is_alive(&self, holder: (usize, u32)) -> bool {
        (self.now..=self.now + LEASE).contains(&self.senders[&holder])
    }

    fn renew(&mut self, session: usize) {
        self.senders.insert(self.me(session), self.now + LEASE);
    }

    /// The chunk that the session would claim.
    pub(super) fn claimable(&self, session: usize) -> Option<usize> {
        let me = self.me(session);
        self.chunks.iter().position(|chunk| {
            let is_free = chunk.holder.is_none_or(|holder| holder != me && !self.is_alive(holder));
            matches!(chunk.state, Planned | Sent) && is_free
        })
    }

    fn is_expired(&self, chunk: &Chunk) -> bool {
        chunk.state == Sent && chunk.sent_at.is_some_and(|at| self.now - at >= WEEK - HOUR)
    }

    pub(super) fn expired(&self) -> Option<usize> {
        self.chunks.iter().position(|chunk| self.is_expired(chunk))
    }

    fn claim(&mut self, session: usize) {
        self.renew(session);
        let (me, now) = (self.me(session), self.now);
        let Some(chunk) = self
            .claimable(session)
            .filter(|chunk| !self.is_expired(&self.chunks[*chunk]))
        else {
            return;
        };
        let claimed = &mut self.chunks[chunk];
        self.sessions[session].flight = Some(Flight {
            chunk,
            sent_before: claimed.sent_at,
            claimed_at: now,
            reply: None,
        });
        claimed.state = Sent;
        claimed.holder = Some(me);
        claimed.sent_at.get_or_insert(now);
    }

    fn record(&mut self, session: usize) {
        let me = self.me(session);
        let flight = self.sessions[session].flight.take().expect("it is a precondition");
        let chunk = &mut self.chunks[flight.chunk];
        match flight.reply.expect("it is a precondition") {
            Reply::Created(batch) => {
                assert!(
                    chunk.batch.is_none_or(|known| known == batch),
                    "two batches of {chunk:?}"
                );
                assert_ne!(chunk.state, Split, "created as a whole after it was split: {chunk:?}");
                if chunk.state != Created {
                    (chunk.state, chunk.batch, chunk.holder) = (Created, Some(batch), None);
                }
            }
            Reply::Rejected if chunk.holder == Some(me) && chunk.state == Sent => {
                (chunk.holder, chunk.sent_at) = (None, None);
                let (label, first, count) = (chunk.label.clone(), chunk.first, chunk.count);
                chunk.state = if count == 1 { Rejected } else { Split };
                if count > 1 {
                    let half = count / 2;
                    let parts = [(0, first, half), (1, first + half, count - half)];
                    self.chunks.extend(parts.map(|(part, first, count)| Chunk {
                        label: format!("{label}.{part}"),
                        first,
                        count,
                        state: Planned,
                        sent_at: None,
                        holder: None,
                        batch: None,
                    }));
                }
            }
            Reply::Rejected => {}
        }
    }

    fn fail(&mut self, session: usize, executed: Execution) {
        let me = self.me(session);
        let flight = self.sessions[session].flight.take().expect("it is a precondition");
        let chunk = &mut self.chunks[flight.chunk];
        if chunk.holder != Some(me) || chunk.state != Sent {
            return;
        }
        chunk.holder = None;
        if executed == Execution::NotExecuted {
            chunk.sent_at = flight.sent_before;
            chunk.state = if chunk.sent_at.is_some() { Sent } else { Planned };
        }
    }

    fn settle(&mut self) {
        let chunk = self.expired().expect("it is a precondition");
        let chunk = &mut self.chunks[chunk];
        chunk.holder = None;
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
        let chunk = |number: u64| Chunk {
            label: number.to_string(),
            first: number * CHUNK as u64,
            count: (CHUNK as u64).min(ANALYSES - number * CHUNK as u64),
            state: Planned,
            sent_at: None,
            holder: None,
            batch: None,
        };
        Just(Self {
            now: START,
            chunks: (0..3).map(chunk).collect(),
            sessions: Default::default(),
            senders: BTreeMap::from([((0, 0), START + LEASE), ((1, 0), START + LEASE)]),
            ghosts: Vec::new(),
            ica: Ica::default(),
        })
        .boxed()
    }

    fn transitions(model: &Self) -> BoxedStrategy<Step> {
        let of_sessions = (0..2).flat_map(|session| {
            [
                (6, Step::Claim(session)),
                (6, Step::Arrive(session)),
                (6, Step::Record(session)),
                (2, Step::Lose(session)),
                (2, Step::Refuse(session)),
                (1, Step::Crash(session)),
                (1, Step::Renew(session)),
                (3, Step::Haunt(session)),
            ]
        });
        let times = [SECOND, LEASE - 1, LEASE + 1, HOUR, DAY, WEEK - HOUR, WEEK - 1, WEEK];
        let passing = times.map(|time| (1, Step::Pass(time)));
        let steps = of_sessions.chain(passing).chain([(4, Step::Settle)]);
        let possible = steps.filter(|(_, step)| Self::preconditions(model, step));
        let weighed = possible.flat_map(|(weight, step)| vec![step; weight]);
        proptest::sample::select(weighed.collect::<Vec<_>>()).boxed()
    }

    fn preconditions(model: &Self, step: &Step) -> bool {
        let flight = |session: &usize| model.sessions[*session].flight.as_ref();
        let is_on_its_way = |flight: &Flight| flight.reply.is_none() && model.now - flight.claimed_at <= TRAVEL;
        match step {
            Step::Claim(session) => flight(session).is_none(),
            Step::Arrive(session) => flight(session).is_some_and(is_on_its_way),
            Step::Refuse(session) => flight(session).is_some_and(|flight| flight.reply.is_none()),
            Step::Record(session) => flight(session).is_some_and(|flight| flight.reply.is_some()),
            Step::Lose(session) => flight(session).is_some(),
            Step::Haunt(ghost) => model.ghosts.get(*ghost).is_some_and(is_on_its_way),
            Step::Settle => model.expired().is_some(),
            Step::Crash(_) | Step::Renew(_) | Step::Pass(_) => true,
        }
    }

    fn apply(mut model: Self, step: &Step) -> Self {
        let now = model.now;
        match *step {
            Step::Claim(session) => model.claim(session),
            Step::Arrive(session) => {
                if let Some(flight) = &mut model.sessions[session].flight {
                    flight.reply = Some(model.ica.receive(&model.chunks[flight.chunk], now));
                }
            }
            Step::Record(session) => model.record(session),
            Step::Lose(session) => {
                let flight = model.sessions[session].flight.clone();
                // What is given up may arrive all the same.
                model.ghosts.extend(flight.filter(|flight| flight.reply.is_none()));
                model.fail(session, Execution::Unknown);
            }
            Step::Refuse(session) => model.fail(session, Execution::NotExecuted),
            Step::Crash(session) => {
                let flight = model.sessions[session].flight.take();
                model.ghosts.extend(flight.filter(|flight| flight.reply.is_none()));
                model.sessions[session].epoch += 1;
                model.renew(session);
            }
            Step::Renew(session) => model.renew(session),
            Step::Haunt(ghost) => {
                let ghost = model.ghosts.remove(ghost);
                model.ica.receive(&model.chunks[ghost.chunk], now);
            }
            Step::Pass(time) => {
                model.now += time;
                let now = model.now;
                model.ghosts.retain(|ghost| now - ghost.claimed_at <= TRAVEL);
            }
            Step::Settle => model.settle(),
        }
        for (position, times) in &model.ica.executed {
            assert!(*times <= 1, "analysis {position} was created {times} times: {model:#?}");
        }
        model
    }
}
