//! The journal against a model of it and of ICA: random sequences of what senders, the network, time and an operator may do, in
//! which the journal must hold what the model says, and ICA must never execute an analysis twice.
//!
//! The model knows ICA's rules alone: a key is remembered for 7 days from its execution, the same key within that time is answered and not
//! executed, and a request with a bad analysis is rejected and not remembered. Requests may arrive after their sender has died,
//! up to an hour later.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use proptest::prelude::*;
use proptest::test_runner::Config;
use proptest_state_machine::{ReferenceStateMachine, StateMachineTest, prop_state_machine};
use rusqlite::Connection;
use uuid::Uuid;

use super::claims::{self, Claim, Claimed, Refusal, Sender};
use super::fault::Stored;
use super::planning::{self, Begin, Finish, Place};
use super::records::ChunkState::{self, Created, Planned, Rejected, Sent, Split};
use super::time::Millis;
use super::{items, open};
use crate::error::Executed;
use crate::submission::analysis::Analysis;
use crate::submission::chunker::{self, Chunker, Limits};

const NAME: &str = "model";
const ANALYSES: u64 = 7;
const CHUNK: usize = 3;
/// The positions of analyses that ICA rejects.
const BAD: [u64; 2] = [2, 5];

const SECOND: Millis = 1000;
const HOUR: Millis = 3600 * SECOND;
const DAY: Millis = 24 * HOUR;
const WEEK: Millis = 7 * DAY;
const LEASE: Millis = 30 * SECOND;
/// For how long a request may be on its way.
const TRAVEL: Millis = HOUR - 1;
const START: Millis = 1_000 * WEEK;

/// Everything, as the model has it.
#[derive(Debug, Clone)]
struct Model {
    now: Millis,
    chunks: Vec<Chunk>,
    sessions: [Session; 2],
    /// Until when each sender is alive that ever was, by session and epoch.
    senders: BTreeMap<(usize, u32), Millis>,
    /// Requests whose sender has died.
    ghosts: Vec<Flight>,
    ica: Ica,
}

#[derive(Debug, Clone, PartialEq)]
struct Chunk {
    label: String,
    first: u64,
    count: u64,
    state: ChunkState,
    sent_at: Option<Millis>,
    holder: Option<(usize, u32)>,
    batch: Option<u128>,
}

#[derive(Debug, Clone, Default)]
struct Session {
    epoch: u32,
    flight: Option<Flight>,
}

/// A request, and its answer once ICA has given one.
#[derive(Debug, Clone)]
struct Flight {
    chunk: usize,
    sent_before: Option<Millis>,
    claimed_at: Millis,
    reply: Option<Reply>,
}

#[derive(Debug, Clone, Copy)]
enum Reply {
    Created(u128),
    Rejected,
}

/// ICA's rules.
#[derive(Debug, Clone, Default)]
struct Ica {
    /// When each chunk's key was executed, and with which batch.
    memory: BTreeMap<String, (Millis, u128)>,
    /// How often each analysis was created.
    executed: BTreeMap<u64, u32>,
    batches: BTreeMap<String, u128>,
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
enum Step {
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
    fn me(&self, session: usize) -> (usize, u32) {
        (session, self.sessions[session].epoch)
    }

    fn is_alive(&self, holder: (usize, u32)) -> bool {
        (self.now..=self.now + LEASE).contains(&self.senders[&holder])
    }

    fn renew(&mut self, session: usize) {
        self.senders.insert(self.me(session), self.now + LEASE);
    }

    /// The chunk that the session would claim.
    fn claimable(&self, session: usize) -> Option<usize> {
        let me = self.me(session);
        self.chunks.iter().position(|chunk| {
            let is_free = chunk.holder.is_none_or(|holder| holder != me && !self.is_alive(holder));
            matches!(chunk.state, Planned | Sent) && is_free
        })
    }

    fn is_expired(&self, chunk: &Chunk) -> bool {
        chunk.state == Sent && chunk.sent_at.is_some_and(|at| self.now - at >= WEEK - HOUR)
    }

    fn expired(&self) -> Option<usize> {
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

    fn fail(&mut self, session: usize, executed: Executed) {
        let me = self.me(session);
        let flight = self.sessions[session].flight.take().expect("it is a precondition");
        let chunk = &mut self.chunks[flight.chunk];
        if chunk.holder != Some(me) || chunk.state != Sent {
            return;
        }
        chunk.holder = None;
        if executed == Executed::No {
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
                model.fail(session, Executed::Unknown);
            }
            Step::Refuse(session) => model.fail(session, Executed::No),
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

/// The journal itself, with two senders at work on it.
struct Real {
    connection: Connection,
    submission: i64,
    senders: [Sender; 2],
    /// The id of each sender that ever was, by session and epoch.
    ids: BTreeMap<(usize, u32), String>,
    claimed: [Option<Claimed>; 2],
}

fn sender() -> Sender {
    Sender::new(Duration::from_millis(LEASE.unsigned_abs()))
}

fn done<T>(stored: Stored<T>) -> T {
    stored.map_err(|fault| fault.of("the model".as_ref())).unwrap()
}

impl Real {
    fn new() -> Self {
        let mut connection = open::in_memory();
        let place = Place {
            endpoint: "e".to_owned(),
            project: "p".to_owned(),
            name: NAME.to_owned(),
        };
        let senders = [sender(), sender()];
        for sender in &senders {
            done(sender.enter(&mut connection, START));
        }
        let Begin::Plan(submission) = done(planning::begin(&mut connection, &place, &senders[0], START)) else {
            panic!("it is new");
        };
        let limits = Limits {
            analyses: CHUNK,
            bytes: usize::MAX,
        };
        let mut chunker = Chunker::new(NAME, limits, 0, 0);
        let mut chunks = Vec::new();
        for number in 0..ANALYSES {
            let json = serde_json::json!({
                "userReference": format!("s-{number}"), "pipelineId": "p", "analysisInput": { "inputs": [] }
            });
            let (row, json) = chunker::row(&Analysis::Nextflow(serde_json::from_value(json).unwrap())).unwrap();
            chunks.extend(chunker.push(row, &json));
        }
        chunks.extend(chunker.finish());
        done(planning::add(&mut connection, submission, &senders[0], &chunks, START));
        let finish = done(planning::finish(&mut connection, submission, &senders[0], false));
        assert_eq!(finish, Finish::Planned);
        Self {
            connection,
            submission,
            ids: BTreeMap::from([0, 1].map(|session| ((session, 0), senders[session].id.clone()))),
            senders,
            claimed: [None, None],
        }
    }

    fn claim(&mut self, session: usize, model: &Model) {
        let claim = done(claims::claim(
            &mut self.connection,
            self.submission,
            &self.senders[session],
            model.now,
        ));
        let expected = model.sessions[session].flight.as_ref();
        match (claim, expected) {
            (Claim::Chunk(claimed), Some(flight)) => {
                assert_eq!(claimed.label, model.chunks[flight.chunk].label);
                let left = match flight.sent_before {
                    Some(at) => WEEK - HOUR - (model.now - at),
                    None => WEEK - HOUR,
                };
                assert_eq!(claimed.window, Duration::from_millis(left.unsigned_abs()));
                self.claimed[session] = Some(claimed);
            }
            (Claim::Refused(refused), None) => {
                assert_eq!(
                    Some(&refused.label),
                    model.expired().map(|chunk| &model.chunks[chunk].label)
                );
            }
            (Claim::Wait(_), None) => assert!(model.claimable(session).is_none()),
            (Claim::Done, None) => {
                assert!(!model.chunks.iter().any(|chunk| matches!(chunk.state, Planned | Sent)));
            }
            (claim, expected) => panic!("{claim:?} where the model has {expected:?}"),
        }
    }

    fn record(&mut self, session: usize, reply: Reply, now: Millis) {
        let claimed = self.claimed[session].take().expect("the model has it");
        match reply {
            Reply::Created(batch) => {
                let batch = Uuid::from_u128(batch);
                done(claims::record_created(&mut self.connection, claimed.id, batch, now));
            }
            Reply::Rejected => {
                let kinds = done(items::kinds(&self.connection, claimed.id));
                let parts = chunker::parts(NAME, &claimed.label, claimed.first, &claimed.body, &kinds);
                let refusal = Refusal {
                    status: Some(400),
                    problem: None,
                };
                done(claims::record_rejected(
                    &mut self.connection,
                    self.submission,
                    &claimed,
                    &refusal,
                    &parts.unwrap_or_default(),
                    now,
                ));
            }
        }
    }

    fn fail(&mut self, session: usize, executed: Executed) {
        let claimed = self.claimed[session].take().expect("the model has it");
        done(claims::record_failure(&mut self.connection, &claimed, executed));
    }

    fn check(&self, model: &Model) {
        let sql = "SELECT label, first, count, state, sent_at, batch, sender FROM chunk ORDER BY id";
        let mut select = self.connection.prepare(sql).unwrap();
        let mut rows = select.query([]).unwrap();
        let mut keys = BTreeSet::new();
        for chunk in &model.chunks {
            let row = rows.next().unwrap().unwrap();
            let holder = row.get::<_, Option<String>>(6).unwrap();
            let real = Chunk {
                label: row.get(0).unwrap(),
                first: row.get(1).unwrap(),
                count: row.get(2).unwrap(),
                state: ChunkState::from_text(&row.get::<_, String>(3).unwrap()).unwrap(),
                sent_at: row.get(4).unwrap(),
                batch: row
                    .get::<_, Option<String>>(5)
                    .unwrap()
                    .map(|batch| batch.parse::<Uuid>().unwrap().as_u128()),
                holder: holder.and_then(|holder| {
                    let mut ids = self.ids.iter();
                    ids.find(|(_, id)| **id == holder).map(|(session, _)| *session)
                }),
            };
            assert_eq!(&real, chunk);
            assert!(keys.insert(real.label));
        }
        assert!(rows.next().unwrap().is_none());
    }
}

impl StateMachineTest for Real {
    type SystemUnderTest = Self;
    type Reference = Model;

    fn init_test(_: &Model) -> Self {
        Self::new()
    }

    fn apply(mut real: Self, model: &Model, step: Step) -> Self {
        let now = model.now;
        match step {
            Step::Claim(session) => real.claim(session, model),
            Step::Record(session) => {
                let claimed = real.claimed[session].as_ref().expect("the model has it");
                // ICA has answered before, and remembers: what it says now is what it said.
                let chunk = model.chunks.iter().find(|chunk| chunk.label == claimed.label);
                let reply = match model.ica.batches.get(&claimed.label) {
                    Some(batch) => Reply::Created(*batch),
                    None => Reply::Rejected,
                };
                assert!(chunk.is_some());
                real.record(session, reply, now);
            }
            Step::Lose(session) => real.fail(session, Executed::Unknown),
            Step::Refuse(session) => real.fail(session, Executed::No),
            Step::Crash(session) => {
                real.claimed[session] = None;
                real.senders[session] = sender();
                let id = real.senders[session].id.clone();
                real.ids.insert(model.me(session), id);
                done(real.senders[session].enter(&mut real.connection, now));
            }
            Step::Renew(session) => done(real.senders[session].renew(&real.connection, now)),
            Step::Settle => {
                let refused = done(claims::refused(&real.connection, real.submission, now)).expect("the model has one");
                let batch = model
                    .ica
                    .batches
                    .get(&refused.label)
                    .map(|batch| Uuid::from_u128(*batch));
                let is_settled = claims::settle(&mut real.connection, real.submission, &refused.label, batch, now);
                assert_eq!(done(is_settled), claims::Settled::Recorded);
            }
            Step::Arrive(_) | Step::Haunt(_) | Step::Pass(_) => {}
        }
        real.check(model);
        real
    }

    /// From wherever it is, it comes to its end when nothing goes wrong any more.
    fn teardown(mut real: Self, mut model: Model) {
        for _ in 0..200 {
            let step = if model.expired().is_some() {
                Step::Settle
            } else {
                match &model.sessions[0].flight {
                    Some(flight) if flight.reply.is_some() => Step::Record(0),
                    Some(flight) if model.now - flight.claimed_at <= TRAVEL => Step::Arrive(0),
                    Some(_) => Step::Lose(0),
                    None if model.chunks.iter().all(|chunk| !matches!(chunk.state, Planned | Sent)) => break,
                    None if model.claimable(0).is_some() => Step::Claim(0),
                    None => Step::Pass(LEASE + 1),
                }
            };
            model = <Model as ReferenceStateMachine>::apply(model, &step);
            real = <Self as StateMachineTest>::apply(real, &model, step);
        }
        let good = (0..ANALYSES).filter(|position| !BAD.contains(position));
        let executed = model.ica.executed.iter().map(|(position, times)| (*position, *times));
        assert_eq!(
            executed.collect::<Vec<_>>(),
            good.map(|position| (position, 1)).collect::<Vec<_>>(),
            "{model:#?}"
        );
    }
}

prop_state_machine! {
    #![proptest_config(Config { cases: 1500, failure_persistence: None, ..Config::default() })]

    #[test]
    fn the_journal_and_ica_agree_with_their_model(sequential 1..100 => Real);
}
