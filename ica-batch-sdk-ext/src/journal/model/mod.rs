//! Stores against a model of the journal and of ICA (a state machine test).
//!
//! Runs send the chunks of one submission, two at a time. The test calls the methods that a run
//! calls, so every transition is that of the code. Their order is arbitrary: responses are lost,
//! processes die, days pass. ICA follows its rules: it remembers a key for 7 days from the
//! execution, responds to the same key within that time without executing it, and neither executes
//! nor remembers a request with an invalid analysis. A request may arrive up to an hour after its
//! process died.

mod ica;

use std::marker::PhantomData;
use std::time::{Duration, SystemTime};

use proptest::test_runner::Config;
use proptest_state_machine::{ReferenceStateMachine, StateMachineTest, prop_state_machine};
use uuid::Uuid;

use super::chunks::{self, PlannedChunk, Row, Sending};
use super::kind::AnalysisKind;
use super::naming::{KeyVersion, Naming};
use super::records::ChunkState::{Planned, Sent};
use super::records::SubmissionId;
use super::steps::{Begin, CreatedResult, Finish, NextChunk, Rejection, Resolution, TakenChunk};
use super::store::Store;
use super::suite::{Kind, Subject, subject};
use super::time::{from_millis, to_millis};
use crate::error::Execution;
use ica::{ANALYSES, Chunk, HOUR, INVALID, Model, Response, START, Step, TRAVEL, WEEK, planned_chunks, split};

/// Kind of store, as a type.
trait KindOfStore {
    const KIND: Kind;
}

struct InSqlite;
struct InMemory;

impl KindOfStore for InSqlite {
    const KIND: Kind = Kind::Sqlite;
}

impl KindOfStore for InMemory {
    const KIND: Kind = Kind::Memory;
}

/// A store, and a run at work on it.
struct Real<K> {
    subject: Subject,
    submission: i64,
    taken: [Option<TakenChunk>; 2],
    /// Row id of the chunk that the run took last.
    after: i64,
    kind: PhantomData<K>,
}

/// Returns the submission.
fn naming() -> Naming {
    Naming {
        keys: KeyVersion::LATEST,
        id: SubmissionId {
            base_url: "e".to_owned(),
            project: "p".to_owned(),
            name: "model".to_owned(),
        },
    }
}

/// Returns a chunk with a body that is not JSON: a store does not read bodies.
fn journal_chunk(label: &str, first: u64, count: u64) -> chunks::Chunk {
    chunks::Chunk::new(&naming(), label.to_owned(), first, count, label.as_bytes().to_vec())
}

/// Returns the request of a chunk that is sent at this time.
fn sending(now: SystemTime) -> Sending {
    Sending {
        now,
        until: now,
        identity: None,
    }
}

impl<K: KindOfStore> Real<K> {
    fn new() -> Self {
        let subject = subject(K::KIND);
        let store = &subject.store;
        let id = naming().id;
        let Begin::Plan(submission) = store.begin(&id, false, from_millis(START)).unwrap() else {
            panic!("the submission is new");
        };
        let row = |position| Row {
            kind: AnalysisKind::Nextflow,
            user_reference: format!("s-{position}"),
            digest: [0; 32],
            replaces: None,
            attempt: 0,
        };
        let chunks = planned_chunks().map(|chunk| PlannedChunk {
            rows: (chunk.first..chunk.first + chunk.count).map(row).collect(),
            chunk: journal_chunk(&chunk.label, chunk.first, chunk.count),
        });
        store.add_chunks(submission, &chunks.collect::<Vec<_>>()).unwrap();
        assert_eq!(store.finish_plan(submission, false).unwrap(), Finish::Planned);
        Self {
            subject,
            submission,
            taken: [None, None],
            after: i64::MIN,
            kind: PhantomData,
        }
    }

    fn store(&self) -> &dyn Store {
        &*self.subject.store
    }

    fn take(&mut self, place: usize, model: &Model) {
        let now = from_millis(model.now);
        let next = self
            .store()
            .take_next(self.submission, self.after, &sending(now))
            .unwrap();
        match (next, &model.in_flight[place]) {
            (NextChunk::Send(taken), Some(request)) => {
                assert_eq!(taken.chunk.label, model.chunks[request.chunk].label);
                let left = match request.sent_before {
                    Some(at) => WEEK - HOUR - (model.now - at),
                    None => WEEK - HOUR,
                };
                assert_eq!(taken.window, Duration::from_millis(left.unsigned_abs()));
                assert_eq!(taken.may_exist(), request.sent_before.is_some());
                self.after = taken.row;
                self.taken[place] = Some(taken);
            }
            (NextChunk::Expired(expired), None) => {
                let next = model.next_open().map(|chunk| &model.chunks[chunk].label);
                assert_eq!(Some(&expired.label), next);
            }
            (NextChunk::Done, None) => assert!(model.next_open().is_none()),
            (next, expected) => panic!("{next:?} where the model has {expected:?}"),
        }
    }

    fn record(&mut self, place: usize, response: Response, now: SystemTime) {
        let taken = self.taken[place].take().expect("the model has it");
        match response {
            Response::Created(batch) => {
                let result = self.store().record_created(taken.row, Uuid::from_u128(batch), now);
                assert_eq!(result.unwrap(), CreatedResult::Recorded);
            }
            Response::Rejected => {
                let chunk = &taken.chunk;
                assert_eq!(
                    self.store()
                        .chunk_rows(taken.row)
                        .unwrap()
                        .iter()
                        .filter(|row| row.is_own)
                        .count() as u64,
                    chunk.count
                );
                let halves = split(&chunk.label, chunk.first, chunk.count);
                let halves = halves.map(|half| journal_chunk(&half.label, half.first, half.count));
                let rejection = Rejection {
                    status: Some(400),
                    problem: None,
                };
                self.store()
                    .record_rejected(&taken, &rejection, &halves.collect::<Vec<_>>(), now)
                    .unwrap();
            }
        }
    }

    fn fail(&mut self, place: usize, execution: Execution, now: SystemTime) {
        let taken = self.taken[place].take().expect("the model has it");
        self.store().record_failure(&taken, execution, now).unwrap();
    }

    fn check(&self, model: &Model) {
        self.store().check(self.submission).unwrap();
        let chunks = self.store().chunks(self.submission, None, 100).unwrap().into_iter();
        let real = chunks.map(|chunk| Chunk {
            label: chunk.label,
            first: chunk.first_position,
            count: chunk.analyses,
            state: chunk.state,
            sent_at: chunk.sent_at.map(to_millis),
            batch: chunk.batch.map(|batch| batch.as_u128()),
        });
        let mut expected = model.chunks.clone();
        // Stable: a chunk was added before its halves.
        expected.sort_by_key(|chunk| chunk.first);
        assert_eq!(real.collect::<Vec<_>>(), expected);
    }
}

impl<K: KindOfStore> StateMachineTest for Real<K> {
    type SystemUnderTest = Self;
    type Reference = Model;

    fn init_test(_: &Model) -> Self {
        Self::new()
    }

    fn apply(mut real: Self, model: &Model, step: Step) -> Self {
        let now = from_millis(model.now);
        match step {
            Step::Take(place) => real.take(place, model),
            Step::Record(place) => {
                let taken = real.taken[place].as_ref().expect("the model has it");
                // ICA has responded before and remembers the key, so it responds the same.
                let response = match model.ica.batches.get(&taken.chunk.label) {
                    Some(batch) => Response::Created(*batch),
                    None => Response::Rejected,
                };
                real.record(place, response, now);
            }
            Step::Lose(place) => real.fail(place, Execution::Unknown, now),
            Step::NotSent(place) => real.fail(place, Execution::NotExecuted, now),
            Step::Crash | Step::NextRun => {
                real.taken = [None, None];
                real.after = i64::MIN;
            }
            Step::Resolve => {
                let expired = real.store().expired(real.submission, now).unwrap();
                let expired = expired.expect("the model has one");
                let batch = model.ica.batches.get(&expired.label);
                let batch = batch.map(|batch| Uuid::from_u128(*batch));
                let resolution = real.store().resolve(real.submission, &expired.label, batch, now);
                assert_eq!(resolution.unwrap(), Resolution::Recorded);
            }
            Step::Arrive(_) | Step::ArriveLate(_) | Step::Pass(_) => {}
        }
        real.check(model);
        real
    }

    /// Continues without faults. Each valid analysis must then have been created once.
    fn teardown(mut real: Self, mut model: Model) {
        for _ in 0..200 {
            let mut places = model.in_flight.iter().enumerate();
            let in_flight = places.find_map(|(place, request)| Some((place, request.as_ref()?)));
            let step = if model.expired().is_some() {
                Step::Resolve
            } else {
                match in_flight {
                    Some((place, request)) if request.response.is_some() => Step::Record(place),
                    Some((place, request)) if model.now - request.taken_at <= TRAVEL => Step::Arrive(place),
                    Some((place, _)) => Step::Lose(place),
                    None if model.chunks.iter().all(|chunk| !matches!(chunk.state, Planned | Sent)) => break,
                    None if model.next_open().is_some() => Step::Take(0),
                    None => Step::NextRun,
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
    #![proptest_config(Config { cases: 200, failure_persistence: None, ..Config::default() })]

    #[test]
    fn the_store_in_sqlite_behaves_like_the_model(sequential 1..100 => Real<InSqlite>);

    #[test]
    fn the_store_in_memory_behaves_like_the_model(sequential 1..100 => Real<InMemory>);
}
