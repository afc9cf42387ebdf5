//! Stores against a model of the journal and of ICA (a state machine test).
//!
//! Runs send the chunks of one submission, two at a time. The test calls the methods that a run
//! calls, so every transition is that of the code. Their order is arbitrary: responses are lost,
//! processes die, days pass. ICA follows its rules: it remembers a key for 7 days from the
//! execution, responds to the same key within that time without executing it, and neither executes
//! nor remembers a request with an invalid analysis. A request may arrive up to an hour after its
//! process died.
//!
//! The analyses of half of the submissions have marks. Then ICA may also fail after it created some
//! or all analyses of a chunk, and remember nothing of that. Another user may continue, whose keys
//! ICA does not know. A chunk that may exist is searched for, and its analyses are adopted. Half of
//! these submissions have marks of rows, too. Then a search also finds analyses with the same user
//! references and other content, which belong to no row.

mod chunks;
mod ica;
mod steps;

use std::collections::{BTreeMap, BTreeSet};
use std::marker::PhantomData;
use std::time::{Duration, SystemTime};

use proptest::test_runner::Config;
use proptest_state_machine::{ReferenceStateMachine, StateMachineTest, prop_state_machine};
use uuid::Uuid;

use self::chunks::{ANALYSES, HOUR, INVALID, SETTLING, START, TRAVEL, WEEK, parts, planned_chunks, split};
use self::ica::Response;
use self::steps::{Model, Step};
use super::chunks::{Chunk, PlannedChunk, Row, Sending};
use super::found::{AdoptedRow, Adoption, FoundAnalysis};
use super::kind::AnalysisKind;
use super::naming::{KeyVersion, Naming, row_mark};
use super::records::ChunkState::{Planned, Sent};
use super::records::SubmissionId;
use super::steps::{Begin, CreatedResult, Finish, NextChunk, Rejection, Resolution, TakenChunk};
use super::store::Store;
use super::suite::{Kind, Subject, subject};
use super::time::{from_millis, to_millis};
use crate::error::Execution;

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
fn journal_chunk(label: &str, first: u64, count: u64) -> Chunk {
    Chunk::new(&naming(), label.to_owned(), first, count, label.as_bytes().to_vec())
}

/// Returns the request of a chunk that the run sends now.
fn sending(model: &Model) -> Sending {
    Sending {
        now: from_millis(model.now),
        until: from_millis(model.now + TRAVEL),
        identity: Some(user(model.user)),
    }
}

fn user(number: u8) -> String {
    format!("user-{number}")
}

/// Returns the user reference of the row at this position.
fn reference(position: u64) -> String {
    format!("s-{position}")
}

/// Returns the digest of the row at this position.
fn digest(position: u64) -> [u8; 32] {
    let mut digest = [0; 32];
    digest[..8].copy_from_slice(&(position + 1).to_be_bytes());
    digest
}

impl<K: KindOfStore> Real<K> {
    fn new(marked: bool) -> Self {
        let subject = subject(K::KIND);
        let store = &subject.store;
        let id = naming().id;
        let Begin::Plan(submission) = store.begin(&id, marked, from_millis(START)).unwrap() else {
            panic!("the submission is new");
        };
        let row = |position| Row {
            kind: AnalysisKind::Nextflow,
            user_reference: reference(position),
            digest: digest(position),
            replaces: None,
            attempt: 0,
        };
        let chunks = planned_chunks().map(|chunk| PlannedChunk {
            rows: (chunk.first..chunk.first + chunk.count).map(row).collect(),
            chunk: journal_chunk(&chunk.label, chunk.first, chunk.count),
        });
        store.add_chunks(submission, &chunks.collect::<Vec<_>>()).unwrap();
        assert_eq!(store.finish_plan(submission, false, None).unwrap(), Finish::Planned);
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
        let next = self.store().take_next(self.submission, self.after, &sending(model));
        let next = next.unwrap();
        match (next, &model.in_flight[place]) {
            (NextChunk::Send(taken), Some(request)) => {
                assert_eq!(taken.chunk.label, model.chunks[request.chunk].label);
                let left = match request.sent_before {
                    Some(at) if !request.is_searched => WEEK - HOUR - (model.now - at),
                    _ => WEEK - HOUR,
                };
                assert_eq!(taken.window, Duration::from_millis(left.unsigned_abs()));
                assert_eq!(taken.may_exist(), request.sent_before.is_some());
                assert_eq!(taken.last_sent(), request.last_sent.map(from_millis));
                assert_eq!(taken.marked, model.marked);
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

    /// Searches ICA for the analyses of a chunk, as a run does, and records the result.
    fn search(&mut self, place: usize, model: &Model) {
        let mut taken = self.taken[place].take().expect("the model has it");
        let now = from_millis(model.now);
        let rows = self.store().chunk_rows(taken.row).unwrap();
        let mark = naming().chunk_mark(&taken.chunk.label);
        let mut survey = self.store().survey(self.submission).unwrap();
        let marked =
            planned_chunks().flat_map(|chunk| chunk.positions().map(move |position| (position, chunk.label.clone())));
        let marks = marked.map(|(position, label)| (position, naming().chunk_mark(&label)));
        let marks = marks.collect::<BTreeMap<_, _>>();
        let found = |position: u64, number: u64, digest: [u8; 32]| FoundAnalysis {
            id: Uuid::from_u128(u128::from(number)),
            user_reference: reference(position),
            chunk_mark: marks[&position].clone(),
            row_mark: model.has_row_marks.then(|| row_mark(&digest)),
            run: "QUEUED".to_owned(),
        };
        let of_rows =
            { model.ica.found(model.now) }.map(|position| found(position, ANALYSES + position, digest(position)));
        survey.add(of_rows.collect()).unwrap();
        if model.has_row_marks {
            let strangers = (0..ANALYSES).map(|position| found(position, position, [0; 32]));
            survey.add(strangers.collect()).unwrap();
        }
        survey.remove_known(&naming()).unwrap();
        let mut found = Vec::new();
        for row in rows.iter().filter(|row| row.is_own) {
            if let Some(analysis) = survey.take(row, &mark, taken.row).unwrap() {
                found.push(AdoptedRow {
                    position: row.position,
                    analysis: analysis.id,
                    run: analysis.run,
                });
            }
        }
        let is_settled = taken
            .last_sent()
            .is_none_or(|last| now >= last + Duration::from_millis(SETTLING.unsigned_abs()));
        let is_complete = found.len() as u64 == taken.chunk.count;
        if found.is_empty() && is_settled {
            self.store().record_resent(&taken, &sending(model)).unwrap();
            taken.forget_requests();
            self.taken[place] = Some(taken);
        } else if is_complete || is_settled {
            let positions = found.iter().map(|row| row.position).collect::<BTreeSet<_>>();
            let chunk = &taken.chunk;
            let parts = match is_complete {
                true => Vec::new(),
                false => parts(&chunk.label, chunk.first..chunk.first + chunk.count, &positions),
            };
            let parts = parts
                .iter()
                .map(|(part, is_found)| (journal_chunk(&part.label, part.first, part.count), *is_found));
            let adoption = Adoption {
                rows: found,
                parts: parts.collect(),
            };
            assert!(self.store().record_adopted(taken.row, &adoption, now).unwrap());
        }
    }

    fn check(&self, model: &Model) {
        self.store().check(self.submission).unwrap();
        let chunks = self.store().chunks(self.submission, None, 100).unwrap().into_iter();
        let real = chunks.map(|chunk| {
            let place = (chunk.label, chunk.first_position, chunk.analyses);
            let batch = chunk.batch.map(|batch| batch.as_u128());
            (place, chunk.state, chunk.sent_at.map(to_millis), batch, chunk.adopted)
        });
        let mut expected = model.chunks.clone();
        // Stable: a chunk was added before its parts.
        expected.sort_by_key(|chunk| chunk.first);
        let expected = expected.into_iter().map(|chunk| {
            let place = (chunk.label, chunk.first, chunk.count);
            (place, chunk.state, chunk.sent_at, chunk.batch, chunk.adopted)
        });
        assert_eq!(real.collect::<Vec<_>>(), expected.collect::<Vec<_>>());
        assert_eq!(self.store().counts(self.submission).unwrap(), model.counts());
        let users = model.open_users().into_iter().map(user);
        let real = self.store().open_identities(self.submission).unwrap();
        assert_eq!(real, users.collect());
        let rows = self.store().report(self.submission, 0, 100).unwrap();
        let adopted = rows.iter().filter(|row| row.analysis.is_some()).map(|row| row.position);
        let chunks = model.chunks.iter().filter(|chunk| chunk.adopted);
        let mut expected = chunks.flat_map(|chunk| chunk.positions()).collect::<Vec<_>>();
        expected.sort_unstable();
        assert_eq!(adopted.collect::<Vec<_>>(), expected);
    }
}

impl<K: KindOfStore> StateMachineTest for Real<K> {
    type SystemUnderTest = Self;
    type Reference = Model;

    fn init_test(model: &Model) -> Self {
        Self::new(model.marked)
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
            Step::Lose(place) | Step::FailAfterwards(place, _) => real.fail(place, Execution::Unknown, now),
            Step::Search(place) => real.search(place, model),
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
                    Some((place, request)) if request.is_searched => Step::Search(place),
                    Some((place, request)) if request.response.is_some() => Step::Record(place),
                    Some((place, request)) if model.now - request.taken_at <= TRAVEL => Step::Arrive(place),
                    Some((place, _)) => Step::Lose(place),
                    None if model.chunks.iter().all(|chunk| !matches!(chunk.state, Planned | Sent)) => break,
                    None if model.marked && !model.is_settled() => Step::Pass(SETTLING),
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
