//! The journal against a model of it and of ICA (a state machine test).
//!
//! Two processes send the chunks of one submission. The test calls the functions that a run calls,
//! so every transition is that of the code. Their order is arbitrary: responses are lost, processes
//! die and are replaced, leases expire, days pass. ICA follows its rules: it remembers a key for 7
//! days from the execution, responds to the same key within that time without executing it, and
//! neither executes nor remembers a request with an invalid analysis. A request may arrive up to an
//! hour after its process died.

mod ica;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use proptest::test_runner::Config;
use proptest_state_machine::{ReferenceStateMachine, StateMachineTest, prop_state_machine};
use rusqlite::Connection;
use uuid::Uuid;

use super::chunks::{self, PlannedChunk, Row};
use super::kind::AnalysisKind;
use super::locks::{self, LockedChunk, NextChunk};
use super::outcomes::{self, CreatedResult, Rejection, Resolution};
use super::planning::{self, Begin, Finish};
use super::records::ChunkState::{self, Planned, Sent};
use super::records::SubmissionId;
use super::sender::Sender;
use super::test_support::ok;
use super::time::Millis;
use super::{items, open};
use crate::error::Execution;
use crate::idempotency::IdempotencyKey;
use ica::{ANALYSES, Chunk, HOUR, INVALID, LEASE, Model, Response, START, Step, TRAVEL, WEEK, planned_chunks, split};

/// The journal, and two processes at work on it.
struct Real {
    connection: Connection,
    submission: i64,
    senders: [Sender; 2],
    /// Id of each sender that ever existed, by process and epoch.
    ids: BTreeMap<(usize, u32), String>,
    locked: [Option<LockedChunk>; 2],
}

fn sender() -> Sender {
    Sender::new(Duration::from_millis(LEASE.unsigned_abs()))
}

/// Returns a chunk without a body: the journal does not read bodies.
fn journal_chunk(label: &str, first: u64, count: u64) -> chunks::Chunk {
    chunks::Chunk {
        label: label.to_owned(),
        first,
        count,
        key: IdempotencyKey::derive([label]),
        digest: String::new(),
        body: Vec::new(),
    }
}

impl Real {
    fn new() -> Self {
        let mut connection = open::in_memory();
        let id = SubmissionId {
            base_url: "e".to_owned(),
            project: "p".to_owned(),
            name: "model".to_owned(),
        };
        let senders = [sender(), sender()];
        for sender in &senders {
            ok(sender.enter(&mut connection, START));
        }
        let Begin::Plan(submission) = ok(planning::begin(&mut connection, &id, &senders[0], START)) else {
            panic!("the submission is new");
        };
        let row = |position| Row {
            kind: AnalysisKind::Nextflow,
            user_reference: format!("s-{position}"),
            digest: [0; 32],
        };
        let chunks = planned_chunks().map(|chunk| PlannedChunk {
            rows: (chunk.first..chunk.first + chunk.count).map(row).collect(),
            chunk: journal_chunk(&chunk.label, chunk.first, chunk.count),
        });
        let chunks = chunks.collect::<Vec<_>>();
        ok(planning::add(&mut connection, submission, &senders[0], &chunks, START));
        let finish = ok(planning::finish(&mut connection, submission, &senders[0], false));
        assert_eq!(finish, Finish::Planned);
        Self {
            connection,
            submission,
            ids: BTreeMap::from([0, 1].map(|process| ((process, 0), senders[process].id.clone()))),
            senders,
            locked: [None, None],
        }
    }

    fn lock(&mut self, process: usize, model: &Model) {
        let next = ok(locks::lock_next(
            &mut self.connection,
            self.submission,
            &self.senders[process],
            model.now,
        ));
        let expected = model.processes[process].in_flight.as_ref();
        match (next, expected) {
            (NextChunk::Send(locked), Some(request)) => {
                assert_eq!(locked.chunk.label, model.chunks[request.chunk].label);
                let left = match request.sent_before {
                    Some(at) => WEEK - HOUR - (model.now - at),
                    None => WEEK - HOUR,
                };
                assert_eq!(locked.window, Duration::from_millis(left.unsigned_abs()));
                self.locked[process] = Some(locked);
            }
            (NextChunk::Expired(expired), None) => {
                assert_eq!(
                    Some(&expired.label),
                    model.expired().map(|chunk| &model.chunks[chunk].label)
                );
            }
            (NextChunk::Wait(_), None) => assert!(model.unlocked(process).is_none()),
            (NextChunk::Done, None) => {
                assert!(!model.chunks.iter().any(|chunk| matches!(chunk.state, Planned | Sent)));
            }
            (next, expected) => panic!("{next:?} where the model has {expected:?}"),
        }
    }

    fn record(&mut self, process: usize, response: Response, now: Millis) {
        let locked = self.locked[process].take().expect("the model has it");
        match response {
            Response::Created(batch) => {
                let batch = Uuid::from_u128(batch);
                let result = ok(outcomes::record_created(&mut self.connection, locked.row, batch, now));
                assert_eq!(result, CreatedResult::Recorded);
            }
            Response::Rejected => {
                let chunk = &locked.chunk;
                assert_eq!(ok(items::kinds(&self.connection, locked.row)).len() as u64, chunk.count);
                let halves = split(&chunk.label, chunk.first, chunk.count);
                let halves = halves.map(|half| journal_chunk(&half.label, half.first, half.count));
                let rejection = Rejection {
                    status: Some(400),
                    problem: None,
                };
                ok(outcomes::record_rejected(
                    &mut self.connection,
                    self.submission,
                    &locked,
                    &rejection,
                    &halves.collect::<Vec<_>>(),
                    now,
                ));
            }
        }
    }

    fn fail(&mut self, process: usize, execution: Execution) {
        let locked = self.locked[process].take().expect("the model has it");
        ok(outcomes::record_failure(&self.connection, &locked, execution));
    }

    fn check(&self, model: &Model) {
        let sql = "SELECT label, first, count, state, sent_at, batch, sender FROM chunk ORDER BY id";
        let mut select = self.connection.prepare(sql).unwrap();
        let mut rows = select.query([]).unwrap();
        let mut labels = BTreeSet::new();
        for chunk in &model.chunks {
            let row = rows.next().unwrap().unwrap();
            let owner = row.get::<_, Option<String>>(6).unwrap();
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
                owner: owner.and_then(|owner| {
                    let mut ids = self.ids.iter();
                    ids.find(|(_, id)| **id == owner).map(|(process, _)| *process)
                }),
            };
            assert_eq!(&real, chunk);
            assert!(labels.insert(real.label));
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
            Step::Lock(process) => real.lock(process, model),
            Step::Record(process) => {
                let locked = real.locked[process].as_ref().expect("the model has it");
                // ICA has responded before and remembers the key, so it responds the same.
                let response = match model.ica.batches.get(&locked.chunk.label) {
                    Some(batch) => Response::Created(*batch),
                    None => Response::Rejected,
                };
                real.record(process, response, now);
            }
            Step::Lose(process) => real.fail(process, Execution::Unknown),
            Step::NotSent(process) => real.fail(process, Execution::NotExecuted),
            Step::Crash(process) => {
                real.locked[process] = None;
                real.senders[process] = sender();
                let id = real.senders[process].id.clone();
                real.ids.insert(model.me(process), id);
                ok(real.senders[process].enter(&mut real.connection, now));
            }
            Step::Renew(process) => ok(real.senders[process].renew(&real.connection, now)),
            Step::Resolve => {
                let expired = ok(locks::expired(&real.connection, real.submission, now)).expect("the model has one");
                let batch = model.ica.batches.get(&expired.label);
                let batch = batch.map(|batch| Uuid::from_u128(*batch));
                let resolution = outcomes::resolve(&mut real.connection, real.submission, &expired.label, batch, now);
                assert_eq!(ok(resolution), Resolution::Recorded);
            }
            Step::Arrive(_) | Step::ArriveLate(_) | Step::Pass(_) => {}
        }
        real.check(model);
        real
    }

    /// Continues without faults. Each valid analysis must then have been created once.
    fn teardown(mut real: Self, mut model: Model) {
        for _ in 0..200 {
            let step = if model.expired().is_some() {
                Step::Resolve
            } else {
                match &model.processes[0].in_flight {
                    Some(request) if request.response.is_some() => Step::Record(0),
                    Some(request) if model.now - request.locked_at <= TRAVEL => Step::Arrive(0),
                    Some(_) => Step::Lose(0),
                    None if model.chunks.iter().all(|chunk| !matches!(chunk.state, Planned | Sent)) => break,
                    None if model.unlocked(0).is_some() => Step::Lock(0),
                    None => Step::Pass(LEASE + 1),
                }
            };
            model = <Model as ReferenceStateMachine>::apply(model, &step);
            real = <Self as StateMachineTest>::apply(real, &model, step);
        }
        let valid = (0..ANALYSES).filter(|position| !INVALID.contains(position));
        let executed = model.ica.executed.iter().map(|(position, times)| (*position, *times));
        assert_eq!(
            executed.collect::<Vec<_>>(),
            valid.map(|position| (position, 1)).collect::<Vec<_>>(),
            "{model:#?}"
        );
    }
}

prop_state_machine! {
    #![proptest_config(Config { cases: 1500, failure_persistence: None, ..Config::default() })]

    #[test]
    fn the_journal_behaves_like_its_model(sequential 1..100 => Real);
}
