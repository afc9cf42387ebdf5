//! The journal against a model of it and of ICA: random sequences of what senders, the network, time and an operator may do, in
//! which the journal must hold what the model says, and ICA must never execute an analysis twice.
//!
//! The model knows ICA's rules alone: a key is remembered for 7 days from its execution, the same key within that time is answered and not
//! executed, and a request with a bad analysis is rejected and not remembered. Requests may arrive after their sender has died,
//! up to an hour later.

mod ica;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use proptest::test_runner::Config;
use proptest_state_machine::{ReferenceStateMachine, StateMachineTest, prop_state_machine};
use rusqlite::Connection;
use uuid::Uuid;

use super::claims::{self, Claim, Claimed, Refusal, Sender};
use super::fault::Stored;
use super::planning::{self, Begin, Finish, Place};
use super::records::ChunkState::{self, Planned, Sent};
use super::time::Millis;
use super::{items, open};
use crate::error::Execution;
use crate::submission::analysis::Analysis;
use crate::submission::chunker::{self, Chunker, Limits};
use ica::{ANALYSES, BAD, CHUNK, Chunk, HOUR, LEASE, Model, NAME, Reply, START, Step, TRAVEL, WEEK};

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

    fn fail(&mut self, session: usize, executed: Execution) {
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
            Step::Lose(session) => real.fail(session, Execution::Unknown),
            Step::Refuse(session) => real.fail(session, Execution::NotExecuted),
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
                assert_eq!(done(is_settled), claims::SettleResult::Recorded);
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
